package feature_test

import (
	"fmt"
	"io/fs"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"fm/extract"
	"fm/extract/capture"
	"fm/extract/feature"
	"fm/extract/packet"
)

func endpoint(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// captureFiles lists the captures of the repository and those below -captures.
func captureFiles(t testing.TB) []string {
	t.Helper()
	var files []string
	for _, dir := range []string{"../../testdata/captures", *captures} {
		if dir == "" {
			continue
		}
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && strings.Contains(d.Name(), ".pcap") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) == 0 {
		t.Fatal("no captures")
	}
	return files
}

// cutSource cuts frames as a snapshot length would.
type cutSource struct {
	extract.Source
	snap uint32
}

func (s cutSource) Fill(b *packet.Batch) error {
	err := s.Source.Fill(b)
	for i := range b.Frames {
		f := &b.Frames[i]
		f.Data.Len = min(f.Data.Len, s.snap)
	}
	return err
}

// TestCut checks that no row of the default set changes when a capture is cut to 128
// bytes a packet: columns that do learn how a capture was made, not what it shows.
func TestCut(t *testing.T) {
	set, err := feature.Build("fm", nil)
	if err != nil {
		t.Fatal(err)
	}
	longer := 0
	for _, path := range captureFiles(t) {
		var got [2]*rows
		var damage [2]error
		for i := range got {
			src, err := capture.Open([]string{path}, capture.Options{})
			if err != nil {
				break // no capture: the readers' tests say which
			}
			if i == 0 {
				got[i], damage[i] = run(set, src)
			} else {
				got[i], damage[i] = run(set, cutSource{src, packet.SampleFrame})
			}
			src.Close()
		}
		if got[0] == nil || got[1] == nil {
			continue
		}
		if fmt.Sprint(damage[0]) != fmt.Sprint(damage[1]) {
			t.Errorf("%s: error %v, when cut %v", path, damage[0], damage[1])
		}
		whole, cut := got[0], got[1]
		if len(whole.rows) != len(cut.rows) {
			t.Errorf("%s: %d flows, %d when cut", path, len(whole.rows), len(cut.rows))
			continue
		}
		for i, row := range whole.rows {
			if whole.flows[i] != cut.flows[i] {
				t.Errorf("%s: flow %d is %v, when cut %v", path, i+1, whole.flows[i], cut.flows[i])
				break
			}
			for k, v := range row {
				if c := cut.rows[i][k]; c != v && (c == c || v == v) {
					t.Errorf("%s: flow %d: column %s is %v, when cut %v", path, i+1, set.Columns[k].Name, v, c)
				}
			}
			longer++
		}
	}
	if longer < 100 {
		t.Errorf("%d flows only", longer)
	}
}
