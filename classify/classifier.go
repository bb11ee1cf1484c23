// Package classify turns rows into verdicts: a model bound to a schema, and a threshold.
//
// It owns [Classifier], which scores batches of rows, [Stage], which puts it behind a
// meter, and [Tally], which counts what was judged. It does not know how flows are made
// nor how rows are written. Start with [New].
package classify

import (
	"errors"
	"fmt"
	"math"

	"fm/dataset"
	"fm/model"
)

// Options of [New]. The zero value takes the model's own threshold.
type Options struct {
	Threshold    float64 // score from which on a flow is malicious, if HasThreshold
	HasThreshold bool

	Explain          int  // so many of the largest contributions go with each row, or [All]; 0: none
	ExplainMalicious bool // with rows called malicious only
}

// ErrNoVerdict is the cause when a model gives numbers that are no probabilities and
// no threshold says what they mean.
var ErrNoVerdict = errors.New("a regression has no verdict of its own: a threshold must be given")

// Classifier is a model bound to the schema of the rows it gets, with a threshold. It is
// safe for concurrent use.
type Classifier struct {
	bound     *model.Bound
	threshold float64
	explainer *explainer // nil: nothing is explained
	warnings  []error
}

// New binds m to rows of schema s. The error of rows that do not fit is a
// [*dataset.SchemaError].
func New(m *model.Model, s *dataset.Schema, opts Options) (*Classifier, error) {
	b, err := m.Bind(s)
	if err != nil {
		return nil, err
	}
	return NewBound(b, opts)
}

// NewBound is New for a model that is bound already.
func NewBound(b *model.Bound, opts Options) (*Classifier, error) {
	c := &Classifier{bound: b, threshold: opts.Threshold, warnings: b.Warnings}
	if opts.Explain != 0 {
		var err error
		if c.explainer, err = newExplainer(b, opts); err != nil {
			return nil, err
		}
	}
	if opts.HasThreshold {
		if math.IsNaN(opts.Threshold) {
			return nil, errors.New("classify: the threshold is not a number")
		}
		return c, nil
	}
	if b.Task() == model.Regression {
		return nil, fmt.Errorf("classify: %w", ErrNoVerdict)
	}
	t, ok := b.Model.InForce()
	if !ok {
		t.Value = 0.5
		c.warnings = append(c.warnings[:len(c.warnings):len(c.warnings)], errors.New("the model has no threshold: 0.5 is used"))
	}
	c.threshold = t.Value
	return c, nil
}

// Threshold is the score from which on a flow is malicious.
func (c *Classifier) Threshold() float64 { return c.threshold }

// Warnings are what the user should know before trusting the verdicts.
func (c *Classifier) Warnings() []error { return c.warnings }

// Classes are the names of the classes; 0 is benign.
func (c *Classifier) Classes() []string { return c.bound.Model.Classes }

// Width is the number of values of a row.
func (c *Classifier) Width() int { return c.bound.Width() }

// Outputs is the number of predictions of a row.
func (c *Classifier) Outputs() int { return c.bound.Outputs() }

// Score writes one score a row to scores and rows × Outputs() predictions to
// predictions. rows is row-major with Width() values a row. It does not allocate.
func (c *Classifier) Score(scores, predictions, rows []float64) {
	c.bound.Scores(scores, predictions, rows)
}

// Verdict tells whether a score is called malicious.
func (c *Classifier) Verdict(score float64) bool { return score >= c.threshold }

// Class is the index of the likeliest class given the predictions of one row.
func (c *Classifier) Class(predictions []float64) int { return c.bound.Class(predictions) }
