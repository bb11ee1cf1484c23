package flow

import (
	"math"
	"math/bits"

	"fm/extract/packet"
)

// Seconds is a time in ns as the double that is nearest to it in seconds: what reading
// back its decimal text gives.
func Seconds(ns int64) float64 {
	const exact = 1 << 53
	n := uint64(ns)
	if ns < 0 {
		n = -n
	}
	var x float64
	switch {
	case n < exact:
		x = float64(n) / 1e9
	case n%1000 == 0 && n/1000 < exact:
		x = float64(n/1000) / 1e6
	default:
		// 62 bits of the quotient, and whether there are more: rounded once.
		shift := 92 - bits.Len64(n)
		hi, lo := n>>(64-shift), n<<shift
		q, r := bits.Div64(hi, lo, 1e9)
		if r != 0 {
			q |= 1
		}
		x = math.Ldexp(float64(q), -shift)
	}
	if ns < 0 {
		return -x
	}
	return x
}

// Epoch is a time since 1970, or between two of them, in seconds, as a double near it. Of a
// [packet.WrappedTime] it is what a tool shows that reads 64 bits of microseconds without a sign.
func Epoch(ns int64) float64 {
	switch {
	case ns <= -packet.FirstWrapped:
		return -Epoch(-ns)
	case ns < packet.FirstWrapped:
		return Seconds(ns)
	}
	before := packet.WrappedTime - ns // 2^64 µs, which are 18446744073709.551616 s
	return float64(18446744073709-before/1e9) + float64(551616000-before%1e9)/1e9
}
