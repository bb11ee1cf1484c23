package flow

import "fm/extract/packet"

// The history of a connection: a letter for each kind of event, in order; those of the
// responder are small, ^ says that the roles were turned round. S, H, A, D, F, R, I and Q
// are flags and payload, once an end, or again where SYN, FIN or RST come with another
// sequence number; C wrong checksums, T packets sent again, W windows of 0 and G gaps, the
// first, tenth, hundredth of an end. UDP has D and C.

// letter appends a letter to the history.
func (l *ZeekLife) letter(f *Flow, x byte) {
	s := zeekOf(f)
	room := s.history[:]
	if c := l.tcp(f); c != nil {
		room = c.history[:]
	}
	if int(s.letters) < len(room) {
		room[s.letters] = x
		s.letters++
	}
}

// once puts a letter into the history of what is not TCP if it is not there yet.
func (l *ZeekLife) once(f *Flow, x byte, fromA bool) {
	s := zeekOf(f)
	if fromA != f.FromA {
		x += 'a' - 'A'
	}
	for _, y := range s.history[:s.letters] {
		if x == y {
			return
		}
	}
	l.letter(f, x)
}

// Letters of the history that are given once an end, or again where the number differs.
const zeekLetters = "SHADFRIQ"

// note enters a packet's flags into the history.
func (l *ZeekLife) note(f *Flow, t *zeekConn, i int, flags uint8, rel, length uint32) {
	e := &t.ends[i]
	switch flags & (packet.SYN | packet.FIN | packet.RST) {
	case packet.SYN:
		letter := byte('S')
		if flags&packet.ACK != 0 {
			letter = 'H'
		}
		l.repeat(f, t, i, letter, rel, &e.lastSYN)
	case packet.FIN:
		l.repeat(f, t, i, 'F', rel+length, &e.lastFIN)
	case packet.RST:
		l.repeat(f, t, i, 'R', rel, &e.lastRST)
	case 0:
		if length > 0 {
			l.seen(f, t, i, 'D')
		} else if flags&packet.ACK != 0 {
			l.seen(f, t, i, 'A')
		}
	case packet.SYN | packet.FIN, packet.SYN | packet.RST:
		l.seen(f, t, i, 'Q')
	default:
		l.seen(f, t, i, 'I')
	}
}

// onlySYNACK tells whether the originator has sent a SYN-ACK, and nobody anything else.
func (t *zeekConn) onlySYNACK() bool {
	if t.history[0] != 'H' {
		return false
	}
	for _, x := range t.history[1:] {
		switch x {
		case 0:
			return true
		case 'C', 'c', 'T', 't', 'W', 'w', 'G', 'g': // counted events
		default:
			return false
		}
	}
	return false
}

// repeat enters a letter, again if it comes with another number.
func (l *ZeekLife) repeat(f *Flow, t *zeekConn, i int, letter byte, number uint32, last *uint32) {
	if l.seen(f, t, i, letter) && number != *last {
		l.letter(f, t.role(f, i, letter))
	}
	*last = number
}

// seen enters a letter if it is new, and tells whether it was there. A connection that
// began with a SYN-ACK alone turns round with the first plain packet.
func (l *ZeekLife) seen(f *Flow, t *zeekConn, i int, letter byte) bool {
	if (letter == 'A' || letter == 'D') && t.onlySYNACK() {
		t.history[0] = 'h'
		l.turn(f, t)
		n := zeekOf(f).letters
		copy(t.history[1:n], t.history[:n-1])
		t.history[0] = '^'
	}
	bit := uint16(1)
	for k := range zeekLetters {
		if zeekLetters[k] == letter {
			bit <<= k
		}
	}
	role := i ^ originator(f)
	if t.seen[role]&bit != 0 {
		return true
	}
	t.seen[role] |= bit
	l.letter(f, t.role(f, i, letter))
	return false
}

// counted enters a letter at the first, tenth, hundredth … event of its kind.
func (l *ZeekLife) counted(f *Flow, i int, letter byte, events *uint32) {
	if *events == ^uint32(0) {
		return
	}
	*events++
	n := *events
	for n%10 == 0 {
		n /= 10
	}
	if n == 1 {
		l.letter(f, l.tcp(f).role(f, i, letter))
	}
}

// role makes the letter of the responder small.
func (t *zeekConn) role(f *Flow, i int, letter byte) byte {
	if i != originator(f) {
		letter += 'a' - 'A'
	}
	return letter
}

// turn swaps the roles.
func (l *ZeekLife) turn(f *Flow, t *zeekConn) {
	f.FromA = !f.FromA
	t.partial = false
	l.letter(f, '^')
}

// onlySYN tells whether the originator sent a SYN, then RST, and nothing telling between.
func (t *zeekConn) onlySYN() bool {
	h := t.history[:]
	if h[0] == '^' {
		h = h[1:]
	}
	if h[0] != 'S' {
		return false
	}
	for _, x := range h[1:] {
		switch x {
		case 'R':
			return true
		case 'H', 'A', 'F', 'G', 'I', 'Q', 0:
			return false
		}
	}
	return false
}
