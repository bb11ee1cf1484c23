//go:build linux && !pcap

package capture

import (
	"flag"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"fm/extract/capture/veth"
	"fm/extract/packet"
)

// How much TestLiveRate sends; the figure to hold is
//
//	go test ./extract/capture -run LiveRate -v -live -rate 500000 -seconds 10
var (
	liveRate    = flag.Int("rate", 200_000, "packets a second of TestLiveRate")
	liveSeconds = flag.Int("seconds", 1, "how long TestLiveRate sends")
	liveSize    = flag.Int("size", 600, "bytes of a frame in TestLiveRate")
)

// TestLiveRate sends for a while at a rate, and requires that nothing is lost.
func TestLiveRate(t *testing.T) {
	needLive(t)
	rate, total := *liveRate, *liveRate**liveSeconds
	frame := make([]byte, *liveSize)
	copy(frame, builtFrames()[0])
	var frames, wireBytes, batches uint64
	var drops uint64
	var took, cpu time.Duration
	err := veth.Do(func() error {
		ring, err := Listen(veth.Right, LiveOptions{})
		if err != nil {
			return err
		}
		defer ring.Close()
		s, err := veth.NewSender(veth.Left)
		if err != nil {
			return err
		}
		defer s.Close()
		done := make(chan error, 1)
		begun := time.Now()
		go func() {
			for sent := 0; sent < total; sent++ {
				if err := s.Add(frame); err != nil {
					done <- err
					return
				}
				if sent%burst == burst-1 {
					veth.Pace(begun, sent+1, rate)
				}
			}
			err := s.Flush()
			took = time.Since(begun)
			done <- err
		}()
		var b packet.Batch
		before := threadCPU()
		for last := time.Now(); frames < uint64(total) && time.Since(last) < time.Second; {
			b.Reset()
			if err := ring.Fill(&b); err != nil {
				return err
			}
			if n := len(b.Frames); n > 0 {
				last = time.Now()
				frames += uint64(n)
				batches++
				for i := range b.Frames {
					wireBytes += uint64(b.Frames[i].WireLen)
				}
			}
		}
		cpu = threadCPU() - before
		drops = ring.Dropped()
		return <-done
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d sent in %v (%.0f a second), %d received in %d batches, %d dropped, %d ns of CPU each",
		total, took.Round(time.Millisecond), float64(total)/took.Seconds(), frames, batches, drops, cpu.Nanoseconds()/int64(max(frames, 1)))
	if drops != 0 || frames != uint64(total) || wireBytes != uint64(total)*uint64(len(frame)) {
		t.Errorf("%d of %d frames received, %d dropped", frames, total, drops)
	}
	if float64(total)/took.Seconds() < 0.9*float64(rate) {
		t.Logf("the sender did not reach the rate")
	}
}

// burst is how many frames the sender hands over at once.
const burst = 64

// threadCPU is what the calling thread, which veth.Do keeps for itself, has used.
func threadCPU() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
