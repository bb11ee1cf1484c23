package packet_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"fm/extract/packet"
)

func zeekDecoder(z packet.Zeek) *packet.Decoder { return packet.NewDecoder(packet.View{Read: z}) }

// TestZeekChecksums reads the packets of testdata/packets.txt, whose checksums scapy made:
// all are right, and any byte of the segment turned round makes them wrong.
func TestZeekChecksums(t *testing.T) {
	tcp, other := 0, 0
	for _, b := range builtPackets(t) {
		r := decode(zeekDecoder(packet.Zeek{Checksums: true}), b.link, len(b.data), b.data)
		if r.o != packet.Admitted || r.c.Tunnels > 0 {
			continue
		}
		if r.c.Bits&packet.BitChecksum != 0 {
			t.Errorf("%s: the checksum is taken for wrong", b.name)
		}
		segment := int(r.p.IPLen) - int(r.p.IPHeader)
		end := bytes.LastIndex(b.data, b.data[len(b.data)-1:]) + 1 // the packet may be padded: turn a byte of the header
		at := end - segment
		switch {
		case r.p.Key.Proto == packet.ProtoTCP && b.name == "tcp":
			tcp++
		case b.name == "udp" || b.name == "udp6":
			other++
		default:
			continue
		}
		wrong := bytes.Clone(b.data)
		wrong[at+1] ^= 0x10 // a port
		d := zeekDecoder(packet.Zeek{Checksums: true})
		if r := decode(d, b.link, len(wrong), wrong); r.o != packet.Admitted || r.c.Bits&packet.BitChecksum == 0 || d.Notes().Checksums != 1 {
			t.Errorf("%s: a wrong checksum is not seen: %v, %+v", b.name, r.o, d.Notes())
		}
		if r := decode(zeekDecoder(packet.Zeek{}), b.link, len(wrong), wrong); r.c.Bits&packet.BitChecksum != 0 {
			t.Errorf("%s: a checksum is looked at though nobody asks", b.name)
		}
		if b.name == "udp6" {
			continue
		}
		header := bytes.Clone(b.data)
		header[at-20+8] ^= 1 // time to live
		if r := decode(zeekDecoder(packet.Zeek{Checksums: true}), b.link, len(header), header); r.o != packet.LeftOut {
			t.Errorf("%s: a wrong checksum of the IP header: %v", b.name, r.o)
		}
	}
	if tcp != 1 || other != 2 {
		t.Errorf("%d TCP and %d UDP packets tried, want 1 and 2", tcp, other)
	}
}

// TestZeekDatagram puts fragments together in every order.
func TestZeekDatagram(t *testing.T) {
	whole := udp(1000, 2000, 100, 100)
	for i := range 100 {
		whole[8+i] = byte(i)
	}
	four := [][]byte{ip4(7, 0x2000, whole[:40]), ip4(7, 0x2000|5, whole[40:64]), ip4(7, 0x2000|7, whole[56:80]), ip4(7, 10, whole[80:])}
	six := [][]byte{ip6(7, 1, whole[:40]), ip6(7, 5<<3|1, whole[40:64]), ip6(7, 7<<3|1, whole[56:80]), ip6(7, 10<<3, whole[80:])}
	for name, parts := range map[string][][]byte{"IPv4": four, "IPv6": six} {
		header, length := uint16(20), uint32(128)
		if name == "IPv6" {
			header, length = 40, 148
		}
		d := zeekDecoder(packet.Zeek{Faithful: true})
		for range 50 {
			for n, i := range rand.Perm(len(parts)) {
				r := at(d, second, parts[i])
				if n < len(parts)-1 {
					if r.o != packet.HeldFragment {
						t.Fatalf("%s: part %d of a datagram: %v", name, n, r.o)
					}
					continue
				}
				if r.o != packet.Admitted || r.p.IPLen != length || r.p.IPHeader != header || r.p.L4Header != 8 || r.p.Payload != 100 || r.p.CapPayload != 100 || r.p.Key.APort != 1000 {
					t.Fatalf("%s: the datagram: %v %+v", name, r.o, r.p)
				}
				if r.p.Head.Len != 0 || r.c.Bits&packet.BitFragment == 0 {
					t.Fatalf("%s: the datagram: %+v", name, r)
				}
			}
		}
		var r decoded
		frames := make([]packet.Frame, len(parts))
		for i := range parts {
			frames[i] = packet.Frame{Time: second, Link: 101, WireLen: uint32(len(parts[i])), Data: packet.Span{Len: uint32(len(parts[i]))}}
		}
		if n := testing.AllocsPerRun(20, func() {
			for i := range parts {
				d.Decode(&r.p, &r.c, &frames[i], parts[i])
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a datagram", name, n)
		}
	}
}

// TestZeekDatagramsEnd: five minutes after the first fragment a datagram is forgotten, and
// of more than 128 under way the oldest is.
func TestZeekDatagramsEnd(t *testing.T) {
	first, last := ip4(7, 0x2000, udp(1000, 2000, 64, 40)), ip4(7, 6, make([]byte, 24))
	for after, want := range map[int64]packet.Outcome{300 * second: packet.Admitted, 300*second + 1: packet.HeldFragment} {
		d := zeekDecoder(packet.Zeek{})
		at(d, second, first)
		if r := at(d, second+after, last); r.o != want {
			t.Errorf("%d ns later: %v, want %v", after, r.o, want)
		}
	}
	d := zeekDecoder(packet.Zeek{})
	for id := range uint16(1000) {
		at(d, second, ip4(id, 0x2000, udp(id, 2, 64, 40)))
	}
	if n := d.Notes().LostFirsts; n != 1000-128 {
		t.Errorf("%d datagrams pushed out, want %d", n, 1000-128)
	}
	if r := at(d, second, ip4(999, 6, make([]byte, 24))); r.o != packet.Admitted {
		t.Errorf("the last of many datagrams: %v", r.o)
	}
	if r := at(d, second, ip4(0, 6, make([]byte, 24))); r.o != packet.HeldFragment {
		t.Errorf("the first of many datagrams: %v", r.o)
	}
}

// TestZeekICMP: echo and answer are one flow, unreachable messages one a direction.
func TestZeekICMP(t *testing.T) {
	message := func(typ, code byte, turned bool) decoded {
		b := ip4(1, 0, []byte{typ, code, 0, 0, 0, 0, 0, 1})
		b[9] = 1
		if turned {
			b[15], b[19] = b[19], b[15]
		}
		return at(zeekDecoder(packet.Zeek{Faithful: true}), second, b)
	}
	ask, answer := message(8, 0, false), message(0, 0, true)
	if ask.p.Key != answer.p.Key || ask.p.FromA == answer.p.FromA {
		t.Errorf("an echo and its answer: %+v, %+v", ask.p.Key, answer.p.Key)
	}
	if _, _, src, dst := sent(&ask.p); src != 8 || dst != 0 {
		t.Errorf("an echo has ports %d and %d, want 8 and 0", src, dst)
	}
	there, back := message(3, 1, false), message(3, 1, true)
	if there.p.Key == back.p.Key {
		t.Errorf("unreachable messages both ways have one key: %+v", there.p.Key)
	}
	for _, r := range []decoded{there, back} {
		if _, _, src, dst := sent(&r.p); src != 3 || dst != 1 {
			t.Errorf("an unreachable message has ports %d and %d, want type 3 and code 1", src, dst)
		}
	}
	// Zeek's scripts see no header in a message of fewer than 28 bytes.
	if ask.p.L4Header != 0 || ask.p.Payload != 8 {
		t.Errorf("an echo without data: header %d, payload %d; want 0 and 8", ask.p.L4Header, ask.p.Payload)
	}
}

// TestZeekLeavesOut shows what becomes of packets that Zeek refuses.
func TestZeekLeavesOut(t *testing.T) {
	long := ip4(1, 0, udp(1, 2, 20, 20))
	long[3] += 10 // an IP length beyond the frame
	none := ip4(1, 0, udp(1, 2, 20, 20))
	none[2], none[3] = 0, 0
	cut := ip4(1, 0, udp(1, 2, 0, 0)[:6])
	esp := ip4(1, 0, make([]byte, 20))
	esp[9] = 50
	for name, data := range map[string][]byte{"length beyond the frame": long, "length 0": none, "UDP header of 6 bytes": cut, "ESP": esp} {
		if r := at(zeekDecoder(packet.Zeek{Faithful: true, Checksums: true}), second, data); r.o != packet.LeftOut {
			t.Errorf("%s: %v", name, r.o)
		}
		r := at(zeekDecoder(packet.Zeek{}), second, data)
		if r.o != packet.Admitted || int(r.p.IPLen) != len(data) {
			t.Errorf("%s, not as Zeek does: %v %+v", name, r.o, r.p)
		}
	}
}

// FuzzZeek feeds frames to Zeek's reading: it must end, and what it admits must lie in the
// frame, though datagrams are put together from many.
func FuzzZeek(f *testing.F) {
	for _, b := range builtPackets(f) {
		f.Add(b.link, uint32(0), b.data)
		f.Add(b.link, uint32(0), b.data[:len(b.data)*3/4])
		f.Add(b.link, uint32(900), b.data)
	}
	f.Add(uint16(101), uint32(0), ip4(7, 0x2000, udp(1000, 2000, 64, 40)))
	f.Add(uint16(101), uint32(0), ip4(7, 0x1fff, udp(1000, 2000, 64, 40)))
	f.Add(uint16(101), uint32(0), ip6(7, 6<<3, make([]byte, 24)))
	var decoders []*packet.Decoder // reused, so that datagrams come together
	for i := range 4 {
		decoders = append(decoders, zeekDecoder(packet.Zeek{Faithful: i&1 != 0, Checksums: i&2 != 0}))
	}
	f.Fuzz(func(t *testing.T, link uint16, more uint32, data []byte) {
		if len(data) > packet.MaxFrame {
			return
		}
		wire := len(data) + int(more%70000)
		for _, d := range decoders {
			r := decode(d, link, wire, data)
			switch {
			case r.o >= packet.NumOutcomes:
				t.Fatalf("outcome %d", r.o)
			case r.o != packet.Admitted:
			case int(r.c.MACs.Off)+int(r.c.MACs.Len) > 3+len(data): // decode puts three bytes in front
				t.Fatalf("MACs at %+v of %d bytes", r.c.MACs, len(data))
			case r.p.Head != packet.Span{} || r.c.Sample != 0:
				t.Fatalf("payload at %+v, %d bytes of a sample", r.p.Head, r.c.Sample)
			case r.p.L4Header > 60 || uint32(r.p.IPHeader) > r.p.IPLen || r.p.Payload > r.p.IPLen || r.p.CapPayload > r.p.Payload && r.c.Bits&packet.BitZeroLen == 0 && r.p.L4Header > 0:
				t.Fatalf("lengths %+v", r.p)
			}
		}
	})
}
