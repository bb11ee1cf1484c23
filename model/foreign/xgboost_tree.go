package foreign

import (
	"fmt"
	"math"

	"fm/model/tree"
)

// Limits on trees of XGBoost.
const (
	maxNodes      = 1 << 22 // of a tree, leaves included
	maxCategories = 1 << 24 // XGBoost compares categories as float32, which is exact up to here
	maxSetWords   = 4 << 20 // of all category sets of a model
)

// nodeArrays are the nodes of one tree as XGBoost's files have them, leaves among them.
type nodeArrays struct {
	nodes, deleted         int // what the file says; deleted -1: nothing
	vector                 int // values of a leaf
	left, right, feature   []int32
	condition, gain, cover []float32 // condition: threshold, or value of a leaf
	defaultLeft            []uint8
	splitType              []int32   // nil: all numeric
	weights                []float32 // base_weights: of each node, vector values
	leafWeights            []float32 // of each leaf of a vector tree, by the leaf's right child

	categories, catNodes, catStarts, catSizes []int32
}

// treeBuilder turns nodeArrays into trees; its memory is used again for each.
type treeBuilder struct {
	nodeArrays
	words   int     // of the category sets so far
	order   []int32 // of inner nodes, in preorder
	stack   []int32
	seen    []bool
	segment []int32 // of each node: its place in catNodes, or -1
}

// reset empties the arrays for the next tree.
func (b *treeBuilder) reset() {
	a := &b.nodeArrays
	*a = nodeArrays{
		deleted: -1,
		left:    a.left[:0], right: a.right[:0], feature: a.feature[:0],
		condition: a.condition[:0], gain: a.gain[:0], cover: a.cover[:0],
		defaultLeft: a.defaultLeft[:0], splitType: a.splitType[:0], weights: a.weights[:0], leafWeights: a.leafWeights[:0],
		categories: a.categories[:0], catNodes: a.catNodes[:0], catStarts: a.catStarts[:0], catSizes: a.catSizes[:0],
	}
}

// build checks the arrays and returns the tree of them. Inner nodes and leaves are
// numbered in preorder; the leaves keep XGBoost's node numbers as names. Categories that
// are not in a node's list go left, as in version 1.7 and later.
func (b *treeBuilder) build() (tree.Tree, error) {
	if err := b.walk(); err != nil {
		return tree.Tree{}, err
	}
	inner := len(b.order)
	leaves, width := inner+1, max(b.vector, 1)
	t := tree.Tree{
		Nodes: make([]tree.Node, 0, inner), NodeCover: make([]float64, 0, inner), Gain: make([]float32, 0, inner),
		Values: make([]float64, 0, leaves*width), Cover: make([]float64, 0, leaves), LeafNames: make([]int32, 0, leaves),
	}
	if width > 1 {
		t.Output = tree.Vector
	}
	if err := b.segments(); err != nil {
		return tree.Tree{}, err
	}
	// parent of what comes next: its number <<1, and 1 if it waits for its right child.
	type waiting struct{ at, parent int32 }
	stack := []waiting{{0, -1}}
	for len(stack) > 0 {
		w := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		i, number := w.at, int32(len(t.Nodes))
		if b.left[i] < 0 {
			number = ^int32(len(t.LeafNames))
			if err := b.leaf(&t, int(i), width); err != nil {
				return tree.Tree{}, err
			}
		} else {
			if err := b.node(&t, int(i)); err != nil {
				return tree.Tree{}, err
			}
			stack = append(stack, waiting{b.right[i], number<<1 | 1}, waiting{b.left[i], number << 1})
		}
		switch {
		case w.parent < 0:
		case w.parent&1 == 1:
			t.Nodes[w.parent>>1].Right = number
		default:
			t.Nodes[w.parent>>1].Left = number
		}
	}
	return t, nil
}

// walk checks the shape: arrays of one length, every node reached once or deleted. It
// leaves the inner nodes in order.
func (b *treeBuilder) walk() error {
	n := len(b.left)
	if b.nodes != n {
		return fmt.Errorf("num_nodes is %d, left_children has %d", b.nodes, n)
	}
	if n == 0 {
		return fmt.Errorf("no nodes")
	}
	for _, a := range []struct {
		name string
		have int
	}{
		{"right_children", len(b.right)}, {"split_indices", len(b.feature)}, {"split_conditions", len(b.condition)},
		{"default_left", len(b.defaultLeft)}, {"loss_changes", len(b.gain)}, {"sum_hessian", len(b.cover)},
	} {
		if a.have != n {
			return fmt.Errorf("%s has %d elements for %d nodes", a.name, a.have, n)
		}
	}
	if len(b.splitType) != 0 && len(b.splitType) != n {
		return fmt.Errorf("split_type has %d elements for %d nodes", len(b.splitType), n)
	}
	if cap(b.seen) < n {
		b.seen = make([]bool, n)
	}
	b.seen = b.seen[:n]
	clear(b.seen)
	b.order, b.stack = b.order[:0], append(b.stack[:0], 0)
	b.seen[0] = true
	reached := 0
	for len(b.stack) > 0 {
		i := b.stack[len(b.stack)-1]
		b.stack = b.stack[:len(b.stack)-1]
		reached++
		left, right := b.left[i], b.right[i]
		if left == -1 {
			if right != -1 && b.vector <= 1 {
				return fmt.Errorf("node %d has a right child only, %d", i, right)
			}
			continue
		}
		b.order = append(b.order, i)
		for _, child := range [2]int32{left, right} {
			if child < 0 || int(child) >= n {
				return fmt.Errorf("node %d has child %d of %d nodes", i, child, n)
			}
			if b.seen[child] {
				return fmt.Errorf("node %d has child %d, which has another parent or is the root", i, child)
			}
			b.seen[child] = true
		}
		b.stack = append(b.stack, right, left)
	}
	if b.deleted >= 0 && reached+b.deleted != n {
		return fmt.Errorf("%d of %d nodes are reached, but %d are deleted", reached, n, b.deleted)
	}
	return nil
}

// segments finds the list of categories of each node.
func (b *treeBuilder) segments() error {
	if len(b.catNodes) == 0 && len(b.splitType) == 0 {
		return nil
	}
	if len(b.catStarts) != len(b.catNodes) || len(b.catSizes) != len(b.catNodes) {
		return fmt.Errorf("categories_nodes has %d elements, categories_segments %d, categories_sizes %d", len(b.catNodes), len(b.catStarts), len(b.catSizes))
	}
	b.segment = b.segment[:0]
	for range b.left {
		b.segment = append(b.segment, -1)
	}
	for k, node := range b.catNodes {
		if node < 0 || int(node) >= len(b.left) || b.segment[node] >= 0 {
			return fmt.Errorf("categories_nodes[%d] is %d, no node or one that came before", k, node)
		}
		start, size := int64(b.catStarts[k]), int64(b.catSizes[k])
		if start < 0 || size < 0 || start+size > int64(len(b.categories)) {
			return fmt.Errorf("categories of node %d are %d from %d on of %d", node, size, start, len(b.categories))
		}
		if len(b.splitType) == 0 || b.splitType[node] != 1 {
			return fmt.Errorf("node %d has categories but its split_type is not 1", node)
		}
		b.segment[node] = int32(k)
	}
	return nil
}

// node appends inner node i.
func (b *treeBuilder) node(t *tree.Tree, i int) error {
	n := tree.Node{Feature: b.feature[i], MissingLeft: b.defaultLeft[i] == 1}
	kind := int32(0)
	if len(b.splitType) > 0 {
		kind = b.splitType[i]
	}
	switch kind {
	case 0:
		c := b.condition[i]
		if c != c {
			return fmt.Errorf("the threshold of node %d is NaN", i)
		}
		below, ok := tree.Below32(c)
		if n.Threshold = below; !ok { // nothing lies below -Inf: an empty set
			n.Kind = tree.Categorical
			if err := b.set(t, &n, tree.Set{}); err != nil {
				return err
			}
		}
	case 1:
		k := b.segment[i]
		if k < 0 {
			return fmt.Errorf("node %d is categorical without categories", i)
		}
		s, err := b.categorySet(b.categories[b.catStarts[k]:][:b.catSizes[k]])
		if err != nil {
			return fmt.Errorf("node %d: %w", i, err)
		}
		n.Kind = tree.Categorical
		if err := b.set(t, &n, s); err != nil {
			return err
		}
	default:
		return fmt.Errorf("node %d is of split_type %d", i, kind)
	}
	t.Nodes = append(t.Nodes, n)
	t.Gain = append(t.Gain, float32(orZero(b.gain[i])))
	t.NodeCover = append(t.NodeCover, orZero(b.cover[i]))
	return nil
}

// orZero is v, or 0 if it is not finite: sums of gradients may overflow in training, and
// the trees are none the worse for scoring.
func orZero(v float32) float64 {
	if v-v != 0 {
		return 0
	}
	return float64(v)
}

func (b *treeBuilder) set(t *tree.Tree, n *tree.Node, s tree.Set) error {
	if len(t.Sets) > math.MaxUint16 {
		return fmt.Errorf("more than %d categorical nodes in a tree", math.MaxUint16+1)
	}
	n.Set = uint16(len(t.Sets))
	t.Sets = append(t.Sets, s)
	return nil
}

// categorySet is the set that goes left: all but the categories listed.
func (b *treeBuilder) categorySet(listed []int32) (tree.Set, error) {
	largest := int32(-1)
	for _, c := range listed {
		if c < 0 || c >= maxCategories {
			return tree.Set{}, fmt.Errorf("category %d, allowed are 0 to %d", c, maxCategories-1)
		}
		largest = max(largest, c)
	}
	s := tree.Set{Below: true, Above: true}
	if largest < 0 {
		return s, nil
	}
	words := int(largest)/64 + 1
	if b.words += words; b.words > maxSetWords {
		return tree.Set{}, fmt.Errorf("the categories of the model's nodes take more than %d MiB", maxSetWords>>17)
	}
	s.Bits = make([]uint64, words)
	for w := range s.Bits {
		s.Bits[w] = math.MaxUint64
	}
	for _, c := range listed {
		s.Bits[c/64] &^= 1 << (c % 64)
	}
	return s, nil
}

// leaf appends the values of leaf i.
func (b *treeBuilder) leaf(t *tree.Tree, i, width int) error {
	values := b.condition[i : i+1]
	if width > 1 {
		// From 3.2 on a leaf's right child is its row of leaf_weights; before, the values
		// are those of its node.
		row, rows := i, b.weights
		if len(b.leafWeights) > 0 {
			row, rows = int(b.right[i]), b.leafWeights
		}
		if row < 0 || (row+1)*width > len(rows) {
			return fmt.Errorf("leaf %d has no values: row %d of %d numbers", i, row, len(rows))
		}
		values = rows[row*width : (row+1)*width]
	}
	for _, v := range values {
		if v-v != 0 {
			return fmt.Errorf("the value of leaf %d is %v", i, v)
		}
		t.Values = append(t.Values, float64(v))
	}
	t.Cover = append(t.Cover, orZero(b.cover[i]))
	t.LeafNames = append(t.LeafNames, int32(i))
	return nil
}

// oldCategories changes the categorical nodes of t to the rules of version 1.6: what
// lies below zero or behind the 32-bit words of the stored set takes the default side.
func oldCategories(t *tree.Tree) {
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if n.Kind != tree.Categorical {
			continue
		}
		s := &t.Sets[n.Set]
		if len(s.Bits) == 0 && !s.Above { // a threshold of -Inf
			continue
		}
		s.Below, s.Above = n.MissingLeft, n.MissingLeft
		if k := len(s.Bits) - 1; k >= 0 && s.Bits[k]>>32 == math.MaxUint32 && !n.MissingLeft {
			s.Bits[k] &= math.MaxUint32 // none is listed in the upper half: it is not stored
		}
	}
}
