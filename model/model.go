// Package model is the contract between trainers, scorers and those who use them,
// the model file, and the binding of a model to a schema.
//
// It knows neither packets nor how a kind is trained. Start with [Scorer], [Trainer] and [Model].
package model

import (
	"context"

	"fm/dataset"
)

// Task says what the outputs of a scorer mean.
type Task uint8

// Tasks.
const (
	Binary     Task = iota // one output, the log-odds (or equivalent) of "not benign"
	Classes                // one output a class
	Regression             // a number without probability
)

// Scorer turns rows into margins and margins into predictions. It is safe for
// concurrent use and does not allocate. NaN in a row means missing.
type Scorer interface {
	// Margins writes rows × Outputs() values to dst. rows is row-major with Inputs()
	// values a row; len(rows) is a multiple of Inputs().
	Margins(dst, rows []float64)
	// Link writes the predictions that belong to margins to dst (same length): for
	// Binary the probability of the positive class, for Classes one probability a
	// class, for Regression the number itself. dst may be margins.
	Link(dst, margins []float64)
	Inputs() int
	Outputs() int
	Task() Task
}

// Trainer is a struct of hyperparameters whose zero value is usable. The result
// depends only on the rows and the trainer's fields: not on time, map order or the
// number of CPUs.
type Trainer interface {
	// Train fits a scorer on the rows of f whose indexes are given, using all columns
	// of f. It returns an error that names the cause if f has one class only.
	Train(ctx context.Context, f *dataset.Frame, rows []int) (Scorer, error)
}
