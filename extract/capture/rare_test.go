package capture

import (
	"encoding/binary"
	"encoding/hex"
	"testing"

	"fm/extract/packet"
)

// Headers as their definitions lay them out, with the beginning of an IP packet behind.
func TestNetwork(t *testing.T) {
	ip := "4500002c00004000401100000a0000010a000002" + "0035003500180000" + "00000000000000000000000000000000"
	for _, c := range []struct {
		name, frame string
		link        uint16
		off         int
		ether       uint16
	}{
		{"frame relay, NLPID of IPv4 (RFC 2427)", "184103cc" + ip, linkFrameRelay, 4, etherIPv4},
		{"frame relay, NLPID of IPv6", "1841038e6000", linkFrameRelay, 4, etherIPv6},
		{"frame relay, EtherType as Cisco does", "48e186dd6000", linkFrameRelay, 4, etherIPv6},
		{"frame relay, SNAP", "18410300800000000800" + ip, linkFrameRelay, 10, etherIPv4},
		{"frame relay, SNAP without padding", "184103800000000800" + ip, linkFrameRelay, 9, etherIPv4},
		{"frame relay, something else", "184103b1" + ip, linkFrameRelay, 0, 0},
		{"netfilter log, little endian", "02000001" + "0800010008000100" + "0500060061000000" + "3000" + "0900" + ip, linkNFLog, 24, etherIPv4},
		{"netfilter log, big endian", "02000001" + "0008000108000100" + "00300009" + ip, linkNFLog, 16, etherIPv4},
		{"netfilter log of IPv6", "0a000001" + "04000900" + "6000", linkNFLog, 8, etherIPv6},
		{"netfilter log without payload", "02000001" + "0800010008000100", linkNFLog, 0, 0},
		{"netfilter log, attribute of no length", "02000001" + "0000000000000000", linkNFLog, 0, 0},
		{"FDDI, LLC and SNAP", "50" + "020000000001" + "020000000002" + "aaaa03000000" + "0800" + ip, 10, 21, etherIPv4},
		{"pf log", "3d020000" + "656d30000000000000000000000000000000000000000000000000000000000000000000" + "00000000" + "ffffffff" + "ffffffff" + "00000000" + "ffffffff" + "01000000" + ip, 117, 64, etherIPv4},
		{"token ring", "1040" + "002035012b59" + "0006291793f8" + "aaaa030000000800" + ip, linkTokenRing, 22, etherIPv4},
		{"token ring with a route", "1040" + "002035012b59" + "8006291793f8" + "0620001100a0" + "aaaa030000000800" + ip, linkTokenRing, 28, etherIPv4},
		{"ARCNET", "be00ea08d5000165" + "00070800", linkArcnet, 8, etherARP},
		{"ARCNET, IPv4", "be00ea08d4000165" + ip, linkArcnet, 8, etherIPv4},
		{"ARCNET, RFC 1051", "be50ab08f0" + ip, linkArcnet, 5, etherIPv4},
		{"ARCNET, a later part", "be50ab08d4020165" + ip, linkArcnet, 0, 0},
		{"Solaris ipnet", "0102000000000054" + "0000000200000000" + "ffffffff00000000" + ip, linkIPNet, 24, etherIPv4},
		{"IP over InfiniBand", "0000000000000000000000000000000000000000" + "2fa3000a80000550fe8000000000000000000000" + "08000000" + ip, linkIPoIB, 44, etherIPv4},
		{"macOS, Ethernet", "0c000000" + "01000000" + "01000000" + "ffffffffffff0200000000010800" + ip, linkPktap, 26, etherIPv4},
		{"macOS, raw", "0c000000" + "01000000" + "0c000000" + ip, linkPktap, 12, etherIPv4},
		{"macOS, loopback", "0c000000" + "01000000" + "00000000" + "1e000000" + "6000", linkPktap, 16, etherIPv6},
		{"macOS, header longer than the frame", "ff000000" + "01000000" + "01000000" + ip, linkPktap, 0, 0},
		{"USB", "00", 220, 0, 0},
		{"a number that gopacket would cut to Ethernet's", "ffffffffffff0200000000010800" + ip, 257, 0, 0},
		{"nothing", "", 10, 0, 0},
	} {
		data, err := hex.DecodeString(c.frame)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if off, ether := network(data, c.link); off != c.off || ether != c.ether {
			t.Errorf("%s: offset %d, type %04x; want %d, %04x", c.name, off, ether, c.off, c.ether)
		}
	}
}

// The frames of a batch are marked, those that the decoder reads itself are left alone, and
// all of them are counted.
func TestLocate(t *testing.T) {
	frames := []sample{{Time: 1e9, Data: []byte{0x18, 0x41, 3, 0xcc, 0x45}, WireLen: 5}, {Time: 1e9, Data: []byte{1, 2}, WireLen: 2}}
	f := newPcap(binary.LittleEndian, magicMicro, 2, 4, 96, linkFrameRelay)
	for _, s := range frames {
		f.record(s)
	}
	src, err := Open([]string{file(t, "x", f.Bytes())}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b packet.Batch
	if err := src.Fill(&b); err != nil {
		t.Fatal(err)
	}
	if b.Frames[0].Net != 5 || b.Frames[0].EtherType != etherIPv4 || b.Frames[1].Net != 0 {
		t.Errorf("%+v", b.Frames)
	}
	if c := src.Counters(); c.Located != 1 || c.Unlocated != 1 {
		t.Errorf("%+v", c)
	}
}
