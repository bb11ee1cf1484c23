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

// column is one column that can be split. codes or ranks is set: exact columns of numbers
// have ranks.
type column struct {
	feature int32
	cuts    []float64 // of words: zeros, one between two codes
	codes   []uint8
	ranks   []uint32 // position among the distinct values; len(cuts)+1 is missing
	words   []int32  // of a column of words: the word of each code
	all     int      // and the number of all words
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
	exact := func(c int) bool { return o.Exact && f.Cols[c].Words == nil }
	binned := *f
	binned.Cols = nil
	for c := range f.Cols {
		if !exact(c) {
			binned.Cols = append(binned.Cols, f.Cols[c])
		}
	}
	bins, err := dataset.Bin(ctx, &binned, rows, dataset.MaxBins, o.Workers)
	if err != nil {
		return nil, err
	}
	if o.Exact && len(rows) >= math.MaxInt32 {
		return nil, errors.New("too many rows for exact thresholds")
	}
	values := make([]float64, len(rows))
	for c := range f.Cols {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		col, ok := column{}, false
		if exact(c) {
			f.Cols[c].Take(values, rows)
			col, ok = ranked(values)
		} else {
			b := &bins[0]
			bins = bins[1:]
			if b.Categories != nil {
				col, ok = d.ordered(b, len(f.Cols[c].Words))
			} else {
				col, ok = column{cuts: b.Cuts, codes: b.Codes}, len(b.Cuts) > 0 || lacksSome(b.Codes)
			}
		}
		if ok {
			col.feature = int32(c)
			d.columns = append(d.columns, col)
		}
	}
	return d, nil
}

// lacksSome tells whether some, but not all, codes are missing.
func lacksSome(codes []uint8) bool {
	return slices.Contains(codes, dataset.MissingBin) && slices.ContainsFunc(codes, func(k uint8) bool { return k != dataset.MissingBin })
}

// ranked ranks the values of an exact column; ok is false if it cannot be split.
func ranked(values []float64) (col column, ok bool) {
	sorted := make([]float64, 0, len(values))
	for _, v := range values {
		if v == v {
			sorted = append(sorted, v)
		}
	}
	dataset.SortValues(sorted)
	missing := len(sorted) < len(values)
	sorted = slices.Compact(sorted)
	if len(sorted) < 2 && !(missing && len(sorted) == 1) {
		return col, false
	}
	col.ranks = make([]uint32, len(values))
	for i := range len(sorted) - 1 {
		col.cuts = append(col.cuts, dataset.Between(sorted[i], sorted[i+1]))
	}
	for i, v := range values {
		if v == v {
			k, _ := slices.BinarySearch(sorted, v)
			col.ranks[i] = uint32(k)
		} else {
			col.ranks[i] = uint32(len(sorted))
		}
	}
	return col, true
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
