package packet_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"fm/extract/packet"
)

// ppiCut is a PPI header alone. One of its fields says that a check sum ends the frame, and
// another begins where the frame without it is over.
const ppiCut = "0000 2800 69000000 0200 1800 0000000000000000 0100 000000000000000000000000000000000000"

func TestOutcomes(t *testing.T) {
	const ether, ip4Ether = "020000000002 020000000001 ", "020000000002 020000000001 0800 "
	tunnels := func(n int) []byte { // IPv4 n times inside IPv4
		data := ip4(1, 0, udp(1, 2, 0, 0))
		for range n {
			data = append(ip4(1, 0, nil), data...)
			binary.BigEndian.PutUint16(data[2:], uint16(len(data)))
			data[9] = 4
		}
		return data
	}
	extensions := func(n int) []byte { // n hop-by-hop headers
		data := make([]byte, 40+8*n+8)
		data[0], data[7] = 0x60, 64
		binary.BigEndian.PutUint16(data[4:], uint16(len(data)-40))
		data[40+8*(n-1)] = 17
		return data
	}
	for _, c := range []struct {
		name string
		link uint16
		data []byte
		want packet.Outcome
	}{
		{"nothing", 1, nil, packet.CutLink},
		{"ARP", 1, unhex(t, ether+"0806 0001080006040001"), packet.NotIP},
		{"spanning tree", 1, unhex(t, ether+"0026 424203 000000000080"), packet.NotIP},
		{"PPPoE discovery", 1, unhex(t, ether+"8863 1109 0000 0004 01010000"), packet.NotIP},
		{"PPPoE negotiation", 1, unhex(t, ether+"8864 1100 0001 0006 c021 01010004"), packet.NotIP},
		{"Ethernet cut", 1, unhex(t, ether), packet.CutLink},
		{"tag cut", 1, unhex(t, ether+"8100 00"), packet.CutLink},
		{"labels cut", 1, unhex(t, ether+"8847 00064040 000641"), packet.CutLink},
		{"five tags", 1, unhex(t, ether+strings.Repeat("8100 0001 ", 5)+"0800"), packet.TooDeep},
		{"IPv4 cut", 1, unhex(t, ip4Ether+"4500 0034"), packet.CutIP},
		{"IPv4 of version 6", 1, unhex(t, ip4Ether+"6500 0014 0000 0000 4011 0000 c0000201 c0000202"), packet.BadIP},
		{"IPv4 options beyond the frame", 101, ip4WithOptions()[:30], packet.BadIP},
		{"IPv6 cut", 101, make6(40)[:39], packet.CutIP},
		{"no IP version", 101, []byte{0x10, 0}, packet.NotIP},
		{"raw, nothing", 101, nil, packet.CutIP},
		{"IPv4 that is IPv6", 228, make6(40), packet.BadIP},
		{"loopback of another family", 0, unhex(t, "07000000 00"), packet.NotIP},
		{"loopback cut", 0, unhex(t, "0200"), packet.CutLink},
		{"cooked cut", 113, make([]byte, 15), packet.CutLink},
		{"cooked netlink", 113, unhex(t, "0000 0338 0000 0000000000000000 0800 45"), packet.NotIP},
		{"cooked 2 cut", 276, make([]byte, 19), packet.CutLink},
		{"802.11 beacon", 105, make([]byte, 30), packet.NotIP},
		{"802.11 acknowledgement", 105, unhex(t, "d400 0000 020000000001"), packet.NotIP},
		{"802.11 encrypted", 105, append(unhex(t, "0841"), make([]byte, 40)...), packet.NotIP},
		{"802.11 without data", 105, append(unhex(t, "4801"), make([]byte, 40)...), packet.NotIP},
		{"802.11 cut", 105, unhex(t, "0801 0000 0200"), packet.CutLink},
		{"radiotap longer than the frame", 127, unhex(t, "0000 ff00 00000000 0801"), packet.CutLink},
		{"radiotap with endless fields", 127, unhex(t, "0000 0c00 000000ff ffffffff 0801"), packet.CutLink},
		{"PPI, check sum within the header", 192, unhex(t, ppiCut), packet.CutLink},
		{"HDLC keepalive", 104, unhex(t, "8f00 8035 00000002"), packet.NotIP},
		{"unknown link type", 147, ip4(1, 0, udp(1, 2, 0, 0)), packet.UnknownLink},
		{"eight tunnels", 101, tunnels(8), packet.Admitted},
		{"nine tunnels", 101, tunnels(9), packet.TooDeep},
		{"sixteen extension headers", 101, extensions(16), packet.Admitted},
		{"seventeen extension headers", 101, extensions(17), packet.TooDeep},
		{"extension header beyond the packet", 101, unhex(t, "60000000 0008 00 40"+strings.Repeat("00", 32)+"1102 000000000000"), packet.BadIP},
		{"endless labels", 1, unhex(t, ether+"8847"+strings.Repeat("00064040", 40)), packet.TooDeep},
		{"endless bridging", 1, unhex(t, ether+strings.Repeat("6558"+"020000000002 020000000001", 40)+"0800"), packet.TooDeep},
	} {
		d := packet.NewDecoder(packet.View{})
		if r := decode(d, c.link, len(c.data), c.data); r.o != c.want {
			t.Errorf("%s: %v, want %v", c.name, r.o, c.want)
		}
		if n := d.Notes(); c.want != packet.Admitted && n != (packet.Notes{}) {
			t.Errorf("%s: notes of a frame that is not admitted: %+v", c.name, n)
		}
	}
	if r := decode(packet.NewDecoder(packet.View{}), 101, 61, ip4WithOptions()[:30]); r.o != packet.CutIP {
		t.Errorf("IPv4 options cut by the snapshot length: %v", r.o)
	}
	for o := packet.Admitted; o < packet.NumOutcomes; o++ {
		if o.String() == "" {
			t.Errorf("outcome %d has no words", o)
		}
	}
}

func make6(n int) []byte {
	data := make([]byte, n)
	data[0], data[6] = 0x60, 59
	return data
}

func ip4WithOptions() []byte {
	data := append(ip4(1, 0, make([]byte, 40)), 0)
	data[0] = 0x4f
	return data
}

// A source that found the network header with a slower decoder says where it is.
func TestNetworkHeaderFound(t *testing.T) {
	ip := ip4(1, 0, udp(1, 2, 0, 0))
	data := append([]byte{1, 2, 3, 4, 5}, ip...)
	d := packet.NewDecoder(packet.View{})
	for _, c := range []struct {
		net, kind uint16
		want      packet.Outcome
	}{{6, 0x0800, packet.Admitted}, {6, 0x86dd, packet.CutIP}, {6, 0x0806, packet.NotIP}, {0, 0x0800, packet.UnknownLink}, {60000, 0x0800, packet.CutIP}} {
		f := packet.Frame{Link: 147, Net: c.net, EtherType: c.kind, WireLen: uint32(len(data)), Data: packet.Span{Len: uint32(len(data))}}
		var r decoded
		if r.o = d.Decode(&r.p, &r.c, &f, data); r.o != c.want {
			t.Errorf("network header at %d, EtherType %#x: %v, want %v", int(c.net)-1, c.kind, r.o, c.want)
		}
	}
}

// Ordinary traffic on a tunnel's port stays what it is.
func TestOrdinaryTrafficOnTunnelPorts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	ordinary := [][]byte{
		unhex(t, "1a2b 0100 0001 0000 0000 0000 03777777 076578616d706c65 03636f6d 00 0001 0001"),                      // DNS
		unhex(t, "16fefd 0000000000000000 0036 01 00002a 0000 000000000000002a fefd 00000000"),                         // DTLS
		unhex(t, "c300000001 08 0102030405060708 00 00 449e 00000000000000000000000000000000000000000000000000000000"), // QUIC
		unhex(t, "8060 0001 00000001 00000001 000000000000000000000000000000000000000000000000"),                       // RTP
		[]byte("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n\r\n"),
		make([]byte, 64),
		[]byte("<134>Jan  1 00:00:00 host program: E is for ethernet, and 45 for an IP header"),
	}
	for range 20000 {
		b := make([]byte, r.IntN(200))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		ordinary = append(ordinary, b)
	}
	d := packet.NewDecoder(packet.View{})
	for _, port := range []uint16{1701, 2152, 3544, 4754, 4789, 4790, 8472, 5247, 6081, 6635, 37008} {
		for i, b := range ordinary {
			there := at(d, 0, ip4(1, 0, append(udp(40000, port, len(b), 0), b...)))
			back := at(d, 0, ip4(1, 0, append(udp(port, 40000, len(b), 0), b...)))
			for _, p := range []decoded{there, back} {
				if p.o != packet.Admitted || p.c.Tunnels != 0 || p.p.Payload != uint32(len(b)) {
					t.Errorf("port %d, payload %d (%.20x): %v, %d tunnels, payload %d", port, i, b, p.o, p.c.Tunnels, p.p.Payload)
				}
			}
		}
	}
}

// Decoding allocates nothing, whatever the frame.
func TestDecodeDoesNotAllocate(t *testing.T) {
	batch := batchOf(t, "")
	for _, v := range []packet.View{{}, {Outer: true, KeyVLAN: true, KeyTunnel: true}} {
		d := packet.NewDecoder(v)
		if n := testing.AllocsPerRun(20, func() {
			for i := range batch.Frames {
				d.Decode(&batch.Packets[i], &batch.Cold[i], &batch.Frames[i], batch.Buf)
			}
		}); n != 0 {
			t.Errorf("%+v: %v allocations in %d frames", v, n, len(batch.Frames))
		}
	}
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for k := packet.TunnelNone; k <= packet.TunnelMPLS; k++ {
		if s := fmt.Sprint(k); s == "" || seen[s] {
			t.Errorf("tunnel %d is called %q", uint8(k), s)
		} else {
			seen[s] = true
		}
	}
	if packet.TunnelMPLS >= 1<<(8-packet.KindTunnelShift) {
		t.Error("a key has four bits for tunnels")
	}
}
