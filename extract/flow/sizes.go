package flow

// FullSize is the IP length from which a packet counts as full-size, bytes: what is
// left of a 1500-byte link behind the usual tunnels and options.
const FullSize = 1400

// sizeBuckets reach to 65,535 bytes; larger packets fall into the last one.
const sizeBuckets = 60

// Sizes counts the lengths of IP packets and of their transport payload by the headers.
// It holds no more than it must: with many flows its memory is most of its cost.
type Sizes struct {
	packets, empty, full [2]uint32
	ip, payload          [2]lengths
}

// SizeStats is what Sizes has counted: of the forward direction (0), of the backward
// direction (1) and of Both.
type SizeStats struct {
	IP      [3]Moments // bytes
	Payload [3]Moments // bytes
	Empty   [3]uint64  // packets without payload
	Full    [3]uint64  // packets of at least FullSize bytes
	// Quartiles, bytes, at most an eighth off.
	IPQuartiles, PayloadQuartiles [3][3]uint64
}

// lengths are the moments and the histogram of lengths; how many there are stands elsewhere.
type lengths struct {
	sum, squares uint64
	min, max     uint32
	histogram    [sizeBuckets]uint16
	shift        uint8 // of the histogram
}

// longest is the greatest length that is squared as it is. A packet that claims more
// counts as this long there: so sums of squares fit for 16 million packets of any length
// and for as many as can be counted of up to 64 KiB.
const longest = 1 << 20

func (l *lengths) add(x, n uint32) {
	if n == 0 || x < l.min {
		l.min = x
	}
	if x > l.max {
		l.max = x
	}
	l.sum += uint64(x)
	s := uint64(min(x, longest))
	l.squares += s * s
	count(l.histogram[:], &l.shift, bucket(uint64(x), sizeBuckets), uint64(n))
}

// Add counts one packet.
func (s *Sizes) Add(in *In) {
	d := in.Dir & 1
	s.ip[d].add(in.P.IPLen, s.packets[d])
	s.payload[d].add(in.P.Payload, s.packets[d])
	s.packets[d]++
	if in.P.Payload == 0 {
		s.empty[d]++
	}
	if in.P.IPLen >= FullSize {
		s.full[d]++
	}
}

// Stats writes what was counted to to.
func (s *Sizes) Stats(to *SizeStats) {
	for d, n := range s.packets {
		to.Empty[d], to.Full[d] = uint64(s.empty[d]), uint64(s.full[d])
		to.IP[d], to.Payload[d] = s.ip[d].moments(n), s.payload[d].moments(n)
	}
	to.Empty[Both], to.Full[Both] = to.Empty[0]+to.Empty[1], to.Full[0]+to.Full[1]
	sizeStats(&s.ip, &to.IP, &to.IPQuartiles)
	sizeStats(&s.payload, &to.Payload, &to.PayloadQuartiles)
}

func (l *lengths) moments(n uint32) Moments {
	return Moments{N: uint64(n), Sum: l.sum, SqLo: l.squares, Min: uint64(l.min), Max: uint64(l.max)}
}

// sizeStats merges the directions and finds the quartiles.
func sizeStats(l *[2]lengths, m *[3]Moments, q *[3][3]uint64) {
	m[Both] = m[0]
	m[Both].Merge(&m[1])
	q[0] = quartiles(l[0].histogram[:], nil, l[0].shift, 0, &m[0], 0)
	q[1] = quartiles(l[1].histogram[:], nil, l[1].shift, 0, &m[1], 0)
	q[Both] = quartiles(l[0].histogram[:], l[1].histogram[:], l[0].shift, l[1].shift, &m[Both], 0)
}
