package dataset

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Bins is one column cut into at most 255 value bins and one for missing values.
// Code k < len(Cuts) means Cuts[k-1] < value <= Cuts[k]; code len(Cuts) means above
// the last cut; [MissingBin] means NaN. A split "code <= k" is "value <= Cuts[k]".
//
// A column of words has Categories and no Cuts: code k is the word with index
// Categories[k]. Rarer words than fit have the code MissingBin.
type Bins struct {
	Cuts       []float64 // ascending, at most 254
	Codes      []uint8   // one per row; read only, a frame's own may be shared
	Tops       []float64 // largest value sampled in each bin: scores every split at Cuts as the values did
	Categories []int32   // most frequent first, at most 255; nil: a column of numbers
}

// MissingBin is the code of a missing value.
const MissingBin = 255

// MaxBins is the largest number of value bins of a column.
const MaxBins = 255

// Bin cuts the columns of f by quantiles of the rows whose indexes are given, or of a
// sample of [SampleRows] where there are more. Codes[i] of the result belongs to rows[i].
// A column with at most limit distinct values keeps one bin for each of them; limit
// outside 2 to [MaxBins] means MaxBins. A column that f holds in bins keeps these,
// joined where limit is lower.
//
// Columns are shared among workers goroutines; the result does not depend on their
// number. It returns early with ctx's error.
func Bin(ctx context.Context, f *Frame, rows []int, limit, workers int) ([]Bins, error) {
	if limit < 2 || limit > MaxBins {
		limit = MaxBins
	}
	b := binning{rows: rows, limit: limit, sample: sampleOf(len(rows)), run: isRun(rows)}
	out := make([]Bins, len(f.Cols))
	Deal(len(f.Cols), workers, func() func(int) {
		var s sorter
		return func(c int) {
			if ctx.Err() != nil {
				return
			}
			switch col := &f.Cols[c]; {
			case col.Bins != nil:
				out[c] = b.pick(col.Bins)
			case col.Words != nil:
				out[c] = b.words(col)
			default:
				out[c] = b.numbers(col.Values, &s)
			}
		}
	})
	return out, ctx.Err()
}

// binning is what all columns of one call of [Bin] share.
type binning struct {
	rows   []int
	limit  int
	sample []int // places in rows; nil: all
	run    bool  // rows are consecutive
}

// isRun tells whether rows are consecutive numbers, so that columns need no gathering.
func isRun(rows []int) bool {
	for i, r := range rows {
		if r != rows[0]+i {
			return false
		}
	}
	return len(rows) > 0
}

// numbers bins an exact column of numbers.
func (b *binning) numbers(column []float64, s *sorter) Bins {
	s.reset()
	if b.sample == nil {
		for _, r := range b.rows {
			s.add(column[r])
		}
	} else {
		for _, i := range b.sample {
			s.add(column[b.rows[i]])
		}
	}
	out := s.bins(b.limit)
	out.Codes = make([]uint8, len(b.rows))
	var e encoder
	e.init(&out, s.mostlyZero())
	if b.run {
		first := b.rows[0]
		e.encode(out.Codes, column[first:first+len(b.rows)])
		return out
	}
	var block [1024]float64
	for lo := 0; lo < len(b.rows); lo += len(block) {
		part := b.rows[lo:min(lo+len(block), len(b.rows))]
		for i, r := range part {
			block[i] = column[r]
		}
		e.encode(out.Codes[lo:lo+len(part)], block[:len(part)])
	}
	return out
}

// words bins an exact column of words: the most frequent ones, equal ones in their order.
func (b *binning) words(col *Col) Bins {
	counts := make([]int, len(col.Words))
	for _, r := range b.rows {
		if v := col.Values[r]; v == v {
			counts[int(v)]++
		}
	}
	out := Bins{Categories: topWords(counts, b.limit), Codes: make([]uint8, len(b.rows))}
	code := make([]uint8, len(col.Words))
	for i := range code {
		code[i] = MissingBin
	}
	for k, w := range out.Categories {
		code[w] = uint8(k)
	}
	for i, r := range b.rows {
		out.Codes[i] = MissingBin
		if v := col.Values[r]; v == v {
			out.Codes[i] = code[int(v)]
		}
	}
	return out
}

// topWords are the at most limit words that occur, most frequent first. It is never nil.
func topWords(counts []int, limit int) []int32 {
	out := make([]int32, 0, min(limit, len(counts)))
	for w, n := range counts {
		if n > 0 {
			out = append(out, int32(w))
		}
	}
	slices.SortStableFunc(out, func(x, y int32) int { return cmp.Compare(counts[y], counts[x]) })
	return out[:min(limit, len(out))]
}

// pick takes the codes of a column that is in bins already.
func (b *binning) pick(in *Bins) Bins {
	out := *in
	if b.run && len(b.rows) == len(in.Codes) {
		out.Codes = in.Codes
	} else {
		out.Codes = make([]uint8, len(b.rows))
		for i, r := range b.rows {
			out.Codes[i] = in.Codes[r]
		}
	}
	if max(len(in.Tops), len(in.Categories)) <= b.limit {
		return out
	}
	// Fewer bins are wanted than there are.
	var code [256]uint8
	for k := range code {
		code[k] = MissingBin
	}
	if in.Categories != nil {
		out.Categories = in.Categories[:b.limit]
		for k := range out.Categories {
			code[k] = uint8(k)
		}
	} else {
		counts := make([]int, len(in.Tops))
		for _, k := range out.Codes {
			if k != MissingBin {
				counts[k]++
			}
		}
		out.Cuts, out.Tops = nil, nil
		for k, end := range binEnds(counts, b.limit) {
			for j := range end {
				if code[j] == MissingBin {
					code[j] = uint8(k)
				}
			}
			if end < len(in.Tops) {
				out.Cuts = append(out.Cuts, in.Cuts[end-1])
			}
			out.Tops = append(out.Tops, in.Tops[end-1])
		}
	}
	joined := make([]uint8, len(out.Codes))
	for i, k := range out.Codes {
		joined[i] = code[k]
	}
	out.Codes = joined
	return out
}

// Code is the bin of one value.
func (b *Bins) Code(v float64) uint8 {
	if v != v {
		return MissingBin
	}
	if b.Categories != nil {
		if k := slices.Index(b.Categories, int32(v)); k >= 0 {
			return uint8(k)
		}
		return MissingBin
	}
	k, _ := slices.BinarySearch(b.Cuts, v)
	return uint8(k)
}

// Value is a value that stands for bin code: its top, the index of its word, or NaN.
func (b *Bins) Value(code uint8) float64 {
	switch {
	case b.Categories != nil && int(code) < len(b.Categories):
		return float64(b.Categories[code])
	case b.Categories == nil && int(code) < len(b.Tops):
		return b.Tops[code]
	}
	return math.NaN()
}

// binEnds shares distinct values, which occur so often in ascending order, among at most
// limit bins that hold about equally many rows; a value that alone fills a bin gets its
// own. It returns the number of values up to the end of each bin.
func binEnds(counts []int, limit int) []int {
	if len(counts) <= limit {
		out := make([]int, len(counts))
		for i := range out {
			out[i] = i + 1
		}
		return out
	}
	left := 0 // rows not yet in a closed bin
	for _, n := range counts {
		left += n
	}
	out := make([]int, 0, limit)
	bins, held := limit, 0 // bins left, rows in the open bin
	for i, n := range counts {
		if held > 0 && bins > 1 && n*bins >= left {
			out = append(out, i)
			left, bins, held = left-held, bins-1, 0
		}
		held += n
		if i+1 < len(counts) && bins > 1 && held*bins >= left {
			out = append(out, i+1)
			left, bins, held = left-held, bins-1, 0
		}
	}
	return append(out, len(counts))
}

// Between returns a number c with a <= c < b, the middle if it can be had, for a < b.
func Between(a, b float64) float64 {
	c := a/2 + b/2
	if c >= a && c < b {
		return c
	}
	return a
}
