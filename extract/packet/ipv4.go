package packet

// IP protocol numbers that the decoder treats in their own way.
const (
	ProtoICMP    = 1
	ProtoTCP     = 6
	ProtoUDP     = 17
	ProtoDCCP    = 33
	ProtoICMPv6  = 58
	ProtoSCTP    = 132
	ProtoUDPLite = 136

	protoHopByHop = 0
	protoIPv4     = 4
	protoIPv6     = 41
	protoRouting  = 43
	protoFragment = 44
	protoGRE      = 47
	protoESP      = 50
	protoAH       = 51
	protoNone     = 59
	protoDestOpts = 60
	protoEtherIP  = 97
	protoL2TP     = 115
	protoMobility = 135
	protoMPLS     = 137
	protoHIP      = 139
	protoShim6    = 140
)

// ipv4 decodes an IPv4 packet at off.
func (d *Decoder) ipv4(p *Packet, c *Cold, data []byte, off, end int) Outcome {
	if len(data)-off < 20 {
		return CutIP
	}
	h := data[off : off+20]
	header := int(h[0]&15) * 4
	if h[0]>>4 != 4 || header < 20 {
		return BadIP
	}
	if d.ip < 0 {
		d.ip = off
		if d.seek {
			return found
		}
	}
	d.inner = off
	d.headers[0]++
	c.Bits &= BitFragment // of the packet around
	total := int(be16(h[2:]))
	switch {
	case total == 0: // segmentation offload: the card fills it in
		total = end - off
		c.Bits |= BitZeroLen
		d.marks |= markZero
	case total < header:
		return BadIP
	case total > end-off:
		total = end - off
		if c.Bits&BitFragment == 0 { // in a first fragment this is as it should be
			d.marks |= markLong
		}
	}
	if total < header {
		return BadIP
	}
	if len(data)-off < header {
		return CutIP
	}
	data, end = within(data, end, off+total)

	frag := be16(h[6:])
	p.IPLen = uint32(total)
	p.IPHeader = uint16(header)
	p.TTL = h[8]
	c.TOS = h[1]
	c.IPID = be16(h[4:])
	c.FlowLabel = 0
	c.FragOff = 0
	if frag&0x4000 != 0 {
		c.Bits |= BitDontFrag
	}
	var n net // filled field by field: a literal is built beside it and copied
	n.data, n.end, n.src, n.size = data, end, off+12, 4
	if frag&0x3fff != 0 {
		c.FragOff = frag & 0x1fff
		n.frag, n.id, n.fragProto = true, uint32(c.IPID), h[9]
		if c.FragOff != 0 {
			return d.later(p, c, &n, off+header)
		}
		c.Bits |= BitFragment
		d.marks |= markFragment
	}
	proto := h[9]
	off += header
	for i := 0; proto == protoAH; i++ {
		if i == maxExtensions {
			return TooDeep
		}
		if len(data)-off < 8 {
			break
		}
		size := (int(data[off+1]) + 2) * 4
		if size > end-off {
			break
		}
		proto = data[off]
		off += size
		p.IPHeader += uint16(size)
	}
	return d.upper(p, c, &n, proto, off)
}
