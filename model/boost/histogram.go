package boost

// Gradient and curvature of a row travel in one word, so that adding a row to a bin is
// one addition: the gradient, signed, in the upper 32 bits and the curvature in the
// lower ones. Both are fixed-point numbers whose scale is chosen anew for every tree,
// so that no sum can overflow (see scale.go). Integer sums do not depend on their order:
// any number of goroutines gives the same bits, and a sibling by subtraction is exact.
type pair = uint64

func pack(g int64, h uint64) pair { return uint64(g)<<32 + h }

func gradient(s pair) int64   { return int64(s) >> 32 }
func curvature(s pair) uint64 { return s & (1<<32 - 1) }

// lanes lie interleaved in one word a row: one load finds the codes of eight.
const lanes = 8

// histogram is the sums of one node for the eight lanes of one word, by code. 16 KB, so
// it stays in the first cache while it is filled.
type histogram [lanes][256]pair

// add adds rows of a node; words holds the word of row r at r*stride. sums[i] belongs to rows[i].
func (h *histogram) add(words []uint64, stride int, rows []int32, sums []pair) {
	sums = sums[:len(rows)]
	for i, r := range rows {
		w, s := words[int(r)*stride], sums[i]
		h[0][uint8(w)] += s
		h[1][uint8(w>>8)] += s
		h[2][uint8(w>>16)] += s
		h[3][uint8(w>>24)] += s
		h[4][uint8(w>>32)] += s
		h[5][uint8(w>>40)] += s
		h[6][uint8(w>>48)] += s
		h[7][uint8(w>>56)] += s
	}
}

// addHalf is add for a last word of at most four lanes.
func (h *histogram) addHalf(words []uint64, stride int, rows []int32, sums []pair) {
	sums = sums[:len(rows)]
	for i, r := range rows {
		w, s := words[int(r)*stride], sums[i]
		h[0][uint8(w)] += s
		h[1][uint8(w>>8)] += s
		h[2][uint8(w>>16)] += s
		h[3][uint8(w>>24)] += s
	}
}

// subtract turns the sums of a parent into those of the sibling of child.
func (h *histogram) subtract(child *histogram) {
	for l := range h {
		a, b := &h[l], &child[l]
		for k := range a {
			a[k] -= b[k]
		}
	}
}

// join adds the sums of other rows of the same node.
func (h *histogram) join(other *histogram) {
	for l := range h {
		a, b := &h[l], &other[l]
		for k := range a {
			a[k] += b[k]
		}
	}
}

// gather copies the sums of rows to dst and loads each cache line that words holds of
// them, words from to to of a row. Nothing waits for those loads, so that many lines
// are on their way at once; the additions that follow would wait for each. Half as
// long again without it (BenchmarkHistogram).
func gather(dst, sums []pair, w *words, from, to int, rows []int32) (touched uint64) {
	dst = dst[:len(rows)]
	for i, r := range rows {
		dst[i] = sums[r]
		at := int(r) * w.stride
		touched ^= w.bits[at+to-1]
		for k := at + from; k < at+to-1; k += 8 {
			touched ^= w.bits[k]
		}
	}
	return touched
}
