package extract_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"testing"

	"fm/extract"
	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/flowtest"
	"fm/extract/packet"
	"fm/model/modeltest"
)

// tools builds every set that is named after a tool, with one value of its option faithful.
func tools(t testing.TB, faithful bool) []*feature.Set {
	t.Helper()
	var sets []*feature.Set
	for _, d := range feature.Sets() {
		if d.Name == "fm" {
			continue
		}
		s, err := feature.Build(d.Name, map[string]string{feature.Faithful: fmt.Sprint(faithful)})
		if err != nil {
			t.Fatal(err)
		}
		sets = append(sets, s)
	}
	return sets
}

// original writes records in the original layout of a set: each as a line to keep, or to
// nowhere.
type original struct {
	layout *feature.Layout
	keep   bool
	text   []byte
	bytes  uint64
}

func (o *original) Renderer() extract.Renderer { return o }

func (o *original) Append(dst []byte, _ *extract.Record, v *flow.View) []byte {
	for i := range o.layout.Cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = o.layout.Cells[i].Append(dst, v)
	}
	return append(dst, '\n')
}

func (o *original) Write(recs []extract.Record) error {
	for i := range recs {
		o.bytes += uint64(len(recs[i].Text))
		if o.keep {
			o.text = append(o.text, recs[i].Text...)
		}
	}
	return nil
}

// someOf are captures or, under the race detector, which is slow, an eighth of them.
func someOf(files []string) []string {
	if !modeltest.Raced {
		return files
	}
	var some []string
	for i := 0; i < len(files); i += 8 {
		some = append(some, files[i])
	}
	return some
}

// ticking hands frames on as a live line does: now and then there is none for a while, and
// only the clock goes on.
type ticking struct {
	cutSource
	next  packet.Batch
	clock int64
}

func (s *ticking) Fill(b *packet.Batch) error {
	if len(s.next.Frames) == 0 && s.err == nil {
		s.next.Reset()
		s.err = s.src.Fill(&s.next)
	}
	if len(s.next.Frames) == 0 {
		return s.err
	}
	f := s.next.Frames[0]
	if gap := f.Time - s.clock; s.clock > 0 && gap > 1e7 && s.rand.IntN(3) > 0 {
		s.clock += s.rand.Int64N(gap)
		return nil
	}
	data := s.next.Bytes(f.Data)
	f.Data.Off = uint32(len(b.Buf))
	b.Buf = append(b.Buf, data...)
	b.Frames = append(b.Frames, f)
	s.next.Frames = s.next.Frames[1:]
	s.clock = max(s.clock, f.Time)
	return nil
}

func (s *ticking) Clock() int64    { return s.clock }
func (s *ticking) Dropped() uint64 { return 0 }

// whyOver is what rows say of their end: of flows open at the end of the input, whether the
// clock came by before.
var whyOver = regexp.MustCompile(` (idle|fin|rst|input) `)

// The rows of each set do not depend on a clock that ticks while the line is silent.
func TestSilentClockChangesNothing(t *testing.T) {
	native, err := feature.Build("fm", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range append(tools(t, true), native) {
		t.Run(set.Name, func(t *testing.T) {
			rows, ticks := 0, 0
			for i, path := range someOf(below(t, "../testdata/captures")) { // their clocks go on as those of a line do
				of := func(src extract.Source) string {
					text, stats, err := meter(t, &extract.Meter{Set: set, Workers: 2}, src)
					rows += int(stats.Records)
					return whyOver.ReplaceAllString(text, " over ") + fmt.Sprint(err)
				}
				want := of(open(t, path))
				live := &ticking{cutSource: cutSource{src: open(t, path), rand: rand.New(rand.NewPCG(uint64(i), 7))}}
				if got := of(live); got != want {
					t.Fatalf("%s: %s", path, firstDifference(got, want))
				}
				ticks++
			}
			if rows < 20 || ticks == 0 {
				t.Errorf("only %d rows of %d captures", rows, ticks)
			}
		})
	}
}

// The rows of each tool are the same bytes for any number of workers and any batches.
func TestToolsSameBytesForAnyWorkersAndBatches(t *testing.T) {
	files := someOf(captureFiles(t))
	for _, faithful := range []bool{true, false} {
		for _, set := range tools(t, faithful) {
			t.Run(fmt.Sprintf("%s/%t", set.Name, faithful), func(t *testing.T) {
				rows := 0
				for i, path := range files {
					of := func(workers int, src extract.Source) string {
						o := original{layout: set.Original, keep: true}
						_, err := (&extract.Meter{Set: set, Workers: workers}).Run(context.Background(), src, &o)
						return string(o.text) + fmt.Sprint(err)
					}
					want := of(1, open(t, path))
					rows += len(want)
					for _, workers := range []int{1, 3} {
						src := &cutSource{src: open(t, path), rand: rand.New(rand.NewPCG(uint64(i), uint64(workers)))}
						if got := of(workers, src); got != want {
							t.Fatalf("%s, %d workers: %s", path, workers, firstDifference(got, want))
						}
					}
				}
				if rows < 1000*len(files)/10 {
					t.Errorf("only %d bytes of rows of %d captures", rows, len(files))
				}
			})
		}
	}
}

// Tables keep and give back what the sets of the tools need without allocating, sequences
// included, whose chunks are used again.
func TestToolsDoNotAllocate(t *testing.T) {
	for _, set := range tools(t, false) {
		t.Run(set.Name, func(t *testing.T) {
			batches := append(flowtest.Scatter(20_000, 3_000, 1).Batches(), flowtest.Flood(5_000).Batches()...)
			opt := flow.Options{Life: set.Life, Needs: set.Needs(), Measure: set.Measure, Sequence: set.Sequence, Steps: 1 << 20, MaxFlows: 2_000}
			table := flow.NewTable(opt)
			var view flow.View
			var row []float64
			var text []byte
			clock, rows := int64(1e18), 0
			round := func() {
				for _, b := range batches {
					moved := packet.Batch{Buf: b.Buf, Packets: b.Packets, Cold: b.Cold}
					for i := range b.Packets { // each round lies behind the one before
						clock += 1e6
						b.Packets[i].Now, b.Packets[i].Time = clock, clock
					}
					moved.Clock = clock
					table.Run(&moved, b.Shards[0])
					table.Sweep(&moved)
					for _, e := range table.Ended(clock) {
						table.View(&e, &view)
						if set.Keep == nil || set.Keep(&view) {
							rows++
							row, text = set.Row(row[:0], &view), text[:0]
							for _, c := range set.Original.Cells {
								text = c.Append(text, &view)
							}
						}
						table.Free(&e)
					}
				}
				clock += 7200e9 // everything is silent for long enough
			}
			for range 4 {
				round()
			}
			if n := testing.AllocsPerRun(3, round); n != 0 {
				t.Errorf("%v allocations a round of 25,000 packets, want 0", n)
			}
			if rows == 0 {
				t.Error("no rows")
			}
		})
	}
}

// BenchmarkTools is what the rows of each tool cost from decoded frames to text: on a
// million packets of about 30 a flow, and in a flood of flows of one packet.
func BenchmarkTools(b *testing.B) {
	r, err := traffic()
	if err != nil {
		b.Fatal(err)
	}
	for _, set := range tools(b, true) {
		for _, c := range []struct {
			name string
			r    *flowtest.Recording
		}{{"traffic", r}, {"flood", flowtest.Flood(300_000)}} {
			b.Run(set.Name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				o := original{layout: set.Original}
				var stats extract.Stats
				var err error
				cpu := cpuTime()
				for b.Loop() {
					if stats, err = (&extract.Meter{Set: set.Bare(), Workers: 1}).Run(context.Background(), c.r.Source(), &o); err != nil {
						b.Fatal(err)
					}
				}
				cpu = cpuTime() - cpu
				frames := float64(stats.Frames) * float64(b.N)
				b.ReportMetric(frames/cpu.Seconds(), "packets/cpu-s")
				b.ReportMetric(float64(stats.Started)*float64(b.N)/cpu.Seconds(), "flows/cpu-s")
				b.ReportMetric(float64(o.bytes)/float64(b.N)/1e6, "MB-of-rows")
				b.ReportMetric(float64(flow.FlowBytes(flow.Options{Life: set.Life, Needs: set.Needs()})), "B/flow")
			})
		}
	}
}

// A flood of flows that a set leaves out takes the memory of its flows and no more: the
// places for rows are used again.
func TestLeftOutFlowsTakeNoRows(t *testing.T) {
	set, err := feature.Build("deepfence", nil)
	if err != nil {
		t.Fatal(err)
	}
	const flows = 100_000
	flood := flowtest.Flood(flows)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	stats, err := (&extract.Meter{Set: set, Workers: 1}).Run(context.Background(), flood.Source(), &original{layout: set.Original})
	runtime.ReadMemStats(&after)
	if err != nil || stats.LeftOut != flows {
		t.Fatalf("%d flows left out, want %d; %v", stats.LeftOut, flows, err)
	}
	const ring = 16 << 20 // batches
	most := uint64(flows*flow.FlowBytes(flow.Options{Life: set.Life, Needs: set.Needs()}) + ring)
	if n := after.TotalAlloc - before.TotalAlloc; n > most {
		t.Errorf("%d bytes, want at most %d", n, most)
	}
}
