package flow

import (
	"unsafe"

	"fm/extract/packet"
)

// Timeouts of fm's own set, ns.
const (
	second        = int64(1e9)
	DefaultIdle   = 120 * second
	DefaultActive = 1800 * second
	linger        = 5 * second
	beyond        = 1 // "more than" in whole nanoseconds
)

// Native is the life of fm's own set.
//
// A flow is over when it was silent for more than Idle, by the input's clock. A packet
// that comes more than Active after the flow's start, by its own time, starts a new
// flow with the same initiator. After a reset, or after a FIN of both sides and the
// acknowledgement of both, a flow takes packets for five more seconds of the clock
// and is over then; a SYN without ACK and with a sequence number other than that of
// the direction's first SYN ends it at once, because the endpoints are used again. On
// a flow that is not closed such a SYN is only a packet.
//
// The initiator is, from the first packet: the sender of a SYN, the receiver of a
// SYN-ACK, the end that does not use a service port if exactly one does, else the sender.
type Native struct{ TwoTimeouts }

// NewNative returns the life with its timeouts in ns. 0 takes the default, [Never] turns one off.
func NewNative(idle, active int64) *Native {
	n := &Native{TwoTimeouts{DefaultIdle, DefaultActive}}
	if idle != 0 {
		n.Idle = idle
	}
	if active != 0 {
		n.Active = active
	}
	return n
}

// nativeState is Flow.Life of a Native. Arrays are indexed by direction, 0 forward.
type nativeState struct {
	over uint64    // clock at which a closed flow is over, ns; 0 while it is open
	isn  [2]uint32 // sequence number of the first SYN
	fin  [2]uint32 // the acknowledgement number that covers the FIN
	tcp  connection
	has  [2]uint8 // hasSYN, hasFIN, hasAck
	why  Reason   // why it is closed
}

const (
	hasSYN uint8 = 1 << iota
	hasFIN
	hasAck // the FIN was acknowledged
)

// The state must fit into its place.
var _ = [1]struct{}{}[unsafe.Sizeof(Flow{}.Life)-unsafe.Sizeof(nativeState{})]

func nativeOf(f *Flow) *nativeState { return (*nativeState)(unsafe.Pointer(&f.Life)) }

// Start implements Life.
func (n *Native) Start(f, parent *Flow, p *packet.Packet, c *packet.Cold) {
	if parent != nil {
		f.FromA, f.Life, f.State = parent.FromA, parent.Life, parent.State
		return
	}
	f.FromA = p.FromA == bySender(p)
}

// bySender says whether the sender of a first packet is the initiator.
func bySender(p *packet.Packet) bool {
	if p.Key.Proto == protoTCP && p.Flags&packet.SYN != 0 {
		return p.Flags&packet.ACK == 0
	}
	from, to := p.Key.Ports()
	if !p.FromA {
		from, to = to, from
	}
	return !isService(from) || isService(to)
}

const protoTCP = 6

// Before implements Life.
func (n *Native) Before(f *Flow, p *packet.Packet, c *packet.Cold) Action {
	s := nativeOf(f)
	if s.over == 0 {
		if max(p.Time, f.Last)-f.Start > n.Active {
			return Action{Do: CutInherit, Reason: Active}
		}
		return Action{}
	}
	if p.Flags&(packet.SYN|packet.ACK|packet.RST|packet.FIN) == packet.SYN {
		d := direction(f, p)
		if s.has[d]&hasSYN == 0 || s.isn[d] != c.Seq32 {
			return Action{Do: Cut, Reason: Syn}
		}
	}
	return Action{}
}

// direction is 0 for a packet from the initiator.
func direction(f *Flow, p *packet.Packet) int {
	if p.FromA == f.FromA {
		return 0
	}
	return 1
}

// Forward implements Life.
func (n *Native) Forward(f *Flow, p *packet.Packet, c *packet.Cold) bool { return p.FromA == f.FromA }

// After implements Life.
func (n *Native) After(f *Flow, p *packet.Packet, c *packet.Cold) Action {
	if p.Key.Proto != protoTCP || c.Bits&packet.BitLater != 0 {
		return Action{}
	}
	s, d := nativeOf(f), direction(f, p)
	f.State = s.tcp.add(d, p)
	if p.Flags&packet.SYN != 0 && s.has[d]&hasSYN == 0 {
		s.has[d] |= hasSYN
		s.isn[d] = c.Seq32
	}
	if s.over != 0 {
		return Action{}
	}
	if p.Flags&packet.RST != 0 {
		s.close(p.Now, Rst)
		return Action{}
	}
	if p.Flags&packet.FIN != 0 {
		end := c.Seq32 + p.Payload + 1
		if p.Flags&packet.SYN != 0 {
			end++
		}
		if s.has[d]&hasFIN == 0 || int32(end-s.fin[d]) > 0 {
			s.has[d] = s.has[d]&^hasAck | hasFIN
			s.fin[d] = end
		}
	}
	if o := 1 - d; p.Flags&packet.ACK != 0 && s.has[o]&hasFIN != 0 && int32(c.Ack-s.fin[o]) >= 0 {
		s.has[o] |= hasAck
	}
	if s.has[0]&s.has[1]&hasAck != 0 {
		s.close(p.Now, Fin)
	}
	return Action{}
}

func (s *nativeState) close(now int64, why Reason) { s.over, s.why = uint64(now+linger), why }

// Due implements Life.
func (n *Native) Due(f *Flow) int64 {
	if s := nativeOf(f); s.over != 0 {
		return int64(s.over)
	}
	return n.TwoTimeouts.due(f)
}

// Fire implements Life.
func (n *Native) Fire(f *Flow, now int64) Action {
	if s := nativeOf(f); s.over != 0 {
		return Action{Do: End, Reason: s.why}
	}
	return Action{Do: End, Reason: Idle}
}

// Needs implements Life.
func (n *Native) Needs() Needs { return 0 }
