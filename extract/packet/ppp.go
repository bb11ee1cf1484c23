package packet

// ppp decodes a PPP frame at off, with or without its address and control bytes and with
// the protocol in one byte or two (RFC 1661).
func (d *Decoder) ppp(p *Packet, c *Cold, data []byte, off, end int) Outcome {
	if len(data)-off >= 2 && data[off] == 0xff && data[off+1] == 0x03 {
		off += 2
	}
	if len(data)-off < 2 {
		return CutLink
	}
	proto := be16(data[off:])
	if data[off]&1 != 0 {
		proto = uint16(data[off])
		off++
	} else {
		off += 2
	}
	switch proto {
	case 0x0021:
		return d.ipv4(p, c, data, off, end)
	case 0x0057:
		return d.ipv6(p, c, data, off, end)
	case 0x0281, 0x0283:
		return d.network(p, c, data, etherMPLS, off, end)
	}
	return NotIP
}

// pppSerial decodes what captures of serial lines hold: PPP, bare or in HDLC framing, or
// Cisco's HDLC.
func (d *Decoder) pppSerial(p *Packet, c *Cold, data []byte, end int) Outcome {
	if len(data) >= 1 && (data[0] == 0x0f || data[0] == 0x8f) {
		return d.hdlc(p, c, data, end)
	}
	return d.ppp(p, c, data, 0, end)
}

// pppDirection decodes PPP frames as pppd notes them: the direction in place of the address.
func (d *Decoder) pppDirection(p *Packet, c *Cold, data []byte, end int) Outcome {
	if len(data) < 2 {
		return CutLink
	}
	if data[1] != 0x03 { // no control byte
		return d.ppp(p, c, data, 1, end)
	}
	return d.ppp(p, c, data, 2, end)
}

// hdlc decodes Cisco's HDLC: address, control, EtherType.
func (d *Decoder) hdlc(p *Packet, c *Cold, data []byte, end int) Outcome {
	if len(data) < 4 {
		return CutLink
	}
	return d.network(p, c, data, carried(be16(data[2:])), 4, end)
}

// pppoe decodes a session packet of RFC 2516 at off.
func (d *Decoder) pppoe(p *Packet, c *Cold, data []byte, off, end int) Outcome {
	if len(data)-off < 6 {
		return CutLink
	}
	if data[off] != 0x11 || data[off+1] != 0 { // version, type; session data
		return NotIP
	}
	if size := int(be16(data[off+4:])); size != 0 { // 0: segmentation offload
		data, end = within(data, end, off+6+size)
	}
	return d.ppp(p, c, data, off+6, end)
}
