package packet

// What a UDP header leads to.
type nfTunnel uint8

const (
	nfClosed nfTunnel = iota // no tunnel: the packet in hand counts
	nfOpened                 // the packet inside, at ip, counts as it is
	nfInside                 // an IP header inside, to be looked at like the first
	nfFrame                  // a link header inside
	nfDrop
)

// tunnel looks behind the UDP header at udp.
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
