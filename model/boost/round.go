package boost

import (
	"math"
	"math/rand/v2"

	"fm/model/tree"
)

// run is one training in progress.
type run struct {
	grower
	loss    *loss
	pool    []int32 // rows to learn from, ascending; the others only get margins
	base    []float64
	margins []float64 // row × outputs
	shares  []float64 // as margins; nil with one output
	slopes  []slope   // of one output
	leafAt  []uint16  // leaf of each row in the last tree
	drawn   []int32   // memory of rows
}

func newRun(t Trainer, d *data, l *loss) *run {
	r := &run{grower: grower{d: d, t: t}, loss: l}
	n := d.rows
	r.margins, r.slopes = make([]float64, n*l.outputs), make([]slope, n)
	if l.outputs > 1 {
		r.shares = make([]float64, n*l.outputs)
	}
	r.sums, r.leafAt = make([]pair, n), make([]uint16, n)
	r.spare, r.drawn = make([]int32, n), make([]int32, 0, n)
	r.choose(nil)
	return r
}

// start sets the margins to those before the first tree. nil means all rows.
func (r *run) start(pool []int32) {
	if pool == nil {
		pool = make([]int32, r.d.rows)
		for i := range pool {
			pool[i] = int32(i)
		}
	}
	r.pool, r.base, r.grown = pool, r.loss.base(pool), 0
	for i := range r.margins {
		r.margins[i] = r.base[i%len(r.base)]
	}
}

// chunkRows is how many rows one goroutine computes at a time.
const chunkRows = 1 << 13

// chunks calls do for parts of n things.
func (r *run) chunks(n int, do func(chunk, lo, hi int)) {
	r.parallel((n+chunkRows-1)/chunkRows, 8*n, func(c int) { do(c, c*chunkRows, min(n, (c+1)*chunkRows)) })
}

// round grows the trees of one round and adds them to the margins.
func (r *run) round(number int) []tree.Tree {
	var out []tree.Tree
	outputs := r.loss.outputs
	rng := rand.New(rand.NewPCG(r.t.Seed, uint64(number)))
	if outputs > 1 { // all trees of a round start from the same margins
		r.chunks(r.d.rows, func(_, lo, hi int) { r.loss.shares(r.shares, r.margins, lo, hi) })
	}
	for o := range outputs {
		r.chunks(r.d.rows, func(_, lo, hi int) { r.loss.slopes(r.slopes, r.margins, r.shares, o, lo, hi) })
		if r.t.Columns < 1 {
			r.choose(rng)
		}
		r.draw(rng, number)
		r.pack()
		t := r.grow()
		t.Output = int32(o)
		r.assign(&t)
		r.value(&t)
		r.chunks(r.d.rows, func(_, lo, hi int) {
			for i := lo; i < hi; i++ {
				r.margins[i*outputs+o] += t.Values[r.leafAt[i]]
			}
		})
		out = append(out, t)
	}
	return out
}

// pack turns slopes into the fixed-point sums of this tree's rows.
func (r *run) pack() {
	n := len(r.rows)
	parts := make([]slope, (n+chunkRows-1)/chunkRows)
	r.chunks(n, func(c, lo, hi int) {
		for _, i := range r.rows[lo:hi] {
			g := r.slopes[i].g
			if g < 0 {
				g = -g
			}
			parts[c].g += g
			parts[c].h += r.slopes[i].h
		}
	})
	var sum slope
	for _, p := range parts {
		sum.g, sum.h = sum.g+p.g, sum.h+p.h
	}
	s := newScale(sum.g, sum.h, n)
	r.chunks(n, func(_, lo, hi int) {
		for _, i := range r.rows[lo:hi] {
			r.sums[i] = s.pack(r.slopes[i])
		}
	})
	t := &r.t
	r.terms = terms{l1: t.L1, l2: max(0, t.L2), minHessian: max(math.SmallestNonzeroFloat64, t.MinHessian), minRows: float64(t.MinLeaf) - 0.5, g: 1 / s.g, h: 1 / s.h,
		words: wordTerms{oneHot: t.OneHot, smooth: t.CatSmooth, l2: max(0, t.CatL2), most: t.MaxCategories, group: float64(t.MinGroup)}}
}

// assign finds the leaf of every row of the data.
func (r *run) assign(t *tree.Tree) {
	if len(r.rows) < r.d.rows {
		r.chunks(r.d.rows, func(_, lo, hi int) {
			for i := lo; i < hi; i++ {
				r.leafAt[i] = uint16(r.leafOf(t, i))
			}
		})
	}
	r.parallel(len(r.leaves), 8*len(r.rows), func(k int) {
		l := &r.leaves[k]
		for _, i := range r.rows[l.lo:l.hi] {
			r.leafAt[i] = uint16(k)
		}
	})
}

// value computes the leaves' values from the sums of their rows. The sums are taken
// chunk by chunk, so that they do not depend on the goroutines.
func (r *run) value(t *tree.Tree) {
	leaves := len(r.leaves)
	t.Values, t.Cover = make([]float64, leaves), make([]float64, leaves)
	drawn := r.drawn
	parts := make([]slope, (len(drawn)+chunkRows-1)/chunkRows*leaves)
	r.chunks(len(drawn), func(c, lo, hi int) {
		part := parts[c*leaves : (c+1)*leaves]
		for _, i := range drawn[lo:hi] {
			p, s := &part[r.leafAt[i]], r.slopes[i]
			p.g, p.h = p.g+s.g, p.h+s.h
		}
	})
	for k := range leaves {
		var sum slope
		for c := k; c < len(parts); c += leaves {
			sum.g, sum.h = sum.g+parts[c].g, sum.h+parts[c].h
		}
		l := &r.leaves[k]
		t.Values[k], t.Cover[k] = float64(r.t.Rate*r.terms.valueOf(l, sum.g, sum.h)), float64(l.hi-l.lo)
	}
}
