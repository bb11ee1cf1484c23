package packet

// jScan walks the headers of a frame in jNetPcap's way and keeps where the first of each
// kind lies.
type jScan struct {
	b    []byte
	fork bool

	ip, tcp, udp, icmp, sctp jHeader
}

// jHeader is a header that was found.
type jHeader struct {
	found               bool
	at, length, payload int
}

// jKind is a kind of header.
type jKind uint8

const (
	jNone jKind = iota // the rest is payload
	jEthernet
	jVLAN
	jLLC
	jSNAP
	jIPv4
	jIPv6
	jTCP
	jUDP
	jICMP
	jSCTP
	jL2TP
	jPPP
)

func (s *jScan) at(i int) byte {
	if i < 0 || i >= len(s.b) {
		return 0
	}
	return s.b[i]
}

func (s *jScan) at16(i int) uint16 { return uint16(s.at(i))<<8 | uint16(s.at(i+1)) }

// jEtherType is what an EtherType announces.
func jEtherType(t uint16) jKind {
	switch carried(t) {
	case etherIPv4:
		return jIPv4
	case etherIPv6:
		return jIPv6
	case 0x8100, 0x88a8, 0x9100:
		return jVLAN
	}
	return jNone
}

// jProtocol is what a protocol number in an IP header announces.
func jProtocol(proto byte) jKind {
	switch proto {
	case ProtoICMP:
		return jICMP
	case protoIPv4:
		return jIPv4
	case ProtoTCP:
		return jTCP
	case ProtoUDP:
		return jUDP
	case protoL2TP:
		return jL2TP
	case ProtoSCTP:
		return jSCTP
	}
	return jNone
}

// scan walks from the start of the frame, which is a header of the given kind; wire is the
// frame's length on the wire.
func (s *jScan) scan(kind jKind, wire int) {
	have := len(s.b) // where the bytes end that count
	ethernet := false
	for off := 0; kind != jNone && off < have; {
		length, payload, postfix, next := 0, 0, 0, jNone
		left := have - off
		switch kind {
		case jEthernet:
			if left < 14 {
				return
			}
			length = 14
			if t := s.at16(off + 12); t < 0x600 {
				next, payload, postfix = jLLC, int(t)-14, have-int(t)
			} else {
				next = jEtherType(t)
			}
		case jVLAN:
			if left < 4 {
				return
			}
			length = 4
			if left >= 14 {
				if t := s.at16(off + 2); t < 0x600 {
					next, payload = jLLC, int(t)-4-off
				} else {
					next = jEtherType(t)
				}
			}
		case jLLC:
			if left < 4 {
				return
			}
			length = 4 - int(s.at(off+2)&1)
			if s.at(off) == 0xaa {
				next = jSNAP
			}
		case jSNAP:
			if left < 4 {
				return
			}
			length = 5
			if s.at(off)|s.at(off+1)|s.at(off+2) == 0 {
				next = jEtherType(s.at16(off + 3))
			}
		case jIPv4:
			if left < 20 {
				return
			}
			total := int(s.at16(off + 2))
			length = int(s.at(off)&15) * 4
			if s.fork {
				if length > left {
					return
				}
				if total == 0 {
					total = left
				}
			}
			payload = total - length
			if ethernet && total <= have && left > total {
				have = off + total
			}
			frag := s.at16(off + 6)
			if frag&0x2000 != 0 {
				payload = have - length - off
			}
			if frag&0x1fff == 0 {
				next = jProtocol(s.at(off + 9))
			}
		case jIPv6:
			if left < 40 {
				return
			}
			length, payload, next = s.ipv6(off, have)
		case jTCP:
			if left < 20 {
				return
			}
			length = int(s.at(off+12)>>4) * 4
		case jUDP:
			if left < 8 {
				return
			}
			length = 8
			src, dst := s.at16(off), s.at16(off+2)
			if dst == 1701 || src == 1701 && dst != 5004 && dst != 5005 && dst != 5060 {
				next = jL2TP
			}
		case jICMP:
			if left < 4 {
				return
			}
			length = 8
			if t := s.at(off); t == 3 || t == 12 {
				next = jIPv4
			}
		case jSCTP:
			length = 12
		case jL2TP:
			if left < 2 {
				return
			}
			flags := int(s.at(off))
			length = 6 + flags>>6&1*2 + flags>>3&1*4 + flags>>1&1*4
			if flags&0x80 == 0 {
				next = jPPP
			}
		case jPPP:
			if left < 4 {
				return
			}
			length = 4
			switch s.at16(off + 2) {
			case 0x21:
				next = jIPv4
			case 0x57:
				next = jIPv6
			}
		}
		if length == 0 {
			return
		}
		wire -= postfix
		have = min(have, wire)
		if payload == 0 {
			payload = max(0, have-off-length)
		}
		if off+length+payload+postfix > have && off+length+payload > have {
			payload = max(0, have-off-length)
			length = max(0, min(length, have-off))
		}
		s.keep(kind, jHeader{true, off, length, payload})
		ethernet = kind == jEthernet
		off += length
		if length == 0 {
			return
		}
		kind = next
	}
}

// keep notes the first header of a kind.
func (s *jScan) keep(kind jKind, h jHeader) {
	var place *jHeader
	switch kind {
	case jIPv4:
		place = &s.ip
	case jTCP:
		place = &s.tcp
	case jUDP:
		place = &s.udp
	case jICMP:
		place = &s.icmp
	case jSCTP:
		place = &s.sctp
	default:
		return
	}
	if !place.found {
		*place = h
	}
}

// ipv6 passes over an IPv6 header and its extensions.
func (s *jScan) ipv6(off, have int) (length, payload int, next jKind) {
	length, payload = 40, int(s.at16(off+4))
	proto, at := s.at(off+6), off+40
	for {
		switch proto {
		case protoHopByHop, protoRouting, protoFragment, protoESP, protoAH, protoDestOpts, protoMobility:
			if off+length+2 > have {
				return length, payload, jNone
			}
			proto = s.at(at)
			size := int(s.at(at+1))*8 + 8
			if 2*off+size > have { // jNetPcap adds the offset twice
				return length, payload, jNone
			}
			length += size
			payload -= size
			at += size
			if at > len(s.b) {
				return length, payload, jNone
			}
		case protoL2TP: // not behind IPv6
			return length, payload, jNone
		default:
			return length, payload, jProtocol(proto)
		}
	}
}
