package flow

import (
	"bytes"
	"testing"

	"fm/extract/packet"
)

// allGroups are the groups of the default set of columns.
const allGroups = NeedSizes | NeedTimes | NeedTCP | NeedEarly | NeedPayload | NeedActivity | NeedBulk | NeedTurns

// conversation is a TCP connection of 30 packets: handshake, requests and responses, end.
func conversation() []In {
	var out []In
	f := &Flow{}
	body := bytes.Repeat([]byte("GET /index.html HTTP/1.1\r\n"), 4)[:84]
	seq := [2]uint32{100, 7000}
	for i := range 30 {
		p := &packet.Packet{Time: int64(i) * 7_000_000, IPLen: 52, IPHeader: 20, L4Header: 32, Flags: packet.ACK, Window: 500}
		p.Key.Proto = protoTCP
		d := i / 2 % 2
		switch i {
		case 0:
			p.Flags = packet.SYN
		case 1:
			p.Flags, d = packet.SYN|packet.ACK, 1
		case 28, 29:
			p.Flags, d = packet.FIN|packet.ACK, i-28
		}
		var sample []byte
		if i > 2 && i < 28 && i%3 != 0 {
			p.Payload, sample = 400+uint32(i), body
			p.IPLen += p.Payload
		}
		c := &packet.Cold{Seq32: seq[d], Ack: seq[1-d], Sample: uint16(len(sample))}
		seq[d] += p.Payload
		if p.Flags&(packet.SYN|packet.FIN) != 0 {
			seq[d]++
		}
		out = append(out, In{Flow: f, P: p, C: c, Dir: d, Time: p.Time, N: uint64(i), Sample: sample})
	}
	return out
}

func TestGroupsDoNotAllocate(t *testing.T) {
	g := newGroups(allGroups | NeedEnvironment | NeedCounts)
	packets := conversation()
	slot := g.obtain()
	var v View
	if n := testing.AllocsPerRun(100, func() {
		g.reset(slot)
		for i := range packets {
			g.add(slot, &packets[i])
		}
		g.view(slot, &v)
	}); n != 0 {
		t.Errorf("%v allocations a flow, want 0", n)
	}
	if v.Sizes.IP[Both].N != 30 || v.Early.N != EarlyPackets || v.Payload.Looks != HTTP || v.TCP.Retransmit != [2]uint32{} {
		t.Errorf("sizes of %d packets, %d early, looks like %d, retransmissions %v", v.Sizes.IP[Both].N, v.Early.N, v.Payload.Looks, v.TCP.Retransmit)
	}
	if n := g.bytes(); n > 4096 {
		t.Errorf("groups of a flow take %d bytes", n)
	}
}

// BenchmarkGroups is what the groups of the default set cost a packet, in flows of 30
// packets, the reset and the view of the flow included, over 1,000 flows in turn.
func BenchmarkGroups(b *testing.B) {
	for _, c := range []struct {
		name  string
		needs Needs
	}{{"all", allGroups}, {"sizes", NeedSizes}, {"times", NeedTimes}, {"tcp", NeedTCP}, {"early", NeedEarly}, {"payload", NeedPayload}, {"activity", NeedActivity}, {"bulk", NeedBulk}, {"turns", NeedTurns}} {
		b.Run(c.name, func(b *testing.B) {
			g := newGroups(c.needs)
			packets := conversation()
			slots := make([]uint32, 1000)
			for i := range slots {
				slots[i] = g.obtain()
			}
			var v View
			b.ReportAllocs()
			for b.Loop() {
				for _, s := range slots {
					g.reset(s)
				}
				for i := range packets {
					for _, s := range slots {
						g.add(s, &packets[i])
					}
				}
				for _, s := range slots {
					g.view(s, &v)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(slots)*len(packets)), "ns/packet")
			b.ReportMetric(float64(g.bytes()), "B/flow")
		})
	}
}
