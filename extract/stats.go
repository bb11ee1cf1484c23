package extract

import (
	"fmt"
	"math"
	"time"

	"fm/extract/flow"
	"fm/extract/packet"
)

// Stats are the counters of a run. Every frame that the run took is under exactly one outcome.
type Stats struct {
	Elapsed  time.Duration
	Frames   uint64
	Outcomes [packet.NumOutcomes]uint64 // frames by outcome; their sum is Frames
	Notes    packet.Notes               // what the decoder met besides
	Packets  uint64                     // admitted frames
	Dropped  uint64                     // live: frames that the kernel dropped before they were read
	Epochs   uint32                     // how often the input's clock stepped back
	Clock    int64                      // the input's clock, ns; 0 before the first packet

	Started     uint64                   // flows started
	Open        int                      // flows in progress
	Ended       [flow.Evicted + 1]uint64 // flows over, by reason
	LeftOut     uint64                   // of these left out as the set's tool does
	Records     uint64                   // records handed to the sink
	Regressions uint64                   // packets older than their flow's last
	Unlisted    uint64                   // flows whose sequence of packets was cut by the bound on all of them
	Forgotten   uint64                   // TCP packets that a retransmission can no longer be told by, because of the bounds on their number
	Ignored     uint64                   // packets that the set's life left out of their flow
	Workers     []uint64                 // packets of each worker
	Bytes       int64                    // memory of the flow tables

	Inputs []packet.Input

	UnknownLinks []UnknownLink // what outcome UnknownLink stands for, the first maxLinks of them
}

// UnknownLink is a link type of an input that nothing here reads.
type UnknownLink struct {
	Path   string
	Link   uint16 // a LINKTYPE_ number
	Frames uint64
}

// maxLinks bounds UnknownLinks: a hostile capture may name a new link type for every frame.
const maxLinks = 16

// Evicted is the number of flows that a cap pushed out.
func (s *Stats) Evicted() uint64 { return s.Ended[flow.Evicted] }

// Warnings says what makes the records less than the input deserves.
func (s *Stats) Warnings() []error {
	var w []error
	if n := s.Evicted(); n > 0 {
		w = append(w, fmt.Errorf("evicted %d of %d flows because of the cap: rows depend on the number of workers", n, s.Started))
	}
	if s.Unlisted > 0 {
		w = append(w, fmt.Errorf("cut the packet sequences of %d flows: all of them hold %d packets at most", s.Unlisted, maxSteps))
	}
	if s.Forgotten > 0 {
		w = append(w, fmt.Errorf("forgot %d TCP packets: retransmissions of them are not counted", s.Forgotten))
	}
	if s.Epochs > 0 {
		w = append(w, fmt.Errorf("the capture's clock stepped back %d times: flows open then were ended", s.Epochs))
	}
	if s.Dropped > 0 {
		w = append(w, fmt.Errorf("the kernel dropped %d frames", s.Dropped))
	}
	for _, u := range s.UnknownLinks {
		w = append(w, fmt.Errorf("read %s: link type %d is not known: %d of its frames passed over", u.Path, u.Link, u.Frames))
	}
	return w
}

// unknown counts a frame of an unknown link type.
func (d *dispatcher) unknown(f *packet.Frame) {
	for i := range d.links {
		if l := &d.links[i]; l.input == f.Input && l.link == f.Link {
			l.frames++
			return
		}
	}
	if len(d.links) < maxLinks {
		d.links = append(d.links, unknownLink{f.Input, f.Link, 1})
	}
}

type unknownLink struct {
	input  uint32
	link   uint16
	frames uint64
}

// stats gathers the counters; only the dispatcher's goroutine calls it.
func (d *dispatcher) stats() Stats {
	s := Stats{Elapsed: time.Since(d.r.start), Frames: d.frames, Outcomes: d.outcomes, Notes: d.dec.Notes(), Packets: d.seq,
		Epochs: d.epoch, LeftOut: d.r.leftOut.Load(), Records: d.r.records.Load(), Inputs: d.src.Inputs()}
	if d.clock != math.MinInt64 {
		s.Clock = d.clock
	}
	for _, l := range d.links {
		s.UnknownLinks = append(s.UnknownLinks, UnknownLink{s.Inputs[l.input].Path, l.link, l.frames})
	}
	if d.live != nil {
		s.Dropped = d.live.Dropped()
	}
	for _, w := range d.r.workers {
		t := w.stats()
		s.Started += t.Started
		s.Open += t.Open
		s.Regressions += t.Regressions
		s.Ignored += t.Ignored
		s.Unlisted += t.Unlisted
		s.Forgotten += t.Forgotten
		s.Bytes += t.Bytes
		for i, n := range t.Ended {
			s.Ended[i] += n
		}
		s.Workers = append(s.Workers, t.Packets)
	}
	return s
}
