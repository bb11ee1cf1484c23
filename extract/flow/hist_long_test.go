package flow

import "testing"

// Flows of more values than a counter holds: 65,536 of 100 bytes, then 40,000 of 1,500,
// have the median 100 (by counting: rank 52,768 of 105,536 lies among the first).
func TestQuartilesOfLongFlows(t *testing.T) {
	var s Sizes
	var times Times
	add := func(n int, dir int, length uint32, gap int64) {
		for range n {
			times.ways[Both].add(times.ways[Both].last + gap)
			s.ip[dir].add(length, s.packets[dir])
			s.packets[dir]++
		}
	}
	near := func(what string, got, want uint64) {
		t.Helper()
		if off := int64(got) - int64(want); off*8 > int64(want) || -off*8 > int64(want) {
			t.Errorf("%s is %d, want %d, at most an eighth off", what, got, want)
		}
	}
	var stats SizeStats
	var gaps TimeStats
	add(65_536, 1, 100, 1e6)
	add(40_000, 1, 1500, 1e9)
	s.Stats(&stats)
	times.Stats(&gaps)
	near("median length", stats.IPQuartiles[1][1], 100)
	near("upper quartile", stats.IPQuartiles[1][2], 1500)
	near("median gap", gaps.Quartiles[Both][1], 1e6)
	if s.ip[1].shift == 0 {
		t.Fatal("no counter was full: nothing was tested")
	}

	// 65,000 small ones the other way, all counted: 130,536 of 170,536 are small.
	add(65_000, 0, 100, 1e6)
	s.Stats(&stats)
	near("median of both", stats.IPQuartiles[Both][1], 100)
	near("upper quartile of both", stats.IPQuartiles[Both][2], 100)

	// Lengths that take turns are counted alike.
	s = Sizes{}
	for range 200_000 {
		add(1, 0, 60, 1e6)
		add(3, 0, 1500, 1e6)
	}
	s.Stats(&stats)
	near("median of turns", stats.IPQuartiles[0][1], 1500)
	near("lower quartile of turns", stats.IPQuartiles[0][0], 60)
}

// RFC 5102, 5.11.3: 1 idle timeout, 2 active timeout, 3 end of flow, 4 forced end, 5 lack of resources.
func TestIPFIX(t *testing.T) {
	for r, want := range map[Reason]uint8{Idle: 1, Active: 2, Fin: 3, Rst: 3, Syn: 3, Input: 4, Evicted: 5} {
		if got := r.IPFIX(); got != want {
			t.Errorf("%v is %d, want %d", r, got, want)
		}
	}
}
