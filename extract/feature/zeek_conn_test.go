package feature_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fm/extract/feature"
)

// zeekLines reads a log of Zeek: the names of its columns, and its rows by name.
func zeekLines(t *testing.T, path string) (names []string, rows []map[string]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case cells[0] == "#fields":
			names = cells[1:]
		case !strings.HasPrefix(line, "#"):
			row := map[string]string{}
			for i, c := range cells {
				row[names[i]] = c
			}
			rows = append(rows, row)
		}
	}
	return names, rows
}

// beside returns the set with its second log as layout.
func beside(t *testing.T, options map[string]string) *feature.Set {
	t.Helper()
	set, err := feature.Build("zeek-flowmeter", options)
	if err != nil {
		t.Fatal(err)
	}
	conn := *set
	conn.Original = set.Original.Beside
	return &conn
}

// TestZeekPublished holds both logs against the only pair of a capture and a flowmeter.log
// that was found in public, written by Zeek itself.
func TestZeekPublished(t *testing.T) {
	if *goldens == "" {
		t.Log("without -goldens there is nothing to compare with")
		return
	}
	dir := filepath.Join(*goldens, "zeek-flowmeter", "published")
	options := map[string]string{feature.Faithful: "true"}
	logs := beside(t, options)
	set, err := feature.Build("zeek-flowmeter", options)
	if err != nil {
		t.Fatal(err)
	}
	for log, set := range map[string]*feature.Set{"flowmeter": set, "conn": logs} {
		names, want := zeekLines(t, filepath.Join(dir, log+".log"))
		cells := set.Original.InTable()
		got := originalOf(t, set, filepath.Join(dir, "test.pcap"))
		if len(want) != 1 || len(got) != 1 {
			t.Fatalf("%s.log: %d rows, the tool %d", log, len(got), len(want))
		}
		compared := 0
		for _, name := range names {
			i := slices.IndexFunc(cells, func(c feature.Cell) bool { return c.Name == name })
			switch {
			case name == "uid": // is random
			case i < 0 && log == "flowmeter":
				t.Errorf("there is no column %s", name)
			case i >= 0:
				if compared++; got[0][i] != want[0][name] {
					t.Errorf("%s.log: %s is %s, the tool has %s", log, name, got[0][i], want[0][name])
				}
			}
		}
		if least := map[string]int{"flowmeter": 80, "conn": 15}[log]; compared < least {
			t.Errorf("%s.log: %d columns compared, want %d", log, compared, least)
		}
	}
}

// zeekMissing says why a connection of a test of Zeek is not found as Zeek has it.
var zeekMissing = map[string]string{
	"core.vntag-in-vlan":                        "Zeek logs a connection without packets for a tag of virtual interfaces in a VLAN",
	"scripts.base.protocols.ftp.gridftp":        "Zeek's analyser of FTP changes the connection",
	"scripts.base.protocols.ntp.misordered-ntp": "Zeek's analyser of NTP turns the roles round",
}

// TestZeekConnections holds the life against the conn.log of tests of Zeek itself.
func TestZeekConnections(t *testing.T) {
	if *goldens == "" {
		t.Log("without -goldens there is nothing to compare with")
		return
	}
	connections, missing := zeekConnections(t)
	if share := 1 - float64(len(missing))/float64(connections); connections < 300 || share < 0.985 {
		t.Errorf("%d of %d connections are not as Zeek has them, want 98.5 %% of at least 300", len(missing), connections)
	}
	for _, test := range missing {
		if zeekMissing[test] == "" {
			t.Errorf("%s: no reason is given for what is missing", test)
		}
	}
}

// zeekConnections compares the conn.log of tests of Zeek itself: ends, ports and roles,
// duration and packets; and, for the log, state, history and bytes. It returns how many
// connections there are, and the test of each that is not found.
func zeekConnections(t *testing.T) (connections int, missing []string) {
	dir := filepath.Join(*goldens, "zeek-flowmeter", "zeek-conn")
	index, err := os.ReadFile(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	rules := strings.Fields("id.orig_h id.orig_p id.resp_h id.resp_p proto duration orig_pkts resp_pkts")
	rest := strings.Fields("conn_state history orig_bytes resp_bytes orig_ip_bytes resp_ip_bytes")
	key := func(row map[string]string, names []string) string {
		var b strings.Builder
		for _, n := range names {
			b.WriteString(row[n] + " ")
		}
		return b.String()
	}
	differ := map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(index)), "\n")[1:] {
		cells := strings.Split(line, "\t")
		test, log, trace, checked, ports := cells[0], cells[1], cells[2], cells[4] == "checked", cells[5] == "yes"
		options := map[string]string{feature.Faithful: "true"}
		if !checked {
			options["ignore_checksums"] = "true"
		}
		if !ports {
			options["likely_server_ports"] = "false"
		}
		set := beside(t, options)
		ours := map[string][]map[string]string{}
		for _, row := range originalOf(t, set, filepath.Join(dir, trace)) {
			named := map[string]string{}
			for i, c := range set.Original.Cells {
				named[c.Name] = row[i]
			}
			k := key(named, rules)
			ours[k] = append(ours[k], named)
		}
		_, want := zeekLines(t, filepath.Join(dir, log))
		for _, row := range want {
			connections++
			k := key(row, rules)
			if len(ours[k]) == 0 {
				t.Logf("%s: not found: %s", test, k)
				missing = append(missing, test)
				continue
			}
			got := ours[k][0]
			if i := slices.IndexFunc(ours[k], func(o map[string]string) bool { return key(o, rest) == key(row, rest) }); i > 0 {
				got = ours[k][i]
			}
			i := slices.IndexFunc(ours[k], func(o map[string]string) bool { return &o == &got })
			ours[k] = slices.Delete(ours[k], max(i, 0), max(i, 0)+1)
			for _, name := range rest {
				if _, there := row[name]; there && got[name] != row[name] {
					if differ[name]++; differ[name] < 8 {
						t.Logf("%s: %s: %s is %s, Zeek has %s", test, k, name, got[name], row[name])
					}
				}
			}
		}
	}
	t.Logf("%d connections, %d not equal in ends, roles, duration and packets; of the others differ: %v", connections, len(missing), differ)
	return connections, missing
}
