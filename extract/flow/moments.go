package flow

import (
	"math"
	"math/bits"
)

// Moments sums whole numbers exactly: count, sum, sum of squares and extremes. The
// result does not depend on their order, and every division happens once, at the end.
type Moments struct {
	N        uint64
	Sum      uint64
	SqHi     uint64 // sum of squares, upper 64 bits
	SqLo     uint64 // lower 64 bits
	Min, Max uint64 // valid if N > 0
}

// Add takes in one number.
func (m *Moments) Add(x uint64) {
	if m.N == 0 || x < m.Min {
		m.Min = x
	}
	if x > m.Max {
		m.Max = x
	}
	m.N++
	m.Sum += x
	hi, lo := bits.Mul64(x, x)
	var carry uint64
	m.SqLo, carry = bits.Add64(m.SqLo, lo, 0)
	m.SqHi += hi + carry
}

// Merge takes in all numbers of o.
func (m *Moments) Merge(o *Moments) {
	if o.N == 0 {
		return
	}
	if m.N == 0 || o.Min < m.Min {
		m.Min = o.Min
	}
	m.Max = max(m.Max, o.Max)
	m.N += o.N
	m.Sum += o.Sum
	var carry uint64
	m.SqLo, carry = bits.Add64(m.SqLo, o.SqLo, 0)
	m.SqHi += o.SqHi + carry
}

// Mean is the arithmetic mean, NaN without numbers.
func (m *Moments) Mean() float64 {
	if m.N == 0 {
		return math.NaN()
	}
	return float64(m.Sum) / float64(m.N)
}

// Std is the sample standard deviation (divisor n − 1), NaN with fewer than two
// numbers. Its square is (n·Σx² − (Σx)²) / (n·(n−1)); the numerator is computed
// exactly in 192 bits, so that nothing cancels.
func (m *Moments) Std() float64 {
	if m.N < 2 {
		return math.NaN()
	}
	if m.Min == m.Max {
		return 0
	}
	// n·Σx² = a2·2^128 + a1·2^64 + a0
	h0, a0 := bits.Mul64(m.SqLo, m.N)
	a2, l1 := bits.Mul64(m.SqHi, m.N)
	a1, carry := bits.Add64(h0, l1, 0)
	a2 += carry
	b1, b0 := bits.Mul64(m.Sum, m.Sum)
	var borrow uint64
	a0, borrow = bits.Sub64(a0, b0, 0)
	a1, borrow = bits.Sub64(a1, b1, borrow)
	if a2, borrow = bits.Sub64(a2, 0, borrow); borrow != 0 {
		return 0 // the squares were cut short
	}
	num := float64(float64(float64(a2)*(1<<64)+float64(a1))*(1<<64)) + float64(a0)
	return math.Sqrt(num / float64(float64(m.N)*float64(m.N-1)))
}
