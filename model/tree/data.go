package tree

import (
	"context"
	"errors"
	"math"
	"slices"

	"fm/dataset"
	"fm/model"
)

// Data is training rows made ready for growing: every column cut into bins (or, exact,
// into its distinct values), classes and weights. It is shared by all trees of an
// ensemble and is read only.
type Data struct {
	columns []column // those with at least one possible split
	y       []int32
	weight  []float64 // nil: 1 each
	classes int
	inputs  int
	packed  bool // two classes, no weights, few enough rows: see grower.packed
}

// column is one column that can be split. codes or ranks is set: exact columns have ranks.
type column struct {
	feature int32
	cuts    []float64
	codes   []uint8
	ranks   []uint32 // position among the distinct values; len(cuts)+1 is missing
}

// DataOptions says how rows are made ready.
type DataOptions struct {
	Exact       bool      // every distinct value may be a threshold
	ClassWeight []float64 // factor for the rows of each class; nil: 1 each
	Workers     int       // goroutines; at least 1
}

// NewData prepares the rows of f whose indexes are given. It fails if fewer than two
// classes have rows.
func NewData(ctx context.Context, f *dataset.Frame, rows []int, o DataOptions) (*Data, error) {
	d := &Data{classes: len(f.Classes), inputs: len(f.Cols), y: make([]int32, len(rows))}
	if err := model.CheckRows(f, rows); err != nil {
		return nil, err
	}
	for i, r := range rows {
		d.y[i] = f.Y[r]
	}
	var err error
	if d.weight, err = model.Weights(f, rows, o.ClassWeight); err != nil {
		return nil, err
	}
	d.packed = d.classes == 2 && d.weight == nil && len(rows) < packedRows
	if o.Exact {
		return d, d.exact(ctx, f, rows)
	}
	bins, err := dataset.Bin(ctx, f, rows, dataset.MaxBins, o.Workers)
	if err != nil {
		return nil, err
	}
	for c := range bins {
		if b := &bins[c]; len(b.Cuts) > 0 || slices.Contains(b.Codes, dataset.MissingBin) && !allMissing(b.Codes) {
			d.columns = append(d.columns, column{feature: int32(c), cuts: b.Cuts, codes: b.Codes})
		}
	}
	return d, nil
}

func allMissing(codes []uint8) bool {
	return !slices.ContainsFunc(codes, func(k uint8) bool { return k != dataset.MissingBin })
}

// exact ranks every column's values.
func (d *Data) exact(ctx context.Context, f *dataset.Frame, rows []int) error {
	if len(rows) >= math.MaxInt32 {
		return errors.New("too many rows for exact thresholds")
	}
	sorted := make([]float64, 0, len(rows))
	for c := range f.Cols {
		if err := ctx.Err(); err != nil {
			return err
		}
		sorted = sorted[:0]
		for _, r := range rows {
			if v := f.Cols[c].Values[r]; v == v {
				sorted = append(sorted, v)
			}
		}
		slices.Sort(sorted)
		missing := len(sorted) < len(rows)
		sorted = slices.Compact(sorted)
		if len(sorted) < 2 && !(missing && len(sorted) == 1) {
			continue
		}
		col := column{feature: int32(c), ranks: make([]uint32, len(rows))}
		for i := range len(sorted) - 1 {
			col.cuts = append(col.cuts, dataset.Between(sorted[i], sorted[i+1]))
		}
		for i, r := range rows {
			if v := f.Cols[c].Values[r]; v == v {
				k, _ := slices.BinarySearch(sorted, v)
				col.ranks[i] = uint32(k)
			} else {
				col.ranks[i] = uint32(len(sorted))
			}
		}
		d.columns = append(d.columns, col)
	}
	return nil
}

// missing is the code of a missing value of c.
func (c *column) missing() int {
	if c.codes != nil {
		return dataset.MissingBin
	}
	return len(c.cuts) + 1
}

// code is the code of row r.
func (c *column) code(r int32) int {
	if c.codes != nil {
		return int(c.codes[r])
	}
	return int(c.ranks[r])
}
