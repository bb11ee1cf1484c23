package boost

import "fm/dataset"

// blockRows rows pass all histograms before the next ones: their words stay in the cache.
const blockRows = 512

// histograms sums up the rows of a leaf: on several goroutines by word, and by rows too
// where there are fewer words.
func (g *grower) histograms(l *leaf) []histogram {
	rows := g.rows[l.lo:l.hi]
	h := g.take()
	across, along := min(g.t.Workers, len(h)), 1
	if len(h)*len(rows) < smallWork {
		across = 1
	} else if across < g.t.Workers {
		along = max(1, min(g.t.Workers/across, len(rows)/smallWork))
	}
	others := make([][]histogram, along)
	others[0] = h
	for i := 1; i < along; i++ {
		others[i] = g.take()
	}
	dataset.Each(across*along, g.t.Workers, func(p int) {
		from, to := p%across*len(h)/across, (p%across+1)*len(h)/across
		i := p / across
		g.fill(others[i], from, to, rows, i*len(rows)/along, (i+1)*len(rows)/along)
	})
	for _, o := range others[1:] {
		for w := range h {
			h[w].join(&o[w])
		}
		g.free = append(g.free, o)
	}
	return h
}

// fill sums up rows lo to hi for words from to to.
func (g *grower) fill(h []histogram, from, to int, rows []int32, lo, hi int) {
	var buffer [blockRows]pair
	half := len(h)
	if n := len(g.chosen) % lanes; n > 0 && n <= lanes/2 {
		half--
	}
	clear(h[from:to])
	for ; lo < hi; lo += blockRows {
		block := rows[lo:min(lo+blockRows, hi)]
		sums := buffer[:len(block)]
		if g.whole {
			sums = g.sums[lo : lo+len(block)]
		} else {
			gather(sums, g.sums, &g.words, from, to, block)
		}
		for w := from; w < to; w++ {
			if w < half {
				h[w].add(g.words.bits[w:], g.words.stride, block, sums)
			} else {
				h[w].addHalf(g.words.bits[w:], g.words.stride, block, sums)
			}
		}
	}
}

// take returns histograms for a leaf, with any content.
func (g *grower) take() []histogram {
	if n := len(g.free); n > 0 {
		h := g.free[n-1]
		if g.free = g.free[:n-1]; cap(h) >= g.words.stride {
			return h[:g.words.stride]
		}
	}
	return make([]histogram, g.words.stride)
}

func (g *grower) release(l *leaf) {
	if l.hist != nil {
		g.free = append(g.free, l.hist)
		l.hist = nil
	}
}
