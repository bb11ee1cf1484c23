package dataset

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// Bins is one column cut into at most 255 value bins and one for missing values.
// Code k < len(Cuts) means Cuts[k-1] < value <= Cuts[k]; code len(Cuts) means above
// the last cut; [MissingBin] means NaN. A split "code <= k" is "value <= Cuts[k]".
//
// A column of words has Categories and no Cuts: code k is the word with index
// Categories[k]. Rarer words than fit have the code MissingBin.
type Bins struct {
	Cuts       []float64 // ascending, at most 254
	Codes      []uint8   // one per row
	Tops       []float64 // largest value in each bin: scores every split at Cuts as the values did
	Categories []int32   // most frequent first, at most 255; nil: a column of numbers
}

// MissingBin is the code of a missing value.
const MissingBin = 255

// MaxBins is the largest number of value bins of a column.
const MaxBins = 255

// Bin cuts the columns of f by exact quantiles of the rows whose indexes are given.
// Codes[i] of the result belongs to rows[i]. A column with at most limit distinct
// values keeps one bin for each of them; limit outside 2 to [MaxBins] means MaxBins.
// Columns are shared among workers goroutines; the result does not depend on their
// number. It returns early with ctx's error.
func Bin(ctx context.Context, f *Frame, rows []int, limit, workers int) ([]Bins, error) {
	if limit < 2 || limit > MaxBins {
		limit = MaxBins
	}
	out := make([]Bins, len(f.Cols))
	codes := make([]uint8, len(f.Cols)*len(rows))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range max(1, min(workers, len(f.Cols))) {
		wg.Go(func() {
			values, sorted := make([]float64, len(rows)), make([]float64, 0, len(rows))
			for ctx.Err() == nil {
				c := int(next.Add(1)) - 1
				if c >= len(f.Cols) {
					return
				}
				column := f.Cols[c].Values
				sorted = sorted[:0]
				for i, r := range rows {
					v := column[r]
					values[i] = v
					if v == v {
						sorted = append(sorted, v)
					}
				}
				slices.Sort(sorted)
				b := &out[c]
				b.Cuts = cuts(sorted, limit)
				b.Codes = codes[c*len(rows) : (c+1)*len(rows) : (c+1)*len(rows)]
				b.encode(values)
			}
		})
	}
	wg.Wait()
	return out, ctx.Err()
}

// Code is the bin of one value.
func (b *Bins) Code(v float64) uint8 {
	if v != v {
		return MissingBin
	}
	k, _ := slices.BinarySearch(b.Cuts, v)
	return uint8(k)
}

// encode fills Codes with the bins of values by a search without branches over the
// cuts padded to a power of two.
func (b *Bins) encode(values []float64) {
	var padded [256]float64
	n := copy(padded[:], b.Cuts)
	for ; n < len(padded); n++ {
		padded[n] = math.Inf(1)
	}
	for i, v := range values {
		k := 0
		for step := 128; step > 0; step >>= 1 {
			if padded[(k+step-1)&255] < v {
				k += step
			}
		}
		if v != v {
			k = MissingBin
		}
		b.Codes[i] = uint8(k)
	}
}

// cuts places at most limit-1 cuts between the distinct values of sorted so that the
// bins hold about equally many rows; a value that alone fills a bin gets its own.
func cuts(sorted []float64, limit int) []float64 {
	distinct := 0
	for i := range sorted {
		if i == 0 || sorted[i] != sorted[i-1] {
			distinct++
		}
	}
	if distinct < 2 {
		return nil
	}
	out := make([]float64, 0, min(distinct, limit)-1)
	left, bins, held := len(sorted), limit, 0 // rows not yet in a closed bin, bins left, rows in the open bin
	for i := 0; i < len(sorted); {
		end := i + 1
		for end < len(sorted) && sorted[end] == sorted[i] {
			end++
		}
		n := end - i
		if distinct > limit && held > 0 && bins > 1 && n*bins >= left {
			out = append(out, Between(sorted[i-1], sorted[i]))
			left, bins, held = left-held, bins-1, 0
		}
		held += n
		if end < len(sorted) && bins > 1 && (distinct <= limit || held*bins >= left) {
			out = append(out, Between(sorted[end-1], sorted[end]))
			left, bins, held = left-held, bins-1, 0
		}
		i = end
	}
	return out
}

// Between returns a number c with a <= c < b, the middle if it can be had, for a < b.
func Between(a, b float64) float64 {
	c := a/2 + b/2
	if c >= a && c < b {
		return c
	}
	return a
}
