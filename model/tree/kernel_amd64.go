package tree

import "golang.org/x/sys/cpu"

// kernels returns the kernels that this processor can run, the best first.
func kernels() []kernel {
	x := &cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasBMI2 {
		return []kernel{avx512, generic}
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
		zero := -1.0
		if k.zero {
			zero = ZeroBound
		}
		rank512(&ranks, &rows[k.feature], f.inputs, n, k, zero)
		code512(&out[0], &ranks, int(k.columns))
	}
}
