package tree

import "golang.org/x/sys/cpu"

// kernels returns the kernels that this processor can run, the best first.
func kernels() []kernel {
	x := &cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasBMI2 {
		return []kernel{avx512, avx2, generic}
	}
	if x.HasAVX2 {
		return []kernel{avx2, generic}
	}
	return []kernel{generic}
}

// rank512 counts for n rows the keys of a column below their values: 8 rows at a time, by
// four steps in registers among the pivots and the others by gathering. rows is the
// column's first value, and the next one lies stride values behind it; zero is the bound up
// to which values count as missing, or below zero.
//
//go:noescape
func rank512(ranks *[blockRows]uint16, rows *float64, stride, n int, k *coded, zero float64)

// code512 writes the codes of blockRows ranks to columns code columns: as coded.spread.
//
//go:noescape
func code512(codes *uint8, ranks *[blockRows]uint16, columns int)

// mask512 finds the leaves of blockRows rows as room.mask does. reach is room for two
// words a node and one pair more.
//
//go:noescape
func mask512(leaves *[blockRows]uint8, reach *uint64, codes *uint8, nodes *maskNode, n int)

// add512 adds to each of blockRows sums the value of its leaf; addFloat512 rounds the sums
// to float32.
//
//go:noescape
func add512(sums *[blockRows]float64, values *float64, leaves *[blockRows]uint8)

//go:noescape
func addFloat512(sums *[blockRows]float64, values *float64, leaves *[blockRows]uint8)

// rankRow512 counts for one row the keys below its values, of eight columns at a time.
//
//go:noescape
func rankRow512(ranks *uint32, row *float64, keys *uint64, groups *eight, n int)

// walk512 takes walkLanes walks at once for depth steps, or until all are at leaves. Code
// column<<9 of a node is at (node >> shift & mask) + offset of the walk; 8 bytes from there
// on are read.
//
//go:noescape
func walk512(walks *[walkLanes]uint32, nodes *walkNode, codes *uint8, offsets *[walkLanes]uint32, shift, mask, depth int)

func (f *compiled) encode512(codes []uint8, rows []float64) {
	var ranks [blockRows]uint16
	n := len(rows) / f.inputs
	for c := range f.coded {
		k := &f.coded[c]
		out := codes[k.first*blockRows : (k.first+k.columns)*blockRows]
		switch {
		case k.set != nil:
			k.encodeSet(out, rows, f.inputs)
			continue
		case k.steps > 15:
			k.encode(out, rows, f.inputs)
			continue
		}
		rank512(&ranks, &rows[k.feature], f.inputs, n, k, k.zeroBound())
		code512(&out[0], &ranks, int(k.columns))
	}
}

// count256 counts for n rows the cuts of a column below their values, one cut after the
// other.
//
//go:noescape
func count256(ranks *[blockRows]uint64, values *[blockRows]float64, k *coded, n int, zero float64)

// mask256 finds the leaves of swarRows rows as room.mask does.
//
//go:noescape
func mask256(leaves *uint8, reach *[4]uint64, codes *uint8, nodes *maskNode, n int)

// countCuts is up to how many keys counting them all beats searching.
const countCuts = 80

func (f *compiled) encode256(codes []uint8, rows []float64) {
	var ranks [blockRows]uint64
	var values [blockRows]float64
	n := len(rows) / f.inputs
	for c := range f.coded {
		k := &f.coded[c]
		out := codes[k.first*blockRows : (k.first+k.columns)*blockRows]
		switch {
		case k.set != nil:
			k.encodeSet(out, rows, f.inputs)
			continue
		case len(k.cuts) > countCuts:
			k.encode(out, rows, f.inputs)
			continue
		}
		for i, at := 0, int(k.feature); i < blockRows && at < len(rows); i, at = i+1, at+f.inputs {
			values[i] = rows[at]
		}
		count256(&ranks, &values, k, n, k.zeroBound())
		for i := range out { // countCuts is less than codeRange
			out[i] = firstCode(ranks[i])
		}
	}
}
