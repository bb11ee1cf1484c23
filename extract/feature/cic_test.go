package feature_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"fm/extract"
	"fm/extract/feature"
	"fm/extract/flowtest"
)

// cells are the rows that a set writes in its tool's own layout, by column.
func cells(t *testing.T, name string, options map[string]string, packets []flowtest.Packet) []map[string]string {
	t.Helper()
	set, err := feature.Build(name, options)
	if err != nil {
		t.Fatal(err)
	}
	rows := originalRows{layout: set.Original}
	if _, err := (&extract.Meter{Set: set, Workers: 2}).Run(context.Background(), &flowtest.Source{Packets: packets}, &rows); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(rows.text.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, line := range lines {
		row := map[string]string{}
		for i, c := range set.Original.Cells {
			row[c.Name] = line[i]
		}
		out = append(out, row)
	}
	return out
}

// hold compares the columns that want names, NAME=TEXT with a bar between.
func hold(t *testing.T, row map[string]string, want string) {
	t.Helper()
	for w := range strings.SplitSeq(want, "|") {
		name, text, _ := strings.Cut(strings.TrimSpace(w), "=")
		if got, ok := row[name]; !ok || got != text {
			t.Errorf("%s is %q, want %q", name, got, text)
		}
	}
}

// said builds packets of a client and a server from lines such as "1000 B SA 40 0 65160":
// time in µs, direction, TCP flags, TCP header, payload, window.
func said(t *testing.T, text string) []flowtest.Packet {
	t.Helper()
	ends := map[string]netip.AddrPort{"F": endpoint("10.0.0.1:40000"), "B": endpoint("10.0.0.2:80")}
	var out []flowtest.Packet
	for line := range strings.Lines(strings.TrimSpace(text)) {
		var at, header, payload int
		var window uint64
		var way, flags string
		if _, err := fmt.Sscan(line, &at, &way, &flags, &header, &payload, &window); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		p := flowtest.Packet{At: time.Duration(at) * time.Microsecond, Src: ends[way], Dst: ends[string("FB"[1-strings.Index("FB", way)])], Proto: 6,
			Payload: make([]byte, payload), Set: map[string]uint64{"win": window}}
		for _, f := range flags {
			p.Flags |= 1 << strings.IndexRune("FSRPA", f)
		}
		switch header {
		case 40:
			p.Set["mss"], p.Set["sackok"], p.Set["tstamp"] = 1460, 1, 1
		case 32:
			p.Set["tstamp"] = 1
		}
		out = append(out, p)
	}
	return out
}

// workedExample is the connection whose rows CICFlowMeter and its fork wrote: FEATURES.md
// 10.1, the rows 10.3 of the same.
const workedExample = `
	0 F S 40 0 64240
	1000 B SA 40 0 65160
	2000 F A 32 0 502
	3000 F PA 32 100 502
	10000 B A 32 0 509
	20000 B A 32 1448 509
	20100 B A 32 1448 509
	20200 B A 32 1448 509
	20300 B A 32 1448 509
	20400 B PA 32 500 509
	21000 F A 32 0 480
	1521000 F PA 32 50 502
	1530000 B PA 32 60 509
	8530000 F PA 32 40 502
	8540000 B A 32 0 509
	8541000 B FA 32 0 509
	8542000 F A 32 0 502
	8543000 F FA 32 0 502
	8544000 B A 32 0 509`

func TestCICWorkedExample(t *testing.T) {
	packets := said(t, workedExample)
	for _, faithful := range []string{"true", "false"} {
		options := map[string]string{feature.Faithful: faithful}
		rows := cells(t, "cicflowmeter", options, packets)
		if len(rows) != 2 {
			t.Fatalf("%d rows, want 2", len(rows))
		}
		hold(t, rows[0], `Flow ID=10.0.0.1-10.0.0.2-40000-80-6 | Src IP=10.0.0.1 | Src Port=40000 | Dst IP=10.0.0.2 | Dst Port=80 | Protocol=6
			| Timestamp=01/01/2024 12:00:00 AM | Flow Duration=8541000 | Total Fwd Packet=6 | Total Bwd packets=10 | Total Length of Fwd Packet=190.0 | Total Length of Bwd Packet=6352.0
			| Fwd Segment Size Avg=31.666666666666668 | Bwd Segment Size Avg=635.2 | Flow IAT Mean=569400.0 | Flow IAT Max=7000000.0 | Flow IAT Min=100.0
			| Fwd IAT Total=8530000.0 | Fwd IAT Mean=1706000.0 | Fwd IAT Max=7009000.0 | Fwd IAT Min=1000.0 | Bwd IAT Total=8540000.0 | Bwd IAT Max=7010000.0 | Bwd IAT Min=100.0
			| Fwd PSH Flags=0 | Bwd PSH Flags=0 | Fwd Header Length=200 | Bwd Header Length=328 | FIN Flag Count=1 | SYN Flag Count=2 | PSH Flag Count=5 | ACK Flag Count=15
			| Down/Up Ratio=1.0 | Average Packet Size=408.875 | Fwd Bytes/Bulk Avg=0 | Bwd Bytes/Bulk Avg=6392 | Bwd Packet/Bulk Avg=6 | Bwd Bulk Rate Avg=367356
			| Subflow Fwd Packets=3 | Subflow Fwd Bytes=95 | Subflow Bwd Packets=5 | Subflow Bwd Bytes=3176 | FWD Init Win Bytes=64240 | Bwd Init Win Bytes=509
			| Fwd Act Data Pkts=3 | Fwd Seg Size Min=32 | Active Mean=1530000.0 | Active Std=0.0 | Idle Mean=7000000.0 | Idle Max=7000000.0 | Label=NeedManualLabel`)
		hold(t, rows[1], `Flow Duration=2000 | Total Fwd Packet=2 | Total Bwd packets=1 | Fwd Header Length=64 | Bwd Header Length=32 | FIN Flag Count=1 | ACK Flag Count=3 | Active Mean=0`)

		rows = cells(t, "cicflowmeter-fixed", options, packets)
		if len(rows) != 1 {
			t.Fatalf("%d rows of the fork, want 1", len(rows))
		}
		hold(t, rows[0], `Timestamp=2024-01-01 00:00:00 | Flow Duration=8544000 | Total Fwd Packet=8 | Total Bwd packets=11 | Fwd Segment Size Avg=23.75 | Fwd IAT Total=8543000.0 | Bwd IAT Mean=854300.0
			| Fwd PSH Flags=3 | Bwd PSH Flags=2 | Fwd RST Flags=0 | Fwd Header Length=264 | Bwd Header Length=360 | FIN Flag Count=2 | SYN Flag Count=2 | PSH Flag Count=5 | ACK Flag Count=18
			| Down/Up Ratio=1.375 | Fwd Bytes/Bulk Avg=0.0 | Bwd Bytes/Bulk Avg=6292.0 | Bwd Packet/Bulk Avg=5.0 | Bwd Bulk Rate Avg=1.573E7
			| Subflow Fwd Packets=4.0 | Subflow Fwd Bytes=95.0 | Subflow Bwd Packets=5.5 | Subflow Bwd Bytes=3176.0 | FWD Init Win Bytes=64240 | Bwd Init Win Bytes=65160
			| Fwd Act Data Pkts=3 | Bwd Act Data Pkts=6 | Fwd Seg Size Min=32 | Bwd Seg Size Min=0 | Active Mean=1530000.0 | Idle Mean=7000000.0 | ICMP Code=-1 | ICMP Type=-1
			| Fwd TCP Retrans. Count=1 | Bwd TCP Retrans. Count=1 | Total TCP Retrans. Count=2 | Total Connection Flow Time=8544000`)
	}
}

// TestCICEdges shows flows whose values divide by zero, by the tool's rules of FEATURES.md 7.3.
func TestCICEdges(t *testing.T) {
	one, twins := said(t, "0 F S 20 0 100"), said(t, "0 F A 20 5 100\n0 B A 20 0 200")
	exact, free := map[string]string{feature.Faithful: "true"}, map[string]string{}
	if rows := cells(t, "cicflowmeter", exact, one); len(rows) != 0 {
		t.Errorf("a flow of one packet has a row")
	}
	hold(t, cells(t, "cicflowmeter", free, one)[0], `Flow Bytes/s=NaN | Flow Packets/s=Infinity | Flow IAT Mean=NaN | Fwd IAT Total=0 | Fwd Packets/s=0.0 | Bwd Packet Length Max=0 | Packet Length Std=0.0 | Average Packet Size=0.0`)
	hold(t, cells(t, "cicflowmeter-fixed", exact, one)[0], `Flow Bytes/s=-1 | Flow Packets/s=-1 | Flow IAT Mean=0.0 | Flow IAT Max=0.0 | Fwd IAT Total=0 | Total Connection Flow Time=0 | Down/Up Ratio=0.0`)
	hold(t, cells(t, "cicflowmeter", exact, twins)[0], `Flow Duration=0 | Flow Bytes/s=Infinity | Flow Packets/s=Infinity | Flow IAT Max=0.0 | Packet Length Mean=3.333333333333333 | Average Packet Size=5.0 | Bwd Packets/s=0.0`)
	hold(t, cells(t, "cicflowmeter-fixed", exact, twins)[0], `Flow Bytes/s=-1 | Packet Length Mean=2.5 | Fwd Packet Length Std=0.0`)
}

// TestCICLives shows where rows begin and end: FEATURES.md 7.1.
func TestCICLives(t *testing.T) {
	exact := map[string]string{feature.Faithful: "true"}
	long := said(t, `
		0 F S 20 0 10
		10000000 B SA 20 0 10
		120000000 B A 20 7 10
		120000001 B A 20 7 10
		121000000 F A 20 3 10
		121000001 B R 20 0 10
		121000002 B R 20 0 10`)
	rows := cells(t, "cicflowmeter", exact, long)
	if len(rows) != 2 {
		t.Fatalf("%d rows, want 2: the RST alone has none", len(rows))
	}
	hold(t, rows[0], `Total Fwd Packet=1 | Total Bwd packets=2 | Flow Duration=120000000`)
	// The first packet behind the cut counts as forward, the others keep their roles.
	hold(t, rows[1], `Src IP=10.0.0.1 | Total Fwd Packet=2 | Total Bwd packets=1 | Flow Duration=1000000`)

	rows = cells(t, "cicflowmeter-fixed", exact, long)
	if len(rows) != 2 {
		t.Fatalf("%d rows of the fork, want 2", len(rows))
	}
	hold(t, rows[1], `Src IP=10.0.0.1 | Total Fwd Packet=1 | Total Bwd packets=3 | Total Connection Flow Time=121000002 | FWD Init Win Bytes=0 | Bwd TCP Retrans. Count=1`)

	// A SYN begins a new row once the connection is closed; one from the other side turns the
	// roles round but not the name.
	again := said(t, `
		0 F S 20 0 10
		1 B SA 20 0 10
		2 F FA 20 0 10
		3 B FA 20 0 10
		4 F A 20 0 10
		5 B A 20 0 10
		6 B S 20 0 10
		7 F RA 20 0 10`)
	rows = cells(t, "cicflowmeter-fixed", exact, again)
	if len(rows) != 2 {
		t.Fatalf("%d rows of the fork, want 2", len(rows))
	}
	hold(t, rows[0], `Total Fwd Packet=3 | Total Bwd packets=3`)
	hold(t, rows[1], `Flow ID=10.0.0.1-10.0.0.2-40000-80-6 | Src IP=10.0.0.2 | Total Fwd Packet=1 | Total Bwd packets=1 | Total Connection Flow Time=1`)

	// A second FIN of the same side is left out, in the published tool.
	rows = cells(t, "cicflowmeter", exact, said(t, "0 F A 20 0 1\n1 F FA 20 0 1\n2 F FA 20 0 1\n3 F A 20 0 1\n4 B FA 20 0 1"))
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	hold(t, rows[0], `FIN Flag Count=2 | Total Fwd Packet=3 | Total Bwd packets=1`)
}

// TestCICInherits checks that a row of the fork knows what its connection sent in the row
// before, which may have had one packet only.
func TestCICInherits(t *testing.T) {
	exact := map[string]string{feature.Faithful: "true"}
	for text, want := range map[string][]string{
		"0 F A 20 0 10\n130000000 F A 20 0 10":                        {"0", "1"},
		"0 F A 20 0 10\n119000000 F A 20 0 10\n130000000 F A 20 0 10": {"1", "1"},
		"0 F A 20 0 10\n130000000 F A 20 5 10":                        {"0", "0"},
		"0 F A 20 0 10\n1 F R 20 0 10\n2 F S 20 0 10\n3 F A 20 0 10":  {"1", "0"}, // the RST repeats the ACK; the SYN begins another connection
	} {
		var got []string
		for _, row := range cells(t, "cicflowmeter-fixed", exact, said(t, text)) {
			got = append(got, row["Fwd TCP Retrans. Count"])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: retransmissions %v, want %v", text, got, want)
		}
	}
}

// TestCICForgets checks that silent flows end by the clock where the tool is not imitated.
func TestCICForgets(t *testing.T) {
	packets := said(t, "0 F A 20 1 10\n1 B A 20 1 10\n121000000 B A 20 1 10\n121000001 B A 20 1 10")
	for _, c := range []struct{ faithful, source string }{{"true", "10.0.0.1"}, {"false", "10.0.0.2"}} {
		rows := cells(t, "cicflowmeter", map[string]string{feature.Faithful: c.faithful}, packets)
		if len(rows) != 2 || rows[1]["Src IP"] != c.source {
			t.Errorf("faithful=%s: %v, want a second row from %s", c.faithful, rows, c.source)
		}
	}
}

// TestCICProtocols shows what is neither TCP nor UDP.
func TestCICProtocols(t *testing.T) {
	a, b := netip.MustParseAddrPort("10.0.0.1:0"), netip.MustParseAddrPort("10.0.0.2:0")
	icmp := func(at time.Duration, src, dst netip.AddrPort, typ, code uint64) flowtest.Packet {
		return flowtest.Packet{At: at, Src: src, Dst: dst, Proto: 1, Payload: make([]byte, 28), Set: map[string]uint64{"type": typ, "code": code}}
	}
	ping := []flowtest.Packet{icmp(0, a, b, 8, 0), icmp(1, b, a, 0, 0), icmp(2, b, a, 11, 0), icmp(3, b, a, 11, 1)}
	for _, faithful := range []string{"true", "false"} {
		options := map[string]string{feature.Faithful: faithful}
		rows := cells(t, "cicflowmeter", options, ping)
		if len(rows) != 1 {
			t.Fatalf("%d rows, want 1", len(rows))
		}
		hold(t, rows[0], `Protocol=0 | Flow ID=10.0.0.1-10.0.0.2-0-0-0 | Total Fwd Packet=1 | Total Bwd packets=3 | Total Length of Fwd Packet=0.0 | Fwd Header Length=0`)
		rows = cells(t, "cicflowmeter-fixed", options, ping)
		if len(rows) != 2 { // a new flow where type and code are both others
			t.Fatalf("%d rows of the fork, want 2", len(rows))
		}
		hold(t, rows[0], `Protocol=1 | ICMP Type=8 | ICMP Code=0 | Total Bwd packets=2 | Total Connection Flow Time=0`)
		hold(t, rows[1], `Protocol=1 | ICMP Type=11 | ICMP Code=1 | Src IP=10.0.0.2 | Flow ID=10.0.0.1-10.0.0.2-0-0-1`)
	}
	v6 := []flowtest.Packet{{Src: endpoint("[2001:db8::1]:5000"), Dst: endpoint("[2001:db8::2]:53"), Proto: 17, Payload: make([]byte, 40)}}
	hold(t, cells(t, "cicflowmeter", nil, v6)[0], `Flow ID=2001:db8::1-2001:db8::2-5000-53-17 | Total Length of Fwd Packet=40.0 | Fwd Header Length=8`)
	if rows := cells(t, "cicflowmeter-fixed", map[string]string{feature.Faithful: "true"}, v6); len(rows) != 0 {
		t.Errorf("IPv6 has a row though the tool reads none: %v", rows)
	}
}

func TestCICHeaders(t *testing.T) {
	v4, err := feature.Build("cicflowmeter", nil)
	if err != nil {
		t.Fatal(err)
	}
	v3, err := feature.Build("cicflowmeter", map[string]string{"header": "V3"})
	if err != nil {
		t.Fatal(err)
	}
	fork, err := feature.Build("cicflowmeter-fixed", nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := [3]int{len(v4.Original.Cells), len(v3.Original.Cells), len(fork.Original.Cells)}; n != [3]int{84, 85, 94} {
		t.Errorf("%v columns, want 84, 85 and 94", n)
	}
	// The header of CIC-IDS2017, with the blanks that it has, and the second Fwd Header Length.
	names := v3.Original.Names()
	for i, want := range map[int]string{0: "Flow ID", 1: " Source IP", 8: " Total Fwd Packets", 10: "Total Length of Fwd Packets", 16: "Bwd Packet Length Max", 40: " Fwd Header Length", 44: " Min Packet Length",
		55: " CWE Flag Count", 61: " Fwd Header Length", 62: "Fwd Avg Bytes/Bulk", 72: "Init_Win_bytes_forward", 75: " min_seg_size_forward", 84: " Label"} {
		if names[i] != want {
			t.Errorf("column %d of V3 is %q, want %q", i+1, names[i], want)
		}
	}
	if v3.Options != "header=V3" || !slices.ContainsFunc(v3.Columns, func(c feature.Column) bool { return c.Name == "Fwd Header Length.1" }) {
		t.Errorf("options %q", v3.Options)
	}
	if _, err := feature.Build("cicflowmeter", map[string]string{"header": "V5"}); err == nil {
		t.Error("header V5 is accepted")
	}
}

// TestRightColumns checks that what is said to be right in place of a faulty column exists.
func TestRightColumns(t *testing.T) {
	all := map[string]bool{}
	for _, s := range everySet(t) {
		if s.Name == "fm" {
			for _, c := range s.Columns {
				all[c.Name] = true
			}
		}
	}
	faults := 0
	for _, s := range everySet(t) {
		for _, c := range s.Columns {
			if c.Right != "" && (c.Fault == "" || !all[c.Right]) {
				t.Errorf("column %s of set %s names %q, which is no column of fm, or has no fault", c.Name, s.Name, c.Right)
			}
			if c.Fault != "" {
				faults++
			}
		}
	}
	if faults < 40 {
		t.Errorf("only %d faults are named", faults)
	}
}
