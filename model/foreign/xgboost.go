package foreign

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"fm/model"
	"fm/model/tree"
)

// xgboost is what the files of XGBoost say, whatever their format.
type xgboost struct {
	version  [3]int // zeros: before 1.0; the last is -1 where the file does not tell
	booster  string // gbtree, dart or gblinear
	base     []float32
	features int
	classes  int // num_class
	targets  int // num_target
	quantile int // number of quantile_alpha, 0 if there is none

	objective string
	names     []string
	types     []string
	labels    [][]string // of categorical features, by feature

	bestIteration string // attributes, "" if there are none
	bestTrees     string

	categorical bool // a tree has a categorical split
	coverless   bool // trees lack sum_hessian

	trees    []tree.Tree
	groups   []int32 // of each tree
	parallel int     // trees of a group a round; 0: the file does not tell
	rounds   []int32 // first tree of each round, and the end; nil: the file does not tell
	dropped  []float32
	weights  []float32 // of gblinear
}

// before tells whether the file is of a version before major.minor.
func (x *xgboost) before(major, minor int) bool {
	return x.version[0] < major || x.version[0] == major && x.version[1] < minor
}

// versionText is the version in words.
func (x *xgboost) versionText() string {
	switch {
	case x.version[0] == 0:
		return "before 1.0"
	case x.version[2] < 0:
		return fmt.Sprintf("%d.%d", x.version[0], x.version[1])
	}
	return fmt.Sprintf("%d.%d.%d", x.version[0], x.version[1], x.version[2])
}

// model checks what the parts of the file say of each other and puts the model together.
func (x *xgboost) model() (*Model, error) {
	o, err := x.objectiveOf()
	if err != nil {
		return nil, err
	}
	outputs, err := x.outputs(o)
	if err != nil {
		return nil, err
	}
	if x.features < 1 || x.features > maxInputs {
		return nil, fmt.Errorf("num_feature is %d, allowed are 1 to %d", x.features, maxInputs)
	}
	if len(x.names) > 0 && len(x.names) != x.features || len(x.types) > 0 && len(x.types) != x.features || len(x.labels) > x.features {
		return nil, fmt.Errorf("%d feature_names, %d feature_types and %d cats for num_feature %d", len(x.names), len(x.types), len(x.labels), x.features)
	}
	if len(x.names) == 0 && x.features > maxUnnamed {
		return nil, fmt.Errorf("num_feature is %d without feature_names, allowed are 1 to %d", x.features, maxUnnamed)
	}
	base, err := x.margins(o, outputs)
	if err != nil {
		return nil, err
	}
	task := o.task
	if task == model.Binary && outputs > 1 {
		task = model.Regression // several targets, each a number of its own
	}
	m := &Model{Library: "xgboost", Version: x.versionText(), Objective: x.objective, Names: x.names, Types: x.types}
	for i, l := range x.labels {
		if l != nil {
			if m.Categories == nil {
				m.Categories = make([][]string, x.features)
			}
			m.Categories[i] = l
		}
	}
	m.note("scored by the rules of XGBoost %s, which wrote the file", x.versionText())
	if !x.before(3, 3) {
		m.note("newer than XGBoost 3.2, the newest that this reader is held against")
	}
	if strings.HasPrefix(o.name, "rank:") {
		m.note("a ranking score: it has no probability")
	}
	if x.booster == "gblinear" {
		m.Scorer, err = x.linear(o, task, base)
	} else {
		m.Scorer, err = x.ensemble(m, o, task, base)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Model) note(format string, args ...any) {
	m.Notes = append(m.Notes, fmt.Sprintf(format, args...))
}

// outputs is the number of groups of trees.
func (x *xgboost) outputs(o objective) (int, error) {
	if x.classes < 0 || x.classes > maxOutputs || x.targets < 0 || x.targets > maxOutputs {
		return 0, fmt.Errorf("num_class %d with num_target %d, allowed are 0 to %d", x.classes, x.targets, maxOutputs)
	}
	multi := strings.HasPrefix(o.name, "multi:")
	if multi && (x.classes < 2 || x.targets > 1) || !multi && x.classes > 1 {
		return 0, fmt.Errorf("num_class %d with num_target %d and objective %s", x.classes, x.targets, o.name)
	}
	n := max(x.classes, x.targets, 1)
	if o.name == "reg:quantileerror" { // 2.x and 3.0 have num_target 1
		n = max(n, x.quantile)
		if x.quantile == 0 {
			for _, g := range x.groups {
				n = max(n, int(g)+1)
			}
		}
		if n > maxOutputs {
			return 0, fmt.Errorf("%d quantiles, allowed are %d", n, maxOutputs)
		}
	}
	return n, nil
}

func (x *xgboost) ensemble(m *Model, o objective, task model.Task, base []float32) (*tree.Ensemble, error) {
	e := tree.NewEnsemble(task, x.features, len(base))
	e.Trees, e.Transform, e.Predicts, e.Float32 = x.trees, o.transform, o.predicts, true
	for i, b := range base {
		e.Base[i] = float64(b)
	}
	// Before 1.3 (dart: 1.4) the base came last.
	e.BaseFirst = !x.before(1, 3) && !(x.booster == "dart" && x.before(1, 4))
	if x.categorical && x.before(1, 6) {
		return nil, fmt.Errorf("categorical splits of XGBoost %s, where they were an experiment with rules of its own, are not supported", x.versionText())
	}
	if len(x.groups) != len(x.trees) {
		return nil, fmt.Errorf("tree_info has %d elements for %d trees", len(x.groups), len(x.trees))
	}
	for i := range e.Trees {
		t := &e.Trees[i]
		if t.Output == tree.Vector {
			if len(t.Values) != (len(t.Nodes)+1)*len(base) {
				return nil, fmt.Errorf("trees[%d] has vector leaves for other than %d outputs", i, len(base))
			}
		} else {
			t.Output = x.groups[i]
		}
		if g := x.groups[i]; g < 0 || int(g) >= len(base) {
			return nil, fmt.Errorf("tree_info[%d] is %d, there are %d outputs", i, g, len(base))
		}
		for _, n := range t.Nodes {
			if n.Feature < 0 || int(n.Feature) >= x.features {
				return nil, fmt.Errorf("trees[%d] splits on feature %d of %d", i, n.Feature, x.features)
			}
		}
		if x.categorical && x.before(1, 7) {
			oldCategories(t)
		}
	}
	if x.coverless {
		m.note("the file has no weights of training rows (sum_hessian): contributions take both sides of a split for equal")
	}
	if x.booster == "dart" {
		if err := x.drop(m, e); err != nil {
			return nil, err
		}
	}
	if err := x.best(m, len(base)); err != nil {
		return nil, err
	}
	if err := e.Validate(); err != nil {
		return nil, err
	}
	return e, nil
}

// drop multiplies dart's weights into the leaves.
func (x *xgboost) drop(m *Model, e *tree.Ensemble) error {
	if len(x.dropped) != len(e.Trees) {
		return fmt.Errorf("weight_drop has %d elements for %d trees", len(x.dropped), len(e.Trees))
	}
	if x.version[0] == 0 {
		m.note("XGBoost before 1.0 ignores the trees' weights of dart in contributions (SHAP): here they count, so that contributions add up to the margin")
	}
	for i, w := range x.dropped {
		if w-w != 0 {
			return fmt.Errorf("weight_drop[%d] is %v", i, w)
		}
		m.TreeWeights = append(m.TreeWeights, float64(w))
		for k, v := range e.Trees[i].Values {
			e.Trees[i].Values[k] = float64(float32(v) * w)
		}
	}
	return nil
}

// best fills m.BestTrees.
func (x *xgboost) best(m *Model, outputs int) error {
	if x.rounds != nil {
		last := int32(0)
		for i, r := range x.rounds {
			if i == 0 && r != 0 || r < last {
				return fmt.Errorf("iteration_indptr[%d] is %d behind %d", i, r, last)
			}
			last = r
		}
		if int(last) != len(x.trees) {
			return fmt.Errorf("iteration_indptr ends at %d of %d trees", last, len(x.trees))
		}
	}
	if x.bestIteration == "" {
		return nil
	}
	best, err := strconv.Atoi(x.bestIteration)
	if err != nil || best < 0 || best >= maxTrees {
		m.note("attribute best_iteration %s is no number of a round: not used", shown(x.bestIteration))
		return nil
	}
	trees := 0
	switch {
	case x.rounds != nil:
		if best+1 < len(x.rounds) {
			trees = int(x.rounds[best+1])
		}
	case x.parallel > 0:
		trees = (best + 1) * outputs * x.parallel
	default: // best_ntree_limit counts the trees of one output
		parallel := 1
		if limit, err := strconv.Atoi(x.bestTrees); err == nil && limit > best && limit%(best+1) == 0 {
			parallel = limit / (best + 1)
		}
		trees = (best + 1) * outputs * parallel
	}
	if trees < 1 || trees > len(x.trees) {
		m.note("attribute best_iteration %d lies behind the %d trees: not used", best, len(x.trees))
		return nil
	}
	m.BestTrees = trees
	return nil
}

func (x *xgboost) linear(o objective, task model.Task, base []float32) (*Linear, error) {
	if want := (x.features + 1) * len(base); len(x.weights) != want {
		return nil, fmt.Errorf("weights has %d elements, %d features and %d outputs need %d", len(x.weights), x.features, len(base), want)
	}
	inner := x.features * len(base)
	l := &Linear{Weights: x.weights[:inner], Bias: x.weights[inner:], Base: base, Transform: o.transform, Predicts: o.predicts, task: task}
	if err := l.validate(); err != nil {
		return nil, err
	}
	return l, nil
}

// KeepBest leaves only the trees up to the best iteration of early stopping, those that
// the library's scikit-learn classes use.
func (m *Model) KeepBest() error {
	e, ok := m.Scorer.(*tree.Ensemble)
	if !ok || m.BestTrees == 0 {
		return errors.New("the file does not tell a best iteration")
	}
	e.Trees = e.Trees[:m.BestTrees]
	if m.TreeWeights != nil {
		m.TreeWeights = m.TreeWeights[:m.BestTrees]
	}
	return nil
}
