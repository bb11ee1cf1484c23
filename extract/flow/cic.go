package flow

import (
	"math"

	"fm/extract/packet"
)

// CICCore is what CICFlowMeter and its fork both compute, in their order of operations, so
// that the last digit agrees. Times and gaps are whole microseconds, and gaps negative where
// packets have such times; sizes are bytes of transport payload.
type CICCore struct {
	Ways    [2]CICWay
	Sizes   CICMoments // of all packets; see CIC
	Gaps    CICRange   // between neighbours, whatever their direction
	Active  CICRange   // phases without a long gap, but for the last
	Idle    CICRange   // gaps longer than the activity timeout
	Actives uint32     // how many
	Idles   uint32
	Breaks  uint32    // gaps longer than a second
	First   uint32    // size of the first packet
	Flags   [8]uint32 // packets with each TCP flag, by its bit
	Last    int64     // time of the last packet
	phase   int64     // when the phase in hand began
}

// CICWay is one direction.
type CICWay struct {
	Bytes    uint64
	Headers  uint64 // sum of transport headers
	N        uint32
	Min, Max uint32 // sizes
	Data     uint32 // packets with payload
	Sizes    CICMoments
	Gaps     CICRange // N-1 of them
	Total    int64    // their sum
	last     int64
	Window   uint16 // see CIC and CICFixed
	Segment  uint16 // shortest transport header; see CIC and CICFixed
}

// CICMoments are mean and second central moment, updated as Commons Math does.
type CICMoments struct{ Mean, m2 float64 }

// add takes the nth value.
func (m *CICMoments) add(n uint32, x float64) {
	d := x - m.Mean
	step := d / float64(n)
	m.Mean += step
	m.m2 += float64((float64(n) - 1) * d * step) // no fused multiply-add
}

// Variance is the sample variance of n values, 0 of fewer than two.
func (m *CICMoments) Variance(n uint32) float64 {
	if n < 2 {
		return 0
	}
	return m.m2 / float64(n-1)
}

// Std is the sample standard deviation of n values, 0 of fewer than two.
func (m *CICMoments) Std(n uint32) float64 { return math.Sqrt(m.Variance(n)) }

// CICRange are moments with the smallest and the largest of some whole numbers.
type CICRange struct {
	CICMoments
	Min, Max int64
}

// add takes the nth value.
func (r *CICRange) add(n uint32, x int64) {
	if n == 1 {
		r.Min, r.Max = x, x
	}
	r.Min, r.Max = min(r.Min, x), max(r.Max, x)
	r.CICMoments.add(n, float64(x))
}

// cicMost is how many packets of a direction enter the groups: their counters end there.
const cicMost = 1<<31 - 2

// cicLong is the gap above which a subflow begins and a bulk ends, µs.
const cicLong = 1_000_000

// n is the number of packets so far.
func (c *CICCore) n() uint32 { return c.Ways[0].N + c.Ways[1].N }

// add counts a packet of so many bytes at time t.
func (c *CICCore) add(in *In, t int64, size, header uint32) {
	w := &c.Ways[in.Dir&1]
	if in.N == 0 {
		c.First, c.phase = size, t
	} else {
		gap := t - c.Last
		if gap > cicLong {
			c.Breaks++
		}
		if gap > cicOf(in.Flow).activity {
			if c.Last > c.phase {
				c.Actives++
				c.Active.add(c.Actives, c.Last-c.phase)
			}
			c.Idles++
			c.Idle.add(c.Idles, gap)
			c.phase = t
		}
		c.Gaps.add(c.n(), gap)
	}
	c.Last = t
	if w.N == 0 {
		w.Min, w.Max = size, size
	} else {
		gap := t - w.last
		w.Total += gap
		w.Gaps.add(w.N, gap)
		w.Min, w.Max = min(w.Min, size), max(w.Max, size)
	}
	w.last = t
	w.N++
	w.Bytes += uint64(size)
	w.Headers += uint64(header)
	w.Sizes.add(w.N, float64(size))
	for i := range c.Flags {
		c.Flags[i] += uint32(in.P.Flags>>i) & 1
	}
}

// CICBulk are the runs of at least four packets with payload without a long gap.
type CICBulk struct {
	Bytes          uint64
	Time           int64
	Count, Packets uint32
	start, last    int64  // of the run in hand; start is 0 without one
	bytes          uint32 // of its first four packets
	run            uint8  // its packets, no more than four counted
}

func (b *CICBulk) add(t int64, size uint32) {
	switch {
	case b.start == 0 || t-b.last > cicLong:
		b.start, b.run, b.bytes = t, 1, size
	case b.run < 4:
		b.run++
		b.bytes += size
		if b.run == 4 {
			b.Count++
			b.Packets += 4
			b.Bytes += uint64(b.bytes)
			b.Time += t - b.start
		}
	default:
		b.Packets++
		b.Bytes += uint64(size)
		b.Time += t - b.last
	}
	b.last = t
}

// CIC is the group of CICFlowMeter. The first packet counts twice in Sizes. Of the ways, the
// window is that of the first forward and of the last backward packet, Data leaves out the
// flow's first packet and Segment is kept forward only.
type CIC struct {
	CICCore
	Bulk  CICBulk // of both directions together
	Opens uint8   // TCP flags of the first packet
}

// Add counts one packet.
func (c *CIC) Add(in *In) {
	var size, header uint32
	if p := in.P; p.Key.Proto == protoTCP || p.Key.Proto == packet.ProtoUDP {
		size, header = p.Payload, uint32(p.L4Header)
	}
	t := Micros(in.P.Time)
	w := &c.Ways[in.Dir&1]
	if w.N >= cicMost {
		return
	}
	if in.N == 0 {
		c.Opens = in.P.Flags
		c.Sizes.add(1, float64(size))
	}
	c.Sizes.add(c.n()+2, float64(size))
	switch {
	case in.Dir != 0:
		w.Window = in.P.Window
	case in.N == 0:
		w.Window, w.Segment = in.P.Window, uint16(header)
	default:
		w.Segment = min(w.Segment, uint16(header))
		if size > 0 {
			w.Data++
		}
	}
	c.add(in, t, size, header)
	if size > 0 {
		c.Bulk.add(t, size)
	}
}

// CICFixed is the group of the fork of Engelen et al. Window of a way is that of the flow's
// first packet, or of the backward way the first that is not 0; Segment starts at 0 but in
// the way of the first packet.
type CICFixed struct {
	CICCore
	Bulks    [2]CICBulk
	Forward  [3]uint32 // forward packets with the TCP flags RST, PSH and URG
	Repeated [2]uint32 // TCP packets like one before, see seenSet
	seen     Seen
}

// Add counts one packet.
func (c *CICFixed) Add(in *In, all *seenSet) {
	var size, header uint32
	p := in.P
	switch p.Key.Proto {
	case protoTCP, packet.ProtoUDP, packet.ProtoSCTP:
		size, header = p.Payload, uint32(p.L4Header)
	}
	t, way := Micros(p.Time), in.Dir&1
	w := &c.Ways[way]
	if w.N >= cicMost {
		return
	}
	switch {
	case in.N == 0:
		w.Window, w.Segment = p.Window, uint16(header)
	case way == 1 && w.Window == 0:
		w.Window = p.Window
	}
	w.Segment = min(w.Segment, uint16(header))
	if size > 0 {
		w.Data++
	}
	if way == 0 {
		c.Forward[0] += uint32(p.Flags>>2) & 1
		c.Forward[1] += uint32(p.Flags>>3) & 1
		c.Forward[2] += uint32(p.Flags>>5) & 1
	}
	c.Sizes.add(c.n()+1, float64(size))
	c.add(in, t, size, header)
	b := &c.Bulks[way]
	if c.Bulks[1-way].last > b.start {
		b.start = 0
	}
	if size > 0 {
		b.add(t, size)
	}
	if p.Key.Proto == protoTCP && all.add(&c.seen, in, size) {
		c.Repeated[way]++
	}
}

// inherit takes over what a connection has sent from the row before.
func (c *CICFixed) inherit(f *Flow, from *CICFixed) {
	if cicOf(f).before != 0 {
		c.seen, from.seen = from.seen, Seen{}
	}
}
