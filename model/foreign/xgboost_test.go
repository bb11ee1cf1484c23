package foreign

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"fm/model"
	"fm/model/tree"
)

// tally counts what was compared.
type tally struct {
	files, rows, margins, leaves, predictions, ulp int
	newest                                         int   // rows for which the newest library gives other margins
	worst                                          int64 // distance of a prediction, in ulp
}

func (a *tally) add(b tally) {
	a.files += b.files
	a.rows += b.rows
	a.margins += b.margins
	a.leaves += b.leaves
	a.predictions += b.predictions
	a.ulp += b.ulp
	a.newest += b.newest
	a.worst = max(a.worst, b.worst)
}

// Every model file of XGBoost gives its library's margins to the last bit, its leaves, and
// its predictions within one unit in the last place, by itself and after it was saved.
func TestConformanceXGBoost(t *testing.T) {
	for _, dir := range corpora(t) {
		versions := map[string]*tally{}
		for _, c := range corpusCases(t, dir, "xgboost") {
			name := filepath.Base(filepath.Dir(c.dir))
			if versions[name] == nil {
				versions[name] = &tally{}
			}
			for _, path := range c.models {
				versions[name].add(conform(t, c, path))
			}
		}
		var total tally
		lines := []string{fmt.Sprintf("%-16s %6s %8s %14s %14s %22s %14s", "", "files", "rows", "other margins", "other leaves", "predictions 1 ulp off", "newest differs")}
		names := make([]string, 0, len(versions))
		for name, v := range versions {
			names = append(names, name)
			total.add(*v)
		}
		sort.Strings(names)
		versions["total"] = &total
		for _, name := range append(names, "total") {
			v := versions[name]
			lines = append(lines, fmt.Sprintf("%-16s %6d %8d %14d %14d %22d %14d", name, v.files, v.rows, v.margins, v.leaves, v.ulp, v.newest))
		}
		t.Log(dir + "\n" + strings.Join(lines, "\n"))
	}
}

// conform compares one model file with what its library said.
func conform(t *testing.T, c *corpusCase, path string) tally {
	m := readCase(t, path)
	sum := tally{files: 1, rows: len(c.status)}
	if m.Library != "xgboost" || m.Scorer.Inputs() != c.Features {
		t.Fatalf("%s: %s with %d inputs, want %d", path, m.Library, m.Scorer.Inputs(), c.Features)
	}
	if m.Names != nil && c.Names != nil && !slices.Equal(m.Names, c.Names) {
		t.Errorf("%s: names %q, want %q", path, m.Names, c.Names)
	}
	sum.compare(t, c, path, m.Scorer)
	if rows, _, _ := c.numbered(t, "newest.csv.gz"); rows != nil {
		sum.newest = len(rows)
	}
	again := tally{}
	again.compare(t, c, path+" saved", saved(t, m))
	again.files, again.rows, again.newest = sum.files, sum.rows, sum.newest
	if again != sum {
		t.Errorf("%s: %+v, after saving %+v", path, sum, again)
	}
	if best := c.want["margin_best"]; best != nil {
		if err := m.KeepBest(); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		got := make([]float64, len(c.status))
		m.Scorer.Margins(got, c.rows.values)
		for r, w := range best {
			if !isEmpty(w) && !same(got[r], w) {
				sum.margins++
				t.Errorf("%s: row %d (%s): best margin %v, want %v", path, r, c.rows.kind[r], got[r], w)
			}
		}
	}
	return sum
}

// saved is m's scorer after it was written to a payload and read from it.
func saved(t *testing.T, m *Model) model.Scorer {
	t.Helper()
	var codec model.Codec = tree.Codec{}
	if _, ok := m.Scorer.(*Linear); ok {
		codec = LinearCodec{}
	}
	payload, err := codec.Append(nil, m.Scorer)
	if err != nil {
		t.Fatal(err)
	}
	s, err := codec.Decode(payload)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (sum *tally) compare(t *testing.T, c *corpusCase, path string, s model.Scorer) {
	sum.compareMargins(t, c, path, s)
	if e, ok := s.(*tree.Ensemble); ok {
		sum.compareLeaves(t, c, path, e)
	}
}

func same(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

func (sum *tally) compareMargins(t *testing.T, c *corpusCase, path string, s model.Scorer) {
	outputs := s.Outputs()
	if n := c.outputs("margin"); n != outputs {
		t.Fatalf("%s: %d outputs, want %d", path, outputs, n)
	}
	margins := make([]float64, len(c.status)*outputs)
	s.Margins(margins, c.rows.values)
	bad := 0
	for o := range outputs {
		for r, w := range c.want["margin"+strconv.Itoa(o)] {
			if got := margins[r*outputs+o]; !isEmpty(w) && !same(got, w) {
				if bad++; bad <= 3 {
					t.Errorf("%s: row %d (%s, %s): margin %d is %v, want %v", path, r, c.status[r], c.rows.kind[r], o, got, w)
				}
			}
		}
	}
	sum.margins += bad
	wide := model.Predictions(s)
	if n := c.outputs("pred"); n != wide {
		t.Fatalf("%s: %d predictions, want %d", path, wide, n)
	}
	predictions := model.Predict(s, margins, margins)
	for o := range wide {
		for r, w := range c.want["pred"+strconv.Itoa(o)] {
			if isEmpty(w) {
				continue
			}
			d := ulps(predictions[r*wide+o], w)
			sum.worst = max(sum.worst, d)
			switch {
			case d == 1:
				sum.ulp++
			case d > 1:
				if sum.predictions++; sum.predictions <= 3 {
					t.Errorf("%s: row %d (%s): prediction %d is %v, want %v", path, r, c.rows.kind[r], o, predictions[r*wide+o], w)
				}
			}
		}
	}
}

// ulps is how many float32 lie between a and b, plus one; 0 if they are the same.
func ulps(a, b float64) int64 {
	if same(a, b) {
		return 0
	}
	if a != a || b != b || float64(float32(a)) != a {
		return math.MaxInt32
	}
	order := func(v float64) int64 {
		bits := int64(math.Float32bits(float32(v)))
		if bits>>31 == 1 {
			return -(bits & math.MaxInt32)
		}
		return bits
	}
	return max(1, max(order(a)-order(b), order(b)-order(a)))
}

func (sum *tally) compareLeaves(t *testing.T, c *corpusCase, path string, e *tree.Ensemble) {
	bad := 0
	inputs := e.Inputs()
	leaves := make([]int32, len(e.Trees))
	for r := range c.status {
		e.Leaves(leaves, c.rows.values[r*inputs:(r+1)*inputs])
		for i := range c.outputs("leaf") {
			if w := c.want["leaf"+strconv.Itoa(i)][r]; !isEmpty(w) && float64(leaves[i]) != w {
				if bad++; bad <= 3 {
					t.Errorf("%s: row %d (%s): leaf of tree %d is %v, want %v", path, r, c.rows.kind[r], i, leaves[i], w)
				}
			}
		}
	}
	sum.leaves += bad
}

// Damaged and hostile files are refused, in little time and memory, with a message that
// names the file and the fault.
func TestRefuseXGBoost(t *testing.T) {
	if *modelsDir == "" {
		t.Log("the damaged files of the reference models are read with -models")
		return
	}
	for _, r := range refusals(t) {
		name := filepath.Base(r.path)
		if strings.HasPrefix(name, "l-") {
			continue
		}
		b, err := os.ReadFile(r.path)
		if err != nil {
			t.Fatal(err)
		}
		took := measure(func() { _, err = Read(bytes.NewReader(b), name) })
		switch {
		case err == nil && !r.accept:
			t.Errorf("%s: read, want it refused", name)
		case err != nil && !r.refuse:
			t.Errorf("%s: refused: %v", name, err)
		case err != nil && !strings.Contains(err.Error(), name):
			t.Errorf("%s: the message does not name the file: %v", name, err)
		}
		if took.cpu > maxRefusal || took.bytes > 64<<20 {
			t.Errorf("%s: took %v and %d bytes", name, took.cpu, took.bytes)
		}
		t.Logf("%-32s %8d kB  %v", name, took.bytes>>10, err)
	}
}
