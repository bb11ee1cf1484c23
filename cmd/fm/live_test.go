//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"fm/extract"
	"fm/extract/capture"
	"fm/extract/capture/veth"
	"fm/extract/feature"
	"fm/extract/output"
	"fm/extract/packet"
)

// The live tests need root: each makes a network namespace of its own.
//
//	go test ./cmd/fm -run Live -live
var liveFlag = flag.Bool("live", false, "run the tests that capture live (as root)")

func needLive(t *testing.T) {
	t.Helper()
	if !*liveFlag {
		t.Skip("captures live as root: give -live")
	}
}

// cableFrames are the Ethernet frames of the captures that fit through a cable, at most most.
func cableFrames(t *testing.T, most int) [][]byte {
	t.Helper()
	dir := "../../testdata/captures"
	if *capturesDir != "" {
		dir = filepath.Join(*capturesDir, "benign")
	}
	src, err := capture.Open([]string{dir}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var all [][]byte
	var b packet.Batch
	for len(all) < most {
		b.Reset()
		if err := src.Fill(&b); err != nil {
			break
		}
		for i := range b.Frames {
			if data := b.Bytes(b.Frames[i].Data); b.Frames[i].Link == 1 && veth.Sendable(data) {
				all = append(all, bytes.Clone(data))
			}
		}
	}
	if len(all) < 5000 {
		t.Fatalf("only %d frames to replay", len(all))
	}
	return all[:min(most, len(all))]
}

// rowsOf meters src as the commands do and returns the lines of its CSV, header left out.
func rowsOf(ctx context.Context, t *testing.T, src extract.Source, p *pipeline, workers int) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.csv")
	w, err := output.Create(path, output.Options{Schema: p.schema})
	if err != nil {
		t.Fatal(err)
	}
	m := extract.Meter{Set: p.set, Workers: workers}
	stats, err := m.Run(ctx, src, w)
	var interrupted *extract.Interrupted
	if err != nil && !errors.As(err, &interrupted) {
		t.Fatal(err)
	}
	if stats.Dropped > 0 {
		t.Fatalf("the kernel dropped %d frames: the rows cannot be the same", stats.Dropped)
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")[1:]
}

// The same packets give the same rows live and offline, in every set: captures are
// replayed through a cable, what the live source delivered is recorded, and the rows of
// that file are those of the live run, in the same order. Only the reason of flows open at
// the end may differ.
func TestLiveRows(t *testing.T) {
	needLive(t)
	frames := cableFrames(t, 60_000)
	// Timeouts that fall into the pauses of the replay, where a set has any.
	options := map[string][]string{"nfstream": {"idle_timeout=4"}}
	for _, d := range feature.Sets() {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			s := setFlags{set: d.Name, options: options[d.Name]}
			set, err := s.build((&app{ui: &ui{}}).extractCommand())
			if err != nil {
				t.Fatal(err)
			}
			liveRows(t, newPipeline(set), frames)
		})
	}
}

func liveRows(t *testing.T, p *pipeline, frames [][]byte) {
	recorded := filepath.Join(t.TempDir(), "live.pcap")
	f, err := os.Create(recorded)
	if err != nil {
		t.Fatal(err)
	}
	var live []string
	err = veth.Do(func() error {
		ring, err := capture.Listen(veth.Right, capture.LiveOptions{})
		if err != nil {
			return err
		}
		src := capture.Record(ring, f)
		defer src.Close()
		s, err := veth.NewSender(veth.Left)
		if err != nil {
			return err
		}
		defer s.Close()
		ctx, cancel := context.WithCancel(context.Background())
		sent := make(chan error, 1)
		go func() {
			// In three bursts, so that the clock of a silent line takes part.
			var err error
			for part := range 3 {
				if err == nil {
					err = veth.Replay(s, frames[part*len(frames)/3:(part+1)*len(frames)/3], 10_000) // two sets at a time
				}
				time.Sleep(6 * time.Second) // longer than a closed flow is kept
			}
			sent <- err
			cancel()
		}()
		live = rowsOf(ctx, t, src.(extract.Source), p, 2)
		return <-sent
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 3} {
		src, err := capture.Open([]string{recorded}, capture.Options{})
		if err != nil {
			t.Fatal(err)
		}
		offline := rowsOf(context.Background(), t, src, p, workers)
		src.Close()
		if n := src.Inputs()[0].Frames; n != uint64(len(frames)) {
			t.Errorf("%d frames recorded of %d sent", n, len(frames))
		}
		compareRows(t, live, offline, p.set.Tool == "" || p.set.Name == "nfstream")
	}
	t.Logf("%d rows of %d frames", len(live), len(frames))
}

// reasonColumn is the place of end_reason in the native layout.
const reasonColumn = 11

// compareRows holds the rows of a live run against those of its recording; some of them
// must have been over before the end if ends says so.
func compareRows(t *testing.T, live, offline []string, ends bool) {
	t.Helper()
	if len(live) != len(offline) {
		t.Fatalf("%d rows live, %d offline", len(live), len(offline))
	}
	if len(live) < 100 {
		t.Fatalf("only %d rows to compare", len(live))
	}
	open, bad := 0, 0
	for i := range live {
		a, b := strings.Split(live[i], ","), strings.Split(offline[i], ",")
		if b[reasonColumn] == "input" {
			a[reasonColumn], b[reasonColumn] = "", ""
			open++
		}
		if x, y := strings.Join(a, ","), strings.Join(b, ","); x != y {
			if bad++; bad <= 3 {
				t.Errorf("row %d:\nlive    %s\noffline %s", i, live[i], offline[i])
			}
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d rows differ", bad, len(live))
	}
	if ends && open == len(live) {
		t.Error("all flows were open at the end: nothing was compared by reason")
	}
}

// The program itself on an interface: rows come while it runs, an idle flow at most half
// a second after its timeout, Ctrl-C writes the flows in progress and the counters, and the
// status is 0.
func TestLiveCommand(t *testing.T) {
	needLive(t)
	for _, name := range []string{veth.Right, capture.Any} {
		var cmd *exec.Cmd
		var out, errs lockedBuffer
		err := veth.Do(func() error {
			cmd = exec.Command("fm", "extract", "-i", name, "--idle", "1s", "--columns", "src_ip,end_reason")
			cmd.Stdout, cmd.Stderr = &out, &errs
			if err := cmd.Start(); err != nil {
				return err
			}
			if err := waitFor(10*time.Second, func() bool { return strings.Contains(errs.String(), "listening on "+name) }); err != nil {
				return fmt.Errorf("%w; stderr %q", err, errs.String())
			}
			s, err := veth.NewSender(veth.Left)
			if err != nil {
				return err
			}
			defer s.Close()
			whole := udpCapture(2)
			frame := func(i int) []byte { return whole[24+16+i*62 : 24+(i+1)*62] }
			if err := veth.Replay(s, [][]byte{frame(0)}, 0); err != nil {
				return err
			}
			sent := time.Now()
			if err := waitFor(3*time.Second, func() bool { return strings.Contains(out.String(), "10.0.0.0,idle\n") }); err != nil {
				return fmt.Errorf("%w: the idle flow; stdout %q", err, out.String())
			}
			// A second of idleness and half a second of grace; on a busy machine a little more.
			if late := time.Since(sent) - time.Second; late > 500*time.Millisecond {
				t.Errorf("%s: the idle flow came %v after its timeout", name, late)
			}
			if err := veth.Replay(s, [][]byte{frame(1)}, 0); err != nil {
				return err
			}
			time.Sleep(300 * time.Millisecond)
			return cmd.Process.Signal(syscall.SIGINT)
		})
		if err != nil {
			if cmd != nil && cmd.Process != nil {
				cmd.Process.Kill()
			}
			t.Fatal(err)
		}
		cmd.Wait()
		if status := cmd.ProcessState.ExitCode(); status != 0 {
			t.Errorf("%s: status %d, stderr %q", name, status, errs.String())
		}
		if !strings.HasSuffix(out.String(), "10.0.0.1,input\n") {
			t.Errorf("%s: the open flow is missing: stdout %q", name, out.String())
		}
		if !strings.Contains(errs.String(), "2 packets, 2 flows from 1 input") && name != capture.Any {
			t.Errorf("%s: no counters: stderr %q", name, errs.String())
		}
	}
}

// Without the right to capture, the message says how to give it.
func TestLiveRights(t *testing.T) {
	needLive(t)
	exe, err := exec.LookPath("fm")
	if err != nil {
		t.Fatal(err)
	}
	// A copy that anybody may run.
	dir, err := os.MkdirTemp("/tmp", "fm-rights-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "fm")
	if err := os.WriteFile(bin, data, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "extract", "-i", "lo")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	cmd.Dir = dir
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(text), "setcap cap_net_raw") {
		t.Errorf("%v: %s", err, text)
	}
}

// waitFor polls until done.
func waitFor(limit time.Duration, done func() bool) error {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if done() {
			return nil
		}
	}
	return errors.New("did not happen in " + limit.String())
}
