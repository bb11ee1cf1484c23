package flow

import (
	"bytes"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"fm/extract/packet"
)

// TestEntropy compares with the definition in floating point.
func TestEntropy(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for n := range packet.SampleIP + 1 {
		for _, values := range []int{1, 2, 7, 256} {
			b := make([]byte, n)
			var seen [256]float64
			for i := range b {
				b[i] = byte(rng.IntN(values))
				seen[b[i]]++
			}
			want, distinct := 0.0, 0
			for _, c := range seen {
				if c > 0 {
					want -= c / float64(n) * math.Log2(c/float64(n))
					distinct++
				}
			}
			var s Sample
			s.look(b)
			if math.Abs(float64(s.Entropy)/1e6-want) > 1e-6 || int(s.Distinct) != distinct || int(s.Bytes) != n {
				t.Errorf("%d bytes of %d values: %+v, want entropy %v, %d values", n, values, s, want, distinct)
			}
		}
	}
	for i, got := range nLogN {
		if want := math.Round(float64(i) * math.Log2(float64(max(i, 1))) * 1e9); math.Abs(float64(got)-want) > 1 {
			t.Errorf("nLogN[%d] is %d, want %v", i, got, want)
		}
	}
}

func TestSample(t *testing.T) {
	// By hand: a b NUL NUL NUL 0x80 c d e LF
	var s Sample
	s.look([]byte("ab\x00\x00\x00\x80cde\n"))
	want := Sample{Entropy: s.Entropy, Bytes: 10, Distinct: 8, Printable: 6, Zero: 3, High: 1, Repeated: 2, Run: 4}
	if s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
	var p Payload
	p.Add(&In{P: &packet.Packet{Payload: 200}, Sample: bytes.Repeat([]byte{'x'}, 84)})
	if got, want := p.Samples[0][0], (Sample{Length: 200, Bytes: 32, Distinct: 1, Printable: 32, Repeated: 31, Run: 32}); got != want || p.Looks != Text {
		t.Errorf("%+v looks like %d, want %+v", got, p.Looks, want)
	}
}

// TestLooks holds the first bytes of clients against what they are: hex, or text behind =.
func TestLooks(t *testing.T) {
	for _, c := range []struct {
		bytes string
		want  App
	}{
		{"", NoApp},
		{"1603010200010001fc0303", TLS},    // TLS 1.3 client hello in a 1.0 record
		{"802e0103000015", TLS},            // SSL 2 hello that offers 3.0
		{"16030102000b0001fc0303", Binary}, // no handshake type that opens a connection
		{"=GET / HTTP/1.1\r\nHost: a", HTTP},
		{"=OPTIONS * HTTP/1.0\r\n", HTTP},
		{"=PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HTTP},
		{"=POSTED", Text},
		{"=SSH-2.0-OpenSSH_9.2\r\n", SSH},
		{"=EHLO mail.example.org\r\n", SMTP},
		{"=helo x\r\n", SMTP},
		{"=USER anonymous\r\n", FTP},
		{"=AUTH TLS\r\n", FTP},
		{"00000054ff534d4272000000", SMB},
		{"000000b0fe534d4240000100", SMB},
		{"8100004420434b4641", SMB},
		{"030000130ee000000000000100080003000000", RDP},
		{"101000044d5154540402003c", MQTT},
		{"101200064d51497364700302003c", MQTT},
		{"12340100000100000000000003777777076578616d706c6503636f6d0000010001", DNS},
		{"00211234010000010000000000000377777707" + "6578616d706c6503636f6d0000010001", DNS}, // over TCP
		{"1234818000010001000000000377777707", DNS},                                          // an answer, where roles are turned
		{"12340100000100000000000003770000", Binary},                                         // no name
		{"=login: root\r\npassword: x\r\n", Text},
		{"00000000000000000000000000000000", Binary},
		{"9f3ac57be1084d26b8f01793ac5e62d4077fbb319ce81a5502e6c97d4180f36a", Random},
		{"ff", Binary},
	} {
		var b []byte
		if text, ok := strings.CutPrefix(c.bytes, "="); ok {
			b = []byte(text)
		} else {
			b, _ = hex.DecodeString(c.bytes)
		}
		s := Sample{Length: uint32(len(b))}
		s.look(b)
		s.Length = uint32(len(b))
		if got := looks(b, &s); got != c.want {
			t.Errorf("%q looks like %d, want %d", b, got, c.want)
		}
		for i := range b { // cut anywhere: another answer may come, never a panic
			s.look(b[:i])
			s.Length = uint32(len(b))
			looks(b[:i], &s)
		}
	}
}

func FuzzLooks(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Add([]byte{0x10, 0xff, 0xff, 0xff, 0xff, 0, 4, 'M', 'Q'})
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:min(len(b), packet.SampleIP)]
		var s Sample
		s.look(b)
		s.Length = uint32(len(b))
		if got := looks(b, &s); got >= NumApps || (got == NoApp) != (len(b) == 0) {
			t.Errorf("%q looks like %d", b, got)
		}
		if n := uint32(s.Bytes); uint32(s.Entropy) > 6_700_440 || uint32(s.Printable)+uint32(s.Zero)+uint32(s.High) > n || s.Run > s.Printable {
			t.Errorf("%q: %+v", b, s)
		}
	})
}
