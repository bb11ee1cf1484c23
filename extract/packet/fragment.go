package packet

// Limits of the fragment table.
const (
	maxFragments = 4096            // first fragments remembered
	fragmentTime = 60 * 1000000000 // for this long in capture time, ns (RFC 8200 section 4.5)
)

// fragments remembers the flows of first fragments, so that later ones, which have no
// ports, find theirs. Entries fill a ring: the oldest gives way. Chains of entries with
// equal hash run from the newest to the oldest.
type fragments struct {
	ring  []fragment
	heads []uint16 // by hash: index in ring + 1
	next  int      // slot of the ring to fill
}

type fragment struct {
	src, dst [16]byte
	id       uint32
	proto    uint8
	size     uint8 // of the addresses; 0: never filled
	fromA    bool
	older    uint16 // next in the chain: index + 1
	head     uint16 // index in heads of its chain
	time     int64
	key      Key
}

func newFragments() fragments {
	return fragments{ring: make([]fragment, maxFragments), heads: make([]uint16, 2*maxFragments)}
}

// first remembers the flow of the first fragment p.
func (d *Decoder) first(p *Packet, n *net) {
	t := &d.frags
	slot := uint16(t.next)
	t.next = (t.next + 1) % maxFragments
	e := &t.ring[slot]
	if e.size != 0 {
		t.unlink(slot)
		if age := d.time - e.time; age >= 0 && age <= fragmentTime {
			d.notes.LostFirsts++
		}
	}
	*e = fragment{id: n.id, proto: n.fragProto, size: uint8(n.size), fromA: p.FromA, time: d.time, key: p.Key}
	copy(e.src[:], n.data[n.src:n.src+n.size])
	copy(e.dst[:], n.data[n.src+n.size:n.src+2*n.size])
	e.head = e.hash()
	e.older = t.heads[e.head]
	t.heads[e.head] = slot + 1
}

// unlink takes the ring's slot out of its chain.
func (t *fragments) unlink(slot uint16) {
	e := &t.ring[slot]
	at := &t.heads[e.head]
	for *at != slot+1 {
		at = &t.ring[*at-1].older
	}
	*at = e.older
}

// later credits a later fragment, whose data starts at off, to the flow of its first.
func (d *Decoder) later(p *Packet, c *Cold, n *net, off int) Outcome {
	if d.view.DropFragments {
		return DroppedFragment
	}
	want := fragment{id: n.id, proto: n.fragProto, size: uint8(n.size)}
	copy(want.src[:], n.data[n.src:n.src+n.size])
	copy(want.dst[:], n.data[n.src+n.size:n.src+2*n.size])
	for i := d.frags.heads[want.hash()]; i != 0; {
		e := &d.frags.ring[i-1]
		if e.id == want.id && e.src == want.src && e.dst == want.dst && e.proto == want.proto && e.size == want.size {
			if age := d.time - e.time; age > fragmentTime || age < -fragmentTime {
				return LostFragment
			}
			p.Key, p.FromA = e.key, e.fromA
			p.L4Header, p.Flags, p.Window = 0, 0, 0
			d.payload(p, off, n.end-off)
			c.Bits |= BitFragment | BitLater
			d.marks |= markFragment | markCredited
			return Admitted
		}
		i = e.older
	}
	return LostFragment
}

// hash returns the chain of e.
func (e *fragment) hash() uint16 {
	k := Key{A: e.src, B: e.dst, APort: uint16(e.id), BPort: uint16(e.id >> 16), Proto: e.proto, Kind: e.size}
	return uint16(k.Hash() % (2 * maxFragments))
}
