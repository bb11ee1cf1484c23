package tree

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"fm/model"
)

// Codec writes ensembles to model files and reads them. Thresholds, leaf values and
// covers go into tables of their distinct values, since a forest repeats few of them
// very often; gains keep 8 significant bits. The bytes depend on the ensemble only, and
// writing what was read gives the same bytes.
//
// Layout, integers as unsigned varints unless said otherwise, floats as 8 bytes little endian:
//
//	inputs, outputs, task, transform, average
//	base value of each output (floats)
//	columns used; for each: step from the column before, thresholds, these ascending (floats)
//	leaf values: number, ascending by their bits (floats)
//	covers: number, ascending (floats)
//	trees; for each: nodes, then the tree in preorder:
//	  node: slot of the column <<3 | missing left <<2 | left is a leaf <<1 | right is a leaf,
//	        place of the threshold, gain (2 bytes little endian: upper half of a float32)
//	  leaf: place of each value, place of the cover
type Codec struct{}

var _ model.Codec = Codec{}

// Limits on what a payload may claim.
const (
	maxInputs  = 1 << 20
	maxOutputs = 1 << 12
	maxTrees   = 1 << 18
)

// Append implements [model.Codec]; s is an *Ensemble.
func (Codec) Append(dst []byte, s model.Scorer) ([]byte, error) {
	e, ok := s.(*Ensemble)
	if !ok {
		return nil, fmt.Errorf("encode trees: a %T is no ensemble", s)
	}
	if err := e.Validate(); err != nil {
		return nil, fmt.Errorf("encode trees: %w", err)
	}
	w := newTables(e)
	average := uint64(0)
	if e.Average {
		average = 1
	}
	for _, v := range []uint64{uint64(e.inputs), uint64(len(e.Base)), uint64(e.task), uint64(e.Transform), average} {
		dst = binary.AppendUvarint(dst, v)
	}
	dst = appendFloats(dst, e.Base)
	dst = binary.AppendUvarint(dst, uint64(len(w.columns)))
	last := int32(0)
	for _, c := range w.columns {
		dst = binary.AppendUvarint(dst, uint64(c-last))
		last = c
		dst = binary.AppendUvarint(dst, uint64(len(w.thresholds[c])))
		dst = appendFloats(dst, w.thresholds[c])
	}
	dst = binary.AppendUvarint(dst, uint64(len(w.values)))
	dst = appendFloats(dst, w.values)
	dst = binary.AppendUvarint(dst, uint64(len(w.covers)))
	dst = appendFloats(dst, w.covers)
	dst = binary.AppendUvarint(dst, uint64(len(e.Trees)))
	for t := range e.Trees {
		dst = w.appendTree(dst, &e.Trees[t], len(e.Base))
	}
	return dst, nil
}

// tables are the distinct numbers of an ensemble.
type tables struct {
	columns        []int32
	slot           map[int32]int
	thresholds     map[int32][]float64
	values, covers []float64
}

func newTables(e *Ensemble) *tables {
	w := &tables{slot: map[int32]int{}, thresholds: map[int32][]float64{}}
	for t := range e.Trees {
		tree := &e.Trees[t]
		for i := range tree.Nodes {
			c := tree.Nodes[i].Feature
			w.thresholds[c] = append(w.thresholds[c], tree.Nodes[i].Threshold)
		}
		w.values = append(w.values, tree.Values...)
		w.covers = append(w.covers, tree.Cover...)
	}
	for c := range w.thresholds {
		w.columns = append(w.columns, c)
		w.thresholds[c] = distinct(w.thresholds[c])
	}
	slices.Sort(w.columns)
	for i, c := range w.columns {
		w.slot[c] = i
	}
	w.values, w.covers = distinct(w.values), distinct(w.covers)
	return w
}

// key orders floats, -0 before 0; it is its own name for every float that is not NaN.
func key(v float64) uint64 {
	b := math.Float64bits(v)
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}

func compareKeys(a, b float64) int {
	ka, kb := key(a), key(b)
	if ka < kb {
		return -1
	} else if ka > kb {
		return 1
	}
	return 0
}

func distinct(v []float64) []float64 {
	slices.SortFunc(v, compareKeys)
	return slices.CompactFunc(v, func(a, b float64) bool { return compareKeys(a, b) == 0 })
}

func place(table []float64, v float64) uint64 {
	i, _ := slices.BinarySearchFunc(table, v, compareKeys)
	return uint64(i)
}

func appendFloats(dst []byte, v []float64) []byte {
	for _, x := range v {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
	}
	return dst
}

func (w *tables) appendTree(dst []byte, t *Tree, outputs int) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(t.Nodes)))
	stack := []int32{0}
	if len(t.Nodes) == 0 {
		stack[0] = -1
	}
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if at < 0 {
			leaf := int(^at)
			for _, v := range t.Values[leaf*outputs : (leaf+1)*outputs] {
				dst = binary.AppendUvarint(dst, place(w.values, v))
			}
			dst = binary.AppendUvarint(dst, place(w.covers, t.Cover[leaf]))
			continue
		}
		n := &t.Nodes[at]
		head := uint64(w.slot[n.Feature]) << 3
		if n.MissingLeft {
			head |= 4
		}
		if n.Left < 0 {
			head |= 2
		}
		if n.Right < 0 {
			head |= 1
		}
		dst = binary.AppendUvarint(dst, head)
		dst = binary.AppendUvarint(dst, place(w.thresholds[n.Feature], n.Threshold))
		dst = binary.LittleEndian.AppendUint16(dst, uint16(math.Float32bits(t.Gain[at])>>16))
		stack = append(stack, n.Right, n.Left)
	}
	return dst
}

// Decode implements [model.Codec].
func (Codec) Decode(payload []byte) (model.Scorer, error) {
	r := reader{b: payload}
	e := &Ensemble{inputs: r.count(maxInputs, 0)}
	outputs := r.count(maxOutputs, 8)
	e.task, e.Transform = model.Task(r.count(int(model.Regression), 0)), Transform(r.count(int(Softmax), 0))
	e.Average = r.count(1, 0) == 1
	e.Base = r.floats(outputs)
	columns, thresholds := make([]int32, r.count(e.inputs, 2)), [][]float64(nil)
	last := 0
	for i := range columns {
		last += r.count(e.inputs, 0)
		columns[i] = int32(last)
		thresholds = append(thresholds, r.floats(r.count(math.MaxInt32, 8)))
		if r.err != nil {
			break
		}
	}
	values := r.floats(r.count(math.MaxInt32, 8))
	covers := r.floats(r.count(math.MaxInt32, 8))
	for trees := r.count(maxTrees, 1+outputs+1); trees > 0 && r.err == nil; trees-- {
		var t Tree
		r.tree(&t, outputs, columns, thresholds, values, covers)
		e.Trees = append(e.Trees, t)
	}
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
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
}

// count reads a number of at most limit; if size is given, of things of at least size
// bytes each that must still follow, so that nothing is allocated on a mere claim.
func (r *reader) count(limit, size int) int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.b = r.b[n:]
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

func (r *reader) floats(n int) []float64 {
	if n > len(r.b)/8 {
		r.fail(errShort)
		return nil
	}
	v := make([]float64, n)
	for i := range v {
		v[i] = math.Float64frombits(binary.LittleEndian.Uint64(r.b[8*i:]))
	}
	r.b = r.b[8*n:]
	return v
}

func (r *reader) from(table []float64) float64 {
	if i := r.count(math.MaxInt32, 0); i < len(table) {
		return table[i]
	}
	r.fail(errors.New("a number points behind its table"))
	return 0
}

func (r *reader) tree(t *Tree, outputs int, columns []int32, thresholds [][]float64, values, covers []float64) {
	nodes := r.count(math.MaxInt32/4, 4) // a node takes 4 bytes or more
	if (nodes+1)*(outputs+1) > len(r.b) {
		r.fail(errShort)
		return
	}
	t.Nodes, t.Gain = make([]Node, 0, nodes), make([]float32, 0, nodes)
	t.Values, t.Cover = make([]float64, 0, (nodes+1)*outputs), make([]float64, 0, nodes+1)
	// A want is a place in a node that still waits for its child.
	type want struct {
		node        int32
		right, leaf bool
	}
	stack := []want{{node: -1, leaf: nodes == 0}}
	for len(stack) > 0 && r.err == nil {
		w := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		child := int32(len(t.Nodes))
		if w.leaf {
			child = ^int32(len(t.Cover))
			for range outputs {
				t.Values = append(t.Values, r.from(values))
			}
			t.Cover = append(t.Cover, r.from(covers))
		} else {
			if len(t.Nodes) == nodes {
				r.fail(errors.New("a tree has more nodes than it says"))
				return
			}
			head := r.count(math.MaxInt32, 0)
			if head>>3 >= len(columns) {
				r.fail(fmt.Errorf("a node asks for column %d of %d used", head>>3, len(columns)))
				return
			}
			n := Node{Feature: columns[head>>3], MissingLeft: head&4 != 0, Threshold: r.from(thresholds[head>>3])}
			if len(r.b) < 2 {
				r.fail(errShort)
				return
			}
			t.Nodes = append(t.Nodes, n)
			t.Gain = append(t.Gain, math.Float32frombits(uint32(binary.LittleEndian.Uint16(r.b))<<16))
			r.b = r.b[2:]
			stack = append(stack, want{child, true, head&1 != 0}, want{child, false, head&2 != 0})
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
}
