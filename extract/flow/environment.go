package flow

import "fm/extract/packet"

// Environment is what tells networks, hosts and captures apart rather than behaviour;
// index 0 is forward.
type Environment struct {
	Window  [2]uint16 // of the first TCP packet, as sent
	MSS     [2]uint16 // option of the first SYN that has it
	WScale  [2]uint8
	TTL     [2]uint8 // of the first packet
	TTLMin  [2]uint8
	TTLMax  [2]uint8
	Options [2]uint8 // options of the first TCP packet
	N       [2]uint32
	TCP     [2]bool
	// Of the IPv4 identifications: how many, how many were 0, how many followed the
	// one before by 1.
	IPID     [2]uint32
	IPIDZero [2]uint32
	IPIDNext [2]uint32
	last     [2]uint16
	SnapLen  uint32
	Link     uint16
	VLANs    uint8
}

// Add counts one packet.
func (e *Environment) Add(in *In) {
	d, p, c := in.Dir&1, in.P, in.C
	if e.N[0]+e.N[1] == 0 {
		e.SnapLen, e.Link, e.VLANs = c.SnapLen, c.Link, c.VLANs
	}
	if e.N[d] == 0 {
		e.TTL[d], e.TTLMin[d], e.TTLMax[d] = p.TTL, p.TTL, p.TTL
	}
	e.TTLMin[d], e.TTLMax[d] = min(e.TTLMin[d], p.TTL), max(e.TTLMax[d], p.TTL)
	e.N[d]++
	if p.Key.Kind&packet.KindIPv6 == 0 {
		if e.IPID[d] > 0 && c.IPID == e.last[d]+1 {
			e.IPIDNext[d]++
		}
		if c.IPID == 0 {
			e.IPIDZero[d]++
		}
		e.IPID[d]++
		e.last[d] = c.IPID
	}
	if p.Key.Proto == protoTCP && c.Bits&(packet.BitLater|packet.BitTruncated) == 0 {
		if !e.TCP[d] {
			e.TCP[d], e.Window[d], e.Options[d] = true, p.Window, c.Options
			e.MSS[d], e.WScale[d] = c.MSS, c.WScale
		}
	}
}
