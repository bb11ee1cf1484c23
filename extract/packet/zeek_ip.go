package packet

// ip reads the IP packet at off, which ends at end on the wire, and puts fragments together.
func (z Zeek) ip(d *Decoder, p *Packet, c *Cold, n *zeekPacket, data []byte, off, end int) Outcome {
	if data[off]>>4 == 4 {
		return z.ipv4(d, p, c, n, data, off, end)
	}
	return z.ipv6(d, p, c, n, data, off, end)
}

func (z Zeek) ipv4(d *Decoder, p *Packet, c *Cold, n *zeekPacket, data []byte, off, end int) Outcome {
	h := data[off:] // at least 20 bytes: the walk has looked
	header, total, room := int(h[0]&15)*4, int(be16(h[2:])), end-off
	c.Bits &= BitFragment
	switch {
	case total == 0: // segmentation offload: the card fills it in
		if z.Faithful && z.Checksums {
			return LeftOut
		}
		total = room
		d.marks |= markZero
		if z.Faithful {
			c.Bits |= BitZeroLen
		}
	case total > room:
		if z.Faithful {
			return LeftOut
		}
		total = room
		d.marks |= markLong
	}
	switch {
	case header > total:
		return BadIP
	case header > len(h):
		return CutIP
	case z.Checksums && onesSum(h[:header], 0) != 0xffff:
		return LeftOut
	}
	p.IPLen, p.IPHeader, p.TTL = uint32(total), uint16(header), h[8]
	c.TOS, c.IPID = h[1], be16(h[4:])
	frag := be16(h[6:])
	c.FragOff = frag & 0x1fff
	if frag&0x4000 != 0 {
		c.Bits |= BitDontFrag
	}
	n.proto, n.off, n.rest = h[9], off+header, total-header
	n.src, n.size = off+12, 4
	n.data, n.end = within(data, end, off+total)
	if frag&0x3fff == 0 {
		return Admitted
	}
	n.id, n.fragProto = uint32(c.IPID), h[9]
	return z.fragment(d, p, c, n, int(frag&0x1fff)*8, frag&0x2000 == 0)
}

func (z Zeek) ipv6(d *Decoder, p *Packet, c *Cold, n *zeekPacket, data []byte, off, end int) Outcome {
	h := data[off:] // at least 40 bytes
	next, total, room := h[6], int(be16(h[4:]))+40, end-off
	c.Bits &= BitFragment
	switch {
	case total > room && z.Faithful:
		return LeftOut
	case total > room:
		total = room
		d.marks |= markLong
	case total == 40 && next != protoNone && !z.Faithful:
		total, _ = jumbogram(data, next, off, end)
	}
	p.IPLen, p.TTL = uint32(total), h[7]
	c.TOS, c.FlowLabel = uint8(be16(h)>>4), be32(h)&0xfffff
	n.off, n.rest = off+40, total-40
	n.src, n.size = off+8, 16
	n.data, n.end = within(data, end, off+total)
	header := 40
	for i := 0; ; i++ {
		size := 0
		left := n.data[min(n.off, len(n.data)):]
		switch next {
		case protoHopByHop, protoRouting, protoDestOpts, protoAH, protoFragment:
			if len(left) < 8 {
				return n.short(n.off, 8)
			}
			size = (int(left[1]) + 1) * 8
			if next == protoAH {
				size = (int(left[1]) + 2) * 4
			}
		default:
			p.IPHeader, n.proto = uint16(header), next
			return Admitted
		}
		if i == maxExtensions {
			return TooDeep
		}
		if next != protoFragment {
			if size > len(left) {
				return n.short(n.off, size)
			}
			next = left[0]
			n.off += size
			header += size
			continue
		}
		next = left[0]
		n.off += 8
		frag := be16(left[2:])
		if frag&0xfff9 == 0 { // whole
			header += 8
			continue
		}
		n.id, n.fragProto = be32(left[4:]), next
		c.FragOff = frag >> 3
		p.IPHeader = uint16(header)
		if o := z.fragment(d, p, c, n, int(frag&0xfff8), frag&1 == 0); o != Admitted {
			return o
		}
		header = int(p.IPHeader)
	}
}

// fragment puts the fragment n, whose data has the place at in its datagram, together with
// those that came before. When the datagram is complete, n is it. The first fragment of a
// datagram counts alone where it was cut by the snapshot length.
func (z Zeek) fragment(d *Decoder, p *Packet, c *Cold, n *zeekPacket, at int, last bool) Outcome {
	d.marks |= markFragment
	c.Bits |= BitFragment
	if len(n.data) < n.end {
		if at > 0 {
			return DroppedFragment
		}
		if n.size == 16 {
			p.IPHeader += 8
		}
		return Admitted
	}
	whole := d.datagrams.add(n, d.time, at, last)
	if whole == nil {
		return HeldFragment
	}
	header := int(p.IPHeader)
	n.data, n.off, n.end, n.src = whole, datagramHead, len(whole), 0
	n.rest = n.end - n.off
	if n.size == 16 {
		n.rest += header - 40
	}
	p.IPLen = uint32(header + n.end - n.off)
	return Admitted
}

// intact checks the checksum of the transport segment b, where its protocol has one.
func (n *zeekPacket) intact(b []byte) bool {
	sum := uint64(0)
	switch n.proto {
	case ProtoUDP:
		if n.size == 4 && be16(b[6:]) == 0 { // the sender made none
			return true
		}
	case ProtoTCP, ProtoICMPv6:
	case ProtoICMP:
		return onesSum(b, 0) == 0xffff
	default:
		return true
	}
	for i := 0; i < 2*n.size; i += 4 {
		sum += uint64(be32(n.data[n.src+i:]))
	}
	return onesSum(b, sum+uint64(len(b))+uint64(n.proto)) == 0xffff
}

// onesSum is the sum of 16-bit words that checksums of the internet are made of; it is
// 0xffff where a checksum among the words is right. start is a sum of words or double words.
func onesSum(b []byte, start uint64) uint16 {
	sum := start
	for ; len(b) >= 8; b = b[8:] {
		sum += uint64(be32(b)) + uint64(be32(b[4:]))
	}
	if len(b) >= 4 {
		sum += uint64(be32(b))
		b = b[4:]
	}
	if len(b) >= 2 {
		sum += uint64(be16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}
