package flow

// FullSize is the IP length from which a packet counts as full-size, bytes: what is
// left of a 1500-byte link behind the usual tunnels and options.
const FullSize = 1400

// sizeBuckets reach to 65,535 bytes; larger packets fall into the last one.
const sizeBuckets = 60

// Sizes are the lengths of IP packets and of their transport payload by the headers,
// for each direction; index 0 is forward.
type Sizes struct {
	IP      [2]Moments // bytes
	Payload [2]Moments // bytes
	Empty   [2]uint32  // packets without payload
	Full    [2]uint32  // packets of at least FullSize bytes
	ip      [2][sizeBuckets]uint16
	payload [2][sizeBuckets]uint16
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

// IPQuartiles are the quartiles of the IP length of direction d, of both directions if
// d is [Both], at most an eighth off.
func (s *Sizes) IPQuartiles(d int) [3]uint64 { return sizeQuartiles(&s.IP, &s.ip, d) }

// PayloadQuartiles are the same of the payload.
func (s *Sizes) PayloadQuartiles(d int) [3]uint64 { return sizeQuartiles(&s.Payload, &s.payload, d) }

func sizeQuartiles(m *[2]Moments, h *[2][sizeBuckets]uint16, d int) [3]uint64 {
	var all Moments
	for i := range m {
		if d == i || d == Both {
			all.Merge(&m[i])
		}
	}
	if all.Min == all.Max {
		return [3]uint64{all.Min, all.Min, all.Min}
	}
	var sum [sizeBuckets]uint32
	for i := range h {
		if d == i || d == Both {
			for j, c := range h[i] {
				sum[j] += uint32(c)
			}
		}
	}
	return quartiles(sum[:], &all, 0)
}
