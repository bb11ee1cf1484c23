package flow

// Times beyond 2^28 units of 1,024 ns, 4.6 minutes, fall into the last bucket.
const (
	timeUnit    = 10
	timeBuckets = 108
)

// Both is the index of what covers both directions.
const Both = 2

// Times counts the gaps between packets of the forward direction (0), of the backward
// direction (1), and between neighbours of any direction (Both).
type Times struct {
	first int64 // time of the first packet, ns
	ways  [3]gaps
}

// TimeStats is what Times has counted.
type TimeStats struct {
	Duration int64       // from the first to the last packet, ns
	Gap      [3]*Moments // ns
	// Quartiles of Gap, ns: at most an eighth off, or 1,024 ns where that is more.
	Quartiles [3][3]uint64
}

// gaps are the moments and the histogram of the gaps between some packets.
type gaps struct {
	Moments
	last      int64 // time of the last packet, ns
	started   bool  // there is one
	shift     uint8 // of the histogram
	histogram [timeBuckets]uint16
}

func (g *gaps) add(now int64) {
	if g.started {
		gap := uint64(max(0, now-g.last))
		count(g.histogram[:], &g.shift, bucket(gap>>timeUnit, timeBuckets), g.N)
		g.Moments.Add(gap)
	}
	g.started, g.last = true, now
}

// Add counts one packet.
func (t *Times) Add(in *In) {
	if !t.ways[Both].started {
		t.first = in.Time
	}
	t.ways[in.Dir&1].add(in.Time)
	t.ways[Both].add(in.Time)
}

// Stats writes what was counted to to, which points into t then.
func (t *Times) Stats(to *TimeStats) {
	to.Duration = t.ways[Both].last - t.first
	for d := range t.ways {
		g := &t.ways[d]
		to.Gap[d] = &g.Moments
		to.Quartiles[d] = quartiles(g.histogram[:], nil, g.shift, 0, &g.Moments, timeUnit)
	}
}
