package packet

// Zeek reads frames as Zeek does: headers with wrong checksums may count against a packet,
// fragments are put together first, of IP in IP and GRE only the innermost packet counts,
// UDP tunnels stay closed. ICMP has ports: its type, and the type that answers it, or the
// code where none does; such one-way messages of two hosts are two flows, one a direction.
//
// Lengths are those of Zeek's scripts: L4Header is the size of the transport header as
// they know it, Payload is what they take for payload, extension headers of IPv6 included.
// Payload is never negative, as it is where the headers contradict each other in Zeek.
type Zeek struct {
	Faithful  bool // leave out what Zeek leaves out, though the decoder could read it
	Checksums bool // look at checksums: a wrong one of IPv4 keeps a packet out, others set BitChecksum
}

// found is the outcome of the walk to an IP header (frame.seek), at d.ip. Zeek does not
// care how long the headers on the way say that their packets are.
const found = Admitted

func (z Zeek) read(d *Decoder, p *Packet, c *Cold, f *Frame, data []byte, end int) Outcome {
	if z.Faithful && !zeekLink(f.Link) {
		return LeftOut
	}
	d.seek, d.few = true, z.Faithful
	var o Outcome
	if f.Net != 0 {
		o = d.network(p, c, data, carried(f.EtherType), int(f.Net)-1, end)
	} else {
		o = d.link(p, c, data, f.Link, end)
	}
	macs := c.MACs // those inside may lie in a datagram put together
	for o == found {
		var n zeekPacket
		if o := z.ip(d, p, c, &n, data, d.ip, end); o != Admitted {
			return o
		}
		in, open := n.passenger()
		if !open {
			return z.transport(d, p, c, &n)
		}
		if c.Tunnels == maxTunnels {
			return TooDeep
		}
		c.Tunnels++
		d.marks |= markTunnel
		d.ip = -1
		data, end = within(n.data, n.end, in.end)
		o = d.network(p, c, data, in.typ, in.off, end)
		c.MACs = macs
		if o != found && !z.Faithful { // closed
			c.Tunnels--
			return z.transport(d, p, c, &n)
		}
	}
	return o
}

// zeekLink reports whether Zeek knows a link type. It takes all others for raw IP, which
// they hardly ever pass for.
func zeekLink(link uint16) bool {
	const fddi, nflog = 10, 239
	switch link {
	case linkNull, linkLoop, linkEthernet, linkPPP, linkPPPSerial, fddi, linkRaw12, linkRaw14, linkRaw, linkIPv4, linkIPv6,
		linkWLAN, linkRadiotap, linkSLL, linkSLL2, nflog:
		return true
	}
	return false
}

// zeekPacket is an IP packet on its way through Zeek's reading.
type zeekPacket struct {
	net        // data holds a frame, or the addresses and the rest of a datagram put together
	off   int  // of the transport in data
	proto byte // of the transport
	rest  int  // bytes behind the IP header as scripts count them: those of extension headers included
}

// passenger finds the packet inside, if this is a tunnel that Zeek opens.
func (n *zeekPacket) passenger() (inside, bool) {
	switch n.proto {
	case protoIPv4, protoIPv6, protoGRE:
		_, in, ok := openIP(n.proto, n.data, n.off, n.end)
		return in, ok
	}
	return inside{}, false
}

// transport reads the transport header and makes the key.
func (z Zeek) transport(d *Decoder, p *Packet, c *Cold, n *zeekPacket) Outcome {
	body := n.data[min(n.off, len(n.data)):]
	size := n.end - n.off // of header and payload by the IP header
	least, header := 0, 0
	switch n.proto {
	case ProtoTCP:
		least, header = 20, 20
	case ProtoUDP, ProtoICMP, ProtoICMPv6:
		least, header = 8, 8
	case protoGRE, protoESP, protoMobility, protoNone:
		if z.Faithful {
			return LeftOut
		}
	}
	if size < least || len(body) < least {
		if z.Faithful {
			return LeftOut
		}
		d.cut(c)
	}
	whole := len(body) >= least
	var src, dst uint16
	oneWay := false
	p.Key.Proto = n.proto
	switch n.proto {
	case ProtoTCP:
		src, dst = ports(body, 0)
		if whole {
			c.Seq32, c.Ack = be32(body[4:]), be32(body[8:])
			header = int(body[12]>>4) * 4
			p.Flags, p.Window = body[13], be16(body[14:])
		}
		if header < 20 || header > size || z.Faithful && header > len(body) {
			c.Bits |= BitBadHeader
			d.marks |= markBad
		}
	case ProtoUDP:
		src, dst = ports(body, 0)
	case ProtoICMP, ProtoICMPv6:
		if len(body) >= 2 {
			c.ICMPType, c.ICMPCode = body[0], body[1]
		}
		src = uint16(c.ICMPType)
		answer, ok := zeekAnswer(n.proto, c.ICMPType)
		if dst = uint16(answer); !ok {
			dst, oneWay = uint16(c.ICMPCode), true
		}
		if n.proto == ProtoICMP && size < 28 { // Zeek's scripts see no header in such a small one
			header = 0
		}
	}
	if z.Checksums && whole && len(body) >= size && !n.intact(body[:size]) {
		c.Bits |= BitChecksum
		d.marks |= markChecksum
	}
	p.L4Header = uint16(header)
	p.Payload = uint32(max(0, n.rest-header))
	p.CapPayload = uint32(max(0, min(len(body), size)-header))
	if c.Bits&BitZeroLen != 0 {
		p.Payload = 0
	}
	d.key(p, c, &n.net, src, dst)
	if oneWay && !p.FromA {
		p.Key.Kind |= KindFromB
	}
	return Admitted
}

// zeekAnswer returns the ICMP type that belongs to typ as answer or question.
func zeekAnswer(proto, typ uint8) (uint8, bool) {
	if proto == ProtoICMPv6 {
		switch typ {
		case 128, 130, 133, 135, 139, 144: // echo, group members, router, neighbour, node, home agent
			return typ + 1, true
		case 129, 131, 134, 136, 140, 145:
			return typ - 1, true
		}
		return 0, false
	}
	switch typ {
	case 0:
		return 8, true
	case 8:
		return 0, true
	case 13, 15, 17: // timestamp, information, address mask
		return typ + 1, true
	case 14, 16, 18:
		return typ - 1, true
	case 9: // router advertisement and solicitation
		return 10, true
	case 10:
		return 9, true
	}
	return 0, false
}
