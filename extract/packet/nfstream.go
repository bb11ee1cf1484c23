package packet

// NFStream reads frames as NFStream 6.6.0 does: it refuses link types and cut packets
// that the decoder reads, and does not look at the EtherType. The numbers in comments
// are those of the rules that its rows have shown.
type NFStream struct {
	Tunnels bool // GTP-U, CAPWAP and TZSP are opened; IP in IP always is
}

// nfPacket is a frame on its way through NFStream's reading. Bytes behind the captured
// ones are read as zeros.
type nfPacket struct {
	b     []byte
	eth   int     // where the link header starts
	ip    int     // where the IP header starts
	typ   carried // what the link header announces
	v6    bool
	frag  uint16 // fragment field and
	proto byte   // protocol of the last header that was announced as IPv4, or behind an IPv6 one
}

// NFStreamWrap is what [NFStream] adds to times before 1970, ns: whole milliseconds. The
// seconds of a little-endian pcap file are signed, and NFStream's milliseconds are not:
// what lies behind January 2038 comes after everything else.
const NFStreamWrap = 9_200_000_000_000 * 1e6

func wrapped(t int64, signed bool) int64 {
	const half = int64(1<<31) * 1e9
	if signed && t >= half {
		t -= 2 * half
	}
	if signed && t < 0 {
		t += NFStreamWrap
	}
	return t
}

// firstInterface is the interface of an input's first frame. libpcap refuses those of a
// pcapng file that have another link type or snapshot length.
type firstInterface struct {
	known          bool
	input, snapLen uint32
	link           uint16
}

// same tells whether a frame is of an interface like the first of its input.
func (f *firstInterface) same(c *Cold) bool {
	if !f.known || f.input != c.Input {
		*f = firstInterface{true, c.Input, c.SnapLen, c.Link}
	}
	return f.snapLen == c.SnapLen && f.link == c.Link
}

func (n *nfPacket) at(i int) byte {
	if i < 0 || i >= len(n.b) {
		return 0
	}
	return n.b[i]
}

func (n *nfPacket) at16(i int) uint16 { return uint16(n.at(i))<<8 | uint16(n.at(i+1)) }

func (r NFStream) read(d *Decoder, p *Packet, c *Cold, f *Frame, data []byte, _ int) Outcome {
	if !d.only.same(c) {
		return LeftOut
	}
	if c.SnapLen > 0 && c.SnapLen < 1<<31 && uint32(len(data)) > c.SnapLen {
		data = data[:c.SnapLen]
	}
	p.Time = wrapped(p.Time, f.Signed)
	n := nfPacket{b: data}
	for again := true; again; {
		if !n.link(d, c, f.Link) || !n.tags(c) {
			return LeftOut
		}
		var ok bool
		if again, ok = n.network(d, c, r.Tunnels); !ok {
			return LeftOut
		}
	}
	return n.transport(d, p, c)
}

// link finds what lies behind the link header (rules 19, 20, 24).
func (n *nfPacket) link(d *Decoder, c *Cold, link uint16) bool {
	eth := n.eth
	if len(n.b) < eth+28 {
		return false
	}
	switch link {
	case linkNull:
		n.typ, n.ip = etherIPv6, eth+4
		if be32(n.b[eth:]) == 2 {
			n.typ = etherIPv4
		}
	case linkPPPSerial:
		n.typ, n.ip = carried(n.at16(eth+2)), eth+4
	case linkPPP, linkHDLC:
		n.typ, n.ip = carried(n.at16(eth)), eth+2
		if n.at(0) == 0x0f || n.at(0) == 0x8f {
			n.typ, n.ip = carried(n.at16(eth+2)), eth+4
		}
	case linkIPv4:
		n.typ, n.ip = etherIPv4, eth
	case linkIPv6:
		n.typ, n.ip = etherIPv6, eth
	case linkRaw12, linkRaw:
		n.ip = eth
		switch n.at(eth) >> 4 {
		case 4:
			n.typ = etherIPv4
		case 6:
			n.typ = etherIPv6
		}
	case linkSLL:
		n.typ, n.ip = carried(n.at16(eth+14)), eth+16
	case linkEthernet:
		c.MACs = Span{d.base + uint32(eth), 12}
		n.ip = eth + 14
		switch typ := n.at16(eth + 12); {
		case typ >= 1536:
			n.typ = carried(typ)
		case typ == 0 || typ > 1500:
		case n.at(n.ip) == 0xaa || n.at(n.ip+1) == 0xaa:
			n.typ = carried(uint16(n.at(n.ip+6)) | uint16(n.at(n.ip+7))<<8)
			n.ip += 8
		case n.at(n.ip) == 0x42 || n.at(n.ip+1) == 0x42:
			return false
		}
	case linkRadiotap:
		return n.radiotap(d, c)
	default:
		return false
	}
	return true
}

// radiotap passes over a radiotap header and the 802.11 header of a data frame.
func (n *nfPacket) radiotap(d *Decoder, c *Cold) bool {
	size := int(n.at(n.eth+2)) | int(n.at(n.eth+3))<<8
	if len(n.b) < n.eth+size+30 {
		return false
	}
	w := n.eth + size
	control := uint16(n.at(w)) | uint16(n.at(w+1))<<8
	if control>>2&3 != 2 {
		return false
	}
	header := 0
	if control>>8&1 != control>>9&1 {
		header = 26
	}
	c.MACs = Span{d.base + uint32(w+10), 12}
	c.Bits |= BitSourceFirst
	if len(n.b) < n.eth+header+size+8 {
		return false
	}
	if llc := w + header; n.at(llc) == 0xaa {
		n.typ = carried(n.at16(llc + 6))
	}
	n.ip = w + header + 8
	return true
}

// tags passes over VLAN tags, MPLS labels and PPPoE (rule 21).
func (n *nfPacket) tags(c *Cold) bool {
	for {
		switch n.typ {
		case etherVLAN:
			if n.ip+4 >= len(n.b) {
				return false
			}
			for more := true; more; more = n.typ == etherVLAN && n.ip+4 < len(n.b) {
				c.VLANs, c.VLAN[0] = 1, n.at16(n.ip)&0xfff
				n.typ = carried(n.at16(n.ip + 2))
				n.ip += 4
			}
		case etherMPLS, etherMPLSMany:
			if n.ip+4 >= len(n.b) {
				return false
			}
			last := false
			for more := true; more; more = !last && n.ip+4 < len(n.b) {
				last = n.at(n.ip+2)&1 == 1
				n.ip += 4
			}
			n.typ = etherIPv4
		case etherPPPoE:
			n.typ = etherIPv4
			n.ip += 8
		default:
			return true
		}
	}
}

// network goes through IP headers inside each other and tunnels to the innermost one.
// again says that a link header lies inside; ok is false for what is dropped.
func (n *nfPacket) network(d *Decoder, c *Cold, tunnels bool) (again, ok bool) {
	for depth := 0; depth < maxLayers; depth++ {
		if len(n.b) < n.ip+20 {
			return false, false
		}
		if n.typ == etherIPv4 {
			n.frag, n.proto = n.at16(n.ip+6), n.at(n.ip+9)
		}
		header := 0
		switch n.at(n.ip) >> 4 {
		case 4:
			n.v6 = false
			header = int(n.at(n.ip)&15) * 4
			if proto := n.at(n.ip + 9); (proto == protoIPv6 || proto == protoIPv4) && header > 0 {
				n.ip += header
				continue
			}
			if n.frag&0x1fff != 0 {
				return false, false // rule 22
			}
		case 6:
			n.v6 = true
			if len(n.b) < n.ip+40 {
				return false, false
			}
			payload := int(n.at16(n.ip + 4))
			if len(n.b) < n.ip+40+payload {
				return false, false // rule 23
			}
			off, left, proto, found := n.extensions(len(n.b)-n.ip-40, n.ip+40, payload, n.at(n.ip+6))
			if !found {
				return false, false
			}
			header, n.proto = left, proto // rule 27: the length is taken for the header's
			if proto == protoIPv6 || proto == protoIPv4 {
				n.ip = off
				continue
			}
		default:
			return false, false
		}
		if !tunnels || n.proto != ProtoUDP {
			return false, true
		}
		switch n.tunnel(d, c, n.ip+header) {
		case nfInside:
			continue
		case nfFrame:
			return true, true
		case nfDrop:
			return false, false
		}
		return false, true
	}
	return false, false
}

// extensions passes over the extension headers at off: captured bytes and bytes by the
// header are left. It reports where the transport starts, how many bytes are left of it
// and its protocol, or false for what is dropped (rule 23).
func (n *nfPacket) extensions(captured, off, left int, next byte) (int, int, byte, bool) {
	for captured > 1 {
		switch next {
		default:
			return off, left, next, true
		case protoNone:
			return 0, 0, 0, false
		case protoFragment:
			if left < 8 || captured < 5 {
				return 0, 0, 0, false
			}
			captured -= 5
			next = n.at(off)
			if n.at16(off+2)>>3 != 0 {
				return 0, 0, 0, false
			}
			left -= 8
			off += 8
		case protoHopByHop, protoRouting, protoDestOpts, protoMobility:
			if left < 2 {
				return 0, 0, 0, false
			}
			size := int(n.at(off+1))*8 + 8
			if size > captured || left < size {
				return 0, 0, 0, false
			}
			captured -= size
			next = n.at(off)
			left -= size
			off += size
		}
	}
	return off, left, next, true
}

// What a UDP header leads to.
type nfTunnel uint8

const (
	nfClosed nfTunnel = iota // no tunnel: the packet in hand counts
	nfOpened                 // the packet inside, at ip, counts as it is
	nfInside                 // an IP header inside, to be looked at like the first
	nfFrame                  // a link header inside
	nfDrop
)

// tunnel looks behind the UDP header at udp (rules 25, 26).
func (n *nfPacket) tunnel(d *Decoder, c *Cold, udp int) nfTunnel {
	if len(n.b) < udp+8 {
		return nfDrop
	}
	src, dst := n.at16(udp), n.at16(udp+2)
	switch {
	case (src == 2152 || dst == 2152) && udp+16 < len(n.b):
		at := udp + 8
		flags := n.at(at)
		if flags>>5 != 1 || n.at(at+1) != 0xff {
			return nfClosed
		}
		at += 8
		if flags&7 != 0 {
			at += 4
		}
		if flags&4 != 0 {
			for at < len(n.b) {
				size := int(n.at(at)) * 4
				at += size
				if at >= len(n.b) || size == 0 {
					return nfClosed
				}
				if n.at(at-1) == 0 {
					break
				}
			}
		}
		if at >= len(n.b) {
			return nfClosed
		}
		d.tunnel, n.ip = TunnelGTPU, at
		switch n.at(at) >> 4 {
		case 4:
			n.v6 = false
			if len(n.b) < at+20 {
				return nfDrop
			}
		case 6:
			n.v6 = true
			if len(n.b) < at+40 {
				return nfDrop
			}
		default:
			return nfDrop
		}
		return nfOpened
	case src == 37008 || dst == 37008:
		if len(n.b) < udp+12 {
			return nfDrop
		}
		d.tunnel = TunnelTZSP
		at := udp + 8
		if n.at(at) != 1 || n.at(at+1) != 0 || n.at16(at+2) != 1 {
			return nfClosed
		}
		if at += 4; at >= len(n.b) {
			return nfClosed
		}
		size := 1
		if n.at(at) > 1 {
			size = int(n.at(at + 1))
		}
		if at+size >= len(n.b) {
			return nfDrop
		}
		if n.eth == at+size {
			return nfDrop
		}
		n.eth = at + size
		return nfFrame
	case src == 5247 || dst == 5247:
		at := udp + 8
		if at+1 >= len(n.b) || n.at(at)&15 != 0 {
			return nfClosed
		}
		at += int(n.at(at+1)&0xf8) >> 1
		if at+32 >= len(n.b) {
			return nfClosed
		}
		c.MACs = Span{d.base + uint32(at+10), 12}
		c.Bits |= BitSourceFirst
		at += 24
		n.typ, n.ip, d.tunnel = carried(n.at16(at+6)), at+8, TunnelCAPWAP
		return nfInside
	}
	return nfClosed
}

// transport reads the innermost packet and makes the key (rules 4, 12, 13, 22, 23).
func (n *nfPacket) transport(d *Decoder, p *Packet, c *Cold) Outcome {
	size := len(n.b) - n.ip
	h := n.b[n.ip:]
	var from net
	from.data = n.b
	var total, left, at int
	var proto byte
	if n.v6 {
		payload := 0
		if size >= 40 {
			payload = int(be16(h[4:]))
		}
		if size < 40 || size < 40+payload {
			return LeftOut
		}
		var ok bool
		if at, left, proto, ok = n.extensions(size-40, n.ip+40, payload, h[6]); !ok {
			return LeftOut
		}
		if at-n.ip > size || max(payload, size) < at-n.ip+left {
			return LeftOut
		}
		total = payload + 40
		from.src, from.size = n.ip+8, 16
	} else {
		header := int(h[0]&15) * 4
		if size < 20 || header > size {
			return LeftOut
		}
		total = int(be16(h[2:]))
		left = (total - header) & 0xffff
		if max(total, size) < header+left {
			return LeftOut
		}
		at, proto = n.ip+header, h[9]
		from.src, from.size = n.ip+12, 4
	}
	var src, dst uint16
	transport := left
	p.Key.Proto = proto
	switch {
	case proto == ProtoTCP && left >= 20:
		src, dst = n.at16(at), n.at16(at+2)
		p.Flags = n.at(at + 13)
		p.Payload = uint32(max(0, left-int(n.at(at+12)>>4)*4))
	case proto == ProtoUDP && left >= 8:
		src, dst = n.at16(at), n.at16(at+2)
		p.Payload = uint32(left - 8)
	case proto == ProtoICMP || proto == ProtoICMPv6:
		p.Payload = uint32(max(0, left-8))
	default:
		transport = 0
	}
	p.IPLen, p.IPHeader = uint32(total), uint16(max(0, total-transport))
	p.L4Header = uint16(transport - int(p.Payload))
	d.key(p, c, &from, src, dst)
	return Admitted
}
