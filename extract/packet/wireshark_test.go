package packet_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"fm/extract/packet"
)

// FuzzWireshark feeds frames of all link types to the reading of Wireshark: it must end, and
// what it admits is TCP or UDP.
func FuzzWireshark(f *testing.F) {
	for _, b := range builtPackets(f) {
		f.Add(b.link, b.data, uint16(0))
		f.Add(b.link, b.data[:len(b.data)*3/4], uint16(9))
	}
	for _, frag := range []uint16{0x2000, 0x2003, 3} {
		f.Add(uint16(101), ip4(7, frag, udp(1000, 2000, 64, 16)), uint16(0))
	}
	var decoders []*packet.Decoder
	for _, w := range []packet.Wireshark{{Exact: true, Loose: true}, {Exact: true, IPv6: true, Skip: packet.SkipMDNS}, {Skip: packet.SkipTCP | packet.SkipSSDP}} {
		decoders = append(decoders, packet.NewDecoder(packet.View{Read: w}))
	}
	f.Fuzz(func(t *testing.T, link uint16, data []byte, more uint16) {
		if len(data) > packet.MaxFrame {
			return
		}
		for _, d := range decoders {
			r := decode(d, link, len(data)+int(more), data)
			switch {
			case r.o != packet.Admitted:
			case r.p.Key.Proto != packet.ProtoTCP && r.p.Key.Proto != packet.ProtoUDP:
				t.Fatalf("protocol %d", r.p.Key.Proto)
			case r.p.Payload > 1<<18+1<<16 || r.p.IPLen > 1<<18+1<<16+40:
				t.Fatalf("lengths %+v", r.p)
			}
		}
	})
}

// The readings of what tshark 4.0.17 shows for the packets, field by field.
func TestWiresharkReads(t *testing.T) {
	const moreFragments = 0x2000
	exact := packet.Wireshark{Exact: true, Loose: true}
	data := udp(1000, 2000, 40, 40)
	inner := ip4(9, 0, udp(5, 6, 4, 4))
	v6 := append(append([]byte{0x60, 0, 0, 0, 0, 48, 17, 64}, make([]byte, 32)...), data...)
	in4 := ip4(8, 0, inner)
	in4[9] = 4
	in6 := append(append([]byte{0x60, 0, 0, 0, 0, byte(len(inner)), 4, 64}, make([]byte, 32)...), inner...)
	vxlan := func(port uint16) []byte {
		b := append(udp(1000, port, 22+len(inner), 0), 8, 0, 0, 0, 0, 0, 1, 0)
		return ip4(8, 0, append(append(b, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0), inner...))
	}
	short := udp(1000, 2000, 0, 0)
	short[5] = 7
	loose := packet.Key{Proto: 17, Kind: packet.KindNoStream}
	for _, c := range []struct {
		name   string
		view   packet.Wireshark
		data   [][]byte // the last one is looked at
		want   packet.Outcome
		ports  string // source and destination
		length uint32 // of the IP packet
		size   uint32 // of the payload
		loose  bool
	}{
		{"plain", exact, [][]byte{ip4(7, 0, data)}, packet.Admitted, "1000 2000", 68, 40, false},
		{"first fragment", exact, [][]byte{ip4(7, moreFragments, data[:24])}, packet.Admitted, "", 44, 0, true},
		{"last fragment", exact, [][]byte{ip4(7, moreFragments, data[:24]), ip4(7, 3, data[24:])}, packet.Admitted, "1000 2000", 44, 40, false},
		{"first fragment after the last", exact, [][]byte{ip4(7, 3, data[24:]), ip4(7, moreFragments, data[:24])}, packet.Admitted, "1000 2000", 44, 40, false},
		{"a fragment twice", exact, [][]byte{ip4(7, moreFragments, data[:24]), ip4(7, moreFragments, data[:24])}, packet.Admitted, "", 44, 0, true},
		{"a fragment with a gap before", exact, [][]byte{ip4(7, moreFragments, data[:24]), ip4(7, 4, data[32:])}, packet.Admitted, "", 36, 0, true},
		{"a length too short", exact, [][]byte{ip4(7, 0, short)}, packet.Admitted, "1000 2000", 28, 0, true},
		{"no fragments", packet.Wireshark{Exact: true}, [][]byte{ip4(7, moreFragments, data[:24])}, packet.LeftOut, "", 0, 0, false},
		{"IPv6", exact, [][]byte{v6}, packet.LeftOut, "", 0, 0, false},
		{"IPv6 that counts", packet.Wireshark{Exact: true, IPv6: true}, [][]byte{v6}, packet.Admitted, "1000 2000", 88, 40, false},
		{"IPv4 in IPv4", exact, [][]byte{in4}, packet.LeftOut, "", 0, 0, false},
		{"IPv4 in IPv4 as the decoder reads it", packet.Wireshark{}, [][]byte{in4}, packet.Admitted, "5 6", 32, 4, false},
		{"IPv4 in IPv6", exact, [][]byte{in6}, packet.Admitted, "5 6", 32, 4, false},
		{"VXLAN", exact, [][]byte{vxlan(4789)}, packet.LeftOut, "", 0, 0, false},
		{"VXLAN on the old port", exact, [][]byte{vxlan(8472)}, packet.Admitted, "1000 8472", 82, 54, false},
		{"fragments of VXLAN, the first", exact, [][]byte{ip4(8, moreFragments, vxlan(4789)[20:76])}, packet.Admitted, "", 76, 0, true},
		{"fragments of VXLAN, the last", exact, [][]byte{ip4(8, moreFragments, vxlan(4789)[20:76]), ip4(8, 7, make([]byte, 6))}, packet.LeftOut, "", 0, 0, false},
		{"UDP does not count", packet.Wireshark{Skip: packet.SkipUDP}, [][]byte{ip4(7, 0, data)}, packet.LeftOut, "", 0, 0, false},
	} {
		d := packet.NewDecoder(packet.View{Read: c.view})
		var r decoded
		for i, data := range c.data {
			r = at(d, int64(i)*second, data)
		}
		if r.o != c.want {
			t.Errorf("%s: %v, want %v", c.name, r.o, c.want)
			continue
		}
		if r.o != packet.Admitted {
			continue
		}
		if since := int64(len(c.data)-1) * second; r.c.Since != since {
			t.Errorf("%s: %d ns since the first frame, want %d", c.name, r.c.Since, since)
		}
		ports := ""
		switch {
		case !c.loose:
			_, _, src, dst := sent(&r.p)
			ports = fmt.Sprint(src, " ", dst)
		case r.p.Key != loose:
			t.Errorf("%s: key %+v", c.name, r.p.Key)
		case !r.p.FromA:
			ports = fmt.Sprint(r.c.Seq32>>16, " ", r.c.Seq32&0xffff)
		}
		if ports != c.ports || r.p.IPLen != c.length || r.p.Payload != c.size {
			t.Errorf("%s: ports %q, %d bytes, payload %d; want %q, %d, %d", c.name, ports, r.p.IPLen, r.p.Payload, c.ports, c.length, c.size)
		}
	}
}

// TestWiresharkBounds floods the table of datagrams with first fragments: it keeps its size.
func TestWiresharkBounds(t *testing.T) {
	d := packet.NewDecoder(packet.View{Read: packet.Wireshark{Exact: true, Loose: true}})
	first := ip4(0, 0x2000, udp(1000, 2000, 40, 16))
	flood := func(data []byte) func() {
		return func() {
			for id := range 60_000 {
				binary.BigEndian.PutUint16(data[4:], uint16(id))
				at(d, 0, data)
			}
		}
	}
	fragments := testing.AllocsPerRun(1, flood(first))
	whole := testing.AllocsPerRun(1, flood(ip4(0, 0, udp(1000, 2000, 16, 16))))
	if fragments > whole+600 {
		t.Errorf("%v allocations for 60,000 fragments, %v for whole packets", fragments, whole)
	}
	if n := d.Notes().LostFirsts; n < 60_000-1024 {
		t.Errorf("%d datagrams are said to be given up, want all but the last 1,024 of each flood", n)
	}
	if r := at(d, 0, ip4(59_999, 3, make([]byte, 24))); r.p.Key.Kind == packet.KindNoStream {
		t.Error("the youngest datagram was forgotten")
	}
	if r := at(d, 0, ip4(5, 3, make([]byte, 24))); r.p.Key.Kind != packet.KindNoStream {
		t.Error("the oldest datagram is still there")
	}
	// The memory of those that are complete is used again, and they take no place from others.
	d = packet.NewDecoder(packet.View{Read: packet.Wireshark{Exact: true, Loose: true}})
	begun, rest := ip4(7, 0x2000, udp(1000, 2000, 40, 16)), ip4(7, 3, make([]byte, 24))
	done := func() {
		for range 60_000 {
			if at(d, 0, begun); at(d, 0, rest).p.Key.Kind == packet.KindNoStream {
				t.Fatal("a datagram of two fragments is not put together")
			}
		}
	}
	if n := testing.AllocsPerRun(1, done); n > 2*whole+1100 {
		t.Errorf("%v allocations for 60,000 datagrams", n)
	}
	at(d, 0, begun)
	for id := range 1000 {
		at(d, 0, ip4(uint16(100+id), 0x2000, udp(1000, 2000, 40, 16)))
	}
	if at(d, 0, rest).p.Key.Kind == packet.KindNoStream {
		t.Error("a datagram gave way to others while there was room")
	}
	// Stretches that never touch: only so many are kept, and the datagram counts as given up.
	before := d.Notes().LostFirsts
	for i := range 1000 {
		at(d, 0, ip4(1, uint16(2*i+2)|0x2000, make([]byte, 8)))
		if n := d.Notes().LostFirsts - before; n > 1 || i < 64 && n > 0 || i >= 64 && n == 0 {
			t.Fatalf("%d datagrams given up with stretch %d, want one behind the 64th", n, i+1)
		}
	}
}
