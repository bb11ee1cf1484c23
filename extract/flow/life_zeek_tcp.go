package flow

import "fm/extract/packet"

// zeekConn is a TCP connection as Zeek follows it. Ends are indexed by the key: 0 is A.
type zeekConn struct {
	ends     [2]zeekEnd
	over     int64     // when a closed connection is removed, ns; Never without, like the next two
	attempt  int64     // when it is looked at whether the first SYN was answered
	checks   [2]int64  // when it is looked at whether both ends are done
	base     [2]uint64 // bytes of each end before this slice
	history  [24]byte
	seen     [2]uint16 // letters that are in the history, by role: 0 originator
	first    uint8     // ends that have sent something: 1 << end
	partial  bool      // the start was not seen
	settled  bool      // over as far as anybody cares: checks and attempt do nothing
	deferred bool      // an end waits with its closing for what is on the way
	report   bool      // and would settle it
}

// zeekEnd is one end. Sequence numbers are relative to start and do not wrap.
type zeekEnd struct {
	last, ack    int64 // highest sequence number sent, and acknowledged by the peer
	fin          int64 // behind its FIN
	got          int64 // all up to here was delivered or given up
	trim         int64 // all up to here is forgotten
	start        uint32
	spans        [4]zeekSpan // what is kept beyond trim, in order
	kept         uint8       // how many
	state, prior endState
	closed       bool // and all that it sent has arrived
	finished     bool // it sent FIN
	blind        bool // nobody acknowledges: nothing is kept any more
	ended        bool // all that it sent has arrived, for good
	lastSYN      uint32
	lastFIN      uint32
	lastRST      uint32
	resent       uint32 // packets sent again
	shut         uint32 // windows of 0
	wrong        uint32 // checksums
	gaps         uint32 // in what arrived
}

// zeekSpan is a range of relative sequence numbers, modulo 2^32.
type zeekSpan struct{ from, to uint32 }

const (
	zeekFarSequence = 1 << 20 // a jump of more is not believed of SYN, RST and acknowledgements of 0
	zeekFirstWindow = 16384   // so much unacknowledged data at the start shows that acknowledgements take another way
)

// start prepares a connection whose first packet comes at now.
func (t *zeekConn) start(now int64) {
	*t = zeekConn{over: Never, attempt: Never, checks: [2]int64{now + zeekFirstCheck, Never}}
	t.ends[0].got, t.ends[1].got = 1, 1
}

// inHandshake tells whether an end has not left the handshake.
func inHandshake(s endState) bool { return s == silentEnd || s == synSent || s == synAckSent }

// again tells whether a SYN begins a new connection.
func (t *zeekConn) again(f *Flow, p *packet.Packet, c *packet.Cold) bool {
	if p.Flags&packet.SYN == 0 || p.L4Header < 20 {
		return false
	}
	o := originator(f)
	orig, resp := &t.ends[o], &t.ends[1-o]
	end := orig
	if p.Flags&packet.ACK != 0 {
		if orig.state != silentEnd {
			return false
		}
		end = resp
	}
	switch {
	case orig.closed || resp.closed:
		return true
	case c.Seq32 == end.start:
		return false
	}
	return p.Flags&packet.ACK != 0 || end.state != synAckSent || resp.state != silentEnd || c.Seq32 != resp.start
}

// fire does what is due and returns why and since when the connection is over, Open if it
// is not. Since when does not depend on now: a check finds over what has been quiet for long
// enough, whenever it looks.
func (t *zeekConn) fire(f *Flow, due, now int64) (why Reason, at int64) {
	switch due {
	case t.over:
		t.over = Never
		return t.why(), due
	case t.attempt:
		t.attempt = Never
		if o := originator(f); !t.settled && t.ends[1-o].state == silentEnd && (t.ends[o].state == synSent || t.ends[o].state == synAckSent) {
			return Idle, due
		}
		return Open, 0
	}
	k := 0
	if t.checks[0] != due {
		k = 1
	}
	t.checks[k] = Never
	if t.settled {
		return Open, 0
	}
	a, b := &t.ends[0], &t.ends[1]
	if quiet := zeekOf(f).last + zeekLinger; quiet < now {
		at = max(due, min(quiet+1, t.over))
		switch {
		case a.closed && b.closed, (a.closed || b.closed) && (a.state == reset || b.state == reset || a.state == silentEnd || b.state == silentEnd):
			return t.why(), at
		case a.state == silentEnd && b.state == silentEnd:
			return Idle, at
		}
	}
	if t.checks[k] = Never; now < Never-zeekNextCheck {
		t.checks[k] = now + zeekNextCheck
	}
	return Open, 0
}

// why is the reason of a connection that is closed.
func (t *zeekConn) why() Reason {
	if t.ends[0].state == reset || t.ends[1].state == reset {
		return Rst
	}
	return Fin
}

// size is how many bytes an end has sent, by its sequence numbers and those acknowledged.
func (t *zeekConn) size(i int) uint64 {
	e := &t.ends[i]
	if e.prior == synSent && e.state == reset && t.ends[1-i].state == silentEnd && e.ack != 0 && e.ack != 1 {
		return 0
	}
	n := max(e.last, e.ack, 0)
	if n > 0 { // the SYN
		n--
	}
	if e.finished && n > 0 {
		n--
	}
	return uint64(n)
}

// connState is Zeek's conn_state.
func (t *zeekConn) connState(f *Flow) ConnState {
	o := originator(f)
	c := connection{ends: [2]endState{t.ends[o].state, t.ends[1-o].state}}
	c.payload = c.ends[0] == reset && c.ends[1] == reset && (t.size(0) > 0 || t.size(1) > 0)
	s := c.state()
	if s == RSTOS0 && !t.onlySYN() {
		return OTH
	}
	return s
}
