package tree_test

import (
	"bytes"
	"context"
	"math"
	"testing"

	"fm/dataset"
	"fm/model"
	"fm/model/modeltest"
	"fm/model/tree"

	"pgregory.net/rapid"
)

func TestConformance(t *testing.T) {
	for _, exact := range []bool{false, true} {
		name := map[bool]string{false: "bins", true: "exact"}[exact]
		t.Run(name, func(t *testing.T) {
			modeltest.Run(t, modeltest.Subject{
				Trainer:  func(w int) model.Trainer { return tree.Trainer{Workers: w, Exact: exact} },
				Codec:    tree.Codec{},
				Accuracy: 0.96,
			})
		})
	}
}

func frame(y []int32, classes int, columns ...[]float64) *dataset.Frame {
	f := &dataset.Frame{Schema: &dataset.Schema{}, Y: y, Classes: []string{"benign", "b", "c"}[:classes]}
	for _, c := range columns {
		f.Cols = append(f.Cols, dataset.Col{Values: c})
	}
	f.SetRows(len(y))
	return f
}

func fit(t *testing.T, tr tree.Trainer, f *dataset.Frame) *tree.Ensemble {
	t.Helper()
	s, err := tr.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	return s.(*tree.Ensemble)
}

// Six rows by hand. Column 0 separates 1 2 3 | 4 5 6 with one row of class 1 on the left:
// left 2 of class 0 and 1 of class 1, right 3 of class 1. Gini times weight of the root:
// 6·(1-(2/6)²-(4/6)²) = 2.667; of the children 3·(1-(2/3)²-(1/3)²) + 0 = 1.333; gain 1.333.
// Entropy: root 6·H(1/3) = 5.510 bit, left 3·H(1/3) = 2.755, gain 2.755. Shares with one
// row more of each class: (1+1)/(3+2) and (3+1)/(3+2).
func TestGainByHand(t *testing.T) {
	f := frame([]int32{0, 1, 0, 1, 1, 1}, 2, []float64{1, 2, 3, 4, 5, 6})
	for _, c := range []struct {
		tr   tree.Trainer
		gain float64
	}{
		{tree.Trainer{MinLeaf: 3}, 4. / 3},
		{tree.Trainer{MinLeaf: 3, Exact: true}, 4. / 3},
		{tree.Trainer{MinLeaf: 3, Criterion: tree.Entropy}, 2.7548875},
		{tree.Trainer{MinLeaf: 3, ClassWeight: []float64{1, 1}}, 4. / 3}, // the unpacked path
		{tree.Trainer{MinLeaf: 3, ClassWeight: []float64{1, 1}, Exact: true}, 4. / 3},
	} {
		one := fit(t, c.tr, f).Trees[0]
		if len(one.Nodes) != 1 {
			t.Fatalf("%+v: %d nodes", c.tr, len(one.Nodes))
		}
		n := one.Nodes[0]
		if n.Threshold != 3.5 || n.Feature != 0 || math.Abs(float64(one.Gain[0])-c.gain) > 1e-6 {
			t.Errorf("%+v: node %+v, gain %v, want 3.5 and %v", c.tr, n, one.Gain[0], c.gain)
		}
		if one.Values[^n.Left] != 2./5 || one.Values[^n.Right] != 4./5 || one.Cover[0] != 3 {
			t.Errorf("%+v: leaves %v, covers %v", c.tr, one.Values, one.Cover)
		}
	}
}

// Missing values go to the side where they lower the impurity: here they are of class 1
// like the large values; in the second table like the small ones.
func TestMissingSide(t *testing.T) {
	nan := math.NaN()
	x := []float64{1, 1, 2, 2, 8, 8, 9, 9, nan, nan, nan, nan}
	for _, weights := range [][]float64{nil, {1, 1}} {
		tr := tree.Trainer{MinLeaf: 2, ClassWeight: weights}
		high := fit(t, tr, frame([]int32{0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}, 2, x)).Trees[0]
		if n := high.Nodes[0]; n.MissingLeft || n.Threshold != 5 || len(high.Nodes) != 1 {
			t.Errorf("like the large values: %+v", high.Nodes)
		}
		low := fit(t, tr, frame([]int32{0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0}, 2, x)).Trees[0]
		if n := low.Nodes[0]; !n.MissingLeft || n.Threshold != 5 || len(low.Nodes) != 1 {
			t.Errorf("like the small values: %+v", low.Nodes)
		}
		// Only whether there is a value matters: everything present goes left of +Inf.
		apart := fit(t, tr, frame([]int32{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1}, 2, x)).Trees[0]
		if n := apart.Nodes[0]; n.MissingLeft || !math.IsInf(n.Threshold, 1) || len(apart.Nodes) != 1 {
			t.Errorf("present against missing: %+v", apart.Nodes)
		}
	}
}

// Bounds hold: depth, rows a leaf; a tree of depth 1 has two leaves.
func TestBounds(t *testing.T) {
	f := modeltest.Table(800, 4, 1)
	e := fit(t, tree.Trainer{MaxDepth: 1}, f)
	if n := len(e.Trees[0].Nodes); n != 1 {
		t.Errorf("depth 1: %d nodes", n)
	}
	for i, c := range fit(t, tree.Trainer{MinLeaf: 20}, f).Trees[0].Cover {
		if c < 20 {
			t.Errorf("leaf %d holds %v rows", i, c)
		}
	}
}

// Weights act like repeated rows: doubling class 1 or giving it weight 2 is the same tree.
func TestWeightsRepeatRows(t *testing.T) {
	f := modeltest.Table(300, 2, 5)
	rows := modeltest.All(f)
	for i, y := range f.Y {
		if y == 1 {
			rows = append(rows, i)
		}
	}
	a, err := tree.Trainer{MinLeaf: 1, MaxDepth: 4, Exact: true}.Train(context.Background(), f, rows)
	if err != nil {
		t.Fatal(err)
	}
	b := fit(t, tree.Trainer{MinLeaf: 1, MaxDepth: 4, Exact: true, ClassWeight: []float64{1, 2}}, f)
	x, y := make([]float64, f.Rows()), make([]float64, f.Rows())
	a.Margins(x, modeltest.Flat(f))
	b.Margins(y, modeltest.Flat(f))
	for i := range x {
		if math.Abs(x[i]-y[i]) > 1e-12 {
			t.Fatalf("row %d: %v with repeated rows, %v with weights", i, x[i], y[i])
		}
	}
}

func TestImportance(t *testing.T) {
	f := modeltest.Table(1000, 2, 3)
	got := fit(t, tree.Trainer{}, f).Importance()
	if got[0] < got[2] || got[1] < got[2] || got[4] != 0 {
		t.Errorf("importance %v: columns 0 and 1 matter, 2 does not, 4 is constant", got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, classes := range []int{2, 4} {
		table := modeltest.Table(200, classes, 1)
		s, err := tree.Trainer{}.Train(context.Background(), table, modeltest.All(table))
		if err != nil {
			f.Fatal(err)
		}
		b, _ := tree.Codec{}.Append(nil, s)
		f.Add(b)
	}
	any := rapid.Custom(func(t *rapid.T) *tree.Ensemble { e, _ := draw(t); return e })
	for seed := range 20 {
		b, _ := tree.Codec{}.Append(nil, any.Example(seed))
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := tree.Codec{}.Decode(bytes.Clone(b))
		if err != nil {
			return
		}
		if s.Inputs() < 1<<16 {
			s.Margins(make([]float64, s.Outputs()), make([]float64, s.Inputs()))
		}
		again, err := tree.Codec{}.Append(nil, s)
		if err != nil {
			t.Fatalf("decoded, but cannot be written: %v", err)
		}
		if _, err := (tree.Codec{}).Decode(again); err != nil {
			t.Fatalf("written, but cannot be read: %v", err)
		}
	})
}

// The bound itself passes and the next float64 does not, by the rounding of the
// processor (IEEE 754, to nearest, ties to even).
func TestBelow32(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, x := range []float32{0, math.Float32frombits(1 << 31), 1, 1.5, math.Nextafter32(1, 2), -1, 1e-45, -1e-45, 1.1754944e-38, 3, 16777216, 16777218, math.MaxFloat32, -math.MaxFloat32, inf} {
		b, ok := tree.Below32(x)
		if !ok || !(float32(b) < x) {
			t.Errorf("Below32(%g) = %g, %v: rounds to %g", x, b, ok, float32(b))
		}
		if next := math.Nextafter(b, math.Inf(1)); float32(next) < x {
			t.Errorf("Below32(%g) = %g, but %g rounds to %g", x, b, next, float32(next))
		}
	}
	if _, ok := tree.Below32(-inf); ok {
		t.Error("something lies below -Inf")
	}
}
