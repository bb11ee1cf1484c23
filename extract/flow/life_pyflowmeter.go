package flow

import "fm/extract/packet"

// PyFlowMeterLife ends flows as PyFlowMeter does (Kihy, commit 84a2d93): they are
// Wireshark's streams, and with the first packet of the input and every CheckInterval later
// those of the CheckFlows longest silent ones are over that were silent for more than
// Timeout. A packet that comes between a timeout and the check belongs to the flow. FIN and
// RST end nothing. Forward is what has the source port of the first packet.
//
// PyFlowMeter also counts streams that another one of the same endpoints has followed among
// the silent ones until their time is over; here they end at once.
type PyFlowMeterLife struct {
	Timeout       float64 // s
	CheckInterval int
	CheckFlows    int
	streams       streams
}

// Start implements Life.
func (l *PyFlowMeterLife) Start(f, _ *Flow, p *packet.Packet, c *packet.Cold) {
	f.FromA = p.FromA
	if f.Key.Kind&packet.KindNoStream != 0 {
		f.Life[0] = uint64(c.Seq32)
	}
}

// LoosePorts are the ports of the first packet of a flow of [packet.KindNoStream], if it had some.
func (f *Flow) LoosePorts() (src, dst uint16, ok bool) {
	return uint16(f.Life[0] >> 16), uint16(f.Life[0]), !f.FromA
}

// Before implements Life.
func (l *PyFlowMeterLife) Before(f *Flow, p *packet.Packet, c *packet.Cold) Action {
	if l.streams.opens(f, p, c) {
		return Action{Do: Cut, Reason: Syn}
	}
	return Action{}
}

// Forward implements Life.
func (l *PyFlowMeterLife) Forward(f *Flow, p *packet.Packet, c *packet.Cold) bool {
	if f.Key.Kind&packet.KindNoStream != 0 {
		return p.FromA == f.FromA && (p.FromA || c.Seq32>>16 == uint32(f.Life[0]>>16))
	}
	return p.FromA == f.FromA || f.Key.APort == f.Key.BPort
}

// After implements Life.
func (l *PyFlowMeterLife) After(f *Flow, p *packet.Packet, c *packet.Cold) Action {
	if f.Key.Kind&packet.KindNoStream == 0 {
		l.streams.note(f, p, c)
	}
	f.Life[2] = uint64(c.Since)
	return Action{}
}

// Due implements Life.
func (l *PyFlowMeterLife) Due(*Flow) int64 { return Never }

// Fire implements Life.
func (l *PyFlowMeterLife) Fire(*Flow, int64) Action { return Action{} }

// Needs implements Life.
func (l *PyFlowMeterLife) Needs() Needs { return 0 }

// Scan implements Scanner.
func (l *PyFlowMeterLife) Scan(_ *Flow, p *packet.Packet, _ *packet.Cold) int {
	if p.Seq%uint64(l.CheckInterval) != 0 {
		return 0
	}
	return l.CheckFlows
}

// Old implements Scanner.
func (l *PyFlowMeterLife) Old(f *Flow, _ *packet.Packet, c *packet.Cold) Action {
	if Epoch(c.Since)-Epoch(int64(f.Life[2])) > l.Timeout {
		return Action{Do: End, Reason: Idle}
	}
	return Action{}
}
