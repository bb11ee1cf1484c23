package foreign

import "fm/model"

var _ model.Explainer = (*Linear)(nil)

// Explain implements [model.Explainer] as XGBoost does: an input adds its value times its
// weight, a missing one nothing; the bias is that of the model and its base.
func (l *Linear) Explain() (model.Contributions, error) { return l.contributions, nil }

func (l *Linear) contributions(dst, row []float64, output int) {
	inputs, outputs := l.Inputs(), l.Outputs()
	if len(dst) != inputs+1 || len(row) != inputs || output < 0 || output >= outputs {
		panic("foreign: contributions: slices do not match")
	}
	clear(dst)
	for i, v := range row {
		if v == v {
			dst[i] = float64(float32(v) * l.Weights[i*outputs+output])
		}
	}
	dst[inputs] = float64(l.Bias[output] + l.Base[output])
}
