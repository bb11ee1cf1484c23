package boost_test

import (
	"context"
	"math"
	"testing"

	"fm/dataset"
	"fm/model"
	"fm/model/boost"
	"fm/model/modeltest"
	"fm/model/tree"
)

func TestConformance(t *testing.T) {
	for name, tr := range map[string]boost.Trainer{
		"plain":   {Trees: 60},
		"sampled": {Trees: 60, Rows: 0.7, Columns: 0.7, Seed: 3},
	} {
		t.Run(name, func(t *testing.T) {
			modeltest.Run(t, modeltest.Subject{
				Trainer:  func(w int) model.Trainer { tr.Workers = w; return tr },
				Codec:    tree.Codec{},
				Accuracy: 0.95,
			})
		})
	}
}

func table(y []int32, cols ...[]float64) *dataset.Frame {
	f := &dataset.Frame{Schema: &dataset.Schema{}, Classes: []string{"benign", "malicious"}, Y: y}
	for _, v := range cols {
		f.Schema.Columns = append(f.Schema.Columns, dataset.Column{Name: "x"})
		f.Cols = append(f.Cols, dataset.Col{Values: v})
	}
	f.SetRows(len(y))
	return f
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
	s, err := boost.Trainer{Trees: 1, Leaves: 2, MinLeaf: 3, Rate: 0.5, MinHessian: -1}.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	one := s.(*tree.Ensemble).Trees[0]
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

// Where only rows without a value differ, they get a side of their own.
func TestMissingValuesAreLearnt(t *testing.T) {
	nan := math.NaN()
	f := table([]int32{1, 1, 1, 0, 0, 0, 0, 0}, []float64{nan, nan, nan, 1, 2, 3, 4, 5})
	s, err := boost.Trainer{Trees: 5, MinLeaf: 1, MinHessian: -1}.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	m := make([]float64, 8)
	s.Margins(m, f.Cols[0].Values)
	for i := range m {
		if (m[i] > m[7]) != (i < 3) {
			t.Errorf("row %d of class %d has margin %v, the last %v", i, f.Y[i], m[i], m[7])
		}
	}
}

// The margins that training keeps are those that the model gives.
func TestEachTreeLowersTheLoss(t *testing.T) {
	f := modeltest.Table(3000, 2, 5)
	loss := func(trees int) float64 {
		s, err := boost.Trainer{Trees: trees}.Train(context.Background(), f, modeltest.All(f))
		if err != nil {
			t.Fatal(err)
		}
		p := make([]float64, f.Rows())
		s.Margins(p, modeltest.Flat(f))
		s.Link(p, p)
		sum := 0.0
		for i, y := range f.Y {
			sum -= math.Log(math.Abs(float64(1-y) - p[i]))
		}
		return sum / float64(len(p))
	}
	last := math.Inf(1)
	for _, trees := range []int{1, 2, 5, 20, 60} {
		l := loss(trees)
		if l >= last {
			t.Errorf("loss %v after %d trees, %v before", l, trees, last)
		}
		last = l
	}
}

func BenchmarkTrain(b *testing.B) {
	f := modeltest.Table(50000, 2, 1)
	rows := modeltest.All(f)
	for b.Loop() {
		if _, err := (boost.Trainer{Trees: 20}).Train(context.Background(), f, rows); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*20*50000/b.Elapsed().Seconds()/1e6, "Mrow·trees/s")
}
