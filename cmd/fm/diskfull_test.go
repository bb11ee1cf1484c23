//go:build linux

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A full disk (a tmpfs of its own, so as root) ends a run with status 1 and a message that
// names file and cause; nothing incomplete is left, neither a file nor what lay beside it.
func TestDiskFull(t *testing.T) {
	needLive(t)
	dir := t.TempDir()
	many, few := filepath.Join(dir, "many.pcap"), filepath.Join(dir, "few.pcap")
	write(t, many, udpCapture(20000))
	write(t, few, udpCapture(400))
	for _, c := range []struct{ args, file string }{
		{"extract -r " + many + " -o FULL/rows.csv", "rows.csv"},
		{"extract -r " + many + " -o FULL/rows.parquet", "rows.parquet"},
		{"extract -r " + many + " -o FULL/rows.jsonl.gz", "rows.jsonl.gz"},
		{"extract -r " + many + " --rotate 100kB -o FULL/rows.csv", "rows-20231114T221320Z-0001.csv"},
		{"extract -r " + many + " --set zeek-flowmeter --layout original --set-option ignore_checksums=true -o FULL/logs/", "logs/flowmeter.log"},
		{"classify -r " + many + " -o FULL/verdicts.csv", "verdicts.csv"},
		{"train --kind logistic --c 1 --benign " + many + " --malicious " + few + " -o FULL/model.fm", "model.fm"},
	} {
		full := t.TempDir()
		script := fmt.Sprintf("mount -t tmpfs -o size=16k tmpfs %[1]s && (fm %[2]s >/dev/null; echo status $?; ls -A %[1]s)", full, strings.ReplaceAll(c.args, "FULL", full))
		text, err := exec.Command("unshare", "-m", "sh", "-c", script).CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		want := fmt.Sprintf("write %s/%s: no space left on device\n", full, c.file)
		if !strings.Contains(string(text), "fm: error: ") || !strings.Contains(string(text), want) || !strings.HasSuffix(string(text), "status 1\n") {
			t.Errorf("fm %s: want %q and status 1 at the end:\n%s", c.args, want, text)
		}
	}
}
