package packet

// Peculiarities of an 802.11 frame that its capture header tells.
const (
	wlanPadded  = 1 << iota // header padded to four bytes
	wlanSwapped             // bytes of frame and sequence control swapped
)

const wlanFCS = 4 // bytes of the frame check sequence

// wlan decodes an 802.11 data frame at off.
func (d *Decoder) wlan(p *Packet, c *Cold, data []byte, off, end int, how int) Outcome {
	if len(data)-off < 24 {
		if len(data)-off >= 2 && how&wlanSwapped == 0 && data[off]&0x0c != 0x08 {
			return NotIP // control frames are shorter
		}
		return CutLink
	}
	kind, flags, part := data[off], data[off+1], data[off+22] // part: number of the fragment
	if how&wlanSwapped != 0 {
		kind, flags, part = flags, kind, data[off+23]
	}
	const toAndFrom, protected, ordered, qos, null = 0x03, 0x40, 0x80, 0x80, 0x40
	if kind&0x0f != 0x08 || kind&null != 0 || flags&protected != 0 || part&0x0f != 0 {
		return NotIP // not data, without data, encrypted, or a later fragment
	}
	size := 24
	if flags&toAndFrom == toAndFrom {
		size += 6
	}
	aggregate := false
	if kind&qos != 0 {
		if len(data)-off < size+2 {
			return CutLink
		}
		aggregate = data[off+size]&0x80 != 0
		size += 2
		if flags&ordered != 0 {
			size += 4
		}
	}
	if how&wlanPadded != 0 {
		size = (size + 3) &^ 3
	}
	off += size
	if aggregate {
		if len(data)-off < 14 {
			return CutLink
		}
		stop := off + 14 + int(be16(data[off+12:]))
		if stop+14 < end {
			d.marks |= markSubframes
		}
		data, end = within(data, end, stop)
		off += 14
	}
	return d.llc(p, c, data, off, end)
}

// radiotap decodes a radiotap header and the 802.11 frame behind it.
func (d *Decoder) radiotap(p *Packet, c *Cold, data []byte, end int) Outcome {
	if len(data) < 8 || data[0] != 0 {
		return CutLink
	}
	size := int(le16(data[2:]))
	if size < 8 || size > len(data) {
		return CutLink
	}
	const hasTime, hasFlags, more = 1, 2, 1 << 31
	present := le32(data[4:])
	at := 8
	for word := present; word&more != 0; at += 4 {
		if size-at < 4 {
			return CutLink
		}
		word = le32(data[at:])
	}
	how := 0
	if present&hasTime != 0 {
		at = (at+7)&^7 + 8
	}
	if present&hasFlags != 0 && at < size {
		const padded, fcs = 0x20, 0x10
		if data[at]&padded != 0 {
			how |= wlanPadded
		}
		if data[at]&fcs != 0 {
			data, end = within(data, end, end-wlanFCS)
		}
	}
	return d.wlan(p, c, data, size, end, how)
}

// ppi decodes a per-packet information header and the frame behind it.
func (d *Decoder) ppi(p *Packet, c *Cold, data []byte, end int) Outcome {
	if len(data) < 8 || data[0] != 0 {
		return CutLink
	}
	size := int(le16(data[2:]))
	link := le32(data[4:])
	if size < 8 || size > len(data) {
		return CutLink
	}
	if link != linkWLAN {
		if link == linkPPI || link > 0xffff {
			return UnknownLink
		}
		if d.layers++; d.layers > maxLayers {
			return TooDeep
		}
		return d.behind(p, c, data, uint16(link), size, end)
	}
	fields, fcs := data[:size], false
	for at := 8; size-at >= 4; {
		kind, length := le16(fields[at:]), int(le16(fields[at+2:]))
		if kind == 2 && length >= 10 && size-at >= 14 { // 802.11-Common: the flags follow the time
			fcs = fcs || fields[at+12]&1 != 0
		}
		at += 4 + length
		if fields[1]&1 != 0 { // fields are padded to four bytes
			at = (at + 3) &^ 3
		}
	}
	if fcs {
		data, end = within(data, end, end-wlanFCS)
	}
	return d.wlan(p, c, data, size, end, 0)
}

// behind decodes a frame of a link type that starts at off, behind a capture header.
func (d *Decoder) behind(p *Packet, c *Cold, data []byte, link uint16, off, end int) Outcome {
	switch link {
	case linkEthernet:
		return d.ethernet(p, c, data, off, end)
	case linkRaw12, linkRaw14, linkRaw, linkIPv4, linkIPv6:
		return d.anyIP(p, c, data, off, end)
	case linkPPP, linkPPPSerial:
		return d.ppp(p, c, data, off, end)
	}
	return UnknownLink
}

// prism decodes a Prism or AVS header, whichever is there, and the 802.11 frame behind it.
func (d *Decoder) prism(p *Packet, c *Cold, data []byte, end int) Outcome {
	if len(data) < 8 {
		return CutLink
	}
	var size uint32
	switch magic := be32(data); {
	case magic>>4 == 0x8021100: // AVS
		size = be32(data[4:])
	case le32(data) < 0x10000:
		size = le32(data[4:])
	default:
		size = be32(data[4:])
	}
	if size < 8 || int64(size) > int64(len(data)) {
		return CutLink
	}
	return d.wlan(p, c, data, int(size), end, 0)
}
