package tree

import (
	"errors"
	"fmt"
	"sync"

	"fm/model"
)

// maxLevels bounds the depth of trees whose margins are split: walks go down by recursion.
const maxLevels = 1024

var (
	_ model.Explainer = (*Ensemble)(nil)
	_ model.Ranker    = (*Ensemble)(nil)
)

// Explain implements [model.Explainer]: exact SHAP values (Lundberg et al., "From local
// explanations to global understanding with explainable AI for trees", Nature Machine
// Intelligence 2, 2020), path dependent: at a node that asks for an unknown input a row
// goes both ways, by the cover of the children. Margins are those of [Ensemble.Margins],
// before Divisor; a tree without nodes adds to the bias only.
//
// A leaf with value v at the end of a path over n different inputs gives input i
//
//	v (o_i - z_i) ∫ Π_{j≠i} (o_j t + z_j (1-t)) dt, t from 0 to 1,
//
// where z_j is the product of the shares of cover that follow the path at the nodes that
// ask for j, and o_j is 1 if the row follows the path at all of them, else 0: the weights
// of Shapley's formula are ∫ t^s (1-t)^(n-1-s) dt. The integrand is a polynomial of degree
// n-1, so that Gauss and Legendre's rule with ⌈n/2⌉ points is exact; all its factors and
// weights are positive, so that nothing cancels. See [walk].
func (e *Ensemble) Explain() (model.Contributions, error) {
	x := &explainer{Ensemble: e, trees: make([]shares, len(e.Trees)), bias: make([]float64, len(e.Base))}
	room, rules, on := 0, map[int]*rule{}, make([]path, e.inputs)
	for i := range e.Trees {
		t, s := &e.Trees[i], &x.trees[i]
		if t.Linear != nil {
			return nil, errors.New("explain trees: a model with linear leaves can't be split exactly")
		}
		levels := t.levels()
		if levels > maxLevels {
			return nil, fmt.Errorf("explain trees: tree %d has %d levels, more than %d", i, levels, maxLevels)
		}
		s.nodes = t.shares()
		k := max(1, (t.compound(s.nodes, on)+1)/2)
		if rules[k] == nil {
			rules[k] = legendre(k)
		}
		s.rule = rules[k]
		room = max(room, k*levels)
		t.expect(s.nodes, x.bias)
	}
	for o, b := range e.Base {
		if e.BaseFirst {
			x.bias[o] += b
		}
		if e.Average && len(e.Trees) > 0 {
			x.bias[o] /= float64(len(e.Trees))
		}
		if !e.BaseFirst {
			x.bias[o] += b
		}
	}
	x.walks.New = func() any {
		return &walk{down: make([]float64, room), up: make([]float64, room), cold: make([]bool, e.inputs), float: e.Float32}
	}
	return x.contributions, nil
}

// levels is the number of nodes on the longest path.
func (t *Tree) levels() int {
	level, deepest := make([]int, len(t.Nodes)), 0
	for i := range t.Nodes { // a child lies behind its parent
		deepest = max(deepest, level[i]+1)
		for _, c := range [2]int32{t.Nodes[i].Left, t.Nodes[i].Right} {
			if c >= 0 {
				level[c] = level[i] + 1
			}
		}
	}
	return deepest
}

// share tells which parts of a node's cover go left and right, and which part follows
// the path to it at the nodes above that ask for the same input.
type share struct{ left, right, above float64 }

// shares returns the share of each node, but for above.
func (t *Tree) shares() []share {
	nodes, sums := make([]share, len(t.Nodes)), make([]float64, len(t.Nodes))
	for i := len(nodes) - 1; i >= 0; i-- {
		left, right := t.cover(t.Nodes[i].Left, sums), t.cover(t.Nodes[i].Right, sums)
		sums[i] = left + right
		total := sums[i]
		if t.NodeCover != nil {
			total = t.NodeCover[i]
		}
		nodes[i] = share{left: 0.5, right: 0.5} // no row of training came by
		if total > 0 {
			nodes[i].left, nodes[i].right = left/total, right/total
		}
	}
	return nodes
}

// cover is the weight of the training rows of a node or leaf; sums are those of the nodes
// if they are not known better.
func (t *Tree) cover(child int32, sums []float64) float64 {
	switch {
	case child < 0:
		return max(0, t.Cover[^child])
	case t.NodeCover != nil:
		return max(0, t.NodeCover[child])
	}
	return sums[child]
}

// path is what is known of an input on the way down: whether a node above asks for it,
// and the share that follows the way there.
type path struct {
	asked bool
	share float64
}

// compound completes nodes and returns the most different inputs that a path asks for. on
// is empty, one an input, and will be again.
func (t *Tree) compound(nodes []share, on []path) (most int) {
	var down func(at int32, different int)
	down = func(at int32, different int) {
		if at < 0 {
			most = max(most, different)
			return
		}
		n, s := &t.Nodes[at], &nodes[at]
		before := on[n.Feature]
		if !before.asked {
			before.share = 1
			different++
		}
		s.above = before.share
		on[n.Feature] = path{true, s.above * s.left}
		down(n.Left, different)
		on[n.Feature] = path{true, s.above * s.right}
		down(n.Right, different)
		on[n.Feature] = before
	}
	down(t.root(), 0)
	return most
}

// expect adds to bias what a row of which nothing is known gets.
func (t *Tree) expect(nodes []share, bias []float64) {
	first, end := 0, len(bias)
	if t.Output != Vector {
		first, end = int(t.Output), int(t.Output)+1
	}
	sums := make([]float64, len(nodes))
	for o := first; o < end; o++ {
		offset, stride := t.values(o, len(bias))
		of := func(child int32) float64 {
			if child < 0 {
				return t.Values[int(^child)*stride+offset]
			}
			return sums[child]
		}
		for i := len(nodes) - 1; i >= 0; i-- {
			sums[i] = float64(nodes[i].left*of(t.Nodes[i].Left)) + float64(nodes[i].right*of(t.Nodes[i].Right))
		}
		bias[o] += of(t.root())
	}
}

// values tells where in Values the value of leaf 0 for an output lies, and how far it is
// to the next leaf's.
func (t *Tree) values(output, outputs int) (offset, stride int) {
	if t.Output == Vector {
		return output, outputs
	}
	return 0, 1
}

// explainer is an ensemble made ready.
type explainer struct {
	*Ensemble
	trees []shares
	bias  []float64 // of each output
	walks sync.Pool // of *walk
}

// shares is what is needed of a tree besides itself.
type shares struct {
	nodes []share
	rule  *rule
}

// contributions is a [model.Contributions].
func (x *explainer) contributions(dst, row []float64, output int) {
	if len(dst) != x.inputs+1 || len(row) != x.inputs || output < 0 || output >= len(x.bias) {
		panic("tree: contributions: slices do not match")
	}
	clear(dst)
	w := x.walks.Get().(*walk)
	w.row, w.sum = row, dst
	for i := range x.Trees {
		t := &x.Trees[i]
		if len(t.Nodes) == 0 || t.Output != Vector && int(t.Output) != output {
			continue
		}
		w.tree, w.nodes, w.rule = t, x.trees[i].nodes, x.trees[i].rule
		w.offset, w.stride = t.values(output, len(x.bias))
		copy(w.down, w.rule.weight)
		w.node(0, 0)
	}
	w.row, w.sum = nil, nil
	x.walks.Put(w)
	if x.Average {
		for i := range dst {
			dst[i] /= float64(len(x.Trees))
		}
	}
	dst[x.inputs] = x.bias[output]
}

// walk goes over a tree for one row. At each point of the rule it takes down the product
// of the weight and the factors of the path, one an input, and brings up the sum over the
// leaves below of their value times the factors below: at each edge the product of both
// is what all leaves behind it say, and its part for the input asked for is known there.
// An input asked for again has its factor replaced by that of all its nodes so far.
type walk struct {
	tree   *Tree
	nodes  []share
	rule   *rule
	row    []float64
	sum    []float64 // contributions so far
	down   []float64 // level × point
	up     []float64 // level × point
	cold   []bool    // of each input, whether the row has left the path where it was asked for
	offset int       // of the value of leaf 0
	stride int       // to the next leaf's
	float  bool
}

// node goes over the tree below node at; down is known up to level, and up will be.
func (w *walk) node(at int32, level int) {
	n, s := &w.tree.Nodes[at], &w.nodes[at]
	on, off := w.rule.on, w.rule.off[:len(w.rule.on)]
	p, up := w.down[level*len(on):][:len(on)], w.up[level*len(on):][:len(on)]
	if w.cold[n.Feature] {
		// The factor of the input shrinks with its share, and its part does not change.
		clear(up)
		w.below(n.Left, level, s.left)
		w.below(n.Right, level, s.right)
		return
	}
	followed, left, other, right := n.Left, s.left, n.Right, s.right
	if !w.tree.left(n, w.row[n.Feature], w.float) {
		followed, left, other, right = other, right, followed, left
	}
	again := s.above != 1
	if again {
		for i, t := range on {
			p[i] /= t + float64(s.above*off[i])
		}
	}
	z, sum := float64(s.above*left), 0.0
	if followed < 0 {
		v := w.value(followed)
		for i, t := range on {
			up[i] = v * (t + float64(z*off[i]))
			sum += float64(v * p[i])
		}
	} else {
		next := w.down[(level+1)*len(on):][:len(on)]
		for i, t := range on {
			next[i] = p[i] * (t + float64(z*off[i]))
		}
		w.node(followed, level+1)
		next = w.up[(level+1)*len(on):][:len(on)]
		for i, t := range on {
			up[i] = next[i] * (t + float64(z*off[i]))
			sum += float64(next[i] * p[i])
		}
	}
	part := float64((1 - z) * sum)
	if z, sum = float64(s.above*right), 0; z > 0 {
		if other < 0 {
			v := w.value(other)
			for i, u := range off {
				up[i] += float64(v * (z * u))
				sum += float64(v * p[i])
			}
		} else {
			next := w.down[(level+1)*len(on):][:len(on)]
			for i, u := range off {
				next[i] = p[i] * (z * u)
			}
			w.cold[n.Feature] = true
			w.node(other, level+1)
			w.cold[n.Feature] = false
			next = w.up[(level+1)*len(on):][:len(on)]
			for i, u := range off {
				up[i] += float64(next[i] * (z * u))
				sum += float64(next[i] * p[i])
			}
		}
		part -= float64(z * sum)
	}
	if again {
		sum = 0
		for i, t := range on {
			up[i] /= t + float64(s.above*off[i])
			sum += float64(up[i] * p[i])
		}
		part -= float64((1 - s.above) * sum)
	}
	w.sum[n.Feature] += part
}

// below adds what a child with a share of its parent's cover says to up at level.
func (w *walk) below(child int32, level int, share float64) {
	k := len(w.rule.on)
	up := w.up[level*k:][:k]
	if child < 0 {
		v := float64(share * w.value(child))
		for i := range up {
			up[i] += v
		}
		return
	}
	if share == 0 {
		return
	}
	next := w.down[(level+1)*k:][:k]
	for i, p := range w.down[level*k:][:k] {
		next[i] = p * share
	}
	w.node(child, level+1)
	for i, v := range w.up[(level+1)*k:][:k] {
		up[i] += float64(v * share)
	}
}

func (w *walk) value(leaf int32) float64 { return w.tree.Values[int(^leaf)*w.stride+w.offset] }
