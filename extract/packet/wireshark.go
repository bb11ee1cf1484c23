package packet

// Wireshark reads frames as tshark 4.0.17 shows them to a tool that asks for one value of
// each field: TCP and UDP packets with one IPv4 header, whatever lies around it. Datagrams
// whose fragments were captured whole are put together: the fragment that completes one has
// its ports, all others have none.
type Wireshark struct {
	Exact bool    // leave out and misread what tshark does; else packets are as the decoder reads them
	IPv6  bool    // packets with one IPv6 header that names TCP or UDP itself, too
	Loose bool    // packets without ports count: all of a protocol have one key, of [KindNoStream]
	Skip  Skipped // what is left out of IPv4 packets, if not Exact, and of IPv6 packets
}

// Skipped is a set of protocols in the words of Wireshark's filters.
type Skipped uint8

// Protocols that [Wireshark] can leave out.
const (
	SkipTCP  Skipped = 1 << iota // but for what runs in GRE
	SkipUDP                      // the same
	SkipGRE                      // what runs in GRE, if its protocol is left out, too
	SkipMDNS                     // UDP with port 5353 and payload
	SkipSSDP                     // the same with port 1900
)

// KindNoStream is the kind of the key of packets that are in no stream of Wireshark: their
// ports are not there (FromA) or lie, source first, in Cold.Seq32.
const KindNoStream uint8 = 8

func (w Wireshark) read(d *Decoder, p *Packet, c *Cold, f *Frame, data []byte, end int) Outcome {
	o := d.plain(p, c, f, data, end)
	c.Since = d.since.of(f.Time)
	if !w.Exact {
		switch {
		case o != Admitted:
			return o
		case p.Key.Proto != ProtoTCP && p.Key.Proto != ProtoUDP, w.skips(p, d.tunnel == TunnelGRE):
			return LeftOut
		}
		return o
	}
	at, flags := d.inner, uint8(0)
	switch {
	case d.headers == [2]uint8{}:
		return o // no IP packet
	case d.headers[0] > 1 && (d.tunnel == TunnelVXLAN && oldVXLAN(udpOf(data[d.ip:])) || firstFragment(data[d.ip:])):
		at = d.ip // tshark does not look inside, or not yet
	case d.headers[0] == 0 && d.headers[1] == 1 && w.IPv6:
		return w.ipv6(d, p, c, data, at, end)
	case d.headers[0] != 1:
		return LeftOut
	case data[at]>>4 != 4: // IPv6 in IPv4
		if at = d.ip; data[at]>>4 != 4 {
			return LeftOut
		}
		flags = p.Flags // of TCP, in IPv6, in UDP
	}
	o = w.ipv4(d, p, c, data, at, end)
	if p.Key.Proto == ProtoUDP {
		p.Flags = flags
	}
	return o
}

// udpOf returns the UDP header and payload of an IPv4 packet, nil without.
func udpOf(b []byte) []byte {
	if at := int(b[0]&15) * 4; b[0]>>4 == 4 && b[9] == ProtoUDP && len(b) > at {
		return b[at:]
	}
	return nil
}

// oldVXLAN tells whether a UDP header has the port that Linux had for VXLAN, which tshark
// does not open.
func oldVXLAN(b []byte) bool { return len(b) >= 4 && (be16(b) == 8472 || be16(b[2:]) == 8472) }

// firstFragment tells whether b is the first fragment of an IPv4 packet, and all of it was
// captured.
func firstFragment(b []byte) bool {
	return b[0]>>4 == 4 && be16(b[6:])&0x3fff == 0x2000 && len(b) >= int(be16(b[2:]))
}

// skips tells whether a packet is of what is left out.
func (w Wireshark) skips(p *Packet, gre bool) bool {
	if w.Skip == 0 {
		return false
	}
	own := SkipTCP
	if p.Key.Proto == ProtoUDP {
		own = SkipUDP
		for _, port := range [2]uint16{p.Key.APort, p.Key.BPort} {
			if p.Payload > 0 && (port == 5353 && w.Skip&SkipMDNS != 0 || port == 1900 && w.Skip&SkipSSDP != 0) {
				return true
			}
		}
	}
	return w.Skip&own != 0 && !(gre && w.Skip&SkipGRE == 0)
}

// segment is what an IP header carries.
type segment struct {
	net
	at       int  // where it starts in data
	size     int  // bytes on the wire
	fragment bool // the first part of a datagram that is not put together
}

// ipv4 reads the IPv4 packet at the offset at.
func (w Wireshark) ipv4(d *Decoder, p *Packet, c *Cold, data []byte, at, end int) Outcome {
	h := data[at : at+20]
	header, total := int(h[0]&15)*4, int(be16(h[2:]))
	switch {
	case total == 0:
		total = end - at
	case total < header:
		return LeftOut
	case total <= end-at:
		data, end = within(data, end, at+total)
	}
	proto := h[9]
	if proto != ProtoTCP && proto != ProtoUDP {
		return LeftOut
	}
	w.start(p, c, total, header, proto)
	p.TTL, c.TOS, c.IPID = h[8], h[1], be16(h[4:])
	s := segment{net: net{data: data, end: end, src: at + 12, size: 4}, at: at + header, size: total - header}
	frag := be16(h[6:])
	switch {
	case frag&0x3fff == 0:
	case total > header && len(data)-at >= total:
		c.Bits |= BitFragment
		whole := d.whole.add(h, data[at+header:at+total], frag)
		if whole == nil {
			return w.loose(p, c, nil)
		}
		// With its inside, a tunnel has two IP headers.
		if start := whole.start[:]; proto == ProtoUDP && udpTunnel(be16(start), be16(start[2:])) != TunnelNone && !oldVXLAN(start) {
			return LeftOut
		}
		return w.transport(d, p, c, &s, whole.start[:whole.captured], whole.size)
	case frag&0x1fff != 0:
		c.Bits |= BitFragment
		return w.loose(p, c, nil)
	default:
		c.Bits |= BitFragment
		s.fragment = frag&0x2000 != 0
	}
	return w.transport(d, p, c, &s, data[min(s.at, len(data)):], s.size)
}

// ipv6 reads the IPv6 packet at the offset at.
func (w Wireshark) ipv6(d *Decoder, p *Packet, c *Cold, data []byte, at, end int) Outcome {
	h := data[at : at+40]
	size, proto := int(be16(h[4:])), h[6]
	if proto != ProtoTCP && proto != ProtoUDP {
		return LeftOut
	}
	if size == 0 {
		size = end - at - 40
	} else if size <= end-at-40 {
		data, end = within(data, end, at+40+size)
	}
	w.start(p, c, 40+size, 40, proto)
	p.TTL, c.TOS = h[7], uint8(be16(h)>>4)
	s := segment{net: net{data: data, end: end, src: at + 8, size: 16}, at: at + 40, size: size}
	if o := w.transport(d, p, c, &s, data[s.at:], size); o != Admitted || w.skips(p, false) {
		return LeftOut
	}
	return Admitted
}

// start enters an IP header and takes back what the decoder read of the packet.
func (w Wireshark) start(p *Packet, c *Cold, total, header int, proto uint8) {
	p.Key = Key{Proto: proto}
	p.IPLen, p.IPHeader, p.L4Header = uint32(total), uint16(header), 0
	p.Payload, p.CapPayload, p.Head = 0, 0, Span{}
	p.Flags, p.Window = 0, 0
	c.Bits, c.Seq32, c.Ack, c.FragOff, c.FlowLabel = 0, 0, 0, 0, 0
	c.MSS, c.WScale, c.Options = 0, 0, 0
}

// loose admits a packet that is in no stream. If it has ports, b begins with them.
func (w Wireshark) loose(p *Packet, c *Cold, b []byte) Outcome {
	if !w.Loose {
		return LeftOut
	}
	p.Key = Key{Proto: p.Key.Proto, Kind: KindNoStream}
	if p.FromA = b == nil; !p.FromA {
		c.Seq32 = be32(b)
	}
	return Admitted
}

// transport reads the header of TCP or UDP from b, what is captured of size bytes.
func (w Wireshark) transport(d *Decoder, p *Packet, c *Cold, s *segment, b []byte, size int) Outcome {
	if len(b) > size {
		b = b[:max(size, 0)]
	}
	if len(b) < 4 {
		return w.loose(p, c, nil)
	}
	src, dst := be16(b), be16(b[2:])
	if p.Key.Proto == ProtoUDP {
		if (w.Loose && len(b) < 8) || len(b) < 6 || be16(b[4:]) < 8 { // without Loose, the length is enough for a row
			return w.loose(p, c, b)
		}
		p.L4Header, p.Payload = 8, uint32(be16(b[4:]))-8
	} else {
		if len(b) < 16 {
			return w.loose(p, c, b)
		}
		c.Seq32, c.Ack = be32(b[4:]), be32(b[8:])
		header := int(b[12]>>4) * 4
		if header >= 20 {
			p.Flags = b[13]
		}
		p.Window = be16(b[14:])
		p.L4Header = uint16(header)
		if !s.fragment {
			p.Payload = uint32(max(0, size-header))
		}
	}
	d.key(p, c, &s.net, src, dst)
	return Admitted
}

// beginning is the time of the first frame of a run.
type beginning struct {
	known bool
	at    int64
}

// of is how long after the first frame one of the time t came, ns.
func (b *beginning) of(t int64) int64 {
	t = max(t, 0)
	if !b.known {
		*b = beginning{true, t}
	}
	return t - b.at
}
