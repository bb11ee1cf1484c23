package flow

import "fm/extract/packet"

// streams are Wireshark's rules (4.0.17) on which packets of the same endpoints are one
// conversation: a SYN whose sequence number is not the one that its sender began with opens
// another one of TCP. Nothing else ends a conversation, and silence does not.
//
// What each endpoint began with lies in Flow.Life[0], the key's endpoint A in the lower
// half; that it is known, in the bits of Life[1].
type streams struct{}

// opens tells whether p begins another stream of the endpoints of f.
func (streams) opens(f *Flow, p *packet.Packet, c *packet.Cold) bool {
	if p.Key.Proto != packet.ProtoTCP || p.Flags&(packet.SYN|packet.ACK) != packet.SYN {
		return false
	}
	side := sideOf(p)
	return f.Life[1]>>side&1 != 0 && uint32(f.Life[0]>>(32*side)) != c.Seq32
}

// note learns from p with which sequence numbers its endpoints began.
func (streams) note(f *Flow, p *packet.Packet, c *packet.Cold) {
	if p.Key.Proto != packet.ProtoTCP {
		return
	}
	side := sideOf(p)
	set := func(side uint, number uint32) {
		f.Life[0] = f.Life[0]&^(0xffffffff<<(32*side)) | uint64(number)<<(32*side)
		f.Life[1] |= 1 << side
	}
	if f.Life[1]>>side&1 != 0 {
		if p.Flags&(packet.SYN|packet.ACK) == packet.SYN|packet.ACK {
			set(side, c.Seq32)
		}
	} else if c.Bits&(packet.BitFragment|packet.BitLater) == 0 {
		number := c.Seq32
		if p.Flags&packet.SYN == 0 {
			number--
		}
		set(side, number)
	}
	if p.Flags&packet.ACK != 0 && f.Life[1]>>(1-side)&1 == 0 && c.Bits&packet.BitFragment == 0 {
		set(1-side, c.Ack-1)
	}
}

// sideOf is 0 for a packet sent by the key's endpoint A, 1 for one of B.
func sideOf(p *packet.Packet) uint {
	if p.FromA {
		return 0
	}
	return 1
}
