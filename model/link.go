package model

import "math"

var nan = math.NaN()

// Sigmoid writes 1 / (1 + exp(-margin)) to dst, which may be margins.
func Sigmoid(dst, margins []float64) {
	for i, m := range margins {
		if m >= 0 {
			dst[i] = 1 / (1 + math.Exp(-m))
		} else {
			e := math.Exp(m) // exp(-m) would overflow
			dst[i] = e / (1 + e)
		}
	}
}

// Softmax writes the softmax of each group of outputs margins to dst, which may be margins.
func Softmax(dst, margins []float64, outputs int) {
	for start := 0; start+outputs <= len(margins); start += outputs {
		in, out := margins[start:start+outputs], dst[start:start+outputs]
		top := in[0]
		for _, m := range in {
			top = max(top, m)
		}
		sum := 0.0
		for o, m := range in {
			out[o] = math.Exp(m - top)
			sum += out[o]
		}
		for o := range out {
			out[o] /= sum
		}
	}
}
