package packet_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"fm/extract/packet"
)

// built is a packet of testdata/packets.txt.
type built struct {
	name string
	link uint16
	data []byte
	want map[string]string
}

func builtPackets(t testing.TB) []built {
	t.Helper()
	text, err := os.ReadFile("testdata/packets.txt")
	if err != nil {
		t.Fatal(err)
	}
	var list []built
	for _, line := range strings.Split(string(text), "\n") {
		field, rest, _ := strings.Cut(line, " ")
		switch field {
		case "name":
			list = append(list, built{name: rest, want: map[string]string{}})
		case "link":
			n, err := strconv.ParseUint(rest, 10, 16)
			if err != nil {
				t.Fatal(err)
			}
			list[len(list)-1].link = uint16(n)
		case "hex":
			if list[len(list)-1].data, err = hex.DecodeString(rest); err != nil {
				t.Fatal(err)
			}
		case "want":
			for _, pair := range strings.Fields(rest) {
				k, v, _ := strings.Cut(pair, "=")
				list[len(list)-1].want[k] = v
			}
		}
	}
	if len(list) < 100 {
		t.Fatalf("testdata/packets.txt holds only %d packets", len(list))
	}
	return list
}

// decoded is a packet with all that a decoder says of it.
type decoded struct {
	p packet.Packet
	c packet.Cold
	o packet.Outcome
}

// decode decodes one frame, which lies between other bytes of its batch.
func decode(d *packet.Decoder, link uint16, wire int, data []byte) decoded {
	const before = 3
	buf := append(append(make([]byte, before), data...), 0xff, 0xff)
	f := packet.Frame{Time: 1e18, Number: 1, Link: link, WireLen: uint32(wire), Data: packet.Span{Off: before, Len: uint32(len(data))}}
	var r decoded
	r.o = d.Decode(&r.p, &r.c, &f, buf)
	return r
}

// sent returns the addresses and ports as sent.
func sent(p *packet.Packet) (src, dst string, sport, dport uint16) {
	src, dst, sport, dport = p.Key.AddrA().String(), p.Key.AddrB().String(), p.Key.APort, p.Key.BPort
	if !p.FromA {
		return dst, src, dport, sport
	}
	return src, dst, sport, dport
}

// described writes a packet in the words of testdata/packets.txt.
func described(r *decoded) map[string]string {
	p, c := &r.p, &r.c
	src, dst, sport, dport := sent(p)
	got := map[string]string{"src": src, "dst": dst}
	put := func(k string, v any) { got[k] = fmt.Sprint(v) }
	if p.Key.Kind&packet.KindICMPQuery != 0 {
		put("query", sport)
		sport, dport = p.Key.Ports()
	}
	put("sport", sport)
	put("dport", dport)
	put("proto", p.Key.Proto)
	put("iplen", p.IPLen)
	put("header", p.IPHeader)
	put("l4", p.L4Header)
	put("payload", p.Payload)
	put("ttl", p.TTL)
	put("flags", p.Flags)
	put("tunnels", c.Tunnels)
	put("type", c.ICMPType)
	put("code", c.ICMPCode)
	put("mss", c.MSS)
	put("wscale", c.WScale)
	put("vlans", strings.Trim(strings.ReplaceAll(fmt.Sprint(c.VLAN[:c.VLANs]), " ", ","), "[]"))
	return got
}

func TestBuiltPackets(t *testing.T) {
	for _, b := range builtPackets(t) {
		d := packet.NewDecoder(packet.View{})
		r := decode(d, b.link, len(b.data), b.data)
		if r.o != packet.Admitted {
			t.Errorf("%s: outcome %q", b.name, r.o)
			continue
		}
		got := described(&r)
		for k, want := range b.want {
			if got[k] != want {
				t.Errorf("%s: %s is %s, want %s", b.name, k, got[k], want)
			}
		}
		if _, ok := b.want["vlans"]; !ok && r.c.VLANs != 0 {
			t.Errorf("%s: VLANs %v, want none", b.name, got["vlans"])
		}
		if r.p.CapPayload != r.p.Payload || r.p.Head.Len != r.p.Payload || r.p.IPLen < uint32(r.p.IPHeader)+uint32(r.p.L4Header)+r.p.Payload {
			t.Errorf("%s: captured payload %d and head %d of payload %d, IP length %d", b.name, r.p.CapPayload, r.p.Head.Len, r.p.Payload, r.p.IPLen)
		}
		if r.p.Hash != r.p.Key.Hash() {
			t.Errorf("%s: hash is not its key's", b.name)
		}
	}
}
