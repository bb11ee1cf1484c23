// Package tree owns the one node form of all decision trees, the scorer of ensembles
// of them, their bytes in a model file, and the growing of classification trees.
//
// It knows neither files nor how an ensemble is put together (bagging, boosting): see
// package forest. Start with [Ensemble] and [Grower].
package tree

import (
	"errors"
	"fmt"
	"math"
)

// Node is an inner node of a tree: 24 bytes. What a row's value of column Feature does
// there is told by Kind; the missing value NaN goes where MissingLeft says.
type Node struct {
	Threshold   float64 // of a numeric node: values up to it go left
	Left, Right int32   // index of a node, or ^index of a leaf
	Feature     int32
	MissingLeft bool
	Kind        Kind
	Set         uint16 // of a categorical node: index into the tree's Sets
}

// Kind says how a node decides.
type Kind uint8

// Kinds of nodes. All comparisons are of float64: a reader of models that compare float32
// values with "<" replaces each threshold by the largest float64 that passes (see [Below32]).
const (
	Numeric     Kind = iota // left if value <= Threshold
	ZeroMissing             // as Numeric, but values within [ZeroBound] of zero count as missing (LightGBM's zero_as_missing)
	Categorical             // left if the value's category is in a set
)

// ZeroBound is 1e-35 rounded to float32: up to it LightGBM takes a value for zero.
const ZeroBound = 1.0000000180025095e-35

// Set is the categories that go left at a categorical node. The category of a value is
// the value cut towards zero; in an ensemble with Float32 set it is rounded to float32
// before, and every value below zero is below the categories.
type Set struct {
	Bits  []uint64 // bit c%64 of word c/64: category c goes left
	Below bool     // categories below zero go left
	Above bool     // categories behind Bits go left
}

// Linear is the model of a linear leaf: Const plus the sum of Coefs times the row's
// values of Features, in order. A row that misses one of them gets the leaf's value.
type Linear struct {
	Const    float64
	Features []int32
	Coefs    []float64
}

// Vector as the output of a tree means that its leaves hold one value an output.
const Vector = -1

// Tree is one decision tree. Node 0 is the root; a tree without nodes is its leaf 0.
type Tree struct {
	Nodes     []Node
	Output    int32     // the output its leaves add to, or Vector
	Values    []float64 // one a leaf; with Output Vector leaf × outputs
	Cover     []float64 // weight of the training rows in each leaf
	NodeCover []float64 // and in each node; nil: the sum of the leaves below
	Gain      []float32 // of each node: how much its split lowers the impurity, times the weight of its rows
	Sets      []Set     // of categorical nodes
	Linear    []Linear  // one a leaf, or nil
	LeafNames []int32   // what the library that made the tree calls each leaf, 0 or more; nil: its index
}

// root is the index of the root, or ^0 if it is a leaf.
func (t *Tree) root() int32 {
	if len(t.Nodes) == 0 {
		return -1
	}
	return 0
}

// Leaf returns the number of the leaf that row falls into.
func (t *Tree) Leaf(row []float64) int { return t.leaf(row, false) }

func (t *Tree) leaf(row []float64, float bool) int {
	at := t.root()
	for at >= 0 {
		n := &t.Nodes[at]
		if t.left(n, row[n.Feature], float) {
			at = n.Left
		} else {
			at = n.Right
		}
	}
	return int(^at)
}

func (t *Tree) left(n *Node, v float64, float bool) bool {
	switch {
	case v != v:
		return n.MissingLeft
	case n.Kind == Categorical:
		return t.Sets[n.Set].has(v, float)
	case n.Kind == ZeroMissing && math.Abs(v) <= ZeroBound:
		return n.MissingLeft
	}
	return v <= n.Threshold
}

func (s *Set) has(v float64, float bool) bool {
	if float {
		v = float64(float32(v))
		if v < 0 {
			return s.Below
		}
	}
	switch {
	case v <= -1:
		return s.Below
	case v >= float64(64*len(s.Bits)) || len(s.Bits) == 0:
		return s.Above
	}
	c := uint(v) // above -1: cut towards zero
	return s.Bits[c/64]>>(c%64)&1 == 1
}

// Below32 returns the largest float64 that, rounded to float32, lies below t: so
// float32(v) < t is v <= Below32(t) for every v. For t = -Inf, below which nothing
// lies, it returns false.
func Below32(t float32) (float64, bool) {
	if math.IsInf(float64(t), -1) || t != t {
		return 0, false
	}
	below := math.Nextafter32(t, float32(math.Inf(-1)))
	if math.IsInf(float64(t), 1) { // half a step above the largest float32 rounds to infinity
		return math.Nextafter(0x1.ffffffp127, 0), true
	}
	if math.IsInf(float64(below), -1) {
		return -0x1.ffffffp127, true
	}
	middle := float64(below)/2 + float64(t)/2 // exact: one bit more than float32 has
	if math.Float32bits(below)&1 == 0 {       // a tie goes to the even one
		return middle, true
	}
	return math.Nextafter(middle, math.Inf(-1)), true
}

// validate checks that t is a tree over inputs columns with the given outputs: every
// node and leaf reached exactly once from the root, all numbers usable.
func (t *Tree) validate(inputs, outputs int) error {
	leaves := len(t.Nodes) + 1
	width := 1
	if t.Output == Vector {
		width = outputs
	} else if t.Output < 0 || int(t.Output) >= outputs {
		return fmt.Errorf("adds to output %d of %d", t.Output, outputs)
	}
	if len(t.Values) != leaves*width || len(t.Cover) != leaves || len(t.Gain) != len(t.Nodes) ||
		t.NodeCover != nil && len(t.NodeCover) != len(t.Nodes) || t.Linear != nil && len(t.Linear) != leaves ||
		t.LeafNames != nil && len(t.LeafNames) != leaves || len(t.Sets) > maxSets || t.Linear != nil && width > 1 {
		return fmt.Errorf("%d nodes with %d values, %d and %d covers, %d gains, %d linear leaves, %d names, %d sets",
			len(t.Nodes), len(t.Values), len(t.Cover), len(t.NodeCover), len(t.Gain), len(t.Linear), len(t.LeafNames), len(t.Sets))
	}
	seenNode, seenLeaf := make([]bool, len(t.Nodes)), make([]bool, leaves)
	if len(t.Nodes) > 0 {
		seenNode[0] = true
	}
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if n.Feature < 0 || int(n.Feature) >= inputs {
			return fmt.Errorf("node %d asks for column %d of %d", i, n.Feature, inputs)
		}
		if n.Kind > Categorical || n.Kind == Categorical && int(n.Set) >= len(t.Sets) {
			return fmt.Errorf("node %d is of kind %d with set %d of %d", i, n.Kind, n.Set, len(t.Sets))
		}
		if n.Kind != Categorical && math.IsNaN(n.Threshold) {
			return fmt.Errorf("node %d has no threshold", i)
		}
		for _, child := range [2]int32{n.Left, n.Right} {
			seen, k := seenNode, int(child)
			if child < 0 {
				seen, k = seenLeaf, int(^child)
			}
			// A child lies behind its parent, so there are no cycles.
			if k >= len(seen) || child >= 0 && k <= i || seen[k] {
				return fmt.Errorf("node %d has child %d, which does not exist or has another parent", i, child)
			}
			seen[k] = true
		}
	}
	if !finite(t.Values) {
		return errors.New("a leaf value is not finite")
	}
	if !finite(t.Cover) || !finite(t.NodeCover) {
		return errors.New("a cover is not finite")
	}
	for i, name := range t.LeafNames {
		if name < 0 {
			return fmt.Errorf("leaf %d has name %d", i, name)
		}
	}
	for i := range t.Linear {
		l := &t.Linear[i]
		if len(l.Features) != len(l.Coefs) {
			return fmt.Errorf("leaf %d has %d columns with %d factors", i, len(l.Features), len(l.Coefs))
		}
		if !finite(l.Coefs) || math.IsNaN(l.Const-l.Const) {
			return fmt.Errorf("leaf %d has a factor that is not finite", i)
		}
		for _, f := range l.Features {
			if f < 0 || int(f) >= inputs {
				return fmt.Errorf("leaf %d asks for column %d of %d", i, f, inputs)
			}
		}
	}
	return nil
}

func finite(v []float64) bool {
	for _, x := range v {
		if math.IsNaN(x - x) {
			return false
		}
	}
	return true
}
