package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fm/dataset"
	"fm/extract/feature"
	"fm/extract/output"
)

// Of every set and layout: no row says an address, MAC or identifier that the rows say
// without --anonymize, and every number is the same.
func TestAnonymizeEverySet(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, bytes.Repeat([]byte("k"), 32), 0o600); err != nil {
		t.Fatal(err)
	}
	captures := []string{"-r", "../../testdata/captures/benign_web_web_browse-plain.pcap", "../../testdata/captures/benign_web_web_browse-v6.pcapng",
		"../../testdata/captures/benign_monitoring_icmp_monitor-checks.pcap", "../../testdata/captures/benign_media_udp_media-call.pcap"}
	fm := func(args ...string) string {
		t.Helper()
		var stderr strings.Builder
		cmd := exec.Command("fm", append(append([]string{"extract", "-q"}, captures...), args...)...)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("fm %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
		}
		return string(out)
	}
	secrets := map[string]bool{}
	for _, row := range cellsOf(t, fm("--columns", "community_id,src_ip,dst_ip"))[1:] {
		for _, s := range row {
			secrets[s] = true
		}
	}
	if len(secrets) < 20 {
		t.Fatalf("only %d addresses and identifiers", len(secrets))
	}
	for _, d := range feature.Sets() {
		for _, layout := range []string{"native", "original"} {
			set, err := feature.Build(d.Name, nil)
			if err != nil {
				t.Fatal(err)
			}
			if layout == "original" && set.Original == nil {
				continue
			}
			t.Run(d.Name+"/"+layout, func(t *testing.T) {
				args := []string{"--set", d.Name, "--layout", layout, "--format", "csv"}
				open := cellsOf(t, fm(args...))
				shut := cellsOf(t, fm(append(args, "--anonymize", "addresses,macs", "--anonymize-key", key)...))
				if len(open) < 5 || len(open) != len(shut) {
					t.Fatalf("%d rows, %d with --anonymize", len(open), len(shut))
				}
				role := map[string]dataset.Role{}
				for _, c := range set.Columns {
					role[c.Name] = c.Role
				}
				told := map[string]bool{}
				for i := range open {
					for c, cell := range shut[i] {
						name := shut[0][c]
						if r, ok := role[name]; ok && r == dataset.Feature && cell != open[i][c] {
							t.Fatalf("row %d: column %s is %s, %s with --anonymize", i, name, open[i][c], cell)
						}
						if leaks(cell, secrets) && !told[name] {
							told[name] = true
							t.Errorf("row %d: column %s tells %s", i, name, cell)
						}
						if i > 0 && (strings.HasSuffix(name, "_mac") || name == "uid" || name == "Flow ID" || name == "fiveTuple") && cell == open[i][c] && cell != "ff:ff:ff:ff:ff:ff" && cell != "00:00:00:00:00:00" {
							t.Fatalf("row %d: column %s is %s still", i, name, cell)
						}
					}
				}
			})
		}
	}
}

// leaks tells whether a cell has one of the secrets in it, as a whole word.
func leaks(cell string, secrets map[string]bool) bool {
	if secrets[cell] {
		return true
	}
	for _, word := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(" -_,;()[]{}'\"", r) }) {
		if secrets[word] {
			return true
		}
	}
	return false
}

func cellsOf(t *testing.T, text string) [][]string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// An interface is called in rows as in the error that ends listening on it.
func TestHiddenInterface(t *testing.T) {
	z := anonymizeFlags{by: output.NewAnonymizer([output.KeyBytes]byte{1}, output.Names)}
	down := errors.New("listen on eth0: the interface went down")
	if got, want := z.listening(down, "eth0").Error(), "listen on "+z.name("eth0")+": the interface went down"; got != want || !errors.Is(z.listening(down, "eth0"), down) {
		t.Errorf("%s, want %s", got, want)
	}
	if z.listening(nil, "eth0") != nil {
		t.Error("no error becomes one")
	}
}
