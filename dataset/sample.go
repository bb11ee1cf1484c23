package dataset

// SampleRows is the largest number of rows that quantiles of columns are taken from.
const SampleRows = 200_000

// sampler picks about [SampleRows] of rows that come one after the other, by a hash of
// their number: whether a row is picked depends on its number and that of all rows only.
type sampler struct {
	below uint64 // hashes below it are picked
	most  int
	rows  []int
}

func newSampler(most int) *sampler { return &sampler{below: 1<<64 - 1, most: most} }

// has tells whether row i would be picked now.
func (s *sampler) has(i int) bool { return mix(uint64(i)) <= s.below }

// add picks row i, which has says yes to. It reports whether rows picked before were
// given up for it: those that has now says no to.
func (s *sampler) add(i int) (thinned bool) {
	s.rows = append(s.rows, i)
	for len(s.rows) > s.most {
		s.below -= s.below / 4
		kept := s.rows[:0]
		for _, r := range s.rows {
			if s.has(r) {
				kept = append(kept, r)
			}
		}
		s.rows, thinned = kept, true
	}
	return thinned
}

// sampleOf picks among n rows; nil means all.
func sampleOf(n int) []int {
	if n <= SampleRows {
		return nil
	}
	s := newSampler(SampleRows)
	for i := range n {
		if s.has(i) {
			s.add(i)
		}
	}
	return s.rows
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood, 2014) of the i-th state.
func mix(i uint64) uint64 {
	z := (i + 1) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
