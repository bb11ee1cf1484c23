package flow

import (
	"unsafe"

	"fm/extract/packet"
)

// ZeekLife ends flows as Zeek ends connections.
//
// A connection is over when it was silent for 1 minute, TCP for 5 minutes once a side has
// left the handshake, and for an hour with the responder on port 21, 22, 23 or 513 once it is
// established. TCP is over earlier: 5 seconds after a first SYN that nobody answers; 5
// seconds after the last packet that counted once both sides have closed, one has reset or
// one never sent; and where a side has closed and the rest is silent, at checks every 6
// seconds. A SYN for a new connection between the same ports ends the old one.
//
// Packets with a wrong checksum, and those behind the end of both sides, do not count here,
// though they are in the columns.
//
// The originator is the sender of the first packet, but of a connection seen in its midst
// the end that does not use a port of a known server, if the other does; a connection that
// began with a SYN-ACK turns round when the handshake goes on.
//
// What a flow forwards is what the originator's address sends, whatever the port.
type ZeekLife struct {
	Slice int64 // a packet so long after its flow's start begins a new flow, which goes on as the same connection, ns; 0: never
	Bare  bool  // no server ports are known, as in Zeek without its scripts

	slots
	conns slab[zeekConn] // TCP connections
	shown ZeekConn       // of the view in hand
}

// Timeouts of Zeek.
const (
	zeekSilence     = 60 // UDP, ICMP, others, and TCP in its handshake, seconds
	zeekTCPSilence  = 300
	zeekLongSilence = 3600
	zeekAttempt     = 5 * second // after a SYN without an answer
	zeekFirstCheck  = 5 * second
	zeekNextCheck   = 6 * second
	zeekLinger      = 5 * second
)

// zeekState is Flow.Life of a ZeekLife.
type zeekState struct {
	last    int64   // Time of the last packet that counted, ns
	idleAt  int64   // when the silence is looked at, ns: a timer that a packet does not move
	conn    uint32  // slot of the TCP connection + 1
	idle    uint16  // silence that ends the flow, seconds
	letters uint8   // of the history
	sliced  bool    // part of a connection that began earlier
	history [6]byte // of what is not TCP
}

// The state must fit into its place.
var _ = [1]struct{}{}[unsafe.Sizeof(Flow{}.Life)-unsafe.Sizeof(zeekState{})]

func zeekOf(f *Flow) *zeekState { return (*zeekState)(unsafe.Pointer(&f.Life)) }

// tcp returns the TCP connection of a flow, nil if it is none.
func (l *ZeekLife) tcp(f *Flow) *zeekConn {
	if s := zeekOf(f); s.conn != 0 {
		return l.conns.at(s.conn - 1)
	}
	return nil
}

// Own implements [Keeper].
func (l *ZeekLife) Own() Keeper { return &ZeekLife{Slice: l.Slice, Bare: l.Bare} }

// Start implements Life.
func (l *ZeekLife) Start(f, parent *Flow, p *packet.Packet, _ *packet.Cold) {
	s := zeekOf(f)
	if parent != nil {
		f.FromA, f.State, *s = parent.FromA, parent.State, *zeekOf(parent)
		s.sliced = true
		if c := l.tcp(parent); c != nil {
			s.conn = l.obtain()
			own := l.conns.at(s.conn - 1)
			*own = *c
			own.base = [2]uint64{c.size(0), c.size(1)}
		}
		return
	}
	f.FromA = p.FromA
	s.last = p.Time
	l.silence(s, zeekSilence)
	if p.Key.Proto == protoTCP {
		s.conn = l.obtain()
		l.conns.at(s.conn - 1).start(p.Now)
	}
	if l.fromServer(p) {
		f.FromA = !f.FromA
		l.letter(f, '^')
	}
}

func (l *ZeekLife) obtain() uint32 {
	slot, grow := l.take()
	if grow {
		l.conns.grow()
	}
	return slot + 1
}

// fromServer tells whether the sender of a first packet is the responder, by its port.
func (l *ZeekLife) fromServer(p *packet.Packet) bool {
	k := &p.Key
	from, to, addr := k.APort, k.BPort, &k.B
	if !p.FromA {
		from, to, addr = to, from, &k.A
	}
	if l.Bare || k.Kind&packet.KindIPv6 == 0 && [4]byte(addr[12:]) == [4]byte{255, 255, 255, 255} {
		return false
	}
	switch syn := p.Flags&packet.SYN != 0; {
	case k.Proto == packet.ProtoUDP:
		return has(zeekUDPPorts, from) && !has(zeekUDPPorts, to)
	case k.Proto != protoTCP || syn && p.Flags&packet.ACK == 0 || !has(zeekTCPPorts, from):
		return false
	case has(zeekTCPPorts, to):
		return !syn && from < to
	}
	return true
}

// silence sets how long a flow may be silent, seconds.
func (l *ZeekLife) silence(s *zeekState, seconds uint16) {
	if s.idle != seconds {
		s.idle = seconds
		s.idleAt = s.silentAt()
	}
}

// silentAt is when the flow will have been silent for as long as it may.
func (s *zeekState) silentAt() int64 { return s.last + int64(s.idle)*second }

// Before implements Life.
func (l *ZeekLife) Before(f *Flow, p *packet.Packet, c *packet.Cold) Action {
	if t := l.tcp(f); t != nil && t.again(f, p, c) {
		return Action{Do: Cut, Reason: Syn}
	}
	if l.Slice > 0 && p.Time-f.Start >= l.Slice {
		return Action{Do: CutInherit, Reason: Active}
	}
	return Action{}
}

// Forward implements Life.
func (l *ZeekLife) Forward(f *Flow, p *packet.Packet, c *packet.Cold) bool {
	s := zeekOf(f)
	if s.idleAt <= p.Now {
		s.idleAt = s.silentAt()
	}
	switch t := l.tcp(f); {
	case t != nil:
		l.segment(f, t, p, c)
	case c.Bits&packet.BitChecksum == 0:
		s.last = p.Time
		if p.Key.Proto == packet.ProtoUDP {
			l.once(f, 'D', p.FromA)
		}
	case p.Key.Proto == packet.ProtoUDP:
		l.once(f, 'C', p.FromA)
	}
	return p.FromA == f.FromA || p.Key.A == p.Key.B
}

// After implements Life.
func (l *ZeekLife) After(f *Flow, _ *packet.Packet, _ *packet.Cold) Action {
	if t := l.tcp(f); t != nil {
		f.State = t.connState(f)
	}
	return Action{}
}

// Due implements Life.
func (l *ZeekLife) Due(f *Flow) int64 {
	s := zeekOf(f)
	due := max(s.idleAt, s.silentAt())
	if t := l.tcp(f); t != nil {
		due = min(due, t.over, t.attempt, t.checks[0], t.checks[1])
	}
	return due
}

// Tick implements Ticker.
func (l *ZeekLife) Tick(f *Flow, now int64) Action {
	t := l.tcp(f)
	if t == nil {
		return l.Fire(f, now)
	}
	over, attempt, checks := t.over, t.attempt, t.checks // all that Fire changes
	a := l.Fire(f, now)
	t.over, t.attempt, t.checks = over, attempt, checks
	return a
}

// Fire implements Life. All that is due by now happens now, the earliest first.
func (l *ZeekLife) Fire(f *Flow, now int64) Action {
	s, t := zeekOf(f), l.tcp(f)
	for {
		due := l.Due(f)
		if due > now {
			return Action{}
		}
		if due == max(s.idleAt, s.silentAt()) {
			return Action{Do: End, Reason: Idle, At: due}
		}
		if why, at := t.fire(f, due, now); why != Open {
			return Action{Do: End, Reason: why, At: at}
		}
	}
}

// Needs implements Life.
func (l *ZeekLife) Needs() Needs { return 0 }

// ZeekConn is what Zeek notes of a connection besides the columns.
type ZeekConn struct {
	Last    int64     // Time of the last packet that counted, ns; the flow's start if there was none
	History []byte    // letters in order, those of the responder small; at most 24
	State   ConnState // OTH where nothing else fits
	Bytes   [2]uint64 // TCP payload by sequence numbers, of originator and responder
}

// Show implements [Keeper].
func (l *ZeekLife) Show(v *View) {
	s := zeekOf(v.Flow)
	z := &l.shown
	*z = ZeekConn{Last: s.last, State: OTH}
	if s.sliced && s.last < v.Start {
		z.Last = v.Start
	}
	if t := l.tcp(v.Flow); t != nil {
		o := originator(v.Flow)
		z.History, z.State = t.history[:s.letters], t.connState(v.Flow)
		z.Bytes = [2]uint64{t.size(o) - min(t.base[o], t.size(o)), t.size(1-o) - min(t.base[1-o], t.size(1-o))}
	} else if z.History = s.history[:s.letters]; v.Key.Proto == packet.ProtoUDP {
		sent := func(x byte) int {
			for _, y := range z.History {
				if x == y {
					return 1
				}
			}
			return 0
		}
		z.State = [4]ConnState{OTH, S0, SHR, SF}[sent('D')|sent('d')<<1]
	}
	v.ZeekConn = z
}

// originator is the index of the originator's end: 0 the key's A, 1 its B.
func originator(f *Flow) int {
	if f.FromA {
		return 0
	}
	return 1
}

// Drop implements [Keeper].
func (l *ZeekLife) Drop(f *Flow) {
	if s := zeekOf(f); s.conn != 0 {
		l.put(s.conn - 1)
		s.conn = 0
	}
}

// Bytes implements [Keeper].
func (l *ZeekLife) Bytes() (all int64, flow int) {
	flow = int(unsafe.Sizeof(zeekConn{})) + 4
	return int64(len(l.conns.chunks)*chunkLen) * int64(flow), flow
}

func has(ports *[1024]uint64, port uint16) bool { return ports[port/64]>>(port%64)&1 != 0 }

// Ports of the servers that Zeek's scripts know.
var (
	zeekTCPPorts = portSet(21, 22, 25, 53, 79, 80, 81, 88, 135, 139, 143, 389, 443, 445, 465, 502, 514, 563, 585, 587,
		614, 631, 636, 989, 990, 992, 993, 995, 1080, 1434, 1883, 2811, 3128, 3268, 3306, 3389, 5222, 5223, 5269, 5432,
		6379, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000)
	zeekUDPPorts = portSet(53, 67, 88, 123, 137, 161, 162, 389, 443, 514, 1812, 2123, 2152, 3389, 3544, 4011, 4754, 4789,
		5060, 5072, 5353, 5355, 6081, 20000)
)
