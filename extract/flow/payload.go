package flow

// PayloadSamples is how many packets with payload are looked into in each direction,
// SampleBytes how many bytes of each: what is left of packet.SampleIP behind IPv6 and a
// TCP header with time stamps. More would be there behind shorter headers, but entropy
// and distinct values grow with the number of bytes, and would then tell which options
// a host uses. Detection on sources never seen is as good with 32 as with all of them.
const (
	PayloadSamples = 4
	SampleBytes    = 32
)

// Sample describes the payload of one packet. All but Length come from its first Bytes
// bytes: at most SampleBytes, which lie within packet.SampleIP and packet.SampleFrame.
type Sample struct {
	Length    uint32 // by the headers
	Entropy   uint32 // of the byte values, 1e-6 bit
	Bytes     uint8  // looked at
	Distinct  uint8  // values
	Printable uint8  // 0x20 to 0x7e, tab, line feed, carriage return
	Zero      uint8  // 0x00
	High      uint8  // 0x80 and above
	Repeated  uint8  // equal to the byte before
	Run       uint8  // longest run of printable bytes
}

// Payload looks into the first packets with payload of each direction.
type Payload struct {
	Samples [2][PayloadSamples]Sample
	N       [2]uint8 // how many are set
	First   uint8    // direction of the first one, valid if any is set
	Looks   App      // what the first forward one looks like, 0 without one
}

// Add looks into one packet if there is room.
func (p *Payload) Add(in *In) {
	d := in.Dir & 1
	i := p.N[d]
	if in.P.Payload == 0 || i >= PayloadSamples {
		return
	}
	if p.N[0]+p.N[1] == 0 {
		p.First = uint8(d)
	}
	p.N[d]++
	s, b := &p.Samples[d][i], in.Sample[:min(len(in.Sample), SampleBytes)]
	s.look(b)
	s.Length = in.P.Payload
	if d == 0 && i == 0 {
		p.Looks = looks(b, s)
	}
}

// look sets all but Length from the bytes b, at most len(nLogN) - 1.
func (s *Sample) look(b []byte) {
	*s = Sample{Bytes: uint8(len(b))}
	if len(b) == 0 {
		return
	}
	var seen [256]uint8
	var kinds, run, longest, repeated, distinct uint32
	var sum uint64
	last := ^b[0]
	for _, x := range b {
		c := seen[x]
		seen[x] = c + 1
		sum += nLogNSteps[c&127]
		distinct += (uint32(c) - 1) >> 31 // 1 if c is 0
		k := byteKinds[x]
		kinds += k
		run = (run + 1) & -(k & 1) // 0 if not printable
		longest = max(longest, run)
		repeated += (uint32(x^last) - 1) >> 31 // 1 if equal
		last = x
	}
	s.Distinct = uint8(distinct)
	s.Printable, s.Zero, s.High = uint8(kinds), uint8(kinds>>8), uint8(kinds>>16)
	s.Repeated, s.Run = uint8(repeated), uint8(longest)
	n := uint64(len(b))
	s.Entropy = uint32(((nLogN[n]-sum)/n + 500) / 1000)
}

// byteKinds has, for each byte value, a 1 in the lowest byte if it is printable, in the
// next if it is zero, in the third if it is high: sums of at most 255 of them count all three.
var byteKinds = kindsOfBytes()

func kindsOfBytes() (k [256]uint32) {
	for x := range k {
		switch {
		case x == 0:
			k[x] = 1 << 8
		case x >= 0x80:
			k[x] = 1 << 16
		case x >= 0x20 && x < 0x7f, x == '\t', x == '\n', x == '\r':
			k[x] = 1
		}
	}
	return k
}
