package boost

import "fm/dataset"

// partition moves the rows of l whose code is in left to its front, in their order, and
// returns where the others begin.
func (g *grower) partition(l *leaf, codes []uint8, left *set) int32 {
	goes := &g.goes
	for k := range goes {
		goes[k] = 0
		if left.has(uint8(k)) {
			goes[k] = 1
		}
	}
	rows, spare := g.rows[l.lo:l.hi], g.spare[l.lo:l.hi]
	if len(rows) < 2*partRows || g.t.Workers < 2 {
		a := part(rows, rows, spare, codes, goes)
		copy(rows[a:], spare[:len(rows)-a])
		return l.lo + int32(a)
	}
	return l.lo + int32(g.parts(rows, spare, codes))
}

// parts is partition of many rows on several goroutines; it returns how many go left.
func (g *grower) parts(rows, spare []int32, codes []uint8) int {
	// Each part is divided where it lies, its right side in the spare memory; then the
	// left sides move to the front in order, and the right sides behind them.
	n := (len(rows) + partRows - 1) / partRows
	lefts := make([]int, n+1)
	dataset.Each(n, g.t.Workers, func(i int) {
		lo, hi := i*partRows, min(len(rows), (i+1)*partRows)
		lefts[i+1] = part(rows[lo:hi], rows[lo:hi], spare[lo:hi], codes, &g.goes)
	})
	for i := range n {
		lo := i * partRows
		copy(rows[lefts[i]:], rows[lo:lo+lefts[i+1]])
		lefts[i+1] += lefts[i]
	}
	dataset.Each(n, g.t.Workers, func(i int) {
		lo, hi := i*partRows, min(len(rows), (i+1)*partRows)
		copy(rows[lefts[n]+lo-lefts[i]:], spare[lo:hi-(lefts[i+1]-lefts[i])])
	})
	return lefts[n]
}

// partRows is how many rows one goroutine divides at a time.
const partRows = 1 << 14

// part writes the rows that go left to a, which may be rows, and the others to b, and
// returns how many go left.
func part(rows, a, b []int32, codes []uint8, goes *[256]uint8) int {
	a, b = a[:len(rows)], b[:len(rows)]
	i, j := 0, 0
	for _, r := range rows { // both sides are written, one counter moves: no branch to mispredict
		a[i], b[j] = r, r
		k := int(goes[codes[r]])
		i += k
		j += 1 - k
	}
	return i
}
