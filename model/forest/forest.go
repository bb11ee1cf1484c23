// Package forest trains random forests: bagged trees that look at a few random columns
// in every node (Breiman, Random Forests, 2001), on columns of at most 255 bins.
//
// The result is a tree.Ensemble; its margin for two classes is the averaged probability.
// Start with [Trainer].
package forest

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"

	"fm/dataset"
	"fm/model"
	"fm/model/tree"
)

// Trainer trains a forest. Zero fields mean the defaults given.
type Trainer struct {
	Trees       int            `json:"trees"`     // 100
	MinLeaf     int            `json:"min_leaf"`  // 5
	MaxDepth    int            `json:"max_depth"` // no bound
	Features    int            `json:"features"`  // columns drawn for each node: the square root of their number
	Criterion   tree.Criterion `json:"criterion"` // Gini
	ClassWeight []float64      `json:"class_weight,omitempty"`
	Seed        uint64         `json:"seed"`
	Workers     int            `json:"-"` // trees grown at a time: one a CPU
}

var _ model.Trainer = Trainer{}

// OutOfBag is the estimate of a forest's error on rows that each tree has not seen. It
// splits row by row, so it is too good where rows of one capture resemble each other.
type OutOfBag struct {
	Share   []float64 // row × outputs: averaged share over the trees that have not seen the row; NaN if all have
	Outputs int
	Rows    int // rows with an estimate
	Wrong   int // of these, rows whose likeliest class is not theirs
}

// WithDefaults returns t with zero fields replaced for a table of columns columns.
func (t Trainer) WithDefaults(columns int) Trainer {
	if t.Trees <= 0 {
		t.Trees = 100
	}
	if t.MinLeaf <= 0 {
		t.MinLeaf = tree.DefaultMinLeaf
	}
	if t.Features <= 0 {
		t.Features = max(1, int(math.Sqrt(float64(columns))))
	}
	if t.Workers <= 0 {
		t.Workers = runtime.GOMAXPROCS(0)
	}
	return t
}

// Train implements [model.Trainer]. The out-of-bag error is among the notes of the result.
func (t Trainer) Train(ctx context.Context, f *dataset.Frame, rows []int) (model.Scorer, error) {
	e, oob, err := t.Fit(ctx, f, rows)
	if err != nil {
		return nil, err
	}
	if oob.Rows > 0 {
		e.Note("out-of-bag error %.4f over %d rows, split by row and so too good", float64(oob.Wrong)/float64(oob.Rows), oob.Rows)
	}
	return e, nil
}

// scale turns shares into integers, whose sums do not depend on the order of the trees.
const scale = 1 << 32

// Fit trains the forest and returns it with its out-of-bag estimate.
func (t Trainer) Fit(ctx context.Context, f *dataset.Frame, rows []int) (*tree.Ensemble, *OutOfBag, error) {
	t = t.WithDefaults(len(f.Cols))
	d, err := tree.NewData(ctx, f, rows, tree.DataOptions{ClassWeight: t.ClassWeight, Workers: t.Workers})
	if err != nil {
		return nil, nil, err
	}
	e := tree.Averaged(len(f.Classes), len(f.Cols))
	e.Trees = make([]tree.Tree, t.Trees)
	outputs := e.Outputs()
	workers := min(t.Workers, t.Trees)
	sums, seen := make([][]int64, workers), make([][]int32, workers)
	errs := make([]error, workers)
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			g := tree.NewGrower(d, tree.Params{Criterion: t.Criterion, MinLeaf: t.MinLeaf, MaxDepth: t.MaxDepth, Features: t.Features})
			copies := make([]uint16, len(rows))
			sums[w], seen[w] = make([]int64, len(rows)*outputs), make([]int32, len(rows))
			for errs[w] == nil {
				k := int(next.Add(1)) - 1
				if k >= t.Trees {
					return
				}
				rng := rand.New(rand.NewPCG(t.Seed, uint64(k)))
				bootstrap(copies, rng)
				if e.Trees[k], errs[w] = g.Grow(ctx, rng, copies); errs[w] != nil {
					return
				}
				for i, n := range copies {
					if n > 0 {
						continue
					}
					leaf := g.Leaf(i)
					seen[w][i]++
					for o, v := range e.Trees[k].Values[leaf*outputs : (leaf+1)*outputs] {
						sums[w][i*outputs+o] += int64(v * scale)
					}
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, nil, err
		}
	}
	return e, outOfBag(f, rows, outputs, sums, seen), nil
}

// bootstrap draws as many rows as there are, with replacement.
func bootstrap(copies []uint16, rng *rand.Rand) {
	clear(copies)
	n := uint64(len(copies))
	for range copies {
		if i := rng.Uint64N(n); copies[i] < math.MaxUint16 {
			copies[i]++
		}
	}
}

func outOfBag(f *dataset.Frame, rows []int, outputs int, sums [][]int64, seen [][]int32) *OutOfBag {
	o := &OutOfBag{Share: make([]float64, len(rows)*outputs), Outputs: outputs}
	for i, r := range rows {
		trees := int32(0)
		for w := range seen {
			trees += seen[w][i]
		}
		share := o.Share[i*outputs : (i+1)*outputs]
		for k := range share {
			sum := int64(0)
			for w := range sums {
				sum += sums[w][i*outputs+k]
			}
			share[k] = float64(sum) / scale / float64(trees) // NaN without trees
		}
		if trees == 0 {
			continue
		}
		o.Rows++
		class := 0
		if outputs == 1 {
			if share[0] >= 0.5 {
				class = 1
			}
		} else {
			for k := range share {
				if share[k] > share[class] {
					class = k
				}
			}
		}
		if int32(class) != f.Y[r] {
			o.Wrong++
		}
	}
	return o
}
