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

// words is the bins of some columns, row by row: eight columns a word, stride words a
// row, so that a row's bins share cache lines. Lanes without a column keep bin 0.
type words struct {
	bits   []uint64
	stride int
}

// interleaveRows is how many rows are packed at a time: their words stay in the cache.
const interleaveRows = 1 << 10

// interleave packs the bins of the columns chosen into memory of w.
func (d *data) interleave(chosen []int32, w words, parallel func(n int, do func(int))) words {
	w.stride = (len(chosen) + lanes - 1) / lanes
	if n := w.stride * d.rows; cap(w.bits) < n {
		w.bits = make([]uint64, n)
	} else {
		w.bits = w.bits[:n]
		clear(w.bits)
	}
	parallel((d.rows+interleaveRows-1)/interleaveRows, func(b int) {
		lo, hi := b*interleaveRows, min(d.rows, (b+1)*interleaveRows)
		for i, c := range chosen {
			at, shift := lo*w.stride+i/lanes, 8*(i%lanes)
			for _, k := range d.columns[c].bins.Codes[lo:hi] {
				w.bits[at] |= uint64(k) << shift
				at += w.stride
			}
		}
	})
	return w
}
