package flow_test

import (
	"testing"

	"fm/extract/flow"
	"fm/extract/packet"
)

// twofold is a life in which all packets behind the first belong to a flow beside it, which
// silence ends, while it does not end the first.
type twofold struct{ flow.Life }

func (l twofold) Before(f *flow.Flow, p *packet.Packet, c *packet.Cold) flow.Action {
	if f.Key.VLAN == 0 {
		return flow.Action{Do: flow.Beside}
	}
	return flow.Action{}
}

func (l twofold) Due(f *flow.Flow) int64 {
	if f.Key.VLAN == 0 {
		return flow.Never
	}
	return l.Life.Due(f)
}

// A flow beside another is over when it is due, wherever batches end.
func TestBesideIsDue(t *testing.T) {
	life := twofold{&flow.NFStreamLife{TwoTimeouts: flow.TwoTimeouts{Idle: 10, Active: flow.Never}}}
	for _, cut := range []bool{true, false} {
		table := flow.NewTable(flow.Options{Life: life})
		var b packet.Batch
		var got []uint64
		end := func(ends []flow.Ending) {
			var v flow.View
			for i := range ends {
				table.View(&ends[i], &v)
				got = append(got, v.Packets())
				table.Free(&ends[i])
			}
		}
		run := func() {
			list := make([]uint32, len(b.Packets))
			for i := range list {
				list[i] = uint32(i)
			}
			table.Run(&b, list)
			table.Sweep(&b)
			end(table.Ended(b.Clock))
			b.Reset()
		}
		for i, now := range []int64{0, 1, 2, 20, 21, 22} {
			p := packet.Packet{Time: now, Now: now, Seq: uint64(i), Key: packet.Key{APort: 1, BPort: 2, Proto: packet.ProtoUDP}}
			p.Hash = p.Key.Hash()
			b.Packets, b.Cold, b.Clock = append(b.Packets, p), append(b.Cold, packet.Cold{}), now
			if cut {
				run()
			}
		}
		run()
		table.Finish(flow.Input)
		end(table.All())
		if len(got) != 3 || got[0] != 2 || got[1] != 3 || got[2] != 1 {
			t.Errorf("batches of one packet %v: flows of %v packets, want 2, 3 and the first with 1", cut, got)
		}
	}
}
