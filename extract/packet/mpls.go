package packet

// mpls decodes a stack of labels at off. The last label does not say what follows it:
// an IP packet shows its version there; a pseudowire (RFC 4385) shows a control word,
// which starts with 0, and then usually carries Ethernet, or Ethernet follows at once.
func (d *Decoder) mpls(p *Packet, c *Cold, data []byte, off, end int) Outcome {
	for i := 0; ; i++ {
		if len(data)-off < 4 {
			return CutLink
		}
		if i == maxLayers {
			return TooDeep
		}
		bottom := data[off+2] & 1
		off += 4
		if bottom == 1 {
			break
		}
	}
	if off >= len(data) {
		return CutLink
	}
	switch {
	case plausibleIP(data[off:], end-off):
		return d.network(p, c, data, carriedIP, off, end)
	case d.few:
		return NotIP
	case data[off]>>4 == 0 && plausibleFrame(data, off+4):
		return d.network(p, c, data, etherBridged, off+4, end)
	case plausibleFrame(data, off):
		return d.network(p, c, data, etherBridged, off, end)
	case data[off]>>4 == 4 || data[off]>>4 == 6:
		return d.network(p, c, data, carriedIP, off, end)
	}
	return NotIP
}

// plausibleIP reports whether b starts like an IP packet of at most size bytes.
func plausibleIP(b []byte, size int) bool {
	switch {
	case len(b) >= 4 && b[0]>>4 == 4:
		total := int(be16(b[2:]))
		return b[0]&15 >= 5 && total <= size && (total >= 20 || total == 0)
	case len(b) >= 6 && b[0]>>4 == 6:
		return int(be16(b[4:]))+40 <= size
	}
	return false
}

// plausibleFrame reports whether an Ethernet header with a type that the decoder
// follows lies at off.
func plausibleFrame(data []byte, off int) bool {
	if len(data)-off < 14 {
		return false
	}
	switch typ := carried(be16(data[off+12:])); typ {
	case etherIPv4, etherIPv6, etherVLAN, etherQinQ, etherQinQOld, etherMPLS, etherMPLSMany, etherPPPoE:
		return true
	default:
		return typ <= 1500 && len(data)-off >= 17 && be16(data[off+14:]) == 0xaaaa
	}
}

// labelled reports whether what lies from off to end is a stack of labels and one whole
// IP packet, bare or in a frame. Labels have no bits that must be so or so, hence the care.
func labelled(data []byte, off, end int) bool {
	for i := 0; len(data)-off >= 4 && i < maxLayers; i++ {
		bottom := data[off+2] & 1
		off += 4
		if bottom == 0 {
			continue
		}
		if soundIP(data[min(off, len(data)):], end-off, 0) {
			return true
		}
		for _, frame := range [...]int{off, off + 4} { // without and with a control word
			if plausibleFrame(data, frame) && soundIP(data[frame+14:], end-frame-14, 46) {
				return true
			}
		}
		return false
	}
	return false
}
