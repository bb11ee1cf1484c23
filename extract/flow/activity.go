package flow

// Gaps that divide a flow, ns. A gap divides if it is longer.
const (
	IdleGap    = 5_000_000_000 // phases of activity
	SubflowGap = 1_000_000_000 // subflows
	BurstGap   = 100_000_000   // bursts
)

// Activity divides the packets of both directions at their gaps into phases of
// activity, subflows and bursts.
type Activity struct {
	Idle     Moments // gaps that divide phases, ns
	Active   Moments // lengths of phases of at least two packets, ns; the last one is added by Derive
	start    int64   // time of the first packet of the open phase
	last     int64   // time of the last packet
	Packets  uint64
	phase    uint64 // packets of the open phase
	Subflows uint64
	Bursts   uint64
	burst    uint64 // packets of the open burst
	bytes    uint64 // payload of the open burst
	// BurstPackets and BurstBytes are the largest of a burst: packets, payload bytes.
	BurstPackets, BurstBytes uint64
}

// Add counts one packet.
func (a *Activity) Add(in *In) {
	gap := max(0, in.Time-a.last)
	if a.Packets == 0 {
		a.start, gap = in.Time, 0
		a.Subflows, a.Bursts = 1, 1
	}
	if gap > BurstGap {
		a.Bursts++
		a.burst, a.bytes = 0, 0
		if gap > SubflowGap {
			a.Subflows++
			if gap > IdleGap {
				if a.phase >= 2 {
					a.Active.Add(uint64(a.last - a.start))
				}
				a.Idle.Add(uint64(gap))
				a.phase, a.start = 0, in.Time
			}
		}
	}
	a.Packets++
	a.phase++
	a.burst++
	a.bytes += uint64(in.P.Payload)
	a.BurstPackets = max(a.BurstPackets, a.burst)
	a.BurstBytes = max(a.BurstBytes, a.bytes)
	a.last = in.Time
}

// Derive ends the open phase.
func (a *Activity) Derive() {
	if a.phase >= 2 {
		a.Active.Add(uint64(a.last - a.start))
	}
	a.phase = 0
}
