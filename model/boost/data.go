package boost

import (
	"context"
	"slices"

	"fm/dataset"
)

// column is a column that can be split.
type column struct {
	feature  int32
	bins     *dataset.Bins
	words    int         // number of words in the dictionary; 0: a column of numbers
	monotone int8        // 1: the score must not fall with the value, -1: not rise
	lane     int32       // index into data.lanes
	bin      *[256]uint8 // bin of each code of a bundle; nil: the lane's codes are the column's bins
}

// sums are the sums of the column by bin, from those of its lane. It uses scratch.
func (c *column) sums(lane *[256]pair, used int, scratch *[256]pair) *[256]pair {
	if c.bin == nil {
		return lane
	}
	clear(scratch[:])
	for k, s := range lane[:used] {
		scratch[c.bin[k]] += s
	}
	return scratch
}

// lane is codes that histograms are made of: the bins of one column or of a bundle.
type lane struct {
	codes   []uint8
	columns []int32 // indexes into data.columns, ascending
	used    int     // codes of a bundle: 0 to used-1
}

// data is the training rows cut into bins.
type data struct {
	rows    int
	columns []column // those with at least one possible split
	lanes   []lane
}

func newData(ctx context.Context, f *dataset.Frame, rows []int, t Trainer) (*data, error) {
	bins, err := dataset.Bin(ctx, f, rows, t.Bins, t.Workers)
	if err != nil {
		return nil, err
	}
	d := &data{rows: len(rows)}
	seen := make([][256]bool, len(bins))
	dataset.Each(len(bins), t.Workers, func(c int) {
		for _, k := range bins[c].Codes {
			seen[c][k] = true
		}
	})
	var used []int
	for c := range bins {
		n := 0
		for _, s := range seen[c] {
			if s {
				n++
			}
		}
		if n < 2 {
			continue
		}
		col := column{feature: int32(c), bins: &bins[c], words: len(f.Cols[c].Words)}
		if len(t.Monotone) > 0 {
			col.monotone = int8(t.Monotone[f.Schema.Columns[c].Name])
		}
		d.columns, used = append(d.columns, col), append(used, n)
	}
	d.bundle(used)
	return d, ctx.Err()
}

// words is the codes of some lanes, row by row: eight lanes a word, stride words a row,
// so that a row's codes share cache lines. Places without a lane keep code 0.
type words struct {
	bits   []uint64
	stride int
}

// interleaveRows is how many rows are packed at a time: their words stay in the cache.
const interleaveRows = 1 << 10

// interleave packs the lanes chosen into memory of w.
func (d *data) interleave(chosen []int32, w words, workers int) words {
	w.stride = (len(chosen) + lanes - 1) / lanes
	w.bits = slices.Grow(w.bits[:0], w.stride*d.rows)[:w.stride*d.rows]
	dataset.Each((d.rows+interleaveRows-1)/interleaveRows, workers, func(b int) {
		lo, hi := b*interleaveRows, min(d.rows, (b+1)*interleaveRows)
		clear(w.bits[lo*w.stride : hi*w.stride])
		for i, c := range chosen {
			at, shift := lo*w.stride+i/lanes, 8*(i%lanes)
			for _, k := range d.lanes[c].codes[lo:hi] {
				w.bits[at] |= uint64(k) << shift
				at += w.stride
			}
		}
	})
	return w
}
