package flow

import "fm/extract/packet"

// NFStreamLife ends flows as NFStream 6.6.0 does: after a silence of at least Idle, or
// with a packet at least Active after the start, by whole milliseconds; the idle rule is
// asked first. FIN and RST end nothing. The sender of a row's first packet is its source,
// so what follows a cut may run the other way round.
type NFStreamLife struct{ TwoTimeouts }

// Start implements Life.
func (l *NFStreamLife) Start(f, _ *Flow, p *packet.Packet, _ *packet.Cold) { f.FromA = p.FromA }

// Before implements Life.
func (l *NFStreamLife) Before(f *Flow, p *packet.Packet, _ *packet.Cold) Action {
	switch {
	case p.Now-f.LastNow >= l.Idle:
		return Action{Do: Cut, Reason: Idle}
	case p.Now-f.Start >= l.Active:
		return Action{Do: Cut, Reason: Active}
	}
	return Action{}
}

// Forward implements Life.
func (l *NFStreamLife) Forward(f *Flow, p *packet.Packet, _ *packet.Cold) bool {
	return p.FromA == f.FromA
}

// After implements Life.
func (l *NFStreamLife) After(*Flow, *packet.Packet, *packet.Cold) Action { return Action{} }

// Due implements Life.
func (l *NFStreamLife) Due(f *Flow) int64 {
	if l.Idle > Never-max(f.LastNow, 0) {
		return Never
	}
	return f.LastNow + l.Idle
}

// Fire implements Life.
func (l *NFStreamLife) Fire(*Flow, int64) Action { return Action{Do: End, Reason: Idle} }

// Needs implements Life.
func (l *NFStreamLife) Needs() Needs { return 0 }
