package flow

import "fm/extract/packet"

// A group is a set of statistics kept beside a flow. A flow has elements of all groups
// that its set needs, side by side in one slot, or of none: a flow of one packet keeps
// that packet instead (see lone.go).
//
// To add a group, write its file (a struct without pointers whose zero value is the
// element of a flow without packets, with the methods below) and add one line in each of
// the six places marked "group:" in this file.
//
//	Add(in *In)   // one packet; must not allocate nor keep what in points to
//	Derive()      // optional: run once on a finished flow, before columns read it
//	inherit(…)    // optional: take over from the flow before, after CutInherit; see groups.inherit
//
// Numbers that are worked out for columns need not lie beside every flow: Sizes and Times
// write theirs to a place that the views of a table share.
//
// The code is written out, group by group, because a call through an interface for each
// packet and group would cost more than most groups do.

// Needs is a set of groups.
type Needs uint32

// The groups.
const (
	NeedCounts Needs = 1 << iota
	NeedSizes
	NeedTimes
	NeedTCP
	NeedEarly
	NeedPayload
	NeedActivity
	NeedBulk
	NeedTurns
	NeedEnvironment
	NeedSequence
	NeedNFStream
	NeedDeepfence // of the Sequence
	NeedZeek
	NeedPyFlowMeter
	NeedFlowContainer // decides what the Sequence lists
	NeedCIC
	NeedCICFixed
	NeedCICPy // with the Sequence
	// group: its Needs constant.
)

// View shows a finished flow and its groups to columns. Groups that no
// column asked for are nil. It is valid only during the call.
type View struct {
	*Flow
	Counts        *Counts
	Sizes         *SizeStats
	Times         *TimeStats
	TCP           *TCP
	Early         *Early
	Payload       *Payload
	Activity      *Activity
	Bulk          *Bulk
	Turns         *Turns
	Environment   *Environment
	Sequence      *Sequence
	Steps         []Step // of Sequence
	NFStream      *NFStream
	Deepfence     *Deepfence
	Zeek          *Zeek
	ZeekConn      *ZeekConn // of a ZeekLife
	PyFlowMeter   *PyFlowMeter
	FlowContainer *FlowContainer
	CIC           *CIC
	CICFixed      *CICFixed
	CICPy         *CICPy
	CICPyStats    *CICPyStats // of CICPy and the Sequence
	// group: a pointer to its element.
}

// In is what a group gets for each packet: the flow before its counters moved, the
// packet, its direction (0 forward, 1 backward) and the bytes of its sample.
type In struct {
	Flow   *Flow
	P      *packet.Packet
	C      *packet.Cold
	Dir    int
	Time   int64  // p.Time, never before the flow's last packet
	N      uint64 // how many packets of the flow came before
	Size   uint32 // of the packet by the set's measure, bytes
	Sample []byte // captured payload within the limits of packet.SampleIP and SampleFrame
	MACs   []byte // destination and source MAC, 12 bytes, or none
}

// groups holds the elements of the groups in use. The elements of a flow lie together,
// in a few pages: in slabs of their own each packet would wait for ten page translations.
type groups struct {
	slots
	needs  Needs
	words  int       // size of a slot, in words of 8 bytes
	starts []uintptr // of the elements in a slot
	chunks [][]uint64

	counts        place[Counts]
	sizes         place[Sizes]
	times         place[Times]
	tcp           place[TCP]
	early         place[Early]
	payload       place[Payload]
	activity      place[Activity]
	bulk          place[Bulk]
	turns         place[Turns]
	environment   place[Environment]
	sequence      place[Sequence]
	nfstream      place[NFStream]
	zeek          place[Zeek]
	pyflowmeter   place[PyFlowMeter]
	flowcontainer place[FlowContainer]
	cic           place[CIC]
	cicFixed      place[CICFixed]
	cicpy         place[CICPy]
	// group: its place.

	pool   pool // of the steps of sequences
	seen   seenSet
	steps  []Step // of the view in hand
	limits Limits

	// What is worked out of an element for the view in hand.
	sizeStats  SizeStats
	timeStats  TimeStats
	deepfence  Deepfence
	cicpyStats CICPyStats
}

// newGroups lays out the groups of n.
func newGroups(n Needs) groups {
	g := groups{needs: n}
	if n&NeedCounts != 0 {
		g.counts.lay(&g)
	}
	if n&NeedSizes != 0 {
		g.sizes.lay(&g)
	}
	if n&NeedTimes != 0 {
		g.times.lay(&g)
	}
	if n&NeedTCP != 0 {
		g.tcp.lay(&g)
	}
	if n&NeedEarly != 0 {
		g.early.lay(&g)
	}
	if n&NeedPayload != 0 {
		g.payload.lay(&g)
	}
	if n&NeedActivity != 0 {
		g.activity.lay(&g)
	}
	if n&NeedBulk != 0 {
		g.bulk.lay(&g)
	}
	if n&NeedTurns != 0 {
		g.turns.lay(&g)
	}
	if n&NeedEnvironment != 0 {
		g.environment.lay(&g)
	}
	if n&NeedSequence != 0 {
		g.sequence.lay(&g)
	}
	if n&NeedNFStream != 0 {
		g.nfstream.lay(&g)
	}
	if n&NeedZeek != 0 {
		g.zeek.lay(&g)
	}
	if n&NeedPyFlowMeter != 0 {
		g.pyflowmeter.lay(&g)
	}
	if n&NeedFlowContainer != 0 {
		g.flowcontainer.lay(&g)
	}
	if n&NeedCIC != 0 {
		g.cic.lay(&g)
	}
	if n&NeedCICFixed != 0 {
		g.cicFixed.lay(&g)
	}
	if n&NeedCICPy != 0 {
		g.cicpy.lay(&g)
	}
	// group: lay it out.
	g.words = (g.words + 7) &^ 7 // whole cache lines
	return g
}

// add hands one packet to every element of a slot.
func (g *groups) add(slot uint32, in *In) {
	n, at := g.needs, g.slot(slot)
	if n&NeedCounts != 0 {
		g.counts.in(at).Add(in)
	}
	if n&NeedSizes != 0 {
		g.sizes.in(at).Add(in)
	}
	if n&NeedTimes != 0 {
		g.times.in(at).Add(in)
	}
	if n&NeedTCP != 0 {
		g.tcp.in(at).Add(in)
	}
	if n&NeedEarly != 0 {
		g.early.in(at).Add(in)
	}
	if n&NeedPayload != 0 {
		g.payload.in(at).Add(in)
	}
	if n&NeedActivity != 0 {
		g.activity.in(at).Add(in)
	}
	if n&NeedBulk != 0 {
		g.bulk.in(at).Add(in)
	}
	if n&NeedTurns != 0 {
		g.turns.in(at).Add(in)
	}
	if n&NeedEnvironment != 0 {
		g.environment.in(at).Add(in)
	}
	if n&NeedSequence != 0 && (n&NeedFlowContainer == 0 || g.flowcontainer.in(at).counts(in)) {
		g.pool.add(g.sequence.in(at), Step{in.P.Time, in.Size, in.P.IPLen, in.P.Payload, in.Dir != 0})
	}
	if n&NeedNFStream != 0 {
		g.nfstream.in(at).Add(in)
	}
	if n&NeedZeek != 0 {
		g.zeek.in(at).Add(in, &g.limits)
	}
	if n&NeedPyFlowMeter != 0 {
		g.pyflowmeter.in(at).Add(in)
	}
	if n&NeedCIC != 0 {
		g.cic.in(at).Add(in)
	}
	if n&NeedCICFixed != 0 {
		g.cicFixed.in(at).Add(in, &g.seen)
	}
	if n&NeedCICPy != 0 {
		g.cicpy.in(at).Add(in)
	}
	// group: add to its element.
}

// view points v at the elements of a slot, and derives what they derive.
func (g *groups) view(slot uint32, v *View) {
	n, at := g.needs, g.slot(slot)
	if n&NeedCounts != 0 {
		v.Counts = g.counts.in(at)
	}
	if n&NeedSizes != 0 {
		g.sizes.in(at).Stats(&g.sizeStats)
		v.Sizes = &g.sizeStats
	}
	if n&NeedTimes != 0 {
		g.times.in(at).Stats(&g.timeStats)
		v.Times = &g.timeStats
	}
	if n&NeedTCP != 0 {
		v.TCP = g.tcp.in(at)
	}
	if n&NeedEarly != 0 {
		v.Early = g.early.in(at)
	}
	if n&NeedPayload != 0 {
		v.Payload = g.payload.in(at)
	}
	if n&NeedActivity != 0 {
		v.Activity = g.activity.in(at)
		v.Activity.Derive()
	}
	if n&NeedBulk != 0 {
		v.Bulk = g.bulk.in(at)
		v.Bulk.Derive()
	}
	if n&NeedTurns != 0 {
		v.Turns = g.turns.in(at)
	}
	if n&NeedEnvironment != 0 {
		v.Environment = g.environment.in(at)
	}
	if n&NeedSequence != 0 {
		v.Sequence = g.sequence.in(at)
		g.steps = g.pool.steps(g.steps[:0], v.Sequence)
		v.Steps = g.steps
	}
	if n&NeedNFStream != 0 {
		v.NFStream = g.nfstream.in(at)
	}
	if n&NeedDeepfence != 0 {
		g.deepfence.derive(v)
		v.Deepfence = &g.deepfence
	}
	if n&NeedZeek != 0 {
		v.Zeek = g.zeek.in(at)
		v.Zeek.Derive(v.Flow, &g.limits)
	}
	if n&NeedPyFlowMeter != 0 {
		v.PyFlowMeter = g.pyflowmeter.in(at)
	}
	if n&NeedFlowContainer != 0 {
		v.FlowContainer = g.flowcontainer.in(at)
	}
	if n&NeedCIC != 0 {
		v.CIC = g.cic.in(at)
	}
	if n&NeedCICFixed != 0 {
		v.CICFixed = g.cicFixed.in(at)
	}
	if n&NeedCICPy != 0 {
		v.CICPy = g.cicpy.in(at)
		g.cicpyStats.derive(v)
		v.CICPyStats = &g.cicpyStats
	}
	// group: point at its element; call its Derive if it has one.
}
