package extract_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fm/extract"
	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/flowtest"
	"fm/extract/packet"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sourceFunc is a source made of a function.
type sourceFunc func(b *packet.Batch) error

func (f sourceFunc) Fill(b *packet.Batch) error { return f(b) }
func (f sourceFunc) Inputs() []packet.Input     { return nil }
func (f sourceFunc) Close() error               { return nil }

// sinkFunc is a sink made of a function.
type sinkFunc func(recs []extract.Record) error

func (f sinkFunc) Renderer() extract.Renderer        { return nil }
func (f sinkFunc) Write(recs []extract.Record) error { return f(recs) }

// stage is a stage made of a function.
type stage struct {
	pure    bool
	process func(recs []extract.Record) error
}

func (s stage) Process(recs []extract.Record) error { return s.process(recs) }
func (s stage) Pure() bool                          { return s.pure }

func nativeSet() *feature.Set { return &feature.Set{Name: "native", Life: flow.NewNative(0, 0)} }

func TestSourceErrorKeepsWhatCame(t *testing.T) {
	bad := errors.New("read x.pcap: cut at byte 77")
	src := &cutSource{src: flowtest.Flood(5000).Source(), rand: newRand(1)}
	left := 4321
	var recs int
	stats, err := (&extract.Meter{Set: nativeSet(), Workers: 3}).Run(context.Background(), sourceFunc(func(b *packet.Batch) error {
		err := src.Fill(b)
		if len(b.Frames) >= left {
			b.Frames = b.Frames[:left]
			err = bad
		}
		left -= len(b.Frames)
		return err
	}), sinkFunc(func(r []extract.Record) error { recs += len(r); return nil }))
	if err != bad {
		t.Errorf("error %v, want %v", err, bad)
	}
	if recs != 4321 || stats.Frames != 4321 || stats.Ended[flow.Input] != 4321 || stats.Records != 4321 {
		t.Errorf("%d records of %d frames (%+v), want 4321 of each", recs, stats.Frames, stats)
	}
}

func TestCancelFlushesOpenFlows(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	src := flowtest.Flood(1 << 20).Source()
	fills, recs := 0, 0
	stats, err := (&extract.Meter{Set: nativeSet(), Workers: 2}).Run(ctx, sourceFunc(func(b *packet.Batch) error {
		if fills++; fills == 20 {
			cancel()
		}
		return src.Fill(b)
	}), sinkFunc(func(r []extract.Record) error { recs += len(r); return nil }))
	var interrupted *extract.Interrupted
	if !errors.As(err, &interrupted) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want an interruption", err)
	}
	if fills != 20 || recs != 20*packet.BatchPackets || stats.Ended[flow.Input] != uint64(recs) {
		t.Errorf("%d fills, %d records, want 20 and %d", fills, recs, 20*packet.BatchPackets)
	}
}

func TestFirstErrorWins(t *testing.T) {
	full := errors.New("write flows.csv: no space left on device")
	for name, c := range map[string]struct {
		stages []extract.Stage
		sink   extract.Sink
	}{
		"sink":       {nil, sinkFunc(func([]extract.Record) error { return full })},
		"pure stage": {[]extract.Stage{stage{true, func([]extract.Record) error { return full }}}, discard{}},
		"stage":      {[]extract.Stage{stage{false, func([]extract.Record) error { return full }}}, discard{}},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int64
			sink := sinkFunc(func(r []extract.Record) error { calls.Add(1); return c.sink.Write(r) })
			n := 0
			src := flowtest.Flood(1 << 20).Source()
			// The input is so long that only an early stop ends the test soon; its clock runs fast, so that records come early.
			stats, err := (&extract.Meter{Set: nativeSet(), Workers: 3, Stages: c.stages}).Run(context.Background(), sourceFunc(func(b *packet.Batch) error {
				err := src.Fill(b)
				for i := range b.Frames {
					b.Frames[i].Time += int64(n) * 1e9
				}
				n++
				return err
			}), sink)
			if err != full {
				t.Errorf("error %v, want %v", err, full)
			}
			if stats.Records != 0 || stats.Frames == 1<<20 {
				t.Errorf("%d records, %d frames read", stats.Records, stats.Frames)
			}
			if name == "sink" && calls.Load() != 1 {
				t.Errorf("the sink was called %d times, want once", calls.Load())
			}
		})
	}
}

func TestSlowSinkHoldsTheSource(t *testing.T) {
	src := flowtest.Flood(100_000).Source()
	var ahead, most atomic.Int64
	n := 0
	_, err := (&extract.Meter{Set: nativeSet(), Workers: 2}).Run(context.Background(), sourceFunc(func(b *packet.Batch) error {
		err := src.Fill(b)
		for i := range b.Frames {
			b.Frames[i].Time += int64(n) * 200e9 // every batch ends all flows before it
		}
		n++
		most.Store(max(most.Load(), ahead.Add(int64(len(b.Frames)))))
		return err
	}), sinkFunc(func(r []extract.Record) error {
		time.Sleep(2 * time.Millisecond)
		ahead.Add(-int64(len(r)))
		return nil
	}))
	// The ring, a batch of flows in every worker, and the chunks between workers and sink.
	if limit := int64(16+2+1)*packet.BatchPackets + 2*5*1024 + 4096; err != nil || most.Load() > limit {
		t.Errorf("%d packets ahead of the sink, want at most %d (%v)", most.Load(), limit, err)
	}
}

func TestStagesSeeEveryRecordOnceInOrder(t *testing.T) {
	var pure atomic.Int64
	var seen []uint64
	var after int
	_, err := (&extract.Meter{Set: nativeSet(), Workers: 2, Stages: []extract.Stage{
		stage{true, func(recs []extract.Record) error {
			pure.Add(int64(len(recs)))
			for i := range recs {
				recs[i].Score = float64(recs[i].Flow.FirstSeq)
			}
			return nil
		}},
		stage{false, func(recs []extract.Record) error {
			for i := range recs {
				seen = append(seen, recs[i].Flow.FirstSeq)
				if recs[i].Score != float64(recs[i].Flow.FirstSeq) {
					t.Error("the earlier stage has not run")
				}
			}
			return nil
		}},
	}}).Run(context.Background(), flowtest.Flood(50_000).Source(), sinkFunc(func(recs []extract.Record) error { after += len(recs); return nil }))
	if err != nil || pure.Load() != 50_000 || after != 50_000 || len(seen) != 50_000 || !slices.IsSorted(seen) {
		t.Errorf("%d, %d, %d records, sorted %v, %v", pure.Load(), len(seen), after, slices.IsSorted(seen), err)
	}
}

func TestLimits(t *testing.T) {
	// One UDP flow a second for 1,000 s; each is over after 120 s.
	var packets []flowtest.Packet
	for i := range 1000 {
		packets = append(packets, flowtest.Packet{At: time.Duration(i) * time.Second, Proto: 17,
			Src: addrPort(fmt.Sprintf("10.0.%d.%d:1000", i/250, i%250)), Dst: addrPort("10.9.9.9:2000")})
	}
	for name, c := range map[string]struct {
		meter           extract.Meter
		packets, record uint64
	}{
		"count":         {extract.Meter{Count: 300}, 300, 300},
		"count of all":  {extract.Meter{Count: 1000}, 1000, 1000},
		"flows":         {extract.Meter{CountFlows: 7}, 0, 7},
		"no such flows": {extract.Meter{CountFlows: 2000}, 1000, 1000},
		"duration":      {extract.Meter{Duration: 500 * time.Second}, 501, 501},
		"none":          {extract.Meter{}, 1000, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			for _, workers := range []int{1, 3} {
				m := c.meter
				m.Set, m.Workers = nativeSet(), workers
				src := &cutSource{src: &flowtest.Source{Packets: packets}, rand: newRand(uint64(workers))}
				var seqs []uint64
				stats, err := m.Run(context.Background(), src, sinkFunc(func(recs []extract.Record) error {
					for i := range recs {
						seqs = append(seqs, recs[i].Flow.FirstSeq)
					}
					return nil
				}))
				if err != nil || stats.Records != c.record || c.packets > 0 && stats.Packets != c.packets {
					t.Errorf("%d workers: %d packets, %d records, error %v; want %d and %d", workers, stats.Packets, stats.Records, err, c.packets, c.record)
				}
				for i, s := range seqs {
					if s != uint64(i) {
						t.Fatalf("record %d is of packet %d", i, s)
					}
				}
			}
		})
	}
}

func TestEpochs(t *testing.T) {
	// 100 packets, one from 2106, then a long rest from the time before: the flows open
	// at the jump are lost to it, and no later one.
	at := func(i int) time.Duration { return time.Duration(i) * time.Millisecond }
	var packets []flowtest.Packet
	add := func(at time.Duration, port uint16) {
		packets = append(packets, flowtest.Packet{At: at, Proto: 17, Src: addrPort(fmt.Sprintf("10.0.0.1:%d", port)), Dst: addrPort("10.9.9.9:2000")})
	}
	for i := range 100 {
		add(at(i), 1001)
	}
	add(80*365*24*time.Hour, 1002)
	for i := 100; i < 1000; i++ {
		add(at(i), 1001)
	}
	for _, workers := range []int{1, 2, 8} {
		for seed := range uint64(30) {
			var got []string
			src := &cutSource{src: &flowtest.Source{Packets: packets}, rand: newRand(seed)}
			stats, err := (&extract.Meter{Set: nativeSet(), Workers: workers}).Run(context.Background(), src, sinkFunc(func(recs []extract.Record) error {
				for i := range recs {
					got = append(got, fmt.Sprint(recs[i].Epoch, " ", recs[i].Flow.Key.APort, " ", recs[i].Flow.Key.BPort, " ", recs[i].Flow.Seen[0], " ", recs[i].Flow.Reason))
				}
				return nil
			}))
			// The flow was silent for 80 years by the clock: over by idle. The 64 packets
			// before the step are a flow of their own, over with the epoch.
			want := []string{"0 1001 2000 100 idle", "0 1002 2000 1 idle", "0 1001 2000 64 idle", "1 1001 2000 836 input"}
			if err != nil || stats.Epochs != 1 || !slices.Equal(got, want) {
				t.Fatalf("%d workers, seed %d: %q, want %q (%d epochs, %v)", workers, seed, got, want, stats.Epochs, err)
			}
		}
	}
}

func TestCapEvictsLongestSilent(t *testing.T) {
	var packets []flowtest.Packet
	for i, port := range []uint16{1001, 1002, 1003, 1001, 1004, 1005, 1002} {
		packets = append(packets, flowtest.Packet{At: time.Duration(i) * time.Second, Proto: 17, Src: addrPort(fmt.Sprintf("10.0.0.1:%d", port)), Dst: addrPort("10.9.9.9:2000")})
	}
	var got []string
	stats, err := (&extract.Meter{Set: nativeSet(), Workers: 1, MaxFlows: 3}).Run(context.Background(), &flowtest.Source{Packets: packets}, sinkFunc(func(recs []extract.Record) error {
		for i := range recs {
			got = append(got, fmt.Sprint(recs[i].Flow.Key.APort, recs[i].Flow.Reason, recs[i].Flow.Seen[0]))
		}
		return nil
	}))
	// 1002 and 1003 were silent longest when 1004 and 1005 came, then 1001 when 1002 came again.
	want := []string{"1002 evicted 1", "1003 evicted 1", "1001 evicted 2", "1004 input 1", "1005 input 1", "1002 input 1"}
	if err != nil || !slices.Equal(got, want) || stats.Evicted() != 3 {
		t.Errorf("%q, want %q (%v)", got, want, err)
	}
	if w := stats.Warnings(); len(w) != 1 || !strings.HasPrefix(w[0].Error(), "evicted 3 of 6 flows") {
		t.Errorf("warnings %v", w)
	}
}

func TestMemoryCapHolds(t *testing.T) {
	set := countsSet()
	most := int64(32 << 20)
	// All times are equal: nothing is ever strictly before the clock.
	src := flowtest.Flood(200_000).Source()
	flat := sourceFunc(func(b *packet.Batch) error {
		err := src.Fill(b)
		for i := range b.Frames {
			b.Frames[i].Time = 1e18
		}
		return err
	})
	var peak int
	m := &extract.Meter{Set: set, Workers: 2, MaxMemory: most, Every: 1, OnStats: func(s extract.Stats) { peak = max(peak, int(s.Bytes)) }}
	stats, err := m.Run(context.Background(), flat, discard{})
	if err != nil || stats.Records != 200_000 || stats.Evicted() == 0 {
		t.Errorf("%d records, %d evicted, %v", stats.Records, stats.Evicted(), err)
	}
	if int64(peak) > most || int64(peak) < most/2 {
		t.Errorf("tables took %d bytes, want at most %d and no less than half", peak, most)
	}
	if _, err := (&extract.Meter{Set: set, Workers: 2, MaxMemory: 1000}).Run(context.Background(), flat, discard{}); err == nil || !strings.Contains(err.Error(), "at least") {
		t.Errorf("1,000 bytes: error %v", err)
	}
}

func TestFirstPacketsEnterColumns(t *testing.T) {
	var packets []flowtest.Packet
	for i := range 10 {
		packets = append(packets, flowtest.Packet{At: time.Duration(i) * 60 * time.Second, Proto: 17, Src: addrPort("10.0.0.1:1000"), Dst: addrPort("10.9.9.9:2000")})
	}
	for first, want := range map[uint64]float64{0: 10, 1: 1, 2: 2, 9: 9, 10: 10, 11: 10} {
		set := countsSet()
		set.First = first
		n := 0
		_, err := (&extract.Meter{Set: set, Workers: 1}).Run(context.Background(), &flowtest.Source{Packets: packets}, sinkFunc(func(recs []extract.Record) error {
			n += len(recs)
			if r := &recs[0]; r.Row[0] != want || r.Flow.Seen[0] != 10 || r.Flow.Last-r.Flow.Start != 540e9 {
				t.Errorf("first %d: %v packets in columns, %d seen, want %v and 10", first, r.Row[0], r.Flow.Seen[0], want)
			}
			return nil
		}))
		if err != nil || n != 1 {
			t.Errorf("first %d: %d records, %v", first, n, err)
		}
	}
}

// fakeLine is a live source on the clock of a synctest bubble: each Fill takes 50 ms.
type fakeLine struct {
	src     flowtest.Source
	packets []flowtest.Packet
	start   time.Time
	end     time.Duration
}

func (l *fakeLine) Fill(b *packet.Batch) error {
	time.Sleep(50 * time.Millisecond)
	n := 0
	for n < len(l.packets) && l.packets[n].At <= time.Since(l.start) {
		n++
	}
	l.src.Packets = append(l.src.Packets, l.packets[:n]...)
	l.packets = l.packets[n:]
	if err := l.src.Fill(b); err != nil && err != io.EOF {
		return err
	}
	if time.Since(l.start) >= l.end {
		return io.EOF
	}
	return nil
}

func (l *fakeLine) Inputs() []packet.Input { return nil }
func (l *fakeLine) Close() error           { return nil }
func (l *fakeLine) Clock() int64 {
	return flowtest.Start + int64(time.Since(l.start)-200*time.Millisecond)
}
func (l *fakeLine) Dropped() uint64 { return 3 }

// TestLiveFlowsComeOutInTime runs on a clock that moves only when everybody waits.
func TestLiveFlowsComeOutInTime(t *testing.T) {
	packets := []flowtest.Packet{
		{At: 10 * time.Millisecond, Proto: 17, Src: addrPort("10.0.0.1:1000"), Dst: addrPort("10.9.9.9:2000")},
		{At: 20 * time.Second, Proto: 17, Src: addrPort("10.0.0.1:1001"), Dst: addrPort("10.9.9.9:2000")},
		{At: 200 * time.Second, Proto: 17, Src: addrPort("10.0.0.1:1001"), Dst: addrPort("10.9.9.9:2000")},
	}
	for _, workers := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			line := &fakeLine{packets: packets, end: 250 * time.Second, start: time.Now()}
			var got []string
			stats, err := (&extract.Meter{Set: nativeSet(), Workers: workers}).Run(context.Background(), line, sinkFunc(func(recs []extract.Record) error {
				for i := range recs {
					f := &recs[i].Flow
					got = append(got, fmt.Sprint(time.Duration(f.Start-flowtest.Start), " ", f.Reason))
					late := time.Duration(flowtest.Start + int64(time.Since(line.start)) - (f.Last + 120e9))
					if f.Reason == flow.Idle && (late < 0 || late > 500*time.Millisecond) {
						t.Errorf("the flow of %v came out %v after its timeout", got[len(got)-1], late)
					}
				}
				return nil
			}))
			want := []string{"10ms idle", "20s idle", "3m20s input"}
			if err != nil || !slices.Equal(got, want) || stats.Dropped != 3 {
				t.Errorf("%d workers: %q, want %q (%d dropped, %v)", workers, got, want, stats.Dropped, err)
			}
		})
	}
}

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }
