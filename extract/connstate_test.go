package extract_test

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"fm/extract"
	"fm/extract/packet"
)

// zeekDiffers are connections whose state our native life rightly does not share with Zeek.
var zeekDiffers = map[string]string{
	"scripts.base.protocols.ftp.gridftp": "its analyser changes the connection",
}

// TestZeekConnStates compares the states of TCP flows with the conn.log baselines of
// Zeek's own test suite (goldens/zeek-flowmeter/zeek-conn), for connections that have one
// flow and one row.
func TestZeekConnStates(t *testing.T) {
	if *goldens == "" {
		t.Log("without -goldens there is nothing to compare with: see extract/flow/testdata/states.script")
		return
	}
	dir := filepath.Join(*goldens, "zeek-flowmeter", "zeek-conn")
	index := readTSV(t, filepath.Join(dir, "INDEX.tsv"), "")
	compared := 0
	for _, test := range index {
		want := map[string][]string{}
		for _, row := range readTSV(t, filepath.Join(dir, test["log"]), "#fields\t") {
			if row["proto"] == "tcp" && row["conn_state"] != "" {
				key := ends(row["id.orig_h"], row["id.orig_p"], row["id.resp_h"], row["id.resp_p"])
				want[key] = append(want[key], row["conn_state"])
			}
		}
		got := map[string][]string{}
		_, err := (&extract.Meter{Set: nativeSet(), Workers: 1}).Run(context.Background(), open(t, filepath.Join(dir, test["trace"])), sinkFunc(func(recs []extract.Record) error {
			for i := range recs {
				r := &recs[i]
				src, sport := r.Src()
				dst, dport := r.Dst()
				key := ends(addrOf(r, src).String(), strconv.Itoa(int(sport)), addrOf(r, dst).String(), strconv.Itoa(int(dport)))
				got[key] = append(got[key], r.Flow.State.String())
			}
			return nil
		}))
		if err != nil {
			t.Errorf("%s: %v", test["trace"], err)
		}
		for key, states := range want {
			if len(states) != 1 || len(got[key]) != 1 {
				continue
			}
			compared++
			if got[key][0] != states[0] && zeekDiffers[test["test"]] == "" {
				t.Errorf("%s: %s is %s, want %s", test["test"], key, got[key][0], states[0])
			}
		}
	}
	if t.Logf("%d connections", compared); compared < 100 {
		t.Errorf("%d connections compared, want at least 100", compared)
	}
}

// ends names a connection whichever way round.
func ends(a, aport, b, bport string) string {
	x, y := a+" "+aport, b+" "+bport
	return min(x, y) + " " + max(x, y)
}

// readTSV reads a table whose header line starts with prefix; other lines with # are comments.
func readTSV(t *testing.T, path, prefix string) []map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var head []string
	var rows []map[string]string
	for _, line := range strings.Split(string(text), "\n") {
		if head == nil {
			if names, ok := strings.CutPrefix(line, prefix); ok {
				head = strings.Split(names, "\t")
			}
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		row := map[string]string{}
		for i, cell := range strings.Split(line, "\t") {
			if i < len(head) {
				row[head[i]] = cell
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func addrOf(r *extract.Record, a [16]byte) netip.Addr {
	addr := netip.AddrFrom16(a)
	if r.Flow.Key.Kind&packet.KindIPv6 == 0 {
		addr = addr.Unmap()
	}
	return addr
}
