package foreign

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"

	"fm/model"
	"fm/model/tree"
)

// writeLightGBM writes a text model with header v3, which LightGBM reads since 2.3. Its
// margins have every bit of the ensemble's, but for rows with values up to [tree.ZeroBound]
// that are not zero, which LightGBM takes for zero.
func writeLightGBM(w io.Writer, x *Exported) ([]string, error) {
	e, ok := x.Scorer.(*tree.Ensemble)
	switch {
	case !ok:
		return nil, errors.New("LightGBM has no models but trees")
	case e.Float32:
		return nil, errors.New("a model of XGBoost: LightGBM does not sum in float32")
	}
	if err := x.check(); err != nil {
		return nil, err
	}
	objective, notes, err := lightGBMObjective(e)
	if err != nil {
		return nil, err
	}
	all := rounds(e)
	average := e.Average || e.Divisor != 0
	if average && (len(all) != len(e.Trees)/max(1, partsOf(e)) || e.Divisor != 0 && e.Divisor != float64(len(all))) {
		return nil, errors.New("LightGBM averages trees only, one a round: not with a base value nor over another number")
	}
	var blocks [][]byte
	for _, round := range all {
		for i := range round {
			b, err := lightGBMTree(&round[i], len(blocks), x)
			if err != nil {
				return nil, fmt.Errorf("tree %d: %w", len(blocks), err)
			}
			blocks = append(blocks, b)
		}
	}
	out := bufio.NewWriterSize(w, bufferLength)
	fmt.Fprintf(out, "tree\nversion=v3\nnum_class=%d\nnum_tree_per_iteration=%d\nlabel_index=0\nmax_feature_idx=%d\n", e.Outputs(), e.Outputs(), e.Inputs()-1)
	if objective != "" {
		fmt.Fprintf(out, "objective=%s\n", objective)
	}
	if average {
		fmt.Fprintln(out, "average_output")
	}
	names := lightGBMNames(x.Names)
	var infos, sizes, labels []string
	for _, words := range x.Words {
		if words == nil {
			infos = append(infos, "[-1e+308:1e+308]")
			continue
		}
		codes := make([]string, len(words))
		for k := range codes {
			codes[k] = strconv.Itoa(k)
		}
		infos = append(infos, "-1:"+strings.Join(codes, ":"))
		text, err := json.Marshal(words)
		if err != nil {
			return nil, err
		}
		labels = append(labels, string(text))
	}
	for _, b := range blocks {
		sizes = append(sizes, strconv.Itoa(len(b)))
	}
	fmt.Fprintf(out, "feature_names=%s\nfeature_infos=%s\ntree_sizes=%s\n\n", strings.Join(names, " "), strings.Join(infos, " "), strings.Join(sizes, " "))
	for _, b := range blocks {
		out.Write(b)
	}
	out.WriteString("end of trees\n\nfeature_importances:\n\n")
	if labels == nil {
		out.WriteString("pandas_categorical:null\n")
	} else {
		fmt.Fprintf(out, "pandas_categorical:[%s]\n", strings.Join(labels, ", "))
	}
	return notes, out.Flush()
}

// partsOf is how many trees each tree of e becomes.
func partsOf(e *tree.Ensemble) int {
	if len(e.Trees) > 0 && e.Trees[0].Output == tree.Vector {
		return 1
	}
	return e.Outputs()
}

// lightGBMObjective is the line that has LightGBM link margins as e does; "" for none.
func lightGBMObjective(e *tree.Ensemble) (string, []string, error) {
	slope := e.Slope
	if slope == 0 {
		slope = 1
	}
	classes := e.Task() == model.Classes
	switch t := e.Transform; {
	case t == tree.LibmLogistic || t == tree.Logistic:
		if classes {
			return fmt.Sprintf("multiclassova num_class:%d sigmoid:%v", e.Outputs(), slope), nil, nil
		}
		if e.Outputs() == 1 {
			return fmt.Sprintf("binary sigmoid:%v", slope), nil, nil
		}
	case (t == tree.LibmSoftmax || t == tree.Softmax) && e.Outputs() > 1:
		return fmt.Sprintf("multiclass num_class:%d", e.Outputs()), nil, nil
	case t == tree.Identity && e.Outputs() == 1:
		if e.Task() == model.Binary {
			return "regression", []string{"LightGBM takes it for a regression, whose number is the probability"}, nil
		}
		return "regression", nil, nil
	case t == tree.Identity:
		return "", []string{"LightGBM finds no objective in it: what it predicts are the outputs as they are"}, nil
	case e.Outputs() > 1:
	case t == tree.LibmExponential || t == tree.Exponential:
		return "poisson", nil, nil
	case t == tree.LibmLogExp || t == tree.LogExp:
		return "cross_entropy_lambda", nil, nil
	case t == tree.SignedSquare:
		return "regression sqrt", nil, nil
	}
	return "", nil, fmt.Errorf("LightGBM has no objective that links %d margins as this model does", e.Outputs())
}

// lightGBMNames are the names as LightGBM allows them: without blanks, each once.
func lightGBMNames(names []string) []string {
	out := make([]string, len(names))
	seen := map[string]bool{}
	for i, n := range names {
		n = strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || unicode.IsControl(r) {
				return '_'
			}
			return r
		}, n)
		if n == "" {
			n = "_"
		}
		for seen[n] {
			n += "_"
		}
		seen[n] = true
		out[i] = n
	}
	return out
}

// textList writes key=values.
func textList(b *bytes.Buffer, key string, n int, value func(i int) string) {
	b.WriteString(key + "=")
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(value(i))
	}
	b.WriteByte('\n')
}

// digits17 is v with the 17 digits from which every reader gets v back.
func digits17(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	return strconv.FormatFloat(v, 'g', 17, 64)
}

// count is a cover as LightGBM has it: a number of rows, at least one.
func count(cover float64) string {
	return strconv.Itoa(int(max(1, min(math.Round(cover), math.MaxInt32))))
}

// lightGBMTree is the block of one tree. Leaves keep their names if these are LightGBM's.
func lightGBMTree(p *part, number int, x *Exported) ([]byte, error) {
	nodes := len(p.Nodes)
	leafAt := leafNumbers(p.Tree)  // LightGBM's number of each of our leaves
	leafOf := make([]int, nodes+1) // and the other way round
	for i, n := range leafAt {
		leafOf[n] = i
	}
	number32 := func(child int32) string {
		if child < 0 {
			child = ^leafAt[^child]
		}
		return strconv.Itoa(int(child))
	}
	// What a node writes of itself.
	type line struct {
		threshold   string
		decision    int
		left, right int32
	}
	lines := make([]line, nodes)
	boundaries, words := []string{"0"}, []string(nil)
	for i := range p.Nodes {
		n := &p.Nodes[i]
		l := line{left: n.Left, right: n.Right}
		switch n.Kind {
		case tree.Categorical:
			c, err := finite(p.Tree, n, len(x.Words[n.Feature]))
			if err != nil {
				return nil, fmt.Errorf("node %d: %w", i, err)
			}
			if !c.listed { // what is in LightGBM's set goes left
				l.left, l.right = l.right, l.left
			}
			l.threshold, l.decision = strconv.Itoa(len(boundaries)-1), decisionCategorical|2<<2
			words = append(words, setWords(c.codes)...)
			boundaries = append(boundaries, strconv.Itoa(len(words)))
		default:
			l.threshold, l.decision = digits17(n.Threshold), 2<<2
			if n.Kind == tree.ZeroMissing {
				l.decision = 1 << 2
			}
			if n.MissingLeft {
				l.decision |= decisionDefaultLeft
			}
		}
		lines[i] = l
	}
	covers := nodeCovers(p.Tree)
	var b bytes.Buffer
	fmt.Fprintf(&b, "Tree=%d\nnum_leaves=%d\nnum_cat=%d\n", number, nodes+1, len(boundaries)-1)
	textList(&b, "split_feature", nodes, func(i int) string { return strconv.Itoa(int(p.Nodes[i].Feature)) })
	textList(&b, "split_gain", nodes, func(i int) string { return strconv.FormatFloat(gainOf(p.Tree, i), 'g', 6, 32) })
	textList(&b, "threshold", nodes, func(i int) string { return lines[i].threshold })
	textList(&b, "decision_type", nodes, func(i int) string { return strconv.Itoa(lines[i].decision) })
	textList(&b, "left_child", nodes, func(i int) string { return number32(lines[i].left) })
	textList(&b, "right_child", nodes, func(i int) string { return number32(lines[i].right) })
	textList(&b, "leaf_value", nodes+1, func(i int) string { return digits17(p.value(leafOf[i])) })
	textList(&b, "leaf_weight", nodes+1, func(i int) string { return digits17(p.Cover[leafOf[i]]) })
	textList(&b, "leaf_count", nodes+1, func(i int) string { return count(p.Cover[leafOf[i]]) })
	textList(&b, "internal_value", nodes, func(int) string { return "0" })
	textList(&b, "internal_weight", nodes, func(i int) string { return strconv.FormatFloat(covers[i], 'g', 6, 64) })
	textList(&b, "internal_count", nodes, func(i int) string { return count(covers[i]) })
	if len(boundaries) > 1 {
		textList(&b, "cat_boundaries", len(boundaries), func(i int) string { return boundaries[i] })
		textList(&b, "cat_threshold", len(words), func(i int) string { return words[i] })
	}
	if p.Linear != nil {
		lightGBMLinear(&b, p, leafOf)
	} else {
		b.WriteString("is_linear=0\n")
	}
	b.WriteString("shrinkage=1\n\n\n")
	return b.Bytes(), nil
}

// lightGBMLinear writes linear leaves.
func lightGBMLinear(b *bytes.Buffer, p *part, leafOf []int) {
	b.WriteString("is_linear=1\n")
	leaf := func(i int) *tree.Linear { return &p.Linear[leafOf[i]] }
	n := len(leafOf)
	textList(b, "leaf_const", n, func(i int) string { return digits17(leaf(i).Const) })
	textList(b, "num_features", n, func(i int) string { return strconv.Itoa(len(leaf(i).Features)) })
	textList(b, "leaf_features", n, func(i int) string {
		s := ""
		for _, f := range leaf(i).Features {
			s += strconv.Itoa(int(f)) + " "
		}
		return s
	})
	textList(b, "leaf_coeff", n, func(i int) string {
		s := ""
		for _, c := range leaf(i).Coefs {
			s += digits17(c) + " "
		}
		return s
	})
}

// leafNumbers are the names of the leaves if they are a numbering from 0, else their
// indexes.
func leafNumbers(t *tree.Tree) []int32 {
	n := len(t.Nodes) + 1
	index := make([]int32, n)
	seen := make([]bool, n)
	named := t.LeafNames != nil
	for i := range index {
		index[i] = int32(i)
		if named {
			name := t.LeafNames[i]
			if named = int(name) < n && !seen[name]; named {
				seen[name] = true
			}
		}
	}
	if named {
		return t.LeafNames
	}
	return index
}

// setWords are the 32-bit words of a set of categories, at least one.
func setWords(codes []int32) []string {
	last := int32(0)
	if len(codes) > 0 {
		last = codes[len(codes)-1]
	}
	words := make([]uint32, last/32+1)
	for _, c := range codes {
		words[c/32] |= 1 << (c % 32)
	}
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strconv.FormatUint(uint64(w), 10)
	}
	return out
}

// nodeCovers are the covers of the nodes, summed from below where the tree has none.
func nodeCovers(t *tree.Tree) []float64 {
	if t.NodeCover != nil {
		return t.NodeCover
	}
	covers := make([]float64, len(t.Nodes))
	for i := len(t.Nodes) - 1; i >= 0; i-- { // children lie behind their parent
		for _, child := range [2]int32{t.Nodes[i].Left, t.Nodes[i].Right} {
			if child < 0 {
				covers[i] += t.Cover[^child]
			} else {
				covers[i] += covers[child]
			}
		}
	}
	return covers
}

func gainOf(t *tree.Tree, i int) float64 {
	if g := float64(t.Gain[i]); !math.IsNaN(g - g) {
		return g
	}
	return 0
}
