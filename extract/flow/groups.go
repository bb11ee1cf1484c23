package flow

import (
	"unsafe"

	"fm/extract/packet"
)

// A group is a set of statistics kept beside a flow, one element a flow, in a slab of
// its own. A flow has elements of all groups that its set needs, or of none: a flow of
// one packet keeps that packet instead (see lone.go).
//
// To add a group, write its file (a struct without pointers, with the methods below)
// and add one line in each of the nine places marked "group:" in this file.
//
//	Reset()       // back to a flow without packets: slots are used again
//	Add(in *In)   // one packet; must not allocate nor keep what in points to
//	Derive()      // optional: run once on a finished flow, before columns read it
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
	// group: its Needs constant.
)

// View shows a finished (or partial) flow and its groups to columns. Groups that no
// column asked for are nil. It is valid only during the call.
type View struct {
	*Flow
	Counts      *Counts
	Sizes       *SizeStats
	Times       *TimeStats
	TCP         *TCP
	Early       *Early
	Payload     *Payload
	Activity    *Activity
	Bulk        *Bulk
	Turns       *Turns
	Environment *Environment
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
	Sample []byte // captured payload within the limits of packet.SampleIP and SampleFrame
}

// groups holds the slabs of the groups in use; their slots are numbered alike.
type groups struct {
	slots
	needs       Needs
	counts      slab[Counts]
	sizes       slab[Sizes]
	times       slab[Times]
	tcp         slab[TCP]
	early       slab[Early]
	payload     slab[Payload]
	activity    slab[Activity]
	bulk        slab[Bulk]
	turns       slab[Turns]
	environment slab[Environment]
	// group: its slab.

	// What is worked out of an element for the view in hand.
	sizeStats SizeStats
	timeStats TimeStats
}

// grow adds a chunk to every slab in use.
func (g *groups) grow() {
	n := g.needs
	if n&NeedCounts != 0 {
		g.counts.grow()
	}
	if n&NeedSizes != 0 {
		g.sizes.grow()
	}
	if n&NeedTimes != 0 {
		g.times.grow()
	}
	if n&NeedTCP != 0 {
		g.tcp.grow()
	}
	if n&NeedEarly != 0 {
		g.early.grow()
	}
	if n&NeedPayload != 0 {
		g.payload.grow()
	}
	if n&NeedActivity != 0 {
		g.activity.grow()
	}
	if n&NeedBulk != 0 {
		g.bulk.grow()
	}
	if n&NeedTurns != 0 {
		g.turns.grow()
	}
	if n&NeedEnvironment != 0 {
		g.environment.grow()
	}
	// group: grow its slab.
}

// reset empties the elements of a slot.
func (g *groups) reset(slot uint32) {
	n := g.needs
	if n&NeedCounts != 0 {
		g.counts.at(slot).Reset()
	}
	if n&NeedSizes != 0 {
		g.sizes.at(slot).Reset()
	}
	if n&NeedTimes != 0 {
		g.times.at(slot).Reset()
	}
	if n&NeedTCP != 0 {
		g.tcp.at(slot).Reset()
	}
	if n&NeedEarly != 0 {
		g.early.at(slot).Reset()
	}
	if n&NeedPayload != 0 {
		g.payload.at(slot).Reset()
	}
	if n&NeedActivity != 0 {
		g.activity.at(slot).Reset()
	}
	if n&NeedBulk != 0 {
		g.bulk.at(slot).Reset()
	}
	if n&NeedTurns != 0 {
		g.turns.at(slot).Reset()
	}
	if n&NeedEnvironment != 0 {
		g.environment.at(slot).Reset()
	}
	// group: reset its element.
}

// touch reads from every element of a slot, so that its memory is on the way when add needs it.
func (g *groups) touch(slot uint32) byte {
	n, sum := g.needs, byte(0)
	if n&NeedCounts != 0 {
		sum += g.counts.touch(slot)
	}
	if n&NeedSizes != 0 {
		sum += g.sizes.touch(slot)
	}
	if n&NeedTimes != 0 {
		sum += g.times.touch(slot)
	}
	if n&NeedTCP != 0 {
		sum += g.tcp.touch(slot)
	}
	if n&NeedEarly != 0 {
		sum += g.early.touch(slot)
	}
	if n&NeedPayload != 0 {
		sum += g.payload.touch(slot)
	}
	if n&NeedActivity != 0 {
		sum += g.activity.touch(slot)
	}
	if n&NeedBulk != 0 {
		sum += g.bulk.touch(slot)
	}
	if n&NeedTurns != 0 {
		sum += g.turns.touch(slot)
	}
	if n&NeedEnvironment != 0 {
		sum += g.environment.touch(slot)
	}
	// group: touch its element.
	return sum
}

// add hands one packet to every element of a slot.
func (g *groups) add(slot uint32, in *In) {
	n := g.needs
	if n&NeedCounts != 0 {
		g.counts.at(slot).Add(in)
	}
	if n&NeedSizes != 0 {
		g.sizes.at(slot).Add(in)
	}
	if n&NeedTimes != 0 {
		g.times.at(slot).Add(in)
	}
	if n&NeedTCP != 0 {
		g.tcp.at(slot).Add(in)
	}
	if n&NeedEarly != 0 {
		g.early.at(slot).Add(in)
	}
	if n&NeedPayload != 0 {
		g.payload.at(slot).Add(in)
	}
	if n&NeedActivity != 0 {
		g.activity.at(slot).Add(in)
	}
	if n&NeedBulk != 0 {
		g.bulk.at(slot).Add(in)
	}
	if n&NeedTurns != 0 {
		g.turns.at(slot).Add(in)
	}
	if n&NeedEnvironment != 0 {
		g.environment.at(slot).Add(in)
	}
	// group: add to its element.
}

// view points v at the elements of a slot, and derives what they derive.
func (g *groups) view(slot uint32, v *View) {
	n := g.needs
	if n&NeedCounts != 0 {
		v.Counts = g.counts.at(slot)
	}
	if n&NeedSizes != 0 {
		g.sizes.at(slot).Stats(&g.sizeStats)
		v.Sizes = &g.sizeStats
	}
	if n&NeedTimes != 0 {
		g.times.at(slot).Stats(&g.timeStats)
		v.Times = &g.timeStats
	}
	if n&NeedTCP != 0 {
		v.TCP = g.tcp.at(slot)
	}
	if n&NeedEarly != 0 {
		v.Early = g.early.at(slot)
	}
	if n&NeedPayload != 0 {
		v.Payload = g.payload.at(slot)
	}
	if n&NeedActivity != 0 {
		v.Activity = g.activity.at(slot)
		v.Activity.Derive()
	}
	if n&NeedBulk != 0 {
		v.Bulk = g.bulk.at(slot)
		v.Bulk.Derive()
	}
	if n&NeedTurns != 0 {
		v.Turns = g.turns.at(slot)
	}
	if n&NeedEnvironment != 0 {
		v.Environment = g.environment.at(slot)
	}
	// group: point at its element; call its Derive if it has one.
}

// bytes is the memory of one slot.
func (g *groups) bytes() int {
	n, sum := g.needs, uintptr(0)
	if n&NeedCounts != 0 {
		sum += unsafe.Sizeof(Counts{})
	}
	if n&NeedSizes != 0 {
		sum += unsafe.Sizeof(Sizes{})
	}
	if n&NeedTimes != 0 {
		sum += unsafe.Sizeof(Times{})
	}
	if n&NeedTCP != 0 {
		sum += unsafe.Sizeof(TCP{})
	}
	if n&NeedEarly != 0 {
		sum += unsafe.Sizeof(Early{})
	}
	if n&NeedPayload != 0 {
		sum += unsafe.Sizeof(Payload{})
	}
	if n&NeedActivity != 0 {
		sum += unsafe.Sizeof(Activity{})
	}
	if n&NeedBulk != 0 {
		sum += unsafe.Sizeof(Bulk{})
	}
	if n&NeedTurns != 0 {
		sum += unsafe.Sizeof(Turns{})
	}
	if n&NeedEnvironment != 0 {
		sum += unsafe.Sizeof(Environment{})
	}
	// group: the size of its element.
	return int(sum)
}

// obtain takes an empty slot.
func (g *groups) obtain() uint32 {
	slot, grow := g.take()
	if grow {
		g.grow()
	}
	g.reset(slot)
	return slot
}
