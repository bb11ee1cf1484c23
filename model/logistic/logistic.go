// Package logistic trains logistic regression, for two classes and, as a softmax, for
// more, on standardised columns with an L2 penalty, by L-BFGS.
//
// It owns the scorer [Linear] and its bytes in a model file. Start with [Trainer].
package logistic

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"fm/dataset"
	"fm/model"
)

// Trainer trains a Linear. C is the weight of the summed loss against half the squared
// length of the weights, as in scikit-learn; 0 means that it is chosen among the powers
// of ten from 0.00001 to 10 by the loss on held-out groups.
type Trainer struct {
	C           float64   `json:"c"`
	Iterations  int       `json:"iterations"` // most steps of L-BFGS; 0 means 1000
	ClassWeight []float64 `json:"class_weight,omitempty"`
	Seed        uint64    `json:"seed"`
	Workers     int       `json:"-"` // goroutines; 0 means one a CPU
}

var _ model.Trainer = Trainer{}

// grid is what C is chosen from, ascending: each fit starts where the last one ended.
var grid = [...]float64{1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10}

const (
	fitRows     = 500_000 // rows that are fitted, at most: the matrix is dense, and more add nothing to a plane
	choiceRows  = 5000    // rows that C is chosen on, at most
	choiceFolds = 3
)

// Train implements [model.Trainer]. The chosen C is among the notes of the result.
func (t Trainer) Train(ctx context.Context, f *dataset.Frame, rows []int) (model.Scorer, error) {
	if err := model.CheckRows(f, rows); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if t.C < 0 || math.IsNaN(t.C) || math.IsInf(t.C, 0) {
		return nil, fmt.Errorf("train logistic: C is %v", t.C)
	}
	if t.Iterations <= 0 {
		t.Iterations = 1000
	}
	if t.Workers <= 0 {
		t.Workers = runtime.GOMAXPROCS(0)
	}
	var notes []error
	if len(rows) > fitRows {
		notes = append(notes, fmt.Errorf("fitted on %d of %d rows, drawn at random", fitRows, len(rows)))
		rows = t.draw(rows, fitRows)
		if err := model.CheckRows(f, rows); err != nil {
			return nil, err
		}
	}
	weights, err := model.Weights(f, rows, t.ClassWeight)
	if err != nil {
		return nil, err
	}
	c := t.C
	if c == 0 {
		if c, err = t.choose(ctx, f, rows); err != nil {
			return nil, err
		}
		notes = append(notes, fmt.Errorf("chosen on held-out groups: C = %g", c))
	}
	s := standardise(f, rows, t.Workers)
	p := newProblem(ctx, s.matrix(f, rows, t.Workers), f, rows, weights, t.Workers)
	w, converged, err := p.fit(c, t.Iterations, nil)
	if err != nil {
		return nil, err
	}
	l := s.linear(w, p.outputs)
	l.notes = notes
	if !converged {
		l.warnings = []error{fmt.Errorf("logistic regression stopped after %d steps before it converged", t.Iterations)}
	}
	return l, nil
}

// choose returns the C with the least loss on groups held out in turn (host pairs, or
// rows dealt at random, where there are too few groups), on a sample of the rows.
func (t Trainer) choose(ctx context.Context, f *dataset.Frame, rows []int) (float64, error) {
	sample := t.draw(rows, choiceRows)
	loss := make([]float64, len(grid))
	used := 0
	for _, fold := range deal(f, sample, t.Seed) {
		held := make(map[int]bool, len(fold))
		for _, r := range fold {
			held[r] = true
		}
		var train []int
		for _, r := range sample {
			if !held[r] {
				train = append(train, r)
			}
		}
		if model.CheckRows(f, train) != nil || len(fold) == 0 {
			continue
		}
		used++
		s := standardise(f, train, t.Workers)
		trainWeights, err := model.Weights(f, train, t.ClassWeight)
		if err != nil {
			return 0, err
		}
		heldWeights, err := model.Weights(f, fold, t.ClassWeight)
		if err != nil {
			return 0, err
		}
		p := newProblem(ctx, s.matrix(f, train, t.Workers), f, train, trainWeights, t.Workers)
		q := newProblem(ctx, s.matrix(f, fold, t.Workers), f, fold, heldWeights, t.Workers)
		var w []float64
		for i, c := range grid {
			if w, _, err = p.fit(c, 200, w); err != nil {
				return 0, err
			}
			loss[i] += q.total(w)
		}
	}
	if used == 0 {
		return 1, nil
	}
	best := 0
	for i := range loss {
		if loss[i] < loss[best] {
			best = i
		}
	}
	return grid[best], nil
}

// draw takes n of rows at random, in order.
func (t Trainer) draw(rows []int, n int) []int {
	drawn := slices.Clone(rows)
	rng := rand.New(rand.NewPCG(t.Seed, 0))
	rng.Shuffle(len(drawn), func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
	drawn = drawn[:min(len(drawn), n)]
	slices.Sort(drawn)
	return drawn
}

// deal splits rows into folds by group, else by host pair, else at random.
func deal(f *dataset.Frame, rows []int, seed uint64) [][]int {
	part := *f
	part.Y = make([]int32, f.Rows())
	for i := range part.Y {
		part.Y[i] = -1
	}
	for _, r := range rows {
		part.Y[r] = f.Y[r]
	}
	for _, by := range []dataset.By{dataset.ByGroup, dataset.ByPair} {
		if folds, err := dataset.Folds(&part, choiceFolds, by, seed); err == nil {
			return folds
		}
	}
	folds := make([][]int, choiceFolds)
	order := slices.Clone(rows)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for i, r := range order {
		folds[i%choiceFolds] = append(folds[i%choiceFolds], r)
	}
	for _, fold := range folds {
		slices.Sort(fold)
	}
	return folds
}

var errDiverged = errors.New("train logistic: the loss is not a number")
