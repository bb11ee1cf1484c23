package boost

import (
	"math"

	"fm/dataset"
	"fm/model/tree"
)

// grower grows the trees of one training, one after the other, in memory that it keeps.
type grower struct {
	d *data
	t Trainer // with defaults

	words   words     // the lanes of this tree
	chosen  []int32   // which ones, by place
	columns [][]int32 // of each place: the columns that may be split

	sums   []pair  // of each row of the data
	rows   []int32 // rows of this tree, leaf by leaf, ascending within a leaf
	whole  bool    // rows are all rows, in order until the first split
	spare  []int32
	leaves []leaf
	sides  []side        // of each node of the tree, to send rows of the data through it
	free   [][]histogram // of leaves that are divided
	terms  terms
	grown  uint64     // trees
	goes   [256]uint8 // 1 for codes that go left, of the node being divided
	tried  []bool     // columns that the node at hand may be split by; nil: all
}

// side is a split in terms of bins.
type side struct {
	column int32
	left   set
}

// set is a set of bins.
type set [4]uint64

func (s *set) add(k uint8)      { s[k>>6] |= 1 << (k & 63) }
func (s *set) has(k uint8) bool { return s[k>>6]>>(k&63)&1 == 1 }

// leaf is a leaf of the tree in progress.
type leaf struct {
	lo, hi      int32 // its part of rows
	depth       int32
	parent      int32 // node above it, -1 at the root
	right       bool  // which child of it
	total       pair
	l2          float64 // added to the L2 of its value: of a leaf of many words
	least, most float64 // bounds of its value, of monotone columns above it
	hist        []histogram
	best        split
}

// smallWork is the number of row and word pairs below which a second goroutine costs
// more than it brings.
const smallWork = 1 << 14

// parallel calls do for 0 to n-1 on several goroutines if work is worth it.
func (g *grower) parallel(n, work int, do func(int)) {
	workers := g.t.Workers
	if work < smallWork {
		workers = 1
	}
	dataset.Each(n, workers, do)
}

// grow returns a tree grown on g.rows and g.sums; it orders the rows by leaf: leaf i of
// the tree holds g.rows[g.leaves[i].lo:g.leaves[i].hi]. Values are left to the caller.
func (g *grower) grow() tree.Tree {
	var out tree.Tree
	var total pair
	g.sides = g.sides[:0]
	g.grown++
	for _, r := range g.rows {
		total += g.sums[r]
	}
	root := leaf{hi: int32(len(g.rows)), parent: -1, total: total, least: math.Inf(-1), most: math.Inf(1)}
	g.leaves = append(g.leaves[:0], root)
	if g.divisible(&g.leaves[0]) && g.t.Leaves > 1 && len(g.chosen) > 0 {
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
	left := l.best.bins()
	mid := g.partition(&l, col.bins.Codes, &left)
	g.whole = false
	if mid == l.lo || mid == l.hi { // can be where rows are so light that their sums are zero
		g.leaves[at].best.found = false
		return
	}
	if !l.best.missing && mid-l.lo >= l.hi-mid { // nothing to learn the side from: the larger one
		left.add(dataset.MissingBin)
	}
	number := int32(len(out.Nodes))
	link(out, &l, number)
	out.Nodes = append(out.Nodes, col.node(&left, l.best.at, out))
	out.Gain = append(out.Gain, float32(l.best.gain))
	g.sides = append(g.sides, side{l.best.column, left})

	a, b := l, l
	a.hi, a.total, a.l2, a.right = mid, l.best.left, l.best.l2, false
	b.lo, b.total, b.l2, b.right = mid, l.total-l.best.left, l.best.l2, true
	for _, c := range [2]*leaf{&a, &b} {
		c.depth, c.parent, c.hist, c.best = l.depth+1, number, nil, split{}
	}
	g.bound(&a, &b, col.monotone)
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

// bound bounds the values of two new leaves where their split is on a monotone column:
// nothing below the one may cross the middle between them (LightGBM's basic method).
func (g *grower) bound(a, b *leaf, monotone int8) {
	if monotone == 0 {
		return
	}
	middle := g.terms.value(a)/2 + g.terms.value(b)/2
	if monotone < 0 {
		a, b = b, a
	}
	a.most, b.least = min(a.most, middle), max(b.least, middle)
}

// node is the inner node that sends the bins of left to the left, at being the last of
// them in a column of numbers; the words go to the sets of out.
func (c *column) node(left *set, at int32, out *tree.Tree) tree.Node {
	n := tree.Node{Feature: c.feature, MissingLeft: left.has(dataset.MissingBin)}
	if c.words == 0 {
		n.Threshold = math.Inf(1)
		if int(at) < len(c.bins.Cuts) {
			n.Threshold = c.bins.Cuts[at]
		}
		return n
	}
	s := tree.Set{Below: n.MissingLeft, Above: n.MissingLeft} // words that are too rare for a bin are as if missing
	end := 0
	if n.MissingLeft {
		end = (c.words + 63) / 64
	}
	for k, w := range c.bins.Categories {
		if left.has(uint8(k)) {
			end = max(end, int(w)/64+1)
		}
	}
	s.Bits = make([]uint64, end)
	if n.MissingLeft {
		for i := range s.Bits {
			s.Bits[i] = math.MaxUint64
		}
	}
	for k, w := range c.bins.Categories {
		if int(w) < 64*end {
			s.Bits[w/64] &^= 1 << (w % 64)
			if left.has(uint8(k)) {
				s.Bits[w/64] |= 1 << (w % 64)
			}
		}
	}
	n.Kind, n.Set = tree.Categorical, uint16(len(out.Sets))
	out.Sets = append(out.Sets, s)
	return n
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

// search finds the best split of a leaf. Equal gains: the first column, the first cut.
func (g *grower) search(l *leaf) {
	n := g.terms.node(l)
	g.try(l)
	bests := make([]split, len(l.hist))
	none := split{gain: n.own + g.t.MinGain + 1e-12}
	g.parallel(len(l.hist), len(l.hist)*2048, func(w int) {
		b := none
		var scratch [256]pair
		for i := w * lanes; i < min(len(g.chosen), (w+1)*lanes); i++ {
			for _, c := range g.columns[i] {
				if g.tried != nil && !g.tried[c] {
					continue
				}
				col := &g.d.columns[c]
				sums := col.sums(&l.hist[w][i%lanes], g.d.lanes[col.lane].used, &scratch)
				found := none
				switch {
				case col.words > 0:
					n.scanWords(sums, len(col.bins.Categories), &found)
				case n.bounded || col.monotone != 0:
					n.scanBounded(sums, len(col.bins.Cuts), col.monotone, &found)
				default:
					n.scan(sums, len(col.bins.Cuts), &found)
				}
				if found.gain > b.gain || found.gain > none.gain && found.gain == b.gain && c < b.column {
					b = found
					b.column, b.missing, b.found = c, sums[dataset.MissingBin] != 0, true
				}
			}
		}
		bests[w] = b
	})
	l.best = split{}
	for _, b := range bests {
		if !b.found {
			continue
		}
		b.gain -= n.own
		if b.gain > l.best.gain || b.gain == l.best.gain && b.column < l.best.column {
			l.best = b
		}
	}
}

// leafOf is the leaf of the tree grown last that row i of the data falls into.
func (g *grower) leafOf(t *tree.Tree, i int) int {
	at := int32(0)
	if len(t.Nodes) == 0 {
		return 0
	}
	for at >= 0 {
		n, s := &t.Nodes[at], &g.sides[at]
		if s.left.has(g.d.columns[s.column].bins.Codes[i]) {
			at = n.Left
		} else {
			at = n.Right
		}
	}
	return int(^at)
}
