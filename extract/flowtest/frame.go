package flowtest

import (
	"encoding/binary"
	"net/netip"

	"fm/extract/packet"
)

// Builder turns packets into Ethernet frames. It keeps the TCP sequence numbers of each
// connection, so that scripts need to name only unusual ones.
type Builder struct {
	next map[[2]netip.AddrPort]uint32 // next sequence number of (sender, receiver)
}

// Append appends the frame of p and returns it with the length on the wire and captured.
func (b *Builder) Append(buf []byte, p *Packet) (data []byte, wire, captured int) {
	from := len(buf)
	put16 := func(v uint64) { buf = binary.BigEndian.AppendUint16(buf, uint16(v)) }
	buf = append(buf, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1)
	if vlan, ok := p.Set["vlan"]; ok {
		put16(0x8100)
		put16(vlan)
	}
	body := p.Payload
	if p.Set["frag"] == 0 {
		body = append(b.transport(p), p.Payload...)
	}
	ttl := uint64(64)
	if v, ok := p.Set["ttl"]; ok {
		ttl = v
	}
	if p.Src.Addr().Is4() {
		put16(0x0800)
		buf = append(buf, 0x45, byte(p.Set["tos"]))
		put16(uint64(20 + len(body)))
		put16(p.Set["ipid"])
		put16(p.Set["df"]<<14 | p.Set["more"]<<13 | p.Set["frag"]/8)
		buf = append(buf, byte(ttl), p.Proto, 0, 0)
	} else {
		put16(0x86dd)
		buf = append(buf, 0x60|byte(p.Set["tos"]>>4), byte(p.Set["tos"]<<4), 0, 0)
		put16(uint64(len(body)))
		buf = append(buf, p.Proto, byte(ttl))
	}
	buf = append(buf, p.Src.Addr().AsSlice()...)
	buf = append(buf, p.Dst.Addr().AsSlice()...)
	ip := len(buf) - 2*len(p.Src.Addr().AsSlice())
	buf = append(buf, body...)
	checksums(buf, ip, p)
	buf = append(buf, make([]byte, p.Set["pad"])...)
	wire = len(buf) - from
	captured = wire
	if n, ok := p.Set["cap"]; ok {
		captured = min(wire, int(n))
	}
	return buf[:from+captured], wire, captured
}

// transport builds the transport header of p.
func (b *Builder) transport(p *Packet) []byte {
	switch p.Proto {
	case 6:
		return b.tcp(p)
	case 17:
		h := ports(p)
		return append(binary.BigEndian.AppendUint16(h, uint16(8+len(p.Payload))), 0, 0)
	case 132:
		return append(ports(p), 0, 0, 0, 0, 0, 0, 0, 0)
	case 1, 58:
		h := []byte{byte(p.Set["type"]), byte(p.Set["code"]), 0, 0}
		h = binary.BigEndian.AppendUint16(h, uint16(p.Set["id"]))
		return append(h, 0, 1)
	}
	return nil
}

func ports(p *Packet) []byte {
	h := binary.BigEndian.AppendUint16(nil, p.Src.Port())
	return binary.BigEndian.AppendUint16(h, p.Dst.Port())
}

func (b *Builder) tcp(p *Packet) []byte {
	if b.next == nil {
		b.next = map[[2]netip.AddrPort]uint32{}
	}
	own, peer := [2]netip.AddrPort{p.Src, p.Dst}, [2]netip.AddrPort{p.Dst, p.Src}
	seq, ok := b.next[own]
	if !ok {
		seq = 1000
	}
	if v, ok := p.Set["seq"]; ok {
		seq = uint32(v)
	}
	ack := uint32(0)
	if p.Flags&packet.ACK != 0 {
		ack = b.next[peer]
	}
	if v, ok := p.Set["ack"]; ok {
		ack = uint32(v)
	}
	next := seq + uint32(len(p.Payload))
	if p.Flags&packet.SYN != 0 {
		next++
	}
	if p.Flags&packet.FIN != 0 {
		next++
	}
	b.next[own] = next

	var options []byte
	if v, ok := p.Set["mss"]; ok {
		options = append(options, 2, 4, byte(v>>8), byte(v))
	}
	if p.Set["sackok"] != 0 {
		options = append(options, 1, 1, 4, 2)
	}
	if p.Set["tstamp"] != 0 {
		options = append(options, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0)
	}
	if v, ok := p.Set["wscale"]; ok {
		options = append(options, 1, 3, 3, byte(v))
	}
	h := ports(p)
	h = binary.BigEndian.AppendUint32(h, seq)
	h = binary.BigEndian.AppendUint32(h, ack)
	h = append(h, byte(5+len(options)/4)<<4, p.Flags)
	h = binary.BigEndian.AppendUint16(h, uint16(p.Set["win"]))
	h = append(h, 0, 0, 0, 0)
	return append(h, options...)
}

// checksums fills in the checksums of a packet whose addresses start at ip; with the setting
// badsum that of the transport is wrong.
func checksums(buf []byte, ip int, p *Packet) {
	start := ip + 2*len(p.Src.Addr().AsSlice()) // of the transport
	if p.Src.Addr().Is4() {
		binary.BigEndian.PutUint16(buf[ip-2:], ^sum(buf[ip-12:start], 0))
	}
	at, pseudo := -1, sum(buf[ip:start], uint32(p.Proto)+uint32(len(buf)-start))
	switch p.Proto {
	case packet.ProtoTCP:
		at = start + 16
	case packet.ProtoUDP:
		at = start + 6
	case packet.ProtoICMPv6:
		at = start + 2
	case packet.ProtoICMP:
		at, pseudo = start+2, 0
	}
	if p.Set["frag"] != 0 || p.Set["more"] != 0 || at < 0 {
		return // of a whole datagram only
	}
	right := ^sum(buf[start:], uint32(pseudo))
	if p.Proto == packet.ProtoUDP && right == 0 {
		right = 0xffff
	}
	binary.BigEndian.PutUint16(buf[at:], right^uint16(p.Set["badsum"]))
}

// sum adds up 16-bit words as checksums do.
func sum(b []byte, start uint32) uint16 {
	for i, x := range b {
		start += uint32(x) << (8 * (1 - i%2))
	}
	for start > 0xffff {
		start = start>>16 + start&0xffff
	}
	return uint16(start)
}
