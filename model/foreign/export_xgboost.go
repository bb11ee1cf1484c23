package foreign

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"fm/model"
	"fm/model/tree"
)

// writeXGBoost writes a JSON model as version 2.1 does, with the words of categorical
// inputs where 3.1 and later have them, which others pass over. A model of XGBoost keeps every bit
// of its margins; any other gets thresholds that are right for all rows of float32 numbers,
// and leaf values and sums in float32.
func writeXGBoost(w io.Writer, x *Exported) ([]string, error) {
	if err := x.check(); err != nil {
		return nil, err
	}
	var notes []string
	for i, words := range x.Words {
		if words == nil {
			continue
		}
		if err := xgboostWords(words); err != nil {
			return nil, fmt.Errorf("column %q: %w", x.Names[i], err)
		}
		notes = []string{"XGBoost takes words from 3.1 on, in frames of pandas with categorical columns, and refuses those that the model has not; before 3.1 it takes their codes"}
	}
	out := &xgboostWriter{Writer: bufio.NewWriterSize(w, bufferLength)}
	if l, ok := x.Scorer.(*Linear); ok {
		o, err := xgboostObjective(l.Transform, l.Predicts, l.Task(), l.Outputs())
		if err != nil {
			return nil, err
		}
		out.head(x)
		out.linear(l)
		out.tail(x, o)
		return notes, out.Flush()
	}
	e, ok := x.Scorer.(*tree.Ensemble)
	switch {
	case !ok:
		return nil, errors.New("XGBoost has no models but trees and linear ones of its own")
	case e.Slope != 0 && e.Slope != 1:
		return nil, fmt.Errorf("XGBoost's logistic function has no slope, this model's is %v", e.Slope)
	case e.Divisor != 0 && e.Divisor != 1 && e.Transform != tree.Identity:
		return nil, errors.New("XGBoost has no average of margins before a link")
	}
	o, err := xgboostObjective(e.Transform, e.Predicts, e.Task(), e.Outputs())
	if err != nil {
		return nil, err
	}
	share := 1.0
	switch {
	case e.Average && len(e.Trees) > 0:
		share = float64(len(e.Trees))
		for _, b := range e.Base {
			if b != 0 {
				return nil, errors.New("an average with a base value")
			}
		}
	case e.Divisor != 0:
		share = e.Divisor
	}
	all := rounds(e)
	for r, round := range all {
		for i := range round {
			if err := xgboostCan(&round[i], x, share); err != nil {
				return nil, fmt.Errorf("tree %d of round %d: %w", i, r, err)
			}
		}
	}
	out.head(x)
	out.trees(all, x, e.Float32, share)
	out.tail(x, o)
	if !e.Float32 {
		notes = append(notes, "XGBoost computes in float32: margins agree to about seven digits, and a value that is no float32 number can fall to the other side of a threshold next to it")
	}
	if e.Transform == tree.Identity && e.Task() != model.Regression {
		notes = append(notes, "XGBoost takes it for a regression, whose numbers are the probabilities")
	}
	if strings.ContainsAny(strings.Join(x.Names, ""), "[]<") {
		notes = append(notes, "the names are left out: XGBoost's must not contain [, ] or <")
	}
	return notes, out.Flush()
}

// xgboostTarget is an objective of a model that is written.
type xgboostTarget struct {
	name  string
	param string // JSON of what the objective adds
	base  string // base_score that adds nothing to margins
	class int    // num_class
	many  int    // num_target
}

// xgboostObjective finds the objective that links margins in this way.
func xgboostObjective(t tree.Transform, predicts model.Prediction, task model.Task, outputs int) (xgboostTarget, error) {
	const plain, weighted = `"reg_loss_param":{"scale_pos_weight":"1"}`, `"softmax_multiclass_param":{"num_class":"%d"}`
	switch {
	case (t == tree.Logistic || t == tree.BoundedLogistic || t == tree.LibmLogistic) && outputs == 1 && predicts == model.Raw:
		return xgboostTarget{"binary:logitraw", plain, "0E0", 0, 1}, nil
	case (t == tree.Logistic || t == tree.BoundedLogistic || t == tree.LibmLogistic) && outputs == 1:
		return xgboostTarget{"binary:logistic", plain, "5E-1", 0, 1}, nil
	case (t == tree.Logistic || t == tree.BoundedLogistic) && task == model.Regression:
		return xgboostTarget{"binary:logistic", plain, "5E-1", 0, outputs}, nil
	case (t == tree.Softmax || t == tree.LibmSoftmax) && outputs > 1 && predicts == model.Index:
		return xgboostTarget{"multi:softmax", fmt.Sprintf(weighted, outputs), "0E0", outputs, 1}, nil
	case (t == tree.Softmax || t == tree.LibmSoftmax) && outputs > 1:
		return xgboostTarget{"multi:softprob", fmt.Sprintf(weighted, outputs), "0E0", outputs, 1}, nil
	case t == tree.Identity:
		return xgboostTarget{"reg:squarederror", plain, "0E0", 0, outputs}, nil
	case (t == tree.Exponential || t == tree.LibmExponential) && outputs == 1:
		return xgboostTarget{"count:poisson", `"poisson_regression_param":{"max_delta_step":"0.7"}`, "1E0", 0, 1}, nil
	case t == tree.Step && outputs == 1:
		return xgboostTarget{"binary:hinge", "", "0E0", 0, 1}, nil
	}
	return xgboostTarget{}, fmt.Errorf("XGBoost has no objective that links %d margins as this model does", outputs)
}

// xgboostCan checks that a tree can be written.
func xgboostCan(p *part, x *Exported, share float64) error {
	if p.Linear != nil {
		return errors.New("XGBoost has no linear leaves")
	}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		switch n.Kind {
		case tree.ZeroMissing:
			return fmt.Errorf("node %d: XGBoost does not take zero for missing", i)
		case tree.Categorical:
			if _, err := xgboostCodes(p.Tree, n, len(x.Words[n.Feature])); err != nil {
				return fmt.Errorf("node %d: %w", i, err)
			}
		}
	}
	for leaf := range p.Cover {
		if f := float32(p.value(leaf) / share); f-f != 0 {
			return fmt.Errorf("leaf %d: %v is no float32 number", leaf, p.value(leaf))
		}
	}
	return nil
}

// xgboostCodes are the categories of node n that go right. All others go left, but missing
// values, which have a direction of their own.
func xgboostCodes(t *tree.Tree, n *tree.Node, codes int) ([]int32, error) {
	s := &t.Sets[n.Set]
	if codes == 0 && !(s.Below && s.Above) {
		return nil, errors.New("categories outside of a set go right: in XGBoost they go left")
	}
	all := 64 * len(s.Bits)
	if codes > 0 {
		all = codes
	}
	var out []int32
	for k := range all {
		if in := k < 64*len(s.Bits) && s.Bits[k/64]>>(k%64)&1 == 1; !in && (k < 64*len(s.Bits) || !s.Above) {
			out = append(out, int32(k))
		}
	}
	return out, nil
}

// xgboostWriter writes a model in pieces; the buffer keeps the first error.
type xgboostWriter struct{ *bufio.Writer }

func (j *xgboostWriter) text(s string) { j.WriteString(s) }

func (j *xgboostWriter) head(x *Exported) {
	names, types := x.Names, make([]string, len(x.Names))
	for i, w := range x.Words {
		types[i] = "float"
		if w != nil {
			types[i] = "c"
		}
	}
	if strings.ContainsAny(strings.Join(names, ""), "[]<") {
		names = []string{}
	}
	j.text(`{"learner":{"attributes":{},"feature_names":`)
	j.strings(names)
	j.text(`,"feature_types":`)
	j.strings(types)
	j.text(`,"gradient_booster":{`)
}

func (j *xgboostWriter) strings(s []string) {
	text, err := json.Marshal(s)
	if err != nil { // there is no string that can't be written
		panic("foreign: a string is no JSON")
	}
	j.Write(text)
}

func (j *xgboostWriter) tail(x *Exported, o xgboostTarget) {
	param := ""
	if o.param != "" {
		param = "," + o.param
	}
	fmt.Fprintf(j, `},"learner_model_param":{"base_score":"%s","boost_from_average":"1","num_class":"%d","num_feature":"%d","num_target":"%d"},"objective":{"name":"%s"%s}},"version":[2,1,4]}`+"\n",
		o.base, o.class, x.Scorer.Inputs(), o.many, o.name, param)
}

func (j *xgboostWriter) linear(l *Linear) {
	j.text(`"model":{"boosted_rounds":1,"weights":[`)
	for i, w := range l.Weights {
		if i > 0 {
			j.WriteByte(',')
		}
		j.text(float32Text(w))
	}
	for o, b := range l.Bias { // the base is added to the bias first
		j.WriteByte(',')
		j.text(float32Text(b + l.Base[o]))
	}
	j.text(`]},"name":"gblinear"`)
}

func float32Text(v float32) string {
	return strconv.FormatFloat(float64(v), 'E', -1, 32)
}

func (j *xgboostWriter) trees(all [][]part, x *Exported, float bool, share float64) {
	n, outputs := 0, x.Scorer.Outputs()
	fmt.Fprintf(j, `"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"%d"},"iteration_indptr":[0`, len(all)*outputs)
	for r := range all {
		fmt.Fprintf(j, ",%d", (r+1)*outputs)
	}
	j.text(`],"tree_info":[`)
	for i := range len(all) * outputs {
		if i > 0 {
			j.WriteByte(',')
		}
		j.text(strconv.Itoa(i % outputs))
	}
	j.text(`],"trees":[`)
	for _, round := range all {
		for i := range round {
			if n > 0 {
				j.WriteByte(',')
			}
			j.tree(&round[i], n, x, float, share)
			n++
		}
	}
	j.text(`]`)
	j.words(x.Words)
	j.text(`},"name":"gbtree"`)
}

// list writes "key":[values].
func (j *xgboostWriter) list(key string, n int, value func(i int) string) {
	fmt.Fprintf(j, `,"%s":[`, key)
	for i := range n {
		if i > 0 {
			j.WriteByte(',')
		}
		j.text(value(i))
	}
	j.WriteByte(']')
}

// xgboostNode is a node as XGBoost numbers them, leaves among them.
type xgboostNode struct {
	at           int32 // in the tree: of a node, or ^ of a leaf
	parent, left int   // right is left + 1, as XGBoost's predictors before 3.0 take for granted
}

// xgboostNodes numbers the nodes level by level, siblings side by side.
func xgboostNodes(t *tree.Tree) []xgboostNode {
	all := make([]xgboostNode, 1, 2*len(t.Nodes)+1)
	all[0] = xgboostNode{parent: math.MaxInt32}
	if len(t.Nodes) == 0 {
		all[0].at = -1
	}
	for i := 0; i < len(all); i++ {
		if at := all[i].at; at >= 0 {
			all[i].left = len(all)
			all = append(all, xgboostNode{at: t.Nodes[at].Left, parent: i}, xgboostNode{at: t.Nodes[at].Right, parent: i})
		}
	}
	return all
}

// tree writes one tree.
func (j *xgboostWriter) tree(p *part, number int, x *Exported, float bool, share float64) {
	all := xgboostNodes(p.Tree)
	covers := nodeCovers(p.Tree)
	var categories, places, starts, sizes []int32
	for i, a := range all {
		if a.at >= 0 && p.Nodes[a.at].Kind == tree.Categorical {
			n := &p.Nodes[a.at]
			codes, _ := xgboostCodes(p.Tree, n, len(x.Words[n.Feature]))
			places, starts, sizes = append(places, int32(i)), append(starts, int32(len(categories))), append(sizes, int32(len(codes)))
			categories = append(categories, codes...)
		}
	}
	ints := func(key string, v []int32) {
		j.list(key, len(v), func(i int) string { return strconv.Itoa(int(v[i])) })
	}
	each := func(key, leaf string, node func(a *xgboostNode, n *tree.Node) string) {
		j.list(key, len(all), func(i int) string {
			if a := &all[i]; a.at >= 0 {
				return node(a, &p.Nodes[a.at])
			}
			return leaf
		})
	}
	flag := func(set bool) string {
		if set {
			return "1"
		}
		return "0"
	}
	value := func(leaf int32) string { return float32Text(float32(p.value(int(leaf)) / share)) }
	fmt.Fprintf(j, `{"id":%d`, number)
	j.list("base_weights", len(all), func(i int) string {
		if a := all[i].at; a < 0 {
			return value(^a)
		}
		return "0E0"
	})
	ints("categories", categories)
	ints("categories_nodes", places)
	ints("categories_segments", starts)
	ints("categories_sizes", sizes)
	each("default_left", "0", func(_ *xgboostNode, n *tree.Node) string { return flag(n.MissingLeft) })
	each("left_children", "-1", func(a *xgboostNode, _ *tree.Node) string { return strconv.Itoa(a.left) })
	each("loss_changes", "0E0", func(a *xgboostNode, _ *tree.Node) string { return float32Text(float32(gainOf(p.Tree, int(a.at)))) })
	j.list("parents", len(all), func(i int) string { return strconv.Itoa(all[i].parent) })
	each("right_children", "-1", func(a *xgboostNode, _ *tree.Node) string { return strconv.Itoa(a.left + 1) })
	j.list("split_conditions", len(all), func(i int) string {
		a := all[i].at
		if a < 0 {
			return value(^a)
		}
		switch n := &p.Nodes[a]; {
		case n.Kind == tree.Categorical:
			return "0E0"
		case float: // Below32 the other way round
			return float32Text(min(math.Nextafter32(float32(n.Threshold), float32(math.Inf(1))), math.MaxFloat32))
		default:
			return float32Text(above32(n.Threshold))
		}
	})
	each("split_indices", "0", func(_ *xgboostNode, n *tree.Node) string { return strconv.Itoa(int(n.Feature)) })
	each("split_type", "0", func(_ *xgboostNode, n *tree.Node) string { return flag(n.Kind == tree.Categorical) })
	j.list("sum_hessian", len(all), func(i int) string {
		if a := all[i].at; a < 0 {
			return float32Text(float32(p.Cover[^a]))
		}
		return float32Text(float32(covers[all[i].at]))
	})
	fmt.Fprintf(j, `,"tree_param":{"num_deleted":"0","num_feature":"%d","num_nodes":"%d","size_leaf_vector":"1"}}`, x.Scorer.Inputs(), len(all))
}
