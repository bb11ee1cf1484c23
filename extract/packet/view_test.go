package packet_test

import (
	"testing"

	"fm/extract/packet"
)

func find(t testing.TB, name string) built {
	t.Helper()
	for _, b := range builtPackets(t) {
		if b.name == name {
			return b
		}
	}
	t.Fatalf("no packet %q in testdata/packets.txt", name)
	return built{}
}

// through decodes the built packet name under the view v.
func through(t testing.TB, v packet.View, name string) decoded {
	t.Helper()
	b := find(t, name)
	return decode(packet.NewDecoder(v), b.link, len(b.data), b.data)
}

// endpoints are the outer addresses of all built tunnels, the ports and the protocol, as sent.
type endpoints struct {
	src, dst     string
	sport, dport uint16
	proto        uint8
}

func endpointsOf(r *decoded) endpoints {
	var e endpoints
	e.src, e.dst, e.sport, e.dport = sent(&r.p)
	e.proto = r.p.Key.Proto
	return e
}

func TestOuterView(t *testing.T) {
	for name, want := range map[string]endpoints{
		"4 in 4":         {"203.0.113.1", "203.0.113.2", 0, 0, 4},
		"6 in 4":         {"203.0.113.1", "203.0.113.2", 0, 0, 41},
		"gre in 6":       {"2001:db8:f::1", "2001:db8:f::2", 0, 0, 47},
		"vxlan":          {"203.0.113.1", "203.0.113.2", 50000, 4789, 17},
		"gtp-u":          {"203.0.113.1", "203.0.113.2", 2152, 2152, 17},
		"l2tp 3":         {"203.0.113.1", "203.0.113.2", 0, 0, 115},
		"ethernet in ip": {"203.0.113.1", "203.0.113.2", 0, 0, 97},
		"three tunnels":  {"203.0.113.1", "203.0.113.2", 0, 0, 47},
	} {
		r := through(t, packet.View{Outer: true}, name)
		if got := endpointsOf(&r); r.o != packet.Admitted || got != want || r.c.Tunnels != 0 {
			t.Errorf("%s: %v %+v through %d tunnels, want %+v", name, r.o, got, r.c.Tunnels, want)
		}
	}
}

func TestTunnelsView(t *testing.T) {
	onlyGTP := packet.View{Tunnels: 1 << packet.TunnelGTPU}
	if r := through(t, onlyGTP, "gtp-u"); r.c.Tunnels != 1 {
		t.Errorf("the tunnel asked for is opened %d times", r.c.Tunnels)
	}
	if r := through(t, onlyGTP, "vxlan"); r.c.Tunnels != 0 || r.p.Key.Proto != 17 {
		t.Errorf("another tunnel is opened %d times", r.c.Tunnels)
	}
	// Of GRE in VXLAN in IP in IP the outermost alone is not enough.
	r := through(t, packet.View{Tunnels: 1<<packet.TunnelGRE | 1<<packet.TunnelIP}, "three tunnels")
	if got, want := endpointsOf(&r), (endpoints{"203.0.113.1", "203.0.113.2", 50000, 4789, 17}); got != want || r.c.Tunnels != 1 {
		t.Errorf("%+v through %d tunnels, want %+v through 1", got, r.c.Tunnels, want)
	}
}

func TestKeyViews(t *testing.T) {
	plain := through(t, packet.View{}, "tcp").p.Key
	for _, c := range []struct {
		name string
		view packet.View
		want packet.Key // but for addresses and ports
	}{
		{"vlan", packet.View{}, packet.Key{}},
		{"vlan", packet.View{KeyVLAN: true}, packet.Key{VLAN: 7}},
		{"old qinq", packet.View{KeyVLAN: true}, packet.Key{VLAN: 7}},
		{"gre bridged", packet.View{KeyVLAN: true}, packet.Key{VLAN: 5}},
		{"gtp-u", packet.View{}, packet.Key{}},
		{"gtp-u", packet.View{KeyTunnel: true}, packet.Key{Kind: uint8(packet.TunnelGTPU) << packet.KindTunnelShift}},
		{"tzsp", packet.View{KeyTunnel: true}, packet.Key{Kind: uint8(packet.TunnelTZSP) << packet.KindTunnelShift}},
		{"4 in 4", packet.View{KeyTunnel: true}, packet.Key{}},
		{"three tunnels", packet.View{KeyTunnel: true}, packet.Key{Kind: uint8(packet.TunnelVXLAN) << packet.KindTunnelShift}},
	} {
		want := plain
		want.VLAN, want.Kind = c.want.VLAN, c.want.Kind
		if got := through(t, c.view, c.name).p.Key; got != want {
			t.Errorf("%s with %+v: key %+v, want %+v", c.name, c.view, got, want)
		}
	}
}

func TestQueryView(t *testing.T) {
	for name, id := range map[string]uint16{"icmp echo": 77, "icmp echo reply": 77, "icmp timestamp": 78, "icmp6 echo": 79} {
		k := through(t, packet.View{}, name).p.Key
		if k.Kind&packet.KindICMPQuery == 0 || k.APort != id || k.BPort != id {
			t.Errorf("%s: kind %d and ports %d, %d, want the identifier %d", name, k.Kind, k.APort, k.BPort, id)
		}
		k = through(t, packet.View{NoICMPQuery: true}, name).p.Key
		if k.Kind&packet.KindICMPQuery != 0 || k.APort != 0 || k.BPort != 0 {
			t.Errorf("%s without identifiers: kind %d and ports %d, %d", name, k.Kind, k.APort, k.BPort)
		}
	}
	if k := through(t, packet.View{}, "icmp unreachable").p.Key; k.Kind != 0 || k.APort != 0 || k.BPort != 0 {
		t.Errorf("an error message has kind %d and ports %d, %d", k.Kind, k.APort, k.BPort)
	}
}

// The two directions of a flow have one key.
func TestKeyIsSymmetric(t *testing.T) {
	for _, name := range []string{"tcp", "udp6"} {
		b := find(t, name)
		d := packet.NewDecoder(packet.View{})
		there := decode(d, b.link, len(b.data), b.data)
		swapped := append([]byte(nil), b.data...)
		at, size, l4 := 26, 4, 34
		if name == "udp6" {
			at, size, l4 = 22, 16, 54
		}
		copy(swapped[at:], b.data[at+size:at+2*size])
		copy(swapped[at+size:], b.data[at:at+size])
		copy(swapped[l4:], b.data[l4+2:l4+4])
		copy(swapped[l4+2:], b.data[l4:l4+2])
		back := decode(d, b.link, len(b.data), swapped)
		if there.p.Key != back.p.Key || there.p.Hash != back.p.Hash || there.p.FromA == back.p.FromA {
			t.Errorf("%s: %+v from A %v, and back %+v from A %v", name, there.p.Key, there.p.FromA, back.p.Key, back.p.FromA)
		}
	}
}
