package golearn

import (
	"fmt"
	"math"
	"strconv"

	"github.com/sjwhitworth/golearn/trees"

	"fm/model/tree"
)

// shape is a fitted tree on its way to our nodes.
type shape struct {
	feature     int
	threshold   float64 // left if value <= threshold
	left, right *shape  // nil: a leaf
	counts      []float64
}

// build numbers the nodes of s in preorder. A missing value goes where the column's
// median goes, which is what it was filled with in training.
func (d *data) build(s *shape) tree.Tree {
	var t tree.Tree
	if d.classes > 2 {
		t.Output = tree.Vector
	}
	var walk func(s *shape) int32
	walk = func(s *shape) int32 {
		if s.left == nil {
			total := 0.0
			for _, n := range s.counts {
				total += n
			}
			t.Cover = append(t.Cover, total)
			first := 0
			if d.classes == 2 {
				first = 1
			}
			for _, n := range s.counts[first:] {
				t.Values = append(t.Values, (n+1)/(total+float64(d.classes))) // as in our own trees
			}
			return ^int32(len(t.Cover) - 1)
		}
		at := len(t.Nodes)
		t.Nodes = append(t.Nodes, tree.Node{Feature: int32(s.feature), Threshold: s.threshold, MissingLeft: d.median[s.feature] <= s.threshold})
		t.Gain = append(t.Gain, float32(max(0, gini(s.counts)-gini(s.left.counts)-gini(s.right.counts))))
		left := walk(s.left)
		right := walk(s.right)
		t.Nodes[at].Left, t.Nodes[at].Right = left, right
		return int32(at)
	}
	walk(s)
	return t
}

// gini is the Gini impurity times the number of rows.
func gini(counts []float64) float64 {
	n, squares := 0.0, 0.0
	for _, c := range counts {
		n += c
		squares += float64(c * c)
	}
	if n == 0 {
		return 0
	}
	return n - squares/n
}

// fromID3 turns golearn's nodes, which send a value above the threshold to child "1",
// into ours.
func (d *data) fromID3(n *trees.DecisionTreeNode) (tree.Tree, error) {
	var walk func(n *trees.DecisionTreeNode) (*shape, error)
	walk = func(n *trees.DecisionTreeNode) (*shape, error) {
		s := &shape{counts: make([]float64, d.classes)}
		for word, rows := range n.ClassDist {
			k, err := strconv.Atoi(word)
			if err != nil || k < 0 || k >= d.classes {
				return nil, fmt.Errorf("golearn invented class %q", word)
			}
			s.counts[k] = float64(rows)
		}
		if n.Children == nil || n.SplitRule == nil || n.SplitRule.SplitAttr == nil {
			return s, nil
		}
		low, high := n.Children["0"], n.Children["1"]
		if low == nil || high == nil { // nothing was split off
			if low == nil {
				low = high
			}
			if low == nil {
				return s, nil
			}
			return walk(low)
		}
		c, err := strconv.Atoi(n.SplitRule.SplitAttr.GetName())
		if err != nil || c < 0 || c >= d.columns || math.IsNaN(n.SplitRule.SplitVal) {
			return nil, fmt.Errorf("golearn invented column %q", n.SplitRule.SplitAttr.GetName())
		}
		s.feature, s.threshold = c, n.SplitRule.SplitVal
		if s.left, err = walk(low); err != nil {
			return nil, err
		}
		s.right, err = walk(high)
		return s, err
	}
	s, err := walk(n)
	if err != nil {
		return tree.Tree{}, err
	}
	return d.build(s), nil
}

// inferCART fits golearn's CART. Its nodes keep a label a side and no counts, so the
// training rows are sent through the tree to count them; and they send "value <
// threshold" left, which is "value <= the float before the threshold".
func (d *data) inferCART(depth int) (tree.Tree, error) {
	rows, labels := make([]int, len(d.y)), make([]int64, d.classes)
	for i := range rows {
		rows[i] = i
	}
	for k := range labels {
		labels[k] = int64(k)
	}
	g, err := d.instances(rows, true)
	if err != nil {
		return tree.Tree{}, err
	}
	fitted := trees.NewDecisionTreeClassifier(trees.GINI, int64(depth), labels)
	if err := fitted.Fit(g); err != nil {
		return tree.Tree{}, err
	}
	// The type of golearn's nodes has no name outside; a stack of them needs none.
	nodes := stack(fitted.RootNode)
	shapes := []*shape{{}}
	root := shapes[0]
	members := [][]int{rows}
	for len(nodes) > 0 {
		last := len(nodes) - 1
		n, s, in := nodes[last], shapes[last], members[last]
		nodes, shapes, members = nodes[:last], shapes[:last], members[:last]
		s.counts = d.count(in)
		if n == nil {
			continue
		}
		c := int(n.Feature)
		if c < 0 || c >= d.columns {
			return tree.Tree{}, fmt.Errorf("golearn invented column %d", c)
		}
		s.feature, s.threshold = c, math.Nextafter(n.Threshold, math.Inf(-1))
		var low, high []int
		for _, r := range in {
			if d.x[r*d.columns+c] <= s.threshold {
				low = append(low, r)
			} else {
				high = append(high, r)
			}
		}
		if len(low) == 0 || len(high) == 0 { // a root that golearn could not split
			continue
		}
		s.left, s.right = &shape{}, &shape{}
		nodes = append(nodes, n.Left, n.Right)
		shapes = append(shapes, s.left, s.right)
		members = append(members, low, high)
	}
	return d.build(root), nil
}

// stack makes a slice of a value whose type cannot be named.
func stack[T any](v T) []T { return []T{v} }

func (d *data) count(rows []int) []float64 {
	counts := make([]float64, d.classes)
	for _, r := range rows {
		counts[d.y[r]]++
	}
	return counts
}
