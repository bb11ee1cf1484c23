package dataset

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

const someRules = "# comment\nfile\tproto\tip\tport\tlabel\tevidence\n" +
	"bad/a.pcap\t6\t198.18.134.99\t*\tmalicious\tthe attacking host\n" +
	"bad/a.pcap\t*\t*\t*\tignore\n" +
	"\n" +
	"*\tudp\tff00::/8\t*\tbackground\tmulticast\r\n" +
	"b.pcap\t17\t*\t53\tscan\n" +
	"*\t*\t224.0.0.0/4\t*\tbackground\n" +
	"b.pcap\t*\t*\t*\tbenign\n"

func TestLabels(t *testing.T) {
	l, err := ReadLabels(strings.NewReader(someRules), "rules.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file   string
		proto  uint8
		a, b   string
		pa, pb uint16
		want   string
		ok     bool
	}{
		{"x/bad/a.pcap", 6, "10.0.0.1", "198.18.134.99", 1, 2, "malicious", true},
		{"bad/a.pcap", 6, "198.18.134.99", "10.0.0.1", 1, 2, "malicious", true},
		{"bad/a.pcap", 17, "10.0.0.1", "198.18.134.99", 1, 2, "ignore", true},
		{"verybad/a.pcap", 6, "10.0.0.1", "198.18.134.99", 1, 2, "", false},
		{"a.pcap", 6, "10.0.0.1", "198.18.134.99", 1, 2, "", false},
		{"other.pcap", 17, "fe80::1", "ff02::fb", 5353, 5353, "background", true},
		{"other.pcap", 6, "fe80::1", "ff02::fb", 5353, 5353, "", false},
		{"b.pcap", 17, "10.0.0.1", "224.0.0.251", 53, 9, "scan", true},
		{"./b.pcap", 17, "10.0.0.1", "224.0.0.251", 9, 10, "background", true},
		{"b.pcap", 17, "10.0.0.1", "10.0.0.2", 9, 53, "scan", true},
		{"/b.pcap", 6, "10.0.0.1", "10.0.0.2", 9, 53, "benign", true},
		{"ab.pcap", 6, "10.0.0.1", "10.0.0.2", 9, 53, "", false},
	} {
		label, ok := l.Match(c.file, c.proto, netip.MustParseAddr(c.a), netip.MustParseAddr(c.b), c.pa, c.pb)
		if label != c.want || ok != c.ok {
			t.Errorf("%+v: %q, %v", c, label, ok)
		}
	}
	if got := l.Names(); !slices.Equal(got, []string{"malicious", "ignore", "background", "scan", "benign"}) || l.Rules() != 6 {
		t.Errorf("%d rules give %q", l.Rules(), got)
	}
	if got := l.Unmatched([]string{"x/b.pcap", "a.pcap"}); !slices.Equal(got, []string{"bad/a.pcap"}) {
		t.Errorf("unmatched %q", got)
	}
}

func TestLabelErrors(t *testing.T) {
	const head = "file\tproto\tip\tport\tlabel\n"
	for text, want := range map[string]string{
		"":                                "read r.tsv: empty, a header is expected: file proto ip port label",
		"file\tproto\tip\tlabel\n":        `read r.tsv:1: no column "port": the header is file proto ip port label, tab separated`,
		head + "a\tx\t*\t*\tb\n":          `read r.tsv:2: column "proto": neither a protocol's number nor its name: "x"`,
		head + "a\t256\t*\t*\tb\n":        `read r.tsv:2: column "proto": neither a protocol's number nor its name: "256"`,
		head + "a\t*\t10.0.0\t*\tb\n":     `read r.tsv:2: column "ip": not an address: "10.0.0"`,
		head + "a\t*\t10.0.0.1/8\t*\tb":   `read r.tsv:2: column "ip": "10.0.0.1/8" has bits behind its length: 10.0.0.0/8 is meant?`,
		head + "a\t*\t10.0.0.0/33\t*\tb":  `read r.tsv:2: column "ip": not a network: "10.0.0.0/33"`,
		head + "\na\t*\t*\t65536\tb\n":    `read r.tsv:3: column "port": not a port: "65536"`,
		head + "a\t*\t*\t*\n":             `read r.tsv:2: column "label": empty; * means any`,
		head + "a\t*\t*\t*\t*\n":          `read r.tsv:2: column "label": not a label: "*"`,
		head + "a\t*\t*\t*\tb\tc\n":       `read r.tsv:2: 6 cells under 5 columns`,
		head + strings.Repeat("x", 70000): `read r.tsv:2: line longer than 65536 bytes`,
	} {
		if l, err := ReadLabels(strings.NewReader(text), "r.tsv"); err == nil || err.Error() != want || l != nil {
			t.Errorf("%.60q: %v\nwant %s", text, err, want)
		}
	}
}

func FuzzReadLabels(f *testing.F) {
	f.Add(someRules)
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ReadLabels(strings.NewReader(text), "x")
		if (l == nil) == (err == nil) {
			t.Fatalf("%v and %v", l, err)
		}
		if l != nil {
			l.Match("a/b.pcap", 6, netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::1"), 1, 2)
		}
	})
}

// A file of 3,000 rules over 190 captures, each with 16 of its own.
func BenchmarkLabels(b *testing.B) {
	var s strings.Builder
	s.WriteString("file\tproto\tip\tport\tlabel\n")
	for file := range 190 {
		for port := range 16 {
			fmt.Fprintf(&s, "malicious/capture%d.pcap\t17\t*\t%d\tbackground\n", file, port+100)
		}
	}
	l, err := ReadLabels(strings.NewReader(s.String()), "x")
	if err != nil {
		b.Fatal(err)
	}
	file := l.File("captures/malicious/capture77.pcap")
	x, y := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	if n := testing.AllocsPerRun(100, func() { file.Match(17, x, y, 1, 2) }); n != 0 {
		b.Fatalf("%v allocations", n)
	}
	for b.Loop() {
		file.Match(17, x, y, 1, 2)
	}
}
