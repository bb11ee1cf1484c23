package flow

// What of an end's bytes has arrived, and what has been acknowledged: a hole defers the
// closing of an end until it is filled or the peer acknowledges beyond it. Zeek keeps the
// bytes themselves; here it is enough to know which.

// span returns a span with numbers that do not wrap.
func (e *zeekEnd) span(k int) (from, to int64) {
	at := func(x uint32) int64 { return e.got + int64(int32(x-uint32(e.got))) }
	return at(e.spans[k].from), at(e.spans[k].to)
}

// drop forgets spans from the kth up to, but not, the nth.
func (e *zeekEnd) drop(k, n int) {
	copy(e.spans[k:], e.spans[n:e.kept])
	e.kept -= uint8(n - k)
}

// keep enters a span. Beyond four that do not touch, the last is given up.
func (e *zeekEnd) keep(from, to int64) {
	k := 0
	for k < int(e.kept) {
		if _, t := e.span(k); t >= from {
			break
		}
		k++
	}
	n := k
	for n < int(e.kept) {
		f, t := e.span(n)
		if f > to {
			break
		}
		from, to = min(from, f), max(to, t)
		n++
	}
	if n == k { // it touches none
		if k == len(e.spans) {
			return
		}
		if int(e.kept) == len(e.spans) {
			e.kept--
		}
		copy(e.spans[k+1:], e.spans[k:e.kept])
		e.kept++
	} else {
		e.drop(k+1, n)
	}
	e.spans[k] = zeekSpan{uint32(from), uint32(to)}
}

// unacknowledged tells that the peer has acknowledged nothing but the SYN.
func (e *zeekEnd) unacknowledged() bool { return e.ack == 0 || e.ack == 1 }

// data takes length bytes that end i has sent from the sequence number from on.
func (t *zeekConn) data(i int, from, length int64) {
	e := &t.ends[i]
	to := from + length
	if e.blind || to <= e.trim || from < e.ack && to <= e.ack {
		return
	}
	if from < e.ack {
		from = e.ack
	}
	e.keep(max(from, e.trim), to)
	e.advance()
	if e.unacknowledged() && max(e.last, e.ack) > zeekFirstWindow {
		t.forget(i, e.got)
	}
	if e.unacknowledged() && e.kept > 0 {
		if _, last := e.span(int(e.kept) - 1); last-e.got > zeekFirstWindow {
			e.kept, e.blind = 0, true
		}
	}
}

// advance moves got over the spans that it touches.
func (e *zeekEnd) advance() {
	for k := range int(e.kept) {
		from, to := e.span(k)
		if from > e.got {
			return
		}
		e.got = max(e.got, to)
	}
}

// forget gives up all that end i sent up to the number given.
func (t *zeekConn) forget(i int, to int64) {
	e := &t.ends[i]
	if to > e.got && (to > 2 || !t.partial) {
		e.got = to
		e.advance()
	}
	k := 0
	for k < int(e.kept) {
		if _, last := e.span(k); last > to {
			break
		}
		k++
	}
	e.drop(0, k)
	e.trim = max(e.trim, to)
}

// covered notes that the peer of end i has acknowledged so much.
func (l *ZeekLife) covered(f *Flow, t *zeekConn, i int, to int64) {
	e := &t.ends[i]
	if e.finished && to >= e.fin {
		to = e.fin - 1
	}
	if to <= e.trim {
		return
	}
	if !e.blind && clean(e) && clean(&t.ends[1-i]) && (to > 2 || !t.partial) {
		for k, at := 0, e.got; at < to; k++ { // holes below it are lost
			from, next := to, to
			if k < int(e.kept) {
				if a, b := e.span(k); a < to {
					from, next = a, b
				}
			}
			if from > at {
				l.counted(f, i, 'G', &e.gaps)
			}
			at = max(at, next)
		}
	}
	t.forget(i, to)
	t.finish(zeekOf(f), i)
}

// clean tells whether an end is established, or was when it closed.
func clean(e *zeekEnd) bool {
	return e.state == established || e.state == closed && e.prior == established
}

// pending tells whether something that end i sent is still missing.
func (t *zeekConn) pending(i int) bool {
	e, peer := &t.ends[i], &t.ends[1-i]
	switch {
	case e.blind || e.last < e.got:
		return false
	case e.got != e.last && e.got != e.last-1:
		return true
	}
	return e.state != reset && peer.kept > 0
}
