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

	Raw      bool // rows of a table bring margins and what the model's own library predicts
	Leaves   bool // and the leaf of each tree
	Unjudged bool // a regression without a threshold gives scores without a verdict
}

// ErrNoVerdict is the cause when a model gives numbers that are no probabilities and
// no threshold says what they mean.
var ErrNoVerdict = errors.New("a regression has no verdict of its own: a threshold must be given")

// ErrNoLeaves is the cause when leaves are asked for and the model is not made of trees.
var ErrNoLeaves = errors.New("the model is not made of trees")

// Classifier is a model bound to the schema of the rows it gets, with a threshold. It is
// safe for concurrent use.
type Classifier struct {
	bound     *model.Bound
	threshold float64 // NaN: no verdicts
	raw       bool
	leaves    int        // trees whose leaves go with each row
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
	c := &Classifier{bound: b, threshold: opts.Threshold, raw: opts.Raw, warnings: b.Warnings}
	if opts.Leaves {
		var ok bool
		if c.leaves, ok = b.Trees(); !ok {
			return nil, fmt.Errorf("classify: %w", ErrNoLeaves)
		}
	}
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
		if !opts.Unjudged {
			return nil, fmt.Errorf("classify: %w", ErrNoVerdict)
		}
		c.threshold = math.NaN()
		return c, nil
	}
	t, ok := b.Model.InForce()
	if !ok {
		t.Value = 0.5
		c.warnings = append(c.warnings[:len(c.warnings):len(c.warnings)], errors.New("the model has no threshold: 0.5 is used"))
	}
	c.threshold = t.Value
	return c, nil
}

// Threshold is the score from which on a flow is malicious; NaN without verdicts.
func (c *Classifier) Threshold() float64 { return c.threshold }

// Judges tells whether there are verdicts.
func (c *Classifier) Judges() bool { return !math.IsNaN(c.threshold) }

// Raw tells whether rows of a table bring margins.
func (c *Classifier) Raw() bool { return c.raw }

// Predictions is how many numbers a row has with [Options.Raw] as predictions of the
// model's own library.
func (c *Classifier) Predictions() int { return c.bound.Predictions() }

// Trees is the number of leaves that a row has with [Options.Leaves].
func (c *Classifier) Trees() int { return c.leaves }

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

// Class is the index of the likeliest class given the predictions of one row; of a
// regression that of the verdict.
func (c *Classifier) Class(predictions []float64) int {
	if c.bound.Task() != model.Regression {
		return c.bound.Class(predictions)
	}
	if c.Verdict(predictions[0]) {
		return 1
	}
	return 0
}
