package packet

// gre reads a GRE header at off: RFC 2784 and 2890, the routing of RFC 1701, and the
// enhanced form of PPTP (RFC 2637).
func gre(data []byte, off, end int) (kind Tunnel, in inside, ok bool) {
	if len(data)-off < 4 {
		return
	}
	flags, typ := be16(data[off:]), carried(be16(data[off+2:]))
	const (
		hasSum, hasRoute, hasKey, hasSeq = 0x8000, 0x4000, 0x2000, 0x1000
		hasAck                           = 0x0080 // PPTP
	)
	at := off + 4
	if flags&(hasSum|hasRoute) != 0 {
		at += 4
	}
	if flags&hasKey != 0 {
		at += 4
	}
	if flags&hasSeq != 0 {
		at += 4
	}
	switch flags & 7 {
	case 1:
		if flags == hasKey|1 && typ == etherEoIP { // MikroTik's: the key is a length and a number
			if len(data)-off >= 6 {
				return TunnelGRE, inside{etherBridged, off + 8, min(end, off+8+int(be16(data[off+4:])))}, true
			}
			return
		}
		if typ != etherPPP || flags&hasKey == 0 || flags&hasSeq == 0 || len(data)-off < 6 { // no sequence number: an acknowledgement
			return
		}
		if flags&hasAck != 0 {
			at += 4
		}
		return TunnelGRE, inside{typ, at, min(end, at+int(be16(data[off+4:])))}, true
	case 0:
	default:
		return
	}
	for i := 0; flags&hasRoute != 0; i++ { // source route entries until one without length
		if len(data)-at < 4 || i == maxLayers {
			return
		}
		size := int(data[at+3])
		at += 4 + size
		if size == 0 {
			break
		}
	}
	switch typ {
	case etherERSPAN: // type I has no header of its own and no sequence number
		if flags&hasSeq == 0 {
			return TunnelERSPAN, inside{etherBridged, at, end}, true
		}
		return TunnelERSPAN, inside{etherBridged, at + 8, end}, len(data)-at >= 8 && data[at]>>4 == 1
	case etherERSPAN3:
		return erspan3(data, at, end)
	case etherWCCP: // version 2 puts four bytes in front of the packet
		if len(data)-at >= 1 && data[at]>>4 != 4 {
			at += 4
		}
		typ = etherIPv4
	case etherMetadata: // here the EtherType stands in front of the tag
		if len(data)-at < 2 {
			return
		}
		typ = carried(be16(data[at:]))
		at += 8
	}
	return TunnelGRE, inside{typ, at, end}, true
}

// erspan3 reads the header of ERSPAN type III at off.
func erspan3(data []byte, off, end int) (kind Tunnel, in inside, ok bool) {
	if len(data)-off < 12 || data[off]>>4 != 2 {
		return
	}
	in = inside{etherBridged, off + 12, end}
	if data[off+11]&1 != 0 { // platform specific subheader
		in.off += 8
	}
	switch data[off+10] >> 2 & 31 { // frame type
	case 0:
	case 2:
		in.typ = carriedIP
	default:
		return
	}
	return TunnelERSPAN, in, true
}
