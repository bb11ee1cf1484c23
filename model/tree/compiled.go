package tree

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// compiled is an ensemble made ready for scoring. The plain path ([Ensemble.plain]) walks
// node by node through the trees as they are; this one finds the same leaves and adds
// their values in the same order, so it gives the same bits:
//
//   - Values become codes first: how many of the thresholds that the ensemble has for a
//     column lie below the value, in 7 bits. All that is special about a value (missing, a
//     zero that is missing, a category) is dealt with there, once a row and not once a
//     node. See coded.
//   - Trees of up to 256 leaves are not walked. Every node is decided for all 64 rows of a
//     block at once, as a mask of the rows that reach it and go right; the number of a
//     row's leaf is the sum of the leaves passed by at the nodes where it went right. There
//     is no branch, and the masks of 64 rows are few instructions. See maskNode.
//   - Larger trees, and all trees where rows come one by one, are walked without branches,
//     eight rows or eight trees abreast, on nodes of 8 bytes. See walkNode.
//
// QuickScorer (Lucchese and others, 2015) keeps the leaves that a row can still reach as
// the bits of a word, so that its work grows with the square of the leaves; keeping the
// rows that still reach a node does not. Codes instead of values make the nodes small and
// 64 comparisons one instruction.
type compiled struct {
	plain   bool  // the plain path does as well: nothing else is set but trees and count
	trees   *Tree // the ensemble's first and how many, to see that it is still the same
	count   int
	kernel  kernel
	inputs  int
	rows    int      // that are scored at a time, a multiple of blockRows
	few     int      // fewer rows are scored one by one
	coded   []coded  // as they lie in a row
	alike   []int32  // coded columns of numbers, those with equal steps together
	sets    []int32  // coded columns of categories
	eights  []eight  // alike, for the kernels that gather
	keys    []uint64 // of eights
	width   int      // codes of a row
	plans   []plan
	byDepth []int32 // plans, those with the shortest longest path first
	masks   []maskNode
	walks   []walkNode
	numbers []uint32             // place among the leaves, from left to right, of each leaf among walks
	values  []float64            // of trees that are added as they are, leaves from left to right
	leaves  []int32              // of all other trees: the tree's own numbers of the leaves from left to right
	room    atomic.Pointer[room] // of one goroutine, so that it never allocates
	rooms   sync.Pool            // of the others
}

// plan says how one tree is scored.
type plan struct {
	masks  int32 // first in compiled.masks
	nodes  int32 // number of them; 0 if the tree is walked
	walks  int32 // root in compiled.walks
	depth  int32 // steps of the longest path
	output int32 // where values are added; -1 if the leaves are added by [Ensemble.add]
	values int32 // first in compiled.values or compiled.leaves
}

// blockRows rows are decided at a time: the bits of a word.
const blockRows = 64

// maskLeaves is how many leaves a tree may have to be decided by masks; goLeaves is where
// walks overtake masks in Go.
const (
	maskLeaves = 256
	goLeaves   = 128
)

// maskNode is an inner node in 8 bytes. The nodes of a tree lie level by level. Node i
// leaves the rows that go left in slot 2i+2 and those that go right in slot 2i+3; slot 0
// holds all rows.
type maskNode struct {
	column uint32 // of codes
	from   uint16 // slot of the rows that reach the node
	code   uint8  // rows with this code or a higher one go right
	step   uint8  // leaves on the left
}

// walkNode is a node or a leaf in 8 bytes: next<<32 | column<<9 | code. A row with this
// code or a higher one goes to next, any other to next+1. A leaf has a code above all,
// and next is the place before it: it leads to itself.
type walkNode uint64

const (
	walkLeaf    = 256
	walkColumns = 1 << 23
)

// roomBytes bounds what is kept of the rows that are scored at a time, so that it stays
// in the second level cache; at least one block is.
const (
	roomBytes = 256 << 10
	roomRows  = 8 * blockRows
)

// compile returns the compiled form of e, which has trees, or one that says that the
// plain path serves it as well: rows of many columns cost more to code than is won on few
// trees. Of a walk about half is won, of masks most.
func compile(e *Ensemble, k kernel) *compiled {
	c := newCoder(e)
	won := 0
	for t := range e.Trees {
		if depth := e.Trees[t].meanDepth(); len(e.Trees[t].Nodes) < maskLeaves {
			won += depth
		} else {
			won += depth / 2
		}
	}
	if won < c.cost(k) {
		return plainly(e)
	}
	return compileAll(e, k, c)
}

func plainly(e *Ensemble) *compiled {
	return &compiled{plain: true, trees: &e.Trees[0], count: len(e.Trees)}
}

func compileAll(e *Ensemble, k kernel, c *coder) *compiled {
	nodes := 0
	for t := range e.Trees {
		nodes += 2*len(e.Trees[t].Nodes) + 1
	}
	if c.width >= walkColumns || nodes >= math.MaxInt32 {
		return plainly(e)
	}
	f := &compiled{kernel: k, trees: &e.Trees[0], count: len(e.Trees), inputs: e.inputs, width: max(c.width, 1)}
	f.walks, f.numbers = make([]walkNode, 1, nodes+1), make([]uint32, 1, nodes+1) // place 0 is none's, see walkNode
	for t := range e.Trees {
		f.add(e, t, c)
	}
	f.orderByDepth()
	f.coded = c.coded
	f.orderCoded()
	if k == avx512 {
		f.gather()
	}
	outputs := len(e.Base)
	f.rows = min(max(roomBytes/(f.width+8*outputs)/blockRows, 1)*blockRows, roomRows)
	f.few = f.fewRows()
	f.rooms.New = func() any {
		r := &room{
			codes: make([]uint8, f.rows*f.width+8), // walk512 reads 8 bytes for one
			sums:  make([]float64, f.rows*outputs),
			trees: make([]uint32, len(f.plans)),
			ranks: make([]uint32, 8*len(f.eights)),
		}
		for i := range r.lanes {
			r.lanes[i] = uint32(i)
		}
		return r
	}
	return f
}

// fewRows is up to how many rows are sooner scored one by one. The masks of a block cost the
// same for one row as for all, and the more the larger the trees are; figures as measured.
func (f *compiled) fewRows() int {
	mean := len(f.masks) / len(f.plans)
	if f.kernel == generic {
		return 8 + mean/8
	}
	return 4 + mean/16
}

// of reports whether f was made of the trees that e has now.
func (f *compiled) of(e *Ensemble) bool {
	return f != nil && len(e.Trees) == f.count && &e.Trees[0] == f.trees
}

// decision is the code column that a node asks for, and the least code that goes right.
type decision struct {
	column uint32
	code   uint8
}

// add appends tree number t.
func (f *compiled) add(e *Ensemble, number int, c *coder) {
	t := &e.Trees[number]
	l := t.layout()
	p := plan{masks: int32(len(f.masks)), walks: int32(len(f.walks)), depth: l.depth, output: t.Output}
	if t.Output == Vector || t.Linear != nil {
		p.output, p.values = -1, int32(len(f.leaves))
		f.leaves = append(f.leaves, l.leaves...)
	} else {
		p.values = int32(len(f.values))
		for _, leaf := range l.leaves {
			v := t.Values[leaf]
			if e.Float32 {
				v = float64(float32(v))
			}
			f.values = append(f.values, v)
		}
	}
	decisions := make([]decision, len(t.Nodes))
	for i := range decisions {
		decisions[i] = c.find(number, &t.Nodes[i])
	}
	if n := len(l.leaves); n > 1 && (n <= goLeaves || n <= maskLeaves && f.kernel != generic) {
		p.nodes = int32(len(t.Nodes))
		f.addMasks(t, decisions, l)
	}
	f.addWalks(t, decisions, l)
	f.plans = append(f.plans, p)
}

func (f *compiled) addMasks(t *Tree, decisions []decision, l *layout) {
	type reached struct {
		at   int32
		from uint16
	}
	queue := make([]reached, 1, len(t.Nodes))
	for i := 0; i < len(queue); i++ {
		q := queue[i]
		n, d := &t.Nodes[q.at], decisions[q.at]
		f.masks = append(f.masks, maskNode{column: d.column, from: q.from, code: d.code, step: uint8(l.left[q.at])})
		if n.Left >= 0 {
			queue = append(queue, reached{n.Left, uint16(2*i + 2)})
		}
		if n.Right >= 0 {
			queue = append(queue, reached{n.Right, uint16(2*i + 3)})
		}
	}
}

func (f *compiled) addWalks(t *Tree, decisions []decision, l *layout) {
	base := len(f.walks)
	queue := make([]int32, 1, 2*len(t.Nodes)+1)
	queue[0] = t.root()
	for i := 0; i < len(queue); i++ {
		at := queue[i]
		if at < 0 {
			f.walks = append(f.walks, walkNode(uint64(base+i-1)<<32|walkLeaf))
			f.numbers = append(f.numbers, uint32(l.place[^at]))
			continue
		}
		n, d := &t.Nodes[at], decisions[at]
		f.walks = append(f.walks, walkNode(uint64(base+len(queue))<<32|uint64(d.column)<<9|uint64(d.code)))
		f.numbers = append(f.numbers, 0)
		queue = append(queue, n.Right, n.Left)
	}
}

func (f *compiled) orderCoded() {
	slices.SortFunc(f.coded, func(a, b coded) int { return cmp.Compare(a.feature, b.feature) })
	for i := range f.coded {
		if f.coded[i].set != nil {
			f.sets = append(f.sets, int32(i))
		} else {
			f.alike = append(f.alike, int32(i))
		}
	}
	slices.SortStableFunc(f.alike, func(a, b int32) int { return cmp.Compare(f.coded[a].steps, f.coded[b].steps) })
}

func (f *compiled) orderByDepth() {
	var most int32
	for i := range f.plans {
		most = max(most, f.plans[i].depth)
	}
	first := make([]int32, most+2) // counting sort
	for i := range f.plans {
		first[f.plans[i].depth+1]++
	}
	for d := range most + 1 {
		first[d+1] += first[d]
	}
	f.byDepth = make([]int32, len(f.plans))
	for i := range f.plans {
		d := f.plans[i].depth
		f.byDepth[first[d]] = int32(i)
		first[d]++
	}
}
