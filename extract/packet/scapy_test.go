package packet_test

import (
	"testing"

	"fm/extract/packet"
)

// FuzzScapy feeds frames of all link types: what is admitted is TCP or UDP over IPv4, and
// its headers and payload are as long as what was captured behind the link header.
func FuzzScapy(f *testing.F) {
	for _, b := range builtPackets(f) {
		f.Add(b.link, b.data)
		f.Add(b.link, b.data[:len(b.data)*3/4])
	}
	f.Fuzz(func(t *testing.T, link uint16, data []byte) {
		if len(data) > packet.MaxFrame {
			return
		}
		r := decode(packet.NewDecoder(packet.View{Read: packet.Scapy{}}), link, len(data), data)
		if r.o == packet.LeftOut {
			return
		}
		p := &r.p
		switch {
		case r.o != packet.Admitted:
			t.Fatalf("outcome %v", r.o)
		case p.Key.Proto != packet.ProtoTCP && p.Key.Proto != packet.ProtoUDP || p.Key.Kind&packet.KindIPv6 != 0:
			t.Fatalf("key %+v", p.Key)
		case int(p.CapLen) > len(data) || int(p.L4Header)+int(p.Payload) > len(data) || p.Time%1000 != 0:
			t.Fatalf("lengths %+v of %d bytes", p, len(data))
		}
	})
}

// Bytes behind the IP packet count as payload, and an IP header that claims fewer than 20
// bytes leaves its last bytes for the segment, as scapy slices them.
func TestScapyLengths(t *testing.T) {
	ip := func(first byte, total byte, rest ...byte) []byte {
		h := append(make([]byte, 12), 0x08, 0x00, first, 0, 0, total, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2)
		return append(h, rest...)
	}
	udp := []byte{0x13, 0x88, 0, 53, 0, 8, 0, 0}
	for _, c := range []struct {
		name    string
		data    []byte
		out     packet.Outcome
		header  uint16
		payload uint32
	}{
		{"bare", ip(0x45, 28, udp...), packet.Admitted, 20, 0},
		{"padded", ip(0x45, 28, append(udp, make([]byte, 18)...)...), packet.Admitted, 20, 18},
		{"no length", ip(0x45, 0, append(udp, 1, 2)...), packet.Admitted, 20, 2},
		{"header of 12 bytes", ip(0x43, 28, append([]byte{9, 9, 9, 9}, udp...)...), packet.Admitted, 12, 0},
		{"cut", ip(0x45, 28, udp[:7]...), packet.LeftOut, 0, 0},
		{"later fragment", func() []byte { b := ip(0x45, 28, udp...); b[21] = 1; return b }(), packet.LeftOut, 0, 0},
	} {
		r := decode(packet.NewDecoder(packet.View{Read: packet.Scapy{}}), 1, len(c.data), c.data)
		if r.o != c.out {
			t.Errorf("%s: %v, want %v", c.name, r.o, c.out)
		} else if r.o == packet.Admitted && (r.p.IPHeader != c.header || r.p.Payload != c.payload) {
			t.Errorf("%s: header %d and payload %d, want %d and %d", c.name, r.p.IPHeader, r.p.Payload, c.header, c.payload)
		}
	}
}
