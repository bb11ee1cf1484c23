package flow

import "fm/extract/packet"

// segment lets a connection take a TCP packet. The order of the steps is Zeek's.
func (l *ZeekLife) segment(f *Flow, t *zeekConn, p *packet.Packet, c *packet.Cold) {
	i := 1 // the sender's end
	if p.FromA {
		i = 0
	}
	byOrig := i == originator(f)
	if c.Bits&packet.BitChecksum != 0 {
		l.counted(f, i, 'C', &t.ends[i].wrong)
		return
	}
	if c.Bits&packet.BitTruncated != 0 {
		zeekOf(f).last = p.Time
		return
	}
	if c.Bits&packet.BitBadHeader != 0 {
		return
	}
	e, peer := &t.ends[i], &t.ends[1-i]
	syn, fin, rst, ack := p.Flags&packet.SYN != 0, p.Flags&packet.FIN != 0, p.Flags&packet.RST != 0, p.Flags&packet.ACK != 0
	length := int64(p.IPLen) - int64(p.IPHeader) - int64(p.L4Header)
	switch sent := t.first >> i & 1; {
	case sent == 1:
	case byOrig:
		t.partial = !syn || ack
	case !t.partial:
		t.partial = !syn
	}
	take := int64(0) // of the sequence space
	if !rst {
		take = length
	}
	if syn {
		take++
	}
	if fin {
		take++
	}
	past := c.Seq32 + uint32(take)
	e.begin(c.Seq32, past, syn)
	rel := e.last + int64(int32(c.Seq32-e.start-uint32(e.last)))
	early := rel < 0

	l.note(f, t, i, p.Flags, uint32(rel), uint32(length))
	if p.Window == 0 && !rst && peer.state != closed && e.state != reset {
		l.counted(f, i, 'W', &e.shut)
	}
	s := zeekOf(f)
	if !e.closed || !peer.closed {
		s.last = p.Time
	}
	if fin {
		e.finished, e.fin = true, rel+take
	}
	acked := int64(0)
	if ack {
		acked = peer.acknowledged(c.Ack, rst)
	}
	switch d := int64(int32(past - e.start - uint32(e.last))); {
	case (syn || rst) && (d > zeekFarSequence || d < -zeekFarSequence):
	case fin && e.last == 1:
		e.last += d
	case e.state == reset:
	case d > 0:
		e.last += d
	case length > 0:
		l.counted(f, i, 'T', &e.resent)
	}
	close, report := l.move(f, t, i, byOrig, p, c, length)
	if ack {
		l.covered(f, t, 1-i, acked)
	}
	if byOrig {
		t.first |= 1 << originator(f)
	} else {
		t.first |= 2 >> originator(f)
	}
	if length > 0 && int64(p.CapPayload) >= length && !rst && !early {
		from := rel
		if syn {
			from++
		}
		t.data(i, from, length)
	}
	t.finish(s, i)
	if close {
		t.close(s, i, report)
	}
}

// begin sets the first sequence number of an end, or sets it anew with a SYN.
func (e *zeekEnd) begin(seq, past uint32, syn bool) {
	switch {
	case e.state == silentEnd && !syn:
		e.start, e.ack, e.last = seq-1, 0, 1
	case e.state == silentEnd,
		syn && (e.state == synSent || e.state == synAckSent) && seq != e.start,
		syn && (e.state == established || e.state == partial),
		syn && e.state == reset && e.prior == silentEnd:
		e.start, e.ack, e.last = seq, 0, int64(int32(past-seq))
	}
}

// acknowledged notes that the peer of e has acknowledged so much, and returns it.
func (e *zeekEnd) acknowledged(ack uint32, rst bool) int64 {
	if e.state == silentEnd {
		e.start, e.ack, e.last = ack-1, 0, 0
		return 1
	}
	to := e.ack + int64(int32(ack-e.start-uint32(e.ack)))
	if to < 0 {
		return 0
	}
	if d := to - e.ack; !rst && d > 0 && (ack != 0 || d <= zeekFarSequence) {
		e.ack = to
	}
	return to
}

// change moves an end to another state.
func (l *ZeekLife) change(f *Flow, t *zeekConn, i int, to endState) {
	e := &t.ends[i]
	if e.state == to {
		return
	}
	if !inHandshake(to) && inHandshake(e.state) && inHandshake(t.ends[1-i].state) {
		l.silence(zeekOf(f), zeekTCPSilence)
	}
	e.prior, e.state = e.state, to
}

// move moves the states of the ends by one packet. It tells whether the sender has closed,
// and whether that settles the connection.
func (l *ZeekLife) move(f *Flow, t *zeekConn, i int, byOrig bool, p *packet.Packet, c *packet.Cold, length int64) (closing, report bool) {
	e, peer := &t.ends[i], &t.ends[1-i]
	syn, fin, rst, ack := p.Flags&packet.SYN != 0, p.Flags&packet.FIN != 0, p.Flags&packet.RST != 0, p.Flags&packet.ACK != 0
	switch e.state {
	case silentEnd:
		return l.wake(f, t, i, byOrig, p, c, length)
	case synSent, synAckSent:
		if fin {
			l.change(f, t, i, closed)
			closing, report = true, true
		}
		if rst {
			l.change(f, t, i, reset)
			t.settled = true
			closing = true
		}
	case established, partial:
		if syn && e.state == partial && peer.state == silentEnd && !ack {
			l.change(f, t, i, synSent)
		}
		if fin && !rst {
			l.change(f, t, i, closed)
			if peer.state == reset && peer.prior == closed {
				l.change(f, t, 1-i, closed)
			}
			closing, report = true, true
		}
		if rst {
			l.change(f, t, i, reset)
			closing = true
			if peer.state != reset || peer.prior != established {
				t.settled = true
			}
		}
	case closed:
		if rst && peer.state != closed {
			l.change(f, t, i, reset)
			closing = !e.closed
		}
	}
	return closing, report
}

// wake is move for the first packet of an end.
func (l *ZeekLife) wake(f *Flow, t *zeekConn, i int, byOrig bool, p *packet.Packet, c *packet.Cold, length int64) (closing, report bool) {
	e, peer := &t.ends[i], &t.ends[1-i]
	syn, fin, rst, ack := p.Flags&packet.SYN != 0, p.Flags&packet.FIN != 0, p.Flags&packet.RST != 0, p.Flags&packet.ACK != 0
	switch {
	case syn && byOrig && ack:
		l.change(f, t, i, synAckSent)
		t.attempt = p.Time + zeekAttempt
	case syn && byOrig:
		l.change(f, t, i, synSent)
		t.attempt = p.Time + zeekAttempt
	case syn:
		if !ack && peer.state == synAckSent && c.Seq32 == e.start { // SYN and SYN-ACK in the wrong order
			l.turn(f, t)
			l.change(f, t, 1-i, established)
			t.first |= 1 << i
		}
		if peer.state == synSent {
			l.change(f, t, 1-i, established)
		}
		l.change(f, t, i, established)
		if peer.state != partial {
			l.establish(f, t)
		}
	}
	if fin {
		l.change(f, t, i, closed)
		closing, report = true, true
	}
	if rst {
		l.change(f, t, i, reset)
		rejected := peer.state == synSent || peer.state == synAckSent
		if byOrig {
			rejected = peer.state == established
		}
		closing, report = true, !rejected
	}
	if e.state != silentEnd {
		return closing, report
	}
	switch {
	case !byOrig && length == 0 && peer.state == synSent: // some acknowledge a SYN before they answer it
	case ack && peer.state == established: // the SYN was missed
		l.change(f, t, i, established)
		t.partial = false
		t.first |= 1 << i
	default:
		l.change(f, t, i, partial)
	}
	return closing, report
}

// establish allows a long silence to the protocols that have a terminal behind them.
func (l *ZeekLife) establish(f *Flow, t *zeekConn) {
	o := originator(f)
	ports := [2]uint16{f.Key.APort, f.Key.BPort}
	port := ports[1-o]
	if t.ends[o].state == silentEnd && !l.Bare && !has(zeekTCPPorts, port) && has(zeekTCPPorts, ports[o]) {
		port = ports[o]
	}
	switch port {
	case 21, 22, 23, 513:
		l.silence(zeekOf(f), zeekLongSilence)
	}
}

// close closes an end once all that it sent has arrived.
func (t *zeekConn) close(s *zeekState, i int, report bool) {
	e, peer := &t.ends[i], &t.ends[1-i]
	if t.pending(i) {
		t.deferred = true
		t.report = t.report || report
		return
	}
	t.deferred = false
	if e.closed {
		return
	}
	e.closed = true
	switch {
	case e.state == reset || peer.closed || peer.state == silentEnd:
		if e.prior != silentEnd || peer.state != silentEnd {
			t.settled = t.settled || report || t.report
			t.report = false
		}
		t.attempt, t.checks = Never, [2]int64{Never, Never}
		t.over = s.last + zeekLinger
	case e.prior != silentEnd:
		k := 0
		if t.checks[0] != Never {
			k = 1
		}
		t.checks[k] = s.last + zeekNextCheck
	}
}

// finish notes when all has arrived that an end that has closed sent.
func (t *zeekConn) finish(s *zeekState, i int) {
	e := &t.ends[i]
	if e.ended || !e.finished && e.state != closed && e.state != reset || t.pending(i) {
		return
	}
	e.ended = true
	if t.deferred {
		t.close(s, i, t.report)
		t.deferred = false
	}
}
