package dataset

import "math"

// sorter gathers the values of one column and finds how often each occurs. It keeps its
// memory from column to column.
type sorter struct {
	keys, spare []uint64 // values that are neither missing nor zero, as keys
	zeros, seen int      // of the values that are not missing
	values      []float64
	counts      []int
}

func (s *sorter) reset() {
	s.keys, s.zeros, s.seen = s.keys[:0], 0, 0
}

func (s *sorter) add(v float64) {
	if v == 0 { // of either sign; a column of flow data is often mostly zero
		s.zeros++
		s.seen++
		return
	}
	if v == v {
		s.keys = append(s.keys, keyOf(v))
		s.seen++
	}
}

// mostlyZero tells whether zeros are so many that a branch for them pays.
func (s *sorter) mostlyZero() bool { return 5*s.zeros > 4*s.seen }

// keyOf maps numbers to integers of the same order.
func keyOf(v float64) uint64 {
	b := math.Float64bits(v)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

func valueOf(k uint64) float64 {
	return math.Float64frombits(k ^ (uint64(int64(^k)>>63) | 1<<63))
}

// distinct fills values, ascending, and counts.
func (s *sorter) distinct() {
	s.keys, s.spare = sortKeys(s.keys, s.spare)
	s.values, s.counts = s.values[:0], s.counts[:0]
	const zero = 1 << 63
	zeros := s.zeros
	last := uint64(0) // the key of a NaN, which is not among keys
	for _, k := range s.keys {
		if k == last {
			s.counts[len(s.counts)-1]++
			continue
		}
		if k > zero && zeros > 0 {
			s.values, s.counts, zeros = append(s.values, 0), append(s.counts, zeros), 0
		}
		s.values, s.counts, last = append(s.values, valueOf(k)), append(s.counts, 1), k
	}
	if zeros > 0 {
		s.values, s.counts = append(s.values, 0), append(s.counts, zeros)
	}
}

// bins cuts what was added into at most limit bins, without codes.
func (s *sorter) bins(limit int) Bins {
	s.distinct()
	var b Bins
	if len(s.values) == 0 {
		return b
	}
	for _, end := range binEnds(s.counts, limit) {
		b.Tops = append(b.Tops, s.values[end-1])
		if end < len(s.values) {
			b.Cuts = append(b.Cuts, Between(s.values[end-1], s.values[end]))
		}
	}
	return b
}

// sortKeys sorts by bytes from the lowest, passing over bytes in which all keys agree:
// numbers of flows are small integers, whose mantissas are mostly zero. It returns the
// sorted keys and the other of the two slices.
func sortKeys(keys, spare []uint64) (sorted, other []uint64) {
	if cap(spare) < len(keys) {
		spare = make([]uint64, len(keys))
	}
	spare = spare[:len(keys)]
	var count [8][256]int32
	for _, k := range keys {
		for b := range count {
			count[b][uint8(k>>(8*b))]++
		}
	}
	for b := range count {
		shift, place, at := 8*b, &count[b], int32(0)
		if len(keys) > 0 && place[uint8(keys[0]>>shift)] == int32(len(keys)) {
			continue
		}
		for i, n := range place {
			place[i], at = at, at+n
		}
		for _, k := range keys {
			p := &place[uint8(k>>shift)]
			spare[*p] = k
			*p++
		}
		keys, spare = spare, keys
	}
	return keys, spare
}

// SortValues sorts values ascending; NaN must not be among them. Zeros of both signs
// become +0. It needs as much memory again.
func SortValues(values []float64) {
	keys := make([]uint64, len(values))
	for i, v := range values {
		keys[i] = keyOf(v + 0)
	}
	keys, _ = sortKeys(keys, nil)
	for i, k := range keys {
		values[i] = valueOf(k)
	}
}
