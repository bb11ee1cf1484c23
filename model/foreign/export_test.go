package foreign

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"fm/dataset"
	"fm/model"
	"fm/model/boost"
	"fm/model/forest"
	"fm/model/modeltest"
	"fm/model/tree"
)

// again writes m for target and reads it back; nil where target can't have it.
func again(t *testing.T, target string, x *Exported) (*Model, error) {
	t.Helper()
	f, ok := FindTarget(target)
	if !ok {
		t.Fatalf("no target %q", target)
	}
	var b bytes.Buffer
	if _, err := f.Write(&b, x); err != nil {
		return nil, err
	}
	m, err := Read(&b, target)
	if err != nil {
		t.Fatal(err)
	}
	return m, nil
}

// exported is a model read from a file as it is written for other libraries.
func exported(m *Model) *Exported {
	x := &Exported{Scorer: m.Scorer, Names: m.Names, Words: m.Categories}
	n := m.Scorer.Inputs()
	if x.Names == nil {
		for i := range n {
			x.Names = append(x.Names, "f"+string(rune('a'+i)))
		}
	}
	if x.Words == nil {
		x.Words = make([][]string, n)
	}
	return x
}

// sameScores compares margins and predictions bit for bit.
func sameScores(t *testing.T, name string, a, b model.Scorer, rows []float64) {
	t.Helper()
	outputs := a.Outputs()
	if b.Outputs() != outputs || b.Inputs() != a.Inputs() {
		t.Fatalf("%s: %d × %d became %d × %d", name, a.Inputs(), outputs, b.Inputs(), b.Outputs())
	}
	n := len(rows) / a.Inputs() * outputs
	x, y := make([]float64, n), make([]float64, n)
	a.Margins(x, rows)
	b.Margins(y, rows)
	averaged := false
	if e, ok := a.(*tree.Ensemble); ok {
		averaged = e.Average // then the other's margins are the sums
	}
	for i := range x {
		if !averaged && math.Float64bits(x[i]) != math.Float64bits(y[i]) && x[i] != y[i] {
			t.Fatalf("%s: margin %d is %v, was %v", name, i, y[i], x[i])
		}
	}
	if e, ok := a.(*tree.Ensemble); !ok || e.Float32 {
		return // links differ in the last bits by version: written models are of 2.1
	}
	x, y = model.Predict(a, x, x), model.Predict(b, y, y)
	for i := range x {
		if math.Float64bits(x[i]) != math.Float64bits(y[i]) && x[i] == x[i] {
			t.Fatalf("%s: prediction %d is %v, was %v", name, i, y[i], x[i])
		}
	}
}

// A model that is written for its own library is the same model.
func TestExportAgain(t *testing.T) {
	count, not := 0, map[string]int{}
	for _, dir := range corpora(t) {
		for _, library := range []string{"lightgbm", "xgboost"} {
			for _, c := range corpusCases(t, dir, library) {
				if c.Case == "large_500x255" {
					continue
				}
				m := readCase(t, c.models[0])
				back, err := again(t, library, exported(m))
				if err != nil {
					not[c.Case+": "+err.Error()]++
					continue
				}
				count++
				sameScores(t, c.dir, m.Scorer, back.Scorer, c.rows.values)
			}
		}
	}
	t.Logf("%d models, not: %v", count, not)
}

// table is modeltest's with a column of words behind.
func table(classes int) *dataset.Frame {
	f := modeltest.Table(600, classes, 7)
	words := dataset.Col{Words: []string{"http", "irc", "dns", "ssh"}}
	for r := range f.Rows() {
		v := float64((r*r + int(f.Y[r])) % 5)
		if v == 4 {
			v = math.NaN()
		}
		words.Values = append(words.Values, v)
	}
	s := *f.Schema
	s.Columns = append(slices.Clone(s.Columns), dataset.Column{Name: "the service", Words: true})
	f.Schema, f.Cols = &s, append(f.Cols, words)
	return f
}

func ofFrame(s model.Scorer, f *dataset.Frame) *Exported {
	x := &Exported{Scorer: s}
	for c, column := range f.Schema.Columns {
		x.Names, x.Words = append(x.Names, column.Name), append(x.Words, f.Cols[c].Words)
	}
	return x
}

// Our own models, written for LightGBM and read back, give the same bits; written for
// XGBoost, the same leaves for rows of float32 numbers and margins to six digits.
func TestExportOwn(t *testing.T) {
	for _, classes := range []int{2, 3} {
		f := table(classes)
		for name, tr := range map[string]model.Trainer{
			"gbdt":   boost.Trainer{Trees: 20, Leaves: 7, MinLeaf: 5, Seed: 1}.WithDefaults(),
			"forest": forest.Trainer{Trees: 10, MinLeaf: 5, Seed: 1},
			"tree":   tree.Trainer{MinLeaf: 5},
		} {
			own := f
			if name == "forest" || name == "tree" {
				own = modeltest.Table(600, classes, 7)
			}
			s, err := tr.Train(context.Background(), own, modeltest.All(own))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			rows := modeltest.Flat(own)
			m, err := again(t, "lightgbm", ofFrame(s, own))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			sameScores(t, name, s, m.Scorer, rows)
			if name == "gbdt" && (!slices.Equal(m.Categories[6], own.Cols[6].Words) || m.Names[6] != "the_service") {
				t.Errorf("labels %v of %q", m.Categories, m.Names)
			}
			for i := range rows {
				rows[i] = float64(float32(rows[i]))
			}
			if m, err = again(t, "xgboost", ofFrame(s, own)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if name == "gbdt" && (!slices.Equal(m.Categories[6], own.Cols[6].Words) || m.Categories[0] != nil) {
				t.Errorf("labels %v at XGBoost", m.Categories)
			}
			x, y := make([]float64, own.Rows()*s.Outputs()), make([]float64, own.Rows()*s.Outputs())
			s.Margins(x, rows)
			m.Scorer.Margins(y, rows)
			for i := range x {
				if math.Abs(x[i]-y[i]) > 2e-6*max(1, math.Abs(x[i])) {
					t.Fatalf("%s: margin %d is %v for XGBoost, was %v", name, i, y[i], x[i])
				}
			}
		}
	}
}

func TestAbove32(t *testing.T) {
	for _, v := range []float64{0, 1, 0.1, -0.1, 16777217, 5e-324, -5e-324, 1e300, -1e300, math.Inf(1), math.Inf(-1), math.MaxFloat32} {
		above := above32(v)
		for _, f := range []float32{0, above, math.Nextafter32(above, float32(math.Inf(-1))), float32(v)} {
			if f-f != 0 || f == math.MaxFloat32 {
				continue
			}
			if (float64(f) <= v) != (f < above) {
				t.Errorf("%v <= %v but not < %v", f, v, above)
			}
		}
	}
}

// What a library can't have is refused with the reason.
func TestExportRefuses(t *testing.T) {
	for path, why := range map[string]string{
		"xgboost lightgbm-4.7.0/zero_missing/model.txt.gz":   "take zero for missing",
		"xgboost lightgbm-4.7.0/linear/model.txt.gz":         "linear leaves",
		"xgboost lightgbm-4.7.0/binary/model.txt.gz":         "slope",
		"xgboost lightgbm-4.7.0/sqrt/model.txt.gz":           "objective",
		"xgboost lightgbm-4.7.0/entropy_lambda/model.txt.gz": "objective",
	} {
		target, file, _ := strings.Cut(path, " ")
		if _, err := again(t, target, exported(readCase(t, "testdata/"+file))); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want %q", path, err, why)
		}
	}
}

// XGBoost's block of words: values of XGBoost 3.2.0 for a frame of pandas with these
// categories, k of z, a, the empty word, b, ab and ~, i of 80, 3 and 5, behind a number.
func TestExportWords(t *testing.T) {
	e := tree.NewEnsemble(model.Binary, 3, 1)
	e.Transform = tree.Logistic
	x := &Exported{Scorer: e, Names: []string{"x", "k", "i"}, Words: [][]string{nil, {"z", "a", "", "b", "ab", "~"}, {"80", "3", "5"}}}
	var b bytes.Buffer
	if _, err := writeXGBoost(&b, x); err != nil {
		t.Fatal(err)
	}
	const want = `,"cats":{"enc":[{"offsets":[],"values":[]},{"offsets":[0,1,2,2,3,5,6],"values":[122,97,98,97,98,126]},{"type":15,"values":[80,3,5]}],"feature_segments":[0,0,6,9],"sorted_idx":[2,1,4,3,0,5,1,2,0]}`
	if !strings.Contains(b.String(), want) {
		t.Errorf("%s, want %s", &b, want)
	}
	m, err := Read(&b, "written")
	if err != nil || !slices.EqualFunc(m.Categories, x.Words, slices.Equal) {
		t.Errorf("read back %q, %v", m.Categories, err)
	}
	x.Words[1][0] = "é"
	if _, err := writeXGBoost(&b, x); !errors.Is(err, ErrNoWords) || err.Error() != `column "k": word "é": XGBoost takes words of ASCII only` {
		t.Errorf("not ASCII: %v", err)
	}
}
