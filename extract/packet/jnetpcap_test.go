package packet_test

import (
	"strings"
	"testing"

	"fm/extract/packet"
)

// Parts of frames.
const (
	jEthIPv4 = "020000000002 020000000001 0800"
	jTCP     = "9c40 0050 00000001 00000002 5018 0100 0000 0000"
	jUDP     = "9c40 0035 000c 0000"
)

// jIP is an IPv4 header from 10.0.0.1 to 10.0.0.2.
func jIP(total, fragment, proto string) string {
	return "4500" + total + "0000" + fragment + "40" + proto + "0000 0a000001 0a000002 "
}

// TestJNetPcap shows what CICFlowMeter makes of frames; its rows for the reference captures
// prove the rules (FEATURES.md 7.2).
func TestJNetPcap(t *testing.T) {
	type want struct {
		outcome          packet.Outcome
		src, dst         string
		sport, dport     uint16
		proto            uint8
		payload, header4 int
	}
	left := want{outcome: packet.LeftOut}
	for _, c := range []struct {
		name, frame string
		tool, fork  want
	}{
		{"segment with padding", jEthIPv4 + jIP("002b", "0000", "06") + jTCP + "616263 000000",
			want{0, "10.0.0.1", "10.0.0.2", 40000, 80, 6, 3, 20}, want{0, "10.0.0.1", "10.0.0.2", 40000, 80, 6, 3, 20}},
		{"padding behind a VLAN tag counts", "020000000002 020000000001 8100 0007 0800" + jIP("002b", "0000", "06") + jTCP + "616263 000000",
			want{0, "10.0.0.1", "10.0.0.2", 40000, 80, 6, 6, 20}, want{0, "10.0.0.1", "10.0.0.2", 40000, 80, 6, 6, 20}},
		{"IP length 0", jEthIPv4 + jIP("0000", "0000", "06") + jTCP + "616263",
			want{0, "10.0.0.1", "10.0.0.2", 0, 0, 0, 0, 0}, want{0, "10.0.0.1", "10.0.0.2", 40000, 80, 6, 3, 20}},
		{"captured bytes only", jEthIPv4 + jIP("0500", "0000", "11") + jUDP + "61626364",
			want{0, "10.0.0.1", "10.0.0.2", 40000, 53, 17, 4, 8}, want{0, "10.0.0.1", "10.0.0.2", 40000, 53, 17, 4, 8}},
		{"later fragment", jEthIPv4 + jIP("0020", "0003", "11") + jUDP + "61626364",
			want{0, "10.0.0.1", "10.0.0.2", 0, 0, 0, 0, 0}, want{0, "10.0.0.1", "10.0.0.2", 0, 0, 0, 0, 0}},
		{"unreachable: the quoted ports", jEthIPv4 + jIP("0038", "0000", "01") + "0303 0000 00000000" + jIP("0040", "0000", "11") + jUDP,
			want{0, "10.0.0.1", "10.0.0.2", 40000, 53, 17, 0, 8}, want{0, "10.0.0.1", "10.0.0.2", 0, 0, 1, 0, 0}},
		{"time exceeded", jEthIPv4 + jIP("0038", "0000", "01") + "0b00 0000 00000000" + jIP("0040", "0000", "11") + jUDP,
			want{0, "10.0.0.1", "10.0.0.2", 0, 0, 0, 0, 0}, want{0, "10.0.0.1", "10.0.0.2", 0, 0, 1, 0, 0}},
		{"ARP to all, padded", "ffffffffffff 080027010203 0806 0001 0800 06 04 0001 080027010203 0a000001 000000000000 0a000002 " + strings.Repeat("00", 18),
			want{0, "8.6.0.1", "8.0.6.4", 0, 0, 0, 0, 0}, want{0, "8.6.0.1", "8.0.6.4", 0, 0, 0, 0, 0}},
		{"ARP to all, not padded", "ffffffffffff 080027010203 0806 0001 0800 06 04 0001 080027010203 0a000001 000000000000 0a000002",
			want{0, "8.6.0.1", "8.0.6.4", 0, 0, 0, 0, 0}, left},
		{"ARP to an address that begins with 0", "000c29000001 080027010203 0806 0001 0800 06 04 0002 080027010203 0a000001 000c29000001 0a000002", left, left},
		{"IGMP", jEthIPv4 + jIP("0020", "0000", "02") + "160000000000000000000000",
			want{0, "10.0.0.1", "10.0.0.2", 0, 0, 0, 0, 0}, want{0, "10.0.0.1", "10.0.0.2", 0, 0, 2, 0, 0}},
		{"SCTP", jEthIPv4 + jIP("0024", "0000", "84") + "0bb8 0bb9 00000000 00000000 00000000",
			want{0, "10.0.0.1", "10.0.0.2", 0, 0, 0, 0, 0}, want{0, "10.0.0.1", "10.0.0.2", 3000, 3001, 132, 4, 12}},
		{"protocol 88", jEthIPv4 + jIP("0018", "0000", "58") + "00000000",
			want{0, "10.0.0.1", "10.0.0.2", 0, 0, 0, 0, 0}, left},
		{"IPv6", "000000000002 020000000001 86dd 60000000 0008 1140" + strings.Repeat("20", 32) + jUDP, left, left},
		{"cut TCP header", jEthIPv4 + jIP("002b", "0000", "06") + "9c40 0050",
			want{0, "10.0.0.1", "10.0.0.2", 0, 0, 0, 0, 0}, want{0, "10.0.0.1", "10.0.0.2", 0, 0, 0, 0, 0}},
		{"short frame", "0200", left, left},
	} {
		for i, w := range []want{c.tool, c.fork} {
			data := unhex(t, c.frame)
			r := decode(packet.NewDecoder(packet.View{Read: packet.JNetPcap{Fork: i == 1}}), 1, len(data), data)
			var got want
			if got.outcome = r.o; r.o == packet.Admitted {
				got.src, got.dst, got.sport, got.dport = sent(&r.p)
				got.proto, got.payload, got.header4 = r.p.Key.Proto, int(r.p.Payload), int(r.p.L4Header)
			}
			if got != w {
				t.Errorf("%s, fork %v: %+v, want %+v", c.name, i == 1, got, w)
			}
		}
	}
}

// TestJNetPcapFiles checks that frames of files that the tool refuses are left out, and that
// a little-endian file has times before 1970.
func TestJNetPcapFiles(t *testing.T) {
	data := unhex(t, jEthIPv4+jIP("0020", "0000", "11")+jUDP+"61626364")
	for _, c := range []struct {
		f    packet.Frame
		o    packet.Outcome
		time int64
	}{
		{packet.Frame{NotPcap: true}, packet.LeftOut, 0},
		{packet.Frame{Time: 1 << 31 * 1e9, Signed: true}, packet.Admitted, -1 << 31 * 1e9},
		{packet.Frame{Time: 1 << 31 * 1e9}, packet.Admitted, 1 << 31 * 1e9},
	} {
		var p packet.Packet
		var cold packet.Cold
		c.f.Link, c.f.Data.Len, c.f.WireLen = 1, uint32(len(data)), uint32(len(data))
		d := packet.NewDecoder(packet.View{Read: packet.JNetPcap{}})
		if o := d.Decode(&p, &cold, &c.f, data); o != c.o || o == packet.Admitted && p.Time != c.time {
			t.Errorf("%+v: %v at %d, want %v at %d", c.f, o, p.Time, c.o, c.time)
		}
	}
}

// FuzzJNetPcap feeds frames to the reading: it must end, and what it admits must lie in the frame.
func FuzzJNetPcap(f *testing.F) {
	for _, b := range builtPackets(f) {
		f.Add(b.data, false)
		f.Add(b.data[:len(b.data)*3/4], true)
	}
	readings := map[bool]*packet.Decoder{}
	for _, fork := range []bool{false, true} {
		readings[fork] = packet.NewDecoder(packet.View{Read: packet.JNetPcap{Fork: fork}})
	}
	f.Fuzz(func(t *testing.T, data []byte, fork bool) {
		if len(data) > packet.MaxFrame {
			return
		}
		r := decode(readings[fork], 1, len(data), data)
		switch {
		case r.o == packet.LeftOut:
		case r.o != packet.Admitted:
			t.Fatalf("outcome %v", r.o)
		case len(data) < 20 || int(r.p.Payload) > len(data) || int(r.p.L4Header) > 60:
			t.Fatalf("lengths %+v of %d bytes", r.p, len(data))
		case r.p.Key.Proto == 0 && (r.p.Payload != 0 || r.p.Key.APort|r.p.Key.BPort != 0):
			t.Fatalf("payload or ports of protocol 0: %+v", r.p)
		}
	})
}
