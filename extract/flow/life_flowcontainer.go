package flow

import "fm/extract/packet"

// FlowContainerLife keeps flows as flowcontainer does (commit cae4173): they are Wireshark's
// streams, and nothing but the end of the input or another stream of the same endpoints
// ends them. The source is the endpoint with the larger port, with equal ports the receiver
// of the first packet.
type FlowContainerLife struct {
	Once    bool // retransmissions of TCP over IPv4 do not count; those over IPv6 never do
	streams streams
}

// countsOnce is the bit of Life[1] that says that retransmissions do not count.
const countsOnce = 1 << 2

// Start implements Life.
func (l *FlowContainerLife) Start(f, _ *Flow, p *packet.Packet, _ *packet.Cold) {
	k := &f.Key
	switch {
	case k.APort != k.BPort:
		f.FromA = k.APort > k.BPort
	case k.A == k.B:
		f.FromA = p.FromA
	default:
		f.FromA = !p.FromA
	}
	if l.Once || k.Kind&packet.KindIPv6 != 0 {
		f.Life[1] = countsOnce
	}
}

// Before implements Life.
func (l *FlowContainerLife) Before(f *Flow, p *packet.Packet, c *packet.Cold) Action {
	if l.streams.opens(f, p, c) {
		return Action{Do: Cut, Reason: Syn}
	}
	return Action{}
}

// Forward implements Life.
func (l *FlowContainerLife) Forward(f *Flow, p *packet.Packet, _ *packet.Cold) bool {
	return p.FromA == f.FromA
}

// After implements Life.
func (l *FlowContainerLife) After(f *Flow, p *packet.Packet, c *packet.Cold) Action {
	l.streams.note(f, p, c)
	return Action{}
}

// Due implements Life.
func (l *FlowContainerLife) Due(*Flow) int64 { return Never }

// Fire implements Life.
func (l *FlowContainerLife) Fire(*Flow, int64) Action { return Action{} }

// Needs implements Life.
func (l *FlowContainerLife) Needs() Needs { return 0 }
