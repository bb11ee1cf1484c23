package feature_test

import (
	"bytes"
	"testing"

	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/packet"
)

// viewOf is a TCP flow of n packets, of which two of three carry payload.
func viewOf(n int) *flow.View {
	v := &flow.View{
		Flow: &flow.Flow{State: flow.S0}, Sizes: new(flow.SizeStats), Times: new(flow.TimeStats), TCP: new(flow.TCP), Early: new(flow.Early),
		Payload: new(flow.Payload), Activity: new(flow.Activity), Bulk: new(flow.Bulk), Turns: new(flow.Turns),
	}
	v.Key.Proto = 6
	var sizes flow.Sizes
	var times flow.Times
	for i := range n {
		p := &packet.Packet{Key: v.Key, Time: int64(i) * 7_654_321, IPLen: 40, Flags: packet.ACK, Window: 9}
		var sample []byte
		if i%3 != 0 {
			p.Payload, sample = uint32(100+i), bytes.Repeat([]byte("some bytes\x00\xff"), 5)
			p.IPLen += p.Payload
		}
		in := &flow.In{Flow: v.Flow, P: p, C: &packet.Cold{Seq32: uint32(i * 1000)}, Dir: i / 2 % 2, Time: p.Time, N: uint64(i), Sample: sample}
		for _, g := range []interface{ Add(*flow.In) }{&sizes, &times, v.TCP, v.Early, v.Payload, v.Activity, v.Bulk, v.Turns} {
			g.Add(in)
		}
		v.Seen[in.Dir]++
	}
	sizes.Stats(v.Sizes)
	times.Stats(v.Times)
	v.Activity.Derive()
	v.Bulk.Derive()
	return v
}

func TestRowDoesNotAllocate(t *testing.T) {
	set, err := feature.Build("fm", map[string]string{"without": "early_03_size"})
	if err != nil {
		t.Fatal(err)
	}
	v := viewOf(30)
	row := set.Row(nil, v)
	if len(row) != len(set.Columns) {
		t.Fatalf("%d values, %d columns", len(row), len(set.Columns))
	}
	if n := testing.AllocsPerRun(100, func() { row = set.Row(row[:0], v) }); n != 0 {
		t.Errorf("%v allocations a row, want 0", n)
	}
}

// BenchmarkRow is what all columns of the default set cost a flow, text not included.
func BenchmarkRow(b *testing.B) {
	set, err := feature.Build("fm", nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		packets int
	}{{"one packet", 1}, {"thirty packets", 30}} {
		b.Run(c.name, func(b *testing.B) {
			v := viewOf(c.packets)
			row := set.Row(nil, v)
			b.ReportAllocs()
			for b.Loop() {
				row = set.Row(row[:0], v)
			}
		})
	}
}
