package flow

import (
	"unsafe"

	"fm/extract/packet"
)

// CICLife ends flows as CICFlowMeter does: a packet more than Timeout after the flow's start
// begins a new row, asked only when there is such a packet; a first FIN of the responder, or
// an RST, ends the flow at once, and a first FIN of the initiator does not. Directions go by
// address alone. The fork of Engelen et al. has rules of its own, see Fork.
type CICLife struct {
	Timeout  int64 // µs
	Activity int64 // µs: a longer gap divides the active phases of a flow
	// Fork: FIN of both sides and an ACK, or an RST, make a flow ready, which a SYN then
	// ends; ICMP of another type and another code begins a new flow; a SYN-ACK comes from
	// the responder.
	Fork bool
	// Forget ends flows that were silent for longer than Timeout. The tool keeps them until a
	// packet comes, and then gives the roles of that flow to the next.
	Forget bool
}

// cicLife is how CICLife uses Flow.Life.
type cicLife struct {
	last     int64 // µs, of the last packet, whatever the clock did
	before   int64 // µs from the start of the connection to that of this row; 0 if it is its first
	activity int64 // for the groups
	fins     [2]bool
	state    cicState
	turned   bool // the flow's name begins with the responder
}

// The state must fit into its place.
var _ = [1]struct{}{}[unsafe.Sizeof(Flow{}.Life)-unsafe.Sizeof(cicLife{})]

func cicOf(f *Flow) *cicLife { return (*cicLife)(unsafe.Pointer(&f.Life)) }

// cicState is how far the fork saw a connection close.
type cicState uint8

const (
	cicOpen     cicState = iota
	cicFirstFin          // one side is finished
	cicLastFin           // both are
	cicReady             // and the last FIN is acknowledged, or there was an RST
)

// Micros is a time in ns as whole microseconds, cut down.
func Micros(ns int64) int64 {
	us := ns / 1000
	if ns%1000 < 0 {
		us--
	}
	return us
}

// CICTurned tells whether the name of a flow of CICLife begins with its responder: the first
// row of its endpoints had that for its initiator.
func CICTurned(f *Flow) bool { return cicOf(f).turned }

// CICConnection is the time from the start of a flow's connection to its last packet, µs;
// 0 but for TCP and UDP.
func CICConnection(f *Flow) int64 {
	if f.Key.Proto != protoTCP && f.Key.Proto != packet.ProtoUDP {
		return 0
	}
	s := cicOf(f)
	return s.before + s.last - Micros(f.Start)
}

// Start implements Life.
func (l *CICLife) Start(f, parent *Flow, p *packet.Packet, _ *packet.Cold) {
	s := cicOf(f)
	f.FromA = p.FromA
	if l.Fork && p.Flags&(packet.SYN|packet.ACK) == packet.SYN|packet.ACK {
		f.FromA = !p.FromA
	}
	s.last, s.activity = Micros(p.Time), l.Activity
	if parent == nil {
		return
	}
	was := cicOf(parent)
	if l.Fork && !l.goesOn(parent, p) {
		s.turned = was.turned != (f.FromA != parent.FromA)
		return
	}
	f.FromA, s.turned = parent.FromA, was.turned
	s.before = was.before + Micros(p.Time) - Micros(parent.Start)
}

// goesOn tells whether p, which begins a new row of the fork, belongs to the same
// connection as the row before.
func (l *CICLife) goesOn(parent *Flow, p *packet.Packet) bool {
	was := cicOf(parent)
	switch p.Key.Proto {
	case protoTCP:
		return was.state != cicReady || p.Flags&packet.SYN == 0
	case packet.ProtoUDP:
		return Micros(p.Time)-was.last <= l.Timeout
	}
	return false
}

// Before implements Life.
func (l *CICLife) Before(f *Flow, p *packet.Packet, c *packet.Cold) Action {
	s := cicOf(f)
	if Micros(p.Time)-Micros(f.Start) > l.Timeout {
		return Action{Do: CutInherit, Reason: Active}
	}
	if !l.Fork {
		if p.Flags&packet.FIN != 0 && s.fins[l.way(f, p)] {
			return Action{Do: Ignore}
		}
		return Action{}
	}
	if s.state == cicReady && p.Flags&packet.SYN != 0 {
		return Action{Do: CutInherit, Reason: Syn}
	}
	if (p.Key.Proto == packet.ProtoICMP || p.Key.Proto == packet.ProtoICMPv6) &&
		c.ICMPCode != f.ICMPCode && c.ICMPType != f.ICMPType {
		return Action{Do: CutInherit, Reason: Syn}
	}
	return Action{}
}

// way is the direction of p by address: 0 from the initiator.
func (l *CICLife) way(f *Flow, p *packet.Packet) int {
	if p.FromA == f.FromA || p.Key.A == p.Key.B {
		return 0
	}
	return 1
}

// Forward implements Life.
func (l *CICLife) Forward(f *Flow, p *packet.Packet, _ *packet.Cold) bool {
	if !l.Fork && f.Packets() == 0 {
		return true // though the row may go on with the roles of the row before
	}
	return l.way(f, p) == 0
}

// After implements Life.
func (l *CICLife) After(f *Flow, p *packet.Packet, _ *packet.Cold) Action {
	s := cicOf(f)
	s.last = Micros(p.Time)
	first := f.Packets() == 1
	if !l.Fork {
		switch {
		case first:
		case p.Flags&packet.FIN != 0:
			way := l.way(f, p)
			s.fins[way] = true
			if way == 1 {
				return Action{Do: End, Reason: Fin}
			}
		case p.Flags&packet.RST != 0:
			return Action{Do: End, Reason: Rst}
		}
		return Action{}
	}
	if p.Flags&packet.FIN != 0 {
		s.fins[l.way(f, p)] = true
	}
	switch {
	case first:
	case p.Flags&packet.FIN != 0:
		if s.state == cicOpen {
			s.state = cicFirstFin
		} else if s.state == cicFirstFin && s.fins[0] && s.fins[1] {
			s.state = cicLastFin
		}
	case p.Flags&packet.RST != 0:
		s.state = cicReady
	case p.Flags&packet.ACK != 0 && s.state == cicLastFin:
		s.state = cicReady
	}
	return Action{}
}

// Due implements Life.
func (l *CICLife) Due(f *Flow) int64 {
	if !l.Forget || l.Timeout > (Never-max(f.LastNow, 0))/1000-2 {
		return Never
	}
	return f.LastNow + (l.Timeout+2)*1000
}

// Fire implements Life.
func (l *CICLife) Fire(*Flow, int64) Action { return Action{Do: End, Reason: Idle} }

// Needs implements Life.
func (l *CICLife) Needs() Needs { return 0 }
