package packet

// JNetPcap reads frames as CICFlowMeter does through jNetPcap 1.4: everything is taken for
// Ethernet, only IPv4 is looked for, and where there is none the first bytes of the frame
// are taken for an IPv4 header. Addresses are those of the first IPv4 header, ports those of
// the first TCP header behind it or else of the first UDP header, an ICMP error's quotation
// included. Lengths are those of captured bytes. All that is neither TCP nor UDP has
// protocol 0. The rules are those that its rows have shown.
type JNetPcap struct {
	// Fork reads as the fork of Engelen et al. does: ICMP comes first and has its own
	// protocol, so have IGMP and SCTP, and an IP length of 0 means the rest of the frame.
	Fork bool
}

const (
	jIGMP      = 2 // its protocol number
	jSTP       = 118
	jProtocols = 64 // from this protocol number on the fork leaves out what has no transport header, but for 118
)

func (r JNetPcap) read(d *Decoder, p *Packet, c *Cold, f *Frame, data []byte, end int) Outcome {
	if f.NotPcap {
		return LeftOut
	}
	if c.SnapLen > 0 && c.SnapLen < 1<<31 && uint32(len(data)) > c.SnapLen {
		data = data[:c.SnapLen]
	}
	if f.Signed && p.Time >= 1<<31*1e9 {
		p.Time -= 1 << 32 * 1e9
	}
	s := jScan{b: data, fork: r.Fork}
	s.scan(jEthernet, end)
	if s.ipv4(r.Fork) {
		return s.packet(d, p, c, r.Fork)
	}
	if len(data) < 2 { // no room for the L2TP header that is looked for in between
		return LeftOut
	}
	s = jScan{b: data, fork: r.Fork}
	s.scan(jIPv4, end)
	if s.ipv4(r.Fork) {
		return s.packet(d, p, c, r.Fork)
	}
	return LeftOut
}

// ipv4 tells whether the frame has an IPv4 header whose fields, and those of the transport
// header that would be used, can be read: where one can't, the frame counts as none of IPv4.
func (s *jScan) ipv4(fork bool) bool {
	ip := &s.ip
	if !ip.found || ip.length < 20 || !s.options(ip) {
		return false
	}
	switch tcp := &s.tcp; {
	case fork && s.icmp.found:
		return s.icmp.length >= 2
	case tcp.found:
		if tcp.length < 16 {
			return false
		}
		// Only the first option is looked at.
		if size := int(s.at(tcp.at+12)>>4) * 4; size > 20 {
			switch kind := s.at(tcp.at + 20); {
			case tcp.length < 21:
				return false
			case kind > 1 && tcp.length < 22:
				return false
			}
		}
	case s.udp.found:
		return s.udp.length >= 4
	case fork && s.sctp.found:
		return s.sctp.length >= 4
	case fork:
		p := s.at(ip.at + 9)
		return p < jProtocols || p == jSTP
	}
	return true
}

// options walks over those of an IPv4 header and tells whether they lie in what was captured.
func (s *jScan) options(ip *jHeader) bool {
	const unknown = 1<<22 | 1<<26 | 1<<27 | 1<<28 | 1<<29 | 1<<30 | 1<<31 // option numbers jNetPcap has no name for
	size := int(s.at(ip.at)&15) * 4
	for i := 20; i < size; i++ {
		if i >= ip.length {
			return false
		}
		switch kind := s.at(ip.at+i) & 31; {
		case kind == 0, unknown>>kind&1 == 1:
			return true
		case kind != 1:
			if i+1 >= ip.length {
				return false
			}
			i += int(s.at(ip.at + i + 1))
		}
	}
	return true
}

// packet fills p and c from what the scan found.
func (s *jScan) packet(d *Decoder, p *Packet, c *Cold, fork bool) Outcome {
	var src, dst uint16
	var h *jHeader
	switch {
	case fork && s.icmp.found:
		p.Key.Proto = ProtoICMP
		c.ICMPType, c.ICMPCode = s.at(s.icmp.at), s.at(s.icmp.at+1)
	case s.tcp.found:
		h, p.Key.Proto = &s.tcp, ProtoTCP
		p.Flags, p.Window = s.at(h.at+13), s.at16(h.at+14)
		c.Seq32, c.Ack = uint32(s.at16(h.at+4))<<16|uint32(s.at16(h.at+6)), uint32(s.at16(h.at+8))<<16|uint32(s.at16(h.at+10))
	case s.udp.found:
		h, p.Key.Proto = &s.udp, ProtoUDP
	case fork && s.sctp.found:
		h, p.Key.Proto = &s.sctp, ProtoSCTP
	case fork && s.at(s.ip.at+9) == jIGMP:
		p.Key.Proto = jIGMP
	}
	if h != nil {
		src, dst = s.at16(h.at), s.at16(h.at+2)
		p.L4Header, p.Payload = uint16(h.length), uint32(h.payload)
	}
	p.IPLen, p.IPHeader = uint32(s.at16(s.ip.at+2)), uint16(s.ip.length)
	p.TTL = s.at(s.ip.at + 8)
	d.key(p, c, &net{data: s.b, src: s.ip.at + 12, size: 4}, src, dst)
	return Admitted
}
