package dataset

import (
	"math"
	"math/bits"
)

// encoder turns values into codes of bins. It compares numbers as integers of the same
// order (see keyOf): the borrow of a subtraction then steers the search, where comparing
// floats would branch, and mispredict every second time. Measured on 255 bins of normal
// numbers: 9 ns a value, against 44 with branches and 14 with a table of prefixes.
type encoder struct {
	cuts [256]uint64 // keys of the cuts, padded with the key of +Inf
	few  bool        // at most 15 cuts
	zero uint8       // code of zero
	rare bool        // few values are other than zero
}

func (e *encoder) init(b *Bins, rare bool) {
	for i := range e.cuts {
		e.cuts[i] = keyOf(math.Inf(1))
	}
	for i, c := range b.Cuts {
		e.cuts[i] = keyOf(c)
	}
	e.few, e.rare, e.zero = len(b.Cuts) < 16, rare, b.Code(0)
}

// encode writes the codes of values to dst, which is as long.
func (e *encoder) encode(dst []uint8, values []float64) {
	dst = dst[:len(values)]
	c := &e.cuts
	for i, v := range values {
		if e.rare && v == 0 {
			dst[i] = e.zero
			continue
		}
		if v != v {
			dst[i] = MissingBin
			continue
		}
		x := keyOf(v)
		var k, above uint64
		if !e.few {
			_, above = bits.Sub64(c[127], x, 0)
			k = above << 7
			_, above = bits.Sub64(c[(k+63)&255], x, 0)
			k += above << 6
			_, above = bits.Sub64(c[(k+31)&255], x, 0)
			k += above << 5
			_, above = bits.Sub64(c[(k+15)&255], x, 0)
			k += above << 4
		}
		_, above = bits.Sub64(c[(k+7)&255], x, 0)
		k += above << 3
		_, above = bits.Sub64(c[(k+3)&255], x, 0)
		k += above << 2
		_, above = bits.Sub64(c[(k+1)&255], x, 0)
		k += above << 1
		_, above = bits.Sub64(c[k&255], x, 0)
		dst[i] = uint8(k + above)
	}
}
