package feature_test

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"fm/extract"
	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/flowtest"
)

func buildSet(t *testing.T, name string, options map[string]string) *feature.Set {
	t.Helper()
	set, err := feature.Build(name, options)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestZeekWorkedExample: the connection of FEATURES.md 10.1 has the values of 10.2, which
// hold for zeek-flowmeter by 10.3; times to Zeek's resolution, a quarter of a microsecond.
func TestZeekWorkedExample(t *testing.T) {
	client, server := endpoint("10.0.0.1:40000"), endpoint("10.0.0.2:80")
	var packets []flowtest.Packet
	for _, p := range []struct {
		micros  int
		back    bool
		flags   uint8
		payload int
		window  uint64
	}{
		{0, false, 2, 0, 64240}, {1000, true, 18, 0, 65160}, {2000, false, 16, 0, 502}, {3000, false, 24, 100, 502},
		{10000, true, 16, 0, 509}, {20000, true, 16, 1448, 509}, {20100, true, 16, 1448, 509}, {20200, true, 16, 1448, 509},
		{20300, true, 16, 1448, 509}, {20400, true, 24, 500, 509}, {21000, false, 16, 0, 480}, {1521000, false, 24, 50, 502},
		{1530000, true, 24, 60, 509}, {8530000, false, 24, 40, 502}, {8540000, true, 16, 0, 509}, {8541000, true, 17, 0, 509},
		{8542000, false, 16, 0, 502}, {8543000, false, 17, 0, 502}, {8544000, true, 16, 0, 509},
	} {
		q := flowtest.Packet{At: time.Duration(p.micros) * time.Microsecond, Src: client, Dst: server, Proto: 6, Flags: p.flags,
			Payload: bytes.Repeat([]byte{'x'}, p.payload), Set: map[string]uint64{"tstamp": 1, "win": p.window}}
		if p.back {
			q.Src, q.Dst = server, client
		}
		if p.flags&2 != 0 { // 40 bytes of header
			q.Set["mss"], q.Set["sackok"] = 1460, 1
		}
		packets = append(packets, q)
	}
	set := buildSet(t, "zeek-flowmeter", nil)
	got := mustRun(t, set, &flowtest.Source{Packets: packets})
	if len(got.rows) != 1 {
		t.Fatalf("%d flows, want 1", len(got.rows))
	}
	want := map[string]float64{
		// The last ACK comes when both sides have closed, so Zeek's duration leaves it out.
		"flow_duration": 8.543, "fwd_pkts_per_sec": 8 / 8.543, "bwd_pkts_per_sec": 11 / 8.543, "flow_pkts_per_sec": 19 / 8.543, "payload_bytes_per_second": 6542 / 8.543,
		"fwd_pkts_tot": 8, "bwd_pkts_tot": 11, "fwd_data_pkts_tot": 3, "bwd_data_pkts_tot": 6, "down_up_ratio": 1.375,
		"fwd_pkts_payload.min": 0, "fwd_pkts_payload.max": 100, "fwd_pkts_payload.tot": 190, "fwd_pkts_payload.avg": 23.75, "fwd_pkts_payload.std": 37.008686,
		"bwd_pkts_payload.min": 0, "bwd_pkts_payload.max": 1448, "bwd_pkts_payload.tot": 6352, "bwd_pkts_payload.avg": 577.454545, "bwd_pkts_payload.std": 705.154219,
		"flow_pkts_payload.min": 0, "flow_pkts_payload.max": 1448, "flow_pkts_payload.tot": 6542, "flow_pkts_payload.avg": 344.315789, "flow_pkts_payload.std": 596.378054,
		"fwd_header_size_tot": 264, "fwd_header_size_min": 32, "fwd_header_size_max": 40, "bwd_header_size_tot": 360, "bwd_header_size_min": 32, "bwd_header_size_max": 40,
		"flow_iat.min": 100, "flow_iat.max": 7000000, "flow_iat.tot": 8544000, "flow_iat.avg": 474666.6667, "flow_iat.std": 1666182.4171,
		"fwd_iat.min": 1000, "fwd_iat.max": 7009000, "fwd_iat.tot": 8543000, "fwd_iat.avg": 1220428.5714, "fwd_iat.std": 2612483.9302,
		"bwd_iat.min": 100, "bwd_iat.max": 7010000, "bwd_iat.tot": 8543000, "bwd_iat.avg": 854300, "bwd_iat.std": 2214118.7939,
		"flow_FIN_flag_count": 2, "flow_SYN_flag_count": 2, "flow_RST_flag_count": 0, "fwd_PSH_flag_count": 3, "bwd_PSH_flag_count": 2, "flow_ACK_flag_count": 18,
		"fwd_URG_flag_count": 0, "bwd_URG_flag_count": 0, "flow_CWR_flag_count": 0, "flow_ECE_flag_count": 0,
		"fwd_subflow_pkts": 2.666667, "bwd_subflow_pkts": 3.666667, "fwd_subflow_bytes": 63.333333, "bwd_subflow_bytes": 2117.333333,
		"active.min": 14000, "active.max": 1530000, "active.tot": 1544000, "active.avg": 772000, "active.std": 1071973.8803,
		"idle.min": 7000000, "idle.max": 7000000, "idle.tot": 7000000, "idle.avg": 7000000, "idle.std": 0,
		"fwd_bulk_bytes": 0, "bwd_bulk_bytes": 6292, "fwd_bulk_packets": 0, "bwd_bulk_packets": 5, "fwd_bulk_rate": 0, "bwd_bulk_rate": 15730000,
		"fwd_init_window_size": 64240, "bwd_init_window_size": 65160, "fwd_last_window_size": 502, "bwd_last_window_size": 509,
	}
	for i, c := range set.Columns {
		near := 1e-6 + 1e-7*want[c.Name]
		switch {
		case strings.Contains(c.Name, "iat.") || strings.HasPrefix(c.Name, "active.") || strings.HasPrefix(c.Name, "idle."):
			near = 0.5
		case c.Name == "bwd_bulk_rate": // 400 µs, each of four gaps as coarse
			near = 15730000 * 0.5 / 400
		}
		if w, ok := want[c.Name]; !ok || math.Abs(got.rows[0][i]-w) > near {
			t.Errorf("%s is %v, want %v (stated: %t)", c.Name, got.rows[0][i], w, ok)
		}
	}
}

// zeekPublished is the row of flowmeter.log that stands in public beside its capture
// (github.com/rayyanekaputra/skripsi-malicious-traffics-unhas, commit 5c4f4a1, written by
// Zeek), without its uid; zeekPublishedConn is that of conn.log as far as fm writes it.
const (
	zeekPublished = `0.128919 1 1 0 0 7.756815 7.756815 15.513631 1.0 32 32 32 32 32 32 0 0 0 0 0 2 0 0 0 0
		0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
		128918.886185 128918.886185 128918.886185 128918.886185 0.0 0.0 1.0 1.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
		128918.886185 128918.886185 128918.886185 128918.886185 0.0 0.0 0.0 0.0 0.0 0.0 501 13756 501 13756`
	zeekPublishedConn = `10.163.10.218 56742 69.173.158.64 443 tcp 0.128919 1 0 OTH Aa 1 52 1 52`
)

// TestZeekPublishedRow builds the two packets of that capture anew.
func TestZeekPublishedRow(t *testing.T) {
	client, server := endpoint("10.163.10.218:56742"), endpoint("69.173.158.64:443")
	at := time.Duration(1697437409818608e3 - flowtest.Start)
	src := &flowtest.Source{Packets: []flowtest.Packet{
		{At: at, Src: client, Dst: server, Proto: 6, Flags: 16, Set: map[string]uint64{"tstamp": 1, "win": 501, "seq": 0x72f5cf76, "ack": 0xa95d43e4}},
		{At: at + 128919*time.Microsecond, Src: server, Dst: client, Proto: 6, Flags: 16, Set: map[string]uint64{"tstamp": 1, "win": 13756, "seq": 0xa95d43e4, "ack": 0x72f5cf77}},
	}}
	set := buildSet(t, "zeek-flowmeter", map[string]string{feature.Faithful: "true"})
	rows := logsOf(t, set, src)
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	flowmeter, conn := rows[0][0], rows[0][1]
	uid, rest := flowmeter[0], flowmeter[1:]
	if want := strings.Fields(zeekPublished); strings.Join(rest, " ") != strings.Join(want, " ") {
		t.Errorf("flowmeter.log:\n got %s\nwant %s", rest, want)
	}
	if got := strings.Join(conn[2:], " "); conn[0] != "1697437409.818608" || conn[1] != uid || got != zeekPublishedConn {
		t.Errorf("conn.log: %s, want %s", conn, zeekPublishedConn)
	}
	if len(uid) != 18 || uid[0] != 'C' {
		t.Errorf("uid %q is not C and 17 digits", uid)
	}
}

// logsOf returns the cells of each record in both logs.
func logsOf(t *testing.T, set *feature.Set, src extract.Source) [][2][]string {
	t.Helper()
	var logs [2]originalRows
	logs[0].layout, logs[1].layout = set.Original, set.Original.Beside
	bare := *set.Original
	bare.Table = nil
	logs[0].layout = &bare
	var out [][2][]string
	check := *set
	check.Keep = func(v *flow.View) bool {
		var row [2][]string
		for i := range logs {
			row[i] = strings.Split(strings.TrimSpace(string(logs[i].Append(nil, nil, v))), ",")
		}
		out = append(out, row)
		return true
	}
	if _, err := (&extract.Meter{Set: &check, Workers: 1}).Run(context.Background(), src, &rows{}); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestZeekConnLog holds conn.log against values worked out by hand from Zeek's rules: bytes
// of TCP by sequence numbers, letters in capitals for the originator, nothing but packets
// where there is no duration; and in slices, what each has of its own.
func TestZeekConnLog(t *testing.T) {
	a, b := endpoint("10.0.0.1:5000"), endpoint("10.0.0.2:8000")
	tcp := func(seconds int, back bool, flags uint8, seq, ack uint64, size int) flowtest.Packet {
		p := flowtest.Packet{At: time.Duration(seconds) * time.Second, Src: a, Dst: b, Proto: 6, Flags: flags,
			Payload: make([]byte, size), Set: map[string]uint64{"seq": seq, "ack": ack, "win": 9}}
		if back {
			p.Src, p.Dst = b, a
		}
		return p
	}
	connection := []flowtest.Packet{
		tcp(0, false, 2, 100, 0, 0), tcp(1, true, 18, 500, 101, 0), tcp(2, false, 16, 101, 501, 0),
		tcp(3, false, 24, 101, 501, 10), tcp(4, false, 24, 101, 501, 10), // sent again
		tcp(5, true, 24, 501, 111, 20), tcp(6, true, 24, 541, 111, 20), // 20 bytes between are missing,
		tcp(11, false, 16, 111, 561, 0), // and acknowledged
		tcp(12, false, 17, 111, 561, 0), tcp(13, true, 17, 561, 112, 0),
	}
	udp := func(seconds int, src, dst string, size int) flowtest.Packet {
		return flowtest.Packet{At: time.Duration(seconds) * time.Second, Src: endpoint(src), Dst: endpoint(dst), Proto: 17, Payload: make([]byte, size)}
	}
	for _, c := range []struct {
		name    string
		options map[string]string
		packets []flowtest.Packet
		want    []string // behind ts, uid and the ends
	}{
		{"TCP", nil, connection, []string{"tcp 13.000000 10 60 SF ShADTdgFf 6 260 4 200"}},
		{"slices", map[string]string{"slice": "10s"}, connection, []string{
			"tcp 6.000000 10 60 S1 ShADTd 4 180 3 160", "tcp 2.000000 0 0 SF ShADTdgFf 2 80 1 40"}},
		{"UDP", nil, []flowtest.Packet{udp(0, "10.0.0.1:53", "10.0.0.2:5000", 7), udp(1, "10.0.0.2:5000", "10.0.0.1:53", 5), udp(2, "10.0.0.3:1", "10.0.0.4:2", 5)}, []string{
			"udp 1.000000 5 7 SF ^dD 1 33 1 35", "udp - - - S0 D 1 33 0 0"}},
		{"others", nil, []flowtest.Packet{{Src: endpoint("10.0.0.1:0"), Dst: endpoint("10.0.0.2:0"), Proto: 89, Payload: make([]byte, 4)}}, []string{
			"unknown_transport - - - OTH - 1 24 0 0"}},
	} {
		rows := logsOf(t, buildSet(t, "zeek-flowmeter", c.options), &flowtest.Source{Packets: c.packets})
		var got []string
		uids := map[string]bool{}
		for _, row := range rows {
			got = append(got, strings.Join(row[1][6:], " "))
			if uids[row[0][0]] = true; row[0][0] != row[1][1] {
				t.Errorf("%s: uid %s in flowmeter.log, %s in conn.log", c.name, row[0][0], row[1][1])
			}
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") || len(uids) != len(c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}
