package flow

import "math"

// CICPy is what the Python port of CICFlowMeter keeps of a flow beside the list of its
// packets (see [CICPyStats]). The first packet counts twice in all but the bulks.
type CICPy struct {
	Link      uint16       // link type of the first packet
	Window    [2]uint16    // first TCP window that is not 0, forward and backward
	HeaderMin uint16       // smallest IP header of a forward packet, bytes; 0 without one
	Headers   [2]uint64    // sums of the IP headers, bytes
	Data      uint64       // forward packets with payload
	Flags     [2][8]uint64 // packets with each TCP flag, by its bit
	Bulks     [2]CICPyBulk

	// What the numbers are made of where the list is cut.
	sizes, gaps [3]running // forward, backward, both; bytes and ns
	last        [2]int64   // time of the last packet, ns
}

// CICPyBulk are the bulks of one direction: runs of packets with payload as [CICPyLife]
// rules them.
type CICPyBulk struct {
	Count, Packets, Bytes uint64
	Duration              int64 // ns; negative if times descend

	start, end int64 // of the run in hand, ns; start 0: there is none
	n, size    uint64
}

// Add counts one packet.
func (s *CICPy) Add(in *In) {
	dir, t := in.Dir&1, in.P.Time
	times := 1
	if in.N == 0 {
		s.Link, times = in.C.Link, 2
	}
	for i := range times {
		s.count(in, dir)
		if in.N > 0 || i > 0 {
			s.gaps[Both].add(t - in.Flow.Last)
		}
		if s.sizes[dir].n > 1 {
			s.gaps[dir].add(t - s.last[dir])
		}
		s.last[dir] = t
	}
	if s.Window[dir] == 0 {
		s.Window[dir] = in.P.Window
	}
	if in.P.Payload > 0 {
		s.bulk(dir, t, uint64(in.P.Payload), (*cicpyState)(&in.Flow.Life))
	}
}

func (s *CICPy) count(in *In, dir int) {
	s.sizes[dir].add(int64(in.Size))
	s.sizes[Both].add(int64(in.Size))
	s.Headers[dir] += uint64(in.P.IPHeader)
	if dir == 0 {
		if s.sizes[0].n == 1 || in.P.IPHeader < s.HeaderMin {
			s.HeaderMin = in.P.IPHeader
		}
		if in.P.Payload > 0 {
			s.Data++
		}
	}
	for i := range s.Flags[dir] {
		s.Flags[dir][i] += uint64(in.P.Flags>>i) & 1
	}
}

// bulk takes a packet with payload into the run of its direction.
func (s *CICPy) bulk(dir int, t int64, size uint64, rules *cicpyState) {
	b, other := &s.Bulks[dir], &s.Bulks[1-dir]
	if other.end > b.start {
		b.start = 0
	}
	if b.start == 0 || t-b.end > rules.clump() {
		b.start, b.end, b.n, b.size = t, t, 1, size
		return
	}
	b.n++
	b.size += size
	switch {
	case b.n == rules.bound():
		b.Count++
		b.Packets += b.n
		b.Bytes += b.size
		b.Duration += t - b.start
	case b.n > rules.bound():
		b.Packets++
		b.Bytes += size
		b.Duration += t - b.end
	}
	b.end = t
}

// running are count, sum, extremes and, by Welford's recurrence, the spread of numbers.
type running struct {
	n          uint64
	sum        int64
	low, high  int64
	mean, rest float64
}

func (r *running) add(x int64) {
	if r.n == 0 {
		r.low, r.high = x, x
	}
	r.low, r.high = min(r.low, x), max(r.high, x)
	r.n++
	r.sum += x
	d := float64(x) - r.mean
	r.mean += d / float64(r.n)
	r.rest += float64(d * (float64(x) - r.mean)) // no fused multiply-add
}

// CICPyStats are the statistics of a flow that the port works out with numpy and Python 3.12
// when it writes a row, in their order of operations.
type CICPyStats struct {
	Sizes [3]CICPySizes // forward, backward, both
	Gaps  [3]CICPyGaps  // the same; both: between neighbours

	x []float64 // numbers in hand
}

// CICPySizes are of captured frame lengths, bytes. Var and Std have the divisor n.
type CICPySizes struct {
	N               uint64
	Total, Max, Min int64
	Mean, Var, Std  float64
}

// CICPyGaps are of gaps, in seconds; all are 0 with fewer than two.
type CICPyGaps struct {
	N                          int
	Total, Max, Min, Mean, Std float64
}

// derive fills s for the flow in hand: from the list of its packets or, where that is cut,
// from the sums beside it, which may differ from numpy's in the last digits.
func (s *CICPyStats) derive(v *View) {
	c := v.CICPy
	whole := uint64(len(v.Steps)) == v.Packets()
	for i := range s.Sizes {
		r := &c.sizes[i]
		s.Sizes[i] = CICPySizes{N: r.n, Total: r.sum, Max: r.high, Min: r.low}
		if r.n == 0 {
			continue
		}
		z := &s.Sizes[i]
		z.Mean = float64(r.sum) / float64(r.n)
		z.Var = r.rest / float64(r.n)
		if whole {
			s.x = s.x[:0]
			for k := range v.Steps {
				if t := &v.Steps[k]; t.of(i) {
					s.x = append(s.x, float64(t.Size))
					if k == 0 {
						s.x = append(s.x, float64(t.Size))
					}
				}
			}
			z.Var = s.spread(z.Mean)
		}
		z.Std = math.Sqrt(z.Var)
	}
	for i := range s.Gaps {
		r := &c.gaps[i]
		s.Gaps[i] = CICPyGaps{}
		if r.n < 2 {
			continue
		}
		g := &s.Gaps[i]
		*g = CICPyGaps{N: int(r.n), Total: Seconds(r.sum), Max: Seconds(r.high), Min: Seconds(r.low), Mean: r.mean / 1e9, Std: math.Sqrt(r.rest/float64(r.n)) / 1e9}
		if !whole {
			continue
		}
		s.listGaps(v.Steps, i)
		g.Total = neumaier(s.x)
		g.Mean = pairwise(s.x) / float64(len(s.x))
		g.Std = math.Sqrt(s.spread(g.Mean))
	}
}

// listGaps puts the gaps of a direction, or those to the latest packet before, into s.x.
func (s *CICPyStats) listGaps(steps []Step, dir int) {
	s.x = s.x[:0]
	n, last := 0, int64(0)
	for k := range steps {
		t := &steps[k]
		if !t.of(dir) {
			continue
		}
		if k == 0 {
			s.x = append(s.x, 0) // the first packet a second time
		} else if n > 0 {
			s.x = append(s.x, Seconds(t.Time-last))
		}
		if n++; n == 1 || dir != Both || t.Time > last {
			last = t.Time
		}
	}
}

// spread is the mean square of the differences of s.x, which it overwrites, from mean, as
// numpy.var computes it.
func (s *CICPyStats) spread(mean float64) float64 {
	for i, x := range s.x {
		d := x - mean
		s.x[i] = float64(d * d)
	}
	return pairwise(s.x) / float64(len(s.x))
}

// pairwise is the sum of x as numpy adds: eight sums side by side in blocks of at most 128,
// and longer lists by halves.
func pairwise(x []float64) float64 {
	n := len(x)
	if n < 8 {
		sum := 0.0
		for _, v := range x {
			sum += v
		}
		return sum
	}
	if n > 128 {
		half := n / 2
		half -= half % 8
		return pairwise(x[:half]) + pairwise(x[half:])
	}
	r := [8]float64(x[:8])
	i := 8
	for ; i < n-n%8; i += 8 {
		for k := range r {
			r[k] += x[i+k]
		}
	}
	sum := ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
	for ; i < n; i++ {
		sum += x[i]
	}
	return sum
}

// neumaier is the sum of x as Python adds from version 3.12 on: what is lost in each step is
// added at the end.
func neumaier(x []float64) float64 {
	sum, lost := 0.0, 0.0
	for _, v := range x {
		t := sum + v
		if math.Abs(sum) >= math.Abs(v) {
			lost += (sum - t) + v
		} else {
			lost += (v - t) + sum
		}
		sum = t
	}
	if lost != 0 && !math.IsInf(lost, 0) && lost == lost {
		sum += lost
	}
	return sum
}
