package flow

import (
	"net/netip"

	"fm/extract/packet"
)

// DeepfenceLife keeps flows as Deepfence FlowMeter does: none ever ends, and the packets of
// a flow behind the first Most are left out of it. What the tool does not have is Idle, a
// silence (ns) of more than which ends a flow; Never for none.
type DeepfenceLife struct {
	// Local is the address whose packets are forward; all others are backward, also those
	// between two other hosts (which the view keeps apart by sender, see [packet.View.Local]).
	// Without it the sender of a flow's first packet is forward.
	Local netip.Addr
	Most  uint64
	Idle  int64
}

// deepfenceState is what the life keeps in a flow.
type deepfenceState [4]uint64

// undirected says that both endpoints are one: FlowMeter, which looks for a flow by either
// order of them, finds it both ways and gives its packets behind the first no direction.
func (s *deepfenceState) undirected() bool { return s[0] == 1 }

// Start implements Life.
func (l *DeepfenceLife) Start(f, _ *Flow, p *packet.Packet, _ *packet.Cold) {
	f.FromA = p.FromA
	if !l.Local.IsValid() {
		if p.Key.A == p.Key.B && p.Key.APort == p.Key.BPort {
			f.Life[0] = 1
		}
		return
	}
	from := p.Key.AddrA()
	if !p.FromA {
		from = p.Key.AddrB()
	}
	if from.Unmap() != l.Local {
		f.FromA = !p.FromA
	}
}

// Before implements Life.
func (l *DeepfenceLife) Before(f *Flow, p *packet.Packet, _ *packet.Cold) Action {
	if f.Packets() >= l.Most {
		f.LastNow = p.Now // it is not silent
		return Action{Do: Ignore}
	}
	return Action{}
}

// Forward implements Life.
func (l *DeepfenceLife) Forward(f *Flow, p *packet.Packet, _ *packet.Cold) bool {
	return p.FromA == f.FromA
}

// After implements Life.
func (l *DeepfenceLife) After(*Flow, *packet.Packet, *packet.Cold) Action { return Action{} }

// Due implements Life.
func (l *DeepfenceLife) Due(f *Flow) int64 { return TwoTimeouts{Idle: l.Idle}.due(f) }

// Fire implements Life.
func (l *DeepfenceLife) Fire(*Flow, int64) Action { return Action{Do: End, Reason: Idle} }

// Needs implements Life.
func (l *DeepfenceLife) Needs() Needs { return 0 }
