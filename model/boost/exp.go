package boost

import "math"

// exp and log are the same bits on every processor, which math.Exp and math.Log are not:
// those have assembly of their own on some. Their error is below 2 units in the last place.

const (
	ln2Hi = 6.93147180369123816490e-01 // ln 2 in two parts, the first with 32 bits:
	ln2Lo = 1.90821492927058770002e-10 // a whole number up to 2^20 times it is exact
	log2e = 1.44269504088896338700e+00
	magic = 0x1.8p52 // added and taken away again, it rounds to a whole number
)

// exp is e to the power x.
func exp(x float64) float64 {
	if !(x > -708) {
		if x != x {
			return x
		}
		return 0
	}
	if x > 709 {
		return math.Inf(1)
	}
	shifted := float64(x*log2e) + magic
	k := shifted - magic
	r := x - float64(k*ln2Hi) - float64(k*ln2Lo) // within ±0.35
	// The series of e^r to r^13 / 13!, in two halves that the processor can take at a time.
	q := float64(r * r)
	even := float64(q*(1./479001600)) + 1./3628800
	even = float64(q*even) + 1./40320
	even = float64(q*even) + 1./720
	even = float64(q*even) + 1./24
	even = float64(q*even) + 1./2
	odd := float64(q*(1./6227020800)) + 1./39916800
	odd = float64(q*odd) + 1./362880
	odd = float64(q*odd) + 1./5040
	odd = float64(q*odd) + 1./120
	odd = float64(q*odd) + 1./6
	p := 1 + (r + (float64(q*even) + float64(float64(r*q)*odd)))
	return p * math.Float64frombits(uint64(int64(k)+1023)<<52)
}

// log is the natural logarithm of a finite x above 0.
func log(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	s := (m - 1) / (m + 1) // log m = 2 artanh s, |s| < 0.172
	q := float64(s * s)
	sum := 0.0
	for k := 23; k >= 3; k -= 2 {
		sum = float64(q*sum) + 1/float64(k)
	}
	return float64(float64(e)*ln2Hi) + (2*(s+float64(float64(s*q)*sum)) + float64(float64(e)*ln2Lo))
}
