package boost

import (
	"math"
	"math/rand/v2"
)

// GOSS: the share of rows with the largest gradients that is kept, and the share of all
// rows that is drawn from the others (the defaults of LightGBM).
const (
	gossTop   = 0.2
	gossOther = 0.1
)

// choose draws the columns of a tree; with a nil rng it takes all.
func (r *run) choose(rng *rand.Rand) {
	n := len(r.d.columns)
	want := n
	if rng != nil {
		want = max(1, int(math.Ceil(r.t.Columns*float64(n))))
	}
	left := want
	chosen := make([]bool, n)
	for c := range n { // selection sampling (Knuth 3.4.2 S)
		if left == n-c || left > 0 && rng.IntN(n-c) < left {
			chosen[c] = true
			left--
		}
	}
	r.chosen, r.columns = r.chosen[:0], r.columns[:0]
	for k := range r.d.lanes {
		var columns []int32
		for _, c := range r.d.lanes[k].columns {
			if chosen[c] {
				columns = append(columns, c)
			}
		}
		if columns != nil {
			r.chosen, r.columns = append(r.chosen, int32(k)), append(r.columns, columns)
		}
	}
	r.words = r.d.interleave(r.chosen, r.words, r.t.Workers)
}

// try draws the columns that leaf l may be split by, of those of the tree.
func (g *grower) try(l *leaf) {
	if g.t.NodeColumns >= 1 {
		return
	}
	if g.tried == nil {
		g.tried = make([]bool, len(g.d.columns))
	}
	clear(g.tried)
	rest := 0
	for _, columns := range g.columns {
		rest += len(columns)
	}
	place := 2*uint64(l.parent+1) + 1 // of the leaf in its tree
	if l.right {
		place++
	}
	rng := rand.New(rand.NewPCG(g.t.Seed, g.grown<<32|place))
	left := max(1, int(math.Ceil(g.t.NodeColumns*float64(rest))))
	for _, columns := range g.columns {
		for _, c := range columns {
			if rng.IntN(rest) < left {
				g.tried[c] = true
				left--
			}
			rest--
		}
	}
}

// draw fills rows with the rows of the next tree.
func (r *run) draw(rng *rand.Rand, round int) {
	r.drawn = r.drawn[:0]
	switch {
	case r.t.GOSS && float64(round) >= 1/r.t.Rate:
		r.drawByGradient(rng)
	case r.t.Rows < 1:
		want := max(1, int(math.Ceil(r.t.Rows*float64(len(r.pool)))))
		for i, row := range r.pool {
			if rng.IntN(len(r.pool)-i) < want-len(r.drawn) {
				r.drawn = append(r.drawn, row)
			}
		}
	default:
		r.drawn = append(r.drawn, r.pool...)
	}
	r.rows = append(r.rows[:0], r.drawn...)
	r.whole = len(r.rows) == r.d.rows
}

// drawByGradient keeps the rows with the largest gradients, of equal ones the first, and
// draws from the others, whose slopes grow so that they stand for all of them.
func (r *run) drawByGradient(rng *rand.Rand) {
	size := func(row int32) uint32 { return math.Float32bits(float32(math.Abs(r.slopes[row].g))) >> 15 } // ordered as the numbers
	count := make([]int, 1<<16)
	for _, row := range r.pool {
		count[size(row)]++
	}
	top := int(gossTop * float64(len(r.pool)))
	edge, rest := uint32(len(count)-1), top // size of the smallest rows that are kept, and how many of it
	for edge > 0 && count[edge] < rest {
		rest -= count[edge]
		edge--
	}
	others := len(r.pool) - top
	want := max(1, int(gossOther*float64(len(r.pool))))
	factor := float64(others) / float64(want)
	for _, row := range r.pool {
		s := size(row)
		switch {
		case s > edge:
			r.drawn = append(r.drawn, row)
			continue
		case s == edge && rest > 0:
			rest--
			r.drawn = append(r.drawn, row)
			continue
		}
		if rng.IntN(others) < want {
			want--
			r.drawn = append(r.drawn, row)
			r.slopes[row].g *= factor
			r.slopes[row].h *= factor
		}
		others--
	}
}
