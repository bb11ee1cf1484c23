package packet

// carried says what a header announces: an EtherType, or one of the values behind them.
type carried uint32

// EtherTypes, and what has none.
const (
	etherIPv4     carried = 0x0800
	etherBridged  carried = 0x6558 // an Ethernet frame
	etherVLAN     carried = 0x8100
	etherIPv6     carried = 0x86dd
	etherEoIP     carried = 0x6400
	etherPPP      carried = 0x880b
	etherMPLS     carried = 0x8847
	etherMPLSMany carried = 0x8848
	etherPPPoE    carried = 0x8864
	etherWCCP     carried = 0x883e
	etherQinQ     carried = 0x88a8
	etherERSPAN   carried = 0x88be
	etherPBB      carried = 0x88e7
	etherFabric   carried = 0x8903
	etherMetadata carried = 0x8909
	etherVNTag    carried = 0x8926
	etherNSH      carried = 0x894f
	etherQinQOld  carried = 0x9100
	etherERSPAN3  carried = 0x22eb

	carriedIP      carried = 0x10000 // an IP packet of either version
	carriedWLAN    carried = 0x10001 // an 802.11 frame
	carriedSwapped carried = 0x10002 // one whose control fields are swapped
)

// ethernet decodes an Ethernet II or 802.3 header at off and what follows.
func (d *Decoder) ethernet(p *Packet, c *Cold, data []byte, off, end int) Outcome {
	if len(data)-off < 14 {
		return CutLink
	}
	if d.ip < 0 && c.MACs.Len == 0 {
		c.MACs = Span{d.base + uint32(off), 12}
	}
	typ := carried(be16(data[off+12:]))
	off += 14
	if typ == etherIPv4 {
		return d.ipv4(p, c, data, off, end)
	}
	return d.network(p, c, data, typ, off, end)
}

// network decodes what typ announces at off.
func (d *Decoder) network(p *Packet, c *Cold, data []byte, typ carried, off, end int) Outcome {
	for tags := 0; ; {
		switch typ {
		case etherIPv4:
			return d.ipv4(p, c, data, off, end)
		case etherIPv6:
			return d.ipv6(p, c, data, off, end)
		case etherVLAN, etherQinQ, etherQinQOld:
			if len(data)-off < 4 {
				return CutLink
			}
			if tags++; tags > maxTags {
				return TooDeep
			}
			if int(c.VLANs) < len(c.VLAN) {
				c.VLAN[c.VLANs] = be16(data[off:]) & 0xfff
				c.VLANs++
			}
			typ = carried(be16(data[off+2:]))
			off += 4
			continue
		}
		break
	}
	if d.layers++; d.layers > maxLayers {
		return TooDeep
	}
	if d.few && (typ == etherMetadata || typ == etherNSH) {
		return NotIP
	}
	switch typ {
	case carriedIP:
		return d.anyIP(p, c, data, off, end)
	case etherBridged:
		return d.ethernet(p, c, data, off, end)
	case etherPPP:
		return d.ppp(p, c, data, off, end)
	case etherPPPoE:
		return d.pppoe(p, c, data, off, end)
	case etherMPLS, etherMPLSMany:
		return d.mpls(p, c, data, off, end)
	case etherPBB: // I-TAG of 802.1ah: flags and service, then the customer's frame
		return d.ethernet(p, c, data, off+4, end)
	case etherFabric: // Cisco's FabricPath: tree and hop count, then the frame
		return d.ethernet(p, c, data, off+2, end)
	case etherMetadata: // Cisco's security group tag: version, length, option, group
		return d.tag(p, c, data, off, 6, end)
	case etherVNTag: // Cisco's virtual interfaces: destination and source
		return d.tag(p, c, data, off, 4, end)
	case etherNSH:
		return d.nsh(p, c, data, off, end)
	case carriedWLAN:
		return d.wlan(p, c, data, off, end, 0)
	case carriedSwapped:
		return d.wlan(p, c, data, off, end, wlanSwapped)
	}
	if typ <= 1500 {
		data, end = within(data, end, off+int(typ))
		return d.llc(p, c, data, off, end)
	}
	return NotIP
}

// llc decodes an 802.2 header at off, with or without SNAP.
func (d *Decoder) llc(p *Packet, c *Cold, data []byte, off, end int) Outcome {
	if len(data)-off < 3 {
		return CutLink
	}
	switch {
	case data[off] == 0x06 && data[off+1] == 0x06 && data[off+2] == 0x03: // IP's own service access point
		return d.ipv4(p, c, data, off+3, end)
	case data[off] != 0xaa || data[off+1] != 0xaa || data[off+2] != 0x03:
		return NotIP
	case len(data)-off < 8:
		return CutLink
	}
	oui := be32(data[off+2:]) & 0xffffff
	typ := carried(be16(data[off+6:]))
	if (oui != 0 && oui != 0xf8) || typ <= 1500 { // 00-00-f8: bridge tunnel encapsulation
		return NotIP
	}
	return d.network(p, c, data, typ, off+8, end)
}

// tag passes over a tag of size bytes and the EtherType behind it.
func (d *Decoder) tag(p *Packet, c *Cold, data []byte, off, size, end int) Outcome {
	off += size
	if len(data)-off < 2 {
		return CutLink
	}
	return d.network(p, c, data, carried(be16(data[off:])), off+2, end)
}

// nsh decodes a network service header (RFC 8300) at off.
func (d *Decoder) nsh(p *Packet, c *Cold, data []byte, off, end int) Outcome {
	if len(data)-off < 8 {
		return CutLink
	}
	size := int(data[off+1]&0x3f) * 4
	typ, ok := nextProtocol(data[off+3])
	if !ok || size < 8 || data[off]>>6 != 0 {
		return NotIP
	}
	return d.network(p, c, data, typ, off+size, end)
}
