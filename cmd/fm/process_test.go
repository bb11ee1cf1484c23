//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// result is what a run of fm left behind.
type result struct {
	stdout, stderr string
	status         int
}

// fm runs the program with stdin and waits.
func fm(t *testing.T, stdin io.Reader, args ...string) result {
	t.Helper()
	cmd := exec.Command("fm", args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// A capture cut at every byte of its first 2 kB keeps the rows before the cut, ends with
// status 1, and the warning names offset and cause.
func TestCutCapture(t *testing.T) {
	const header, record, flows = 24, 16 + 46, 40 // of udpCapture
	dir := t.TempDir()
	name := func(n int) string { return filepath.Join(dir, fmt.Sprint(n, ".pcap")) }
	var all []string
	for n := range 2048 {
		write(t, name(n), udpCaptureFrom(n*flows, flows)[:n])
		if n >= header {
			all = append(all, name(n))
		}
	}
	// Inside the file header there is nothing to keep.
	for n := range header {
		r := fm(t, nil, "extract", "-r", name(n))
		if r.status != 1 || strings.Count(r.stdout, "\n") > 1 || !strings.Contains(r.stderr, name(n)) {
			t.Errorf("cut at %d: status %d, stdout %q, stderr %q", n, r.status, r.stdout, r.stderr)
		}
	}
	// All others in one run, for speed: their flows are apart, and each warns for itself.
	rows := map[string]int{}
	r := fm(t, nil, append([]string{"extract", "--columns", "source,first_frame", "-r"}, all...)...)
	for l := range strings.Lines(r.stdout) {
		path, _, _ := strings.Cut(l, ",")
		rows[path]++
	}
	warnings := map[string]string{}
	for l := range strings.Lines(r.stderr) {
		if w, ok := strings.CutPrefix(l, "fm: warning: read "); ok {
			path, text, _ := strings.Cut(w, ": ")
			warnings[path] = strings.TrimSpace(text)
		}
	}
	if r.status != 1 {
		t.Errorf("status %d", r.status)
	}
	for n := header; n < 2048; n++ {
		path := name(n)
		frames, left := (n-header)/record, (n-header)%record
		if rows[path] != frames {
			t.Errorf("cut at %d: %d rows, want %d", n, rows[path], frames)
		}
		want := fmt.Sprintf("cut at byte %d, frame %d: the data ends inside a record", header+frames*record, frames+1)
		if left == 0 {
			if w, ok := warnings[path]; ok {
				t.Errorf("cut at %d, between records: warning %q", n, w)
			}
		} else if !strings.HasPrefix(warnings[path], want) {
			t.Errorf("cut at %d: warning %q, want %q", n, warnings[path], want)
		}
	}
}

// A record that claims to have been shorter on the wire than what it holds is noted once.
func TestShortWire(t *testing.T) {
	path := filepath.Join(t.TempDir(), "short.pcap")
	data := udpCapture(2)
	data[24+12] = 20 // the length on the wire of the first record
	write(t, path, data)
	r := fm(t, nil, "extract", "-r", path)
	if r.status != 0 || !strings.Contains(r.stderr, "fm: noted: 1 wire lengths below the captured ones\n") {
		t.Errorf("status %d, stderr %q", r.status, r.stderr)
	}
}

// `fm extract | head` ends quietly with status 0.
func TestClosedPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "many.pcap")
	write(t, path, udpCapture(30000))
	for _, args := range [][]string{{"extract", "-r", path}, {"classify", "-r", path, "--format", "jsonl"}, {"features", "--set", "fm", "--format", "json"}} {
		cmd := exec.Command("fm", args...)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReaderSize(out, 16).ReadSlice(',')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			t.Errorf("%s: no output: %q, %v", args[0], line, err)
		}
		out.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", args[0], err)
		}
		if args[0] != "features" && errs.Len() > 0 {
			t.Errorf("%s: stderr %q", args[0], errs.String())
		}
	}
}

// started is a run of fm that reads a capture from a pipe which stays open.
type started struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	errs *bytes.Buffer
}

func startOnPipe(t *testing.T, capture []byte, args ...string) *started {
	t.Helper()
	s := &started{cmd: exec.Command("fm", args...), errs: &bytes.Buffer{}}
	s.cmd.Stderr = s.errs
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.cmd.Process.Kill(); s.in.Close() })
	if _, err := s.in.Write(capture); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *started) wait(t *testing.T) int {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- s.cmd.Wait() }()
	select {
	case err := <-done:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("still running; stderr %q", s.errs.String())
	}
	return s.cmd.ProcessState.ExitCode()
}

// Ctrl-C in the middle of a file: flows in progress are written, the file is complete,
// status 130. The input is a pipe that is silent, so that the middle lasts.
func TestInterrupt(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		dir := t.TempDir()
		out := filepath.Join(dir, "rows.csv")
		s := startOnPipe(t, udpCapture(5000), "extract", "-r", "-", "-o", out, "--columns", "first_frame,end_reason")
		time.Sleep(500 * time.Millisecond)
		if entries, _ := os.ReadDir(dir); len(entries) != 1 || entries[0].Name() == "rows.csv" {
			t.Errorf("while running: %v", entries)
		}
		if err := s.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		s.cmd.Process.Signal(sig) // as timeout(1) does, to the process and its group: one wish
		if status := s.wait(t); status != exitInterrupted {
			t.Errorf("%v: status %d, want %d; stderr %q", sig, status, exitInterrupted, s.errs.String())
		}
		rows, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		n := bytes.Count(rows, []byte("\n")) - 1
		if n < 1 || n > 5000 || !bytes.HasSuffix(rows, []byte(",input\n")) {
			t.Errorf("%v: %d rows, end %q", sig, n, rows[max(0, len(rows)-40):])
		}
		card, err := os.ReadFile(out + ".card.json")
		if err != nil || !bytes.Contains(card, []byte(`"complete": false`)) {
			t.Errorf("%v: card: %v %.200s", sig, err, card)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 2 {
			t.Errorf("%v: left behind: %v", sig, entries)
		}
	}
}

// Ctrl-C is heard while a named pipe has no writer, and while its writer is silent inside a record.
func TestInterruptFIFO(t *testing.T) {
	for _, n := range []int{0, 24 + 2*62 + 30} {
		path := filepath.Join(t.TempDir(), "pipe")
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		s := &started{cmd: exec.Command("fm", "extract", "-r", path), errs: &bytes.Buffer{}}
		var out bytes.Buffer
		s.cmd.Stdout, s.cmd.Stderr = &out, s.errs
		if err := s.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.cmd.Process.Kill() })
		if n > 0 {
			w, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if _, err := w.Write(udpCapture(3)[:n]); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(300 * time.Millisecond)
		s.cmd.Process.Signal(os.Interrupt)
		if status := s.wait(t); status != exitInterrupted {
			t.Errorf("%d bytes: status %d; stderr %q", n, status, s.errs.String())
		}
		if rows := strings.Count(out.String(), "\n"); n > 0 && rows != 3 {
			t.Errorf("%d bytes: %d lines, want the header and two", n, rows)
		}
	}
}

// Training that is interrupted leaves no model and nothing beside.
func TestInterruptTrain(t *testing.T) {
	dir := t.TempDir()
	benign := filepath.Join(dir, "benign.pcap")
	write(t, benign, udpCapture(100))
	s := startOnPipe(t, udpCapture(10), "train", "--benign", benign, "--malicious", "-", "-o", filepath.Join(dir, "model.fm"))
	time.Sleep(300 * time.Millisecond)
	s.cmd.Process.Signal(os.Interrupt)
	if status := s.wait(t); status != exitInterrupted {
		t.Errorf("status %d; stderr %q", status, s.errs.String())
	}
	if !strings.HasSuffix(s.errs.String(), "fm: interrupted: nothing was written\n") {
		t.Errorf("stderr %q", s.errs.String())
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

// lockedBuffer may be read while a process writes to it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
