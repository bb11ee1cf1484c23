package tree

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"fm/model"
)

// Transform says how margins become predictions.
type Transform uint8

// Transforms. m is the margin, divided by Ensemble.Divisor.
const (
	Identity        Transform = iota // m: averaged probabilities, or a number
	Logistic                         // 1 / (1 + exp(-Slope·m)), of each output by itself
	Softmax                          // exp(m) over its sum, over the outputs
	Exponential                      // exp(m): counts and other positive numbers
	LogExp                           // log(1 + exp(m)): LightGBM's cross_entropy_lambda
	SignedSquare                     // sign(m)·m²: LightGBM's regression on square roots
	Step                             // 1 if m > 0, else 0: XGBoost's hinge
	LibmLogistic                     // as Logistic, without a branch for negative margins and with [libmExp]: LightGBM's bits
	LibmSoftmax                      // as Softmax, with [libmExp]
	LibmExponential                  // as Exponential, with [libmExp]
	LibmLogExp                       // as LogExp, with [libmExp]
	LibmLogSum                       // log of 1 + exp(m), the sum rounded: what LightGBM had for LogExp before 3.3
	BoundedLogistic                  // as Logistic, of -88.7 for lower margins: XGBoost's from 1.6 on, with Float32 only
	lastTransform   = BoundedLogistic
)

// Ensemble is a sum or an average of trees, the scorer of all tree kinds. Margin o of a
// row is Base[o] plus the sum over the trees, in their order, of what they add to output
// o for the row's leaf, the sum divided by the number of trees if Average is set.
//
// A forest for two classes has one output, the average over the trees of the share of
// not benign rows in the row's leaf (see [Grower]), and the transform [Identity]: its margin
// is the probability itself, not the log-odds, so 0 and 1 stay finite and parts of the
// margin add up to the probability. With more classes it has one output a class.
//
// The fields behind Transform let models of other libraries keep every bit of theirs.
type Ensemble struct {
	Trees     []Tree
	Base      []float64
	Average   bool
	Transform Transform
	Slope     float64          // of Logistic; 0 means 1
	Divisor   float64          // of margins before the transform; 0 means 1
	BaseFirst bool             // the sum starts at the base; else the base comes last
	Float32   bool             // margins are summed in float32, without Average, and linked by [Link32]; see [Set] too
	Predicts  model.Prediction // what the library that made the model predicts
	task      model.Task
	inputs    int
	notes     []error
	warnings  []error
	compiled  atomic.Pointer[compiled]
}

var _ model.Predictor = (*Ensemble)(nil)

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

// Prediction implements [model.Predictor].
func (e *Ensemble) Prediction() model.Prediction { return e.Predicts }

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

// Margins implements [model.Scorer]. The first call compiles the trees, which must not be
// changed from then on; later calls see only whether there are others or more.
func (e *Ensemble) Margins(dst, rows []float64) {
	if e.inputs == 0 {
		return
	}
	outputs, n := len(e.Base), len(rows)/e.inputs
	if len(dst) < n*outputs || len(rows)%e.inputs != 0 {
		panic("tree: Margins: slices do not match")
	}
	if len(e.Trees) == 0 {
		e.plain(dst[:n*outputs], rows)
		return
	}
	f := e.compiled.Load()
	if !f.of(e) {
		f = compile(e, kernels()[0])
		e.compiled.Store(f)
	}
	if f.plain {
		e.plain(dst[:n*outputs], rows)
	} else {
		f.margins(e, dst[:n*outputs], rows)
	}
}

// plain is Margins as it is defined. blockRows rows pass one tree before the next tree is
// looked at, so that a tree is loaded into the cache once a block.
func (e *Ensemble) plain(dst, rows []float64) {
	outputs, inputs := len(e.Base), e.inputs
	for n := len(rows) / inputs; n > 0; n = len(rows) / inputs {
		n = min(n, blockRows)
		for i := range n * outputs {
			dst[i] = e.start(e.Base[i%outputs])
		}
		for t := range e.Trees {
			for i := range n {
				row := rows[i*inputs : (i+1)*inputs]
				e.add(dst[i*outputs:], 1, &e.Trees[t], e.Trees[t].leaf(row, e.Float32), row)
			}
		}
		for i := range n * outputs {
			dst[i] = e.finish(dst[i], e.Base[i%outputs])
		}
		dst, rows = dst[n*outputs:], rows[n*inputs:]
	}
}

// start is what a sum starts with.
func (e *Ensemble) start(base float64) float64 {
	switch {
	case !e.BaseFirst:
		return 0
	case e.Float32:
		return float64(float32(base))
	}
	return base
}

// add adds what leaf of t says of row to the sums, that of output o at sums[o*apart].
func (e *Ensemble) add(sums []float64, apart int, t *Tree, leaf int, row []float64) {
	if t.Output == Vector {
		outputs := len(e.Base)
		for o, v := range t.Values[leaf*outputs : (leaf+1)*outputs] {
			if s := &sums[o*apart]; e.Float32 {
				*s = float64(float32(*s) + float32(v))
			} else {
				*s += v
			}
		}
		return
	}
	s, v := &sums[int(t.Output)*apart], t.Values[leaf]
	switch {
	case e.Float32:
		*s = float64(float32(*s) + float32(v))
	case t.Linear != nil:
		*s += t.Linear[leaf].value(row, v)
	default:
		*s += v
	}
}

// finish makes a sum a margin.
func (e *Ensemble) finish(sum, base float64) float64 {
	if e.Average && len(e.Trees) > 0 {
		sum /= float64(len(e.Trees))
	}
	if e.BaseFirst {
		return sum
	}
	if sum += base; e.Float32 {
		return float64(float32(sum))
	}
	return sum
}

// value is what a linear leaf says of row; constant is its value where it can't.
func (l *Linear) value(row []float64, constant float64) float64 {
	v := l.Const
	for i, f := range l.Features {
		x := row[f]
		if x != x {
			return constant
		}
		v += float64(l.Coefs[i] * x) // the conversion keeps the product from being fused with the sum
	}
	return v
}

// Leaves writes the leaf of each tree that row falls into to dst, as the library that made
// the trees numbers them.
func (e *Ensemble) Leaves(dst []int32, row []float64) {
	for i := range e.Trees {
		t := &e.Trees[i]
		leaf := t.leaf(row, e.Float32)
		if t.LeafNames != nil {
			dst[i] = t.LeafNames[leaf]
		} else {
			dst[i] = int32(leaf)
		}
	}
}

// Link implements [model.Scorer].
func (e *Ensemble) Link(dst, margins []float64) {
	if e.Float32 {
		Link32(e.Transform, dst, margins, len(e.Base))
		return
	}
	if e.Divisor != 0 {
		for i, m := range margins {
			dst[i] = m / e.Divisor
		}
		margins = dst[:len(margins)]
	}
	e.transform(dst, margins)
}

func (e *Ensemble) transform(dst, margins []float64) {
	switch e.Transform {
	case Identity:
		copy(dst, margins)
	case Logistic:
		if e.Slope != 0 {
			for i, m := range margins {
				dst[i] = e.Slope * m
			}
			margins = dst[:len(margins)]
		}
		model.Sigmoid(dst, margins)
	case Softmax:
		model.Softmax(dst, margins, len(e.Base))
	case Exponential:
		for i, m := range margins {
			dst[i] = math.Exp(m)
		}
	case LogExp:
		for i, m := range margins {
			dst[i] = math.Log1p(math.Exp(m))
		}
	case SignedSquare:
		for i, m := range margins {
			dst[i] = math.Copysign(m*m, m)
		}
	case Step:
		for i, m := range margins {
			dst[i] = 0
			if m > 0 {
				dst[i] = 1
			}
		}
	default:
		e.libmTransform(dst, margins)
	}
}

// Validate checks everything that scoring relies on.
func (e *Ensemble) Validate() error {
	outputs := len(e.Base)
	if e.inputs < 1 || outputs < 1 {
		return fmt.Errorf("%d inputs, %d outputs", e.inputs, outputs)
	}
	if e.Predicts > model.Index {
		return fmt.Errorf("prediction %d", e.Predicts)
	}
	if e.Transform == BoundedLogistic && !e.Float32 {
		return errors.New("a transform in float32 of margins that are not")
	}
	if e.Average && e.Float32 {
		return errors.New("an average in float32")
	}
	if e.Transform > lastTransform || e.task > model.Regression || e.task == model.Binary && outputs != 1 {
		return fmt.Errorf("task %d with transform %d and %d outputs", e.task, e.Transform, outputs)
	}
	if !finite(e.Base) || !finite([]float64{e.Slope, e.Divisor}) {
		return errors.New("a base value, slope or divisor is not finite")
	}
	if len(e.Trees) > maxTrees || e.inputs > maxInputs || outputs > maxOutputs {
		return fmt.Errorf("%d trees over %d inputs with %d outputs are too many", len(e.Trees), e.inputs, outputs)
	}
	for t := range e.Trees {
		if err := e.Trees[t].validate(e.inputs, outputs); err != nil {
			return fmt.Errorf("tree %d: %w", t, err)
		}
		if e.Float32 && e.Trees[t].Linear != nil {
			return fmt.Errorf("tree %d: linear leaves in an ensemble that sums in float32", t)
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
