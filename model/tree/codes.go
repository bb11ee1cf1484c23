package tree

import (
	"math"
	"math/bits"
)

// encode writes the codes of up to blockRows rows: that of code column c and row i to
// codes[c*blockRows+i].
func (f *compiled) encode(codes []uint8, rows []float64) {
	switch f.kernel {
	case avx512:
		f.encode512(codes, rows)
		return
	case avx2:
		f.encode256(codes, rows)
		return
	}
	for c := range f.coded {
		k := &f.coded[c]
		out := codes[k.first*blockRows : (k.first+k.columns)*blockRows]
		if k.set != nil {
			k.encodeSet(out, rows, f.inputs)
		} else {
			k.encode(out, rows, f.inputs)
		}
	}
}

func (k *coded) encode(out []uint8, rows []float64, inputs int) {
	var keys [blockRows]uint64
	n := len(rows) / inputs
	missing := uint64(0) // the highest bit, if a value is
	for i, at := 0, int(k.feature); i < blockRows && at < len(rows); i, at = i+1, at+inputs {
		b := math.Float64bits(rows[at])
		missing |= infinite - b&^(1<<63)
		keys[i] = b ^ (uint64(int64(b)>>63) | 1<<63)
	}
	if missing>>63 != 0 || k.zero {
		for i, at := 0, int(k.feature); i < blockRows && at < len(rows); i, at = i+1, at+inputs {
			keys[i] = k.key(rows[at])
		}
	}
	for i := 0; i < n; i += 4 {
		v := (*[4]uint64)(keys[i:])
		var a, b, c, d uint64
		v0, v1, v2, v3 := v[0], v[1], v[2], v[3]
		for half := uint64(len(k.keys)+1) / 2; half > 0; half /= 2 {
			keys := k.keys[half-1:]
			_, x := bits.Sub64(keys[a], v0, 0)
			_, y := bits.Sub64(keys[b], v1, 0)
			_, z := bits.Sub64(keys[c], v2, 0)
			_, w := bits.Sub64(keys[d], v3, 0)
			a += half & -x
			b += half & -y
			c += half & -z
			d += half & -w
		}
		if len(out) == blockRows { // at most codeRange thresholds
			o := (*[4]uint8)(out[i:])
			o[0], o[1], o[2], o[3] = firstCode(a), firstCode(b), firstCode(c), firstCode(d)
			continue
		}
		k.spread(out[i:], a, blockRows)
		k.spread(out[i+1:], b, blockRows)
		k.spread(out[i+2:], c, blockRows)
		k.spread(out[i+3:], d, blockRows)
	}
}

// firstCode is the code of a value with rank thresholds below it, in their first column. More
// than codeRange are only below missing values, which are above all.
func firstCode(rank uint64) uint8 { return uint8(min(rank, codeRange)) | codeMark }

// spread writes the codes of one value to all of its columns, which lie apart.
func (k *coded) spread(out []uint8, rank uint64, apart int) {
	for c := range int(k.columns) {
		out[c*apart] = firstCode(rank)
		rank -= min(rank, codeRange)
	}
}

const (
	infinite = 0x7ff << 52
	zeroBits = 0x38aa95a5c0000000 // of ZeroBound
)

// key is the orderKey of v, or that of missing values. It has no branches, since whether
// a value is missing can't be foreseen.
func (k *coded) key(v float64) uint64 {
	b := math.Float64bits(v)
	size := b &^ (1 << 63)
	_, missing := bits.Sub64(infinite, size, 0)
	if k.zero {
		_, above := bits.Sub64(zeroBits, size, 0)
		missing |= 1 - above
	}
	b ^= uint64(int64(b)>>63) | 1<<63
	return b&^-missing | k.missing&-missing
}

// rank4 counts for four values the keys below them, in lists of one length 2^steps-1. All
// four searches take the same steps, so they run abreast.
func rank4(k0, k1, k2, k3 []uint64, v *[4]uint64) (a, b, c, d uint64) {
	v0, v1, v2, v3 := v[0], v[1], v[2], v[3]
	for half := uint64(len(k0)+1) / 2; half > 0; half /= 2 {
		_, x := bits.Sub64(k0[a+half-1], v0, 0)
		_, y := bits.Sub64(k1[b+half-1], v1, 0)
		_, z := bits.Sub64(k2[c+half-1], v2, 0)
		_, w := bits.Sub64(k3[d+half-1], v3, 0)
		a += half & -x
		b += half & -y
		c += half & -z
		d += half & -w
	}
	return a, b, c, d
}

func (k *coded) encodeSet(out []uint8, rows []float64, inputs int) {
	for i, at := 0, int(k.feature); at < len(rows); i, at = i+1, at+inputs {
		out[i] = k.setCode(rows[at])
	}
}

func (k *coded) setCode(v float64) uint8 {
	left := k.left
	if v == v {
		left = k.set.has(v, k.float)
	}
	if left {
		return codeMark
	}
	return codeMark | 1
}

// eight is what rankRow512 is told of eight coded columns. One that has fewer keys than
// its neighbours is at its end before the last step: half is 0 then, and nothing changes.
type eight struct {
	features, keys, half [8]uint64
	missing              [8]uint64
	zero                 [8]float64
	steps                uint64
}

// gather fills f.eights and f.keys.
func (f *compiled) gather() {
	f.keys = []uint64{0} // read in steps without effect
	for len(f.eights)*8 < len(f.alike) {
		var g eight
		for i := range g.keys {
			c := f.alike[min(len(f.eights)*8+i, len(f.alike)-1)]
			k := &f.coded[c]
			g.features[i], g.missing[i], g.zero[i] = uint64(k.feature), k.missing, k.zeroBound()
			g.keys[i], g.half[i] = uint64(len(f.keys)), uint64(len(k.keys)+1)/2
			g.steps = max(g.steps, uint64(k.steps))
			f.keys = append(f.keys, k.keys...)
		}
		f.eights = append(f.eights, g)
	}
	for i, c := range f.alike { // keep one copy only
		k := &f.coded[c]
		at := int(f.eights[i/8].keys[i%8])
		k.keys = f.keys[at : at+len(k.keys) : at+len(k.keys)]
	}
}

// zeroBound is up to which size values count as missing.
func (k *coded) zeroBound() float64 {
	if k.zero {
		return ZeroBound
	}
	return -1
}

// encodeRow writes the codes of one row.
func (f *compiled) encodeRow(r *room, row []float64) {
	codes := r.codes
	for _, c := range f.sets {
		k := &f.coded[c]
		codes[k.first] = k.setCode(row[k.feature])
	}
	if f.kernel == avx512 && len(f.eights) > 0 {
		rankRow512(&r.ranks[0], &row[0], &f.keys[0], &f.eights[0], len(f.eights))
		for i, c := range f.alike {
			k := &f.coded[c]
			if k.columns == 1 {
				codes[k.first] = firstCode(uint64(r.ranks[i]))
			} else {
				k.spread(codes[k.first:], uint64(r.ranks[i]), 1)
			}
		}
		return
	}
	order := f.alike
	for len(order) > 0 {
		var four [4]*coded
		var keys [4]uint64
		n := min(4, len(order))
		for i := range four {
			k := &f.coded[order[min(i, n-1)]]
			if k.steps != f.coded[order[0]].steps {
				n = i
				k = four[0]
			}
			four[i], keys[i] = k, k.key(row[k.feature])
		}
		var rank [4]uint64
		rank[0], rank[1], rank[2], rank[3] = rank4(four[0].keys, four[1].keys, four[2].keys, four[3].keys, &keys)
		for i, k := range four[:n] {
			if k.columns == 1 {
				codes[k.first] = firstCode(rank[i])
			} else {
				k.spread(codes[k.first:], rank[i], 1)
			}
		}
		order = order[n:]
	}
}
