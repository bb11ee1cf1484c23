package flow

// Seen are the TCP packets that a connection has had. They lie in a seenSet that all flows
// of a table share.
type Seen struct {
	first, last uint32 // oldest and newest entry + 1; 0 without
	n           uint32
	id          uint32 // of the connection
}

// seenMost is how many packets of a connection are remembered: when there are more, the
// oldest is forgotten.
const seenMost = 1 << 16

// seenSet tells whether a connection has had a TCP packet with the same sender, sequence and
// acknowledgement number, payload length and window. Packets are known by a hash of 64 bits.
type seenSet struct {
	slots
	entries slab[seenEntry]
	buckets []uint32 // first entry + 1; a power of two of them
	limit   uint32   // entries, 0 none
	ids     uint32
	lost    uint64 // packets that were forgotten
}

type seenEntry struct {
	hash uint64
	next uint32 // in the bucket, + 1
	then uint32 // the connection's next, + 1
}

// add remembers a packet and reports whether it was known.
func (a *seenSet) add(s *Seen, in *In, size uint32) bool {
	if s.id == 0 {
		a.ids = max(a.ids+1, 1)
		s.id = a.ids
	}
	k := &in.P.Key
	var sender uint64
	if in.P.FromA || k.A == k.B {
		sender = 1
	}
	h := mix(uint64(s.id)<<32 | uint64(in.C.Seq32))
	h = mix(h ^ (uint64(in.C.Ack)<<32 | uint64(in.P.Window)<<1 | sender))
	h = mix(h ^ uint64(size))
	if a.used >= uint32(len(a.buckets)) {
		a.grow()
	}
	b := &a.buckets[h&uint64(len(a.buckets)-1)]
	for i := *b; i != 0; i = a.entries.at(i - 1).next {
		if a.entries.at(i-1).hash == h {
			return true
		}
	}
	if s.n >= seenMost || a.limit > 0 && a.used >= a.limit {
		a.lost++
		if s.n == 0 {
			return false
		}
		a.forget(s)
	}
	i, grow := a.take()
	if grow {
		a.entries.grow()
	}
	*a.entries.at(i) = seenEntry{hash: h, next: *b}
	*b = i + 1
	if s.last == 0 {
		s.first = i + 1
	} else {
		a.entries.at(s.last - 1).then = i + 1
	}
	s.last = i + 1
	s.n++
	return false
}

// mix is the finalizer of MurmurHash3.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// forget drops the oldest packet of s.
func (a *seenSet) forget(s *Seen) {
	i := s.first
	e := a.entries.at(i - 1)
	p := &a.buckets[e.hash&uint64(len(a.buckets)-1)]
	for *p != i {
		p = &a.entries.at(*p - 1).next
	}
	*p = e.next
	if s.first = e.then; s.first == 0 {
		s.last = 0
	}
	s.n--
	a.put(i - 1)
}

// free drops all packets of s.
func (a *seenSet) free(s *Seen) {
	for s.n > 0 {
		a.forget(s)
	}
	*s = Seen{}
}

// grow doubles the buckets.
func (a *seenSet) grow() {
	old := a.buckets
	a.buckets = make([]uint32, max(1024, 2*len(old)))
	for _, i := range old {
		for i != 0 {
			e := a.entries.at(i - 1)
			following := e.next
			b := &a.buckets[e.hash&uint64(len(a.buckets)-1)]
			e.next, *b = *b, i
			i = following
		}
	}
}
