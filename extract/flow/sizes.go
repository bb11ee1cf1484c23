package flow

// FullSize is the IP length from which a packet counts as full-size, bytes: what is
// left of a 1500-byte link behind the usual tunnels and options.
const FullSize = 1400

// sizeBuckets reach to 65,535 bytes; larger packets fall into the last one.
const sizeBuckets = 60

// Sizes are the lengths of IP packets and of their transport payload by the headers:
// of the forward direction (0), of the backward direction (1) and of both (Both).
type Sizes struct {
	IP      [3]Moments // bytes; Both is set by Derive
	Payload [3]Moments // bytes; Both is set by Derive
	Empty   [2]uint32  // packets without payload
	Full    [2]uint32  // packets of at least FullSize bytes
	// Quartiles, at most an eighth off; set by Derive.
	IPQuartiles, PayloadQuartiles [3][3]uint64
	ip, payload                   [2][sizeBuckets]uint16
}

// Reset empties s.
func (s *Sizes) Reset() { *s = Sizes{} }

// Add counts one packet.
func (s *Sizes) Add(in *In) {
	d := in.Dir & 1
	ip, payload := uint64(in.P.IPLen), uint64(in.P.Payload)
	s.IP[d].Add(ip)
	s.Payload[d].Add(payload)
	count(s.ip[d][:], bucket(ip, sizeBuckets))
	count(s.payload[d][:], bucket(payload, sizeBuckets))
	if payload == 0 {
		s.Empty[d]++
	}
	if ip >= FullSize {
		s.Full[d]++
	}
}

// Derive merges the directions and finds the quartiles.
func (s *Sizes) Derive() {
	derive(&s.IP, &s.IPQuartiles, &s.ip)
	derive(&s.Payload, &s.PayloadQuartiles, &s.payload)
}

func derive(m *[3]Moments, q *[3][3]uint64, h *[2][sizeBuckets]uint16) {
	m[Both] = m[0]
	m[Both].Merge(&m[1])
	q[0] = quartiles(h[0][:], nil, &m[0], 0)
	q[1] = quartiles(h[1][:], nil, &m[1], 0)
	q[Both] = quartiles(h[0][:], h[1][:], &m[Both], 0)
}
