package packet

// ipv6 decodes an IPv6 packet at off with its extension headers.
func (d *Decoder) ipv6(p *Packet, c *Cold, data []byte, off, end int) Outcome {
	if len(data)-off < 40 {
		return CutIP
	}
	h := data[off : off+40]
	if h[0]>>4 != 6 {
		return BadIP
	}
	if d.ip < 0 {
		d.ip = off
		if d.seek {
			return found
		}
	}
	d.inner = off
	d.headers[1]++
	c.Bits &= BitFragment // of the packet around
	next := h[6]
	total := int(be16(h[4:])) + 40
	switch {
	case total == 40 && next != protoNone: // jumbogram or segmentation offload
		var jumbo bool
		if total, jumbo = jumbogram(data, next, off, end); !jumbo {
			c.Bits |= BitZeroLen
			d.marks |= markZero
		}
	case total > end-off:
		total = end - off
		if c.Bits&BitFragment == 0 {
			d.marks |= markLong
		}
	}
	if total < 40 {
		return BadIP
	}
	data, end = within(data, end, off+total)

	p.IPLen = uint32(total)
	p.TTL = h[7]
	c.TOS = uint8(be16(h) >> 4)
	c.FlowLabel = be32(h) & 0xfffff
	c.IPID = 0
	c.FragOff = 0
	var n net // filled field by field: a literal is built beside it and copied
	n.data, n.end, n.src, n.size = data, end, off+8, 16
	start := off
	off += 40
	for i := 0; ; i++ {
		var size int
		switch next {
		case protoHopByHop, protoRouting, protoDestOpts, protoMobility, protoHIP, protoShim6:
			if len(data)-off < 2 {
				return n.short(off, 8)
			}
			size = (int(data[off+1]) + 1) * 8
		case protoAH:
			if len(data)-off < 2 {
				return n.short(off, 8)
			}
			size = (int(data[off+1]) + 2) * 4
		case protoFragment:
			if len(data)-off < 8 {
				return n.short(off, 8)
			}
			size = 8
			if frag := be16(data[off+2:]); frag&0xfff9 != 0 { // else an atomic fragment: whole (RFC 6946)
				n.frag, n.id = true, be32(data[off+4:])
				c.FragOff = frag >> 3
				if c.FragOff != 0 {
					p.IPHeader = uint16(off + 8 - start)
					return d.later(p, c, &n, off+8)
				}
				c.Bits |= BitFragment
				d.marks |= markFragment
			}
		default:
			p.IPHeader = uint16(off - start)
			return d.upper(p, c, &n, next, off)
		}
		if i == maxExtensions {
			return TooDeep
		}
		if len(data)-off < size {
			return n.short(off, size)
		}
		next = data[off]
		off += size
	}
}

// short says what is wrong with an extension header that lacks some of its size bytes.
func (n *net) short(off, size int) Outcome {
	if off+size > n.end {
		return BadIP
	}
	return CutIP
}

// jumbogram returns the length of an IPv6 packet whose length field is 0: that of the
// jumbo payload option (RFC 2675) if it leads the hop-by-hop header and is no lie,
// otherwise what the wire holds.
func jumbogram(data []byte, next byte, off, end int) (total int, jumbo bool) {
	total = end - off
	if h := off + 40; next == protoHopByHop && len(data)-h >= 8 && data[h+2] == 0xc2 && data[h+3] == 4 {
		if n := uint64(be32(data[h+4:])) + 40; n > 0xffff && n <= uint64(total) {
			return int(n), true
		}
	}
	return total, false
}
