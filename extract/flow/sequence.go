package flow

// Step is one packet of a flow's sequence.
type Step struct {
	Time    int64  // as the view has it, ns
	Size    uint32 // by the set's measure, bytes
	IP      uint32 // length of the IP packet, bytes
	Payload uint32 // of the transport, bytes
	Back    bool   // sent by the responder
}

// Sequence lists the packets of a flow in order, up to [Options].Sequence of them. Its
// steps lie in a pool that all flows of a table share.
type Sequence struct {
	first, last uint32 // chunks in the pool + 1; 0 without
	N           uint32 // steps
	Cut         bool   // steps are missing: the pool was full
}

// stepsPerChunk is what a flow takes from the pool at once.
const stepsPerChunk = 15

type stepChunk struct {
	steps [stepsPerChunk]Step
	next  uint32 // + 1; 0 at the end
}

// pool hands out the chunks of sequences.
type pool struct {
	slots
	chunks slab[stepChunk]
	limit  uint32 // chunks; 0 none
	most   uint32 // steps a flow
	lost   uint64 // sequences that were cut because there was no chunk left
}

// add appends a step to s.
func (p *pool) add(s *Sequence, step Step) {
	if s.N >= p.most || s.Cut {
		return
	}
	at := s.N % stepsPerChunk
	if at == 0 {
		if p.limit > 0 && p.used >= p.limit {
			s.Cut = true
			p.lost++
			return
		}
		i, grow := p.take()
		if grow {
			p.chunks.grow()
		}
		p.chunks.at(i).next = 0
		if s.last == 0 {
			s.first = i + 1
		} else {
			p.chunks.at(s.last - 1).next = i + 1
		}
		s.last = i + 1
	}
	p.chunks.at(s.last - 1).steps[at] = step
	s.N++
}

// steps appends those of s to dst.
func (p *pool) steps(dst []Step, s *Sequence) []Step {
	left := s.N
	for c := s.first; c != 0 && left > 0; {
		chunk := p.chunks.at(c - 1)
		n := min(left, stepsPerChunk)
		dst = append(dst, chunk.steps[:n]...)
		left -= n
		c = chunk.next
	}
	return dst
}

// free gives the chunks of s back.
func (p *pool) free(s *Sequence) {
	for c := s.first; c != 0; {
		next := p.chunks.at(c - 1).next
		p.put(c - 1)
		c = next
	}
	*s = Sequence{}
}
