package packet_test

import (
	"bytes"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"fm/extract/packet"
)

// FuzzDecode: whatever the bytes are, decoding does not panic, gives one outcome, and
// every span and length of an admitted packet is sound. Where gopacket reads the
// packet too, both agree. A view that looks at the first 128 bytes reads the same in a frame
// that was cut there.
func FuzzDecode(f *testing.F) {
	for _, b := range builtPackets(f) {
		f.Add(b.link, uint32(0), b.data)
		f.Add(b.link, uint32(0), b.data[:len(b.data)*3/4])
		f.Add(b.link, uint32(1400), b.data)
	}
	f.Add(uint16(192), uint32(0), unhex(f, ppiCut))
	views := []packet.View{{}, {Outer: true}, {KeyVLAN: true, KeyTunnel: true, NoICMPQuery: true, DropFragments: true}}
	decoders := make([]*packet.Decoder, len(views)) // reused, as decoding must not depend on what was before
	for i, v := range views {
		decoders[i] = packet.NewDecoder(v)
	}
	short := packet.View{Look: packet.SampleFrame}
	long, cut := packet.NewDecoder(short), packet.NewDecoder(short)
	f.Fuzz(func(t *testing.T, link uint16, more uint32, data []byte) {
		if len(data) > packet.MaxFrame {
			return
		}
		wire := len(data) + int(more%70000)
		for i, d := range decoders {
			r := decode(d, link, wire, data)
			if r.o == packet.Admitted {
				sound(t, &r, len(data))
			} else if r.o >= packet.NumOutcomes {
				t.Fatalf("outcome %d", r.o)
			}
			if known := packet.Knows(link); !known && r.o != packet.UnknownLink {
				t.Fatalf("link type %d, which the decoder does not know: %v", link, r.o)
			}
			if r.o == packet.Admitted && i < 2 && r.c.Bits&packet.BitLater == 0 {
				agree(t, &r, link, wire, data)
			}
		}
		l, c := decode(long, link, wire, data), decode(cut, link, wire, data[:min(len(data), packet.SampleFrame)])
		if l.o == packet.Admitted {
			sound(t, &l, len(data))
			c.p.CapLen, c.p.CapPayload, c.p.Head = l.p.CapLen, l.p.CapPayload, l.p.Head
		}
		if l.o != c.o || l.o == packet.Admitted && l != c {
			t.Fatalf("link type %d, wire length %d, %x: %v\n%+v\n%+v, cut %v\n%+v\n%+v", link, wire, data, l.o, l.p, l.c, c.o, c.p, c.c)
		}
	})
}

// sound checks an admitted packet of size captured bytes, which decode put at 3 in its buffer.
func sound(t *testing.T, r *decoded, size int) {
	t.Helper()
	p, c := &r.p, &r.c
	inside := func(s packet.Span) bool { return s.Len == 0 || s.Off >= 3 && int(s.Off)+int(s.Len) <= 3+size }
	switch {
	case !inside(p.Head) || !inside(c.MACs):
		t.Fatalf("head %+v or addresses %+v outside of the frame of %d bytes", p.Head, c.MACs, size)
	case p.Head.Len != p.CapPayload || p.CapPayload > p.Payload || uint32(c.Sample) > p.Head.Len:
		t.Fatalf("payload %d, captured %d, head %d, sample %d", p.Payload, p.CapPayload, p.Head.Len, c.Sample)
	case uint64(p.IPHeader)+uint64(p.L4Header)+uint64(p.Payload) > uint64(p.IPLen):
		t.Fatalf("IP length %d, but headers %d, %d and payload %d", p.IPLen, p.IPHeader, p.L4Header, p.Payload)
	case p.IPLen > max(p.WireLen, p.CapLen):
		t.Fatalf("IP length %d of a frame of %d", p.IPLen, p.WireLen)
	case int(c.VLANs) > len(c.VLAN):
		t.Fatalf("%d VLANs", c.VLANs)
	}
	k := &p.Key
	if order := bytes.Compare(k.A[:], k.B[:]); order > 0 || order == 0 && k.APort > k.BPort {
		t.Fatalf("key out of order: %+v", k)
	}
	if p.Hash != k.Hash() {
		t.Fatal("hash is not the key's")
	}
}

// agree compares r with what gopacket 1.1.19 decodes. Left out is what gopacket can't:
//   - transport headers behind an IPv4 first fragment, which it takes for opaque data,
//     and behind an IPv6 fragment header, where it stops or invents ports;
//   - packets in which a layer is an error to it, bad TCP options among them;
//   - payload lengths behind a hop-by-hop header, which it gets wrong by that header's size, and
//     of packets that it calls truncated;
//   - IP lengths of 0, and IP lengths beyond the wire;
//   - headers behind 0x9100 tags, labels with a pseudowire and other links that it stops at
//     or goes on from in its own way: only packets with equal numbers of IP headers are compared.
func agree(t *testing.T, r *decoded, link uint16, wire int, data []byte) {
	t.Helper()
	var first gopacket.Decoder
	switch link {
	case 1:
		first = layers.LinkTypeEthernet
	case 0:
		first = layers.LinkTypeNull
	case 101:
		first = layers.LinkTypeRaw
	case 113:
		first = layers.LinkTypeLinuxSLL
	case 9:
		first = layers.LinkTypePPP
	default:
		return
	}
	// Clipped: gopacket takes a PPPoE length beyond the end of its slice at its word.
	pk := gopacket.NewPacket(data[:len(data):len(data)], first, gopacket.DecodeOptions{NoCopy: true})
	if pk.ErrorLayer() != nil {
		return
	}
	var v4 *layers.IPv4
	var v6 *layers.IPv6
	var transport gopacket.Layer
	ips, hopByHop := 0, false
	for _, l := range pk.Layers() {
		switch l := l.(type) {
		case *layers.IPv4:
			v4, v6, transport = l, nil, nil
			ips++
			if l.Version != 4 || l.FragOffset != 0 {
				return
			}
		case *layers.IPv6:
			v4, v6, transport = nil, l, nil
			ips++
			hopByHop = l.HopByHop != nil
		case *layers.TCP, *layers.UDP, *layers.SCTP, *layers.ICMPv4, *layers.ICMPv6:
			transport = l
		case *layers.IPv6Fragment:
			return
		case *layers.IPv6HopByHop, *layers.IPv6Routing, *layers.IPv6Destination:
			if v4 != nil { // gopacket follows extension headers behind IPv4 too, where they are none
				return
			}
		}
	}
	if ips != int(r.c.Tunnels)+1 {
		return
	}
	src, dst, sport, dport := sent(&r.p)
	same := func(what string, got, want any) {
		t.Helper()
		if got != want {
			t.Fatalf("link type %d, wire length %d: %s is %v, gopacket says %v\n%x\n%v", link, wire, what, got, want, data, pk)
		}
	}
	fits := false // the IP length is one that both take as it is
	if v4 != nil {
		same("source", src, v4.SrcIP.String())
		same("destination", dst, v4.DstIP.String())
		same("TTL", r.p.TTL, v4.TTL)
		same("identification", r.c.IPID, v4.Id)
		same("type of service", r.c.TOS, v4.TOS)
		fits = v4.Length != 0 && r.c.Bits&packet.BitZeroLen == 0 && r.p.IPLen == uint32(v4.Length)
	} else {
		same("source", r.p.Key.Kind&packet.KindIPv6, packet.KindIPv6)
		same("hop limit", r.p.TTL, v6.HopLimit)
		same("traffic class", r.c.TOS, v6.TrafficClass)
		same("flow label", r.c.FlowLabel, v6.FlowLabel)
		fits = r.c.Bits&packet.BitZeroLen == 0 && r.p.IPLen == uint32(v6.Length)+40 && !hopByHop
	}
	if !fits || pk.Metadata().Truncated {
		return
	}
	switch l := transport.(type) {
	case *layers.TCP:
		same("protocol", r.p.Key.Proto, uint8(6))
		same("source port", sport, uint16(l.SrcPort))
		same("destination port", dport, uint16(l.DstPort))
		same("sequence number", r.c.Seq32, l.Seq)
		same("acknowledgement number", r.c.Ack, l.Ack)
		same("window", r.p.Window, l.Window)
		same("flags", r.p.Flags, l.Contents[13])
		same("transport header", r.p.L4Header, uint16(l.DataOffset)*4)
		same("payload", int(r.p.CapPayload), len(l.Payload))
	case *layers.UDP:
		if r.p.Key.Proto == packet.ProtoUDPLite {
			return
		}
		same("protocol", r.p.Key.Proto, uint8(17))
		same("source port", sport, uint16(l.SrcPort))
		same("destination port", dport, uint16(l.DstPort))
		if l.Length >= 8 {
			same("payload", int(r.p.CapPayload), len(l.Payload))
		}
	case *layers.SCTP:
		same("source port", sport, uint16(l.SrcPort))
		same("destination port", dport, uint16(l.DstPort))
	case *layers.ICMPv4:
		same("type", r.c.ICMPType, l.TypeCode.Type())
		same("code", r.c.ICMPCode, l.TypeCode.Code())
	case *layers.ICMPv6:
		same("type", r.c.ICMPType, l.TypeCode.Type())
		same("code", r.c.ICMPCode, l.TypeCode.Code())
	}
}

// FuzzNFStream feeds frames of the link types that NFStream reads, and of others, to its
// reading: it must end, and what it admits must lie in the frame.
func FuzzNFStream(f *testing.F) {
	for _, b := range builtPackets(f) {
		f.Add(b.link, b.data)
		f.Add(b.link, b.data[:len(b.data)*3/4])
	}
	all := packet.NewDecoder(packet.View{KeyVLAN: true, KeyTunnel: true, OnlyPorts: true, Read: packet.NFStream{Tunnels: true}})
	f.Fuzz(func(t *testing.T, link uint16, data []byte) {
		if len(data) > packet.MaxFrame {
			return
		}
		r := decode(all, link, len(data), data)
		switch {
		case r.o == packet.LeftOut:
		case r.o != packet.Admitted:
			t.Fatalf("outcome %v", r.o)
		case int(r.c.MACs.Off)+int(r.c.MACs.Len) > 3+len(data): // decode puts three bytes in front
			t.Fatalf("MACs at %+v of %d bytes", r.c.MACs, len(data))
		case r.p.IPLen > 0xffff+40 || r.p.Payload > 0xffff || int(r.p.IPHeader) > int(r.p.IPLen):
			t.Fatalf("lengths %+v", r.p)
		case r.p.Key.Proto != packet.ProtoTCP && r.p.Key.Proto != packet.ProtoUDP && r.p.Key.APort|r.p.Key.BPort != 0:
			t.Fatalf("ports of protocol %d", r.p.Key.Proto)
		}
	})
}
