package flow

import "math/bits"

// A histogram counts whole numbers in fixed buckets, four to an octave: 0 to 7 each
// have one of their own, above that a bucket is at most a quarter of its lower end wide.
// A quartile read from it is the middle of a bucket held within the extremes, so it is
// off by at most an eighth of its value, and exact where all values are equal.
//
// Counters have 16 bits. When one is full, all counters of its histogram are halved, and
// from then on they count one value in 2, in 4, and so on: shares stay, and flows of any
// length fit. Which values are counted follows the golden ratio's multiples, so that it
// keeps no step with traffic that repeats itself.

// bucket returns the bucket of x in a histogram of n buckets; the last one takes all that is larger.
func bucket(x uint64, n int) int {
	if x < 8 {
		return int(x)
	}
	e := bits.Len64(x) - 3 // ≥ 1: the octave that starts at 4·2^e
	return min(4+4*e+int(x>>e)&3, n-1)
}

// middle returns the middle of bucket i, rounded down to a whole number.
func middle(i int) uint64 {
	if i < 8 {
		return uint64(i)
	}
	e := i/4 - 1
	low := uint64(4+i&3) << e
	return low + (uint64(1)<<e-1)/2
}

// count adds the value in bucket i, before which n values came. Counters stand for
// 1 << shift values each.
func count(h []uint16, shift *uint8, i int, n uint64) {
	if *shift > 0 && n*0x9e3779b97f4a7c15>>(64-*shift) != 0 {
		return
	}
	if h[i] == 1<<16-1 {
		for j := range h {
			h[j] >>= 1
		}
		*shift++
	}
	h[i]++
}

// quartiles returns the values at nearest rank ⌈n·k/4⌉ for k = 1, 2, 3 of the numbers
// that m saw, as middles of buckets held within the extremes of m. They are counted in
// a and b (nil, or as long as a) in units of 1 << unit. All are 0 where there is none.
func quartiles(a, b []uint16, shiftA, shiftB uint8, m *Moments, unit uint) (q [3]uint64) {
	if m.Min == m.Max {
		return [3]uint64{m.Min, m.Min, m.Min}
	}
	from, to := bucket(m.Min>>unit, len(a)), bucket(m.Max>>unit, len(a))
	a = a[from : to+1]
	if b != nil {
		b = b[from : to+1]
	}
	n := m.N
	if shiftA|shiftB > 0 { // not every value was counted
		n = 0
		for _, c := range a {
			n += uint64(c) << shiftA
		}
		for _, c := range b {
			n += uint64(c) << shiftB
		}
	}
	half := uint64(1) << unit >> 1
	k, seen := uint64(0), uint64(0)
	for i, c := range a {
		seen += uint64(c) << shiftA
		if b != nil {
			seen += uint64(b[i]) << shiftB
		}
		for seen*4 >= n*(k+1) {
			q[k] = min(max(middle(from+i)<<unit+half, m.Min), m.Max)
			if k++; k == 3 {
				return q
			}
		}
	}
	return q
}
