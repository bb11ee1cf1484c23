package flow_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"fm/extract/flow"
	"fm/extract/packet"
)

// batchAt fills b with packets of flows that were not there before, all at the clock given.
func batchAt(b *packet.Batch, clock int64, n int, seq uint64) {
	b.Reset()
	b.Clock = clock
	if b.Shards == nil {
		b.Shards = make([][]uint32, 1)
	}
	for i := range n {
		p := packet.Packet{Time: clock, Now: clock, Seq: seq + uint64(i), FromA: true}
		p.Key = packet.Key{APort: uint16(p.Seq), BPort: uint16(p.Seq >> 16), VLAN: uint16(p.Seq >> 32), Proto: packet.ProtoUDP}
		p.Hash = p.Key.Hash()
		b.Packets, b.Cold = append(b.Packets, p), append(b.Cold, packet.Cold{})
		b.Shards[0] = append(b.Shards[0], uint32(i))
	}
}

// single is a life in which every packet is a flow.
func single() flow.Life {
	return abrupt{&flow.NFStreamLife{TwoTimeouts: flow.TwoTimeouts{Idle: flow.Never, Active: flow.Never}}, 1}
}

// What waits for the clock comes in the order of all, however long it waited: nothing at or
// behind the clock, and all before it.
func TestEndedWaits(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	table := flow.NewTable(flow.Options{Life: single()})
	var b packet.Batch
	var at []int64
	seq, clock := uint64(0), int64(1e18)
	took := 0
	take := func(before int64, ends []flow.Ending) {
		if !slices.IsSortedFunc(ends, func(a, b flow.Ending) int {
			return cmp.Or(cmp.Compare(a.EndAt, b.EndAt), cmp.Compare(a.FirstSeq, b.FirstSeq))
		}) {
			t.Fatal("endings are out of order")
		}
		for i := range ends {
			if e := &ends[i]; e.EndAt >= before || at[e.FirstSeq] != e.EndAt || e.FirstSeq != uint64(took+i) {
				t.Fatalf("ending %d at %d, asked for those before %d, behind %d others", e.FirstSeq, e.EndAt, before, took+i)
			}
			table.Free(&ends[i])
		}
		took += len(ends)
	}
	for range 2000 {
		if random.IntN(8) == 0 {
			clock += random.Int64N(3)
		}
		n := random.IntN(20)
		batchAt(&b, clock, n, seq)
		for range n {
			at = append(at, clock)
		}
		seq += uint64(n)
		table.Run(&b, b.Shards[0])
		table.Sweep(&b)
		before := clock - random.Int64N(3) // and back, too
		take(before, table.Ended(before))
		due := len(at)
		for due > 0 && at[due-1] >= before {
			due--
		}
		if took < due {
			t.Fatalf("%d endings before %d, want %d", took, before, due)
		}
	}
	take(flow.Never, table.All())
	if took != len(at) {
		t.Errorf("%d of %d endings", took, len(at))
	}
}

// BenchmarkEndedWaits hands over batches while so many endings wait for a clock that stands,
// as it does behind a capture of later packets where a set's clock never steps back.
func BenchmarkEndedWaits(b *testing.B) {
	for _, wait := range []int{0, 10_000, 100_000} {
		b.Run(map[int]string{0: "none", 10_000: "10k", 100_000: "100k"}[wait], func(b *testing.B) {
			table := flow.NewTable(flow.Options{Life: single()})
			var batch packet.Batch
			const clock = int64(1e18)
			seq := uint64(0)
			run := func(now int64, n int) {
				batchAt(&batch, now, n, seq)
				seq += uint64(n)
				table.Run(&batch, batch.Shards[0])
				table.Sweep(&batch)
				ends := table.Ended(now)
				for i := range ends {
					table.Free(&ends[i])
				}
			}
			for n := 0; n < wait; n += 1000 {
				run(clock, 1000)
			}
			now := clock
			for b.Loop() {
				if wait == 0 {
					now++
				}
				run(now, 10)
			}
		})
	}
}
