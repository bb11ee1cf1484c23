package flow

import (
	"math"

	"fm/extract/packet"
)

// Zeek holds what the script zeek-flowmeter computes, in its order of operations: times are
// seconds and gaps microseconds in floating point, of the input's clock. Index 0 of pairs
// is forward.
type Zeek struct {
	Pkts, Data       [2]uint32    // packets, and those with payload
	Header           [2]uint64    // transport headers, bytes
	Flags            [8]uint32    // TCP packets with each flag, by its bit
	PSH, URG         [2]uint32    // of them by direction
	Payload          [2]ZeekSizes //
	IAT              [3]ZeekTimes // forward, backward, both
	Active, Idle     ZeekTimes
	Actives, Idles   uint32 // how many of them
	Subflows         uint32
	Bulks            [2]uint32 // runs of payload in one direction
	BulkPkts         [2]uint32
	BulkBytes        [2]uint64
	BulkTime         [2]float64
	Sent             [2]ZeekSent // by end of the key, since roles may turn; of originator and responder once derived
	SentPkts         [2]uint32   // packets, the same
	last             [2]float64  // when a direction sent its last packet, s
	active           float64     // of the active phase under way, microseconds
	runBytes         [2]uint64   // of the bulk that may be under way
	runTime          [2]float64
	runPkts          [2]uint32
	Init, LastWindow [2]uint16 // TCP windows of the first and last packet of a direction
	HeaderMin        [2]uint8  // where 0 means none yet
	HeaderMax        [2]uint8
	backward, open   bool // the last packet with payload was not forward; an active phase is under way
}

// ZeekSizes are payload sizes.
type ZeekSizes struct {
	Sum, Squares uint64
	Min, Max     uint32
}

// ZeekTimes are times in microseconds.
type ZeekTimes struct {
	Min, Max, Tot float64 // Tot is added up as the script does,
	low           float64 // and this is what rounding took from it
	sq, sqLow     float64 // sum of the squares, in two parts
}

// ZeekSent is what an end of a connection has sent.
type ZeekSent struct {
	IPBytes, Bytes uint64 // IP packets; payload of UDP and ICMP that counts
}

// Limits are thresholds that a set's options give to its groups.
type Limits struct {
	Subflow float64 // a longer gap begins a subflow, s
	Active  float64 // a longer gap ends an active phase, s
	Bulk    float64 // a gap so long ends a bulk, s
	BulkMin uint32  // packets of a bulk at least
}

// ZeekSeconds is a time as Zeek has it: whole microseconds in seconds, in floating point.
func ZeekSeconds(ns int64) float64 {
	if ns >= packet.FirstWrapped {
		return Epoch(ns)
	}
	return float64(ns/1e9) + float64(float64(ns%1e9/1e3)/1e6)
}

// Add counts one packet.
func (z *Zeek) Add(in *In, limits *Limits) {
	p, d := in.P, in.Dir&1
	header, size := uint8(min(p.L4Header, 255)), p.Payload
	seen := in.C.Bits&packet.BitZeroLen == 0 // else the script knows nothing of the transport
	if !seen {
		header = 0
	}
	now := ZeekSeconds(p.Now)
	first := z.Pkts[d] == 0
	if z.Pkts[0]+z.Pkts[1] == 0 {
		z.Subflows, z.backward = 1, true
	}
	z.Pkts[d]++
	z.Header[d] += uint64(header)
	if z.HeaderMin[d] > header || z.HeaderMin[d] == 0 {
		z.HeaderMin[d] = header
	}
	z.HeaderMax[d] = max(z.HeaderMax[d], header)
	z.Payload[d].add(size, first)
	if size > 0 {
		z.Data[d]++
	}
	if p.Key.Proto == protoTCP && seen {
		for i := range z.Flags {
			z.Flags[i] += uint32(p.Flags>>i) & 1
		}
		z.PSH[d] += uint32(p.Flags>>3) & 1
		z.URG[d] += uint32(p.Flags>>5) & 1
		if first {
			z.Init[d] = p.Window
		}
		z.LastWindow[d] = p.Window
	}
	z.gaps(limits, d, now, first)
	if size > 0 {
		z.bulk(limits, d, now, size, first)
	}
	z.last[d] = now

	end := 1
	if p.FromA {
		end = 0
	}
	z.SentPkts[end]++
	e := &z.Sent[end]
	if seen {
		e.IPBytes += uint64(p.IPLen)
	}
	switch p.Key.Proto {
	case packet.ProtoUDP, packet.ProtoICMP, packet.ProtoICMPv6:
		if in.C.Bits&packet.BitChecksum == 0 {
			e.Bytes += uint64(max(0, int(p.IPLen)-int(p.IPHeader)-8))
		}
	}
}

// gaps counts the time since the packets before.
func (z *Zeek) gaps(limits *Limits, d int, now float64, first bool) {
	gap := math.Inf(1)
	if !first {
		gap = now - z.last[d]
		z.IAT[d].add(float64(gap*1e6), z.Pkts[d] == 2)
	}
	if z.Pkts[1-d] > 0 {
		gap = min(gap, now-z.last[1-d])
	}
	if math.IsInf(gap, 1) {
		return
	}
	micros := float64(gap * 1e6)
	z.IAT[Both].add(micros, z.Pkts[0]+z.Pkts[1] == 2)
	if gap > limits.Subflow {
		z.Subflows++
	}
	switch {
	case gap > limits.Active:
		z.Idle.add(micros, z.Idles == 0)
		z.Idles++
		z.endPhase()
	case !z.open:
		z.active, z.open = micros, true
	default:
		z.active += micros
	}
}

// endPhase counts the active phase under way.
func (z *Zeek) endPhase() {
	if z.open {
		z.Active.add(z.active, z.Actives == 0)
		z.Actives++
		z.open = false
	}
}

// bulk counts a packet with payload. As in the script, the interval reaches back to the
// last packet of the direction of any kind, the direction before the first packet is
// backward, and a run that the other direction ends is counted, but not forgotten.
func (z *Zeek) bulk(limits *Limits, d int, now float64, size uint32, first bool) {
	back := d == 1
	switch gap := now - z.last[d]; {
	case z.backward != back:
		z.commit(limits, 1-d)
	case !first && gap < limits.Bulk:
		z.runPkts[d]++
		z.runBytes[d] += uint64(size)
		z.runTime[d] += gap
		return
	default:
		z.commit(limits, d)
	}
	z.runPkts[d], z.runBytes[d], z.runTime[d] = 1, uint64(size), 0
	z.backward = back
}

// commit counts the run of a direction if it is long enough.
func (z *Zeek) commit(limits *Limits, d int) {
	if z.runPkts[d] >= limits.BulkMin {
		z.Bulks[d]++
		z.BulkPkts[d] += z.runPkts[d]
		z.BulkBytes[d] += z.runBytes[d]
		z.BulkTime[d] += z.runTime[d]
	}
}

// Derive counts what is under way at the end of f, and gives what its ends have sent to
// their roles.
func (z *Zeek) Derive(f *Flow, limits *Limits) {
	z.commit(limits, 0)
	z.commit(limits, 1)
	z.endPhase()
	if originator(f) != 0 {
		z.Sent[0], z.Sent[1] = z.Sent[1], z.Sent[0]
		z.SentPkts[0], z.SentPkts[1] = z.SentPkts[1], z.SentPkts[0]
	}
}

func (s *ZeekSizes) add(x uint32, first bool) {
	if first || x < s.Min {
		s.Min = x
	}
	s.Max = max(s.Max, x)
	s.Sum += uint64(x)
	s.Squares += uint64(x) * uint64(x)
}

func (t *ZeekTimes) add(x float64, first bool) {
	if first || x < t.Min {
		t.Min = x
	}
	t.Max = max(t.Max, x)
	tot := t.Tot + x
	v := tot - t.Tot
	t.low += (t.Tot - (tot - v)) + (x - v)
	t.Tot = tot
	square := float64(x * x)
	t.sq, t.sqLow = twice(t.sq, t.sqLow, square, math.FMA(x, x, -square))
}

// twice adds two numbers of twice the precision, given in two parts each.
func twice(a, aLow, b, bLow float64) (hi, low float64) {
	s := a + b
	v := s - a
	e := (a - (s - v)) + (b - v)
	e += aLow + bLow
	hi = s + e
	return hi, e - (hi - s)
}

// Avg is the mean of n times, 0 without any.
func (t *ZeekTimes) Avg(n uint32) float64 {
	if n == 0 {
		return 0
	}
	return t.Tot / float64(n)
}

// Std is the sample standard deviation of n times, 0 of fewer than two. The script goes
// over all times again; here sums of twice the precision give the same digits.
func (t *ZeekTimes) Std(n uint32) float64 {
	if n < 2 {
		return 0
	}
	// Σ(x−m)² = Σx² − 2m·Σx + n·m², with the script's rounded mean m
	m, k := t.Avg(n), float64(n)
	hi, low := t.sq, t.sqLow
	p := float64(-2 * m * t.Tot)
	hi, low = twice(hi, low, p, math.FMA(-2*m, t.Tot, -p)-float64(2*m*t.low))
	mm := float64(m * m)
	q := float64(k * mm)
	hi, low = twice(hi, low, q, math.FMA(k, mm, -q)+float64(k*math.FMA(m, m, -mm)))
	return math.Sqrt(max(0, hi+low) / (k - 1))
}

// Std is the sample standard deviation of n sizes, 0 of fewer than two.
func (s *ZeekSizes) Std(n uint64) float64 {
	if n < 2 {
		return 0
	}
	m := Moments{N: n, Sum: s.Sum, SqLo: s.Squares, Min: uint64(s.Min), Max: uint64(s.Max)}
	return m.Std()
}
