package flow

// Seen are the TCP packets that a connection has had. They lie in a seenSet that all flows
// of a table share, the oldest first.
type Seen struct {
	first, last uint32 // entries + 1; 0 without
	fresh       uint32 // first entry that is not in the buckets, + 1; 0 without
	n           uint32
	id          uint32    // of the connection
	has         [2]bool   // by sender: there was a packet
	seq, ack    [2]uint32 // the highest numbers
}

const (
	seenMost = 1 << 16 // packets of a connection that are remembered: beyond them the oldest is forgotten
	seenFew  = 32      // so many are searched one by one
)

// seenSet tells whether a connection has had a TCP packet with the same sender, sequence and
// acknowledgement number, payload length and window. Packets are known by a hash of 64 bits.
//
// Most packets need no search: one of the numbers is higher than all before. The others are
// few in most connections, so packets come into the buckets only when there is a search.
type seenSet struct {
	slots
	entries slab[seenEntry]
	buckets []uint32 // first entry + 1; a power of two of them
	indexed uint32   // entries in buckets
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
	sender, k := 0, &in.P.Key
	if in.P.FromA || k.A == k.B {
		sender = 1
	}
	seq, ack := in.C.Seq32, in.C.Ack
	h := mix(uint64(s.id)<<32 | uint64(seq))
	h = mix(h ^ (uint64(ack)<<32 | uint64(in.P.Window)<<1 | uint64(sender)))
	h = mix(h ^ uint64(size))
	if s.has[sender] && seq <= s.seq[sender] && ack <= s.ack[sender] && a.known(s, h) {
		return true
	}
	s.has[sender] = true
	s.seq[sender], s.ack[sender] = max(s.seq[sender], seq), max(s.ack[sender], ack)
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
	*a.entries.at(i) = seenEntry{hash: h}
	if i++; s.last == 0 {
		s.first = i
	} else {
		a.entries.at(s.last - 1).then = i
	}
	if s.last = i; s.fresh == 0 {
		s.fresh = i
	}
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

// known searches for a packet.
func (a *seenSet) known(s *Seen, h uint64) bool {
	if s.n <= seenFew {
		for i := s.first; i != 0; {
			e := a.entries.at(i - 1)
			if e.hash == h {
				return true
			}
			i = e.then
		}
		return false
	}
	for s.fresh != 0 {
		if a.indexed >= uint32(len(a.buckets)) {
			a.grow()
		}
		e := a.entries.at(s.fresh - 1)
		b := a.bucket(e.hash)
		e.next, *b = *b, s.fresh
		a.indexed++
		s.fresh = e.then
	}
	for i := *a.bucket(h); i != 0; {
		e := a.entries.at(i - 1)
		if e.hash == h {
			return true
		}
		i = e.next
	}
	return false
}

func (a *seenSet) bucket(h uint64) *uint32 { return &a.buckets[h&uint64(len(a.buckets)-1)] }

// grow doubles the buckets.
func (a *seenSet) grow() {
	old := a.buckets
	a.buckets = make([]uint32, max(1024, 2*len(old)))
	for _, i := range old {
		for i != 0 {
			e := a.entries.at(i - 1)
			following := e.next
			b := a.bucket(e.hash)
			e.next, *b = *b, i
			i = following
		}
	}
}

// forget drops the oldest packet of s.
func (a *seenSet) forget(s *Seen) {
	i := s.first
	e := a.entries.at(i - 1)
	if i == s.fresh {
		s.fresh = e.then
	} else {
		p := a.bucket(e.hash)
		for *p != i {
			p = &a.entries.at(*p - 1).next
		}
		*p = e.next
		a.indexed--
	}
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
