package foreign

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxNames is the number of bytes of all feature names and labels.
const maxNames = 16 << 20

// xgboostDocument reads XGBoost's JSON and UBJSON, keys in any order. What it does not
// know inside trees and boosters it refuses, since it may change what they mean.
type xgboostDocument struct {
	document
	xgboost
	builder  treeBuilder
	numTrees int // of gbtree_model_param; -1: missing
	room     int // bytes left for names
	met      map[string]bool
}

func readXGBoostDocument(d document) (*xgboost, error) {
	x := &xgboostDocument{document: d, numTrees: -1, room: maxNames, met: map[string]bool{}}
	if err := d.object(x.top); err != nil {
		return nil, err
	}
	for _, key := range []string{"learner", "version", "gradient_booster", "learner_model_param", "objective", "booster name"} {
		if !x.met[key] {
			return nil, fmt.Errorf("%s is missing: no model of XGBoost, or not a whole one", key)
		}
	}
	if x.booster == "gblinear" {
		if x.trees != nil || x.weights == nil {
			return nil, errors.New("learner.gradient_booster: gblinear without weights")
		}
		return &x.xgboost, nil
	}
	if !x.met["trees"] || x.weights != nil {
		return nil, fmt.Errorf("learner.gradient_booster: %s without trees", x.booster)
	}
	if x.numTrees != len(x.trees) {
		return nil, fmt.Errorf("num_trees is %d, there are %d trees", x.numTrees, len(x.trees))
	}
	if (x.booster == "dart") != (x.dropped != nil) {
		return nil, fmt.Errorf("booster %s with %d elements of weight_drop", x.booster, len(x.dropped))
	}
	return &x.xgboost, nil
}

// unknownKey refuses a key that nothing is known about.
func (x *xgboostDocument) unknownKey(key string) error {
	return x.fail("key %s is not known: of a newer XGBoost, or no model", shown(key))
}

func (x *xgboostDocument) top(key string) error {
	switch key {
	case "learner":
		x.met[key] = true
		return x.object(x.learner)
	case "version":
		x.met[key] = true
		return x.readVersion()
	case "Config", "Model":
		return x.fail("a snapshot of memory (as in a pickle), not a saved model: save it with save_model")
	}
	return x.unknownKey(key)
}

func (x *xgboostDocument) readVersion() error {
	v, err := x.ints(nil, 3)
	if err != nil {
		return err
	}
	if len(v) != 3 || v[0] < 1 || v[1] < 0 || v[2] < 0 || max(v[0], v[1], v[2]) > 1e6 {
		return x.fail("version %v, wanted are three numbers from 1.0.0 on", v)
	}
	x.version = [3]int{int(v[0]), int(v[1]), int(v[2])}
	return nil
}

func (x *xgboostDocument) learner(key string) error {
	switch key {
	case "attributes":
		return x.object(x.attribute)
	case "feature_names":
		return x.texts(&x.names)
	case "feature_types":
		return x.texts(&x.types)
	case "gradient_booster":
		x.met[key] = true
		return x.object(x.gradientBooster)
	case "learner_model_param":
		x.met[key] = true
		return x.object(x.parameter)
	case "objective":
		x.met[key] = true
		return x.object(x.objectiveParameter)
	}
	return x.unknownKey(key)
}

func (x *xgboostDocument) attribute(key string) (err error) {
	switch key {
	case "best_iteration":
		x.bestIteration, err = x.text()
	case "best_ntree_limit":
		x.bestTrees, err = x.text()
	default:
		err = x.skip()
	}
	return err
}

// texts reads an array of strings; none is nil.
func (x *xgboostDocument) texts(dst *[]string) error {
	return x.array(func(i int) error {
		s, err := x.text()
		if err != nil {
			return err
		}
		if x.room -= len(s) + 16; x.room < 0 || i >= maxInputs {
			return x.fail("names of more than %d MiB", maxNames>>20)
		}
		*dst = append(*dst, s)
		return nil
	})
}

// number reads a number that is written as text, as all parameters are.
func (x *xgboostDocument) number(dst *int) error {
	s, err := x.text()
	if err != nil {
		return err
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v != int64(int32(v)) && (v < 0 || v > 1<<32-1) {
		return x.fail("%s is no number of 32 bits", strconv.Quote(s))
	}
	*dst = int(v)
	return nil
}

func (x *xgboostDocument) parameter(key string) error {
	switch key {
	case "num_class":
		return x.number(&x.classes)
	case "num_feature":
		return x.number(&x.features)
	case "num_target":
		return x.number(&x.targets)
	case "base_score":
		s, err := x.text()
		if err != nil {
			return err
		}
		if x.base, err = parseBase(s); err != nil {
			return x.fail("%v", err)
		}
		return nil
	case "boost_from_average":
		return x.skip()
	}
	return x.unknownKey(key)
}

// parseBase reads "5E-1", or since 3.1 "[5E-1,5E-1]".
func parseBase(s string) ([]float32, error) {
	inner, vector := strings.CutPrefix(s, "[")
	if vector {
		var closed bool
		if inner, closed = strings.CutSuffix(inner, "]"); !closed {
			return nil, fmt.Errorf("base_score %s has no closing bracket", shown(s))
		}
	}
	if !vector && strings.Contains(s, ",") || strings.Count(s, ",") >= maxOutputs {
		return nil, fmt.Errorf("base_score %s is no number", shown(s))
	}
	var base []float32
	for part := range strings.SplitSeq(inner, ",") {
		v, err := parseFloat32([]byte(part))
		if err != nil || v-v != 0 {
			return nil, fmt.Errorf("base_score %s is no finite number", shown(s))
		}
		base = append(base, v)
	}
	return base, nil
}

func (x *xgboostDocument) objectiveParameter(key string) (err error) {
	switch key {
	case "name":
		x.objective, err = x.text()
		return err
	case "quantile_loss_param":
		return x.object(func(key string) error {
			if key != "quantile_alpha" {
				return x.skip()
			}
			s, err := x.text()
			x.quantile = strings.Count(s, ",") + 1
			return err
		})
	}
	return x.skip() // parameters of training
}

func (x *xgboostDocument) gradientBooster(key string) error {
	switch key {
	case "name":
		name, err := x.text()
		if err != nil {
			return err
		}
		switch name {
		case "gbtree", "dart", "gblinear":
		default:
			return x.fail("booster %s is not supported", shown(name))
		}
		x.booster, x.met["booster name"] = name, true
		return nil
	case "model":
		return x.boosterModel()
	case "gbtree": // of dart
		return x.object(func(key string) error {
			switch key {
			case "name":
				return x.skip()
			case "model":
				return x.boosterModel()
			}
			return x.unknownKey(key)
		})
	case "weight_drop":
		var err error
		x.dropped, err = x.floats([]float32{}, maxTrees)
		return err
	}
	return x.unknownKey(key)
}

func (x *xgboostDocument) boosterModel() error {
	if x.met["model"] {
		return x.fail("a second model")
	}
	x.met["model"] = true
	return x.object(x.boosterPart)
}

func (x *xgboostDocument) boosterPart(key string) (err error) {
	switch key {
	case "weights":
		x.weights, err = x.floats([]float32{}, maxInputs)
	case "boosted_rounds":
		err = x.skip()
	case "gbtree_model_param":
		err = x.object(x.boosterParameter)
	case "tree_info":
		x.groups, err = x.ints(nil, maxTrees)
	case "iteration_indptr":
		x.rounds, err = x.ints(nil, maxTrees+1)
	case "trees":
		x.met[key] = true
		err = x.array(x.tree)
	case "cats":
		err = x.object((&categoryLabels{xgboostDocument: x}).part)
	default:
		err = x.unknownKey(key)
	}
	return err
}

func (x *xgboostDocument) boosterParameter(key string) error {
	switch key {
	case "num_trees":
		return x.number(&x.numTrees)
	case "num_parallel_tree":
		return x.number(&x.parallel)
	case "size_leaf_vector":
		return x.leafVector()
	}
	return x.unknownKey(key)
}

// leafVector reads a size_leaf_vector that must say nothing.
func (x *xgboostDocument) leafVector() error {
	size := 0
	if err := x.number(&size); err != nil {
		return err
	}
	if size < 0 || size > 1 {
		return x.fail("vector leaves of %d are not supported here", size)
	}
	return nil
}

func (x *xgboostDocument) tree(i int) error {
	if i >= maxTrees {
		return x.fail("more than %d trees", maxTrees)
	}
	b := &x.builder
	b.reset()
	if err := x.object(x.treePart); err != nil {
		return err
	}
	if b.vector > 1 && len(b.gain) == 0 && len(b.cover) == 0 { // 2.0 to 3.1 write none for vector leaves
		x.coverless = true
		b.gain = append(b.gain, make([]float32, len(b.left))...)
		b.cover = append(b.cover, make([]float32, len(b.left))...)
	}
	t, err := b.build()
	if err != nil {
		return x.fail("%v", err)
	}
	x.trees = append(x.trees, t)
	x.categorical = x.categorical || len(b.catNodes) > 0
	return nil
}

func (x *xgboostDocument) treePart(key string) (err error) {
	b := &x.builder
	switch key {
	case "id":
		_, err = x.integer()
	case "tree_param":
		err = x.object(x.treeParameter)
	case "left_children":
		b.left, err = x.ints(b.left, maxNodes)
	case "right_children":
		b.right, err = x.ints(b.right, maxNodes)
	case "split_indices":
		b.feature, err = x.ints(b.feature, maxNodes)
	case "split_conditions":
		b.condition, err = x.floats(b.condition, maxNodes)
	case "split_type":
		b.splitType, err = x.ints(b.splitType, maxNodes)
	case "default_left":
		b.defaultLeft, err = x.flags(b.defaultLeft, maxNodes)
	case "loss_changes":
		b.gain, err = x.floats(b.gain, maxNodes)
	case "sum_hessian":
		b.cover, err = x.floats(b.cover, maxNodes)
	case "base_weights":
		b.weights, err = x.floats(b.weights, maxNodes)
	case "leaf_weights":
		b.leafWeights, err = x.floats(b.leafWeights, maxNodes)
	case "categories":
		b.categories, err = x.ints(b.categories, maxCategories)
	case "categories_nodes":
		b.catNodes, err = x.ints(b.catNodes, maxNodes)
	case "categories_segments":
		b.catStarts, err = x.ints(b.catStarts, maxNodes)
	case "categories_sizes":
		b.catSizes, err = x.ints(b.catSizes, maxNodes)
	case "parents", "leaf_child_counts":
		err = x.skip()
	default:
		err = x.unknownKey(key)
	}
	return err
}

func (x *xgboostDocument) treeParameter(key string) error {
	b := &x.builder
	features := 0
	switch key {
	case "num_nodes":
		return x.number(&b.nodes)
	case "num_deleted":
		if err := x.number(&b.deleted); err != nil {
			return err
		}
		if b.deleted < 0 || b.deleted > maxNodes {
			return x.fail("%d deleted nodes", b.deleted)
		}
		return nil
	case "num_feature":
		return x.number(&features)
	case "size_leaf_vector":
		if err := x.number(&b.vector); err != nil {
			return err
		}
		if b.vector < 0 || b.vector > maxOutputs {
			return x.fail("leaves of %d values", b.vector)
		}
		return nil
	}
	return x.unknownKey(key)
}
