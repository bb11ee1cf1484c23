// Package boost trains gradient-boosted trees: leaf by leaf, on columns of at most 255
// bins, by sums of gradients and curvatures (Ke and others, LightGBM, 2017; Chen and
// Guestrin, XGBoost, 2016).
//
// The result is a tree.Ensemble whose margin is the log-odds (two classes) or one
// logit a class. Start with [Trainer].
package boost

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"

	"fm/dataset"
	"fm/model"
	"fm/model/tree"
)

// Trainer trains boosted trees. Zero fields mean the defaults given.
type Trainer struct {
	Trees       int       `json:"trees"`       // 100 rounds; each grows one tree, or one a class with more than two
	Leaves      int       `json:"leaves"`      // 31
	MaxDepth    int       `json:"max_depth"`   // no bound
	Rate        float64   `json:"rate"`        // 0.1
	MinLeaf     int       `json:"min_leaf"`    // 20 rows
	MinHessian  float64   `json:"min_hessian"` // 1e-3: least curvature in a leaf
	MinGain     float64   `json:"min_gain"`    // 0
	L1          float64   `json:"l1"`          // 0
	L2          float64   `json:"l2"`          // 1; below 0 means none
	Columns     float64   `json:"columns"`     // share of columns a tree: 1
	Rows        float64   `json:"rows"`        // share of rows a tree: 1
	Bins        int       `json:"bins"`        // 255
	ClassWeight []float64 `json:"class_weight,omitempty"`
	Seed        uint64    `json:"seed"`
	Workers     int       `json:"-"` // goroutines: one a CPU
}

var _ model.Trainer = Trainer{}

// WithDefaults returns t with zero fields replaced.
func (t Trainer) WithDefaults() Trainer {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&t.Trees, 100)
	def(&t.Leaves, 31)
	def(&t.MinLeaf, 20)
	def(&t.Bins, dataset.MaxBins)
	def(&t.Workers, runtime.GOMAXPROCS(0))
	share := func(v *float64, d float64) {
		if !(*v > 0) {
			*v = d
		}
	}
	share(&t.Rate, 0.1)
	share(&t.MinHessian, 1e-3)
	share(&t.Columns, 1)
	share(&t.Rows, 1)
	if t.L2 == 0 {
		t.L2 = 1
	}
	t.L2 = max(0, t.L2)
	return t
}

// Train implements [model.Trainer].
func (t Trainer) Train(ctx context.Context, f *dataset.Frame, rows []int) (model.Scorer, error) {
	t = t.WithDefaults()
	if err := model.CheckRows(f, rows); err != nil {
		return nil, err
	}
	d, err := newData(ctx, f, rows, t.Bins, t.Workers)
	if err != nil {
		return nil, err
	}
	l, err := t.loss(f, rows)
	if err != nil {
		return nil, err
	}
	r := newRun(t, d, l)
	task, transform := model.Binary, tree.Logistic
	if l.outputs > 1 {
		task, transform = model.Classes, tree.Softmax
	}
	e := tree.NewEnsemble(task, len(f.Cols), l.outputs)
	e.Transform = transform
	copy(e.Base, r.base)
	for round := range t.Trees {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e.Trees = append(e.Trees, r.round(round)...)
	}
	return e, nil
}

func (t Trainer) loss(f *dataset.Frame, rows []int) (*loss, error) {
	l := &loss{y: make([]int32, len(rows)), outputs: 1}
	if len(f.Classes) > 2 {
		l.outputs = len(f.Classes)
	}
	for i, r := range rows {
		l.y[i] = f.Y[r]
	}
	var err error
	l.weight, err = model.Weights(f, rows, t.ClassWeight)
	return l, err
}

// run is one training in progress.
type run struct {
	grower
	loss    *loss
	base    []float64
	margins []float64 // row × outputs
	g, h    []float64 // of one output
}

func newRun(t Trainer, d *data, l *loss) *run {
	r := &run{grower: grower{d: d, t: t, workers: t.Workers}, loss: l, base: l.base()}
	r.margins = make([]float64, d.rows*l.outputs)
	for i := range r.margins {
		r.margins[i] = r.base[i%l.outputs]
	}
	r.g, r.h = make([]float64, d.rows), make([]float64, d.rows)
	r.spare.rows, r.spare.sums = make([]int32, d.rows), make([]pair, d.rows)
	r.choose(nil)
	return r
}

// choose draws the columns of a tree.
func (r *run) choose(rng *rand.Rand) {
	n := len(r.d.columns)
	want := n
	if r.t.Columns < 1 {
		want = max(1, int(math.Ceil(r.t.Columns*float64(n))))
	}
	if want >= n && r.chosen != nil {
		return
	}
	r.chosen = r.chosen[:0]
	for c := range n { // selection sampling (Knuth 3.4.2 S): ascending
		if left := want - len(r.chosen); rng == nil && want == n || left > 0 && rng != nil && rng.IntN(n-c) < left {
			r.chosen = append(r.chosen, int32(c))
		}
	}
	r.words = r.d.interleave(r.chosen, r.words, func(n int, do func(int)) { r.parallel(n, smallWork, do) })
}

// chunkRows is how many rows one goroutine computes at a time.
const chunkRows = 1 << 13

func (r *run) blocks(do func(lo, hi int)) {
	n := r.d.rows
	r.parallel((n+chunkRows-1)/chunkRows, 8*n, func(b int) { do(b*chunkRows, min(n, (b+1)*chunkRows)) })
}

// round grows the trees of one round and adds them to the margins.
func (r *run) round(number int) []tree.Tree {
	var out []tree.Tree
	outputs := r.loss.outputs
	rng := rand.New(rand.NewPCG(r.t.Seed, uint64(number)))
	before := r.margins
	if outputs > 1 { // all trees of a round start from the same margins
		before = append([]float64(nil), r.margins...)
	}
	for o := range outputs {
		r.blocks(func(lo, hi int) { r.loss.derivatives(r.g, r.h, before, o, lo, hi) })
		if r.t.Columns < 1 {
			r.choose(rng)
		}
		r.load(rng)
		t := r.grow()
		t.Output, t.Values = int32(o), make([]float64, len(r.leaves))
		t.Cover = make([]float64, len(r.leaves))
		r.parallel(len(r.leaves), 8*len(r.rows), func(i int) {
			l := &r.leaves[i]
			var g, h float64
			for _, row := range r.rows[l.lo:l.hi] {
				g, h = g+r.g[row], h+r.h[row]
			}
			v := float64(r.t.Rate * r.terms.value(g, h))
			t.Values[i], t.Cover[i] = v, float64(l.hi-l.lo)
			if len(r.rows) == r.d.rows {
				for _, row := range r.rows[l.lo:l.hi] {
					r.margins[int(row)*outputs+o] += v
				}
			}
		})
		if len(r.rows) < r.d.rows {
			r.blocks(func(lo, hi int) {
				for i := lo; i < hi; i++ {
					r.margins[i*outputs+o] += t.Values[r.leafOf(&t, i)]
				}
			})
		}
		out = append(out, t)
	}
	return out
}

// load fills rows and sums with the rows of the next tree.
func (r *run) load(rng *rand.Rand) {
	n := r.d.rows
	r.rows, r.sums = r.rows[:0], r.sums[:0]
	if cap(r.rows) < n {
		r.rows, r.sums = make([]int32, 0, n), make([]pair, 0, n)
	}
	if r.t.Rows < 1 {
		want := max(1, int(math.Ceil(r.t.Rows*float64(n))))
		for i := range n {
			if rng.IntN(n-i) < want-len(r.rows) {
				r.rows = append(r.rows, int32(i))
			}
		}
	} else {
		for i := range n {
			r.rows = append(r.rows, int32(i))
		}
	}
	var sumG, sumH float64
	for _, i := range r.rows {
		sumG, sumH = sumG+math.Abs(r.g[i]), sumH+r.h[i]
	}
	s := newScale(sumG, sumH, len(r.rows))
	r.sums = r.sums[:len(r.rows)]
	r.parallel((len(r.rows)+chunkRows-1)/chunkRows, 4*len(r.rows), func(b int) {
		for k := b * chunkRows; k < min(len(r.rows), (b+1)*chunkRows); k++ {
			i := r.rows[k]
			r.sums[k] = s.pack(r.g[i], r.h[i])
		}
	})
	r.terms = terms{l1: r.t.L1, l2: r.t.L2, minHessian: r.t.MinHessian, minRows: float64(r.t.MinLeaf), g: 1 / s.g, h: 1 / s.h}
}
