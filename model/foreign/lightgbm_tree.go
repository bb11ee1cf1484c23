package foreign

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"fm/model/tree"
)

// Limits of LightGBM: leaves of a tree, and what fits the sets of a tree here.
const (
	maxTextLeaves = 131072
	maxTextCats   = 1 << 16
)

// textTree is one block "Tree=N" of a LightGBM model. Its slices are used again for the
// next tree.
type textTree struct {
	inputs int
	seen   uint32 // keys that occurred
	leaves int    // 0: not known yet

	feature, decision, left, right []int32
	threshold, gain                []float64
	value                          []float64
	leafCount, nodeCount           []float64
	cats                           int
	boundaries                     []int32
	words                          []uint32
	linear                         bool
	constants, coefs               []float64
	lengths, columns               []int32 // of linear leaves: number of columns, all columns in a row
	terms                          int     // sum of lengths

	steps []step // of build
}

// Keys of a tree block.
const (
	keyLeaves = iota
	keyCats
	keyFeature
	keyGain
	keyThreshold
	keyDecision
	keyLeft
	keyRight
	keyValue
	keyLeafWeight
	keyLeafCount
	keyNodeValue
	keyNodeWeight
	keyNodeCount
	keyBoundaries
	keyWords
	keyLinear
	keyConstants
	keyLengths
	keyColumns
	keyCoefs
	keyShrinkage
)

var treeKeys = [...]string{"num_leaves", "num_cat", "split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child",
	"leaf_value", "leaf_weight", "leaf_count", "internal_value", "internal_weight", "internal_count", "cat_boundaries", "cat_threshold",
	"is_linear", "leaf_const", "num_features", "leaf_features", "leaf_coeff", "shrinkage"}

func treeKey(name []byte) int {
	for i, k := range treeKeys {
		if string(name) == k {
			return i
		}
	}
	return -1
}

func (t *textTree) has(key int) bool { return t.seen>>key&1 == 1 }

// limit tells how long a line can be that begins like this: a number takes 32 bytes or less.
func (t *textTree) limit(begin []byte) int {
	name, _, ok := bytes.Cut(begin[:min(len(begin), 64)], []byte{'='})
	n := t.leaves
	switch key := treeKey(name); {
	case !ok || key < 0:
		return 0
	case key == keyBoundaries:
		n = t.cats + 1
	case key == keyWords:
		n = 0
		if len(t.boundaries) > 0 {
			n = int(t.boundaries[len(t.boundaries)-1])
		}
	case key == keyColumns || key == keyCoefs:
		n = t.leaves + t.terms
	}
	return 64 + 32*n
}

// read reads the block of tree number up to the line that begins something else, which it puts back.
func (t *textTree) read(l *textLines, number int) {
	t.seen, t.leaves, t.cats, t.terms, t.linear = 0, 0, 0, 0, false
	t.boundaries, t.nodeCount = t.boundaries[:0], t.nodeCount[:0]
	for {
		line, ok := l.next(t.limit)
		if !ok {
			break
		}
		if len(line) == 0 {
			continue
		}
		name, text, ok := bytes.Cut(line, []byte{'='})
		if !ok || string(name) == "Tree" {
			l.unread(line)
			break
		}
		key := treeKey(name)
		switch {
		case key < 0:
			l.fail("tree %d: %.40q is not known", number, name)
		case t.has(key):
			l.fail("tree %d: %s stands twice", number, name)
		case t.leaves == 0 && key != keyLeaves:
			l.fail("tree %d: %s before num_leaves", number, name)
		}
		t.seen |= 1 << max(key, 0)
		if l.err != nil {
			return
		}
		if err := t.set(key, text); err != nil {
			l.fail("tree %d: %s: %w", number, name, err)
			return
		}
	}
	if l.err == nil {
		if err := t.complete(); err != nil {
			l.fail("tree %d, above: %w", number, err)
		}
	}
}

// set takes the value of one key.
func (t *textTree) set(key int, text []byte) error {
	nodes := t.leaves - 1
	var err error
	switch key {
	case keyLeaves:
		var n int64
		n, err = textInt(text, 1, maxTextLeaves)
		t.leaves = int(n)
	case keyCats:
		var n int64
		n, err = textInt(text, 0, maxTextCats)
		t.cats = int(n)
	case keyFeature:
		t.feature, err = ints(t.feature, text, nodes, 0, int64(t.inputs)-1)
	case keyGain:
		t.gain, err = lenient(t.gain, text, nodes)
	case keyThreshold:
		t.threshold, err = floats(t.threshold, text, nodes)
	case keyDecision:
		t.decision, err = ints(t.decision, text, nodes, 0, decisionBits)
	case keyLeft:
		t.left, err = ints(t.left, text, nodes, -int64(t.leaves), int64(nodes)-1)
	case keyRight:
		t.right, err = ints(t.right, text, nodes, -int64(t.leaves), int64(nodes)-1)
	case keyValue:
		t.value, err = finites(t.value, text, t.leaves)
	case keyLeafCount:
		if nodes == 0 && len(text) == 0 {
			t.seen &^= 1 << key // as versions before 4.0 write it
			return nil
		}
		t.leafCount, err = counts(t.leafCount, text, t.leaves)
	case keyNodeCount:
		t.nodeCount, err = counts(t.nodeCount, text, nodes)
	case keyBoundaries:
		if !t.has(keyCats) {
			return errors.New("no num_cat above it")
		}
		if t.boundaries, err = ints(t.boundaries, text, t.cats+1, 0, math.MaxInt32/64); err != nil {
			return err
		}
		for i, b := range t.boundaries {
			if i == 0 && b != 0 || i > 0 && b < t.boundaries[i-1] {
				return fmt.Errorf("value %d: %d does not go on from the one before", i, b)
			}
		}
	case keyWords:
		if len(t.boundaries) == 0 {
			return errors.New("no cat_boundaries above it")
		}
		n := int(t.boundaries[len(t.boundaries)-1])
		if blanks(text) == n {
			t.words = grown(t.words, n)
		}
		err = cells(text, n, func(i int, cell []byte) error {
			v, err := textInt(cell, 0, math.MaxUint32)
			t.words[i] = uint32(v)
			return err
		})
	case keyLinear:
		var n int64
		n, err = textInt(text, 0, 1)
		t.linear = n == 1
	case keyConstants:
		t.constants, err = finites(t.constants, text, t.leaves)
	case keyLengths:
		if t.lengths, err = ints(t.lengths, text, t.leaves, 0, int64(t.inputs)); err != nil {
			return err
		}
		terms := 0
		for _, n := range t.lengths {
			terms += int(n)
		}
		t.terms = terms
	case keyColumns:
		if !t.has(keyLengths) {
			return errors.New("no num_features above it")
		}
		t.columns, err = ints(t.columns, squeezed(text), t.terms, 0, int64(t.inputs)-1)
	case keyCoefs:
		if !t.has(keyLengths) {
			return errors.New("no num_features above it")
		}
		t.coefs, err = finites(t.coefs, squeezed(text), t.terms)
	}
	return err
}

// squeezed makes the blanks of text single, in its place: each linear leaf ends in a blank
// of its own.
func squeezed(text []byte) []byte {
	out := text[:0]
	for _, c := range text {
		if c != ' ' || len(out) > 0 && out[len(out)-1] != ' ' {
			out = append(out, c)
		}
	}
	return bytes.TrimSuffix(out, []byte{' '})
}

// finites reads numbers none of which is infinite.
func finites(dst []float64, text []byte, want int) ([]float64, error) {
	dst, err := floats(dst, text, want)
	if err != nil {
		return nil, err
	}
	for i, v := range dst {
		if math.IsInf(v, 0) {
			return nil, fmt.Errorf("value %d: infinite", i)
		}
	}
	return dst, nil
}

// counts reads how many training rows there were.
func counts(dst []float64, text []byte, want int) ([]float64, error) {
	dst, err := finites(dst, text, want)
	if err != nil {
		return nil, err
	}
	for i, v := range dst {
		if v < 0 {
			return nil, fmt.Errorf("value %d: negative", i)
		}
	}
	return dst, nil
}

// lenient reads gains, on which no score depends: nan and infinities are 0.
func lenient(dst []float64, text []byte, want int) ([]float64, error) {
	if n := blanks(text); n != want {
		return nil, fmt.Errorf("%d values where %d belong", n, want)
	}
	dst = grown(dst, want)
	return dst, cells(text, want, func(i int, cell []byte) error {
		if s := string(cell); s == "nan" || s == "-nan" {
			dst[i] = 0
			return nil
		}
		v, err := textFloat(cell)
		if math.IsInf(float64(float32(v)), 0) {
			v = 0
		}
		dst[i] = v
		return err
	})
}

// Bits of decision_type.
const (
	decisionCategorical = 1
	decisionDefaultLeft = 2
	decisionBits        = 15 // all that have a meaning; bits 2 and 3 are the missing type
)

// complete checks that everything is there that leaves, sets and linear leaves need.
func (t *textTree) complete() error {
	need := []int{keyLeaves, keyValue}
	if t.leaves > 1 {
		need = append(need, keyFeature, keyThreshold, keyLeft, keyRight, keyDecision)
	}
	if t.cats > 0 {
		need = append(need, keyBoundaries, keyWords)
	}
	if t.linear {
		need = append(need, keyConstants, keyLengths, keyColumns, keyCoefs)
	}
	for _, key := range need {
		if !t.has(key) {
			return fmt.Errorf("%s is missing", treeKeys[key])
		}
	}
	return nil
}

// step is a place in the tree under construction that waits for what lies below it.
type step struct {
	parent int32 // -1: the root
	right  bool
	child  int32 // in the file's numbers, as LightGBM writes it
}

// build makes the tree, its nodes and leaves in preorder; leaves keep LightGBM's number as
// their name.
func (t *textTree) build(output int32) (tree.Tree, error) {
	nodes := t.leaves - 1
	out := tree.Tree{Output: output, Nodes: make([]tree.Node, 0, nodes), Gain: make([]float32, 0, nodes),
		Values: make([]float64, 0, t.leaves), Cover: make([]float64, 0, t.leaves), LeafNames: make([]int32, 0, t.leaves)}
	if t.has(keyNodeCount) && t.has(keyLeafCount) {
		out.NodeCover = make([]float64, 0, nodes)
	}
	if t.cats > 0 {
		out.Sets = make([]tree.Set, t.cats)
		for k := range out.Sets {
			words := t.words[t.boundaries[k]:t.boundaries[k+1]]
			bits := make([]uint64, (len(words)+1)/2)
			for i, w := range words {
				bits[i/2] |= uint64(w) << (32 * (i % 2))
			}
			out.Sets[k].Bits = bits
		}
	}
	if t.linear {
		out.Linear = make([]tree.Linear, 0, t.leaves)
	}
	place := t.linearPlaces()
	root := int32(0)
	if nodes == 0 {
		root = -1
	}
	t.steps = append(t.steps[:0], step{parent: -1, child: root})
	for len(t.steps) > 0 {
		s := t.steps[len(t.steps)-1]
		t.steps = t.steps[:len(t.steps)-1]
		at := int32(len(out.Nodes))
		if s.child < 0 {
			leaf := ^s.child
			at = ^int32(len(out.Values))
			if len(out.Values) == t.leaves {
				return out, fmt.Errorf("leaf %d is reached in two ways", leaf)
			}
			out.Values = append(out.Values, t.value[leaf])
			out.LeafNames = append(out.LeafNames, leaf)
			cover := 0.0
			if t.has(keyLeafCount) {
				cover = t.leafCount[leaf]
			}
			out.Cover = append(out.Cover, cover)
			if t.linear {
				from, to := place[leaf], place[leaf+1]
				out.Linear = append(out.Linear, tree.Linear{Const: t.constants[leaf],
					Features: append([]int32(nil), t.columns[from:to]...), Coefs: append([]float64(nil), t.coefs[from:to]...)})
			}
		} else {
			if len(out.Nodes) == nodes {
				return out, fmt.Errorf("node %d is reached in two ways", s.child)
			}
			n, err := t.node(int(s.child))
			if err != nil {
				return out, fmt.Errorf("node %d: %w", s.child, err)
			}
			out.Nodes = append(out.Nodes, n)
			gain := float32(0)
			if t.has(keyGain) {
				gain = float32(t.gain[s.child])
			}
			out.Gain = append(out.Gain, gain)
			if out.NodeCover != nil {
				out.NodeCover = append(out.NodeCover, t.nodeCount[s.child])
			}
			t.steps = append(t.steps, step{at, true, t.right[s.child]}, step{at, false, t.left[s.child]})
		}
		if s.parent >= 0 {
			if p := &out.Nodes[s.parent]; s.right {
				p.Right = at
			} else {
				p.Left = at
			}
		}
	}
	return out, t.reached(&out)
}

// reached checks that no leaf is reached twice. A tree that is reached in one way from its
// root has one leaf more than nodes; build has made as many nodes as there may be at most.
func (t *textTree) reached(out *tree.Tree) error {
	if len(out.Values) != t.leaves {
		return fmt.Errorf("%d of %d leaves are reached", len(out.Values), t.leaves)
	}
	seen := make([]bool, t.leaves)
	for _, name := range out.LeafNames {
		if seen[name] {
			return fmt.Errorf("leaf %d is reached in two ways", name)
		}
		seen[name] = true
	}
	return nil
}

// linearPlaces are the places in columns and coefs where the linear leaves begin and end.
func (t *textTree) linearPlaces() []int {
	if !t.linear {
		return nil
	}
	place := make([]int, t.leaves+1)
	for i, n := range t.lengths {
		place[i+1] = place[i] + int(n)
	}
	return place
}

// node translates node i but for its children.
func (t *textTree) node(i int) (tree.Node, error) {
	d, threshold := t.decision[i], t.threshold[i]
	n := tree.Node{Feature: t.feature[i], Threshold: threshold}
	if d&decisionCategorical != 0 {
		if threshold != math.Trunc(threshold) || threshold < 0 || threshold >= float64(t.cats) {
			return n, fmt.Errorf("threshold %v is none of %d sets of categories", threshold, t.cats)
		}
		n.Kind, n.Set, n.Threshold = tree.Categorical, uint16(threshold), 0
		return n, nil // what is missing is in no set
	}
	// LightGBM takes values up to [tree.ZeroBound] for zero before any tree sees them.
	switch {
	case 0 <= threshold && threshold < tree.ZeroBound:
		n.Threshold = tree.ZeroBound
	case -tree.ZeroBound <= threshold && threshold < 0:
		n.Threshold = math.Nextafter(-tree.ZeroBound, math.Inf(-1))
	}
	switch missing := d >> 2; missing {
	case 0: // counts as zero
		n.MissingLeft = 0 <= threshold
	case 1:
		n.Kind = tree.ZeroMissing
		n.MissingLeft = d&decisionDefaultLeft != 0
	case 2:
		n.MissingLeft = d&decisionDefaultLeft != 0
	default:
		return n, fmt.Errorf("decision_type %d: missing type %d is not known", d, missing)
	}
	return n, nil
}
