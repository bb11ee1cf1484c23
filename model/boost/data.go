package boost

import (
	"context"
	"slices"

	"fm/dataset"
)

// column is a column that can be split.
type column struct {
	feature int32
	bins    *dataset.Bins
}

// data is the training rows cut into bins.
type data struct {
	rows    int
	columns []column // those with at least one possible split
}

func newData(ctx context.Context, f *dataset.Frame, rows []int, limit, workers int) (*data, error) {
	bins, err := dataset.Bin(ctx, f, rows, limit, workers)
	if err != nil {
		return nil, err
	}
	d := &data{rows: len(rows)}
	for c := range bins {
		b := &bins[c]
		if len(b.Cuts) > 0 || slices.Contains(b.Codes, dataset.MissingBin) && slices.ContainsFunc(b.Codes, present) {
			d.columns = append(d.columns, column{feature: int32(c), bins: b})
		}
	}
	return d, nil
}

func present(code uint8) bool { return code != dataset.MissingBin }

// interleave packs the bins of the columns chosen, [lanes] columns a word. Lanes without
// a column keep bin 0.
func (d *data) interleave(chosen []int32, words [][]uint64, parallel func(n int, do func(int))) [][]uint64 {
	n := (len(chosen) + lanes - 1) / lanes
	for len(words) < n {
		words = append(words, make([]uint64, d.rows))
	}
	words = words[:n]
	parallel(n, func(w int) {
		out := words[w]
		clear(out)
		for l := 0; l < lanes && w*lanes+l < len(chosen); l++ {
			codes := d.columns[chosen[w*lanes+l]].bins.Codes
			for i, k := range codes[:len(out)] {
				out[i] |= uint64(k) << (8 * l)
			}
		}
	})
	return words
}
