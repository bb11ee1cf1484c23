package tree

// Link32 turns margins into predictions as XGBoost does: in float32, step by step, so
// that all agree with its own but for one unit in the last place (its expf is not
// correctly rounded). outputs is the number of margins a row; dst may be margins.
func Link32(t Transform, dst, margins []float64, outputs int) {
	switch t {
	case Logistic:
		for i, m := range margins {
			dst[i] = float64(1 / (exp32(-float32(m)) + 1))
		}
	case BoundedLogistic:
		for i, m := range margins {
			dst[i] = float64(1 / (exp32(min(-float32(m), 88.7)) + 1)) // so the exponential is finite
		}
	case Softmax:
		for start := 0; start+outputs <= len(margins); start += outputs {
			softmax32(dst[start:start+outputs], margins[start:start+outputs])
		}
	case Exponential:
		for i, m := range margins {
			dst[i] = float64(exp32(float32(m)))
		}
	case Step:
		for i, m := range margins {
			dst[i] = 0
			if m > 0 {
				dst[i] = 1
			}
		}
	default:
		copy(dst, margins)
	}
}

func exp32(m float32) float32 { return float32(libmExp(float64(m))) }

// softmax32 sums in float64 and divides in float32, as XGBoost's Softmax.
func softmax32(dst, margins []float64) {
	top := float32(margins[0])
	for _, m := range margins {
		top = max(top, float32(m))
	}
	sum := 0.0
	for o, m := range margins {
		dst[o] = float64(exp32(float32(m) - top))
		sum += dst[o]
	}
	for o := range dst {
		dst[o] = float64(float32(dst[o]) / float32(sum))
	}
}
