package boost

import "slices"

// A bundle is several columns in one lane: a code for each combination of their bins
// that occurs in the rows, at most 256 of them. Marks, flags, small counts and columns
// that are mostly zero together cost one addition a row then, and nothing is lost: the
// sums of a column's bins are sums over the codes. (LightGBM bundles columns that are
// hardly ever set in the same row; of such columns the combinations are few because the
// bins add up.)
type bundle struct {
	columns []int32
	codes   []uint8
	own     bool      // codes is not the bins of a column
	tuples  [][]uint8 // bins behind each code, one a column
}

const (
	bundleTries  = 24      // bundles that a column is offered to, so that the time is linear in the columns
	bundleSample = 1 << 11 // rows that are looked at before all of them
	bundleBins   = 128     // of a column: with more, two values of another one are too many
)

// bundle fills lanes; used is the number of bins of each column that occur.
func (d *data) bundle(used []int) {
	order := make([]int32, len(d.columns))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return used[a] - used[b] })
	var bundles []*bundle
	var j join
	var spare []uint8
	for _, c := range order {
		codes := d.columns[c].bins.Codes
		taken := false
		for i := len(bundles) - 1; used[c] <= bundleBins && i >= max(0, len(bundles)-bundleTries) && !taken; i-- {
			b := bundles[i]
			spare = slices.Grow(spare[:0], d.rows)[:d.rows]
			if taken = j.encode(spare, b.codes, codes); taken {
				b.take(c, &j)
				b.codes, spare = spare, b.codes
				if !b.own {
					b.own, spare = true, nil
				}
			}
		}
		if !taken {
			bundles = append(bundles, &bundle{columns: []int32{c}, codes: codes})
		}
	}
	for i, b := range bundles {
		if b.own {
			for k, c := range b.columns {
				bin := new([256]uint8)
				for code, t := range b.tuples {
					bin[code] = t[k]
				}
				d.columns[c].bin = bin
			}
		}
		for _, c := range b.columns {
			d.columns[c].lane = int32(i)
		}
		slices.Sort(b.columns)
		d.lanes = append(d.lanes, lane{codes: b.codes, columns: b.columns, used: len(b.tuples)})
	}
}

// take adds a column whose bins were joined to the codes.
func (b *bundle) take(c int32, j *join) {
	tuples := make([][]uint8, j.n)
	for k, p := range j.pairs[:j.n] {
		if b.own {
			tuples[k] = append(slices.Clone(b.tuples[p[0]]), p[1])
		} else {
			tuples[k] = []uint8{p[0], p[1]}
		}
	}
	b.tuples, b.columns = tuples, append(b.columns, c)
}

// join numbers pairs of codes by their first occurrence.
type join struct {
	number [1 << 16]uint16 // of a pair, plus 1
	pairs  [256][2]uint8
	n      int
}

// encode writes the numbers of the pairs of a and b to dst; false if they are too many.
func (j *join) encode(dst, a, b []uint8) bool {
	for _, step := range [2]int{max(1, len(a)/bundleSample), 1} {
		clear(j.number[:])
		j.n = 0
		for i := 0; i < len(a); i += step {
			at := &j.number[uint16(a[i])<<8|uint16(b[i])]
			if *at == 0 {
				if j.n == len(j.pairs) {
					return false
				}
				j.pairs[j.n] = [2]uint8{a[i], b[i]}
				j.n++
				*at = uint16(j.n)
			}
			dst[i] = uint8(*at - 1)
		}
	}
	return true
}
