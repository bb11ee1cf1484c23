package main

import (
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fm/dataset"
	"fm/extract/feature"
)

// A model that was trained on a tool's table serves packets only if their columns are the
// table's. Of every set, each number that is read from a table in the tool's layout, as
// training and judging read it, is the very one that packets give: missing on both sides or
// equal to the last bit. Deepfence's file cuts what its own model reads whole, as does the set.
func TestServedNumbers(t *testing.T) {
	const captures = "../../testdata/captures/"
	for _, d := range feature.Sets() {
		set, err := feature.Build(d.Name, map[string]string{feature.Faithful: "true"})
		if d.Name == defaultSet || err != nil || set.Original == nil {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			extract := func(layout string) string {
				args := []string{"extract", "-q", "--set", d.Name, "--set-option", "faithful=true", "--layout", layout, "--format", "csv", "-r",
					captures + "benign_web_web_browse-plain.pcap", captures + "benign_dns_dns_browse-calm.pcap", captures + "benign_monitoring_icmp_monitor-checks.pcap",
					captures + "malicious_bruteforce_brute_ssh-fast.pcap", captures + "malicious_dos_flood_syn-ports.pcap"}
				var stderr strings.Builder
				cmd := exec.Command("fm", args...)
				cmd.Stderr = &stderr
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("fm %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
				}
				path := filepath.Join(t.TempDir(), layout+".csv")
				if err := os.WriteFile(path, out, 0o666); err != nil {
					t.Fatal(err)
				}
				return path
			}
			written, packets := tableOf(t, extract("original"), newPipeline(set)), tableOf(t, extract("native"), nil)
			if len(written.rows) != len(packets.rows) || len(written.rows) < 5 {
				t.Fatalf("%d rows, %d from packets", len(written.rows), len(packets.rows))
			}
			compared := 0
			for _, c := range set.Columns {
				w, both := written.place[c.Name]
				p, ok := packets.place[c.Name]
				if !both || !ok || c.Role != dataset.Feature {
					continue
				}
				for r := range written.rows {
					x, y := written.rows[r][w], packets.rows[r][p]
					cut := d.Name == "deepfence" && math.Abs(x-y) <= 0.5000001e-6
					if x != y && !(math.IsNaN(x) && math.IsNaN(y)) && !cut {
						t.Errorf("row %d: column %s is %v in the table, %v from packets", r+1, c.Name, x, y)
						break
					}
					compared++
				}
			}
			if compared < 20*len(written.rows) && d.Name != "flowcontainer" {
				t.Errorf("only %d numbers compared", compared)
			}
		})
	}
}

// numbersOf are the numbers of a table.
type numbersOf struct {
	place map[string]int
	rows  [][]float64
}

// tableOf reads the numbers of a table without a card as one that the set of p wrote, nil
// for none.
func tableOf(t *testing.T, path string, p *pipeline) numbersOf {
	t.Helper()
	tab, err := dataset.OpenTable(path)
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	asWritten(tab, p)
	n := numbersOf{place: tab.Schema.Places()}
	for {
		row := make([]float64, len(tab.Schema.Columns))
		switch err := tab.Next(row); err {
		case io.EOF:
			return n
		case nil:
			n.rows = append(n.rows, row)
		default:
			t.Fatal(err)
		}
	}
}
