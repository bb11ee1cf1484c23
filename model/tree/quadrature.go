package tree

import "math"

// rule integrates from 0 to 1: the integral of f is the sum of weight times f(on), exact
// for polynomials up to degree 2n-1 with n points. off is 1-on, in full precision.
type rule struct{ on, off, weight []float64 }

// legendre is Gauss and Legendre's rule with n points: their places are the roots of the
// Legendre polynomial of degree n, found by Newton's method (Press et al., Numerical
// Recipes, section 4.6).
func legendre(n int) *rule {
	r := &rule{make([]float64, n), make([]float64, n), make([]float64, n)}
	for i := range (n + 1) / 2 {
		x := cosine(math.Pi * (float64(i) + 0.75) / (float64(n) + 0.5))
		slope := 0.0
		for range 100 {
			p, before := x, 1.0
			for k := 2; k <= n; k++ {
				p, before = (float64(float64(2*k-1)*x*p)-float64(float64(k-1)*before))/float64(k), p
			}
			slope = float64(n) * (before - float64(x*p)) / (1 - float64(x*x))
			step := p / slope
			x -= step
			if math.Abs(step) < 1e-16 {
				break
			}
		}
		if 2*i+1 == n {
			x = 0
		}
		weight := 1 / ((1 - float64(x*x)) * slope * slope)
		r.on[i], r.off[i], r.weight[i] = (1+x)/2, (1-x)/2, weight
		r.on[n-1-i], r.off[n-1-i], r.weight[n-1-i] = (1-x)/2, (1+x)/2, weight
	}
	return r
}

// cosine is the cosine of x in [0, pi/2] up to rounding, with the same bits on every processor.
func cosine(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 2.0; k <= 24; k += 2 {
		term *= -float64(x*x) / float64(k*(k-1))
		sum += float64(term)
	}
	return sum
}
