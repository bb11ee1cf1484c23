package output

import (
	"bytes"
	"crypto/aes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"fm/extract"
	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/packet"

	"golang.org/x/crypto/blake2b"
)

// sampleKey is the key of the sample trace in the authors' distribution of Crypto-PAn.
var sampleKey = [KeyBytes]byte{21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16,
	216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2}

func hide(h *hiding, text string) string {
	a := netip.MustParseAddr(text)
	return unmapped(h.address(a.As16(), a.Is6()), a.Is6())
}

func unmapped(b [16]byte, six bool) string {
	if six {
		return netip.AddrFrom16(b).String()
	}
	return netip.AddrFrom4([4]byte(b[12:])).String()
}

func newHiding(key [KeyBytes]byte) *hiding {
	return NewAnonymizer(key, Addresses|MACs|Names).scratch.Get().(*hiding)
}

// The vectors of IPv4 are addresses of sample_trace_raw.dat and sample_trace_sanitized.dat in
// the authors' distribution of Crypto-PAn; those of IPv6 are in the tests of the Go package
// git.schwanenlied.me/yawning/cryptopan, for the same key.
func TestCryptoPAnVectors(t *testing.T) {
	h := newHiding(sampleKey)
	for range 2 { // the second time they are remembered
		for _, v := range [][2]string{
			{"128.11.68.132", "135.242.180.132"}, {"129.118.74.4", "134.136.186.123"}, {"130.132.252.244", "133.68.164.234"},
			{"141.223.7.43", "141.167.8.160"}, {"141.233.145.108", "141.129.237.235"}, {"152.163.225.39", "151.140.114.167"},
			{"156.29.3.236", "147.225.12.42"}, {"165.247.96.84", "162.9.99.234"}, {"166.107.77.190", "160.132.178.185"},
			{"192.102.249.13", "252.138.62.131"}, {"192.215.32.125", "252.43.47.189"}, {"192.41.57.43", "252.222.221.184"},
			{"205.188.147.153", "242.96.16.101"}, {"205.188.248.25", "242.96.88.27"}, {"24.0.250.221", "100.15.198.226"},
			{"24.94.26.44", "100.88.228.35"}, {"4.3.88.225", "124.60.155.63"}, {"64.39.15.238", "0.219.7.41"}, {"10.185.25.118", "117.161.29.118"},
			{"::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"}, {"::2", "78ff:f001:9fc0:20df:8380:b1f1:704:ef"},
			{"::ffff", "78ff:f001:9fc0:20df:8380:b1f1:704:f838"},
			{"2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"}, {"2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c"},
		} {
			if got := hide(h, v[0]); got != v[1] {
				t.Errorf("%s becomes %s, want %s", v[0], got, v[1])
			}
		}
	}
}

// plainPAn is the definition in the paper, bit by bit on text of bits, without a memory.
func plainPAn(key [KeyBytes]byte, addr []byte) []byte {
	block, _ := aes.NewCipher(key[:16])
	pad := make([]byte, 16)
	block.Encrypt(pad, key[16:])
	text := func(b []byte) (s string) {
		for _, c := range b {
			s += fmt.Sprintf("%08b", c)
		}
		return s
	}
	bits, filled, out := text(addr), text(pad), ""
	for i := range bits {
		in := bits[:i] + filled[i:]
		var b, e [16]byte
		for k := range b {
			fmt.Sscanf(in[8*k:8*k+8], "%b", &b[k])
		}
		block.Encrypt(e[:], b[:])
		out += string('0' + bits[i] - '0' ^ e[0]>>7)
	}
	res := make([]byte, len(addr))
	for k := range res {
		fmt.Sscanf(out[8*k:8*k+8], "%b", &res[k])
	}
	return res
}

// What is remembered changes nothing: more addresses than places, prefixes shared and not.
func TestAddressesPlain(t *testing.T) {
	h, r := newHiding(sampleKey), rand.New(rand.NewPCG(1, 2))
	for i := range 3000 {
		var a [16]byte
		six := i%2 == 0
		n := 4
		if six {
			n = 16
		} else {
			a[10], a[11] = 0xff, 0xff
		}
		part := a[16-n:]
		for k := range part {
			part[k] = byte(r.Uint32())
		}
		if i%3 == 0 { // few networks
			copy(part, []byte{10, 1, 2, 3, 4, 5, 6, 7}[:n/2])
		}
		got := h.address(a, six)
		if i%20 < 2 {
			if want := plainPAn(sampleKey, part); !bytes.Equal(got[16-n:], want) {
				t.Fatalf("%x becomes %x, want %x", part, got[16-n:], want)
			}
		}
		if again := h.address(a, six); again != got || !six && [12]byte(got[:12]) != [12]byte(a[:12]) {
			t.Fatalf("%x becomes %x, then %x", a, got, again)
		}
	}
}

// Two addresses share as many first bits after as before.
func TestPrefixPreserved(t *testing.T) {
	h := newHiding(sampleKey)
	common := func(a, b []byte) (n int) {
		for n < 8*len(a) && a[n/8]>>(7-n%8)&1 == b[n/8]>>(7-n%8)&1 {
			n++
		}
		return n
	}
	for _, six := range []bool{false, true} {
		base := netip.MustParseAddr("203.0.113.77").As16()
		from := 96
		if six {
			base, from = netip.MustParseAddr("2001:db8:1:2:3:4:5:6").As16(), 0
		}
		for i := from; i < 128; i++ {
			other := base
			other[i/8] ^= 1 << (7 - i%8)
			x, y := h.address(base, six), h.address(other, six)
			if n := common(x[:], y[:]); n != i {
				t.Errorf("addresses that share %d bits share %d", i, n)
			}
		}
	}
}

// BLAKE2b itself is the vector of RFC 7693, appendix A ("abc" without a key, 64 bytes).
func TestKeyedHash(t *testing.T) {
	sum := blake2b.Sum512([]byte("abc"))
	if got := hex.EncodeToString(sum[:8]); got != "ba80a53f981c4d0d" {
		t.Errorf("BLAKE2b-512 of abc begins with %s", got)
	}
	a, b := NewAnonymizer(sampleKey, Names), NewAnonymizer([KeyBytes]byte{1}, Names)
	one, two := a.Name("office/monday.pcap"), a.Name("office/tuesday.pcap")
	if one == two || len(one) != 16 || one == b.Name("office/monday.pcap") || one != a.Name("office/monday.pcap") {
		t.Errorf("names become %s and %s", one, two)
	}
	h, _ := blake2b.New256(sampleKey[:])
	h.Write([]byte("name:office/monday.pcap"))
	if want := hex.EncodeToString(h.Sum(nil)[:8]); one != want {
		t.Errorf("%s is not the keyed hash %s", one, want)
	}
	addresses := NewAnonymizer(sampleKey, Addresses)
	for name, hidden := range map[string]bool{"x": false, "": false, "day-1.2.pcap": false, "v1.2.3.4.5.pcap": false, "caps/bad.pcap": false, "10.0.0.7.pcap": true,
		"host_10.0.0.7/x.pcap": true, "fe80::1.pcap": true, "2001:db8::7-eth0.pcap": true, "a::b": true, "12:30:00.pcap": false} {
		if (addresses.Name(name) != name) != hidden {
			t.Errorf("%q becomes %q", name, addresses.Name(name))
		}
	}
	if a.Name("") != "" {
		t.Error("no name becomes one")
	}
}

func TestHideMAC(t *testing.T) {
	h, other := newHiding(sampleKey), newHiding([KeyBytes]byte{1})
	m := [6]byte{0x00, 0x1b, 0x21, 0xaa, 0xbb, 0xcc}
	x := h.mac(m)
	if x == m || x[0]&3 != 2 || h.mac(m) != x || other.mac(m) == x {
		t.Errorf("%x becomes %x", m, x)
	}
	if g := h.mac([6]byte{0x01, 0, 0x5e, 1, 2, 3}); g[0]&3 != 3 {
		t.Errorf("the group address becomes %x", g)
	}
	for _, m := range [][6]byte{{}, {255, 255, 255, 255, 255, 255}} {
		if h.mac(m) != m {
			t.Errorf("%x becomes %x", m, h.mac(m))
		}
	}
	seen := map[[6]byte]bool{}
	for i := range 5000 { // more than are remembered
		seen[h.mac([6]byte{0, 1, 2, byte(i >> 16), byte(i >> 8), byte(i)})] = true
	}
	if len(seen) != 5000 || h.mac(m) != x {
		t.Errorf("%d replacements of 5000 MACs", len(seen))
	}
}

func TestParseKey(t *testing.T) {
	text := hex.EncodeToString(sampleKey[:])
	for _, content := range []string{string(sampleKey[:]), text, text + "\n", strings.ToUpper(text) + "\r\n"} {
		if got, err := ParseKey([]byte(content)); err != nil || got != sampleKey {
			t.Errorf("%q: %x, %v", content, got, err)
		}
	}
	for content, want := range map[string]string{
		"":                             "0 bytes: a key is 32 bytes, or 64 hexadecimal digits",
		string(sampleKey[:31]):         "31 bytes",
		string(sampleKey[:]) + "\n":    "an end of line, which is not part of a key",
		strings.Repeat("g", 64):        "not all hexadecimal digits",
		text + "00":                    "66 bytes",
		strings.Repeat("0", 63) + "\n": "64 bytes",
	} {
		if _, err := ParseKey([]byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", content, err, want)
		}
	}
	for _, words := range []string{"macs,addresses", "addresses, macs", " macs ,addresses "} {
		f, err := ParseFields(words)
		if err != nil || f != Addresses|MACs || f.String() != "addresses,macs" {
			t.Errorf("%q: %v, %v", words, f, err)
		}
	}
	for _, bad := range []string{"", "ports", "addresses,", "addresses macs"} {
		if _, err := ParseFields(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// told is a renderer that keeps what it is shown.
type told struct{ text []string }

func (r *told) Append(dst []byte, rec *extract.Record, v *flow.View) []byte {
	src, sport := rec.Src()
	r.text = append(r.text, fmt.Sprint(unmapped(src, v.Key.Kind&1 != 0), " ", sport, " ", v.FromA, " ", string(v.Key.AppendCommunityID(nil, 0, v.FromA, 0, 0))))
	return dst
}

// A renderer sees a flow of other hosts that is otherwise the same, whichever of them the
// key names first; nothing of the flow itself changes.
func TestHiddenKeyOrder(t *testing.T) {
	a := NewAnonymizer(sampleKey, Addresses|MACs)
	var f flow.Flow
	f.Key = packet.Key{A: netip.MustParseAddr("63.14.55.111").As16(), B: netip.MustParseAddr("64.14.118.196").As16(), APort: 1000, BPort: 80, Proto: 6}
	f.FromA = true // the sender becomes 95.9.215.7, the receiver 0.255.183.58: the other order
	nf := flow.NFStream{Src: [6]byte{0, 1, 2, 3, 4, 5}}
	v := flow.View{Flow: &f, NFStream: &nf}
	rec := extract.Record{Flow: f}
	before, seen := f, &told{}
	a.Renderer(seen).Append(nil, &rec, &v)
	same := packet.Key{A: netip.MustParseAddr("0.255.183.58").As16(), B: netip.MustParseAddr("95.9.215.7").As16(), APort: 80, BPort: 1000, Proto: 6}
	want := "95.9.215.7 1000  false  " + string(same.AppendCommunityID(nil, 0, false, 0, 0))
	if got := strings.Join(strings.Fields(seen.text[0]), " "); got != strings.Join(strings.Fields(want), " ") {
		t.Errorf("shown %s, want %s", got, want)
	}
	if f != before || rec.Flow != before || nf.Src[5] != 5 {
		t.Error("the flow has changed")
	}
	recs := []extract.Record{rec}
	a.Records(recs)
	if recs[0].Flow.Key != same || recs[0].Flow.FromA {
		t.Errorf("record of %+v", recs[0].Flow.Key)
	}
	if a := NewAnonymizer(sampleKey, Names); a.Renderer(seen) != extract.Renderer(seen) {
		t.Error("a renderer is wrapped that need not be")
	}
	if a.Renderer(nil) != nil {
		t.Error("no renderer becomes one")
	}
}

// Hiding takes no memory per row.
func TestHidingAllocates(t *testing.T) {
	a := NewAnonymizer(sampleKey, Addresses|MACs)
	set, err := feature.Build("nfstream", nil)
	if err != nil {
		t.Fatal(err)
	}
	r := a.Renderer(newToolCSV(set.Original, false))
	f := flow.Flow{Key: packet.Key{A: netip.MustParseAddr("10.0.0.1").As16(), B: netip.MustParseAddr("10.0.0.2").As16()}}
	v := flow.View{Flow: &f, NFStream: &flow.NFStream{}}
	rec, buf := &extract.Record{Flow: f}, make([]byte, 0, 4096)
	n := testing.AllocsPerRun(200, func() {
		f.Key.A[15]++
		v.NFStream.Src[5]++
		buf = r.Append(buf[:0], rec, &v)
	})
	if n > 0.1 { // the pool may be emptied on the way
		t.Errorf("%v allocations a row", n)
	}
	if !slices.Contains(strings.Split(string(buf), ","), "00:00:00:00:00:00") {
		t.Errorf("row %s", buf)
	}
}

// BenchmarkHide says what a row costs: two addresses that were seen lately, two new ones of
// known networks, and two of anywhere.
func BenchmarkHide(b *testing.B) {
	for _, kind := range []string{"seen", "network", "anywhere", "anywhere6"} {
		b.Run(kind, func(b *testing.B) {
			h, r := newHiding(sampleKey), rand.New(rand.NewPCG(1, 2))
			k := packet.Key{A: netip.MustParseAddr("10.0.0.1").As16(), B: netip.MustParseAddr("10.0.0.2").As16()}
			var fromA bool
			for b.Loop() {
				key := k
				switch n := r.Uint32(); kind {
				case "network":
					key.A[14], key.A[15], key.B[14], key.B[15] = byte(n), byte(n>>8), byte(n>>16), byte(n>>24)
				case "anywhere6":
					key.Kind = packet.KindIPv6
					key.A[3], key.B[2], key.A[14] = byte(n), byte(n>>8), byte(n>>16)
					fallthrough
				case "anywhere":
					key.A[12], key.A[13], key.B[12], key.B[13] = byte(n), byte(n>>8), byte(n>>16), byte(n>>24)
				}
				h.key(&key, &fromA)
			}
		})
	}
}
