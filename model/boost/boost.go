// Package boost trains gradient-boosted trees: leaf by leaf, on columns of at most 255
// bins, by sums of gradients and curvatures (Ke and others, LightGBM, 2017; Chen and
// Guestrin, XGBoost, 2016).
//
// The result is a tree.Ensemble whose margin is the log-odds (two classes) or one
// logit a class. Start with [Trainer]. NOTES.md has measured accuracy and speed.
package boost

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"

	"fm/dataset"
	"fm/model"
	"fm/model/tree"
)

// Trainer trains boosted trees. Zero fields mean the defaults given.
type Trainer struct {
	Trees      int     `json:"trees"`       // 100 rounds; each grows one tree, or one a class with more than two
	Leaves     int     `json:"leaves"`      // 31, at most 65535
	MaxDepth   int     `json:"max_depth"`   // no bound
	Rate       float64 `json:"rate"`        // 0.1
	MinLeaf    int     `json:"min_leaf"`    // 20 rows, by their share of the curvature
	MinHessian float64 `json:"min_hessian"` // 1: least curvature in a leaf; below 0 means none
	MinGain    float64 `json:"min_gain"`    // 0
	L1         float64 `json:"l1"`          // 0
	L2         float64 `json:"l2"`          // 1; below 0 means none
	Columns    float64 `json:"columns"`     // share of columns a tree: 1
	Rows       float64 `json:"rows"`        // share of rows a tree: 1
	Bins       int     `json:"bins"`        // 255

	// NodeColumns is the share of the tree's columns that a node may be split by, drawn
	// for each node: 0.7, or 1 where Columns is below 1. Not all of them ranks attacks
	// better that training has not seen, see NOTES.md.
	NodeColumns float64 `json:"node_columns"`

	// GOSS keeps, from round 1/Rate on, the fifth of the rows with the largest gradients
	// and draws a tenth of the others, which count eight times (Ke and others 2017,
	// algorithm 2). It takes the place of Rows.
	GOSS bool `json:"goss,omitempty"`

	// ClassWeight is a factor for the rows of the classes named; 1 for the others.
	// Balanced gives every class the same weight in sum before that.
	ClassWeight map[string]float64 `json:"class_weight,omitempty"`
	Balanced    bool               `json:"balanced,omitempty"`

	// Monotone bounds columns of numbers by name: the score of two classes must not fall
	// (1) or not rise (-1) while the column's value rises and the others stay.
	Monotone map[string]int `json:"monotone,omitempty"`

	// Patience rounds without a better log loss of held-out groups end the training; it
	// is then done anew on all rows with the rounds that were best. 20; below 0: off.
	Patience int `json:"patience"`

	// Splits of columns of words, as in LightGBM.
	OneHot        int     `json:"one_hot"`        // 4: with up to so many words, one is parted from the others
	CatSmooth     float64 `json:"cat_smooth"`     // 10: rows that a word needs, and that pull it towards 0 in the order
	CatL2         float64 `json:"cat_l2"`         // 10: added to L2 where several words go left; below 0 means none
	MaxCategories int     `json:"max_categories"` // 32 words on the smaller side
	MinGroup      int     `json:"min_group"`      // 100 rows between two splits that are tried

	Seed    uint64 `json:"seed"`
	Workers int    `json:"-"` // goroutines: one a CPU
}

var _ model.Trainer = Trainer{}

// maxLeaves is what the leaf of a row is stored in.
const maxLeaves = math.MaxUint16

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
	def(&t.OneHot, 4)
	def(&t.MaxCategories, 32)
	def(&t.MinGroup, 100)
	def(&t.Workers, runtime.GOMAXPROCS(0))
	positive := func(v *float64, d float64) {
		if !(*v > 0) {
			*v = d
		}
	}
	positive(&t.Rate, 0.1)
	positive(&t.Columns, 1)
	positive(&t.Rows, 1)
	nodes := 0.7
	if t.Columns < 1 {
		nodes = 1
	}
	positive(&t.NodeColumns, nodes)
	positive(&t.CatSmooth, 10)
	unless := func(v *float64, d float64) { // below 0 stays, for none
		if *v == 0 {
			*v = d
		}
	}
	unless(&t.MinHessian, 1)
	unless(&t.L2, 1)
	unless(&t.CatL2, 10)
	if t.Patience == 0 {
		t.Patience = 20
	}
	return t
}

// ErrNoStopping is the note of a training whose rows have no groups to hold out, so that
// Patience could not end it.
var ErrNoStopping = errors.New("no early stopping")

// Check tells whether t can be trained on the columns and classes of f.
func (t Trainer) Check(f *dataset.Frame) error {
	t = t.WithDefaults()
	switch {
	case t.Leaves > maxLeaves:
		return fmt.Errorf("train: %d leaves a tree: at most %d", t.Leaves, maxLeaves)
	case t.GOSS && t.Rows < 1:
		return errors.New("train: rows are drawn by gradient or by chance, not both")
	case len(t.Monotone) > 0 && len(f.Classes) > 2:
		return fmt.Errorf("train: monotone columns need two classes, there are %d", len(f.Classes))
	}
	for _, name := range slices.Sorted(maps.Keys(t.ClassWeight)) {
		if !slices.Contains(f.Classes, name) {
			return fmt.Errorf("train: class weight of %q: the classes are %q", name, f.Classes)
		}
		if w := t.ClassWeight[name]; !(w > 0) || math.IsInf(w, 0) {
			return fmt.Errorf("train: class weight of %q is %v: it must be above 0", name, w)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Monotone)) {
		direction := t.Monotone[name]
		c := -1
		if f.Schema != nil {
			c = f.Schema.Index(name)
		}
		switch {
		case c < 0:
			return fmt.Errorf("train: monotone column %q: there is none of that name", name)
		case f.Cols[c].Words != nil:
			return fmt.Errorf("train: monotone column %q holds words", name)
		case direction < -1 || direction > 1:
			return fmt.Errorf("train: monotone column %q: direction %d is not -1 or 1", name, direction)
		}
	}
	return nil
}

// Train implements [model.Trainer]. How early stopping went is among the notes of the result.
func (t Trainer) Train(ctx context.Context, f *dataset.Frame, rows []int) (model.Scorer, error) {
	t = t.WithDefaults()
	if err := model.CheckRows(f, rows); err != nil {
		return nil, err
	}
	if err := t.Check(f); err != nil {
		return nil, err
	}
	l, err := t.loss(f, rows)
	if err != nil {
		return nil, err
	}
	d, err := newData(ctx, f, rows, t)
	if err != nil {
		return nil, err
	}
	task, transform := model.Binary, tree.LibmLogistic // as LightGBM links, so that an exported model predicts the same bits
	if l.outputs > 1 {
		task, transform = model.Classes, tree.LibmSoftmax
	}
	e := tree.NewEnsemble(task, len(f.Cols), l.outputs)
	e.Transform = transform
	r := newRun(t, d, l)
	rounds := t.Trees
	if t.Patience > 0 {
		h, why := holdOut(f, rows, t.Seed)
		if h == nil {
			e.Note("%w: %s", ErrNoStopping, why)
		} else if rounds, err = r.stop(ctx, h, e); err != nil {
			return nil, err
		}
	}
	r.start(nil)
	copy(e.Base, r.base)
	for round := range rounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e.Trees = append(e.Trees, r.round(round)...)
	}
	return e, nil
}
