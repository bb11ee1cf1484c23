package packet

// Link types, as in the list of LINKTYPE_ numbers.
const (
	linkNull      = 0
	linkEthernet  = 1
	linkPPP       = 9
	linkRaw12     = 12
	linkRaw14     = 14
	linkPPPSerial = 50
	linkPPPoE     = 51
	linkRaw       = 101
	linkHDLC      = 104
	linkWLAN      = 105
	linkLoop      = 108
	linkSLL       = 113
	linkPrism     = 119
	linkRadiotap  = 127
	linkAVS       = 163
	linkPPPD      = 166
	linkPPI       = 192
	linkIPv4      = 228
	linkIPv6      = 229
	linkSLL2      = 276
)

// Knows reports whether the decoder reads link type link itself.
func Knows(link uint16) bool {
	switch link {
	case linkNull, linkEthernet, linkPPP, linkRaw12, linkRaw14, linkPPPSerial, linkPPPoE, linkRaw, linkHDLC, linkWLAN,
		linkLoop, linkSLL, linkPrism, linkRadiotap, linkAVS, linkPPPD, linkPPI, linkIPv4, linkIPv6, linkSLL2:
		return true
	}
	return false
}

// link decodes the link header at the start of data.
func (d *Decoder) link(p *Packet, c *Cold, data []byte, link uint16, end int) Outcome {
	switch link {
	case linkEthernet:
		return d.ethernet(p, c, data, 0, end)
	case linkRaw12, linkRaw14, linkRaw:
		return d.anyIP(p, c, data, 0, end)
	case linkIPv4:
		return d.ipv4(p, c, data, 0, end)
	case linkIPv6:
		return d.ipv6(p, c, data, 0, end)
	case linkNull, linkLoop:
		return d.loopback(p, c, data, end)
	case linkSLL:
		return d.sll(p, c, data, end)
	case linkSLL2:
		return d.sll2(p, c, data, end)
	case linkPPP, linkPPPSerial:
		return d.pppSerial(p, c, data, end)
	case linkPPPD:
		return d.pppDirection(p, c, data, end)
	case linkPPPoE:
		return d.pppoe(p, c, data, 0, end)
	case linkHDLC:
		return d.hdlc(p, c, data, end)
	case linkWLAN:
		return d.wlan(p, c, data, 0, end, 0)
	case linkRadiotap:
		return d.radiotap(p, c, data, end)
	case linkPPI:
		return d.ppi(p, c, data, end)
	case linkPrism, linkAVS:
		return d.prism(p, c, data, end)
	}
	return UnknownLink
}

// anyIP decodes an IP packet of the version that its first byte says.
func (d *Decoder) anyIP(p *Packet, c *Cold, data []byte, off, end int) Outcome {
	if off >= len(data) {
		return CutIP
	}
	switch data[off] >> 4 {
	case 4:
		return d.ipv4(p, c, data, off, end)
	case 6:
		return d.ipv6(p, c, data, off, end)
	}
	return NotIP
}

// loopback decodes BSD's null and loop headers: an address family, in either byte order.
func (d *Decoder) loopback(p *Packet, c *Cold, data []byte, end int) Outcome {
	if len(data) < 4 {
		return CutLink
	}
	family := le32(data)
	if family > 0xffff {
		family = be32(data)
	}
	switch family {
	case 2: // AF_INET everywhere
		return d.ipv4(p, c, data, 4, end)
	case 10, 23, 24, 28, 30: // AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin
		return d.ipv6(p, c, data, 4, end)
	}
	return NotIP
}

// sll decodes the header of Linux's cooked captures, version 1.
func (d *Decoder) sll(p *Packet, c *Cold, data []byte, end int) Outcome {
	if len(data) < 16 {
		return CutLink
	}
	return d.cooked(p, c, data, be16(data[2:]), be16(data[14:]), 16, end)
}

// sll2 decodes version 2.
func (d *Decoder) sll2(p *Packet, c *Cold, data []byte, end int) Outcome {
	if len(data) < 20 {
		return CutLink
	}
	return d.cooked(p, c, data, be16(data[8:]), be16(data), 20, end)
}

// cooked decodes what follows a cooked header with the hardware type arphrd.
func (d *Decoder) cooked(p *Packet, c *Cold, data []byte, arphrd, typ uint16, off, end int) Outcome {
	switch arphrd {
	case 824, 770, 803: // netlink, frame relay, 802.11 with radiotap: typ is no EtherType
		return NotIP
	}
	if typ == 4 { // 802.2 follows
		return d.llc(p, c, data, off, end)
	}
	return d.network(p, c, data, carried(typ), off, end)
}
