package foreign

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fm/model"
	"fm/model/tree"
)

// Contributions are those that the libraries give themselves, in all cases that have them:
// within 1e-5 of XGBoost's, which are sums of float32, and 1e-12 of LightGBM's. They sum
// to the margin, and what they rest on, covers of nodes for one, survives saving.
func TestConformanceContributions(t *testing.T) {
	for _, dir := range corpora(t) {
		for _, library := range []string{"lightgbm", "xgboost"} {
			files := 0
			for _, c := range corpusCases(t, dir, library) {
				rows, _, want := c.numbered(t, "contribs.csv.gz")
				if rows == nil {
					continue
				}
				for _, path := range c.models {
					t.Run(path[len(dir)+1:], func(t *testing.T) { conformContributions(t, c, path, rows, want) })
					files++
				}
			}
			if files < 10 {
				t.Errorf("%s: contributions of %d files of %s", dir, files, library)
			}
			t.Logf("%s: %d files of %s", dir, files, library)
		}
	}
}

func conformContributions(t *testing.T, c *corpusCase, path string, rows []int, want [][]float64) {
	m, err := Read(openCorpusFile(t, path), path)
	if err != nil {
		t.Fatal(err)
	}
	var codec model.Codec = tree.Codec{}
	if _, ok := m.Scorer.(*Linear); ok {
		codec = LinearCodec{}
	}
	payload, err := codec.Append(nil, m.Scorer)
	if err != nil {
		t.Fatal(err)
	}
	saved, err := codec.Decode(payload)
	if err != nil {
		t.Fatal(err)
	}
	tolerance, rounding := 1e-12, 1e-9
	if c.Library == "xgboost" {
		tolerance, rounding = 1e-5, 1e-5 // margins are sums of float32
	}
	inputs, outputs := m.Scorer.Inputs(), m.Scorer.Outputs()
	got, again, margins := make([]float64, inputs+1), make([]float64, inputs+1), make([]float64, outputs)
	explain, explainSaved := ready(t, m.Scorer), ready(t, saved)
	explainLibrary := explain
	if major, _ := strconv.Atoi(c.Version[:strings.IndexByte(c.Version, '.')]); c.Library == "xgboost" && major < 1 && m.TreeWeights != nil {
		explainLibrary = ready(t, unweighted(m)) // these versions forget dart's weights
	}
	for k, r := range rows {
		if len(want[k]) != outputs*(inputs+1) {
			t.Fatalf("%d contributions of %d inputs and %d outputs", len(want[k]), inputs, outputs)
		}
		row := c.rows.values[r*inputs : (r+1)*inputs]
		m.Scorer.Margins(margins, row)
		for o := range outputs {
			explainLibrary(got, row, o)
			for i, v := range got {
				if w := want[k][o*(inputs+1)+i]; !(math.Abs(v-w) <= tolerance) {
					t.Fatalf("row %d, output %d, input %d: %v, %s gives %v", r, o, i, v, c.Library, w)
				}
			}
			explain(got, row, o)
			if explainSaved(again, row, o); !slices.Equal(got, again) {
				t.Fatalf("row %d, output %d: %v, saved and read %v", r, o, got, again)
			}
			sum, size := 0.0, 1.0
			for _, v := range got {
				sum, size = sum+v, size+math.Abs(v)
			}
			if !(math.Abs(sum-margins[o]) <= rounding*size) {
				t.Fatalf("row %d, output %d: contributions sum to %v, the margin is %v", r, o, sum, margins[o])
			}
		}
	}
}

func ready(t *testing.T, s model.Scorer) model.Contributions {
	t.Helper()
	explain, err := s.(model.Explainer).Explain()
	if err != nil {
		t.Fatal(err)
	}
	return explain
}

// unweighted is m with the leaf values that they were before dart's weights.
func unweighted(m *Model) *tree.Ensemble {
	was := m.Scorer.(*tree.Ensemble)
	e := tree.NewEnsemble(was.Task(), was.Inputs(), was.Outputs())
	e.Base, e.Trees, e.Float32, e.BaseFirst = was.Base, slices.Clone(was.Trees), was.Float32, was.BaseFirst
	for i := range e.Trees {
		t := &e.Trees[i]
		t.Values = slices.Clone(t.Values)
		for l := range t.Values {
			t.Values[l] /= m.TreeWeights[i]
		}
	}
	return e
}

// Linear leaves are not split, LightGBM does not either; the error says so.
func TestExplainLinearLeaves(t *testing.T) {
	m := readCase(t, "testdata/lightgbm-4.7.0/linear/model.txt.gz")
	if _, err := m.Scorer.(model.Explainer).Explain(); err == nil || !strings.Contains(err.Error(), "linear leaves") {
		t.Errorf("error %v", err)
	}
}
