package packet

// Deepfence reads frames as Deepfence FlowMeter does, with the decoders of gopacket 1.1.19:
// every frame is taken for Ethernet whatever its link type, and holds IPv4 or IPv6 headers
// with TCP or UDP right behind them. A VLAN tag, a fragment, an extension header other than
// hop-by-hop options or a damaged option leaves the frame out.
type Deepfence struct{}

// gopacket decodes one header after the other; what has no decoder here ends the frame.
func (Deepfence) read(d *Decoder, p *Packet, c *Cold, f *Frame, data []byte, _ int) Outcome {
	data, ok := f.pcap(p, c, data)
	if !ok || len(data) < 14 {
		return LeftOut
	}
	c.MACs = Span{d.base, 12}
	next := carried(be16(data[12:]))
	var v4, v6 int           // where the innermost header of either version starts, 0 without
	var proto4, proto6 uint8 // what they announce
	off, end := 14, len(data)
	for off < end {
		switch next {
		case etherIPv4:
			at := off
			if off, end, ok = gopacketIPv4(data, off, end); !ok {
				return LeftOut
			}
			h := data[at:]
			v4, proto4 = at, h[9]
			p.IPLen, p.IPHeader, p.TTL = uint32(end-at), uint16(off-at), h[8]
			if be16(h[6:])&0x3fff != 0 {
				return LeftOut
			}
			next = gopacketNext(proto4)
		case etherIPv6:
			at := off
			var inner uint8
			if off, end, inner, ok = gopacketIPv6(data, off, end); !ok {
				return LeftOut
			}
			h := data[at:]
			v6, proto6 = at, h[6]
			p.IPLen, p.IPHeader, p.TTL = uint32(end-at), uint16(off-at), h[7]
			next = gopacketNext(inner)
		case carriedTCP, carriedUDP:
			if next == carriedTCP && !gopacketTCP(data[off:end]) || next == carriedUDP && !gopacketUDP(data[off:end]) {
				return LeftOut
			}
			n := net{data: data, end: end, src: v4 + 12, size: 4}
			p.Key.Proto = proto4
			if v4 == 0 {
				n.src, n.size = v6+8, 16
				p.Key.Proto = proto6
			}
			h := data[off:end]
			p.L4Header = 8
			if next == carriedTCP {
				p.L4Header, p.Flags, p.Window = uint16(h[12]>>4)*4, h[13], be16(h[14:])
			}
			p.Payload = uint32(len(h)) - uint32(p.L4Header)
			d.key(p, c, &n, be16(h), be16(h[2:]))
			if p.Key.AddrA().Is4In6() && p.Key.AddrB().Is4In6() {
				p.Key.Kind &^= KindIPv6 // the tool's key is text, in which they are IPv4
			}
			return Admitted
		default:
			return LeftOut
		}
	}
	return LeftOut
}

// What gopacket's decoders of IP announce.
const (
	carriedTCP carried = 0x20000 + iota
	carriedUDP
	carriedNothing
)

func gopacketNext(proto uint8) carried {
	switch proto {
	case ProtoTCP:
		return carriedTCP
	case ProtoUDP:
		return carriedUDP
	case protoIPv4:
		return etherIPv4
	case protoIPv6:
		return etherIPv6
	}
	return carriedNothing
}

// gopacketIPv4 reads the IPv4 header at off and returns what it holds, or false where
// gopacket reports an error.
func gopacketIPv4(data []byte, off, end int) (from, to int, ok bool) {
	if end-off < 20 {
		return 0, 0, false
	}
	h := data[off:end]
	header, total := int(h[0]&15)*4, int(be16(h[2:]))
	if total == 0 {
		total = len(h) & 0xffff
	}
	if total < 20 || header < 20 || header > total {
		return 0, 0, false
	}
	if total < len(h) {
		end = off + total
	}
	if header > len(h) {
		return 0, 0, false
	}
	for o := h[20:header]; len(o) > 0; {
		switch o[0] {
		case 0:
			return off + header, end, true
		case 1:
			o = o[1:]
		default:
			if len(o) < 2 || int(o[1]) > len(o) || o[1] <= 2 {
				return 0, 0, false
			}
			o = o[o[1]:]
		}
	}
	return off + header, end, true
}

// gopacketIPv6 does the same with an IPv6 header, whose hop-by-hop options it includes, and
// returns what follows them. Behind a jumbogram's options it starts with these themselves.
func gopacketIPv6(data []byte, off, end int) (from, to int, next uint8, ok bool) {
	if end-off < 40 {
		return 0, 0, 0, false
	}
	h := data[off:end]
	size := int(be16(h[4:]))
	next, off = h[6], off+40
	if next == protoHopByHop {
		h = data[off:end]
		if len(h) < 2 || len(h) < int(h[1])*8+8 {
			return 0, 0, 0, false
		}
		header := int(h[1])*8 + 8
		jumbo := -1
		for at := 2; at < header; {
			if len(h)-at < 2 {
				return 0, 0, 0, false
			}
			n := 1
			if h[at] != 0 {
				n = 2 + int(h[at+1])
				if len(h)-at < n {
					return 0, 0, 0, false
				}
				if h[at] == 0xc2 && jumbo < 0 {
					if n != 6 || be32(h[at+2:]) <= 0xffff {
						return 0, 0, 0, false
					}
					jumbo = int(be32(h[at+2:]))
				}
			}
			at += n
		}
		next = h[0]
		switch {
		case jumbo >= 0 && size == 0:
			return off, min(end, off+jumbo), next, true
		case jumbo >= 0 || size == 0:
			return 0, 0, 0, false
		}
		off += header
	}
	if size == 0 {
		return 0, 0, 0, false
	}
	return off, min(end, off+size), next, true
}

// gopacketTCP tells whether gopacket reads a TCP header without an error.
func gopacketTCP(h []byte) bool {
	if len(h) < 20 {
		return false
	}
	header := int(h[12]>>4) * 4
	if header < 20 || header > len(h) {
		return false
	}
	for o := h[20:header]; len(o) > 0; {
		switch o[0] {
		case 0:
			return true
		case 1:
			o = o[1:]
		default:
			if len(o) < 2 || o[1] < 2 || int(o[1]) > len(o) {
				return false
			}
			o = o[o[1]:]
		}
	}
	return true
}

// gopacketUDP tells the same of a UDP header.
func gopacketUDP(h []byte) bool {
	return len(h) >= 8 && (be16(h[4:]) >= 8 || be16(h[4:]) == 0)
}

// pcap is what a tool gets of a frame through libpcap: nothing of an interface of a pcapng
// file that differs from the first one, and no more than the file's snapshot length. The
// captured length of p is that of the result.
func (f *Frame) pcap(p *Packet, c *Cold, data []byte) ([]byte, bool) {
	if f.UnlikeFirst {
		return nil, false
	}
	if c.SnapLen > 0 && c.SnapLen < 1<<31 && uint32(len(data)) > c.SnapLen {
		data = data[:c.SnapLen]
	}
	p.CapLen = uint32(len(data))
	return data, true
}
