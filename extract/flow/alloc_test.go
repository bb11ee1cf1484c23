package flow_test

import (
	"testing"
	"unsafe"

	"fm/extract/flow"
	"fm/extract/flowtest"
	"fm/extract/packet"
)

// TestTableDoesNotAllocate plays traffic in which flows start, get groups, close, fall
// silent and are evicted, again and again: after the first rounds everything is used again.
func TestTableDoesNotAllocate(t *testing.T) {
	for name, c := range map[string]struct {
		most  int
		needs flow.Needs
	}{"no cap": {0, ^flow.Needs(0)}, "capped": {500, ^flow.Needs(0)}, "no groups": {0, 0}} {
		t.Run(name, func(t *testing.T) {
			batches := append(flowtest.Scatter(20_000, 3_000, 1).Batches(), flowtest.Flood(5_000).Batches()...)
			table := flow.NewTable(flow.Options{Life: flow.NewNative(0, 0), Needs: c.needs, MaxFlows: c.most})
			var view flow.View
			var clock int64
			round := func() {
				from := clock
				for _, b := range batches {
					moved := packet.Batch{Buf: b.Buf, Packets: b.Packets, Cold: b.Cold}
					for i := range b.Packets { // each round lies behind the one before
						b.Packets[i].Now = max(from, clock) + int64(i)
						b.Packets[i].Time = b.Packets[i].Now
					}
					clock = max(from, clock) + int64(len(b.Packets))
					moved.Clock = clock
					table.Run(&moved, b.Shards[0])
					table.Sweep(&moved)
					for _, e := range table.Ended(clock) {
						table.View(&e, &view)
						table.Free(&e)
					}
				}
				clock += 200e9 // everything is silent for long enough
			}
			for range 4 {
				round()
			}
			if n := testing.AllocsPerRun(5, round); n != 0 {
				t.Errorf("%v allocations a round of 25,000 packets, want 0", n)
			}
			if s := table.Stats(); s.Started < 30_000 || s.Ended[flow.Idle]+s.Ended[flow.Evicted] < 25_000 {
				t.Errorf("the rounds did not do what they should: %+v", s)
			}
		})
	}
}

// TestFlowIsSmall holds Flow to what its comment promises.
func TestFlowIsSmall(t *testing.T) {
	if n := unsafe.Sizeof(flow.Flow{}); n > 160 {
		t.Errorf("a Flow takes %d bytes, want at most 160", n)
	}
	if n := flow.FlowBytes(flow.Options{Life: flow.NewNative(0, 0)}); n > 700 {
		t.Errorf("a flow without groups takes up to %d bytes, want at most 700", n)
	}
}
