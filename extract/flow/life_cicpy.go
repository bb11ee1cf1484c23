package flow

import (
	"math"
	"time"

	"fm/extract/packet"
)

// CICPyLife keeps flows as the Python port of CICFlowMeter does. Flows end when its collector
// runs, after every Every packets of the input and after each packet of a flow longer than
// 120 s: those that were silent for Expired, and those of 90 s or more. A packet that comes
// after a silence of more than Expired before the collector belongs to a flow beside the old
// one, with the same initiator; that puts up with twice as long a silence, the next one with
// three times as long, and so on. Once the first is collected, no packet finds the others.
type CICPyLife struct {
	Expired int64  // ns
	Every   uint64 // packets of the input
	// A bulk is a run of so many packets of one direction with payload, without a longer
	// pause (ns) between them and without one of the other direction.
	Bound uint64
	Clump int64
}

const (
	cicpyLong    = int64(90 * time.Second)
	cicpyCollect = int64(120 * time.Second)
)

// cicpyState is what the life keeps in a flow.
type cicpyState [4]uint64

// bound and clump are those of the life, for the flow's bulks.
func (s *cicpyState) bound() uint64 { return s[0] }
func (s *cicpyState) clump() int64  { return int64(s[1]) }

// Start implements Life.
func (l *CICPyLife) Start(f, parent *Flow, p *packet.Packet, _ *packet.Cold) {
	f.FromA = p.FromA
	f.Life = cicpyState{l.Bound, uint64(l.Clump)}
	if parent != nil {
		f.FromA = parent.FromA
	}
}

// Before implements Life.
func (l *CICPyLife) Before(f *Flow, p *packet.Packet, _ *packet.Cold) Action {
	// Behind the last number the search would begin anew.
	if gap := p.Time - f.Last; gap > l.Expired && uint64(gap-1)/uint64(l.Expired) > uint64(f.Key.VLAN) && f.Key.VLAN < math.MaxUint16 {
		return Action{Do: Beside}
	}
	return Action{}
}

// Forward implements Life.
func (l *CICPyLife) Forward(f *Flow, p *packet.Packet, _ *packet.Cold) bool {
	return p.FromA == f.FromA
}

// After implements Life.
func (l *CICPyLife) After(*Flow, *packet.Packet, *packet.Cold) Action { return Action{} }

// Due implements Life.
func (l *CICPyLife) Due(*Flow) int64 { return Never }

// Fire implements Life.
func (l *CICPyLife) Fire(*Flow, int64) Action { return Action{} }

// Needs implements Life.
func (l *CICPyLife) Needs() Needs { return 0 }

// Scan implements Scanner.
func (l *CICPyLife) Scan(f *Flow, p *packet.Packet, _ *packet.Cold) int {
	if (p.Seq+1)%l.Every == 0 || f.Last-f.Start > cicpyCollect {
		return ScanChanged
	}
	return 0
}

// Old implements Scanner.
func (l *CICPyLife) Old(f *Flow, p *packet.Packet, _ *packet.Cold) Action {
	switch {
	case p.Time-f.Last >= l.Expired:
		return Action{Do: End, Reason: Idle}
	case f.Last-f.Start >= cicpyLong:
		return Action{Do: End, Reason: Active}
	}
	return Action{}
}
