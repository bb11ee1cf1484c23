package extract_test

import (
	"context"
	"flag"
	"os"
	"sync"
	"testing"

	"fm/extract"
	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/flowtest"
)

// traffic is a million packets with about 30 a flow, put together from the captures of
// the repository, or from those below the folder that -captures names.
var traffic = sync.OnceValues(func() (*flowtest.Recording, error) {
	dir := "../testdata/captures"
	if *captures != "" {
		dir = *captures + "/benign"
	}
	var from []extract.Source
	var tb benchFiles
	for _, path := range below(&tb, dir) {
		from = append(from, open(&tb, path))
	}
	return flowtest.Traffic(from, 1_000_000, 30, 1)
})

// benchFiles lets the helpers of tests run outside of one.
type benchFiles struct{ testing.TB }

func (*benchFiles) Helper()        {}
func (*benchFiles) Cleanup(func()) {}
func (*benchFiles) Fatal(a ...any) { panic(a) }

var writeTraffic = flag.String("traffic", "", "write the traffic of the benchmarks as pcap files into this folder")

// TestTraffic checks what the benchmarks run on, and leaves it where -traffic says.
func TestTraffic(t *testing.T) {
	r, err := traffic()
	if err != nil {
		t.Fatal(err)
	}
	if got := float64(r.Packets()) / float64(r.Flows); r.Packets() != 1_000_000 || got < 25 || got > 35 {
		t.Errorf("%d packets, %.1f a flow; want 1000000, about 30", r.Packets(), got)
	}
	if *writeTraffic == "" {
		return
	}
	for name, r := range map[string]*flowtest.Recording{"traffic.pcap": r, "flood.pcap": flowtest.Flood(1_000_000)} {
		f, err := os.Create(*writeTraffic + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.WriteTo(f); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
}

type discard struct{}

func (discard) Renderer() extract.Renderer   { return nil }
func (discard) Write([]extract.Record) error { return nil }

func BenchmarkMeter(b *testing.B) {
	r, err := traffic()
	if err != nil {
		b.Fatal(err)
	}
	fm, err := feature.Build("fm", nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		r    *flowtest.Recording
		set  *feature.Set
	}{{"traffic/counts", r, countsSet()}, {"traffic/fm", r, fm}, {"flood/counts", flowtest.Flood(300_000), countsSet()}, {"flood/fm", flowtest.Flood(300_000), fm}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var stats extract.Stats
			cpu := cpuTime()
			for b.Loop() {
				if stats, err = (&extract.Meter{Set: c.set, Workers: 1}).Run(context.Background(), c.r.Source(), discard{}); err != nil {
					b.Fatal(err)
				}
			}
			cpu = cpuTime() - cpu
			b.ReportMetric(float64(stats.Packets)*float64(b.N)/b.Elapsed().Seconds(), "packets/s")
			b.ReportMetric(float64(cpu.Nanoseconds())/float64(b.N)/float64(stats.Packets), "cpu-ns/packet")
			b.ReportMetric(float64(stats.Packets)/float64(stats.Started), "packets/flow")
			b.ReportMetric(float64(flow.FlowBytes(flow.Options{Life: c.set.Life, Needs: c.set.Needs()})), "B/flow")
		})
	}
}

func BenchmarkTable(b *testing.B) {
	r, err := traffic()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		needs flow.Needs
		r     *flowtest.Recording
		max   int
	}{{"traffic/none", 0, r, 0}, {"traffic/counts", flow.NeedCounts, r, 0}, {"traffic/capped", flow.NeedCounts, r, 1 << 20}, {"flood/counts", flow.NeedCounts, flowtest.Flood(300_000), 0},
		{"scatter/none", 0, flowtest.Scatter(1_000_000, 100_000, 1), 0}, {"scatter/counts", flow.NeedCounts, flowtest.Scatter(1_000_000, 100_000, 1), 0}} {
		batches := c.r.Batches()
		b.Run(c.name, func(b *testing.B) {
			packets, cpu := uint64(0), cpuTime()
			for b.Loop() {
				t := flow.NewTable(flow.Options{Life: flow.NewNative(0, 0), Needs: c.needs, MaxFlows: c.max})
				for _, batch := range batches {
					t.Run(batch, batch.Shards[0])
					t.Sweep(batch)
					for _, e := range t.Ended(batch.Clock) {
						t.Free(&e)
					}
				}
				packets += t.Stats().Packets
			}
			b.ReportMetric(float64((cpuTime()-cpu).Nanoseconds())/float64(packets), "cpu-ns/packet")
		})
	}
}
