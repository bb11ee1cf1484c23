package boost

import (
	"math"
	"slices"

	"fm/dataset"
	"fm/model"
)

// loss gives the gradient and curvature of the log loss for each row, with respect to
// the margins (Friedman, Greedy Function Approximation, 2001; second order as in Chen
// and Guestrin, XGBoost, 2016).
type loss struct {
	y       []int32
	weight  []float64 // nil: 1 each
	outputs int
}

func (t Trainer) loss(f *dataset.Frame, rows []int) (*loss, error) {
	l := &loss{y: make([]int32, len(rows)), outputs: 1}
	if len(f.Classes) > 2 {
		l.outputs = len(f.Classes)
	}
	for i, r := range rows {
		l.y[i] = f.Y[r]
	}
	var err error
	l.weight, err = model.Weights(f, rows, t.classFactors(f, rows))
	return l, err
}

// classFactors is the factor of each class, nil if all are 1.
func (t Trainer) classFactors(f *dataset.Frame, rows []int) []float64 {
	if len(t.ClassWeight) == 0 && !t.Balanced {
		return nil
	}
	factor := slices.Repeat([]float64{1}, len(f.Classes))
	if t.Balanced { // rows / (classes with rows × rows of the class), as scikit-learn's "balanced"
		count, held := make([]int, len(f.Classes)), 0
		for _, r := range rows {
			if count[f.Y[r]]++; count[f.Y[r]] == 1 {
				held++
			}
		}
		for c, n := range count {
			if n > 0 {
				factor[c] = float64(len(rows)) / (float64(held) * float64(n))
			}
		}
	}
	for name, w := range t.ClassWeight {
		factor[slices.Index(f.Classes, name)] *= w // [Trainer.Check] has found it
	}
	return factor
}

// slope is the gradient and curvature of one row.
type slope struct{ g, h float64 }

// slopes fills out for rows lo to hi. With more than one output p holds the rows' shares,
// see [loss.shares].
func (l *loss) slopes(out []slope, margins, p []float64, o, lo, hi int) {
	if l.outputs == 1 {
		for i := lo; i < hi; i++ {
			p := 1 / (1 + exp(-margins[i]))
			out[i] = slope{p - float64(l.y[i]), p * (1 - p)}
		}
	} else {
		scale := float64(l.outputs) / float64(l.outputs-1) // as LightGBM: the classes share one degree of freedom
		for i := lo; i < hi; i++ {
			p, t := p[i*l.outputs+o], 0.0
			if int(l.y[i]) == o {
				t = 1
			}
			out[i] = slope{p - t, scale * p * (1 - p)}
		}
	}
	if l.weight != nil {
		for i := lo; i < hi; i++ {
			out[i].g *= l.weight[i]
			out[i].h *= l.weight[i]
		}
	}
}

// shares fills p of rows lo to hi with the softmax of their margins.
func (l *loss) shares(p, margins []float64, lo, hi int) {
	k := l.outputs
	for i := lo; i < hi; i++ {
		m, out := margins[i*k:(i+1)*k], p[i*k:(i+1)*k]
		top := slices.Max(m)
		sum := 0.0
		for o, v := range m {
			out[o] = exp(v - top)
			sum += out[o]
		}
		for o := range out {
			out[o] /= sum
		}
	}
}

// at is the log loss of row i times its weight.
func (l *loss) at(i int, margins []float64) float64 {
	v := 0.0
	if l.outputs == 1 {
		m := margins[i]
		if l.y[i] == 1 {
			m = -m
		}
		v = math.Max(m, 0) + log(1+exp(-math.Abs(m))) // log(1 + exp(m))
	} else {
		m := margins[i*l.outputs : (i+1)*l.outputs]
		top, sum := slices.Max(m), 0.0
		for _, x := range m {
			sum += exp(x - top)
		}
		v = log(sum) + top - m[l.y[i]]
	}
	if l.weight != nil {
		v *= l.weight[i]
	}
	return v
}

// base is the margins that fit best to the rows before the first tree.
func (l *loss) base(rows []int32) []float64 {
	count := make([]float64, max(2, l.outputs))
	total := 0.0
	for _, i := range rows {
		w := 1.0
		if l.weight != nil {
			w = l.weight[i]
		}
		count[l.y[i]] += w
		total += w
	}
	if l.outputs == 1 {
		return []float64{log(max(count[1], 1e-9) / max(count[0], 1e-9))}
	}
	for k := range count {
		count[k] = log(max(count[k], 1e-9) / max(total, 1e-9))
	}
	return count
}
