package boost_test

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fm/dataset"
	"fm/model"
	"fm/model/boost"
	"fm/model/modeltest"
	"fm/model/tree"
)

func TestConformance(t *testing.T) {
	for name, tr := range map[string]boost.Trainer{
		"plain":    {Trees: 30, Patience: -1},
		"stopping": {Trees: 30},
		"sampled":  {Trees: 30, Rows: 0.7, Columns: 0.7, NodeColumns: 0.7, Seed: 3},
		"goss":     {Trees: 30, GOSS: true, Seed: 3},
		"monotone": {Trees: 30, Monotone: map[string]int{"x": 1, "y": -1}},
		"balanced": {Trees: 30, Balanced: true},
		"few bins": {Trees: 30, Bins: 12, L1: 0.5, MaxDepth: 5},
	} {
		if name == "monotone" {
			continue // two classes only: TestMonotone
		}
		t.Run(name, func(t *testing.T) {
			modeltest.Run(t, modeltest.Subject{
				Trainer:  func(w int) model.Trainer { tr.Workers = w; return tr },
				Codec:    tree.Codec{},
				Accuracy: 0.94,
			})
		})
	}
	t.Run("monotone", func(t *testing.T) {
		modeltest.Run(t, modeltest.Subject{
			Trainer: func(w int) model.Trainer {
				return boost.Trainer{Trees: 30, Monotone: map[string]int{"x": 1, "y": -1}, Workers: w}
			},
			Codec:    tree.Codec{},
			Binary:   true,
			Accuracy: 0.94,
		})
	})
}

func table(y []int32, cols ...[]float64) *dataset.Frame {
	f := &dataset.Frame{Schema: &dataset.Schema{}, Classes: []string{"benign", "malicious"}, Y: y}
	for i, v := range cols {
		f.Schema.Columns = append(f.Schema.Columns, dataset.Column{Name: string(rune('a' + i))})
		f.Cols = append(f.Cols, dataset.Col{Values: v})
	}
	f.SetRows(len(y))
	return f
}

func train(t testing.TB, tr boost.Trainer, f *dataset.Frame) *tree.Ensemble {
	t.Helper()
	s, err := tr.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	return s.(*tree.Ensemble)
}

func encode(t testing.TB, e *tree.Ensemble) []byte {
	t.Helper()
	b, err := tree.Codec{}.Append(nil, e)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Six rows by hand, three of each class, so the base is 0, each p 1/2, each gradient
// ±1/2 and each curvature 1/4. The column parts 1 2 3 | 4 5 6 with one row of class 1 on
// the left and one of class 0 on the right. With λ = 1:
//
//	left  G = 1/2+1/2-1/2 = 1/2, H = 3/4, value -G/(H+1) = -2/7
//	right G = -1/2,              H = 3/4, value +2/7
//	gain  2·(1/4)/(7/4) - 0 = 2/7
func TestFirstTreeByHand(t *testing.T) {
	f := table([]int32{0, 1, 0, 1, 0, 1}, []float64{1, 2, 3, 4, 5, 6})
	one := train(t, boost.Trainer{Trees: 1, Leaves: 2, MinLeaf: 3, Rate: 0.5, MinHessian: -1}, f).Trees[0]
	if len(one.Nodes) != 1 || one.Nodes[0].Threshold != 3.5 {
		t.Fatalf("nodes %+v, want one that parts at 3.5", one.Nodes)
	}
	left, right := one.Values[^one.Nodes[0].Left], one.Values[^one.Nodes[0].Right]
	if math.Abs(left+1./7) > 1e-15 || math.Abs(right-1./7) > 1e-15 {
		t.Errorf("values %v and %v, want ∓1/7 (half of 2/7)", left, right)
	}
	if math.Abs(float64(one.Gain[0])-2./7) > 1e-7 {
		t.Errorf("gain %v, want 2/7", one.Gain[0])
	}
}

// A leaf of the six rows above has a curvature of 3/4: one more than that is asked for.
func TestLeastCurvature(t *testing.T) {
	f := table([]int32{0, 1, 0, 1, 0, 1}, []float64{1, 2, 3, 4, 5, 6})
	for least, nodes := range map[float64]int{0.75: 1, 0.76: 0, 0: 0} {
		if n := len(train(t, boost.Trainer{Trees: 1, Leaves: 2, MinLeaf: 3, MinHessian: least}, f).Trees[0].Nodes); n != nodes {
			t.Errorf("least curvature %v: %d splits, want %d", least, n, nodes)
		}
	}
}

// Where only rows without a value differ, they get a side of their own.
func TestMissingValuesAreLearnt(t *testing.T) {
	nan := math.NaN()
	f := table([]int32{1, 1, 1, 0, 0, 0, 0, 0}, []float64{nan, nan, nan, 1, 2, 3, 4, 5})
	e := train(t, boost.Trainer{Trees: 5, MinLeaf: 1, MinHessian: -1}, f)
	m := make([]float64, 8)
	e.Margins(m, f.Cols[0].Values)
	for i := range m {
		if (m[i] > m[7]) != (i < 3) {
			t.Errorf("row %d of class %d has margin %v, the last %v", i, f.Y[i], m[i], m[7])
		}
	}
}

// Words of one class go to one side, whatever their order; a word that was never seen, and
// a missing one, go with the larger side, or where rows without a word were.
func TestWords(t *testing.T) {
	f := table(nil, nil)
	f.Cols[0].Words = []string{"a", "b", "c", "d", "e", "f", "g", "never"}
	for i := range 700 {
		w := i % 7
		f.Cols[0].Values = append(f.Cols[0].Values, float64(w))
		f.Y = append(f.Y, int32(w%3&1)) // b and e
	}
	f.SetRows(700)
	tr := boost.Trainer{Trees: 1, Leaves: 2, Patience: -1}
	e := train(t, tr, f)
	if n := e.Trees[0].Nodes; len(n) != 1 || n[0].Kind != tree.Categorical {
		t.Fatalf("nodes %+v", n)
	}
	margins := func(e *tree.Ensemble) []float64 {
		m := make([]float64, 10)
		e.Margins(m, []float64{0, 1, 2, 3, 4, 5, 6, 7, 99, math.NaN()})
		return m
	}
	m := margins(e)
	for i, v := range m {
		if (v > m[0]) != (i == 1 || i == 4) || v != m[0] && v != m[1] {
			t.Errorf("word %d has margin %v; of the first two %v", i, v, m[:2])
		}
	}
	for i := range 150 { // rows without a word, all malicious
		f.Cols[0].Values, f.Y = append(f.Cols[0].Values, math.NaN()), append(f.Y, int32(i/150+1))
	}
	f.SetRows(850)
	m = margins(train(t, tr, f))
	for _, i := range []int{1, 4, 7, 8, 9} {
		if m[i] != m[1] || m[i] == m[0] {
			t.Errorf("word %d has margin %v, word 1 %v, word 0 %v", i, m[i], m[1], m[0])
		}
	}
}

// A word that lies beyond the 255 most frequent is as if missing.
func TestRareWords(t *testing.T) {
	f := table(nil, nil)
	for w := range 400 {
		f.Cols[0].Words = append(f.Cols[0].Words, string(rune('a'+w)))
		for range 4 + 60/(1+w) {
			f.Cols[0].Values, f.Y = append(f.Cols[0].Values, float64(w)), append(f.Y, int32(w%2))
		}
	}
	f.SetRows(len(f.Y))
	e := train(t, boost.Trainer{Trees: 3, CatSmooth: 1}, f)
	m := make([]float64, 3)
	e.Margins(m, []float64{math.NaN(), 398, 399})
	if m[0] != m[1] || m[1] != m[2] {
		t.Errorf("margins %v of a missing and two rare words, want the same", m)
	}
}

// Whatever the rows: with all other columns fixed, the margin follows the direction.
func TestMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(40, 300).Draw(t, "rows")
		a, b, c := make([]float64, n), make([]float64, n), make([]float64, n)
		y := make([]int32, n)
		for i := range n {
			a[i] = float64(rapid.IntRange(0, 9).Draw(t, "a"))
			b[i] = float64(rapid.IntRange(0, 9).Draw(t, "b"))
			c[i] = float64(rapid.IntRange(0, 2).Draw(t, "c"))
			y[i] = int32(rapid.IntRange(0, 1).Draw(t, "y"))
		}
		y[0], y[1] = 0, 1
		f := table(y, a, b, c)
		tr := boost.Trainer{Trees: 10, MinLeaf: 2, MinHessian: 0.1, L2: 0.1, Rate: 0.5, Monotone: map[string]int{"a": 1, "b": -1}}
		s, err := tr.Train(context.Background(), f, modeltest.All(f))
		if err != nil {
			t.Fatal(err)
		}
		at := func(a, b, c float64) float64 {
			m := []float64{0}
			s.Margins(m, []float64{a, b, c})
			return m[0]
		}
		for b := range 10 {
			for c := range 3 {
				for a := range 9 {
					x, y, z := float64(a), float64(b), float64(c)
					if at(x+1, y, z) < at(x, y, z) {
						t.Fatalf("margin falls from %v to %v while a rises from %v at b %v, c %v", at(x, y, z), at(x+1, y, z), x, y, z)
					}
					if at(y, x+1, z) > at(y, x, z) {
						t.Fatalf("margin rises while b rises from %v at a %v, c %v", x, y, z)
					}
				}
			}
		}
	})
}

// A column that only rises with the class loses nothing by the bound, one that falls
// with it is not used.
func TestMonotoneColumns(t *testing.T) {
	f := modeltest.Table(2000, 2, 3)
	free := train(t, boost.Trainer{Trees: 20, Patience: -1, NodeColumns: 1}, f)
	with := train(t, boost.Trainer{Trees: 20, Patience: -1, NodeColumns: 1, Monotone: map[string]int{"x": -1}}, f)
	if free.Importance()[0] < 100 || with.Importance()[0] > free.Importance()[0]/10 {
		t.Errorf("gain of x is %v, and %v when it may only fall", free.Importance()[0], with.Importance()[0])
	}
	for _, c := range []struct {
		name    string
		tr      boost.Trainer
		classes int
		want    string
	}{
		{"unknown", boost.Trainer{Monotone: map[string]int{"z": 1}}, 2, `column "z": there is none`},
		{"classes", boost.Trainer{Monotone: map[string]int{"x": 1}}, 3, "need two classes, there are 3"},
		{"direction", boost.Trainer{Monotone: map[string]int{"x": 2}}, 2, "direction 2"},
		{"goss", boost.Trainer{GOSS: true, Rows: 0.5}, 2, "not both"},
		{"leaves", boost.Trainer{Leaves: 1 << 16}, 2, "at most 65535"},
		{"class", boost.Trainer{ClassWeight: map[string]float64{"scans": 2}}, 2, `class weight of "scans"`},
		{"weight", boost.Trainer{ClassWeight: map[string]float64{"scan": 0}}, 2, "above 0"},
	} {
		f := modeltest.Table(200, c.classes, 3)
		if _, err := c.tr.Train(context.Background(), f, modeltest.All(f)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// Factors of classes are weights of their rows.
func TestClassWeights(t *testing.T) {
	f := modeltest.Table(1500, 3, 4)
	count := make([]float64, 3)
	for _, y := range f.Y {
		count[y]++
	}
	weighted := func(factor ...float64) []byte {
		g := *f
		g.Weight = nil
		for _, y := range f.Y {
			g.Weight = append(g.Weight, factor[y])
		}
		return encode(t, train(t, boost.Trainer{Trees: 10}, &g))
	}
	if got := encode(t, train(t, boost.Trainer{Trees: 10, ClassWeight: map[string]float64{"scan": 4}}, f)); !bytes.Equal(got, weighted(1, 4, 1)) {
		t.Error("factor 4 of a class is not weight 4 of its rows")
	}
	// scikit-learn's "balanced": rows / (classes × rows of the class).
	b := func(c int) float64 { return 1500 / (3 * count[c]) }
	if got := encode(t, train(t, boost.Trainer{Trees: 10, Balanced: true}, f)); !bytes.Equal(got, weighted(b(0), b(1), b(2))) {
		t.Error("balanced is not rows / (classes × rows of the class)")
	}
}

// Rows of groups that tell nothing about other groups: the held-out loss is lowest at
// once, and training ends after the patience. The note says so.
func TestEarlyStopping(t *testing.T) {
	n := 4000
	f := modeltest.Table(n, 2, 5)
	for c := range f.Cols {
		f.Cols[c].Values = make([]float64, n)
	}
	f.Groups = nil
	for i := range n {
		g := i * 20 / n
		f.Group[i] = int32(g)
		f.Y[i] = int32(g % 2)
		f.Cols[0].Values[i] = float64(g * 7 % 20)                // names the group
		f.Cols[1].Values[i] = float64(f.Y[i]) + float64(i*37%11) // says little
	}
	for g := range 20 {
		f.Groups = append(f.Groups, string(rune('a'+g)))
	}
	notes := func(e *tree.Ensemble) string {
		var s []string
		for _, n := range e.Notes() {
			s = append(s, n.Error())
		}
		return strings.Join(s, "; ")
	}
	e := train(t, boost.Trainer{Trees: 80, Patience: 5}, f)
	if len(e.Trees) > 20 {
		t.Errorf("%d trees are kept", len(e.Trees))
	}
	if s := notes(e); !strings.Contains(s, "4 of 20 groups held out") || !strings.Contains(s, "of 80; stopped after 5 without a better one") {
		t.Errorf("notes %q", s)
	}
	// The rounds found, trained on all rows, are what a training of that length gives.
	same := train(t, boost.Trainer{Trees: len(e.Trees), Patience: -1}, f)
	if !bytes.Equal(encode(t, e), encode(t, same)) {
		t.Error("the model differs from one trained on all rows for the rounds found")
	}
	if e := train(t, boost.Trainer{Trees: 80, Patience: -1}, f); len(e.Trees) != 80 || notes(e) != "" {
		t.Errorf("off: %d trees, notes %q", len(e.Trees), notes(e))
	}
	f.Group = nil
	if e := train(t, boost.Trainer{Trees: 30}, f); len(e.Trees) != 30 || !strings.HasPrefix(notes(e), "no early stopping: ") {
		t.Errorf("without groups: %d trees, notes %q", len(e.Trees), notes(e))
	}
}

// The margins that training keeps are those that the model gives.
func TestEachTreeLowersTheLoss(t *testing.T) {
	f := modeltest.Table(3000, 2, 5)
	last := math.Inf(1)
	for _, trees := range []int{1, 2, 5, 20, 60} {
		e := train(t, boost.Trainer{Trees: trees, Patience: -1}, f)
		p := make([]float64, f.Rows())
		e.Margins(p, modeltest.Flat(f))
		e.Link(p, p)
		l := 0.0
		for i, y := range f.Y {
			l -= math.Log(math.Abs(float64(1-y)-p[i])) / float64(len(p))
		}
		if l >= last {
			t.Errorf("loss %v after %d trees, %v before", l, trees, last)
		}
		last = l
	}
}

// Bundling, the order of columns in words and goroutines by rows change nothing: a table
// with each column 20 times gives the trees of the table with each once.
func TestManyColumns(t *testing.T) {
	f := modeltest.Table(40000, 2, 6)
	wide := *f
	wide.Schema, wide.Cols = &dataset.Schema{}, nil
	for range 20 {
		wide.Schema.Columns = append(wide.Schema.Columns, f.Schema.Columns...)
		wide.Cols = append(wide.Cols, f.Cols...)
	}
	a, b := train(t, boost.Trainer{Trees: 3, NodeColumns: 1, Workers: 9}, f), train(t, boost.Trainer{Trees: 3, NodeColumns: 1, Workers: 2}, &wide)
	for i := range a.Trees {
		if !slices.Equal(a.Trees[i].Nodes, b.Trees[i].Nodes) || !slices.Equal(a.Trees[i].Values, b.Trees[i].Values) {
			t.Fatalf("tree %d differs", i)
		}
	}
}

func BenchmarkTrain(b *testing.B) {
	f := modeltest.Table(50000, 2, 1)
	for b.Loop() {
		train(b, boost.Trainer{Trees: 20, Patience: -1}, f)
	}
	b.ReportMetric(float64(b.N)*20*50000/b.Elapsed().Seconds()/1e6, "Mrow·trees/s")
}
