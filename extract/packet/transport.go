package packet

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// net is what the IP layer hands to the layers above it.
type net struct {
	data      []byte // captured bytes of the frame up to the end of the IP packet
	end       int    // offset of that end on the wire
	src       int    // offset of the source address; the destination follows
	size      int    // of an address: 4 or 16
	frag      bool   // a fragment, with
	fragProto uint8  // IPv4: the protocol
	id        uint32 // and the identification
}

// upper decodes the transport header of protocol proto at off, opens tunnels and
// makes the key.
func (d *Decoder) upper(p *Packet, c *Cold, n *net, proto uint8, off int) Outcome {
	data, room := n.data, n.end-off // room: header and payload, on the wire
	captured := max(len(data)-off, 0)
	var src, dst uint16 // ports
	header := 0
	p.Window, p.Flags = 0, 0
	p.Key = Key{}
	p.Key.Proto = proto

	switch proto {
	case ProtoTCP:
		header = 20
		if captured >= 20 {
			h := data[off : off+20]
			src, dst = be16(h), be16(h[2:])
			c.Seq32, c.Ack = be32(h[4:]), be32(h[8:])
			p.Flags = h[13]
			p.Window = be16(h[14:])
			if size := int(h[12]>>4) * 4; size < 20 || size > room {
				d.marks |= markBad
			} else if size > 20 {
				header = size
				d.options(c, data[off+20:min(off+size, len(data))], size-20)
			}
		} else {
			src, dst, header = d.cutTCP(p, c, data, off, room)
		}
	case ProtoUDP:
		header = 8
		if captured >= 8 {
			src, dst = be16(data[off:]), be16(data[off+2:])
			size := int(be16(data[off+4:]))
			switch {
			case size >= 8 && size <= room:
				room = size
			case size != 0 && c.Bits&BitFragment == 0: // 0: a jumbogram (RFC 2675) or offload
				d.marks |= markBad
			}
		} else {
			src, dst = ports(data, off)
			d.cut(c)
			if captured >= 6 {
				if size := int(be16(data[off+4:])); size >= 8 && size < room {
					room = size
				}
			}
		}
		if !d.view.Outer && captured > 8 {
			if kind := udpTunnel(src, dst); kind != TunnelNone {
				data, _ := within(data, n.end, off+room)
				end := off + room
				if c.Bits&BitFragment != 0 { // the lengths in the tunnel's header are those of the whole datagram
					end = off + int(be16(data[off+4:]))
				}
				if in, ok := openUDP(kind, src, dst, data, off+8, end); ok {
					in.end = min(in.end, off+room)
					if o, ok := d.open(p, c, n, kind, in); ok {
						return o
					}
				}
			}
		}
	case ProtoICMP, ProtoICMPv6:
		header = 8
		if captured >= 2 {
			c.ICMPType, c.ICMPCode = data[off], data[off+1]
		}
		if captured < 8 {
			d.cut(c)
		}
		if captured >= 6 && !d.view.NoICMPQuery && query(proto, c.ICMPType) {
			src = be16(data[off+4:])
			dst = src
			p.Key.Kind = KindICMPQuery
		}
	case ProtoSCTP:
		header = 12
		src, dst = ports(data, off)
		if captured < 12 {
			d.cut(c)
		}
	case ProtoUDPLite:
		header = 8
		src, dst = ports(data, off)
		if captured < 8 {
			d.cut(c)
		}
	case ProtoDCCP:
		header = 12
		src, dst = ports(data, off)
		if captured < 12 {
			d.cut(c)
		}
		if captured >= 5 {
			if size := int(data[off+4]) * 4; size < 12 || size > room {
				d.marks |= markBad
			} else {
				header = size
			}
		}
	case protoIPv4, protoIPv6, protoGRE, protoEtherIP, protoL2TP, protoMPLS:
		if !d.view.Outer {
			if kind, in, ok := openIP(proto, data, off, n.end); ok {
				if o, ok := d.open(p, c, n, kind, in); ok {
					return o
				}
			}
		}
	}

	header = min(header, room)
	p.L4Header = uint16(header)
	d.payload(p, off+header, room-header)
	d.key(p, c, n, src, dst)
	if n.frag {
		d.first(p, n)
	}
	return Admitted
}

// payload sets the payload: size bytes on the wire from off.
func (d *Decoder) payload(p *Packet, off, size int) {
	p.Payload = uint32(size)
	p.CapPayload = 0
	p.Head = Span{}
	if got := min(d.captured-off, size); got > 0 {
		p.CapPayload = uint32(got)
		p.Head = Span{d.base + uint32(off), uint32(got)}
	}
}

// key makes the key from the addresses and the ports; what else p.Key holds stays.
func (d *Decoder) key(p *Packet, c *Cold, n *net, src, dst uint16) {
	k := &p.Key
	if d.view.OnlyPorts && k.Proto != ProtoTCP && k.Proto != ProtoUDP {
		src, dst = 0, 0
	}
	var order int // of source and destination
	if n.size == 4 {
		s, t := be32(n.data[n.src:]), be32(n.data[n.src+4:])
		p.FromA = s < t || s == t && src <= dst
		if !p.FromA {
			s, t = t, s
		}
		// ::ffff:a.b.c.d, in one store each: the hash loads these words next.
		binary.LittleEndian.PutUint64(k.A[8:], uint64(bits.ReverseBytes32(s))<<32|0xffff0000)
		binary.LittleEndian.PutUint64(k.B[8:], uint64(bits.ReverseBytes32(t))<<32|0xffff0000)
	} else {
		s, t := (*[16]byte)(n.data[n.src:]), (*[16]byte)(n.data[n.src+16:])
		k.Kind |= KindIPv6
		order = bytes.Compare(s[:], t[:])
		p.FromA = order < 0 || order == 0 && src <= dst
		if p.FromA {
			k.A, k.B = *s, *t
		} else {
			k.A, k.B = *t, *s
		}
	}
	if p.FromA {
		k.APort, k.BPort = src, dst
	} else {
		k.APort, k.BPort = dst, src
	}
	if d.view.KeyVLAN && c.VLANs > 0 {
		k.VLAN = c.VLAN[c.VLANs-1]
	}
	if d.view.KeyTunnel {
		k.Kind |= uint8(d.tunnel) << KindTunnelShift
	}
	if d.view.Local.IsValid() && !p.FromA && (k.AddrA().Unmap() == d.view.Local) == (k.AddrB().Unmap() == d.view.Local) {
		k.Kind |= KindFromB
	}
}

// ports returns the two ports at off, 0 if they are cut.
func ports(data []byte, off int) (src, dst uint16) {
	if len(data)-off < 4 {
		return 0, 0
	}
	return be16(data[off:]), be16(data[off+2:])
}

// cut marks a packet whose transport header is not all there.
func (d *Decoder) cut(c *Cold) {
	c.Bits |= BitTruncated
	d.marks |= markCut
}

// cutTCP reads what is there of a TCP header of which fewer than 20 bytes are.
func (d *Decoder) cutTCP(p *Packet, c *Cold, data []byte, off, room int) (src, dst uint16, header int) {
	d.cut(c)
	src, dst = ports(data, off)
	header = 20
	captured := len(data) - off
	if captured >= 8 {
		c.Seq32 = be32(data[off+4:])
	}
	if captured >= 12 {
		c.Ack = be32(data[off+8:])
	}
	if captured >= 13 {
		if size := int(data[off+12]>>4) * 4; size < 20 || size > room {
			d.marks |= markBad
		} else {
			header = size
		}
	}
	if captured >= 14 {
		p.Flags = data[off+13]
	}
	if captured >= 16 {
		p.Window = be16(data[off+14:])
	}
	return src, dst, header
}

// query reports whether an ICMP message is an echo or timestamp, asked or answered:
// those carry an identifier.
func query(proto, typ uint8) bool {
	if proto == ProtoICMPv6 {
		return typ == 128 || typ == 129
	}
	return typ == 0 || typ == 8 || typ == 13 || typ == 14
}

// options reads TCP options from b, what is captured of size bytes.
func (d *Decoder) options(c *Cold, b []byte, size int) {
	if len(b) < size {
		d.cut(c)
	} else if size == 12 && be32(b) == 0x0101080a { // two no-ops and a time stamp: most of all
		c.Options = OptTimestamp
		return
	}
	for len(b) > 0 {
		kind := b[0]
		if kind == 0 {
			return
		}
		if kind == 1 {
			b, size = b[1:], size-1
			continue
		}
		if size < 2 || len(b) >= 2 && (b[1] < 2 || int(b[1]) > size) {
			d.marks |= markOptions
			return
		}
		if len(b) < 2 || int(b[1]) > len(b) {
			return // cut by the snapshot length
		}
		switch n := b[1]; {
		case kind == 2 && n == 4:
			c.MSS = be16(b[2:])
			c.Options |= OptMSS
		case kind == 3 && n == 3:
			c.WScale = b[2]
			c.Options |= OptWScale
		case kind == 4 && n == 2:
			c.Options |= OptSACK
		case kind == 8 && n == 10:
			c.Options |= OptTimestamp
		}
		size -= int(b[1])
		b = b[b[1]:]
	}
}
