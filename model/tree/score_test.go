package tree_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"fm/model"
	"fm/model/tree"

	"pgregory.net/rapid"
)

// odd are values and thresholds that tell careless comparisons from right ones.
var odd = [...]float64{0, math.Copysign(0, -1), 5e-324, -5e-324, 1e-310, tree.ZeroBound, -tree.ZeroBound,
	math.Nextafter(tree.ZeroBound, 1), math.Nextafter(-tree.ZeroBound, -1), 1e-35, 1, -1, 2, 0.5, -0.5, -0.999, 63, 64, 1e300, -1e300,
	math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1), math.MaxFloat32, 16777216, 16777217, math.Pi}

// chance draws random ensembles and rows for them.
type chance struct {
	*rand.Rand
	pool     []float64 // thresholds
	fresh    float64   // share of thresholds that are new
	missing  int       // what nodes say about missing values: 0 right, 1 left, 2 as 0, 3 anything
	kinds    int       // 0 numeric, 1 with zeros missing, 2 with categories, 3 all
	lopsided bool
}

func draw(t *rapid.T) (*tree.Ensemble, *chance) {
	c := &chance{Rand: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))}
	c.fresh = rapid.SampledFrom([]float64{0, 0.1, 1}).Draw(t, "fresh")
	c.missing = rapid.IntRange(0, 3).Draw(t, "missing")
	c.kinds = rapid.IntRange(0, 3).Draw(t, "kinds")
	c.lopsided = rapid.Bool().Draw(t, "lopsided")
	inputs, outputs := rapid.IntRange(1, 12).Draw(t, "inputs"), rapid.IntRange(1, 4).Draw(t, "outputs")
	e := tree.NewEnsemble(model.Regression, inputs, outputs)
	e.BaseFirst = rapid.Bool().Draw(t, "base first")
	e.Float32 = rapid.Bool().Draw(t, "float32")
	e.Average = !e.Float32 && rapid.Bool().Draw(t, "average")
	linear := !e.Float32 && rapid.Bool().Draw(t, "linear")
	vector := rapid.Bool().Draw(t, "vector")
	for o := range e.Base {
		e.Base[o] = c.NormFloat64()
	}
	most := rapid.SampledFrom([]int{1, 2, 8, 31, 64, 65, 256, 257, 600}).Draw(t, "leaves")
	for range rapid.IntRange(1, 12).Draw(t, "trees") {
		one := c.tree(inputs, outputs, 1+c.IntN(most), vector && c.IntN(2) == 0)
		if linear && one.Output != tree.Vector && c.IntN(2) == 0 {
			for range one.Cover {
				l := tree.Linear{Const: c.NormFloat64()}
				for range c.IntN(3) {
					l.Features, l.Coefs = append(l.Features, int32(c.IntN(inputs))), append(l.Coefs, c.NormFloat64())
				}
				one.Linear = append(one.Linear, l)
			}
		}
		e.Trees = append(e.Trees, one)
	}
	return e, c
}

func (c *chance) threshold() float64 {
	if len(c.pool) > 0 && c.Float64() >= c.fresh {
		return c.pool[c.IntN(len(c.pool))]
	}
	x := c.NormFloat64()
	switch c.IntN(4) {
	case 0:
		x = odd[c.IntN(len(odd))]
	case 1:
		x = math.Floor(10 * x)
	}
	c.pool = append(c.pool, x)
	return x
}

func (c *chance) tree(inputs, outputs, leaves int, vector bool) tree.Tree {
	t := tree.Tree{Output: int32(c.IntN(outputs))}
	width := 1
	if vector {
		t.Output, width = tree.Vector, outputs
	}
	// Leaf i hangs at parent[i], on the right if right[i] is set.
	parent, right := []int32{-1}, []bool{false}
	for len(parent) < leaves {
		at := c.IntN(len(parent))
		if c.lopsided {
			at = len(parent) - 1
		}
		number := int32(len(t.Nodes))
		c.hang(&t, parent[at], right[at], number)
		t.Nodes, t.Gain = append(t.Nodes, c.node(&t, inputs)), append(t.Gain, float32(c.IntN(100)))
		parent[at], right[at] = number, c.IntN(2) == 0
		parent, right = append(parent, number), append(right, !right[at])
	}
	for i := range parent {
		c.hang(&t, parent[i], right[i], ^int32(i))
		t.Cover = append(t.Cover, float64(c.IntN(1000)))
		t.LeafNames = append(t.LeafNames, int32(i))
		for range width {
			t.Values = append(t.Values, c.NormFloat64())
		}
	}
	return t
}

func (c *chance) hang(t *tree.Tree, parent int32, right bool, child int32) {
	switch {
	case parent < 0:
	case right:
		t.Nodes[parent].Right = child
	default:
		t.Nodes[parent].Left = child
	}
}

func (c *chance) node(t *tree.Tree, inputs int) tree.Node {
	n := tree.Node{Feature: int32(c.IntN(inputs)), Threshold: c.threshold()}
	switch c.missing {
	case 1:
		n.MissingLeft = true
	case 2:
		n.MissingLeft = 0 <= n.Threshold
	case 3:
		n.MissingLeft = c.IntN(2) == 0
	}
	if c.kinds&1 != 0 && c.IntN(3) == 0 {
		n.Kind = tree.ZeroMissing
	}
	if c.kinds&2 != 0 && c.IntN(3) == 0 {
		n.Kind, n.Threshold, n.Set = tree.Categorical, 0, uint16(len(t.Sets))
		s := tree.Set{Below: c.IntN(2) == 0, Above: c.IntN(2) == 0, Bits: make([]uint64, c.IntN(3))}
		for i := range s.Bits {
			s.Bits[i] = c.Uint64()
		}
		t.Sets = append(t.Sets, s)
	}
	return n
}

// rows draws n rows of values on thresholds, next to them, and anywhere.
func (c *chance) rows(n, inputs int) []float64 {
	v := make([]float64, n*inputs)
	for i := range v {
		x := c.threshold()
		switch c.IntN(8) {
		case 0:
			x = math.NaN()
			if c.IntN(2) == 0 {
				x = math.Float64frombits(0xfff8000000000001) // a negative one
			}
		case 1:
			x = math.Nextafter(x, math.Inf(1))
		case 2:
			x = math.Nextafter(x, math.Inf(-1))
		case 3:
			x = odd[c.IntN(len(odd))]
		case 4:
			x = float64(c.IntN(200) - 5)
		}
		v[i] = x
	}
	return v
}

// same fails if two margins differ in a bit; all NaN are alike.
func same(t interface {
	Helper()
	Fatalf(string, ...any)
}, what string, got, want []float64) {
	t.Helper()
	for i := range want {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("%s: margin %d of %d is %v, on the plain path %v", what, i, len(want), got[i], want[i])
		}
	}
}

// Every kernel gives the bits of the plain path, for batches of any size, before and
// after the model is saved.
func TestScorersAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, c := draw(t)
		n := rapid.IntRange(1, 200).Draw(t, "rows")
		if rapid.IntRange(0, 9).Draw(t, "many") == 0 {
			n += 500
		}
		rows := c.rows(n, e.Inputs())
		want, got := make([]float64, n*e.Outputs()), make([]float64, n*e.Outputs())
		e.PlainMargins(want, rows)
		for name, margins := range e.Scorers() {
			margins(got, rows)
			same(t, name, got, want)
		}
		e.Margins(got, rows)
		same(t, "Margins", got, want)
		b, err := tree.Codec{}.Append(nil, e)
		if err != nil {
			t.Fatal(err)
		}
		s, err := tree.Codec{}.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		back := s.(*tree.Ensemble)
		back.Margins(got, rows)
		same(t, "saved", got, want)
		again, err := tree.Codec{}.Append(nil, back)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("written again, the bytes differ: %v", err)
		}
		was, is := make([]int32, len(e.Trees)), make([]int32, len(e.Trees))
		for i := range min(n, 5) {
			row := rows[i*e.Inputs() : (i+1)*e.Inputs()]
			e.Leaves(was, row)
			back.Leaves(is, row)
			for k := range was {
				if was[k] != is[k] {
					t.Fatalf("row %d, tree %d: leaf %d, saved %d", i, k, was[k], is[k])
				}
			}
		}
	})
}

// An ensemble that grows is compiled again.
func TestScorersSeeNewTrees(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	rows := table(rng, 500, 10)
	all := grown(rng, rows, 10, 50, 20)
	e := tree.NewEnsemble(all.Task(), 10, 1)
	got, want := make([]float64, 500), make([]float64, 500)
	for _, n := range []int{0, 30, 31, 50, 20} {
		e.Trees = all.Trees[:n]
		e.Margins(got, rows)
		e.PlainMargins(want, rows)
		same(t, "grown", got, want)
	}
}

// One ensemble may score in several goroutines from the first call on; the race detector
// looks on.
func TestScorersConcurrently(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	rows := table(rng, 700, 10)
	e := grown(rng, rows, 10, 50, 20)
	want := make([]float64, 700)
	e.PlainMargins(want, rows)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			got := make([]float64, 700)
			for n := g + 1; n <= 700; n += 97 {
				e.Margins(got[:n], rows[:n*10])
				for i := range n {
					if got[i] != want[i] {
						t.Errorf("row %d of %d: %v, alone %v", i, n, got[i], want[i])
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

// Scoring allocates nothing, in batches and row by row.
func TestScorersDoNotAllocate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	rows := table(rng, 700, 10)
	e := grown(rng, rows, 10, 50, 300)
	dst := make([]float64, 700)
	for _, n := range []int{1, 7, 700} {
		for name, margins := range e.Scorers() {
			margins(dst[:n], rows[:n*10])
			if a := testing.AllocsPerRun(20, func() { margins(dst[:n], rows[:n*10]) }); a != 0 {
				t.Errorf("%s: %v allocations for %d rows", name, a, n)
			}
		}
	}
}
