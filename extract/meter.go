package extract

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/packet"
)

// Meter turns frames into records by the rules of a feature set. Set is required; the
// zero value of every other field is its default. A Meter may be used for several runs,
// one after the other.
//
//	source -> dispatcher -> ring of batches -> workers -> merger, stages, sink
//
// The dispatcher reads, decodes, keeps the clock and deals the packets of a batch to the
// workers by their key; every worker gets every batch, so that all know the clock. Each
// worker has a flow table of its own, and the merger puts their records into one order.
// That order and every byte of every record are the same for any number of workers and
// however the source cuts its batches, as long as no cap evicts a flow.
type Meter struct {
	Set     *feature.Set
	Workers int // 0: one for each CPU that the program may use; a set whose life is a [flow.Scanner] has one

	// MaxFlows caps the flows in progress and MaxMemory, in bytes, what they take; 0 is no
	// cap. A new flow beyond the cap evicts the longest silent one. Each worker has its
	// share of the cap, so which flows are evicted depends on Workers.
	MaxFlows  int
	MaxMemory int64

	Stages []Stage
	Lists  bool // records carry the lists of the set

	Count      uint64        // stop after so many packets; 0 never
	CountFlows uint64        // stop after so many records
	Duration   time.Duration // stop at the first packet so much later than the first

	Every   time.Duration // how often OnStats is called, at batch ends; 0 never
	OnStats func(Stats)
}

// Interrupted is what Run returns, wrapped, when its context was cancelled: the input
// was not read to its end, but every flow in progress was handed to the sink.
type Interrupted struct{ Cause error }

func (e *Interrupted) Error() string { return "interrupted: " + e.Cause.Error() }

// Unwrap returns the context's cause.
func (e *Interrupted) Unwrap() error { return e.Cause }

// ringBatches is how many batches are under way at once. The ring is the only buffer:
// when the sink is slow, the source is not read.
const ringBatches = 16

// maxSteps bounds the steps that the sequences of all flows hold: 800 MB.
const maxSteps = 1 << 25

// Run meters src until it ends and hands all records to sink. It neither closes src nor
// completes sink. When it returns all its goroutines have ended. Stats are valid with an
// error too:
//
//   - an error of src: all frames before it count, and the flows open then are in the sink;
//   - [*Interrupted]: the same; Run notices a cancelled ctx when Fill returns;
//   - an error of a stage or the sink: what it was given before stands; nothing follows.
func (m *Meter) Run(ctx context.Context, src Source, sink Sink) (Stats, error) {
	n := m.Workers
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	if m.MaxFlows > 0 {
		n = min(n, m.MaxFlows) // each has a share of at least one
	}
	if _, ok := m.Set.Life.(flow.Scanner); ok {
		n = 1 // it looks at all flows
	}
	opt := flow.Options{Life: m.Set.Life, Needs: m.Set.Needs(), First: m.Set.First, Measure: m.Set.Measure, Limits: m.Set.Limits, Sequence: m.Set.Sequence, Steps: maxSteps / n}
	if m.Lists {
		opt.Needs |= m.Set.ListNeeds()
	}
	var err error
	if opt.MaxFlows, err = m.share(opt, n); err != nil {
		return Stats{}, err
	}

	r := &run{start: time.Now()}
	free := make(chan *job, ringBatches)
	for range ringBatches {
		j := &job{free: free}
		j.Shards = make([][]uint32, n)
		free <- j
	}
	for i := range n {
		w := newWorker(r, m.Set, sink.Renderer(), opt, i)
		if m.Lists {
			w.lists = m.Set.Lists
		}
		r.workers = append(r.workers, w)
	}

	d := newDispatcher(r, m, src, free)
	g := newMerger(r, m.Stages, sink, m.CountFlows)
	if _, ok := src.(Live); ok {
		g.clocked, _ = sink.(Clocked)
	}
	var wg sync.WaitGroup
	for _, w := range r.workers {
		wg.Go(w.run)
	}
	wg.Go(g.run)
	d.run(ctx)
	for _, w := range r.workers {
		close(w.in)
	}
	wg.Wait()

	if g.err != nil {
		return d.stats(), g.err
	}
	return d.stats(), d.err
}

// share is one worker's part of the caps, 0 without.
func (m *Meter) share(opt flow.Options, workers int) (int, error) {
	flows := 0
	if m.MaxFlows > 0 {
		flows = max(m.MaxFlows/workers, 1)
	}
	if m.MaxMemory > 0 {
		most := flow.MaxFlows(opt, m.MaxMemory/int64(workers))
		if most < 1 {
			least := int64(workers) * int64(flow.FlowBytes(opt))
			for flow.MaxFlows(opt, least/int64(workers)) < 1 {
				least *= 2
			}
			return 0, fmt.Errorf("%d bytes are too little memory for the flows of %d workers: give at least %d", m.MaxMemory, workers, least)
		}
		if flows == 0 || most < flows {
			flows = most
		}
	}
	return flows, nil
}

// run is what the goroutines of one Run share.
type run struct {
	start   time.Time
	workers []*worker
	records atomic.Uint64 // handed to the sink
	leftOut atomic.Uint64 // records that the set leaves out
	// stop says that nobody wants more records: the dispatcher reads no more, and the
	// workers render nothing of what is still under way.
	stop atomic.Bool
}

// job is a batch on its way through the workers; the last of them returns it to the ring.
type job struct {
	packet.Batch
	holders atomic.Int32
	free    chan<- *job
}

func (j *job) release() {
	if j.holders.Add(-1) == 0 {
		j.free <- j
	}
}
