package flow

import "fm/extract/packet"

// Measure says which length of a packet a set counts. Tools use five under almost the
// same names.
type Measure uint8

// Measures, in bytes.
const (
	WireLength      Measure = iota // the frame on the wire, padding and outer headers included
	CapturedLength                 // the frame as captured
	IPLength                       // the IP packet, by its header
	TransportLength                // what lies behind the IP header, of TCP, UDP and ICMP; 0 of others
	PayloadLength                  // payload of TCP, UDP and ICMP, by the headers; 0 of others
)

func (m Measure) of(p *packet.Packet) uint32 {
	switch m {
	case WireLength:
		return p.WireLen
	case CapturedLength:
		return p.CapLen
	case IPLength:
		return p.IPLen
	}
	switch p.Key.Proto {
	case packet.ProtoTCP, packet.ProtoUDP, packet.ProtoICMP, packet.ProtoICMPv6:
	default:
		return 0
	}
	if m == PayloadLength {
		return p.Payload
	}
	return p.IPLen - min(p.IPLen, uint32(p.IPHeader))
}
