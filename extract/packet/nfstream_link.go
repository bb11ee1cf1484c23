package packet

// link finds what lies behind the link header.
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

// tags passes over VLAN tags, MPLS labels and PPPoE.
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
