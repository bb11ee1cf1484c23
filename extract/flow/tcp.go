package flow

import "fm/extract/packet"

// TCP follows a TCP connection in both directions; index 0 is forward.
type TCP struct {
	Flags       [2][8]uint32 // packets with each flag, FIN first, CWR last
	Retransmit  [2]uint32    // segments whose bytes had all been seen
	OutOfOrder  [2]uint32    // segments that filled a hole left before
	KeepAlive   [2]uint32    // probes of one byte, just before the next expected
	ZeroWindow  [2]uint32    // packets but SYN and RST that offer no window
	Packets     uint32
	next        [2]uint32 // next sequence number expected
	hole        [2]uint32 // start of the last hole left
	holeEnd     [2]uint32 // its end; no hole if equal
	acked       [2]uint32 // first acknowledgement number sent in this direction
	have        [2]bool   // next is set
	syn, synack int64     // times of the first SYN and of the first answer, ns
	ack         int64     // time of the first forward ACK behind it
	marks       uint16
}

// What a connection went through.
const (
	markSYN uint16 = 1 << iota // initiator's SYN seen
	markSYNACK
	markACK
	markHalf      // payload came after the other way's end from a side that had not finished
	markFirstAck0 // acked[0] is set
	markFirstAck1
	markAcks0 // the acknowledgement number of the forward side moved on
	markAcks1
	markClosed0 // the forward side was the first to send FIN or RST
	markClosed1
	markFIN0
	markFIN1
)

// Add counts one packet.
func (t *TCP) Add(in *In) {
	p := in.P
	cut := in.C.Bits&packet.BitTruncated != 0
	if p.Key.Proto != protoTCP || in.C.Bits&packet.BitLater != 0 || cut && p.Flags == 0 {
		return // no header, or too little of it
	}
	d := in.Dir & 1
	t.Packets++
	for i, f := 0, p.Flags; f != 0; i, f = i+1, f>>1 {
		t.Flags[d][i&7] += uint32(f & 1)
	}
	if p.Window == 0 && !cut && p.Flags&(packet.SYN|packet.RST) == 0 {
		t.ZeroWindow[d]++
	}
	t.handshake(d, in)
	t.sequence(d, in)
	t.end(d, in)
}

func (t *TCP) handshake(d int, in *In) {
	f := in.P.Flags
	switch {
	case f&(packet.SYN|packet.ACK|packet.RST) == packet.SYN && d == 0:
		if t.marks&markSYN == 0 {
			t.marks |= markSYN
			t.syn = in.Time
		}
	case f&(packet.SYN|packet.ACK|packet.RST) == packet.SYN|packet.ACK && d == 1:
		if t.marks&markSYNACK == 0 {
			t.marks |= markSYNACK
			t.synack = in.Time
		}
	case f&packet.ACK != 0 && d == 0 && t.marks&(markSYNACK|markACK) == markSYNACK:
		t.marks |= markACK
		t.ack = in.Time
	}
	if f&(packet.ACK|packet.RST) == packet.ACK {
		if t.marks&(markFirstAck0<<d) == 0 {
			t.marks |= markFirstAck0 << d
			t.acked[d] = in.C.Ack
		} else if in.C.Ack != t.acked[d] {
			t.marks |= markAcks0 << d
		}
	}
}

// sequence compares a segment with what was expected next in its direction.
func (t *TCP) sequence(d int, in *In) {
	length := in.P.Payload
	if in.P.Flags&packet.SYN != 0 {
		length++
	}
	if in.P.Flags&packet.FIN != 0 {
		length++
	}
	if length == 0 || in.P.Flags&packet.RST != 0 {
		return
	}
	seq := in.C.Seq32
	end := seq + length
	if !t.have[d] {
		t.have[d], t.next[d] = true, end
		return
	}
	switch ahead := int32(seq - t.next[d]); {
	case ahead >= 0:
		if ahead > 0 {
			t.hole[d], t.holeEnd[d] = t.next[d], seq
		}
		t.next[d] = end
	case int32(end-t.next[d]) > 0: // some new bytes
		t.next[d] = end
	case seq == t.next[d]-1 && length == 1 && in.P.Flags&(packet.SYN|packet.FIN) == 0:
		t.KeepAlive[d]++
	case int32(seq-t.hole[d]) >= 0 && int32(t.holeEnd[d]-end) >= 0 && t.hole[d] != t.holeEnd[d]:
		t.OutOfOrder[d]++
		if seq == t.hole[d] {
			t.hole[d] = end
		} else {
			t.holeEnd[d] = seq
		}
	default:
		t.Retransmit[d]++
	}
}

func (t *TCP) end(d int, in *In) {
	if in.P.Payload > 0 && t.marks&(markFIN0<<(1-d)) != 0 && t.marks&(markFIN0<<d) == 0 {
		t.marks |= markHalf
	}
	if in.P.Flags&(packet.FIN|packet.RST) != 0 {
		if t.marks&(markClosed0|markClosed1) == 0 {
			t.marks |= markClosed0 << d
		}
		if in.P.Flags&packet.FIN != 0 {
			t.marks |= markFIN0 << d
		}
	}
}

// SYNACK is the time from the initiator's first SYN to the first SYN-ACK, ns.
func (t *TCP) SYNACK() (ns int64, ok bool) {
	return max(0, t.synack-t.syn), t.marks&(markSYN|markSYNACK) == markSYN|markSYNACK
}

// ACK is the time from the first SYN-ACK to the initiator's first ACK behind it, ns.
func (t *TCP) ACK() (ns int64, ok bool) { return max(0, t.ack-t.synack), t.marks&markACK != 0 }

// HalfClosed tells whether one side sent payload after the other had finished.
func (t *TCP) HalfClosed() bool { return t.marks&markHalf != 0 }

// ClosedBy tells whether direction d sent the first FIN or RST.
func (t *TCP) ClosedBy(d int) bool { return t.marks&(markClosed0<<d) != 0 }

// Acks tells whether direction d acknowledged more and more bytes: the other side sent
// payload even if the capture does not show it.
func (t *TCP) Acks(d int) bool { return t.marks&(markAcks0<<d) != 0 }
