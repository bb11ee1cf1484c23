package flow_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"fm/extract/flow"
	"fm/extract/packet"
	"pgregory.net/rapid"
)

// model is the slow twin of a table: it looks at every flow for every packet. It knows
// the rules of the table, not those of a life.
type model struct {
	life flow.Life
	max  int
	open []*modelFlow // by last packet
	over []string
}

type modelFlow struct {
	flow.Flow
	ip [2]uint64
}

func (m *model) end(f *modelFlow, why flow.Reason, at int64) {
	f.Reason = why
	m.open = slices.DeleteFunc(m.open, func(o *modelFlow) bool { return o == f })
	m.over = append(m.over, line(at, &f.Flow, f.ip))
}

// fire ends what is due at the clock, before anything else happens at it.
func (m *model) fire(clock int64) {
	for _, f := range slices.Clone(m.open) {
		if f.Due <= clock {
			a := m.life.Fire(&f.Flow, clock)
			m.end(f, a.Reason, f.Due)
		}
	}
}

func (m *model) packet(p *packet.Packet, c *packet.Cold, first uint64) {
	m.fire(p.Now)
	var f *modelFlow
	for _, o := range m.open {
		if o.Key == p.Key {
			f = o
		}
	}
	var parent *flow.Flow
	if f != nil {
		a := m.life.Before(&f.Flow, p, c)
		if a.Do == flow.Cut || a.Do == flow.CutInherit {
			m.end(f, a.Reason, p.Now)
			if a.Do == flow.CutInherit {
				parent = &f.Flow
			}
			f = nil
		}
	}
	if f == nil {
		if m.max > 0 && len(m.open) == m.max {
			m.end(m.open[0], flow.Evicted, p.Now)
		}
		f = &modelFlow{Flow: flow.Flow{Key: p.Key, Start: p.Time, Last: p.Time, LastNow: p.Now, FirstSeq: p.Seq, FirstFrame: c.Frame}}
		m.life.Start(&f.Flow, parent, p, c)
	} else {
		m.open = slices.DeleteFunc(m.open, func(o *modelFlow) bool { return o == f })
	}
	m.open = append(m.open, f)
	d := 1
	if m.life.Forward(&f.Flow, p, c) {
		d = 0
	}
	counted, state := first == 0 || f.Packets() < first, f.State
	if counted {
		f.ip[d] += uint64(p.IPLen)
	}
	f.Seen[d]++
	f.Last, f.LastNow = max(p.Time, f.Last), p.Now
	a := m.life.After(&f.Flow, p, c)
	if !counted {
		f.State = state
	}
	if a.Do == flow.End {
		m.end(f, a.Reason, p.Now)
		return
	}
	f.Due = max(m.life.Due(&f.Flow), p.Now)
}

// abrupt is a life that ends flows at some packets, the first of a flow included.
type abrupt struct {
	flow.Life
	one uint64 // in so many packets
}

func (l abrupt) After(f *flow.Flow, p *packet.Packet, c *packet.Cold) flow.Action {
	if p.Seq*0x9e3779b97f4a7c15>>32%l.one == 0 {
		return flow.Action{Do: flow.End, Reason: flow.Rst}
	}
	return l.Life.After(f, p, c)
}

func line(at int64, f *flow.Flow, ip [2]uint64) string {
	return fmt.Sprintf("%d #%d %v %d..%d %v %v from A %v: %v %v", at, f.FirstSeq, f.Key.APort, f.Start, f.Last, f.Reason, f.State, f.FromA, f.Seen, ip)
}

// randomPackets are packets of few flows that close, start again, fall silent, run late
// and reach the active timeout.
func randomPackets(rt *rapid.T) ([]packet.Packet, []packet.Cold) {
	n := rapid.IntRange(1, 400).Draw(rt, "packets")
	flows := rapid.IntRange(1, 20).Draw(rt, "flows")
	seed := rapid.Uint64().Draw(rt, "seed")
	random := rand.New(rand.NewPCG(seed, 1))
	steps := []int64{0, 0, 0, 1, 1e3, 1e6, 1e9, 1e9, 3e9, 5e9, 20e9, 119e9, 120e9, 120e9 + 1, 400e9, 1e15}
	packets, cold := make([]packet.Packet, n), make([]packet.Cold, n)
	time, now := int64(1e18), int64(0)
	for i := range packets {
		p, c := &packets[i], &cold[i]
		if random.IntN(3) == 0 {
			time += steps[random.IntN(len(steps)-random.IntN(5))]
		}
		p.Time = time
		if random.IntN(10) == 0 {
			p.Time -= random.Int64N(20e9)
		}
		now = max(now, p.Time)
		p.Now, p.Seq = now, uint64(i)
		p.Key = packet.Key{APort: uint16(1 + random.IntN(flows)), BPort: 50000, Proto: 6}
		p.Hash = p.Key.Hash()
		p.Hash = uint64(p.Key.APort%8) << 32 // keys share hashes, and lie side by side in the index
		p.FromA = random.IntN(2) == 0
		p.IPLen = 40 + random.Uint32N(100)
		p.Payload = p.IPLen - 40
		p.Flags = [...]uint8{packet.ACK, packet.ACK, packet.ACK, packet.SYN, packet.SYN | packet.ACK, packet.FIN | packet.ACK, packet.RST}[random.IntN(7)]
		c.Seq32, c.Ack = random.Uint32N(3), 1000+random.Uint32N(3)
		c.Frame = uint64(i + 1)
	}
	return packets, cold
}

// TestTableAgainstModel compares every flow and the order of flows under random packets,
// with and without a cap, with batches and sweeps cut anywhere.
func TestTableAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		packets, cold := randomPackets(rt)
		most := rapid.SampledFrom([]int{0, 8}).Draw(rt, "cap")
		first := rapid.SampledFrom([]uint64{0, 0, 1, 3}).Draw(rt, "first")
		var life flow.Life = flow.NewNative(0, rapid.SampledFrom([]int64{0, 30e9}).Draw(rt, "active"))
		if one := rapid.SampledFrom([]uint64{0, 1, 3, 20}).Draw(rt, "one packet ends its flow in"); one > 0 {
			life = abrupt{life, one}
		}

		m := &model{life: life, max: most}
		for i := range packets {
			m.packet(&packets[i], &cold[i], first)
		}
		for len(m.open) > 0 {
			m.end(m.open[0], flow.Input, m.open[0].Due)
		}

		table := flow.NewTable(flow.Options{Life: life, Needs: flow.NeedCounts, First: first, MaxFlows: most})
		var got []string
		var all []flow.Ending
		var view flow.View
		take := func(ends []flow.Ending) {
			all = append(all, ends...)
			for _, e := range ends {
				table.View(&e, &view)
				got = append(got, line(e.EndAt, view.Flow, view.Counts.IP))
				table.Free(&e)
			}
		}
		for from := 0; from < len(packets); {
			n := min(rapid.IntRange(1, 60).Draw(rt, "batch"), len(packets)-from)
			b := &packet.Batch{Packets: packets[from : from+n], Cold: cold[from : from+n], Clock: packets[from+n-1].Now}
			list := make([]uint32, n)
			for i := range list {
				list[i] = uint32(i)
			}
			table.Run(b, list)
			table.Sweep(b)
			if rapid.Bool().Draw(rt, "tick") { // a silent line: the clock moves, but to no due time that a packet would meet later
				table.Sweep(&packet.Batch{Clock: b.Clock})
			}
			take(table.Ended(b.Clock))
			from += n
		}
		table.Finish(flow.Input)
		take(table.All())

		if !slices.IsSortedFunc(all, func(a, b flow.Ending) int { return a.Compare(&b) }) {
			rt.Fatalf("endings are not in order: %v", got)
		}
		// The model ends flows of one clock in another order: compare as sets.
		if s := table.Stats(); s.Open != 0 || int(s.Started) != len(got) || int(s.Packets) != len(packets) {
			rt.Fatalf("stats %+v for %d records of %d packets", s, len(got), len(packets))
		}
		slices.Sort(got)
		slices.Sort(m.over)
		for i := range min(len(got), len(m.over)) {
			if got[i] != m.over[i] {
				rt.Fatalf("record %d\n got %s\nwant %s", i, got[i], m.over[i])
			}
		}
		if len(got) != len(m.over) {
			rt.Fatalf("%d records, want %d", len(got), len(m.over))
		}
	})
}
