package tree

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"fm/model"
)

// Decode implements [model.Codec].
func (Codec) Decode(payload []byte) (model.Scorer, error) {
	r := reader{b: payload}
	e := r.ensemble()
	if r.err == nil && len(r.b) > 0 {
		r.err = fmt.Errorf("%d bytes too many", len(r.b))
	}
	if r.err == nil {
		r.err = e.Validate()
	}
	if r.err != nil {
		return nil, fmt.Errorf("decode trees: %w", r.err)
	}
	return e, nil
}

var errShort = errors.New("payload ends too early")

// reader reads a payload; after an error it returns zeros.
type reader struct {
	b   []byte
	err error

	columns        []int32
	thresholds     []numbers
	values, covers numbers
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
}

func (r *reader) ensemble() *Ensemble {
	if first := r.bytes(2); r.err == nil && (first[0] != 0 || first[1] != form) {
		r.fail(errors.New("it is of another form than this fm reads; train the model again"))
	}
	e := &Ensemble{inputs: r.count(maxInputs, 0)}
	outputs := r.count(maxOutputs, 8)
	e.task, e.Transform = model.Task(r.count(int(model.Regression), 0)), Transform(r.count(int(lastTransform), 0))
	flags := r.count(flagsEnsemble, 0)
	e.Average, e.BaseFirst, e.Float32 = flags&flagAverage != 0, flags&flagBaseFirst != 0, flags&flagFloat32 != 0
	switch {
	case flags&flagRaw != 0 && flags&flagIndex != 0:
		r.fail(errors.New("two predictions"))
	case flags&flagRaw != 0:
		e.Predicts = model.Raw
	case flags&flagIndex != 0:
		e.Predicts = model.Index
	}
	if flags&flagSlope != 0 {
		e.Slope = r.float()
	}
	if flags&flagDivisor != 0 {
		e.Divisor = r.float()
	}
	e.Base = make([]float64, outputs)
	for i := range e.Base {
		e.Base[i] = r.float()
	}
	last := 0
	columns := r.count(e.inputs, 2)
	for i := 0; i < columns && r.err == nil; i++ {
		step := r.count(e.inputs, 0)
		if last += step; last >= e.inputs {
			r.fail(fmt.Errorf("column %d of %d", last, e.inputs))
		}
		if step == 0 && i > 0 {
			r.fail(fmt.Errorf("column %d stands twice", last))
		}
		r.columns = append(r.columns, int32(last))
		r.thresholds = append(r.thresholds, r.numbers())
	}
	r.values, r.covers = r.numbers(), r.numbers()
	trees := r.count(maxTrees, 5)
	for range trees {
		if r.err != nil {
			break
		}
		e.Trees = append(e.Trees, r.tree(outputs))
	}
	return e
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.fail(errShort)
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads a number of at most limit; if size is given, of things of at least size
// bytes each that must still follow, so that nothing is allocated on a mere claim.
func (r *reader) count(limit, size int) int {
	v := r.uvarint()
	if v > uint64(limit) {
		r.fail(fmt.Errorf("number %d is above %d", v, limit))
		return 0
	}
	if size > 0 && v > uint64(len(r.b)/size) {
		r.fail(errShort)
		return 0
	}
	return int(v)
}

func (r *reader) float() float64 {
	b := r.bytes(8)
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

func (r *reader) numbers() numbers {
	head := r.count(math.MaxInt32, 0)
	n := numbers{each: head&2 != 0, short: head&1 != 0}
	if head>>2 > len(r.b)/n.size() || n.each && head>>2 > 0 {
		r.fail(errShort)
		return n
	}
	n.table = make([]float64, head>>2)
	for i := range n.table {
		n.table[i] = r.plain(&n)
	}
	return n
}

func (r *reader) plain(n *numbers) float64 {
	if !n.short {
		return r.float()
	}
	b := r.bytes(4)
	if b == nil {
		return 0
	}
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
}

// number reads one of n.
func (r *reader) number(n *numbers) float64 {
	if n.each {
		return r.plain(n)
	}
	if i := r.count(math.MaxInt32, 0); i < len(n.table) {
		return n.table[i]
	}
	r.fail(errors.New("a number points behind its table"))
	return 0
}

// want is a place in a node that still waits for its child.
type want struct {
	node        int32
	right, leaf bool
}

func (r *reader) tree(outputs int) Tree {
	var t Tree
	nodes := r.count(math.MaxInt32/8, 4) // a node takes 4 bytes or more
	flags := r.count(flagsTree, 0)
	width := outputs
	if t.Output = Vector; flags&flagVector == 0 {
		t.Output, width = int32(r.count(outputs, 0)), 1
	}
	r.sets(&t)
	if r.err != nil {
		return t
	}
	if leaves := nodes + 1; leaves*(width+1)+4*nodes > len(r.b) {
		r.fail(errShort)
		return t
	}
	t.Nodes, t.Gain = make([]Node, 0, nodes), make([]float32, 0, nodes)
	t.Values, t.Cover = make([]float64, 0, (nodes+1)*width), make([]float64, 0, nodes+1)
	if flags&flagNodeCover != 0 {
		t.NodeCover = make([]float64, 0, nodes)
	}
	if flags&flagNames != 0 {
		t.LeafNames = make([]int32, 0, nodes+1)
	}
	if flags&flagLinear != 0 {
		t.Linear = make([]Linear, 0, min(nodes+1, len(r.b)/8))
	}
	stack := []want{{node: -1, leaf: nodes == 0}}
	for len(stack) > 0 && r.err == nil {
		w := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		child := int32(len(t.Nodes))
		if w.leaf {
			child = ^int32(len(t.Cover))
			r.leaf(&t, width)
		} else {
			if len(t.Nodes) == nodes {
				r.fail(errors.New("a tree has more nodes than it says"))
				break
			}
			left, right := r.node(&t)
			stack = append(stack, want{child, true, right}, want{child, false, left})
		}
		if w.node >= 0 {
			if w.right {
				t.Nodes[w.node].Right = child
			} else {
				t.Nodes[w.node].Left = child
			}
		}
	}
	if r.err == nil && len(t.Nodes) != nodes {
		r.fail(errors.New("a tree has fewer nodes than it says"))
	}
	return t
}

func (r *reader) sets(t *Tree) {
	for n := r.count(maxSets, 1); n > 0 && r.err == nil; n-- {
		head := r.count(math.MaxInt32, 0)
		if head>>2 > len(r.b) {
			r.fail(errShort)
			return
		}
		s := Set{Bits: make([]uint64, head>>2), Above: head&2 != 0, Below: head&1 != 0}
		for i := range s.Bits {
			s.Bits[i] = r.uvarint()
		}
		t.Sets = append(t.Sets, s)
	}
}

// leaf reads the next leaf of t.
func (r *reader) leaf(t *Tree, width int) {
	for range width {
		t.Values = append(t.Values, r.number(&r.values))
	}
	t.Cover = append(t.Cover, r.number(&r.covers))
	if t.LeafNames != nil {
		t.LeafNames = append(t.LeafNames, int32(r.count(math.MaxInt32, 0)))
	}
	if t.Linear == nil {
		return
	}
	l := Linear{Const: r.float()}
	if n := r.count(maxInputs, 9); n > 0 {
		l.Features, l.Coefs = make([]int32, n), make([]float64, n)
	}
	for i := range l.Features {
		l.Features[i], l.Coefs[i] = int32(r.count(maxInputs, 0)), r.float()
	}
	t.Linear = append(t.Linear, l)
}

// node reads the next node of t and says which of its children are leaves.
func (r *reader) node(t *Tree) (left, right bool) {
	head := r.count(math.MaxInt32, 0)
	slot := head >> 5
	if slot >= len(r.columns) {
		r.fail(fmt.Errorf("a node asks for column %d of %d used", slot, len(r.columns)))
		return false, false
	}
	n := Node{Feature: r.columns[slot], Kind: Kind(head >> 3 & 3), MissingLeft: head&4 != 0}
	if n.Kind == Categorical {
		n.Set = uint16(r.count(maxSets-1, 0))
	} else {
		n.Threshold = r.number(&r.thresholds[slot])
	}
	if t.NodeCover != nil {
		t.NodeCover = append(t.NodeCover, r.number(&r.covers))
	}
	gain := r.bytes(2)
	if r.err != nil {
		return false, false
	}
	t.Nodes = append(t.Nodes, n)
	t.Gain = append(t.Gain, math.Float32frombits(uint32(binary.LittleEndian.Uint16(gain))<<16))
	return head&2 != 0, head&1 != 0
}
