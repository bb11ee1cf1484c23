package flowtest

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"fm/extract"
	"fm/extract/feature"
	"fm/extract/packet"
)

// Run runs the script in the file called path, with the sets that build returns (as
// feature.Build does), and reports to t what is not as the script says.
func Run(t *testing.T, path string, build func(name string, options map[string]string) (*feature.Set, error)) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	RunText(t, path, string(text), build)
}

// RunText is Run for a script that is not in a file; name stands before line numbers.
func RunText(t *testing.T, name, text string, build func(name string, options map[string]string) (*feature.Set, error)) {
	t.Helper()
	s, err := parse(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, c := range s.checks {
		set, err := build(c.set, c.options)
		if err != nil {
			t.Fatalf("%s:%d: %v", name, c.line, err)
		}
		var kept records
		if _, err := (&extract.Meter{Set: set, Workers: 2}).Run(context.Background(), &Source{Packets: s.packets}, &kept); err != nil {
			t.Fatalf("%s:%d: %v", name, c.line, err)
		}
		if c.flows >= 0 && c.flows != len(kept.recs) {
			t.Errorf("%s:%d: %d flows, want %d:\n%s", name, c.line, len(kept.recs), c.flows, kept.list())
		}
		for _, w := range c.wants {
			if w.flow < 1 || w.flow > len(kept.recs) {
				t.Errorf("%s:%d: no flow %d:\n%s", name, w.line, w.flow, kept.list())
				continue
			}
			for _, v := range w.values {
				if err := compare(set, &kept.recs[w.flow-1], v[0], v[1]); err != nil {
					t.Errorf("%s:%d: %v", name, w.line, err)
				}
			}
		}
	}
}

// Source delivers packets as frames of one Ethernet capture; it satisfies extract.Source.
type Source struct {
	Packets []Packet
	build   Builder
	next    int
}

// Fill implements extract.Source.
func (s *Source) Fill(b *packet.Batch) error {
	for s.next < len(s.Packets) && len(b.Frames) < packet.BatchPackets && len(b.Buf) < packet.BatchBytes {
		p := &s.Packets[s.next]
		s.next++
		from := len(b.Buf)
		buf, wire, captured := s.build.Append(b.Buf, p)
		b.Buf = buf
		b.Frames = append(b.Frames, packet.Frame{Time: Start + int64(p.At), Number: uint64(s.next), WireLen: uint32(wire),
			Data: packet.Span{Off: uint32(from), Len: uint32(captured)}, SnapLen: 65535, Link: 1})
	}
	if s.next == len(s.Packets) {
		return io.EOF
	}
	return nil
}

// Inputs implements extract.Source.
func (s *Source) Inputs() []packet.Input {
	return []packet.Input{{Path: "script", Frames: uint64(s.next)}}
}

// Close implements extract.Source.
func (s *Source) Close() error { return nil }

// records is a sink that keeps what it gets.
type records struct{ recs []extract.Record }

func (s *records) Renderer() extract.Renderer { return nil }

func (s *records) Write(recs []extract.Record) error {
	for _, r := range recs {
		r.Row = append([]float64(nil), r.Row...)
		s.recs = append(s.recs, r)
	}
	return nil
}

// list shows the records to the reader of a failure.
func (s *records) list() string {
	var b strings.Builder
	for i := range s.recs {
		fmt.Fprintf(&b, "\tflow %d", i+1)
		for _, name := range []string{"src", "dst", "start", "end", "over", "reason", "state", "seen", "frame"} {
			fmt.Fprintf(&b, " %s=%s", name, identity(&s.recs[i], name))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// compare says how a value of a record differs from want.
func compare(set *feature.Set, r *extract.Record, name, want string) error {
	for i := range set.Columns {
		if set.Columns[i].Name != name {
			continue
		}
		got, w := r.Row[i], math.NaN()
		if want != "none" {
			var err error
			if w, err = strconv.ParseFloat(want, 64); err != nil {
				return fmt.Errorf("%s: not a number: %q", name, want)
			}
		}
		if !equal(got, w) {
			return fmt.Errorf("%s is %v, want %v", name, got, w)
		}
		return nil
	}
	got := identity(r, name)
	if got == "" && name != "state" {
		return fmt.Errorf("no column or property called %q", name)
	}
	switch name {
	case "start", "end", "over":
		d, err := time.ParseDuration(want)
		if err != nil {
			return err
		}
		want = d.String()
	}
	if got != want {
		return fmt.Errorf("%s is %s, want %s", name, got, want)
	}
	return nil
}

// equal compares to 12 digits: columns may sum in another order than a calculation by hand.
func equal(a, b float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return a == b || math.IsNaN(a) && math.IsNaN(b)
	}
	return math.Abs(a-b) <= 1e-12*max(math.Abs(a), math.Abs(b))
}

// identity is a property of a record in the words of scripts.
func identity(r *extract.Record, name string) string {
	since := func(t int64) string { return time.Duration(t - Start).String() }
	f := &r.Flow
	switch name {
	case "src", "dst":
		a, port := r.Src()
		if name == "dst" {
			a, port = r.Dst()
		}
		addr := netip.AddrFrom16(a)
		if f.Key.Kind&packet.KindIPv6 == 0 {
			addr = addr.Unmap()
		}
		if port == 0 {
			return addr.String()
		}
		return netip.AddrPortFrom(addr, port).String()
	case "start":
		return since(f.Start)
	case "end":
		return since(f.Last)
	case "over":
		return since(r.EndAt)
	case "reason":
		return f.Reason.String()
	case "state":
		return f.State.String()
	case "seen":
		return fmt.Sprintf("%d+%d", f.Seen[0], f.Seen[1])
	case "frame":
		return strconv.FormatUint(f.FirstFrame, 10)
	}
	return ""
}
