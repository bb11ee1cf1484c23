package packet

// EtherTypes.
const (
	etherIPv4     = 0x0800
	etherIPv6     = 0x86dd
	etherVLAN     = 0x8100
	etherQinQ     = 0x88a8
	etherQinQOld  = 0x9100
	etherMPLS     = 0x8847
	etherMPLSMany = 0x8848
	etherPPPoE    = 0x8864
)

// ethernet decodes an Ethernet II or 802.3 header at off and what follows.
func (d *Decoder) ethernet(p *Packet, c *Cold, data []byte, off, end int) Outcome {
	if len(data)-off < 14 {
		return CutLink
	}
	if d.ip < 0 && c.MACs.Len == 0 {
		c.MACs = Span{d.base + uint32(off), 12}
	}
	typ := be16(data[off+12:])
	off += 14
	if typ == etherIPv4 {
		return d.ipv4(p, c, data, off, end)
	}
	return d.network(p, c, data, typ, off, end)
}

// network decodes what an EtherType announces at off.
func (d *Decoder) network(p *Packet, c *Cold, data []byte, typ uint16, off, end int) Outcome {
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
			typ = be16(data[off+2:])
			off += 4
			continue
		}
		break
	}
	if d.layers++; d.layers > maxLayers {
		return TooDeep
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
	typ := be16(data[off+6:])
	if (oui != 0 && oui != 0xf8) || typ <= 1500 { // 00-00-f8: bridge tunnel encapsulation
		return NotIP
	}
	return d.network(p, c, data, typ, off+8, end)
}
