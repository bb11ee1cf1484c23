package packet

// Limits of the datagrams that are put together from fragments.
const (
	maxDatagrams = 128              // under way at once: 9 MB at most
	datagramTime = 300 * int64(1e9) // for this long in capture time, ns (Zeek: frag_timeout)
	datagramHead = 32               // room for the addresses in front of the data
	maxDatagram  = 65535            // bytes of data
)

// datagrams are those whose fragments are still coming in. Their memory is used again.
type datagrams struct {
	places map[datagramKey]int
	all    []datagram
	free   []int  // places that are not in use
	begun  uint64 // datagrams so far
	lost   uint64 // given up because there was no place for another
}

type datagramKey struct {
	src, dst [16]byte
	id       uint32
	proto    uint8
	size     uint8 // of the addresses
}

type datagram struct {
	key  datagramKey
	time int64    // of its first fragment, ns
	rank uint64   // among all: the oldest gives way
	size int      // bytes of the datagram; -1 before the last fragment was seen
	seen int      // bytes that are there
	have []uint64 // which, a bit each
	data []byte   // addresses, then the bytes
}

// add adds the fragment n, whose data belongs at the place at, and returns addresses and
// data of the datagram when it is complete, valid until the next call. Where fragments
// overlap, the first counts.
func (g *datagrams) add(n *zeekPacket, now int64, at int, last bool) []byte {
	b := n.data[min(n.off, n.end):n.end]
	if at+len(b) > maxDatagram {
		return nil
	}
	k := datagramKey{id: n.id, proto: n.fragProto, size: uint8(n.size)}
	copy(k.src[:], n.data[n.src:n.src+n.size])
	copy(k.dst[:], n.data[n.src+n.size:n.src+2*n.size])
	i, ok := g.places[k]
	if ok {
		if age := now - g.all[i].time; age > datagramTime || age < -datagramTime {
			g.forget(i)
			ok = false
		}
	}
	if !ok {
		i = g.place(k, now)
	}
	m := &g.all[i]
	m.fill(b, at)
	if last {
		m.size = at + len(b)
	}
	if m.size < 0 || m.seen < m.size || !m.full() {
		return nil
	}
	g.forget(i)
	copy(m.data[:n.size], k.src[:n.size])
	copy(m.data[n.size:2*n.size], k.dst[:n.size])
	return m.data[:datagramHead+m.size]
}

// place makes room for a datagram.
func (g *datagrams) place(k datagramKey, now int64) int {
	if g.places == nil {
		g.places = make(map[datagramKey]int, maxDatagrams)
	}
	switch {
	case len(g.free) > 0:
	case len(g.all) < maxDatagrams:
		g.all = append(g.all, datagram{})
		g.free = append(g.free, len(g.all)-1)
	default:
		oldest := 0
		for i := range g.all {
			if g.all[i].rank < g.all[oldest].rank {
				oldest = i
			}
		}
		g.forget(oldest)
		g.lost++
	}
	i := g.free[len(g.free)-1]
	g.free = g.free[:len(g.free)-1]
	g.begun++
	m := &g.all[i]
	clear(m.have)
	m.key, m.time, m.rank, m.size, m.seen = k, now, g.begun, -1, 0
	g.places[k] = i
	return i
}

func (g *datagrams) forget(i int) {
	delete(g.places, g.all[i].key)
	g.free = append(g.free, i)
}

// fill takes the bytes of b that are not there yet.
func (m *datagram) fill(b []byte, at int) {
	if words := (at+len(b)+63)/64 - len(m.have); words > 0 {
		m.have = append(m.have, make([]uint64, words)...)
	}
	if more := datagramHead + at + len(b) - len(m.data); more > 0 {
		m.data = append(m.data, make([]byte, more)...)
	}
	for i, x := range b {
		bit := uint64(1) << ((at + i) % 64)
		if w := &m.have[(at+i)/64]; *w&bit == 0 {
			*w |= bit
			m.data[datagramHead+at+i] = x
			m.seen++
		}
	}
}

// full tells whether all bytes are there. Bytes beyond the end are not looked at.
func (m *datagram) full() bool {
	for i := range m.size / 64 {
		if m.have[i] != ^uint64(0) {
			return false
		}
	}
	rest := m.size % 64
	return rest == 0 || m.have[m.size/64]|^uint64(0)<<rest == ^uint64(0)
}
