package boost

import (
	"context"
	"fmt"

	"fm/dataset"
	"fm/model/tree"
)

// holdParts is into how many parts groups are dealt, of which one is held out.
const holdParts = 5

// held is the rows held out and those left to learn from, as places in the rows given.
type held struct {
	out, in []int32
	groups  int // held out
	of      int
}

// holdOut deals the groups of rows and holds out about a fifth of them. Every class stays
// on both sides where it has groups enough; else benign and not benign do, and held-out
// rows of classes that are not learned are left out. nil with the reason if a side has
// too few groups.
func holdOut(f *dataset.Frame, rows []int, seed uint64) (*held, string) {
	if f.Group == nil {
		return nil, "the rows are of no groups, of which some could be held out"
	}
	view := *f
	view.Y = make([]int32, f.Rows())
	for i := range view.Y {
		view.Y[i] = -1
	}
	group := make(map[int32][2]bool)
	for _, r := range rows {
		view.Y[r] = f.Y[r]
		g := group[f.Group[r]]
		g[min(1, f.Y[r])] = true
		group[f.Group[r]] = g
	}
	sides := [2]int{}
	for _, g := range group {
		for s, has := range g {
			if has {
				sides[s]++
			}
		}
	}
	if min(sides[0], sides[1]) < holdParts {
		return nil, fmt.Sprintf("it holds groups out, and there are %d benign and %d others: it takes %d of each", sides[0], sides[1], holdParts)
	}
	folds, err := dataset.Folds(&view, holdParts, dataset.ByGroup, seed)
	if err != nil {
		view.Classes = []string{f.Classes[0], "others"}
		for _, r := range rows {
			view.Y[r] = min(1, f.Y[r])
		}
		if folds, err = dataset.Folds(&view, holdParts, dataset.ByGroup, seed); err != nil {
			return nil, err.Error()
		}
	}
	out := make(map[int]bool, len(folds[0]))
	left := make(map[int32]bool)
	for _, r := range folds[0] {
		out[r] = true
		left[f.Group[r]] = true
	}
	h := &held{groups: len(left), of: len(group)}
	learned := make([]bool, len(f.Classes))
	for i, r := range rows {
		if !out[r] {
			h.in = append(h.in, int32(i))
			learned[f.Y[r]] = true
		}
	}
	for i, r := range rows {
		if out[r] && learned[f.Y[r]] {
			h.out = append(h.out, int32(i))
		}
	}
	known := [2]bool{}
	for _, i := range h.out {
		known[min(1, f.Y[rows[i]])] = true
	}
	if !known[0] || !known[1] || !learned[0] {
		return nil, "the groups that could be held out are of one side"
	}
	return h, ""
}

// stop trains without the rows held out and returns how many rounds were best for them.
func (r *run) stop(ctx context.Context, h *held, e *tree.Ensemble) (int, error) {
	r.start(h.in)
	before := r.heldLoss(h.out)
	best, rounds := before, 1
	ran := 0
	for ran < r.t.Trees && ran-rounds < r.t.Patience {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		r.round(ran)
		ran++
		if v := r.heldLoss(h.out); v < best {
			best, rounds = v, ran
		}
	}
	weight := 0.0
	for _, i := range h.out {
		if r.loss.weight == nil {
			weight++
		} else {
			weight += r.loss.weight[i]
		}
	}
	stopped := "at the last of them"
	if ran < r.t.Trees {
		stopped = fmt.Sprintf("after %d without a better one", ran-rounds)
	}
	e.Note("early stopping: log loss of %d of %d groups held out was lowest, %.4g, after %d rounds of %d; stopped %s; trained anew on all rows",
		h.groups, h.of, best/max(weight, 1e-300), rounds, r.t.Trees, stopped)
	return rounds, nil
}

// heldLoss is the log loss of rows, times their weight.
func (r *run) heldLoss(rows []int32) float64 {
	parts := make([]float64, (len(rows)+chunkRows-1)/chunkRows)
	r.chunks(len(rows), func(c, lo, hi int) {
		for _, i := range rows[lo:hi] {
			parts[c] += r.loss.at(int(i), r.margins)
		}
	})
	sum := 0.0
	for _, p := range parts {
		sum += p
	}
	return sum
}
