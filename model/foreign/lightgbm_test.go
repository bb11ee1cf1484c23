package foreign

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"fm/model"
	"fm/model/tree"
)

// readCase reads one model file of the corpus.
func readCase(t testing.TB, path string) *Model {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := Read(f, path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// differing counts the values that are not bit for bit those of want, where want has any.
func differing(got []float64, outputs, o int, want []float64, status []string) (bad int, first int) {
	for r, w := range want {
		if status[r] != "ok" {
			continue
		}
		if math.Float64bits(got[r*outputs+o]) != math.Float64bits(w) && !(w != w && got[r*outputs+o] != got[r*outputs+o]) {
			if bad++; bad == 1 {
				first = r
			}
		}
	}
	return bad, first
}

// Every LightGBM model gives the margins, predictions and leaf numbers of its library in
// all bits.
func TestConformanceLightGBM(t *testing.T) {
	for _, dir := range corpora(t) {
		cases := corpusCases(t, dir, "lightgbm")
		files := 0
		for _, c := range cases {
			for _, path := range c.models {
				t.Run(c.Version+"/"+c.Case+"/"+path[strings.LastIndexByte(path, '/')+1:], func(t *testing.T) { conformLightGBM(t, c, path) })
				files++
			}
		}
		t.Logf("%s: %d files of %d cases", dir, files, len(cases))
	}
}

func conformLightGBM(t *testing.T, c *corpusCase, path string) {
	m := readCase(t, path)
	if m.Library != "lightgbm" || m.Scorer.Inputs() != c.Features {
		t.Fatalf("%s model of %d inputs, want %d", m.Library, m.Scorer.Inputs(), c.Features)
	}
	if strings.Join(m.Names, " ") != strings.ReplaceAll(strings.Join(c.Names, "\x00"), " ", "_") && c.Names != nil && len(m.Names) == len(c.Names) {
		for i, n := range c.Names {
			if strings.ReplaceAll(n, " ", "_") != m.Names[i] {
				t.Errorf("input %d is called %q, want %q", i, m.Names[i], n)
			}
		}
	}
	e := m.Scorer.(*tree.Ensemble)
	outputs, n := e.Outputs(), len(c.status)
	margins := make([]float64, n*outputs)
	e.Margins(margins, c.rows.values)
	if strings.Contains(path, "model_all") { // of early stopping: margin_all is all that is known of it
		if bad, first := differing(margins, outputs, 0, c.want["margin_all"], c.status); bad > 0 {
			t.Errorf("%d margins differ, the first in row %d", bad, first)
		}
		return
	}
	if outputs != c.outputs("margin") {
		t.Fatalf("%d outputs, want %d", outputs, c.outputs("margin"))
	}
	predictions := model.Predict(e, make([]float64, len(margins)), margins)
	for o := range outputs {
		name := strconv.Itoa(o)
		if bad, first := differing(margins, outputs, o, c.want["margin"+name], c.status); bad > 0 {
			t.Errorf("%d margins differ, the first in row %d (%s): %v, want %v", bad, first, c.rows.kind[first], margins[first*outputs+o], c.want["margin"+name][first])
		}
		if bad, first := differing(predictions, outputs, o, c.want["pred"+name], c.status); bad > 0 {
			t.Errorf("%d predictions differ, the first in row %d (%s): %v, want %v", bad, first, c.rows.kind[first], predictions[first*outputs+o], c.want["pred"+name][first])
		}
	}
	for k := range c.outputs("leaf") {
		want := c.want["leaf"+strconv.Itoa(k)]
		for r := range n {
			leaf := e.Trees[k].Leaf(c.rows.values[r*c.Features : (r+1)*c.Features])
			if name := e.Trees[k].LeafNames[leaf]; float64(name) != want[r] {
				t.Fatalf("row %d (%s) is in leaf %d of tree %d, want %v", r, c.rows.kind[r], name, k, want[r])
			}
		}
	}
	// The newest library puts averages of probabilities of 2.0 and 2.1 through the link.
	rows, head, values := c.numbered(t, "newest.csv.gz")
	for i, r := range rows {
		p := 1 / (1 + math.Exp(-margins[r]/e.Divisor))
		if m.Version != "2.0 or 2.1" || len(m.Notes) != 2 || math.Float64bits(values[i][0]) != math.Float64bits(margins[r]) || math.Abs(values[i][1]-p) > 1e-15 {
			t.Fatalf("newest %v: row %d is %v, want %v and %v", head, r, values[i], margins[r], p)
		}
	}
}

// What is damaged is refused with a place, what is sound loads.
func TestRefuseLightGBM(t *testing.T) {
	if *modelsDir == "" {
		return
	}
	dumps, _ := filepath.Glob(filepath.Join(*modelsDir, "lightgbm-*", "*", "*.dump.json*"))
	for _, path := range dumps {
		if _, err := Read(openCorpusFile(t, path), path); err == nil || !strings.Contains(err.Error(), "LightGBM JSON: a dump") {
			t.Errorf("%s: %v", path, err)
		}
	}
	loaded := 0
	for _, r := range refusals(t) {
		name := r.path[strings.LastIndexByte(r.path, '/')+1:]
		if !strings.HasPrefix(name, "l-") {
			continue
		}
		if name == "l-linear-feature.txt" {
			r.accept = true // byte for byte l-0-sound-linear.txt, which is to load
		}
		b, err := os.ReadFile(r.path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Read(bytes.NewReader(b), name)
		switch {
		case err == nil && !r.accept:
			t.Errorf("%s is read", name)
		case err != nil && !r.refuse:
			t.Errorf("%v", err)
		case err != nil && m != nil:
			t.Errorf("%s: an error with a model", name)
		case err == nil:
			loaded++
		}
		t.Log(name, err)
	}
	if loaded < 3 {
		t.Errorf("%d files load", loaded)
	}
}
