package packet_test

import (
	"slices"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"fm/extract/packet"
)

// asFlowMeter reads a frame with gopacket's decoders as Deepfence FlowMeter does, and
// returns what it makes of it: ok is false where it passes the frame over.
func asFlowMeter(data []byte) (src, dst string, proto uint8, sport, dport uint16, ok bool) {
	var (
		eth     layers.Ethernet
		ip4     layers.IPv4
		ip6     layers.IPv6
		tcp     layers.TCP
		udp     layers.UDP
		tls     layers.TLS
		payload gopacket.Payload
		decoded []gopacket.LayerType
	)
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &eth, &ip4, &ip6, &tcp, &udp, &tls, &payload)
	_ = parser.DecodeLayers(data, &decoded)
	switch {
	case slices.Contains(decoded, layers.LayerTypeIPv4):
		src, dst, proto = ip4.SrcIP.String(), ip4.DstIP.String(), uint8(ip4.Protocol)
	case slices.Contains(decoded, layers.LayerTypeIPv6):
		src, dst, proto = ip6.SrcIP.String(), ip6.DstIP.String(), uint8(ip6.NextHeader)
	default:
		return
	}
	switch {
	case slices.Contains(decoded, layers.LayerTypeTCP):
		return src, dst, proto, uint16(tcp.SrcPort), uint16(tcp.DstPort), true
	case slices.Contains(decoded, layers.LayerTypeUDP):
		return src, dst, proto, uint16(udp.SrcPort), uint16(udp.DstPort), true
	}
	return
}

// FuzzDeepfence holds the reading against gopacket: both pass over the same frames, and find
// the same endpoints in the others.
func FuzzDeepfence(f *testing.F) {
	for _, b := range builtPackets(f) {
		f.Add(b.data)
		f.Add(b.data[:len(b.data)*3/4])
	}
	eth := func(typ uint16, rest ...byte) []byte {
		return append(append(make([]byte, 12), byte(typ>>8), byte(typ)), rest...)
	}
	v6 := func(size uint16, next byte, rest ...byte) []byte {
		h := append([]byte{0x60, 0, 0, 0, byte(size >> 8), byte(size), next, 64}, make([]byte, 32)...)
		return append(h, rest...)
	}
	udp := []byte{0, 53, 0x13, 0x88, 0, 8, 0, 0}
	f.Add(eth(0x86dd, v6(16, 0, append([]byte{17, 0, 1, 4, 0, 0, 0, 0}, udp...)...)...))                                          // hop-by-hop options
	f.Add(eth(0x86dd, v6(0, 0, append([]byte{17, 0, 0xc2, 4, 0, 1, 0, 0}, udp...)...)...))                                        // a jumbogram
	f.Add(eth(0x86dd, v6(48, 41, v6(8, 17, udp...)...)...))                                                                       // IPv6 in IPv6
	f.Add(eth(0x0800, append([]byte{0x45, 0, 0, 68, 0, 0, 0, 0, 64, 41, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, v6(8, 17, udp...)...)...)) // in IPv4
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > packet.MaxFrame {
			return
		}
		r := decode(packet.NewDecoder(packet.View{Read: packet.Deepfence{}}), 1, len(data), data)
		src, dst, proto, sport, dport, ok := asFlowMeter(data)
		if ok != (r.o == packet.Admitted) || !ok && r.o != packet.LeftOut {
			t.Fatalf("%x: outcome %v, gopacket decodes it: %t", data, r.o, ok)
		}
		if !ok {
			return
		}
		a, b := r.p.Key.AddrA().Unmap().String(), r.p.Key.AddrB().Unmap().String()
		if !r.p.FromA {
			a, b = b, a
		}
		_, _, s, d := sent(&r.p)
		if a != src || b != dst || s != sport || d != dport || r.p.Key.Proto != proto {
			t.Fatalf("%x: %s:%d > %s:%d protocol %d, gopacket %s:%d > %s:%d protocol %d", data, a, s, b, d, r.p.Key.Proto, src, sport, dst, dport, proto)
		}
		if int(r.p.CapLen) != len(data) || int(r.p.IPHeader)+int(r.p.L4Header)+int(r.p.Payload) > len(data) {
			t.Fatalf("lengths %+v of %d bytes", r.p, len(data))
		}
	})
}

// A frame of another link type is taken for Ethernet, as the tool takes it.
func TestDeepfenceReadsAnyLinkAsEthernet(t *testing.T) {
	for name, want := range map[string]packet.Outcome{"tcp": packet.Admitted, "arp": packet.LeftOut} {
		var data []byte
		for _, b := range builtPackets(t) {
			if _, _, _, _, _, ok := asFlowMeter(b.data); b.link == 1 && ok == (want == packet.Admitted) {
				data = b.data
				break
			}
		}
		if data == nil {
			t.Fatalf("%s: no such packet in testdata/packets.txt", name)
		}
		for _, link := range []uint16{1, 0, 101, 113} {
			if r := decode(packet.NewDecoder(packet.View{Read: packet.Deepfence{}}), link, len(data), data); r.o != want {
				t.Errorf("%s, link type %d: %v, want %v", name, link, r.o, want)
			}
		}
	}
}
