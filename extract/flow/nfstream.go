package flow

import (
	"math"

	"fm/extract/packet"
)

// NFStream holds the sums of NFStream 6.6.0, worked out in its own order of operations,
// so that the last digit agrees.
type NFStream struct {
	Scopes   [3]NFScope // forward, backward, both
	Src, Dst [6]byte    // MACs of the first frame
}

// NFScope is what NFStream keeps of one direction, or of both. Sizes are bytes by the
// set's measure, modulo 65,536; times and gaps whole milliseconds.
type NFScope struct {
	Bytes          uint64
	First, Last    int64 // since 1970; 0 without packets
	Mean, m2       float64
	GapMean, gapM2 float64
	GapMin, GapMax int64
	N              uint32
	Min, Max       uint16
	Flags          [8]uint32 // packets with each TCP flag, by its bit
}

// Add counts one packet.
func (s *NFStream) Add(in *In) {
	if in.N == 0 && len(in.MACs) == 12 {
		dst, src := in.MACs[:6], in.MACs[6:]
		if in.C.Bits&packet.BitSourceFirst != 0 {
			dst, src = src, dst
		}
		copy(s.Src[:], src)
		copy(s.Dst[:], dst)
	}
	t, size := in.Time/1e6, uint16(in.Size)
	s.Scopes[in.Dir&1].add(t, size, in.P.Flags)
	s.Scopes[Both].add(t, size, in.P.Flags)
}

func (s *NFScope) add(t int64, size uint16, flags uint8) {
	s.N++
	s.Bytes += uint64(size)
	x := float64(size)
	if s.N == 1 {
		s.First, s.Last, s.Min, s.Max, s.Mean = t, t, size, size, x
	} else {
		s.Min, s.Max = min(s.Min, size), max(s.Max, size)
		n := float64(s.N)
		d := x - s.Mean
		s.Mean += d / n
		s.m2 += float64(d * (x - s.Mean)) // no fused multiply-add
		gap := t - s.Last
		s.Last = t
		g := float64(gap)
		if s.N == 2 {
			s.GapMin, s.GapMax, s.GapMean = gap, gap, g
		} else {
			s.GapMin, s.GapMax = min(s.GapMin, gap), max(s.GapMax, gap)
			d := g - s.GapMean
			s.GapMean += d / (n - 1)
			s.gapM2 += float64(d * (g - s.GapMean))
		}
	}
	for i := range s.Flags {
		s.Flags[i] += uint32(flags>>i) & 1
	}
}

// Std is the sample standard deviation of the sizes, 0 of fewer than two.
func (s *NFScope) Std() float64 {
	if s.N < 2 {
		return 0
	}
	return math.Sqrt(s.m2 / float64(s.N-1))
}

// GapStd is the sample standard deviation of the gaps, 0 of fewer than two.
func (s *NFScope) GapStd() float64 {
	if s.N < 3 {
		return 0
	}
	return math.Sqrt(s.gapM2 / float64(s.N-2))
}
