package packet

// udpTunnel returns the kind of tunnel that either port is known for.
func udpTunnel(src, dst uint16) Tunnel {
	if k := portTunnel(dst); k != TunnelNone {
		return k
	}
	return portTunnel(src)
}

func portTunnel(port uint16) Tunnel {
	switch port {
	case 1701:
		return TunnelL2TP
	case 2152:
		return TunnelGTPU
	case 3544:
		return TunnelTeredo
	case 4754:
		return TunnelGRE
	case 4789, 4790, 8472:
		return TunnelVXLAN
	case 5247:
		return TunnelCAPWAP
	case 6081:
		return TunnelGeneve
	case 6635:
		return TunnelMPLS
	case 37008:
		return TunnelTZSP
	}
	return TunnelNone
}

// openUDP finds the passenger of a tunnel whose header starts at off, behind UDP's. A
// port proves nothing, so every reserved bit and every length must be right.
func openUDP(kind Tunnel, src, dst uint16, data []byte, off, end int) (in inside, ok bool) {
	switch kind {
	case TunnelVXLAN:
		return vxlan(data, off, end, src == 4790 || dst == 4790)
	case TunnelGeneve:
		return geneve(data, off, end)
	case TunnelGTPU:
		return gtpu(data, off, end)
	case TunnelTeredo:
		return teredo(data, off, end)
	case TunnelL2TP:
		return l2tp(data, off, end)
	case TunnelCAPWAP:
		return capwap(data, off, end)
	case TunnelTZSP:
		return tzsp(data, off, end)
	case TunnelGRE: // RFC 8086
		kind, in, ok = gre(data, off, end)
		return in, ok && kind == TunnelGRE
	case TunnelMPLS: // RFC 7510
		return inside{etherMPLS, off, end}, labelled(data, off, end)
	}
	return inside{}, false
}

// vxlan reads VXLAN (RFC 7348), its group policy extension, and VXLAN-GPE.
func vxlan(data []byte, off, end int, gpe bool) (in inside, ok bool) {
	if len(data)-off < 8 {
		return
	}
	flags := data[off]
	if flags&0x08 == 0 || data[off+7] != 0 { // the network identifier must be valid
		return
	}
	in = inside{etherBridged, off + 8, end}
	switch {
	case flags == 0x08 && be32(data[off:])&0xffffff == 0:
		return in, true
	case flags == 0x08 && gpe: // some leave the bit for the next protocol out
	case flags == 0x88: // group policy: bits D and A, and a group
		return in, data[off+1]&^0x48 == 0
	case flags&^0x02 != 0x0c: // version and management bits of VXLAN-GPE
		return in, false
	}
	if be16(data[off+1:]) != 0 {
		return in, false
	}
	in.typ, ok = nextProtocol(data[off+3])
	return in, ok
}

// nextProtocol returns what VXLAN-GPE and the network service header announce.
func nextProtocol(b byte) (carried, bool) {
	switch b {
	case 1:
		return etherIPv4, true
	case 2:
		return etherIPv6, true
	case 3:
		return etherBridged, true
	case 4:
		return etherNSH, true
	case 5:
		return etherMPLS, true
	}
	return 0, false
}

// geneve reads a Geneve header (RFC 8926).
func geneve(data []byte, off, end int) (in inside, ok bool) {
	if len(data)-off < 8 || data[off]>>6 != 0 || data[off+1]&0x3f != 0 || data[off+7] != 0 {
		return
	}
	if data[off+1]&0x80 != 0 { // a control message
		return
	}
	in = inside{carried(be16(data[off+2:])), off + 8 + int(data[off]&0x3f)*4, end}
	return in, in.off < end && in.typ > 1500
}

// gtpu reads a G-PDU of GTP version 1 (3GPP TS 29.281).
func gtpu(data []byte, off, end int) (in inside, ok bool) {
	if len(data)-off < 8 {
		return
	}
	flags := data[off]
	if flags>>5 != 1 || flags&0x10 == 0 || flags&0x08 != 0 || data[off+1] != 0xff {
		return
	}
	stop := off + 8 + int(be16(data[off+2:]))
	if stop > end {
		return
	}
	at := off + 8
	if flags&0x07 != 0 {
		if len(data)-at < 4 {
			return
		}
		next := data[at+3]
		if flags&0x04 == 0 {
			next = 0
		}
		at += 4
		for i := 0; next != 0; i++ { // extension headers, in units of four bytes
			if i == maxExtensions || at >= len(data) || data[at] == 0 {
				return
			}
			at += int(data[at]) * 4
			if at > len(data) {
				return
			}
			next = data[at-1]
		}
	}
	return inside{carriedIP, at, stop}, true
}

// teredo reads the headers of RFC 4380 in front of an IPv6 packet.
func teredo(data []byte, off, end int) (in inside, ok bool) {
	if len(data)-off >= 4 && be16(data[off:]) == 1 { // authentication: client and value with their lengths, nonce, confirmation
		off += 13 + int(data[off+2]) + int(data[off+3])
	}
	if len(data)-off >= 8 && be16(data[off:]) == 0 { // origin indication
		off += 8
	}
	if len(data)-off < 40 || data[off]>>4 != 6 || int(be16(data[off+4:]))+40 > end-off {
		return
	}
	if !teredoAddress(data[off+8:]) && !teredoAddress(data[off+24:]) {
		return
	}
	return inside{etherIPv6, off, end}, true
}

// teredoAddress reports whether b starts with Teredo's prefix or a link-local one.
func teredoAddress(b []byte) bool {
	return be32(b) == 0x20010000 || be16(b)&0xffc0 == 0xfe80
}

// tzsp reads the header and tags of TaZmen's sniffer protocol.
func tzsp(data []byte, off, end int) (in inside, ok bool) {
	if len(data)-off < 5 || data[off] != 1 || data[off+1] > 1 { // version; received or to be sent
		return
	}
	switch be16(data[off+2:]) {
	case 1:
		in.typ = etherBridged
	case 0x12:
		in.typ = carriedWLAN
	default:
		return
	}
	for at := off + 4; at < len(data); {
		switch tag := data[at]; {
		case tag == 1: // end
			in.off, in.end = at+1, end
			return in, true
		case tag == 0: // padding
			at++
		case len(data)-at < 2:
			return
		default:
			at += 2 + int(data[at+1])
		}
	}
	return
}

// capwap reads the header of a CAPWAP data message (RFC 5415 section 4.3).
func capwap(data []byte, off, end int) (in inside, ok bool) {
	if len(data)-off < 8 || data[off] != 0 { // version 0, not encrypted
		return
	}
	bits := be32(data[off:])
	size := int(bits>>19&31) * 4
	const native, fragment, keepAlive, reserved = 0x100, 0x80, 0x08, 0x07
	if size < 8 || bits&(fragment|keepAlive|reserved) != 0 {
		return
	}
	in = inside{etherBridged, off + size, end}
	if bits&native != 0 {
		if bits>>9&31 != 1 { // binding: 802.11
			return
		}
		in.typ = carriedWLAN
		// Some controllers send the two bytes of the control fields swapped.
		if len(data)-in.off >= 2 && data[in.off]&0x0f != 0x08 && data[in.off+1]&0x0f == 0x08 {
			in.typ = carriedSwapped
		}
	}
	return in, in.off < end
}
