package tree_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"fm/dataset"
	"fm/model/modeltest"
	"fm/model/tree"
)

// withWords is a frame of one column of words, given by their indexes, and one of noise.
func withWords(words []string, index []float64, y []int32, classes int) *dataset.Frame {
	noise := make([]float64, len(y))
	rng := rand.New(rand.NewPCG(5, 5))
	for i := range noise {
		noise[i] = math.Floor(10 * rng.Float64())
	}
	f := frame(y, classes, index, noise)
	f.Cols[0].Words = words
	return f
}

// Every other word is malicious: no cut in the order of the words, and one of a set, tells
// them apart. A row without a word goes with the larger side.
func TestWords(t *testing.T) {
	for _, exact := range []bool{false, true} {
		words := []string{"a", "b", "c", "d", "e"}
		var index []float64
		var y []int32
		for i := range 100 {
			index = append(index, float64(i%5))
			y = append(y, int32(i%5%2))
		}
		e := fit(t, tree.Trainer{MinLeaf: 1, Exact: exact}, withWords(words, index, y, 2))
		if n := len(e.Trees[0].Nodes); n != 1 || e.Trees[0].Nodes[0].Kind != tree.Categorical {
			t.Fatalf("exact %v: %d nodes, want one of words: %+v", exact, n, e.Trees[0].Nodes)
		}
		p := make([]float64, 6)
		e.Margins(p, []float64{0, 0, 1, 0, 2, 0, 3, 0, 4, 0, math.NaN(), 0})
		// Shares by Laplace's rule: 1/62 of the 60 benign rows, 41/42 of the others.
		for i, want := range []float64{1. / 62, 41. / 42, 1. / 62, 41. / 42, 1. / 62, 1. / 62} {
			if p[i] != want {
				t.Errorf("exact %v: word %d is predicted %v, want %v", exact, i, p[i], want)
			}
		}
	}
}

// 300 words, of which 255 get a bin: the rarer ones go where missing values go.
func TestRareWords(t *testing.T) {
	words := make([]string, 300)
	var index []float64
	var y []int32
	for w := range words {
		for range map[bool]int{true: 9, false: 1}[w < 255] {
			index = append(index, float64(w))
			y = append(y, int32(w%2))
		}
	}
	e := fit(t, tree.Trainer{MinLeaf: 1}, withWords(words, index, y, 2))
	p := make([]float64, 3)
	for w := 255; w < 300; w++ {
		for _, noise := range []float64{0, 3, 9} {
			e.Margins(p, []float64{float64(w), noise, math.NaN(), noise, 2, noise})
			if p[0] != p[1] {
				t.Fatalf("rare word %d with noise %v is predicted %v, a missing one %v", w, noise, p[0], p[1])
			}
			if p[2] > 0.2 {
				t.Fatalf("benign word is predicted %v", p[2])
			}
		}
	}
}

// Three classes: words of one class become neighbours.
func TestWordsOfClasses(t *testing.T) {
	var index []float64
	var y []int32
	for i := range 600 {
		w := i % 12
		index = append(index, float64(w))
		y = append(y, int32(w%3))
	}
	e := fit(t, tree.Trainer{MinLeaf: 1}, withWords(make([]string, 12), index, y, 3))
	if n := len(e.Trees[0].Nodes); n != 2 {
		t.Errorf("%d nodes part three classes, want 2", n)
	}
	p := make([]float64, 3)
	for w := range 12 {
		e.Margins(p, []float64{float64(w), 1})
		if p[w%3] < 0.9 {
			t.Errorf("word %d of class %d is predicted %v", w, w%3, p)
		}
	}
}

// A frame in bins gives the tree of the exact frame, and the rows that stand for others
// fall into the leaves of these.
func TestBinnedFrame(t *testing.T) {
	f := modeltest.Table(2000, 2, 11)
	rows := modeltest.All(f)
	bins, err := dataset.Bin(context.Background(), f, rows, 255, 1)
	if err != nil {
		t.Fatal(err)
	}
	binned := *f
	binned.Cols = make([]dataset.Col, len(f.Cols))
	for c := range bins {
		binned.Cols[c].Bins = &bins[c]
	}
	encode := func(e *tree.Ensemble) string {
		b, err := tree.Codec{}.Append(nil, e)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	a, b := fit(t, tree.Trainer{}, f), fit(t, tree.Trainer{}, &binned)
	if encode(a) != encode(b) {
		t.Error("the binned frame gives another tree")
	}
	p, q := make([]float64, len(rows)), make([]float64, len(rows))
	a.Margins(p, modeltest.Flat(f))
	a.Margins(q, modeltest.Flat(&binned))
	for i := range p {
		if p[i] != q[i] {
			t.Fatalf("row %d scores %v, its stand-in %v", i, p[i], q[i])
		}
	}
}
