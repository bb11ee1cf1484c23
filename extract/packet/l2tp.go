package packet

// l2tp reads an L2TP data message in UDP: version 2 (RFC 2661) or 3 (RFC 3931).
func l2tp(data []byte, off, end int) (in inside, ok bool) {
	if len(data)-off < 8 {
		return
	}
	flags := be16(data[off:])
	const control, hasLength, hasSeq, hasOffset, reserved = 0x8000, 0x4000, 0x0800, 0x0200, 0x34f0
	if flags&control != 0 {
		return
	}
	if flags&15 == 3 {
		if flags != 3 || be16(data[off+2:]) != 0 || be32(data[off+4:]) == 0 {
			return
		}
		return l2tpSession(data, off+8, end)
	}
	if flags&15 != 2 || flags&reserved != 0 {
		return
	}
	at := off + 2
	if flags&hasLength != 0 {
		size := int(be16(data[at:]))
		if size < 8 || size > end-off {
			return
		}
		end = off + size
		at += 2
	}
	at += 4 // tunnel and session
	if flags&hasSeq != 0 {
		at += 4
	}
	if flags&hasOffset != 0 {
		if len(data)-at < 2 {
			return
		}
		at += 2 + int(be16(data[at:]))
	}
	return inside{etherPPP, at, end}, at < end
}

// l2tpSession finds the passenger of a version 3 session, whose header ends at off but for a
// cookie of 0, 4 or 8 bytes and a sublayer of 0 or 4: the two ends agree on these and the
// packets do not say. It is found where an IPv4 header with a right checksum and an exact
// length, or an IPv6 header with an exact length, follows an Ethernet, PPP or HDLC header.
func l2tpSession(data []byte, off, end int) (in inside, ok bool) {
	for _, skip := range [...]int{0, 4, 8, 12} {
		at := off + skip
		if len(data)-at < 24 {
			return
		}
		h := data[at:]
		typ := carried(be16(h[12:]))
		switch {
		case (typ == etherIPv4 || typ == etherIPv6) && soundIP(h[14:], end-at-14, 46):
			return inside{etherBridged, at, end}, true
		case typ == etherVLAN && soundIP(h[18:], end-at-18, 46):
			return inside{etherBridged, at, end}, true
		case be16(h) == 0xff03 && soundIP(h[4:], end-at-4, 0):
			return inside{etherPPP, at, end}, true
		case (h[0] == 0x0f || h[0] == 0x8f) && h[1] == 0 && soundIP(h[4:], end-at-4, 0):
			return inside{carried(be16(h[2:])), at + 4, end}, true
		case soundIP(h, end-at, 0):
			return inside{carriedIP, at, end}, true
		}
	}
	return
}

// soundIP reports whether b starts with an IP header that fills size bytes exactly, or
// less than padded bytes, and whose checksum, if it has one, is right.
func soundIP(b []byte, size, padded int) bool {
	var total int
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		header := int(b[0]&15) * 4
		if header < 20 || header > len(b) {
			return false
		}
		var sum uint32
		for i := 0; i < header; i += 2 {
			sum += uint32(be16(b[i:]))
		}
		if (sum&0xffff+sum>>16)%0xffff != 0 {
			return false
		}
		total = int(be16(b[2:]))
	case len(b) >= 40 && b[0]>>4 == 6:
		total = int(be16(b[4:])) + 40
	default:
		return false
	}
	return total == size || total < size && size <= padded
}
