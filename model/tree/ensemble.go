package tree

import (
	"fmt"
	"math"

	"fm/model"
)

// Transform says how margins become predictions.
type Transform uint8

// Transforms.
const (
	Identity Transform = iota // the margin is the prediction: averaged probabilities
	Logistic                  // 1 / (1 + exp(-margin)), one output
	Softmax                   // over the outputs
)

// Ensemble is a sum or an average of trees, the scorer of all tree kinds. Margin o of a
// row is Base[o] plus the sum over the trees, in their order, of value o of the row's
// leaf, the sum divided by the number of trees if Average is set.
//
// A forest for two classes has one output, the average over the trees of the share of
// not benign rows in the row's leaf (see [Grower]), and the transform [Identity]: its margin
// is the probability itself, not the log-odds, so 0 and 1 stay finite and parts of the
// margin add up to the probability. With more classes it has one output a class.
type Ensemble struct {
	Trees     []Tree
	Base      []float64
	Average   bool
	Transform Transform
	task      model.Task
	inputs    int
	notes     []error
	warnings  []error
}

var _ model.Scorer = (*Ensemble)(nil)

// NewEnsemble returns an empty ensemble for rows of inputs values.
func NewEnsemble(task model.Task, inputs, outputs int) *Ensemble {
	return &Ensemble{Base: make([]float64, outputs), task: task, inputs: inputs}
}

// Inputs is the number of values of a row.
func (e *Ensemble) Inputs() int { return e.inputs }

// Outputs is the number of margins of a row.
func (e *Ensemble) Outputs() int { return len(e.Base) }

// Task says what the outputs mean.
func (e *Ensemble) Task() model.Task { return e.task }

// Notes are what training has to say about the result; they are not saved.
func (e *Ensemble) Notes() []error { return e.notes }

// Note adds a note.
func (e *Ensemble) Note(format string, args ...any) {
	e.notes = append(e.notes, fmt.Errorf(format, args...))
}

// Warnings are notes that a user must see before trusting the result.
func (e *Ensemble) Warnings() []error { return e.warnings }

// Warn adds a warning.
func (e *Ensemble) Warn(format string, args ...any) {
	e.warnings = append(e.warnings, fmt.Errorf(format, args...))
}

// blockRows rows pass one tree before the next tree is looked at, so that a tree is
// loaded into the cache once a block; 64 rows of 250 values fit in the second level.
const blockRows = 64

// Margins implements [model.Scorer].
func (e *Ensemble) Margins(dst, rows []float64) {
	if e.inputs == 0 {
		return
	}
	outputs, n := len(e.Base), len(rows)/e.inputs
	if len(dst) < n*outputs || len(rows)%e.inputs != 0 {
		panic("tree: Margins: slices do not match")
	}
	for start := 0; start < n; start += blockRows {
		end := min(start+blockRows, n)
		e.block(dst[start*outputs:end*outputs], rows[start*e.inputs:end*e.inputs])
	}
}

func (e *Ensemble) block(dst, rows []float64) {
	outputs, inputs := len(e.Base), e.inputs
	clear(dst)
	for t := range e.Trees {
		tree := &e.Trees[t]
		if outputs == 1 {
			for i := range dst {
				dst[i] += tree.Values[tree.Leaf(rows[i*inputs:(i+1)*inputs])]
			}
			continue
		}
		for i := 0; i*outputs < len(dst); i++ {
			leaf := tree.Leaf(rows[i*inputs : (i+1)*inputs])
			for o, v := range tree.Values[leaf*outputs : (leaf+1)*outputs] {
				dst[i*outputs+o] += v
			}
		}
	}
	if e.Average && len(e.Trees) > 0 {
		n := float64(len(e.Trees))
		for i := range dst {
			dst[i] /= n
		}
	}
	for i := range dst {
		dst[i] += e.Base[i%outputs]
	}
}

// Link implements [model.Scorer].
func (e *Ensemble) Link(dst, margins []float64) {
	switch e.Transform {
	case Identity:
		copy(dst, margins)
	case Logistic:
		model.Sigmoid(dst, margins)
	case Softmax:
		model.Softmax(dst, margins, len(e.Base))
	}
}

// Validate checks everything that scoring relies on.
func (e *Ensemble) Validate() error {
	outputs := len(e.Base)
	if e.inputs < 1 || outputs < 1 {
		return fmt.Errorf("%d inputs, %d outputs", e.inputs, outputs)
	}
	if e.Transform > Softmax || e.task > model.Regression || e.task == model.Binary && outputs != 1 || e.Transform == Logistic && outputs != 1 {
		return fmt.Errorf("task %d with transform %d and %d outputs", e.task, e.Transform, outputs)
	}
	for _, b := range e.Base {
		if math.IsNaN(b) || math.IsInf(b, 0) {
			return fmt.Errorf("a base value is not finite")
		}
	}
	for t := range e.Trees {
		if err := e.Trees[t].validate(e.inputs, outputs); err != nil {
			return fmt.Errorf("tree %d: %w", t, err)
		}
	}
	return nil
}

// Importance adds up the gain of every split by column: one number an input.
func (e *Ensemble) Importance() []float64 {
	sum := make([]float64, e.inputs)
	for t := range e.Trees {
		for i, g := range e.Trees[t].Gain {
			sum[e.Trees[t].Nodes[i].Feature] += float64(g)
		}
	}
	return sum
}
