package tree

import (
	"math"
	"math/bits"
	"slices"
)

// With two classes and no weights the counts of a group of rows travel in one word, so
// that adding a row to a bin is one addition: rows (21 bits), rows with repetitions (21),
// of these in class 1 (22). Measured on 100,000 rows × 250 columns this is about twice
// as fast as three float64 sums.
const (
	packedBits = 21
	packedMask = 1<<packedBits - 1
	packedRows = 1 << packedBits // fewer rows than this fit
)

func packed(copies uint64, positive bool) uint64 {
	s := 1 | copies<<packedBits
	if positive {
		s |= copies << (2 * packedBits)
	}
	return s
}

func counted(s uint64) int       { return int(s & packedMask) }
func copiesOf(s uint64) float64  { return float64(s >> packedBits & packedMask) }
func positives(s uint64) float64 { return float64(s >> (2 * packedBits)) }

func purePacked(s uint64) bool {
	p := s >> (2 * packedBits)
	return p == 0 || p == s>>packedBits&packedMask
}

// scorePacked is minus the impurity of a group times its weight, up to a constant.
func scorePacked(s uint64, c Criterion) float64 {
	n, p := copiesOf(s), positives(s)
	if c == Gini {
		return -2 * p * (n - p) / n
	}
	return plogp(p, n) + plogp(n-p, n)
}

// plogp is w·log2(w/n), 0 for w = 0.
func plogp(w, n float64) float64 {
	if w <= 0 {
		return 0
	}
	return w * math.Log2(w/n)
}

// binned is the rows of one node by the codes of one column.
type binned struct {
	hist    [256]uint64 // packed counts by code; all zero between two columns
	floats  []float64   // the same unpacked: code × (rows, weight of each class)
	codes   []int32     // codes that occur, ascending, without missing
	counts  []uint64    // their packed counts
	sums    []float64   // their unpacked counts
	missing uint64
	lacking []float64
	total   uint64 // of the whole node
}

func (b *binned) init(d *Data) {
	b.lacking = make([]float64, d.classes+1)
	if !d.packed {
		b.floats = make([]float64, 256*(d.classes+1))
	}
}

// fewRows is the size of a node from which a scan of the whole histogram is cheaper
// than keeping a bit for each code that occurs.
const fewRows = 128

// gather fills g.bins with the rows of the node and reports whether column c varies there.
func (g *Grower) gather(c *column, at pending) bool {
	b := &g.bins
	b.codes, b.counts, b.sums, b.missing = b.codes[:0], b.counts[:0], b.sums[:0], 0
	clear(b.lacking)
	switch {
	case c.codes == nil:
		g.gatherExact(c, at)
	case g.d.packed:
		g.gatherPacked(c.codes, at)
	default:
		g.gatherFloats(c.codes, at)
	}
	n := len(b.codes)
	if b.missing != 0 || b.lacking[0] > 0 {
		n++
	}
	return n > 1
}

func (g *Grower) gatherPacked(codes []uint8, at pending) {
	b := &g.bins
	rows, stat := g.rows[at.lo:at.hi], g.stat[at.lo:at.hi]
	stat = stat[:len(rows)]
	if len(rows) >= fewRows {
		for i, r := range rows {
			b.hist[codes[r]] += stat[i]
		}
		for k, s := range b.hist[:missingCode] {
			if s != 0 {
				b.codes, b.counts = append(b.codes, int32(k)), append(b.counts, s)
			}
		}
		b.missing = b.hist[missingCode]
		clear(b.hist[:])
		return
	}
	var used [4]uint64
	for i, r := range rows {
		k := codes[r]
		b.hist[k] += stat[i]
		used[k>>6] |= 1 << (k & 63)
	}
	for w, word := range used {
		for ; word != 0; word &= word - 1 {
			k := w<<6 + bits.TrailingZeros64(word)
			s := b.hist[k]
			b.hist[k] = 0
			if k == missingCode {
				b.missing = s
			} else {
				b.codes, b.counts = append(b.codes, int32(k)), append(b.counts, s)
			}
		}
	}
}

func (g *Grower) gatherFloats(codes []uint8, at pending) {
	b, width := &g.bins, g.d.classes+1
	for i := at.lo; i < at.hi; i++ {
		r := g.rows[i]
		h := b.floats[int(codes[r])*width:]
		h[0]++
		h[1+g.d.y[r]] += g.weight[i]
	}
	for k := range missingCode + 1 {
		h := b.floats[k*width : (k+1)*width]
		if h[0] == 0 {
			continue
		}
		if k == missingCode {
			copy(b.lacking, h)
		} else {
			b.codes, b.sums = append(b.codes, int32(k)), append(b.sums, h...)
		}
		clear(h)
	}
}

// gatherExact sorts the rows of the node by rank.
func (g *Grower) gatherExact(c *column, at pending) {
	b, width, missing := &g.bins, g.d.classes+1, uint64(c.missing())
	g.keys = g.keys[:0]
	for i := at.lo; i < at.hi; i++ {
		g.keys = append(g.keys, uint64(c.ranks[g.rows[i]])<<32|uint64(i))
	}
	slices.Sort(g.keys)
	for j, key := range g.keys {
		rank, i := key>>32, int(key&math.MaxUint32)
		if rank != missing && (j == 0 || g.keys[j-1]>>32 != rank) {
			b.codes = append(b.codes, int32(rank))
			if g.d.packed {
				b.counts = append(b.counts, 0)
			} else {
				for range width {
					b.sums = append(b.sums, 0)
				}
			}
		}
		if g.d.packed {
			if rank == missing {
				b.missing += g.stat[i]
			} else {
				b.counts[len(b.counts)-1] += g.stat[i]
			}
			continue
		}
		h := b.lacking
		if rank != missing {
			h = b.sums[len(b.sums)-width:]
		}
		h[0]++
		h[1+g.d.y[g.rows[i]]] += g.weight[i]
	}
}

// scanPacked tries every split of the gathered column c, with missing values on either side.
func (g *Grower) scanPacked(c int32) {
	b := &g.bins
	present := b.total - b.missing
	var left uint64
	for j, s := range b.counts {
		left += s
		last := j == len(b.counts)-1
		if last && b.missing == 0 {
			return
		}
		at := b.codes[j]
		if last {
			at = int32(len(g.d.columns[c].cuts)) // whatever is there goes left
		} else {
			at = (at + b.codes[j+1] - 1) / 2
		}
		g.offerPacked(c, at, left, b.total-left, false)
		if b.missing != 0 && !last {
			g.offerPacked(c, at, left+b.missing, present-left, true)
		}
	}
}

func (g *Grower) offerPacked(c, at int32, left, right uint64, missingLeft bool) {
	l, r := counted(left), counted(right)
	if l < g.p.MinLeaf || r < g.p.MinLeaf {
		return
	}
	score := scorePacked(left, g.p.Criterion) + scorePacked(right, g.p.Criterion)
	if score <= g.best.score {
		return
	}
	if g.bins.missing == 0 { // nothing to learn the side of missing values from: the larger one
		missingLeft = copiesOf(left) >= copiesOf(right)
	}
	g.best = split{score: score, column: c, at: at, missingLeft: missingLeft, found: true}
}

// totals fills g.total with the counts of the node; it returns its score and whether
// it may be split.
func (g *Grower) totals(at pending) (score float64, divisible bool) {
	total := g.total[:g.d.classes+1]
	clear(total)
	for i := at.lo; i < at.hi; i++ {
		total[0]++
		total[1+g.d.y[g.rows[i]]] += g.weight[i]
	}
	present := 0
	for _, w := range total[1:] {
		if w > 0 {
			present++
		}
	}
	return scoreFloats(total, g.p.Criterion), int(total[0]) >= 2*g.p.MinLeaf && present > 1
}

func scoreFloats(s []float64, c Criterion) float64 {
	n := 0.0
	for _, w := range s[1:] {
		n += w
	}
	if n <= 0 {
		return 0
	}
	score := 0.0
	for _, w := range s[1:] {
		if c == Gini {
			score += w * w / n
		} else {
			score += plogp(w, n)
		}
	}
	if c == Gini {
		score -= n
	}
	return score
}

// scanFloats is scanPacked for weights and more than two classes.
func (g *Grower) scanFloats(c int32) {
	b, width := &g.bins, g.d.classes+1
	total, left, right, with := g.total[:width], g.total[width:2*width], g.total[2*width:3*width], g.total[3*width:]
	clear(left)
	lacks := b.lacking[0] > 0
	for j := range b.codes {
		for k, w := range b.sums[j*width : (j+1)*width] {
			left[k] += w
		}
		last := j == len(b.codes)-1
		if last && !lacks {
			return
		}
		at := b.codes[j]
		if last {
			at = int32(len(g.d.columns[c].cuts))
		} else {
			at = (at + b.codes[j+1] - 1) / 2
		}
		for k := range right {
			right[k] = max(0, total[k]-left[k])
		}
		g.offerFloats(c, at, left, right, false)
		if lacks && !last {
			for k := range with {
				with[k] = left[k] + b.lacking[k]
				right[k] = max(0, total[k]-with[k])
			}
			g.offerFloats(c, at, with, right, true)
		}
	}
}

func (g *Grower) offerFloats(c, at int32, left, right []float64, missingLeft bool) {
	if int(left[0]) < g.p.MinLeaf || int(right[0]) < g.p.MinLeaf {
		return
	}
	score := scoreFloats(left, g.p.Criterion) + scoreFloats(right, g.p.Criterion)
	if score <= g.best.score {
		return
	}
	if g.bins.lacking[0] == 0 {
		missingLeft = left[0] >= right[0]
	}
	g.best = split{score: score, column: c, at: at, missingLeft: missingLeft, found: true}
}
