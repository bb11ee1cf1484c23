package boost

import "math"

// loss gives the gradient and curvature of the log loss for each row, with respect to
// the margins (Friedman, Greedy Function Approximation, 2001; second order as in Chen
// and Guestrin, XGBoost, 2016).
type loss struct {
	y       []int32
	weight  []float64 // nil: 1 each
	outputs int
}

// derivatives fills g and h of rows lo to hi for output o.
func (l *loss) derivatives(g, h, margins []float64, o, lo, hi int) {
	for i := lo; i < hi; i++ {
		var p, t float64
		if l.outputs == 1 {
			p = 1 / (1 + math.Exp(-margins[i]))
			t = float64(l.y[i])
		} else {
			p = share(margins[i*l.outputs:(i+1)*l.outputs], o)
			if int(l.y[i]) == o {
				t = 1
			}
		}
		gi, hi := p-t, p*(1-p)
		if l.outputs > 1 {
			hi *= float64(l.outputs) / float64(l.outputs-1) // as LightGBM: the classes share one degree of freedom
		}
		if l.weight != nil {
			gi, hi = gi*l.weight[i], hi*l.weight[i]
		}
		g[i], h[i] = gi, hi
	}
}

// share is the softmax of m at o.
func share(m []float64, o int) float64 {
	top := m[0]
	for _, v := range m[1:] {
		top = max(top, v)
	}
	sum := 0.0
	for _, v := range m {
		sum += math.Exp(v - top)
	}
	return math.Exp(m[o]-top) / sum
}

// base is the margins that fit best before the first tree.
func (l *loss) base() []float64 {
	count := make([]float64, max(2, l.outputs))
	total := 0.0
	for i, y := range l.y {
		w := 1.0
		if l.weight != nil {
			w = l.weight[i]
		}
		count[y] += w
		total += w
	}
	if l.outputs == 1 {
		return []float64{math.Log(max(count[1], 1e-9) / max(count[0], 1e-9))}
	}
	for k := range count {
		count[k] = math.Log(max(count[k], 1e-9) / total)
	}
	return count
}
