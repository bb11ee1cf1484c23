package packet

// Limits on datagrams that are put together.
const (
	maxWholes = 1024 // under way; the oldest gives way
	maxPieces = 64   // stretches of one with gaps between; more are not looked at
	wholeHead = 20   // bytes kept of the transport header
)

// wholes puts IPv4 datagrams together as Wireshark does: by addresses, protocol and
// identification, without a limit in time. Of their bytes it keeps the first.
type wholes struct {
	open map[wholeID]*whole
	ring []*whole // in order of their first fragments, from next on; their memory is used again
	next int
	lost uint64 // datagrams that were given up: the oldest of too many, and those in too many stretches
}

type wholeID struct {
	src, dst [4]byte
	id       uint16
	proto    uint8
}

type whole struct {
	id       wholeID
	open     bool             // fragments are missing
	spilled  bool             // and some of them had no room
	pieces   [maxPieces]piece // in order, none touching the next
	n        int
	size     int // by the last fragment; 0 unknown
	start    [wholeHead]byte
	captured int // bytes of start, once all are there
}

type piece struct{ from, to int }

// add takes a fragment with the IP header h. It returns the datagram that is complete with
// it, or nil.
func (t *wholes) add(h, b []byte, frag uint16) *whole {
	id := wholeID{id: be16(h[4:]), proto: h[9]}
	copy(id.src[:], h[12:])
	copy(id.dst[:], h[16:])
	w := t.open[id]
	if w == nil {
		w = t.begin(id)
	}
	from := int(frag&0x1fff) * 8
	if from < wholeHead {
		copy(w.start[from:], b)
	}
	if !w.join(piece{from, from + len(b)}) && !w.spilled {
		w.spilled = true
		t.lost++
	}
	if frag&0x2000 == 0 && w.size == 0 {
		w.size = from + len(b)
	}
	if w.size == 0 || w.pieces[0].from > 0 || w.pieces[0].to < w.size {
		return nil
	}
	w.captured = min(w.size, wholeHead)
	delete(t.open, id)
	w.open = false
	return w
}

// begin makes room for a datagram.
func (t *wholes) begin(id wholeID) *whole {
	if t.open == nil {
		t.open, t.ring = map[wholeID]*whole{}, make([]*whole, maxWholes)
	}
	w := t.ring[t.next]
	if w == nil {
		w = new(whole)
		t.ring[t.next] = w
	} else if w.open {
		delete(t.open, w.id)
		if !w.spilled {
			t.lost++
		}
	}
	*w = whole{id: id, open: true}
	t.next = (t.next + 1) % maxWholes
	t.open[id] = w
	return w
}

// join adds a stretch of bytes to those that are there, and tells whether all had room.
func (w *whole) join(p piece) bool {
	var out [maxPieces + 1]piece
	n, done := 0, false
	put := func(q piece) { out[n], n = q, n+1 }
	for _, q := range w.pieces[:w.n] {
		switch {
		case q.to < p.from:
		case q.from > p.to:
			if !done {
				put(p)
				done = true
			}
		default:
			p = piece{min(p.from, q.from), max(p.to, q.to)}
			continue
		}
		put(q)
	}
	if !done {
		put(p)
	}
	w.n = min(copy(w.pieces[:], out[:n]), maxPieces)
	return n <= maxPieces
}
