package boost

import "math"

// scale is the fixed point of one tree: powers of two, so that scaling itself is exact.
type scale struct{ g, h float64 }

// newScale chooses the finest scale at which no sum over all rows can overflow its half
// of a pair: sum of |g| times scale below 2^30, sum of h below 2^31, rounding included.
// A row of average gradient is then worth 2^30 / rows steps.
func newScale(sumG, sumH float64, rows int) scale {
	return scale{finest(sumG, 30, rows), finest(sumH, 31, rows)}
}

func finest(sum float64, bits, rows int) float64 {
	if !(sum > 0) {
		return 1
	}
	room := math.Ldexp(1, bits) - float64(rows) // each row may be rounded up by half a step
	return math.Ldexp(1, max(-1000, min(1000, math.Ilogb(room/sum))))
}

// pack is a row's gradient and curvature in fixed point, to the nearest.
func (s scale) pack(v slope) pair {
	return pack(nearest(float64(v.g*s.g)), uint64(nearest(float64(v.h*s.h))))
}

// nearest is x as a whole number, a tie to the even one, for |x| below 2^51.
func nearest(x float64) int64 {
	return int64(math.Float64bits(x+magic)) - int64(math.Float64bits(magic))
}
