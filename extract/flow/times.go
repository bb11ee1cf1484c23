package flow

// timeBuckets reach to 2^28 units of 1,024 ns, 4.6 minutes.
const (
	timeUnit    = 10
	timeBuckets = 108
)

// Both is the index of what covers both directions.
const Both = 2

// Times are the gaps between packets: of the forward direction (0), of the backward
// direction (1) and between any two neighbours (2), ns.
type Times struct {
	Gap   [3]Moments
	First int64    // time of the first packet, ns
	Last  [3]int64 // time of the last packet, ns; valid if Seen
	Seen  [3]bool
	// Quartiles of Gap, ns: at most an eighth off, or 1,024 ns where that is more; set by Derive.
	Quartiles [3][3]uint64
	gap       [3][timeBuckets]uint16
}

// Reset empties t.
func (t *Times) Reset() { *t = Times{} }

// Add counts one packet.
func (t *Times) Add(in *In) {
	if !t.Seen[Both] {
		t.First = in.Time
	}
	t.add(in.Dir&1, in.Time)
	t.add(Both, in.Time)
}

func (t *Times) add(d int, now int64) {
	if t.Seen[d] {
		gap := uint64(max(0, now-t.Last[d]))
		t.Gap[d].Add(gap)
		count(t.gap[d][:], bucket(gap>>timeUnit, timeBuckets))
	}
	t.Seen[d], t.Last[d] = true, now
}

// Duration is the time from the first to the last packet, ns.
func (t *Times) Duration() int64 { return t.Last[Both] - t.First }

// Derive finds the quartiles.
func (t *Times) Derive() {
	for d := range t.Gap {
		t.Quartiles[d] = quartiles(t.gap[d][:], nil, &t.Gap[d], timeUnit)
	}
}
