package logistic

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"

	"fm/dataset"
)

// blocks is the number of parts that the rows are cut into for the gradient. It is fixed
// and the parts are added in order, so the sums do not depend on the number of threads.
const blocks = 64

// problem is the loss of a data matrix.
type problem struct {
	ctx      context.Context
	x        []float64
	y        []int32
	weight   []float64 // nil: 1 each
	sum      float64   // of the weights
	width    int
	outputs  int // 1 for two classes
	workers  int
	partial  [][]float64 // gradient of each block
	loss     []float64   // of each block
	gradient []float64   // at the point evaluated last
	at       []float64
	value    float64
}

func newProblem(ctx context.Context, x []float64, f *dataset.Frame, rows []int, weight []float64, workers int) *problem {
	p := &problem{ctx: ctx, x: x, weight: weight, outputs: 1, workers: workers, y: make([]int32, len(rows)), width: len(x) / max(1, len(rows))}
	if len(f.Classes) > 2 {
		p.outputs = len(f.Classes)
	}
	for i, r := range rows {
		p.y[i] = f.Y[r]
	}
	p.sum = float64(len(rows))
	if weight != nil {
		p.sum = floats.Sum(weight)
	}
	n := p.outputs * (p.width + 1)
	p.partial, p.loss, p.gradient = make([][]float64, blocks), make([]float64, blocks), make([]float64, n)
	for b := range p.partial {
		p.partial[b] = make([]float64, n)
	}
	return p
}

// evaluate computes the summed loss at w and, into p.gradient, its gradient.
func (p *problem) evaluate(w []float64) float64 {
	size := (len(p.y) + blocks - 1) / blocks
	dataset.Each(blocks, p.workers, func(b int) {
		start, end := min(len(p.y), b*size), min(len(p.y), (b+1)*size)
		clear(p.partial[b])
		if p.outputs == 1 {
			p.loss[b] = p.two(w, p.partial[b], start, end)
		} else {
			p.loss[b] = p.many(w, p.partial[b], start, end)
		}
	})
	clear(p.gradient)
	total := 0.0
	for b := range blocks {
		total += p.loss[b]
		floats.Add(p.gradient, p.partial[b])
	}
	return total
}

// two is the loss of the rows start to end for two classes: log(1+exp(-m)) for rows of
// class 1 and log(1+exp(m)) for others, of the margin m.
func (p *problem) two(w, gradient []float64, start, end int) float64 {
	loss := 0.0
	for i := start; i < end; i++ {
		x := p.x[i*p.width : (i+1)*p.width]
		m := floats.Dot(w[:p.width], x) + w[p.width]
		weight := 1.0
		if p.weight != nil {
			weight = p.weight[i]
		}
		e := math.Exp(-math.Abs(m))
		l, sigmoid := math.Log1p(e), 1/(1+e)
		if m < 0 {
			sigmoid = 1 - sigmoid
		}
		if p.y[i] == 1 {
			l += max(0, -m)
			sigmoid--
		} else {
			l += max(0, m)
		}
		loss += float64(weight * l)
		r := weight * sigmoid
		floats.AddScaled(gradient[:p.width], r, x)
		gradient[p.width] += r
	}
	return loss
}

// many is two for several classes: minus the logarithm of the softmax of the row's class.
func (p *problem) many(w, gradient []float64, start, end int) float64 {
	loss, stride := 0.0, p.width+1
	m := make([]float64, p.outputs)
	for i := start; i < end; i++ {
		x := p.x[i*p.width : (i+1)*p.width]
		for o := range m {
			m[o] = floats.Dot(w[o*stride:o*stride+p.width], x) + w[o*stride+p.width]
		}
		weight := 1.0
		if p.weight != nil {
			weight = p.weight[i]
		}
		top := slices.Max(m)
		sum := 0.0
		for _, v := range m {
			sum += math.Exp(v - top)
		}
		loss += float64(weight * (math.Log(sum) + top - m[p.y[i]]))
		for o, v := range m {
			r := math.Exp(v-top) / sum
			if int32(o) == p.y[i] {
				r--
			}
			r *= weight
			floats.AddScaled(gradient[o*stride:o*stride+p.width], r, x)
			gradient[o*stride+p.width] += r
		}
	}
	return loss
}

// total is the summed loss at w.
func (p *problem) total(w []float64) float64 { return p.evaluate(w) }

// objective is the loss a row plus the penalty, which leaves the bias alone; its
// gradient goes to p.gradient.
func (p *problem) objective(w []float64, c float64) float64 {
	if p.at != nil && slices.Equal(p.at, w) {
		return p.value
	}
	p.value = p.evaluate(w) / p.sum
	lambda := 1 / (c * p.sum)
	floats.Scale(1/p.sum, p.gradient)
	for o := range p.outputs {
		row := w[o*(p.width+1) : o*(p.width+1)+p.width]
		p.value += float64(lambda / 2 * floats.Dot(row, row))
		floats.AddScaled(p.gradient[o*(p.width+1):o*(p.width+1)+p.width], lambda, row)
	}
	p.at = append(p.at[:0], w...)
	return p.value
}

// tolerance is the largest slope of the objective at which a fit is called converged
// (scikit-learn: 1e-4).
const tolerance = 2e-5

// fit minimises the objective from the point start, or from 0.
func (p *problem) fit(c float64, iterations int, start []float64) (w []float64, converged bool, err error) {
	p.at = nil
	if start == nil {
		start = make([]float64, p.outputs*(p.width+1))
	}
	settings := &optimize.Settings{GradientThreshold: tolerance, MajorIterations: iterations, Converger: optimize.NeverTerminate{}}
	r, err := optimize.Minimize(optimize.Problem{
		Func: func(w []float64) float64 { return p.objective(w, c) },
		Grad: func(g, w []float64) {
			p.objective(w, c)
			copy(g, p.gradient)
		},
		Status: func() (optimize.Status, error) {
			if err := p.ctx.Err(); err != nil {
				return optimize.Failure, err
			}
			return optimize.NotTerminated, nil
		},
	}, start, settings, &optimize.LBFGS{})
	if ctxErr := p.ctx.Err(); ctxErr != nil {
		return nil, false, ctxErr
	}
	if r == nil || math.IsNaN(r.F) {
		if err != nil {
			return nil, false, fmt.Errorf("%w: %w", errDiverged, err)
		}
		return nil, false, errDiverged
	}
	// A line search that finds nothing lower ends the fit where it stands.
	return r.X, err == nil && r.Status != optimize.IterationLimit, nil
}
