package flow

import "fm/extract/packet"

// lone is what a flow of one packet keeps instead of groups: the packet, so that the
// groups can be made when a second one comes or when the row is written. In a flood,
// where nearly all flows have one packet, this halves the memory.
type lone struct {
	p      packet.Packet
	c      packet.Cold
	dir    uint8
	macs   [12]byte
	sample [packet.SampleIP]byte
}

// keep stores what in says of a first packet.
func (l *lone) keep(in *In) {
	l.p, l.c, l.dir = *in.P, *in.C, uint8(in.Dir)
	l.p.Head = packet.Span{} // its batch will be gone
	l.c.MACs = packet.Span{Len: uint32(copy(l.macs[:], in.MACs))}
	l.c.Sample = uint16(copy(l.sample[:], in.Sample))
}

// replay adds the packet to the groups of slot as if the flow had just started.
func (t *Table) replay(slot uint32, f *Flow, l *lone) {
	was := *f
	f.Seen, f.Last, f.LastNow = [2]uint32{}, f.Start, l.p.Now
	t.groups.add(slot, &In{Flow: f, P: &l.p, C: &l.c, Dir: int(l.dir), Time: l.p.Time, Size: t.opt.Measure.of(&l.p),
		Sample: l.sample[:l.c.Sample], MACs: l.macs[:l.c.MACs.Len]})
	*f = was
}
