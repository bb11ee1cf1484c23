package packet_test

import (
	"encoding/binary"
	"testing"

	"fm/extract/packet"
)

const second = int64(1e9)

// ip4 returns an IPv4 packet of protocol 17 with the identification id; flags and offset are
// as the header has them.
func ip4(id, frag uint16, payload []byte) []byte {
	h := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2}
	binary.BigEndian.PutUint16(h[2:], uint16(20+len(payload)))
	binary.BigEndian.PutUint16(h[4:], id)
	binary.BigEndian.PutUint16(h[6:], frag)
	return append(h, payload...)
}

// ip6 returns an IPv6 packet with a fragment header before a UDP packet's part.
func ip6(id uint32, frag uint16, payload []byte) []byte {
	h := make([]byte, 48, 48+len(payload))
	h[0], h[6], h[7], h[23], h[39], h[40] = 0x60, 44, 64, 1, 2, 17
	binary.BigEndian.PutUint16(h[4:], uint16(8+len(payload)))
	binary.BigEndian.PutUint16(h[42:], frag)
	binary.BigEndian.PutUint32(h[44:], id)
	return append(h, payload...)
}

// udp returns a UDP header for size bytes of payload and the part of it that part says.
func udp(src, dst uint16, size, part int) []byte {
	h := make([]byte, 8+part)
	binary.BigEndian.PutUint16(h, src)
	binary.BigEndian.PutUint16(h[2:], dst)
	binary.BigEndian.PutUint16(h[4:], uint16(8+size))
	return h
}

// at decodes a raw IP packet captured at time.
func at(d *packet.Decoder, time int64, data []byte) decoded {
	var r decoded
	f := packet.Frame{Time: time, Link: 101, WireLen: uint32(len(data)), Data: packet.Span{Len: uint32(len(data))}}
	r.o = d.Decode(&r.p, &r.c, &f, data)
	return r
}

func TestLaterFragments(t *testing.T) {
	const moreFragments = 0x2000
	for _, c := range []struct {
		name         string
		first, later []byte
		header       uint16
	}{
		{"IPv4", ip4(7, moreFragments, udp(1000, 2000, 64, 40)), ip4(7, 6, make([]byte, 24)), 20},
		{"IPv6", ip6(7, 1, udp(1000, 2000, 64, 40)), ip6(7, 6<<3, make([]byte, 24)), 48},
	} {
		d := packet.NewDecoder(packet.View{})
		if r := at(d, 0, c.later); r.o != packet.LostFragment {
			t.Errorf("%s: a later fragment before its first: %v", c.name, r.o)
		}
		first := at(d, 0, c.first)
		if first.o != packet.Admitted || first.p.Payload != 40 || first.p.L4Header != 8 || first.c.Bits != packet.BitFragment || first.c.FragOff != 0 {
			t.Errorf("%s: first fragment: %v %+v %+v", c.name, first.o, first.p, first.c)
		}
		later := at(d, second, c.later)
		want := packet.Packet{Time: second, Hash: first.p.Hash, Key: first.p.Key, WireLen: uint32(len(c.later)), CapLen: uint32(len(c.later)),
			IPLen: uint32(len(c.later)), Payload: 24, CapPayload: 24, IPHeader: c.header, TTL: 64, FromA: true,
			Head: packet.Span{Off: uint32(len(c.later) - 24), Len: 24}}
		if later.o != packet.Admitted || later.p != want {
			t.Errorf("%s: later fragment: %v\n%+v, want\n%+v", c.name, later.o, later.p, want)
		}
		if later.c.Bits != packet.BitFragment|packet.BitLater || later.c.FragOff != 6 {
			t.Errorf("%s: later fragment: bits %d, offset %d", c.name, later.c.Bits, later.c.FragOff)
		}
		if n := d.Notes(); n.Fragments != 2 || n.Credited != 1 {
			t.Errorf("%s: %+v", c.name, n)
		}
		drop := packet.NewDecoder(packet.View{DropFragments: true})
		at(drop, 0, c.first)
		if r := at(drop, 0, c.later); r.o != packet.DroppedFragment {
			t.Errorf("%s: a later fragment that the view leaves out: %v", c.name, r.o)
		}
	}
}

func TestFragmentsExpire(t *testing.T) {
	d := packet.NewDecoder(packet.View{})
	first, later := ip4(7, 0x2000, udp(1, 2, 64, 40)), ip4(7, 6, make([]byte, 24))
	at(d, 100*second, first)
	for _, c := range []struct {
		time int64
		want packet.Outcome
	}{{160 * second, packet.Admitted}, {160*second + 1, packet.LostFragment}, {40 * second, packet.Admitted}, {40*second - 1, packet.LostFragment}} {
		if r := at(d, c.time, later); r.o != c.want {
			t.Errorf("first at 100 s, later at %d ns: %v, want %v", c.time, r.o, c.want)
		}
	}
	at(d, 500*second, ip4(7, 0x2000, udp(3, 4, 64, 40))) // the identification is used again
	if r := at(d, 500*second, later); r.o != packet.Admitted || r.p.Key.APort != 3 {
		t.Errorf("after the identification is used again: %v, port %d", r.o, r.p.Key.APort)
	}
}

// The table holds 4,096 first fragments; the oldest give way, and are counted.
func TestFragmentTableIsBounded(t *testing.T) {
	d := packet.NewDecoder(packet.View{})
	const n, limit = 10000, 4096
	for i := range n {
		at(d, 0, ip4(uint16(i), 0x2000, udp(uint16(i), 2, 64, 40)))
	}
	for i := range n {
		r := at(d, 0, ip4(uint16(i), 6, make([]byte, 24)))
		if i < n-limit && r.o != packet.LostFragment {
			t.Fatalf("fragment %d of %d: %v", i, n, r.o)
		}
		if i >= n-limit && (r.o != packet.Admitted || r.p.Key.APort != min(uint16(i), 2) && r.p.Key.APort != uint16(i)) {
			t.Fatalf("fragment %d of %d: %v, port %d", i, n, r.o, r.p.Key.APort)
		}
	}
	if got := d.Notes().LostFirsts; got != n-limit {
		t.Errorf("%d first fragments pushed out, want %d", got, n-limit)
	}
}

// A datagram of a tunnel is cut in two: both parts belong to the inner flow, and their
// bytes add up to the inner packet's.
func TestFragmentsOfTunnels(t *testing.T) {
	d := packet.NewDecoder(packet.View{})
	inner := ip4(5, 0, udp(1111, 2222, 72, 72)) // 100 bytes
	copy(inner[12:], []byte{10, 0, 0, 1, 10, 0, 0, 2})
	gtp := append([]byte{0x30, 0xff, 0, byte(len(inner)), 0, 0, 0, 1}, inner...)
	whole := append(udp(2152, 2152, len(gtp), 0), gtp...)
	first := at(d, 0, ip4(9, 0x2000, whole[:64]))
	later := at(d, 0, ip4(9, 8, whole[64:]))
	if first.o != packet.Admitted || later.o != packet.Admitted || first.p.Key != later.p.Key || first.p.Key.APort != 1111 || first.c.Tunnels != 1 {
		t.Fatalf("first %v %+v, later %v %+v", first.o, first.p.Key, later.o, later.p.Key)
	}
	if first.p.Payload+later.p.Payload != 72 || first.c.Bits&packet.BitFragment == 0 {
		t.Errorf("payloads %d and %d, want 72 together", first.p.Payload, later.p.Payload)
	}
	if n := d.Notes(); n.LongIP != 0 || n.BadTransport != 0 {
		t.Errorf("counted as damage: %+v", n)
	}
}

// An atomic fragment (RFC 6946) is a whole packet.
func TestAtomicFragment(t *testing.T) {
	d := packet.NewDecoder(packet.View{})
	r := at(d, 0, ip6(7, 0, udp(1, 2, 10, 10)))
	if r.o != packet.Admitted || r.c.Bits != 0 || r.p.Payload != 10 || r.p.IPHeader != 48 {
		t.Errorf("%v %+v", r.o, r.p)
	}
}
