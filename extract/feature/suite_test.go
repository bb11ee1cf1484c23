package feature_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"fm/dataset"
	"fm/extract"
	"fm/extract/capture"
	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/flowtest"
	"fm/extract/packet"
)

var (
	update   = flag.Bool("update", false, "write the golden schemas anew")
	captures = flag.String("captures", "", "run over the captures below this folder, too")
)

// everySet builds each set with its defaults, and fm with all groups.
func everySet(t testing.TB) []*feature.Set {
	t.Helper()
	var sets []*feature.Set
	for _, d := range feature.Sets() {
		s, err := feature.Build(d.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		sets = append(sets, s)
		var off []string
		for _, g := range d.Groups {
			if !g.Default {
				off = append(off, g.Name)
			}
		}
		if off != nil {
			if s, err = feature.Build(d.Name, map[string]string{"with": strings.Join(off, ",")}); err != nil {
				t.Fatal(err)
			}
			sets = append(sets, s)
		}
	}
	return sets
}

// rows is a sink that keeps rows and identities.
type rows struct {
	rows  [][]float64
	flows []flow.Flow
}

func (*rows) Renderer() extract.Renderer { return nil }

func (r *rows) Write(recs []extract.Record) error {
	for i := range recs {
		r.rows = append(r.rows, append([]float64(nil), recs[i].Row...))
		r.flows = append(r.flows, recs[i].Flow)
	}
	return nil
}

// run meters src. The rows before a damaged place count; the error tells of it.
func run(set *feature.Set, src extract.Source) (*rows, error) {
	var r rows
	_, err := (&extract.Meter{Set: set, Workers: 1}).Run(context.Background(), src, &r)
	return &r, err
}

// mustRun is run where nothing is damaged.
func mustRun(t testing.TB, set *feature.Set, src extract.Source) *rows {
	t.Helper()
	r, err := run(set, src)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestColumns(t *testing.T) {
	legal := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	for _, s := range everySet(t) {
		seen := map[string]bool{}
		for _, c := range s.Columns {
			if seen[c.Name] {
				t.Errorf("set %s: two columns are called %s", s.Name, c.Name)
			}
			seen[c.Name] = true
			if s.Name == "fm" && !legal.MatchString(c.Name) {
				t.Errorf("set %s: name %q", s.Name, c.Name)
			}
			if c.Group == "" {
				t.Errorf("column %s has no group", c.Name)
			}
			if len(c.Doc) < 10 || !strings.HasSuffix(c.Doc, ".") || strings.Contains(c.Doc, "\n") {
				t.Errorf("column %s: one sentence, not %q", c.Name, c.Doc)
			}
			switch c.Unit {
			case dataset.None, dataset.Count, dataset.Bytes, dataset.Seconds, dataset.Millis, dataset.Micros, dataset.Nanos, dataset.PerSec, dataset.BPerSec, dataset.Bits, dataset.Hours:
			default:
				t.Errorf("column %s: unit %q", c.Name, c.Unit)
			}
			if c.Value == nil {
				t.Errorf("column %s has no value", c.Name)
			}
		}
	}
}

// oddFlows are flows whose values tend to divide by zero: one packet, no payload, no
// duration, one direction, no TCP, no ports.
func oddFlows() []flowtest.Packet {
	script := []string{
		"0s 10.0.0.1:1000 10.0.0.2:80 2 0",                                                                           // one packet, no payload
		"0s 10.0.1.1:1000 10.0.0.2:80 2 0", "0s 10.0.0.2:80 10.0.1.1:1000 18 0", "0s 10.0.1.1:1000 10.0.0.2:80 24 9", // no duration
	}
	var out []flowtest.Packet
	for _, line := range script {
		var at string
		var src, dst string
		var flags, n int
		fmt.Sscan(line, &at, &src, &dst, &flags, &n)
		d, _ := time.ParseDuration(at)
		out = append(out, flowtest.Packet{At: d, Src: endpoint(src), Dst: endpoint(dst), Proto: 6, Flags: uint8(flags), Payload: bytes.Repeat([]byte{0}, n)})
	}
	for i, proto := range []uint8{17, 1, 58, 132, 47, 0} {
		for n := range i%3 + 1 {
			out = append(out, flowtest.Packet{At: time.Duration(i+n) * time.Second, Src: endpoint(fmt.Sprintf("10.1.0.%d:7", i)), Dst: endpoint("10.0.0.3:9"), Proto: proto, Payload: make([]byte, 3*n)})
		}
	}
	return out
}

// TestFinite checks that a value is a finite number or missing, whatever the flow.
func TestFinite(t *testing.T) {
	for _, s := range everySet(t) {
		sources := []extract.Source{&flowtest.Source{Packets: oddFlows()}}
		for _, path := range captureFiles(t) {
			src, err := capture.Open([]string{path}, capture.Options{})
			if err != nil {
				continue // no capture: the readers' tests say which
			}
			defer src.Close()
			sources = append(sources, src)
		}
		n := 0
		for _, src := range sources {
			got, _ := run(s, src)
			for _, row := range got.rows {
				n++
				for i, v := range row {
					if math.IsInf(v, 0) {
						t.Fatalf("column %s of set %s is %v", s.Columns[i].Name, s.Name, v)
					}
					if s.Name == "fm" && v == v && v != 0 && math.Abs(v) < 1e9 && math.RoundToEven(v*1e6)/1e6 != v {
						t.Fatalf("column %s is %v, with more than six decimals", s.Columns[i].Name, v)
					}
				}
			}
		}
		if n < 100 {
			t.Errorf("set %s: %d rows only", s.Name, n)
		}
	}
}

// TestRow checks that a row, which is filled by runs, holds what the columns give one by
// one, with all columns and with some.
func TestRow(t *testing.T) {
	for _, options := range []map[string]string{nil, {"with": "port,environment"}, {"without": "size,early_03_size,early_05_gap,payload_first_zero,state_sf", "with": "ip_std"}} {
		set, err := feature.Build("fm", options)
		if err != nil {
			t.Fatal(err)
		}
		var views int
		check := *set
		check.Keep = func(v *flow.View) bool {
			row := set.Row(nil, v)
			for i, c := range set.Columns {
				if one := c.Value(v); one != row[i] && (one == one || row[i] == row[i]) {
					t.Errorf("column %s: %v alone, %v in the row", c.Name, one, row[i])
				}
			}
			views++
			return true
		}
		mustRun(t, &check, &flowtest.Source{Packets: oddFlows()})
		if views != 8 {
			t.Errorf("%d flows, want 8", views)
		}
	}
}

// TestSchema holds the columns against the list that was published with their version.
// Where it fails, a model made before cannot score any more: that needs a new version.
func TestSchema(t *testing.T) {
	for _, s := range everySet(t) {
		if s.Options != "" {
			continue
		}
		path := filepath.Join("testdata", fmt.Sprintf("%s.%d.schema", s.Name, s.Version))
		got := s.Schema().Text()
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("set %s differs from %s: raise its version, or run this test with -update before its first release", s.Name, path)
		}
	}
}

// TestNoPlace checks by the groups' code that the default set reads nothing that tells
// where a capture was made: packets that differ in TTL, window, MSS, IP identification,
// options, VLAN, link, time of day, ports and captured length give equal rows.
func TestNoPlace(t *testing.T) {
	set, err := feature.Build("fm", nil)
	if err != nil {
		t.Fatal(err)
	}
	make := func(shift time.Duration, sport, dport int, set map[string]uint64) *flowtest.Source {
		var out []flowtest.Packet
		src, dst := endpoint(fmt.Sprintf("10.0.0.1:%d", sport)), endpoint(fmt.Sprintf("10.0.0.2:%d", dport))
		for i, p := range []struct {
			back  bool
			flags uint8
			n     int
		}{{false, 2, 0}, {true, 18, 0}, {false, 16, 0}, {false, 24, 300}, {true, 24, 900}, {false, 17, 0}, {true, 17, 0}, {false, 16, 0}} {
			q := flowtest.Packet{At: shift + time.Duration(i)*time.Millisecond, Src: src, Dst: dst, Proto: 6, Flags: p.flags, Payload: bytes.Repeat([]byte("ab\x00"), p.n/3), Set: set}
			if p.back {
				q.Src, q.Dst = dst, src
			}
			out = append(out, q)
		}
		return &flowtest.Source{Packets: out}
	}
	one := mustRun(t, set, make(0, 40000, 80, map[string]uint64{"win": 100, "ttl": 64}))
	two := mustRun(t, set, make(7*time.Hour, 41234, 8443, map[string]uint64{"win": 60000, "ttl": 31, "ipid": 99, "vlan": 7, "tos": 8, "df": 1, "pad": 5, "cap": 128}))
	if len(one.rows) != 1 || len(two.rows) != 1 {
		t.Fatalf("%d and %d flows, want 1 each", len(one.rows), len(two.rows))
	}
	for i, c := range set.Columns {
		if a, b := one.rows[0][i], two.rows[0][i]; a != b && (a == a || b == b) {
			t.Errorf("column %s: %v and %v", c.Name, a, b)
		}
	}
}

func TestSnapLength(t *testing.T) {
	set, err := feature.Build("fm", map[string]string{"with": "snap_length", "without": "volume,size,time,activity,bulk,turn,tcp,state,early,payload,application"})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Columns) != 1 || set.Columns[0].Name != "snap_length" {
		t.Fatalf("columns %v, want snap_length alone", set.Columns)
	}
	for snap, want := range map[uint32]float64{0: math.NaN(), 65535: 65535} {
		var e flow.Environment
		e.Add(&flow.In{P: &packet.Packet{}, C: &packet.Cold{SnapLen: snap}})
		if got := set.Columns[0].Value(&flow.View{Environment: &e}); got != want && (got == got || want == want) {
			t.Errorf("snapshot length %d: %v, want %v", snap, got, want)
		}
	}
}
