package tree

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"

	"fm/dataset"
	"fm/model"
)

// Trainer grows one CART tree that looks at every column in every node.
type Trainer struct {
	Criterion   Criterion `json:"criterion"`
	MinLeaf     int       `json:"min_leaf"`  // 0 means 5: the share of a leaf of one row says nothing
	MaxDepth    int       `json:"max_depth"` // 0 means no bound
	Exact       bool      `json:"exact"`     // every distinct value may be a threshold, not 255 bins
	ClassWeight []float64 `json:"class_weight,omitempty"`
	Workers     int       `json:"-"` // goroutines that bin; 0 means one a CPU
}

var _ model.Trainer = Trainer{}

// DefaultMinLeaf is the least number of rows in a leaf where a trainer names none. Pure
// leaves give many equal scores of 0 and 1, among which no threshold can choose.
const DefaultMinLeaf = 5

// Train grows the tree. It implements [model.Trainer].
func (t Trainer) Train(ctx context.Context, f *dataset.Frame, rows []int) (model.Scorer, error) {
	if t.MinLeaf <= 0 {
		t.MinLeaf = DefaultMinLeaf
	}
	if t.Workers <= 0 {
		t.Workers = runtime.GOMAXPROCS(0)
	}
	d, err := NewData(ctx, f, rows, DataOptions{Exact: t.Exact, ClassWeight: t.ClassWeight, Workers: t.Workers})
	if err != nil {
		return nil, err
	}
	one, err := NewGrower(d, Params{Criterion: t.Criterion, MinLeaf: t.MinLeaf, MaxDepth: t.MaxDepth}).Grow(ctx, nil, nil)
	if err != nil {
		return nil, err
	}
	e := Averaged(len(f.Classes), len(f.Cols))
	e.Trees = []Tree{one}
	return e, nil
}

// Averaged returns an empty ensemble that averages class shares, as forests do.
func Averaged(classes, inputs int) *Ensemble {
	task, outputs := model.Binary, 1
	if classes > 2 {
		task, outputs = model.Classes, classes
	}
	e := NewEnsemble(task, inputs, outputs)
	e.Average = true
	return e
}

// MarshalJSON writes the name of the criterion.
func (c Criterion) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }

// UnmarshalJSON reads the name of a criterion.
func (c *Criterion) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"gini"`:
		*c = Gini
	case `"entropy"`:
		*c = Entropy
	default:
		return fmt.Errorf("criterion %s is neither gini nor entropy", b)
	}
	return nil
}
