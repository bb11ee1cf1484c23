//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Ctrl-C between two files of a rotation: the file in hand is completed as the others were,
// its card says that the run was not, and nothing else is left.
func TestInterruptRotation(t *testing.T) {
	dir := t.TempDir()
	// A second of traffic, then 256 s of none: the first flows are over, and rows come, while
	// the input goes on.
	capture := udpCapture(1000)
	later := udpCaptureFrom(1000, 500)[24:]
	const record = 16 + 14 + 20 + 8 + 4
	for i := 0; i < len(later); i += record {
		later[i+1] += 1 // 256 s
	}
	s := startOnPipe(t, append(capture, later...), "extract", "-r", "-", "-o", filepath.Join(dir, "rows.csv"), "--columns", "first_frame,end_reason", "--rotate", "400rows")
	time.Sleep(500 * time.Millisecond)
	s.cmd.Process.Signal(os.Interrupt)
	if status := s.wait(t); status != exitInterrupted {
		t.Errorf("status %d; stderr %q", status, s.errs.String())
	}
	names, err := filepath.Glob(filepath.Join(dir, "rows-*.csv"))
	entries, _ := os.ReadDir(dir)
	if err != nil || len(names) < 3 || len(entries) != 2*len(names) {
		t.Fatalf("%d files, %v", len(names), entries)
	}
	total := 0
	for i, name := range names {
		rows, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n := bytes.Count(rows, []byte("\n")) - 1
		total += n
		last := i == len(names)-1
		if n < 1 || n > 400 || n != 400 && !last {
			t.Errorf("%s: %d rows", name, n)
		}
		card, err := os.ReadFile(name + ".card.json")
		if err != nil || bytes.Contains(card, []byte(`"complete": true`)) == last {
			t.Errorf("%s: card: %v %.200s", name, err, card)
		}
	}
	if total < 1000 || total > 1500 || strings.Contains(s.errs.String(), "error") {
		t.Errorf("%d rows; stderr %q", total, s.errs.String())
	}
}
