package packet

// NFStream reads frames as NFStream 6.6.0 does: it refuses link types and cut packets
// that the decoder reads, and does not look at the EtherType. The rules are those that
// its rows have shown.
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

// wrapped is a time as [NFStream] has it. The seconds of a little-endian pcap file are
// signed, and NFStream's milliseconds are not: what lies behind January 2038 comes after
// everything else.
func wrapped(t int64, signed bool) int64 {
	const half = int64(1<<31) * 1e9
	if signed && t >= half {
		t -= 2 * half
	}
	if signed && t < 0 {
		t += WrappedTime
	}
	return t
}

func (n *nfPacket) at(i int) byte {
	if i < 0 || i >= len(n.b) {
		return 0
	}
	return n.b[i]
}

func (n *nfPacket) at16(i int) uint16 { return uint16(n.at(i))<<8 | uint16(n.at(i+1)) }

func (r NFStream) read(d *Decoder, p *Packet, c *Cold, f *Frame, data []byte, _ int) Outcome {
	if f.UnlikeFirst {
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
				return false, false
			}
		case 6:
			n.v6 = true
			if len(n.b) < n.ip+40 {
				return false, false
			}
			payload := int(n.at16(n.ip + 4))
			if len(n.b) < n.ip+40+payload {
				return false, false
			}
			off, left, proto, found := n.extensions(len(n.b)-n.ip-40, n.ip+40, payload, n.at(n.ip+6))
			if !found {
				return false, false
			}
			header, n.proto = left, proto // the payload is taken for the header: UDP is looked for behind it
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
// and its protocol, or false for what is dropped.
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

// transport reads the innermost packet and makes the key.
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
