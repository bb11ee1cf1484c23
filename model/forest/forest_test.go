package forest_test

import (
	"context"
	"math"
	"testing"

	"fm/model"
	"fm/model/forest"
	"fm/model/modeltest"
	"fm/model/tree"
)

func TestConformance(t *testing.T) {
	modeltest.Run(t, modeltest.Subject{
		Trainer:  func(w int) model.Trainer { return forest.Trainer{Trees: 30, Workers: w, Seed: 7} },
		Codec:    tree.Codec{},
		Accuracy: 0.95,
	})
}

func TestOutOfBag(t *testing.T) {
	f := modeltest.Table(2000, 2, 1)
	e, oob, err := forest.Trainer{Trees: 60}.Fit(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	if oob.Rows != 2000 || oob.Outputs != 1 {
		t.Errorf("%d rows, %d outputs", oob.Rows, oob.Outputs)
	}
	// 2 % of the labels are drawn at random, so about 1 % are wrong; borders add some.
	if wrong := float64(oob.Wrong) / 2000; wrong < 0.005 || wrong > 0.05 {
		t.Errorf("out-of-bag error %v", wrong)
	}
	// On the rows seen the forest is surer than out of bag.
	p := make([]float64, 2000)
	e.Margins(p, modeltest.Flat(f))
	seen, unseen := 0.0, 0.0
	for i, v := range p {
		seen += math.Abs(v - float64(f.Y[i]))
		unseen += math.Abs(oob.Share[i] - float64(f.Y[i]))
	}
	if seen >= unseen {
		t.Errorf("distance from the truth %v on the training rows, %v out of bag", seen, unseen)
	}
	two, err := forest.Trainer{Trees: 1}.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for _, c := range two.(*tree.Ensemble).Trees[0].Cover {
		total += c
	}
	if math.Abs(total-2000) > 0 {
		t.Errorf("a bag holds %v rows, want 2000", total)
	}
}

func BenchmarkTrain(b *testing.B) {
	f := modeltest.Table(20000, 2, 1)
	rows := modeltest.All(f)
	for b.Loop() {
		if _, err := (forest.Trainer{Workers: 1}).Train(context.Background(), f, rows); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMargins(b *testing.B) {
	f := modeltest.Table(20000, 2, 1)
	s, err := forest.Trainer{}.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		b.Fatal(err)
	}
	rows, dst := modeltest.Flat(f), make([]float64, f.Rows())
	b.ReportAllocs()
	for b.Loop() {
		s.Margins(dst, rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(f.Rows()), "ns/row")
}
