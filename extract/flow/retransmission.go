package flow

import "fm/extract/packet"

// analysis tells retransmissions of a TCP stream by the rules of Wireshark 4.0.17, with
// its preferences as they come: fast, spurious and other ones, but neither keep-alives nor
// segments that only came out of order.
type analysis struct {
	sides     [2]segments // of the key's endpoints
	synTime   int64       // of the last SYN, ns; 0 none
	roundTrip int64       // from it to the first ACK, ns; 0 unknown
}

// segments is what one endpoint sent.
type segments struct {
	nextTime   int64  // when next grew, ns
	ackTime    int64  // of the last segment, ns
	next       uint32 // behind the highest sequence number; 0 nothing was sent
	continuous uint32 // behind the last one before a hole
	ack        uint32 // last acknowledged
	repeated   int32  // how often in a row; -1 behind an acknowledgement of what was not seen
	window     uint16
	sent       bool // anything
	keepAlive  bool // the last segment kept alive,
	probe      bool // or probed a window of 0
}

// fastTime is how long behind a repeated acknowledgement a retransmission is fast, and
// disorder how long behind the highest sequence number a lower one only came late, where
// the round trip is not known, ns.
const (
	fastTime = 20e6
	disorder = 3e6
)

// below tells that the sequence number x lies before y.
func below(x, y uint32) bool { return int32(x-y) < 0 }

// retransmission takes in a segment and tells whether it is one.
func (a *analysis) retransmission(p *packet.Packet, c *packet.Cold) (again bool) {
	const acted = packet.SYN | packet.FIN | packet.RST
	side := sideOf(p)
	fwd, rev := &a.sides[side], &a.sides[1-side]
	seq, ack, size, flags, window := c.Seq32, c.Ack, p.Payload, p.Flags, p.Window
	if flags&(packet.SYN|packet.ACK) == packet.SYN && fwd.next != 0 {
		fwd.next = fwd.continuous // the same SYN again: a reset may have moved it
	}
	probe := size == 1 && seq == fwd.next && rev.sent && rev.window == 0
	keepAlive := !probe && size <= 1 && seq == fwd.next-1 && flags&acted == 0
	plain := !probe && size == 0 && window == fwd.window && seq == fwd.next && ack == fwd.ack && flags&acted == 0
	switch {
	case !plain:
	case window != 0 && rev.keepAlive, window == 0 && rev.probe: // answers
	case window != 0 && fwd.repeated == -1:
		fwd.repeated = 1
	case window != 0:
		fwd.repeated++
	}
	if ack != fwd.ack {
		fwd.repeated = 0
	}
	if rev.continuous != 0 && below(rev.continuous, ack) && flags&packet.ACK != 0 {
		if below(rev.continuous, rev.next) {
			rev.continuous = rev.next
		} else {
			rev.repeated = -1
		}
	}
	end := size
	if flags&(packet.SYN|packet.FIN) != 0 {
		end++
	}
	if end > 0 && !keepAlive {
		again = a.repeats(fwd, rev, p.Time, seq, size, end)
	}
	if next := seq + end; (below(fwd.next, next) || fwd.next == 0) && !probe {
		fwd.next, fwd.nextTime = next, p.Time
	}
	if (seq == fwd.continuous || fwd.continuous == 0) && !probe {
		fwd.continuous = fwd.next
	}
	fwd.sent, fwd.window, fwd.ack, fwd.ackTime, fwd.keepAlive, fwd.probe = true, window, ack, p.Time, keepAlive, probe
	switch flags & (packet.SYN | packet.ACK) {
	case packet.SYN:
		a.synTime = p.Time
	case packet.ACK:
		if a.synTime != 0 && a.roundTrip == 0 {
			a.roundTrip = p.Time - a.synTime
		}
	}
	return again
}

// repeats tells whether a segment of size bytes, which moves the sequence number by end,
// was sent before.
func (a *analysis) repeats(fwd, rev *segments, now int64, seq, size, end uint32) bool {
	behind := fwd.next != 0 && below(seq, fwd.next) && (size <= 1 || fwd.next-1 != seq)
	if size > 0 && rev.ack != 0 && !below(rev.ack, seq+size) {
		return true // spurious
	}
	if !behind {
		return false
	}
	if rev.repeated >= 2 && rev.ack == seq && uint64(now-rev.ackTime) < fastTime {
		return true
	}
	late := uint64(disorder)
	if a.roundTrip != 0 {
		late = uint64(a.roundTrip)
	}
	return uint64(now-fwd.nextTime) >= late || fwd.next == seq+end
}
