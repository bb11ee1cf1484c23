package boost

import (
	"math"
	"sync"

	"fm/dataset"
	"fm/model/tree"
)

// grower grows the trees of one training, one after the other, in memory that it keeps.
type grower struct {
	d       *data
	t       Trainer // with defaults
	workers int

	words  words   // the columns of this tree
	chosen []int32 // which ones, by lane

	rows  []int32 // training rows of this tree, leaf by leaf, ascending within a leaf
	sums  []pair  // of the row at the same place
	spare struct {
		rows []int32
		sums []pair
	}
	leaves []leaf
	cuts   []cut         // of each node of the tree, to send rows of the data through it
	free   [][]histogram // of leaves that are divided
	terms  terms
}

// cut is a split in terms of bins.
type cut struct {
	column int32
	at     uint8
}

// leaf is a leaf of the tree in progress.
type leaf struct {
	lo, hi int32 // its part of rows
	depth  int32
	parent int32 // node above it, -1 at the root
	right  bool  // which child of it
	total  pair
	hist   []histogram // nil if the leaf will not be divided
	best   split
}

// smallWork is the number of row and word pairs below which a second goroutine costs
// more than it brings.
const smallWork = 1 << 14

// parallel calls do for 0 to n-1 on several goroutines.
func (g *grower) parallel(n, work int, do func(int)) {
	workers := min(g.workers, n)
	if workers < 2 || work < smallWork {
		for i := range n {
			do(i)
		}
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	wg.Wait()
}

// grow returns a tree grown on g.rows and g.sums, which it orders by leaf; leaf i of the
// tree holds the rows g.leaves[i].lo to hi. Values are left to the caller.
func (g *grower) grow() tree.Tree {
	var out tree.Tree
	var total pair
	g.cuts = g.cuts[:0]
	for _, s := range g.sums {
		total += s
	}
	root := leaf{hi: int32(len(g.rows)), parent: -1, total: total}
	g.leaves = append(g.leaves[:0], root)
	if g.divisible(&g.leaves[0]) && g.t.Leaves > 1 {
		g.leaves[0].hist = g.histograms(&g.leaves[0])
		g.search(&g.leaves[0])
	}
	for len(g.leaves) < g.t.Leaves {
		at := g.widest()
		if at < 0 {
			break
		}
		g.divide(&out, at)
	}
	for i := range g.leaves {
		l := &g.leaves[i]
		g.release(l)
		if l.parent >= 0 {
			link(&out, l, ^int32(i))
		}
	}
	return out
}

// widest is the leaf whose division lowers the loss most, -1 if there is none.
func (g *grower) widest() int {
	at, gain := -1, 0.0
	for i := range g.leaves {
		if b := &g.leaves[i].best; b.found && b.gain > gain {
			at, gain = i, b.gain
		}
	}
	return at
}

func (g *grower) divisible(l *leaf) bool {
	return int(l.hi-l.lo) >= 2*g.t.MinLeaf && (g.t.MaxDepth <= 0 || int(l.depth) < g.t.MaxDepth)
}

// divide splits leaf at: it keeps the left part, the right part is appended.
func (g *grower) divide(out *tree.Tree, at int) {
	l := g.leaves[at]
	col := &g.d.columns[l.best.column]
	mid, left := g.partition(&l, col.bins)
	if mid == l.lo || mid == l.hi { // cannot be: sums of other rows would have to be zero
		g.leaves[at].best.found = false
		return
	}
	n := tree.Node{Feature: col.feature, Threshold: math.Inf(1), MissingLeft: l.best.missingLeft}
	if int(l.best.at) < len(col.bins.Cuts) {
		n.Threshold = col.bins.Cuts[l.best.at]
	}
	if g.lane(&l)[dataset.MissingBin] == 0 { // nothing to learn the side from: the larger one
		n.MissingLeft = mid-l.lo >= l.hi-mid
	}
	number := int32(len(out.Nodes))
	link(out, &l, number)
	out.Nodes = append(out.Nodes, n)
	out.Gain = append(out.Gain, float32(l.best.gain))
	g.cuts = append(g.cuts, cut{l.best.column, uint8(l.best.at)})

	a := leaf{lo: l.lo, hi: mid, depth: l.depth + 1, parent: number, total: left}
	b := leaf{lo: mid, hi: l.hi, depth: l.depth + 1, parent: number, right: true, total: l.total - left}
	last := len(g.leaves)+1 == g.t.Leaves
	wantA, wantB := !last && g.divisible(&a), !last && g.divisible(&b)
	small, large, wantSmall, wantLarge := &a, &b, wantA, wantB
	if b.hi-b.lo < a.hi-a.lo {
		small, large, wantSmall, wantLarge = &b, &a, wantB, wantA
	}
	if wantLarge { // then the parent's sums become those of the larger part
		small.hist = g.histograms(small)
		large.hist = l.hist
		g.parallel(len(large.hist), len(large.hist)*2048, func(w int) { large.hist[w].subtract(&small.hist[w]) })
		g.search(large)
		if wantSmall {
			g.search(small)
		} else {
			g.release(small)
		}
	} else {
		g.release(&l)
	}
	g.leaves[at] = a
	g.leaves = append(g.leaves, b)
}

// lane is the bins of the leaf for the column of its best split.
func (g *grower) lane(l *leaf) *[256]pair {
	for i, c := range g.chosen {
		if c == l.best.column {
			return &l.hist[i/lanes][i%lanes]
		}
	}
	panic("boost: split on a column that was not chosen")
}

func link(out *tree.Tree, l *leaf, child int32) {
	switch {
	case l.parent < 0:
	case l.right:
		out.Nodes[l.parent].Right = child
	default:
		out.Nodes[l.parent].Left = child
	}
}

// blockRows rows pass all histograms before the next ones: their words stay in the cache.
const blockRows = 256

// histograms sums up the rows of a leaf.
func (g *grower) histograms(l *leaf) []histogram {
	var h []histogram
	if n := len(g.free); n > 0 && len(g.free[n-1]) == g.words.stride {
		h, g.free = g.free[n-1], g.free[:n-1]
	} else {
		h = make([]histogram, g.words.stride)
	}
	rows, sums := g.rows[l.lo:l.hi], g.sums[l.lo:l.hi]
	parts := min(g.workers, len(h))
	g.parallel(parts, len(h)*len(rows), func(p int) {
		from, to := p*len(h)/parts, (p+1)*len(h)/parts
		clear(h[from:to])
		for lo := 0; lo < len(rows); lo += blockRows {
			hi := min(lo+blockRows, len(rows))
			for w := from; w < to; w++ {
				h[w].add(g.words.bits[w:], g.words.stride, rows[lo:hi], sums[lo:hi])
			}
		}
	})
	return h
}

func (g *grower) release(l *leaf) {
	if l.hist != nil {
		g.free = append(g.free, l.hist)
		l.hist = nil
	}
}

// search finds the best split of a leaf. Equal gains: the first column, the first cut.
func (g *grower) search(l *leaf) {
	h := float64(curvature(l.total)) * g.terms.h
	own := g.terms.score(float64(gradient(l.total))*g.terms.g, h)
	bests := make([]split, len(l.hist))
	g.parallel(len(l.hist), len(l.hist)*2048, func(w int) {
		b := split{gain: own + g.t.MinGain + 1e-12}
		for i := w * lanes; i < min(len(g.chosen), (w+1)*lanes); i++ {
			c := g.chosen[i]
			g.terms.scan(&l.hist[w][i%lanes], len(g.d.columns[c].bins.Cuts), l.total, float64(l.hi-l.lo), &b, c)
		}
		bests[w] = b
	})
	l.best = split{}
	for _, b := range bests {
		if b.found && b.gain-own > l.best.gain {
			b.gain -= own
			l.best = b
		}
	}
}

// partition moves the rows of l that go left to its front, in their order, and returns
// where the others begin and the sums of those in front.
func (g *grower) partition(l *leaf, bins *dataset.Bins) (mid int32, left pair) {
	codes, limit := bins.Codes, uint8(l.best.at)
	goesLeft := [256]uint8{}
	for k := 0; k <= int(limit); k++ {
		goesLeft[k] = 1
	}
	goesLeft[dataset.MissingBin] = 0
	if l.best.missingLeft {
		goesLeft[dataset.MissingBin] = 1
	}
	rows, sums := g.rows[l.lo:l.hi], g.sums[l.lo:l.hi]
	sums = sums[:len(rows)]
	spareRows, spareSums := g.spare.rows[:len(rows)], g.spare.sums[:len(rows)]
	a, b := 0, 0
	for i, r := range rows { // both sides are written, one counter moves: no branch to mispredict
		s := sums[i]
		rows[a], sums[a] = r, s
		spareRows[b], spareSums[b] = r, s
		k := goesLeft[codes[r]]
		left += s & -pair(k)
		a += int(k)
		b += int(1 - k)
	}
	copy(rows[a:], spareRows[:b])
	copy(sums[a:], spareSums[:b])
	return l.lo + int32(a), left
}

// leafOf is the leaf of the tree grown last that row i of the data falls into.
func (g *grower) leafOf(t *tree.Tree, i int) int {
	if len(t.Nodes) == 0 {
		return 0
	}
	at := int32(0)
	for at >= 0 {
		n, c := &t.Nodes[at], g.cuts[at]
		k := g.d.columns[c.column].bins.Codes[i]
		if k <= c.at && k != dataset.MissingBin || k == dataset.MissingBin && n.MissingLeft {
			at = n.Left
		} else {
			at = n.Right
		}
	}
	return int(^at)
}
