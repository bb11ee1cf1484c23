package flow_test

import (
	"testing"

	"fm/extract/flow"
	"fm/extract/flowtest"
	"fm/extract/packet"
)

// counting is the life of the port of CICFlowMeter, whose collector runs after every packet;
// it counts how many flows the collector looks at.
type counting struct {
	flow.CICPyLife
	looks int
}

func (c *counting) Old(f *flow.Flow, p *packet.Packet, q *packet.Cold) flow.Action {
	c.looks++
	return c.CICPyLife.Old(f, p, q)
}

// Scanning for what has changed looks at a few flows a packet, however many are open, and
// ends the same ones as looking at all.
func TestScanChanged(t *testing.T) {
	run := func(life flow.Life) flow.TableStats {
		table := flow.NewTable(flow.Options{Life: life})
		clock := int64(1e18)
		for _, b := range flowtest.Scatter(60_000, 5_000, 1).Batches() {
			for i := range b.Packets {
				clock += 20e6 // each flow has a packet about every 100 s
				b.Packets[i].Now, b.Packets[i].Time, b.Packets[i].Seq = clock, clock, uint64(clock)
			}
			b.Clock = clock
			table.Run(b, b.Shards[0])
		}
		return table.Stats()
	}
	rules := flow.CICPyLife{Expired: 240e9, Every: 1, Bound: 4, Clump: 1e9}
	life := &counting{CICPyLife: rules}
	got, want := run(life), run(&looksAtAll{rules})
	if got.Ended != want.Ended || got.Ended[flow.Idle] < 100 || got.Ended[flow.Active] < 100 {
		t.Errorf("ended %v, looking at all %v", got.Ended, want.Ended)
	}
	if most := 4 * int(got.Packets); life.looks > most || got.Open < 1000 {
		t.Errorf("%d looks for %d packets and %d open flows, want at most %d", life.looks, got.Packets, got.Open, most)
	}
}

// looksAtAll walks all flows each time, as the tool does.
type looksAtAll struct{ flow.CICPyLife }

func (l *looksAtAll) Scan(f *flow.Flow, p *packet.Packet, c *packet.Cold) int {
	if l.CICPyLife.Scan(f, p, c) == 0 {
		return 0
	}
	return 1 << 30
}
