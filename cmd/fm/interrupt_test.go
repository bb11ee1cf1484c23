//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A command that has written nothing yet ends at the first signal, whatever it waits for.
func TestInterruptAtOnce(t *testing.T) {
	for _, c := range []struct {
		signal os.Signal
		args   []string
	}{
		{os.Interrupt, []string{"show"}},
		{syscall.SIGTERM, []string{"import", "-o", "out.fm"}},
		{os.Interrupt, []string{"export", "--to", "xgboost", "-o", "out.json"}},
	} {
		dir := t.TempDir()
		if err := syscall.Mkfifo(filepath.Join(dir, "model"), 0o600); err != nil {
			t.Fatal(err)
		}
		s := &started{cmd: exec.Command("fm", append(c.args, "model")...), errs: &bytes.Buffer{}}
		s.cmd.Dir, s.cmd.Stderr = dir, s.errs
		if err := s.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.cmd.Process.Kill() })
		// Opened for writing, the pipe has a reader: the command is at work.
		w, err := os.OpenFile(filepath.Join(dir, "model"), os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		time.Sleep(100 * time.Millisecond)
		s.cmd.Process.Signal(c.signal)
		if status := s.wait(t); status != exitInterrupted {
			t.Errorf("%v: status %d; stderr %q", c.args, status, s.errs.String())
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 1 {
			t.Errorf("%v: left behind: %v", c.args, entries)
		}
	}
}
