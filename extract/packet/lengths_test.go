package packet_test

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"fm/extract/packet"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Whole structs, worked out by hand from the bytes.
func TestWholePacket(t *testing.T) {
	data := unhex(t, `020000000002 020000000001 8100 a009 0800
		4510 003e 1234 4000 3f 06 0000 c6336407 c0000209
		01bb 9c40 01020304 05060708 a 0 18 01f5 0000 0000
		020405b4 01 030307 0402 080a 00000001 00000000
		6869
		0000`)
	// 18 link, 20 IP, 40 TCP by its data offset (20 and 20 of options), 2 payload, 2 trailer
	const frame = 18 + 20 + 40 + 2 + 2
	if len(data) != frame {
		t.Fatalf("%d bytes, want %d", len(data), frame)
	}
	r := decode(packet.NewDecoder(packet.View{}), 1, frame, data)
	key := packet.Key{APort: 40000, BPort: 443, Proto: 6}
	copy(key.A[10:], []byte{0xff, 0xff, 192, 0, 2, 9})
	copy(key.B[10:], []byte{0xff, 0xff, 198, 51, 100, 7})
	p := packet.Packet{Time: 1e18, Hash: key.Hash(), Key: key, WireLen: frame, CapLen: frame, IPLen: 62, Payload: 2, CapPayload: 2,
		IPHeader: 20, L4Header: 40, Window: 501, Flags: packet.PSH | packet.ACK, TTL: 63, FromA: false,
		Head: packet.Span{Off: 3 + 78, Len: 2}}
	c := packet.Cold{Frame: 1, Link: 1, Seq32: 0x01020304, Ack: 0x05060708, VLAN: [4]uint16{9}, VLANs: 1, IPID: 0x1234, MSS: 1460,
		Sample: 2, WScale: 7, Options: packet.OptMSS | packet.OptWScale | packet.OptSACK | packet.OptTimestamp,
		Bits: packet.BitDontFrag, TOS: 0x10, MACs: packet.Span{Off: 3, Len: 12}}
	if r.o != packet.Admitted || r.p != p {
		t.Errorf("%v\n%+v, want\n%+v", r.o, r.p, p)
	}
	if r.c != c {
		t.Errorf("\n%+v, want\n%+v", r.c, c)
	}
}

// Lengths come from the header fields. Each case changes bytes of an Ethernet frame with an
// IPv4 header at 14, a transport header at 34 and twelve bytes of payload.
func TestLengths(t *testing.T) {
	type change struct {
		at    int
		bytes string
	}
	type notes = packet.Notes
	for _, c := range []struct {
		name    string
		base    string
		changes []change
		trailer int // bytes behind the frame
		wire    int // wire length beyond the captured bytes
		o       packet.Outcome
		iplen   uint32
		l4      uint16
		payload uint32
		capped  uint32 // captured payload
		bits    uint8
		notes   notes
	}{
		{name: "as built", base: "tcp", iplen: 52, l4: 20, payload: 12, capped: 12},
		{name: "trailer", base: "tcp", trailer: 9, iplen: 52, l4: 20, payload: 12, capped: 12},
		{name: "snapshot length", base: "tcp", changes: []change{{16, "05dc"}}, wire: 1448, iplen: 1500, l4: 20, payload: 1460, capped: 12},
		{name: "offload", base: "tcp", changes: []change{{16, "0000"}}, iplen: 52, l4: 20, payload: 12, capped: 12,
			bits: packet.BitZeroLen, notes: notes{ZeroLength: 1}},
		{name: "offload and snapshot length", base: "tcp", changes: []change{{16, "0000"}}, wire: 64000, iplen: 64052, l4: 20, payload: 64012, capped: 12,
			bits: packet.BitZeroLen, notes: notes{ZeroLength: 1}},
		{name: "longer than the wire", base: "tcp", changes: []change{{16, "0100"}}, iplen: 52, l4: 20, payload: 12, capped: 12, notes: notes{LongIP: 1}},
		{name: "shorter than the transport header", base: "tcp", changes: []change{{16, "0020"}}, iplen: 32, l4: 12, bits: packet.BitTruncated,
			notes: notes{CutTransport: 1}},
		{name: "shorter than its own header", base: "tcp", changes: []change{{16, "0013"}}, o: packet.BadIP},
		{name: "header of 16 bytes", base: "tcp", changes: []change{{14, "44"}}, o: packet.BadIP},
		{name: "version 5", base: "tcp", changes: []change{{14, "55"}}, o: packet.BadIP},
		{name: "data offset 4", base: "tcp", changes: []change{{46, "40"}}, iplen: 52, l4: 20, payload: 12, capped: 12, notes: notes{BadTransport: 1}},
		{name: "data offset beyond the packet", base: "tcp", changes: []change{{46, "f0"}}, iplen: 52, l4: 20, payload: 12, capped: 12, notes: notes{BadTransport: 1}},
		{name: "option of length 0", base: "tcp", changes: []change{{46, "80"}, {54, "0300"}}, iplen: 52, l4: 32, notes: notes{BadOptions: 1}},
		{name: "option beyond the header", base: "tcp", changes: []change{{46, "80"}, {54, "010101010101010101010809"}}, iplen: 52, l4: 32, notes: notes{BadOptions: 1}},
		{name: "UDP length below 8", base: "udp", changes: []change{{38, "0007"}}, iplen: 40, l4: 8, payload: 12, capped: 12, notes: notes{BadTransport: 1}},
		{name: "UDP length 0", base: "udp", changes: []change{{38, "0000"}}, iplen: 40, l4: 8, payload: 12, capped: 12},
		{name: "UDP length beyond the packet", base: "udp", changes: []change{{38, "0200"}}, iplen: 40, l4: 8, payload: 12, capped: 12, notes: notes{BadTransport: 1}},
		{name: "UDP length within", base: "udp", changes: []change{{38, "000a"}}, iplen: 40, l4: 8, payload: 2, capped: 2},
		{name: "protocol without ports", base: "udp", changes: []change{{23, "59"}}, iplen: 40, payload: 20, capped: 20},
	} {
		b := find(t, c.base)
		data := append([]byte(nil), b.data...)
		for _, ch := range c.changes {
			copy(data[ch.at:], unhex(t, ch.bytes))
		}
		data = append(data, make([]byte, c.trailer)...)
		d := packet.NewDecoder(packet.View{})
		r := decode(d, 1, len(data)+c.wire, data)
		if r.o != c.o {
			t.Errorf("%s: %v, want %v", c.name, r.o, c.o)
		}
		if r.o != packet.Admitted || c.o != packet.Admitted {
			continue
		}
		if r.p.IPLen != c.iplen || r.p.L4Header != c.l4 || r.p.Payload != c.payload || r.p.CapPayload != c.capped || r.c.Bits&^packet.BitDontFrag != c.bits {
			t.Errorf("%s: IP length %d, transport header %d, payload %d, captured %d, bits %d, want %d, %d, %d, %d, %d", c.name,
				r.p.IPLen, r.p.L4Header, r.p.Payload, r.p.CapPayload, r.c.Bits, c.iplen, c.l4, c.payload, c.capped, c.bits)
		}
		if n := d.Notes(); n != c.notes {
			t.Errorf("%s: %+v, want %+v", c.name, n, c.notes)
		}
	}
}

// The length field of IPv6 is 0 where a segment is cut up by the card, and in jumbograms.
func TestLengthsOfIPv6(t *testing.T) {
	b := find(t, "hop by hop")
	data := append([]byte(nil), b.data...)
	data[18], data[19] = 0, 0
	r := decode(packet.NewDecoder(packet.View{}), 1, 70054, data)
	if r.p.IPLen != 70040 || r.p.Payload != 70040-48-20 || r.c.Bits != packet.BitZeroLen {
		t.Errorf("offload: IP length %d, payload %d, bits %d", r.p.IPLen, r.p.Payload, r.c.Bits)
	}
	copy(data[56:], []byte{0xc2, 4}) // RFC 2675: option 194 with the length of all behind the IPv6 header
	binary.BigEndian.PutUint32(data[58:], 70000)
	r = decode(packet.NewDecoder(packet.View{}), 1, 70100, data)
	if r.p.IPLen != 70040 || r.p.Payload != 70040-48-20 || r.c.Bits != 0 {
		t.Errorf("jumbogram: IP length %d, payload %d, bits %d", r.p.IPLen, r.p.Payload, r.c.Bits)
	}
	r = decode(packet.NewDecoder(packet.View{}), 1, 60000, data) // a lie
	if r.p.IPLen != 60000-14 || r.c.Bits != packet.BitZeroLen {
		t.Errorf("jumbogram longer than the wire: IP length %d, bits %d", r.p.IPLen, r.c.Bits)
	}
}

// A record may claim a wire length below what was captured.
func TestWireLengthBelowCaptured(t *testing.T) {
	b := find(t, "tcp")
	d := packet.NewDecoder(packet.View{})
	r := decode(d, 1, 10, b.data)
	if r.o != packet.Admitted || r.p.Payload != 12 || r.p.WireLen != 10 || d.Notes().WireShort != 1 {
		t.Errorf("%v, payload %d, wire length %d, %+v", r.o, r.p.Payload, r.p.WireLen, d.Notes())
	}
}

// Cut anywhere, a frame has one outcome; the later the cut, the more is known, and what is
// known does not change: not the lengths, which come from the headers, nor the key once the
// ports are there.
func TestCutAnywhere(t *testing.T) {
	for _, b := range builtPackets(t) {
		d := packet.NewDecoder(packet.View{})
		whole := decode(d, b.link, len(b.data), b.data)
		for cut := range len(b.data) {
			r := decode(d, b.link, len(b.data), b.data[:cut])
			if r.o >= packet.NumOutcomes {
				t.Fatalf("%s cut to %d bytes: outcome %d", b.name, cut, r.o)
			}
			if r.o != packet.Admitted {
				continue
			}
			if r.p.Head.Len != r.p.CapPayload || r.p.CapPayload > r.p.Payload || int(r.p.Head.Off)+int(r.p.Head.Len) > 3+cut {
				t.Fatalf("%s cut to %d bytes: payload %d, captured %d, head %+v", b.name, cut, r.p.Payload, r.p.CapPayload, r.p.Head)
			}
			if r.c.Tunnels == whole.c.Tunnels && r.p.Key == whole.p.Key && r.c.Bits&packet.BitTruncated == 0 {
				p, c := r.p, r.c
				p.CapLen, p.CapPayload, p.Head = whole.p.CapLen, whole.p.CapPayload, whole.p.Head
				c.Sample = whole.c.Sample
				if p != whole.p || c != whole.c {
					t.Fatalf("%s cut to %d bytes:\n%+v\n%+v, whole\n%+v\n%+v", b.name, cut, p, c, whole.p, whole.c)
				}
			}
		}
	}
}

// Sample counts the bytes of Head within 104 bytes of the outermost IP packet and 128 of the frame.
func TestSample(t *testing.T) {
	payload := make([]byte, 300)
	raw := ip4(1, 0, append(udp(1, 2, 300, 0), payload...))
	inner := ip4(2, 0, append(udp(1, 2, 300, 0), payload...))
	tunnel := append(ip4(3, 0, nil), inner...)
	binary.BigEndian.PutUint16(tunnel[2:], uint16(len(tunnel)))
	tunnel[9] = 4
	for _, c := range []struct {
		name string
		link uint16
		data []byte
		want uint16
	}{
		{"raw", 101, raw, 104 - 28},
		{"in a tunnel", 101, tunnel, 104 - 48},
		{"Ethernet", 1, append(unhex(t, "020000000002 020000000001 0800"), raw...), 104 - 28},
		{"two tags and labels", 1, append(unhex(t, "020000000002 020000000001 8100 0001 8100 0002 8847 00064040 00064040 00064140"), raw...), 128 - 34 - 28},
		{"short", 101, ip4(1, 0, udp(1, 2, 5, 5)), 5},
		{"none", 101, ip4(1, 0, udp(1, 2, 0, 0)), 0},
	} {
		r := decode(packet.NewDecoder(packet.View{}), c.link, len(c.data), c.data)
		if r.o != packet.Admitted || r.c.Sample != c.want {
			t.Errorf("%s: %v, sample %d, want %d", c.name, r.o, r.c.Sample, c.want)
		}
	}
}

// However many fields of a PPI header say so, one check sum ends the frame.
func TestChecksumOfPPI(t *testing.T) {
	ip := ip4(1, 0, udp(1, 2, 12, 12))
	copy(ip[2:], []byte{0, 0}) // offload: the length is what the frame leaves
	const common = "0200 1400 0000000000000000 0100 000000000000 00000000"
	for n, fields := range []string{"", common, common + common} {
		data := append(unhex(t, "0000"+[]string{"0800", "2000", "3800"}[n]+"69000000"+fields), unhex(t, "0801 0000"+strings.Repeat("00", 20)+"aaaa03000000 0800")...)
		data = append(append(data, ip...), 1, 2, 3, 4)
		want := uint32(len(ip))
		if n == 0 {
			want += 4
		}
		r := decode(packet.NewDecoder(packet.View{}), 192, len(data), data)
		if r.o != packet.Admitted || r.p.IPLen != want {
			t.Errorf("%d fields: %v, IP length %d, want %d", n, r.o, r.p.IPLen, want)
		}
	}
}
