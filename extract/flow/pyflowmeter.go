package flow

import "math"

// PyFlowMeter holds the sums of PyFlowMeter (Kihy, commit 84a2d93), worked out in its own
// order of operations, so that the last digit agrees. Times are seconds since the first
// frame of the input, as doubles.
type PyFlowMeter struct {
	First, Last float64
	Ways        [2]PyWay // forward, backward
}

// PyWay is what PyFlowMeter keeps of one direction.
type PyWay struct {
	Sizes PyMoments // frames on the wire, bytes
	Gaps  PyMoments // since the packet before in either direction, 0 for the first, s
	Bytes uint64
	Flags [8]uint32 // packets with each TCP flag, by its bit
}

// Add counts one packet.
func (s *PyFlowMeter) Add(in *In) {
	t := Epoch(in.C.Since)
	if in.N == 0 {
		s.First, s.Last = t, t
	}
	w := &s.Ways[in.Dir&1]
	w.Bytes += uint64(in.P.WireLen)
	w.Sizes.add(float64(in.P.WireLen))
	w.Gaps.add(t - s.Last)
	s.Last = t
	for i := range w.Flags {
		w.Flags[i] += uint32(in.P.Flags>>i) & 1
	}
}

// PyMoments are moments of numbers by PyFlowMeter's online update.
type PyMoments struct {
	N          uint64
	Mean       float64 // 0 of none
	m2, m3, m4 float64
	Min, Max   float64 // 0 of none
}

// add takes in one number. Products are rounded before they are added.
func (m *PyMoments) add(x float64) {
	n := float64(m.N)
	d := x - m.Mean
	dn := d / (n + 1)
	dn2 := float64(dn * dn)
	term := float64(float64(d*dn) * n)
	m.Mean += dn
	a := float64(float64(term*dn2) * float64(m.N*(m.N-1)+1)) // (n+1)² - 3(n+1) + 3
	b := float64(float64(6*dn2) * m.m2)
	c := float64(float64(4*dn) * m.m3)
	m.m4 = m.m4 + a + b - c
	a = float64(float64(term*dn) * (n - 1))
	b = float64(float64(3*dn) * m.m2)
	m.m3 = m.m3 + a - b
	m.m2 += term
	if m.N == 0 || x < m.Min {
		m.Min = x
	}
	if m.N == 0 || x > m.Max {
		m.Max = x
	}
	m.N++
}

// Equal tells that all numbers so far are equal, as far as the update can tell, or that
// there are none.
func (m *PyMoments) Equal() bool { return m.m2 == 0 }

// Std is the population standard deviation, 0 of none.
func (m *PyMoments) Std() float64 {
	if m.N == 0 {
		return 0
	}
	return math.Sqrt(m.m2 / float64(m.N))
}

// Skewness is the third standardised moment, 0 where [PyMoments.Equal].
func (m *PyMoments) Skewness() float64 {
	if m.m2 == 0 {
		return 0
	}
	return float64(math.Sqrt(float64(m.N))*m.m3) / power15(m.m2)
}

// Kurtosis is the fourth standardised moment less 3, -3 where [PyMoments.Equal].
func (m *PyMoments) Kurtosis() float64 {
	if m.m2 == 0 {
		return -3
	}
	return float64(float64(m.N)*m.m4)/float64(m.m2*m.m2) - 3
}

// power15 is x^1.5 for x > 0, rounded once: C's pow is nearly always that.
func power15(x float64) float64 {
	root := math.Sqrt(x)
	rest := math.FMA(-root, root, x) / (2 * root) // of the root
	high := float64(x * root)
	low := math.FMA(x, root, -high)
	return high + (low + float64(x*rest))
}
