package logistic

import (
	"math"

	"fm/model"
)

var (
	_ model.Explainer = (*Linear)(nil)
	_ model.Ranker    = (*Linear)(nil)
)

// Explain implements [model.Explainer]. An input adds its weight times its standardised
// value, which is its SHAP value among independent inputs, or its missing weight; so the
// bias is the margin of a row that has the mean of training in every column. Columns that
// were missing in the same rows of training have one missing weight together: the first's.
func (l *Linear) Explain() (model.Contributions, error) { return l.contributions, nil }

func (l *Linear) contributions(dst, row []float64, output int) {
	inputs, outputs := len(l.mean), len(l.bias)
	if len(dst) != inputs+1 || len(row) != inputs || output < 0 || output >= outputs {
		panic("logistic: contributions: slices do not match")
	}
	for i, v := range row {
		z, w := l.term(i, v)
		dst[i] = z * w[output]
	}
	dst[inputs] = l.bias[output]
}

// Importance implements [model.Ranker]: the sizes of the standardised weights, added over
// the outputs.
func (l *Linear) Importance() []float64 {
	outputs := len(l.bias)
	sum := make([]float64, len(l.mean))
	for i, w := range l.weight {
		sum[i/outputs] += math.Abs(w)
	}
	return sum
}
