package tree

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"fm/model"
)

// Codec writes ensembles to model files and reads them. Numbers that repeat go into
// tables of their distinct values, numbers that are float32 values take 4 bytes; gains
// keep 8 significant bits. Nodes and leaves are numbered in preorder, whatever they were
// before; thresholds that decide nothing are not kept. Everything else comes back as it
// was. The bytes depend on the ensemble only, and writing what was read gives the same bytes.
//
// Layout, integers as unsigned varints unless said otherwise, floats little endian:
//
//	0, form (two bytes; the first form began with inputs, which are never 0)
//	inputs, outputs, task, transform
//	flags: 1 average, 2 base first, 4 float32, 8 slope follows, 16 divisor follows,
//	  32 its library predicts margins, 64 its library predicts indexes
//	slope, divisor, base of each output (8 bytes)
//	columns used; for each: step from the column before, its thresholds (numbers)
//	leaf values, covers of leaves and nodes (numbers)
//	trees; for each:
//	  nodes, flags: 1 vector, 2 covers of nodes, 4 linear leaves, 8 names of leaves; output, but for vectors
//	  sets; for each: words <<2 | above <<1 | below, the words
//	  the tree in preorder:
//	  node: slot of the column <<5 | kind <<3 | missing left <<2 | left is a leaf <<1 | right is a leaf,
//	        its threshold or its set, its cover, gain (2 bytes: upper half of a float32)
//	  leaf: its values, its cover, its name,
//	        constant (8 bytes), columns; of each: column, factor (8 bytes)
//
// numbers are either a table, so that a number is its place there, or follow one by one:
//
//	size <<2 | one by one <<1 | float32; the table, ascending by [key] (size 4 or 8 bytes each)
type Codec struct{}

var _ model.Codec = Codec{}

// form is the payload form that is written and read.
const form = 2

// Limits on what a payload may claim.
const (
	maxInputs  = 1 << 20
	maxOutputs = 1 << 12
	maxTrees   = 1 << 18
	maxSets    = 1 << 16
)

// Flags of an ensemble and of a tree.
const (
	flagAverage = 1 << iota
	flagBaseFirst
	flagFloat32
	flagSlope
	flagDivisor
	flagRaw
	flagIndex
	flagsEnsemble = 1<<iota - 1
)

const (
	flagVector = 1 << iota
	flagNodeCover
	flagLinear
	flagNames
	flagsTree = 1<<iota - 1
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
	flags := bit(e.Average, flagAverage) | bit(e.BaseFirst, flagBaseFirst) | bit(e.Float32, flagFloat32) |
		bit(e.Slope != 0, flagSlope) | bit(e.Divisor != 0, flagDivisor) |
		bit(e.Predicts == model.Raw, flagRaw) | bit(e.Predicts == model.Index, flagIndex)
	dst = append(dst, 0, form)
	for _, v := range []uint64{uint64(e.inputs), uint64(len(e.Base)), uint64(e.task), uint64(e.Transform), flags} {
		dst = binary.AppendUvarint(dst, v)
	}
	if e.Slope != 0 {
		dst = appendFloat(dst, e.Slope)
	}
	if e.Divisor != 0 {
		dst = appendFloat(dst, e.Divisor)
	}
	for _, b := range e.Base {
		dst = appendFloat(dst, b)
	}
	w := newTables(e)
	dst = binary.AppendUvarint(dst, uint64(len(w.columns)))
	last := int32(0)
	for i, c := range w.columns {
		dst = binary.AppendUvarint(dst, uint64(c-last))
		last = c
		dst = w.thresholds[i].appendTo(dst)
	}
	dst = w.values.appendTo(dst)
	dst = w.covers.appendTo(dst)
	dst = binary.AppendUvarint(dst, uint64(len(e.Trees)))
	for t := range e.Trees {
		dst = w.appendTree(dst, &e.Trees[t], len(e.Base))
	}
	return dst, nil
}

func bit(set bool, flag uint64) uint64 {
	if set {
		return flag
	}
	return 0
}

// tables are the numbers of an ensemble.
type tables struct {
	columns        []int32 // that are asked for, ascending
	slot           map[int32]int
	thresholds     []numbers // of each slot
	values, covers numbers
}

func newTables(e *Ensemble) *tables {
	w := &tables{slot: map[int32]int{}}
	for t := range e.Trees {
		for i := range e.Trees[t].Nodes {
			c := e.Trees[t].Nodes[i].Feature
			if _, ok := w.slot[c]; !ok {
				w.slot[c] = 0
				w.columns = append(w.columns, c)
			}
		}
	}
	slices.Sort(w.columns)
	for i, c := range w.columns {
		w.slot[c] = i
	}
	w.thresholds = make([]numbers, len(w.columns))
	for t := range e.Trees {
		tree := &e.Trees[t]
		for i := range tree.Nodes {
			if n := &tree.Nodes[i]; n.Kind != Categorical {
				th := &w.thresholds[w.slot[n.Feature]]
				th.table = append(th.table, n.Threshold)
			}
		}
		w.values.table = append(w.values.table, tree.Values...)
		w.covers.table = append(append(w.covers.table, tree.Cover...), tree.NodeCover...)
	}
	for i := range w.thresholds {
		w.thresholds[i].settle()
	}
	w.values.settle()
	w.covers.settle()
	return w
}

// numbers is how many float64 values are written: as places in a table of the distinct
// ones, or one by one where that takes less room.
type numbers struct {
	table []float64 // distinct, ascending by key; nil if one by one
	each  bool      // one by one
	short bool      // all of them are float32 values
}

// settle chooses the way of all numbers collected in the table.
func (n *numbers) settle() {
	all := len(n.table)
	slices.SortFunc(n.table, compareKeys)
	n.table = slices.CompactFunc(n.table, func(a, b float64) bool { return compareKeys(a, b) == 0 })
	n.short = true
	for _, v := range n.table {
		n.short = n.short && float64(float32(v)) == v
	}
	place := (bits.Len(uint(len(n.table))) + 6) / 7
	if n.each = all*n.size() <= len(n.table)*n.size()+all*place; n.each {
		n.table = nil
	}
}

// size is the number of bytes of a number in the table, or one by one.
func (n *numbers) size() int {
	if n.short {
		return 4
	}
	return 8
}

func (n *numbers) appendTo(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(n.table))<<2|bit(n.each, 2)|bit(n.short, 1))
	for _, v := range n.table {
		dst = n.appendBits(dst, v)
	}
	return dst
}

func (n *numbers) appendBits(dst []byte, v float64) []byte {
	if n.short {
		return binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(v)))
	}
	return appendFloat(dst, v)
}

// appendNumber appends one of the numbers that were collected.
func (n *numbers) appendNumber(dst []byte, v float64) []byte {
	if n.each {
		return n.appendBits(dst, v)
	}
	i, _ := slices.BinarySearchFunc(n.table, v, compareKeys)
	return binary.AppendUvarint(dst, uint64(i))
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

func appendFloat(dst []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
}

func (w *tables) appendTree(dst []byte, t *Tree, outputs int) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(t.Nodes)))
	names := !t.preorderNames()
	dst = binary.AppendUvarint(dst, bit(t.Output == Vector, flagVector)|bit(t.NodeCover != nil, flagNodeCover)|
		bit(t.Linear != nil, flagLinear)|bit(names, flagNames))
	width := outputs
	if t.Output != Vector {
		width = 1
		dst = binary.AppendUvarint(dst, uint64(t.Output))
	}
	dst = binary.AppendUvarint(dst, uint64(len(t.Sets)))
	for i := range t.Sets {
		s := &t.Sets[i]
		dst = binary.AppendUvarint(dst, uint64(len(s.Bits))<<2|bit(s.Above, 2)|bit(s.Below, 1))
		for _, b := range s.Bits {
			dst = binary.AppendUvarint(dst, b)
		}
	}
	stack := []int32{t.root()}
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if at < 0 {
			leaf := int(^at)
			for _, v := range t.Values[leaf*width : (leaf+1)*width] {
				dst = w.values.appendNumber(dst, v)
			}
			dst = w.covers.appendNumber(dst, t.Cover[leaf])
			if names {
				dst = binary.AppendUvarint(dst, uint64(t.LeafNames[leaf]))
			}
			if t.Linear != nil {
				dst = t.Linear[leaf].appendTo(dst)
			}
			continue
		}
		n := &t.Nodes[at]
		slot := w.slot[n.Feature]
		dst = binary.AppendUvarint(dst, uint64(slot)<<5|uint64(n.Kind)<<3|bit(n.MissingLeft, 4)|bit(n.Left < 0, 2)|bit(n.Right < 0, 1))
		if n.Kind == Categorical {
			dst = binary.AppendUvarint(dst, uint64(n.Set))
		} else {
			dst = w.thresholds[slot].appendNumber(dst, n.Threshold)
		}
		if t.NodeCover != nil {
			dst = w.covers.appendNumber(dst, t.NodeCover[at])
		}
		dst = binary.LittleEndian.AppendUint16(dst, uint16(math.Float32bits(t.Gain[at])>>16))
		stack = append(stack, n.Right, n.Left)
	}
	return dst
}

// preorderNames reports whether the leaves' names, if any, number them in preorder.
func (t *Tree) preorderNames() bool {
	if t.LeafNames == nil {
		return true
	}
	next := int32(0)
	stack := []int32{t.root()}
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if at < 0 {
			if t.LeafNames[^at] != next {
				return false
			}
			next++
			continue
		}
		stack = append(stack, t.Nodes[at].Right, t.Nodes[at].Left)
	}
	return true
}

func (l *Linear) appendTo(dst []byte) []byte {
	dst = appendFloat(dst, l.Const)
	dst = binary.AppendUvarint(dst, uint64(len(l.Features)))
	for i, f := range l.Features {
		dst = binary.AppendUvarint(dst, uint64(f))
		dst = appendFloat(dst, l.Coefs[i])
	}
	return dst
}
