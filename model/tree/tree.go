// Package tree owns the one node form of all decision trees, the scorer of ensembles
// of them, their bytes in a model file, and the growing of classification trees.
//
// It knows neither files nor how an ensemble is put together (bagging, boosting): see
// package forest. Start with [Ensemble] and [Grower].
package tree

import (
	"fmt"
	"math"
)

// Node is an inner node of a tree: 24 bytes. A row goes left if its value of column
// Feature is at most Threshold; a missing value (NaN) goes where MissingLeft says.
type Node struct {
	Threshold   float64
	Left, Right int32 // index of a node, or ^index of a leaf
	Feature     int32
	MissingLeft bool
}

// Tree is one decision tree. Node 0 is the root; a tree without nodes is its leaf 0.
type Tree struct {
	Nodes  []Node
	Values []float64 // values of the leaves: leaf × outputs
	Cover  []float64 // weight of the training rows in each leaf
	Gain   []float32 // of each node: how much its split lowers the impurity, times the weight of its rows
}

// Leaf returns the number of the leaf that row falls into.
func (t *Tree) Leaf(row []float64) int {
	if len(t.Nodes) == 0 {
		return 0
	}
	at := int32(0)
	for at >= 0 {
		n := &t.Nodes[at]
		v := row[n.Feature]
		if v <= n.Threshold || v != v && n.MissingLeft {
			at = n.Left
		} else {
			at = n.Right
		}
	}
	return int(^at)
}

// validate checks that t is a tree over inputs columns with the given outputs: every
// node and leaf reached exactly once from the root, all numbers usable.
func (t *Tree) validate(inputs, outputs int) error {
	leaves := len(t.Nodes) + 1
	if len(t.Values) != leaves*outputs || len(t.Cover) != leaves || len(t.Gain) != len(t.Nodes) {
		return fmt.Errorf("%d nodes with %d values, %d covers, %d gains", len(t.Nodes), len(t.Values), len(t.Cover), len(t.Gain))
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
		if math.IsNaN(n.Threshold) {
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
	for _, v := range t.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("a leaf value is not finite")
		}
	}
	return nil
}
