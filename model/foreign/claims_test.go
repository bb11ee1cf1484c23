package foreign

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"fm/model"
	"fm/model/tree"
)

// smallXGBoost is a model of one leaf with so many features, which have no names.
func smallXGBoost(features int) string {
	return fmt.Sprintf(`{"learner":{"attributes":{},"feature_names":[],"feature_types":[],"gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"1"},"iteration_indptr":[0,1],"tree_info":[0],"trees":[{"base_weights":[0.5],"categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[],"default_left":[0],"id":0,"left_children":[-1],"loss_changes":[0],"parents":[2147483647],"right_children":[-1],"split_conditions":[0.5],"split_indices":[0],"split_type":[0],"sum_hessian":[1],"tree_param":{"num_deleted":"0","num_feature":"%[1]d","num_nodes":"1","size_leaf_vector":"1"}}]},"name":"gbtree"},"learner_model_param":{"base_score":"5E-1","boost_from_average":"1","num_class":"0","num_feature":"%[1]d","num_target":"1"},"objective":{"name":"binary:logistic","reg_loss_param":{"scale_pos_weight":"1"}}},"version":[2,1,4]}`, features)
}

// A short file can't claim more inputs without names than a table has columns.
func TestClaimInputs(t *testing.T) {
	m, err := Read(strings.NewReader(smallXGBoost(maxUnnamed)), "x")
	if err != nil || m.Scorer.Inputs() != maxUnnamed {
		t.Fatal(err)
	}
	for _, n := range []int{maxUnnamed + 1, maxInputs} {
		want := fmt.Sprintf("num_feature is %d without feature_names, allowed are 1 to 65536", n)
		took := measure(func() { m, err = Read(strings.NewReader(smallXGBoost(n)), "x") })
		if err == nil || !strings.Contains(err.Error(), want) || took.bytes > 1<<20 {
			t.Errorf("%v, %d bytes", err, took.bytes)
		}
	}
}

// Probe rows of many inputs are fewer.
func TestProbeRowsBounded(t *testing.T) {
	for inputs, rows := range map[int]int{2: probeCount, 8388: probeCount, 8389: probeCount - 1, maxInputs: 4} {
		if got := len(probeRows(tree.NewEnsemble(model.Binary, inputs, 1))); got != rows*inputs {
			t.Errorf("%d inputs: %d values, want %d rows", inputs, got, rows)
		}
	}
}

// smallLightGBM is a model of one leaf.
func smallLightGBM(objective, parameters, labels string) string {
	return "tree\nversion=v3\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\nobjective=" + objective +
		"\nfeature_names=a b\nfeature_infos=[0:1] none\n\nTree=0\nnum_leaves=1\nnum_cat=0\nleaf_value=1\nis_linear=0\nshrinkage=1\n\n\nend of trees\n\nparameters:\n" +
		parameters + "end of parameters\n\npandas_categorical:" + labels + "\n"
}

// Parameters that nothing reads take no memory; those that are read count.
func TestParametersKept(t *testing.T) {
	var many strings.Builder
	value := strings.Repeat("x", 60<<10) // shorter than the reader's buffer
	for i := range 900 {
		fmt.Fprintf(&many, "[p%d: %s]\n", i, value)
	}
	many.WriteString("[linear_tree: 0]\n[categorical_feature: 1,1,7]\n")
	file := smallLightGBM("regression", many.String(), `[["x", 2, true]]`)
	var m *Model
	var err error
	took := measure(func() { m, err = Read(strings.NewReader(file), "x") })
	if err != nil {
		t.Fatal(err)
	}
	if m.Version != "3.2" || fmt.Sprint(m.Categories) != "[[] [x 2 True]]" {
		t.Errorf("version %q, categories %q", m.Version, m.Categories)
	}
	if took.bytes > 1<<20 {
		t.Errorf("%d bytes for parameters that are not read", took.bytes)
	}
}

// Labels pay for the memory that they take, and what is no list of labels is refused.
func TestPandasLabels(t *testing.T) {
	for text, want := range map[string]string{
		`[["a", 1, 2.5, false], []]`: "[[a 1 2.5 False] []]",
		`[]`:                         "[]",
		`{}`:                         "no list of lists",
		`["a"]`:                      "list 0 is no list",
		`[[], null]`:                 "list 1 is no list",
		`[["a", []]]`:                "label 1 of list 0 is no word and no number",
		`[[null]]`:                   "label 0 of list 0 is no word and no number",
		`[["a"]`:                     "EOF",
		`[["a"}]`:                    "invalid character",
		`[[1 2]]`:                    "invalid character",
		`[[1]] 2`:                    "text behind the lists",
	} {
		labels, err := pandasLabels([]byte(text))
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && fmt.Sprint(labels) != want {
			t.Errorf("%s: %v, %v; want %s", text, labels, err, want)
		}
	}
	for _, text := range []string{
		"[[" + strings.Repeat("1,", 7<<20) + "1]]",
		"[" + strings.Repeat("[],", 5<<20) + "[]]",
	} {
		var err error
		took := measure(func() { _, err = pandasLabels([]byte(text)) })
		if err == nil || !strings.Contains(err.Error(), "labels of more than 16 MiB") || took.bytes > 256<<20 {
			t.Errorf("%.9s…: %v, %d bytes", text, err, took.bytes)
		}
	}
}

// The first word of an objective that is not known is named, whatever the run.
func TestObjectiveWord(t *testing.T) {
	for range 50 {
		_, err := Read(strings.NewReader(smallLightGBM("regression one two:2 three four", "", "null")), "x")
		if err == nil || !strings.Contains(err.Error(), `"one" is not supported`) {
			t.Fatal(err)
		}
	}
	if _, err := Read(bytes.NewReader([]byte(smallLightGBM("regression sqrt", "", "null"))), "x"); err != nil {
		t.Error(err)
	}
}
