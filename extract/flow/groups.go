package flow

import "fm/extract/packet"

// Needs is a set of groups.
type Needs uint32

// View shows a finished (or partial) flow and its groups to columns. Groups that no
// column asked for are nil. It is valid only during the call.
type View struct {
	*Flow
	// One pointer a group, added with the group's file: Sizes *Sizes …
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
