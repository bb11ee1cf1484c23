package foreign

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"fm/model"
	"fm/model/tree"
)

func isLightGBM(prefix []byte) bool {
	return bytes.HasPrefix(prefix, []byte("tree\n")) || bytes.HasPrefix(prefix, []byte("tree\r\n"))
}

// isLightGBMDump recognises what dump_model writes, with its keys in any order.
func isLightGBMDump(prefix []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(prefix, " \t\r\n"), []byte("{")) &&
		(bytes.Contains(prefix, []byte(`"average_output"`)) || bytes.Contains(prefix, []byte(`"label_index"`)) || bytes.Contains(prefix, []byte(`"max_feature_idx"`)))
}

func refuseLightGBMDump(*bufio.Reader) (*Model, error) {
	return nil, errors.New("a dump, which LightGBM itself can't load: save the model with save_model")
}

// lightGBM is what a text model says before and behind its trees.
type lightGBM struct {
	textLines
	seen       map[string]bool
	version    int // of the header: 2, 3 or 4
	classes    int
	inputs     int
	objective  []string // words of the line; nil: the model has none of its own
	average    bool
	names      []string
	infos      []string          // of each input: "none", "[low:high]", or categories with colons
	sizes      []int64           // bytes of each tree; nil: not told
	parameters map[string]string // those that are read; nil: the file has none at all
	behind     []byte            // what pandas_categorical says
}

// readLightGBM reads a LightGBM text model.
func readLightGBM(r *bufio.Reader) (*Model, error) {
	l := &lightGBM{textLines: textLines{r: r}, seen: map[string]bool{}}
	l.header()
	var trees []tree.Tree
	if l.err == nil {
		trees = l.trees()
	}
	if l.err == nil {
		l.end()
	}
	if l.err != nil {
		return nil, l.err
	}
	return l.model(trees)
}

// header reads up to the first tree.
func (l *lightGBM) header() {
	l.next(nil) // "tree"
	for {
		line, ok := l.skipBlank()
		if !ok {
			break
		}
		name, text, assigned := bytes.Cut(line, []byte{'='})
		if string(name) == "Tree" || l.isEnd(line) {
			l.unread(line)
			break
		}
		if l.seen[string(name)] {
			l.fail("%.40q stands twice", name)
			return
		}
		l.seen[string(name)] = true
		if err := l.set(string(name), text, assigned); err != nil {
			l.fail("%.40s: %w", name, err)
			return
		}
	}
	if l.err != nil {
		return
	}
	for _, k := range []string{"version", "num_class", "num_tree_per_iteration", "max_feature_idx", "feature_names"} {
		if !l.seen[k] {
			l.fail("%s is missing above it", k)
			return
		}
	}
	if n := len(l.names); n != l.inputs {
		l.fail("feature_names: %d names above, max_feature_idx says %d features", n, l.inputs)
	}
	if n := len(l.infos); l.infos != nil && n != l.inputs {
		l.fail("feature_infos: %d above, max_feature_idx says %d features", n, l.inputs)
	}
}

// set takes one line of the header.
func (l *lightGBM) set(name string, text []byte, assigned bool) error {
	if name == "average_output" && !assigned {
		l.average = true
		return nil
	}
	if !assigned {
		return errors.New("not known in the header")
	}
	switch name {
	case "version":
		i := slices.Index([]string{"v2", "v3", "v4"}, string(text))
		if i < 0 {
			return fmt.Errorf("%.20q: v2, v3 and v4 are known", text)
		}
		l.version = i + 2
	case "num_class":
		n, err := textInt(text, 1, maxOutputs)
		l.classes = int(n)
		return err
	case "num_tree_per_iteration":
		n, err := textInt(text, 1, maxOutputs)
		if err == nil && int(n) != l.classes {
			err = fmt.Errorf("%d, but num_class above is %d", n, l.classes)
		}
		return err
	case "max_feature_idx":
		n, err := textInt(text, 0, maxInputs-1)
		l.inputs = int(n) + 1
		return err
	case "objective":
		l.objective = strings.Fields(string(text))
		if len(l.objective) == 0 {
			return errors.New("empty")
		}
	case "feature_names":
		if !utf8.Valid(text) {
			return errors.New("not UTF-8")
		}
		l.names = strings.Fields(string(text))
	case "feature_infos":
		l.infos = strings.Fields(string(text))
	case "tree_sizes":
		l.sizes = make([]int64, 0, blanks(text))
		return cells(text, blanks(text), func(_ int, cell []byte) error {
			n, err := textInt(cell, 1, math.MaxInt64)
			l.sizes = append(l.sizes, n)
			return err
		})
	case "label_index", "monotone_constraints": // for training only
	default:
		return errors.New("not known in the header")
	}
	return nil
}

// isEnd tells whether line begins what stands behind the trees.
func (l *lightGBM) isEnd(line []byte) bool {
	switch string(line) {
	case "end of trees", "feature importances:", "feature_importances:", "parameters:":
		return true
	}
	return bytes.HasPrefix(line, []byte("pandas_categorical:"))
}

// trees reads all trees.
func (l *lightGBM) trees() []tree.Tree {
	block := &textTree{inputs: l.inputs}
	var out []tree.Tree
	var next int64 // where the tree that comes must begin, by tree_sizes
	for {
		line, ok := l.skipBlank()
		if !ok {
			break
		}
		text, isTree := bytes.CutPrefix(line, []byte("Tree="))
		if l.sizes != nil && len(out) > 0 && (isTree && l.start != next || l.start < next) {
			l.fail("tree_sizes: tree %d ends at byte %d, what follows begins at %d", len(out)-1, next, l.start)
			return nil
		}
		if !isTree {
			l.unread(line)
			break
		}
		if n, err := textInt(text, 0, maxTrees-1); err != nil || int(n) != len(out) {
			l.fail("tree %.20q where tree %d belongs", text, len(out))
			return nil
		}
		if l.sizes != nil {
			if len(out) == len(l.sizes) {
				l.fail("tree_sizes tells of %d trees only", len(l.sizes))
				return nil
			}
			next = l.start + min(l.sizes[len(out)], math.MaxInt64-l.start)
		}
		if block.read(&l.textLines, len(out)); l.err != nil {
			return nil
		}
		t, err := block.build(int32(len(out) % l.classes))
		if err != nil {
			l.fail("tree %d, above: %w", len(out), err)
			return nil
		}
		out = append(out, t)
	}
	if l.err == nil && l.sizes != nil && len(out) != len(l.sizes) {
		l.fail("%d trees, tree_sizes tells of %d", len(out), len(l.sizes))
	}
	if l.err == nil && len(out)%l.classes != 0 {
		l.fail("%d trees for %d classes", len(out), l.classes)
	}
	return out
}

// end reads what stands behind the trees. From version 3 of the header on the end of the
// trees is marked; where parameters begin they must end, but for versions before 2.2.
func (l *lightGBM) end() {
	marked := false
	for {
		line, ok := l.skipBlank()
		if !ok {
			break
		}
		switch text := string(line[:min(len(line), 64)]); {
		case text == "end of trees" && !marked:
			marked = true
		case text == "feature importances:", text == "feature_importances:":
			for {
				if line, ok := l.next(nil); !ok || len(line) == 0 {
					break
				}
			}
		case text == "parameters:" && l.parameters == nil:
			l.parameters = map[string]string{}
			l.readParameters()
		case strings.HasPrefix(text, "pandas_categorical:") && l.behind == nil:
			l.behind = append([]byte{}, bytes.TrimPrefix(line, []byte("pandas_categorical:"))...)
		default:
			l.fail("%.40q is not known behind the trees", line)
		}
	}
	if l.err == nil && l.version > 2 && !marked {
		l.fail(`the file is cut: no "end of trees"`)
	}
}

// readParameters reads the lines [name: value].
func (l *lightGBM) readParameters() {
	for {
		line, ok := l.next(nil)
		switch {
		case !ok:
			l.fail(`the file is cut: no "end of parameters"`)
			return
		case string(line) == "end of parameters":
			return
		case bytes.HasPrefix(line, []byte("pandas_categorical:")) && l.version == 2:
			l.unread(line)
			return
		}
		inside, ok := bytes.CutPrefix(line, []byte{'['})
		name, value, colon := bytes.Cut(inside, []byte(": "))
		if !ok || !colon {
			continue
		}
		switch string(name) {
		case "categorical_feature":
			l.parameters["categorical_feature"] = string(bytes.TrimSuffix(value, []byte{']'}))
		case "precise_float_parser", "linear_tree": // that they are there tells the version
			l.parameters[string(name)] = ""
		}
	}
}

// model puts everything together.
func (l *lightGBM) model(trees []tree.Tree) (*Model, error) {
	task, transform, slope, err := l.link()
	if err != nil {
		return nil, err
	}
	m := &Model{Library: "lightgbm", Version: l.writer(), Objective: strings.Join(l.objective, " ")}
	m.Notes = append(m.Notes, "scored by the rules of LightGBM "+m.Version+", which wrote the file")
	e := tree.NewEnsemble(task, l.inputs, l.classes)
	e.Trees, e.Transform, e.Slope = trees, transform, slope
	if l.objective == nil {
		m.Objective = "none"
		m.Notes = append(m.Notes, "the objective was not LightGBM's own: predictions are the margins")
	}
	if l.average {
		if n := len(trees) / l.classes; n > 1 {
			e.Divisor = float64(n)
		}
		if l.beforeParameters() {
			e.Transform, e.Slope = tree.Identity, 0
			if transform != tree.Identity {
				m.Notes = append(m.Notes, "a random forest of LightGBM 2.0 or 2.1, whose leaves hold probabilities: predictions are their average, as there; LightGBM since 2.2 puts that average through the link once more")
			}
		}
	}
	if l.objective != nil && strings.HasSuffix(l.objective[0], "rank") || l.objective != nil && l.objective[0] == "rank_xendcg" {
		m.Notes = append(m.Notes, "a ranking: scores order rows, they are no probabilities")
	}
	m.Scorer = e
	if !unnamed(l.names) {
		m.Names = l.names
	}
	if err := l.categories(m); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(trees, func(t tree.Tree) bool { return len(t.Nodes) > 0 && t.NodeCover == nil }) {
		m.Notes = append(m.Notes, "no counts of training rows in the file: contributions can't be computed")
	}
	return m, e.Validate()
}

// beforeParameters tells whether the file is of 2.0 or 2.1.
func (l *lightGBM) beforeParameters() bool { return l.version == 2 && l.parameters == nil }

// writer is the version of LightGBM that wrote the file, as far as the file tells.
func (l *lightGBM) writer() string {
	has := func(name string) bool { _, ok := l.parameters[name]; return ok }
	switch {
	case l.beforeParameters():
		return "2.0 or 2.1"
	case l.version == 2:
		return "2.2"
	case l.version == 4:
		return "4.0 or later"
	case l.parameters == nil:
		return "2.3 to 3.3"
	case has("precise_float_parser"):
		return "3.3"
	case has("linear_tree"):
		return "3.2"
	}
	return "2.3 to 3.1"
}

// before33 tells whether the file is surely of a version before 3.3.
func (l *lightGBM) before33() bool {
	_, since33 := l.parameters["precise_float_parser"]
	return l.version == 2 || l.version == 3 && l.parameters != nil && !since33
}

// link says what the objective makes of margins.
func (l *lightGBM) link() (model.Task, tree.Transform, float64, error) {
	refuse := func(format string, args ...any) (model.Task, tree.Transform, float64, error) {
		return 0, 0, 0, fmt.Errorf("objective %q: "+format, append([]any{strings.Join(l.objective, " ")}, args...)...)
	}
	if l.objective == nil {
		return model.Regression, tree.Identity, 0, nil
	}
	words := map[string]string{}
	for _, w := range l.objective[1:] {
		k, v, _ := strings.Cut(w, ":")
		if _, twice := words[k]; twice {
			return refuse("%s stands twice", k)
		}
		words[k] = v
	}
	// take removes a word that this objective may have.
	take := func(k string) (string, bool) {
		v, ok := words[k]
		delete(words, k)
		return v, ok
	}
	task, transform, slope, outputs := model.Regression, tree.Identity, 0.0, 1
	switch l.objective[0] {
	case "binary", "multiclassova":
		task, transform = model.Binary, tree.LibmLogistic
		v, _ := take("sigmoid")
		s, err := textFloat([]byte(v))
		if err != nil || !(s > 0) || math.IsInf(s, 0) {
			return refuse("sigmoid %q is no number above 0", v)
		}
		if slope = s; s == 1 {
			slope = 0
		}
		if l.objective[0] == "multiclassova" {
			task, outputs = model.Classes, 0
		}
	case "multiclass":
		task, transform, outputs = model.Classes, tree.LibmSoftmax, 0
	case "cross_entropy", "xentropy":
		task, transform = model.Binary, tree.LibmLogistic
	case "cross_entropy_lambda", "xentlambda":
		if transform = tree.LibmLogExp; l.before33() {
			transform = tree.LibmLogSum
		}
	case "poisson", "gamma", "tweedie":
		transform = tree.LibmExponential
	case "regression", "regression_l1", "quantile", "mape", "fair":
		if _, ok := take("sqrt"); ok {
			transform = tree.SignedSquare
		}
	case "huber", "lambdarank", "rank_xendcg":
	default:
		return refuse("not supported")
	}
	if outputs == 0 {
		v, _ := take("num_class")
		if v != strconv.Itoa(l.classes) || l.classes < 2 {
			return refuse("%q classes, num_class in the header is %d", v, l.classes)
		}
	} else if l.classes != 1 {
		return refuse("one output, but num_class is %d", l.classes)
	}
	for _, w := range l.objective[1:] {
		k, _, _ := strings.Cut(w, ":")
		if _, left := words[k]; left {
			return refuse("%q is not supported", k)
		}
	}
	return task, transform, slope, nil
}

// unnamed tells whether names are those that LightGBM makes up.
func unnamed(names []string) bool {
	for i, n := range names {
		if n != "Column_"+strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// categories finds the categorical features, and the labels of those that came from a
// pandas table: pandas_categorical lists them for the columns of type category, in order.
func (l *lightGBM) categories(m *Model) error {
	var columns []int
	if l.infos != nil {
		m.Types = make([]string, l.inputs)
		for i, info := range l.infos {
			switch {
			case strings.HasPrefix(info, "["):
				m.Types[i] = "numerical"
			case info == "none":
				m.Types[i] = "none"
			default:
				m.Types[i] = "categorical"
				columns = append(columns, i)
			}
		}
	}
	if l.behind == nil || string(l.behind) == "null" {
		return nil
	}
	labels, err := pandasLabels(l.behind)
	if err != nil {
		return fmt.Errorf("pandas_categorical: %w", err)
	}
	if len(labels) == 0 {
		return nil
	}
	// The parameter knows of columns that training found constant, too.
	if p, ok := l.parameters["categorical_feature"]; ok && len(labels) != len(columns) {
		columns = nil
		named := make([]bool, l.inputs)
		for c := range strings.SplitSeq(p, ",") {
			if i, err := strconv.Atoi(c); err == nil && i >= 0 && i < l.inputs {
				named[i] = true
			}
		}
		for i, is := range named {
			if is {
				columns = append(columns, i)
			}
		}
	}
	if len(labels) != len(columns) {
		m.Notes = append(m.Notes, fmt.Sprintf("labels of %d columns, but %d features are categorical: the labels are left out, categories are codes", len(labels), len(columns)))
		return nil
	}
	m.Categories = make([][]string, l.inputs)
	for k, i := range columns {
		m.Categories[i] = labels[k]
	}
	return nil
}

// pandasLabels reads lists of labels: words, numbers and truth values as pandas prints them.
func pandasLabels(text []byte) ([][]string, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if t, err := d.Token(); err != nil {
		return nil, err
	} else if t != json.Delim('[') {
		return nil, errors.New("no list of lists")
	}
	out := [][]string{}
	room := maxNames
	charge := func(bytes int) error {
		if room -= bytes + 16; room < 0 {
			return fmt.Errorf("labels of more than %d MiB", maxNames>>20)
		}
		return nil
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		if t != json.Delim('[') {
			return nil, fmt.Errorf("list %d is no list", len(out))
		}
		list := []string{}
		for d.More() {
			t, err := d.Token()
			if err != nil {
				return nil, err
			}
			label := ""
			switch t := t.(type) {
			case string:
				label = t
			case json.Number:
				label = t.String()
			case bool:
				label = map[bool]string{true: "True", false: "False"}[t]
			default:
				return nil, fmt.Errorf("label %d of list %d is no word and no number", len(list), len(out))
			}
			if err := charge(len(label)); err != nil {
				return nil, err
			}
			list = append(list, label)
		}
		if _, err := d.Token(); err != nil { // "]"
			return nil, err
		}
		if err := charge(0); err != nil {
			return nil, err
		}
		out = append(out, list)
	}
	if _, err := d.Token(); err != nil { // "]"
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("text behind the lists")
	}
	return out, nil
}
