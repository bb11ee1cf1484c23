package packet

// Limits of the datagrams that are put together from fragments.
const (
	maxDatagrams = 128              // under way at once: 9 MB at most
	datagramTime = 300 * int64(1e9) // for this long in capture time, ns (Zeek: frag_timeout)
	datagramHead = 32               // room for the addresses in front of the data
	maxDatagram  = 65535            // bytes of data
)

// datagrams are those whose fragments are still coming in. Memory is made for a datagram when its
// place is used first, and used again from then on.
type datagrams struct {
	places map[datagramKey]int
	all    []datagram
	next   int // place to fill: the oldest gives way
	lost   uint64
}

type datagramKey struct {
	src, dst [16]byte
	id       uint32
	proto    uint8
	size     uint8 // of the addresses
}

type datagram struct {
	key  datagramKey
	used bool
	time int64    // of its first fragment, ns
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
	i := g.next
	g.next = (g.next + 1) % maxDatagrams
	if i == len(g.all) {
		g.all = append(g.all, datagram{})
	}
	if g.places == nil {
		g.places = make(map[datagramKey]int, maxDatagrams)
	}
	if g.all[i].used {
		g.forget(i)
		g.lost++
	}
	m := &g.all[i]
	clear(m.have)
	m.key, m.used, m.time, m.size, m.seen = k, true, now, -1, 0
	g.places[k] = i
	return i
}

func (g *datagrams) forget(i int) {
	delete(g.places, g.all[i].key)
	g.all[i].used = false
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
