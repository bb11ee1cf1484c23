package tree

import (
	"context"
	"math"
	"math/rand/v2"

	"fm/dataset"
)

// Criterion is the impurity that splits lower.
type Criterion uint8

// Criteria, as in Breiman et al., Classification and Regression Trees (1984), and
// Quinlan, C4.5 (1993).
const (
	Gini Criterion = iota
	Entropy
)

// String is the name of the criterion.
func (c Criterion) String() string { return [...]string{"gini", "entropy"}[c] }

// Params bound one tree.
type Params struct {
	Criterion Criterion
	MinLeaf   int // least number of training rows in a leaf, repeated rows counted once; below 1 means 1
	MaxDepth  int // splits on the longest path; 0 means no bound
	Features  int // columns drawn for each node; 0 means all
}

// Grower grows classification trees on one [Data], one after the other, in memory that
// it keeps. It belongs to one goroutine; several growers may share a Data.
type Grower struct {
	d        *Data
	p        Params
	rng      *rand.Rand
	rows     []int32 // training rows, node by node; stable, so ascending within a node
	spare    []int32
	stat     []uint64 // packed counts of the row at the same place of rows
	spareSt  []uint64
	weight   []float64 // weight of the row at the same place, if counts are not packed
	spareW   []float64
	order    []int32 // columns, the drawn ones of the node in hand first
	stack    []pending
	best     split
	bins     binned
	total    []float64         // scratch of float scans: totals, left, right, then missing
	splits   []code            // of each node of the last tree
	sets     map[setKey]uint16 // of the last tree
	tree     Tree
	keys     []uint64 // exact columns: rank and place
	features int
}

// pending is a node that still has to be looked at.
type pending struct {
	lo, hi, depth int32
	parent        int32 // node whose child it is; -1 for the root
	right         bool
}

// code is a split in terms of codes, to send training rows through the tree.
type code struct {
	column, at int32
}

// split is the best split of a node so far.
type split struct {
	score       float64
	column, at  int32
	missingLeft bool
	found       bool
}

// NewGrower returns a grower over d.
func NewGrower(d *Data, p Params) *Grower {
	p.MinLeaf = max(1, p.MinLeaf)
	if p.MaxDepth <= 0 {
		p.MaxDepth = math.MaxInt32
	}
	n := len(d.y)
	g := &Grower{d: d, p: p, sets: map[setKey]uint16{}, rows: make([]int32, 0, n), spare: make([]int32, n), order: make([]int32, len(d.columns))}
	if d.packed {
		g.stat, g.spareSt = make([]uint64, 0, n), make([]uint64, n)
	} else {
		g.weight, g.spareW = make([]float64, 0, n), make([]float64, n)
	}
	g.features = p.Features
	if g.features <= 0 || g.features >= len(d.columns) {
		g.features = len(d.columns)
	}
	g.bins.init(d)
	g.total = make([]float64, 4*(d.classes+1))
	return g
}

// Grow returns a tree grown on the rows of the data, row i taken copies[i] times; nil
// copies means each once. rng may be nil if all columns are looked at in each node.
func (g *Grower) Grow(ctx context.Context, rng *rand.Rand, copies []uint16) (Tree, error) {
	g.rng, g.tree, g.splits = rng, Tree{Output: output(g.d.classes)}, g.splits[:0]
	clear(g.sets)
	for i := range g.order {
		g.order[i] = int32(i)
	}
	g.load(copies)
	g.stack = append(g.stack[:0], pending{hi: int32(len(g.rows)), parent: -1})
	for steps := 0; len(g.stack) > 0; steps++ {
		if steps%64 == 0 && ctx.Err() != nil {
			return Tree{}, ctx.Err()
		}
		at := g.stack[len(g.stack)-1]
		g.stack = g.stack[:len(g.stack)-1]
		g.node(at)
	}
	return g.tree, nil
}

// output is what the leaves of a classification tree add to: the only output of two
// classes, or all of more.
func output(classes int) int32 {
	if classes > 2 {
		return Vector
	}
	return 0
}

// load fills rows with those that are taken at least once.
func (g *Grower) load(copies []uint16) {
	g.rows, g.stat, g.weight = g.rows[:0], g.stat[:0], g.weight[:0]
	for i := range g.d.y {
		n := uint16(1)
		if copies != nil {
			n = copies[i]
		}
		if n == 0 || g.d.weight != nil && g.d.weight[i] == 0 {
			continue
		}
		g.rows = append(g.rows, int32(i))
		if g.d.packed {
			g.stat = append(g.stat, packed(uint64(n), g.d.y[i] == 1))
		} else {
			w := float64(n)
			if g.d.weight != nil {
				w *= g.d.weight[i]
			}
			g.weight = append(g.weight, w)
		}
	}
}

// node splits one node or makes it a leaf.
func (g *Grower) node(at pending) {
	var score float64
	var divisible bool
	if g.d.packed {
		var sum uint64
		for _, s := range g.stat[at.lo:at.hi] {
			sum += s
		}
		g.bins.total = sum
		score, divisible = scorePacked(sum, g.p.Criterion), counted(sum) >= 2*g.p.MinLeaf && !purePacked(sum)
	} else {
		score, divisible = g.totals(at)
	}
	if divisible && int(at.depth) < g.p.MaxDepth && g.search(at, score) {
		g.divide(at, score)
		return
	}
	leaf := int32(len(g.tree.Cover))
	g.link(at, ^leaf)
	g.leaf()
}

// link tells the parent of a node its number.
func (g *Grower) link(at pending, child int32) {
	switch {
	case at.parent < 0:
	case at.right:
		g.tree.Nodes[at.parent].Right = child
	default:
		g.tree.Nodes[at.parent].Left = child
	}
}

// leaf appends a leaf with the class shares of the totals in hand: for two classes the
// share of class 1, otherwise one share a class. A share is that of the rows and one more
// of each class (Laplace's rule; Provost and Domingos, Tree Induction for Probability-Based
// Ranking, 2003): a pure leaf of many rows says more than one of few, so that scores do
// not pile up at 0 and 1, where no threshold could part them.
func (g *Grower) leaf() {
	if g.d.packed {
		n, positive := copiesOf(g.bins.total), positives(g.bins.total)
		g.tree.Cover = append(g.tree.Cover, n)
		g.tree.Values = append(g.tree.Values, (positive+1)/(n+2))
		return
	}
	k := g.d.classes
	sum := 0.0
	for _, w := range g.total[1 : k+1] {
		sum += w
	}
	g.tree.Cover = append(g.tree.Cover, sum)
	first := 1
	if k == 2 {
		first = 2
	}
	for _, w := range g.total[first : k+1] {
		g.tree.Values = append(g.tree.Values, (w+1)/(sum+float64(k)))
	}
}

// search looks at the columns drawn for the node, and at further ones as long as all
// were constant; it reports whether a split was found.
func (g *Grower) search(at pending, score float64) bool {
	// A split that changes nothing but rounding is taken too, since its children may do better.
	g.best = split{score: score - 1e-9*math.Abs(score) - 1e-300}
	varied := false
	for i := 0; i < len(g.order) && (i < g.features || !varied); i++ {
		if g.features < len(g.order) {
			j := i + g.rng.IntN(len(g.order)-i)
			g.order[i], g.order[j] = g.order[j], g.order[i]
		}
		c := g.order[i]
		if g.d.columns[c].words != nil && len(g.tree.Sets) == mostSets {
			continue
		}
		if g.gather(&g.d.columns[c], at) {
			varied = true
			if g.d.packed {
				g.scanPacked(c)
			} else {
				g.scanFloats(c)
			}
		}
	}
	return g.best.found
}

// divide makes an inner node and puts its children on the stack, the left one on top,
// so that nodes are numbered in preorder.
func (g *Grower) divide(at pending, score float64) {
	col := &g.d.columns[g.best.column]
	n := Node{Feature: col.feature, Threshold: math.Inf(1), MissingLeft: g.best.missingLeft}
	switch {
	case col.words != nil:
		n.Kind, n.Threshold = Categorical, 0
		n.Set = g.set(g.best.column, g.best.at, g.best.missingLeft)
	case int(g.best.at) < len(col.cuts):
		n.Threshold = col.cuts[g.best.at]
	}
	number := int32(len(g.tree.Nodes))
	g.link(at, number)
	g.tree.Nodes = append(g.tree.Nodes, n)
	g.tree.Gain = append(g.tree.Gain, float32(max(0, g.best.score-score)))
	g.splits = append(g.splits, code{column: g.best.column, at: g.best.at})
	mid := g.partition(at, col)
	g.stack = append(g.stack,
		pending{lo: mid, hi: at.hi, depth: at.depth + 1, parent: number, right: true},
		pending{lo: at.lo, hi: mid, depth: at.depth + 1, parent: number})
}

// partition moves the rows that go left to the front of the node, in their order, and
// returns where the others begin.
func (g *Grower) partition(at pending, col *column) int32 {
	missing, limit, missingLeft := col.missing(), int(g.best.at), g.best.missingLeft
	mid, right := at.lo, int32(0)
	for i := at.lo; i < at.hi; i++ {
		r := g.rows[i]
		k := col.code(r)
		if k <= limit && k != missing || k == missing && missingLeft {
			g.rows[mid] = r
			if g.d.packed {
				g.stat[mid] = g.stat[i]
			} else {
				g.weight[mid] = g.weight[i]
			}
			mid++
		} else {
			g.spare[right] = r
			if g.d.packed {
				g.spareSt[right] = g.stat[i]
			} else {
				g.spareW[right] = g.weight[i]
			}
			right++
		}
	}
	copy(g.rows[mid:at.hi], g.spare[:right])
	if g.d.packed {
		copy(g.stat[mid:at.hi], g.spareSt[:right])
	} else {
		copy(g.weight[mid:at.hi], g.spareW[:right])
	}
	return mid
}

// Leaf is the leaf of the tree grown last that row i of the data falls into.
func (g *Grower) Leaf(i int) int {
	if len(g.tree.Nodes) == 0 {
		return 0
	}
	at := int32(0)
	for at >= 0 {
		s, n := g.splits[at], &g.tree.Nodes[at]
		col := &g.d.columns[s.column]
		k := col.code(int32(i))
		if k == col.missing() {
			if n.MissingLeft {
				at = n.Left
			} else {
				at = n.Right
			}
		} else if k <= int(s.at) {
			at = n.Left
		} else {
			at = n.Right
		}
	}
	return int(^at)
}

// missingCode is the code of a missing value in a binned column.
const missingCode = dataset.MissingBin
