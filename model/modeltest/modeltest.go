// Package modeltest is the conformance suite of every kind of model: what a trainer, its
// scorer and its codec promise, whatever they learn. Start with [Run].
package modeltest

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"

	"fm/dataset"
	"fm/model"
)

// Subject is a kind under test.
type Subject struct {
	Trainer    func(workers int) model.Trainer // the same seed in each call
	Codec      model.Codec
	Binary     bool    // knows two classes only
	Unrepeated bool    // says itself that two fits differ
	Accuracy   float64 // least share of right classes on [Table]'s rows, which two thresholds separate but for 2 % noise
	Slow       bool    // takes small tables only
}

// Table makes a frame of n rows and 6 columns: two that matter, one that does not, one
// with a value in a third of the rows, one constant, one of infinities and zeros. Rows
// belong to classes classes and 10 groups.
func Table(n, classes int, seed uint64) *dataset.Frame {
	rng := rand.New(rand.NewPCG(seed, 0))
	f := &dataset.Frame{Schema: &dataset.Schema{Set: "test", Version: 1}}
	for _, name := range []string{"x", "y", "noise", "sparse", "constant", "odd"} {
		f.Schema.Columns = append(f.Schema.Columns, dataset.Column{Name: name})
		f.Cols = append(f.Cols, dataset.Col{Values: make([]float64, n)})
	}
	f.Classes = []string{"benign", "scan", "flood", "beacon"}[:classes]
	for g := range 10 {
		f.Groups = append(f.Groups, string(rune('a'+g)))
	}
	for i := range n {
		x, y := rng.NormFloat64(), rng.NormFloat64()
		class := 0
		if x > 0.3 || y < -0.8 {
			class = 1
			if classes > 2 {
				class += min(classes-2, int(math.Abs(y)*1.5))
			}
		}
		if rng.Float64() < 0.02 {
			class = rng.IntN(classes)
		}
		sparse := math.NaN()
		if rng.IntN(3) == 0 {
			sparse = float64(class) + rng.NormFloat64()
		}
		odd := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), 1e300}[rng.IntN(5)]
		for c, v := range []float64{x, y, rng.NormFloat64(), sparse, 7, odd} {
			f.Cols[c].Values[i] = v
		}
		f.Y = append(f.Y, int32(class))
		f.Group = append(f.Group, int32(i*10/n))
		f.Pair = append(f.Pair, rng.Uint64N(uint64(n/4+2)))
		f.Time = append(f.Time, int64(i)*1e9)
	}
	f.SetRows(n)
	return f
}

// All are the indexes of the rows of f.
func All(f *dataset.Frame) []int {
	rows := make([]int, f.Rows())
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// Flat is the rows of f, row-major.
func Flat(f *dataset.Frame) []float64 {
	w := len(f.Cols)
	rows := make([]float64, f.Rows()*w)
	for i := range f.Rows() {
		f.Row(rows[i*w:(i+1)*w], i)
	}
	return rows
}

// Run runs the suite.
func Run(t *testing.T, s Subject) {
	size := 1200
	if s.Slow {
		size = 300
	}
	t.Run("learns", func(t *testing.T) { learns(t, s, size) })
	t.Run("repeats", func(t *testing.T) { repeats(t, s, size) })
	t.Run("missing", func(t *testing.T) { missing(t, s, size) })
	t.Run("saves", func(t *testing.T) { saves(t, s, size) })
	t.Run("refuses", func(t *testing.T) { refuses(t, s) })
	t.Run("tiny", func(t *testing.T) { tiny(t, s) })
	t.Run("shares", func(t *testing.T) { shares(t, s, size) })
	t.Run("explains", func(t *testing.T) { explains(t, s, size) })
	t.Run("stops", func(t *testing.T) { stops(t, s, size) })
}

func train(t *testing.T, s Subject, f *dataset.Frame, workers int) model.Scorer {
	t.Helper()
	scorer, err := s.Trainer(workers).Train(context.Background(), f, All(f))
	if err != nil {
		t.Fatalf("train: %v", err)
	}
	if scorer.Inputs() != len(f.Cols) {
		t.Fatalf("%d inputs for %d columns", scorer.Inputs(), len(f.Cols))
	}
	return scorer
}

func classCounts(s Subject) []int {
	if s.Binary {
		return []int{2}
	}
	return []int{2, 4}
}

// learns checks that separable rows are told apart and that predictions are probabilities.
func learns(t *testing.T, s Subject, size int) {
	for _, classes := range classCounts(s) {
		f := Table(size, classes, 1)
		scorer := train(t, s, f, 2)
		want := 1
		if classes > 2 {
			want = classes
		}
		if scorer.Outputs() != want {
			t.Fatalf("%d outputs for %d classes", scorer.Outputs(), classes)
		}
		p := make([]float64, f.Rows()*want)
		scorer.Margins(p, Flat(f))
		scorer.Link(p, p)
		right := 0
		for i := range f.Rows() {
			best, sum := 0, 0.0
			for k, v := range p[i*want : (i+1)*want] {
				if !(v >= 0 && v <= 1) {
					t.Fatalf("row %d: prediction %v is no probability", i, v)
				}
				sum += v
				if v > p[i*want+best] {
					best = k
				}
			}
			if want == 1 {
				best = int(math.Floor(p[i] + 0.5))
			} else if math.Abs(sum-1) > 1e-9 {
				t.Fatalf("row %d: probabilities add up to %v", i, sum)
			}
			if int32(best) == f.Y[i] {
				right++
			}
		}
		if share := float64(right) / float64(f.Rows()); share < s.Accuracy-0.15*float64(classes-2)/2 {
			t.Errorf("%d classes: %.3f of the training rows are right, want %.3f", classes, share, s.Accuracy)
		}
	}
}

func encode(t *testing.T, s Subject, scorer model.Scorer) []byte {
	t.Helper()
	b, err := s.Codec.Append(nil, scorer)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return b
}

// repeats checks that the same rows give the same bytes for any number of threads.
func repeats(t *testing.T, s Subject, size int) {
	if s.Unrepeated {
		t.Log("this kind says itself that fits differ")
		return
	}
	for _, classes := range classCounts(s) {
		f := Table(size, classes, 2)
		want := encode(t, s, train(t, s, f, 1))
		for _, workers := range []int{1, 2, 3, 8} {
			if !bytes.Equal(encode(t, s, train(t, s, f, workers)), want) {
				t.Errorf("%d classes: other bytes with %d workers", classes, workers)
			}
		}
		before := runtime.GOMAXPROCS(8)
		if !bytes.Equal(encode(t, s, train(t, s, f, 0)), want) {
			t.Errorf("%d classes: other bytes with 8 threads", classes)
		}
		runtime.GOMAXPROCS(before)
	}
}

// missing checks that rows without any value, and rows of infinities, get a prediction.
func missing(t *testing.T, s Subject, size int) {
	f := Table(size, 2, 3)
	for c := range f.Cols {
		f.Cols[c].Values[c] = math.NaN()
	}
	scorer := train(t, s, f, 2)
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64} {
		row, p := make([]float64, 6), []float64{0}
		for i := range row {
			row[i] = v
		}
		scorer.Margins(p, row)
		scorer.Link(p, p)
		if !(p[0] >= 0 && p[0] <= 1) {
			t.Errorf("a row of %v is predicted as %v", v, p[0])
		}
	}
}

// saves checks that what is read back gives the same bits, and the same bytes again, and
// that cut or changed payloads are errors or scorers, never panics.
func saves(t *testing.T, s Subject, size int) {
	for _, classes := range classCounts(s) {
		f := Table(size, classes, 4)
		scorer := train(t, s, f, 2)
		b := encode(t, s, scorer)
		back, err := s.Codec.Decode(bytes.Clone(b))
		if err != nil {
			t.Fatalf("decode: %v", err)
		}
		if !bytes.Equal(encode(t, s, back), b) {
			t.Errorf("%d classes: written again, the bytes differ", classes)
		}
		rows := Flat(f)
		want, got := make([]float64, f.Rows()*scorer.Outputs()), make([]float64, f.Rows()*scorer.Outputs())
		scorer.Margins(want, rows)
		back.Margins(got, rows)
		for i := range want {
			if math.Float64bits(want[i]) != math.Float64bits(got[i]) {
				t.Fatalf("%d classes: margin %d was %v, is %v", classes, i, want[i], got[i])
			}
		}
		// One row alone gives what the batch gives.
		one := make([]float64, scorer.Outputs())
		w := len(f.Cols)
		for i := range 50 {
			scorer.Margins(one, rows[i*w:(i+1)*w])
			for o := range one {
				if one[o] != want[i*len(one)+o] {
					t.Fatalf("row %d alone has margin %v, in a batch %v", i, one[o], want[i*len(one)+o])
				}
			}
		}
		step := max(1, len(b)/300)
		for cut := 0; cut < len(b); cut += step {
			if _, err := s.Codec.Decode(bytes.Clone(b[:cut])); err == nil {
				t.Errorf("a payload cut at %d of %d bytes is accepted", cut, len(b))
			}
		}
		for at := 0; at < len(b); at += step {
			bad := bytes.Clone(b)
			bad[at] ^= 0x55
			if d, err := s.Codec.Decode(bad); err == nil && d.Inputs() <= 64 && d.Outputs() <= 64 {
				d.Margins(make([]float64, d.Outputs()), make([]float64, d.Inputs()))
				if e, ok := d.(model.Explainer); ok {
					if explain, err := e.Explain(); err == nil {
						explain(make([]float64, d.Inputs()+1), make([]float64, d.Inputs()), 0)
					}
				}
			}
		}
	}
}

// refuses checks that one class, no rows and no columns are errors.
func refuses(t *testing.T, s Subject) {
	ctx := context.Background()
	f := Table(100, 2, 5)
	var benign []int
	for i, y := range f.Y {
		if y == 0 {
			benign = append(benign, i)
		}
	}
	_, err := s.Trainer(1).Train(ctx, f, benign)
	if !errors.Is(err, model.ErrOneClass) || !strings.Contains(err.Error(), `"benign"`) {
		t.Errorf("one class: error %v", err)
	}
	if _, err := s.Trainer(1).Train(ctx, f, nil); !errors.Is(err, model.ErrOneClass) {
		t.Errorf("no rows: error %v", err)
	}
	empty := &dataset.Frame{Schema: &dataset.Schema{}, Classes: f.Classes, Y: f.Y}
	empty.SetRows(f.Rows())
	if _, err := s.Trainer(1).Train(ctx, empty, All(f)); err == nil {
		t.Error("no columns: no error")
	}
	f.Y[3] = -1
	if _, err := s.Trainer(1).Train(ctx, f, All(f)); err == nil {
		t.Error("a row without class: no error")
	}
}

// tiny checks tables of a few rows and of nothing but constant columns.
func tiny(t *testing.T, s Subject) {
	for _, n := range []int{2, 3, 7} {
		f := Table(n, 2, 6)
		for i := range f.Y {
			f.Y[i] = int32(i % 2)
		}
		scorer := train(t, s, f, 2)
		p := make([]float64, n)
		scorer.Margins(p, Flat(f))
		scorer.Link(p, p)
		for i, v := range p {
			if !(v >= 0 && v <= 1) {
				t.Errorf("%d rows: prediction %d is %v", n, i, v)
			}
		}
	}
	f := Table(60, 2, 7)
	for c := range f.Cols {
		for i := range f.Cols[c].Values {
			f.Cols[c].Values[i] = []float64{3, math.NaN()}[c%2]
		}
	}
	positive := 0
	for i := range f.Y {
		f.Y[i] = 0
		if i%4 == 0 {
			f.Y[i] = 1
			positive++
		}
	}
	scorer := train(t, s, f, 2)
	p := []float64{0}
	scorer.Margins(p, Flat(f)[:len(f.Cols)])
	scorer.Link(p, p)
	if !(p[0] >= 0.05 && p[0] < 0.5) {
		t.Errorf("constant columns, a quarter malicious: predicted %v", p[0])
	}
}

// shares checks that one scorer serves several goroutines and allocates nothing.
func shares(t *testing.T, s Subject, size int) {
	f := Table(size, 2, 8)
	scorer := train(t, s, f, 2)
	rows := Flat(f)
	want := make([]float64, f.Rows())
	scorer.Margins(want, rows)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			got := make([]float64, f.Rows())
			scorer.Margins(got, rows)
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("row %d: %v in parallel, %v alone", i, got[i], want[i])
					return
				}
			}
		})
	}
	wg.Wait()
	got := make([]float64, f.Rows())
	if n := testing.AllocsPerRun(10, func() {
		scorer.Margins(got, rows)
		scorer.Link(got, got)
	}); n != 0 {
		t.Errorf("scoring allocates %v times", n)
	}
}

// stops checks that a cancelled context ends training with its error.
func stops(t *testing.T, s Subject, size int) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f := Table(size, 2, 9)
	if _, err := s.Trainer(1).Train(ctx, f, All(f)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}
