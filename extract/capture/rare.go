package capture

import (
	"encoding/binary"
	"math"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"fm/extract/packet"
)

// Link types that are read here with own rules, because gopacket does not.
const (
	linkTokenRing  = 6
	linkFrameRelay = 107
	linkArcnet     = 129
	linkIPNet      = 226
	linkNFLog      = 239
	linkIPoIB      = 242
	linkPktap      = 258

	etherIPv4 = 0x0800
	etherARP  = 0x0806
	etherIPv6 = 0x86dd
	etherMPLS = 0x8847

	etherHeader  = 14
	etherTypeAt  = 12    // in an Ethernet header, behind the addresses
	minEtherType = 0x600 // below, the field is a length
)

// locate fills Net and EtherType of the frames whose link type the decoder does not read.
// It is slow, and not part of the path that ordinary captures take.
func locate(b *packet.Batch, counts *Counters) {
	last, known := uint16(0), packet.Knows(0)
	for i := range b.Frames {
		f := &b.Frames[i]
		if f.Link != last {
			last, known = f.Link, packet.Knows(f.Link)
		}
		if known {
			continue
		}
		off, kind := network(b.Bytes(f.Data), f.Link)
		if kind == 0 || off >= math.MaxUint16 {
			counts.Unlocated++
			continue
		}
		counts.Located++
		f.Net, f.EtherType = uint16(off)+1, kind
	}
}

// network returns the offset of the network header in a frame and its EtherType, 0 if none is found.
func network(data []byte, link uint16) (off int, etherType uint16) {
	switch link {
	case linkTokenRing:
		return tokenRing(data)
	case linkFrameRelay:
		return frameRelay(data)
	case linkArcnet:
		return arcnet(data)
	case linkIPNet: // Solaris: version, family, then what else fills 24 bytes
		if len(data) >= 24 {
			return at(24, map[byte]uint16{2: etherIPv4, 26: etherIPv6}[data[1]])
		}
	case linkNFLog:
		return nflog(data)
	case linkIPoIB: // two addresses of 20 bytes, EtherType, reserved
		if len(data) >= 44 {
			return at(44, binary.BigEndian.Uint16(data[40:]))
		}
	case linkPktap:
		return pktap(data)
	}
	if link > math.MaxUint8 { // gopacket's number has 8 bits
		return 0, 0
	}
	return byLayers(data, layers.LinkType(link))
}

// at is off where the EtherType is one, else nothing.
func at(off int, etherType uint16) (int, uint16) {
	if etherType < minEtherType {
		return 0, 0
	}
	return off, etherType
}

// tokenRing reads IEEE 802.5 with an optional source route, LLC and SNAP.
func tokenRing(data []byte) (int, uint16) {
	const head, llc = 14, 8
	off := head
	if len(data) > head && data[8]&0x80 != 0 { // the source address announces a route
		off += int(data[head] & 0x1f)
	}
	if len(data) < off+llc || data[off] != 0xaa || data[off+1] != 0xaa || data[off+2] != 3 {
		return 0, 0
	}
	return at(off+llc, binary.BigEndian.Uint16(data[off+6:]))
}

// arcnet reads Linux's form: source, destination, offset, protocol, and behind the protocols
// of RFC 1201, but not those of RFC 1051, a split flag and a sequence number.
func arcnet(data []byte) (int, uint16) {
	if len(data) < 8 {
		return 0, 0
	}
	switch kind, split := data[4], data[5]; {
	case kind == 0xf0:
		return 5, etherIPv4
	case kind == 0xf1:
		return 5, etherARP
	case split != 0 && split&1 == 0: // not the first part of a packet
		return 0, 0
	default:
		return at(8, map[byte]uint16{0xd4: etherIPv4, 0xd5: etherARP, 0xc4: etherIPv6}[kind])
	}
}

// pktap reads the header that macOS puts before frames when it captures on several
// interfaces: its length, the kind of record, and the link type behind it.
func pktap(data []byte) (int, uint16) {
	if len(data) < 12 {
		return 0, 0
	}
	n, link := binary.LittleEndian.Uint32(data), binary.LittleEndian.Uint32(data[8:])
	if n < 12 || uint64(n) > uint64(len(data)) {
		return 0, 0
	}
	off, rest := int(n), data[n:]
	switch {
	case link == linkEthernet && len(rest) >= etherHeader:
		return at(off+etherHeader, binary.BigEndian.Uint16(rest[etherTypeAt:]))
	case link == 0 && len(rest) > 4: // loopback: family, in the byte order of the host
		off, rest = off+4, rest[4:]
	case (link == 12 || link == 14 || link == 101) && len(rest) > 0:
	default:
		return 0, 0
	}
	return at(off, map[byte]uint16{4: etherIPv4, 6: etherIPv6}[rest[0]>>4])
}

// frameRelay reads what stands behind a two-byte Q.922 address: RFC 2427, which begins with
// the control byte 3, or Cisco's way, an EtherType.
func frameRelay(data []byte) (int, uint16) {
	if len(data) < 4 || data[1]&1 == 0 {
		return 0, 0
	}
	if data[2] != 3 {
		return at(4, binary.BigEndian.Uint16(data[2:]))
	}
	switch data[3] {
	case 0xcc:
		return 4, etherIPv4
	case 0x8e:
		return 4, etherIPv6
	case 0: // padding before the NLPID of SNAP
		if len(data) >= 10 && data[4] == 0x80 && data[5]|data[6]|data[7] == 0 {
			return at(10, binary.BigEndian.Uint16(data[8:]))
		}
	case 0x80:
		if len(data) >= 9 && data[4]|data[5]|data[6] == 0 {
			return at(9, binary.BigEndian.Uint16(data[7:]))
		}
	}
	return 0, 0
}

// nflog finds the payload among the attributes of a netfilter log message. They stand in
// the byte order of the machine that wrote the capture.
func nflog(data []byte) (int, uint16) {
	const payload = 9
	kinds := map[byte]uint16{2: etherIPv4, 10: etherIPv6}
	if len(data) < 8 || kinds[data[0]] == 0 {
		return 0, 0
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for off := 4; off+4 <= len(data); {
			n := int(order.Uint16(data[off:]))
			if n < 4 {
				break
			}
			if order.Uint16(data[off+2:])&0x7fff == payload {
				return off + 4, kinds[data[0]]
			}
			off += (n + 3) &^ 3
		}
	}
	return 0, 0
}

// byLayers asks gopacket, which may panic on damaged frames.
func byLayers(data []byte, link layers.LinkType) (off int, etherType uint16) {
	defer func() {
		if recover() != nil {
			off, etherType = 0, 0
		}
	}()
	data = data[:len(data):len(data)]
	p := gopacket.NewPacket(data, link, gopacket.DecodeOptions{Lazy: true, NoCopy: true, SkipDecodeRecovery: true})
	for _, want := range [...]struct {
		layer gopacket.LayerType
		ether uint16
	}{{layers.LayerTypeMPLS, etherMPLS}, {layers.LayerTypeIPv4, etherIPv4}, {layers.LayerTypeIPv6, etherIPv6}, {layers.LayerTypeARP, etherARP}} {
		if l := p.Layer(want.layer); l != nil {
			// The contents are a part of data without a copy: what they can grow to is what follows.
			return len(data) - cap(l.LayerContents()), want.ether
		}
	}
	return 0, 0
}
