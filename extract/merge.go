package extract

import "fm/extract/flow"

// mergeRecords is how many records the stages get at once, at most.
const mergeRecords = 512

// mergeBytes is the lists and texts of records from which on there are fewer.
const mergeBytes = 16 << 20

// merger pulls the records of the workers, step by step, into one order, and runs the
// stages and the sink on them.
type merger struct {
	r       *run
	stages  []Stage
	sink    Sink
	clocked Clocked // nil: it does not ask for the time
	limit   uint64  // records, 0 none
	heads   []head  // one for each worker
	out     []Record
	heavy   int // bytes of lists and texts in out
	err     error
}

// head is where the merger stands in a worker's records.
type head struct {
	c    *chunk
	next int      // in c.recs; the step is over at the end of its last chunk
	used []*chunk // read to their end, but out still points into them
}

func newMerger(r *run, stages []Stage, sink Sink, limit uint64) *merger {
	return &merger{r: r, stages: stages, sink: sink, limit: limit, heads: make([]head, len(r.workers))}
}

// run merges until the workers have no more steps. After an error it goes on taking their
// chunks, so that they can end.
func (m *merger) run() {
	for m.step() {
	}
}

// step merges one step of all workers; false when there is none.
func (m *merger) step() bool {
	for i := range m.heads {
		if !m.pull(i) {
			return false
		}
	}
	for {
		best := -1
		var first *Record
		for i := range m.heads {
			h := &m.heads[i]
			for h.next == len(h.c.recs) && !h.c.last {
				m.pull(i)
			}
			if h.next == len(h.c.recs) {
				continue
			}
			if r := &h.c.recs[h.next]; best < 0 || before(r, first) {
				best, first = i, r
			}
		}
		if best < 0 {
			m.flush()
			m.passed()
			return true
		}
		m.out = append(m.out, *first)
		m.heads[best].next++
		m.heavy += len(first.Text)
		for _, l := range first.Lists {
			m.heavy += 8 * len(l)
		}
		if len(m.out) == mergeRecords || m.heavy >= mergeBytes {
			m.flush()
		}
	}
}

// passed tells the sink how far the clock has come, which is the same for all workers.
func (m *merger) passed() {
	if m.clocked == nil || m.err != nil || m.r.stop.Load() {
		return
	}
	if m.err = m.clocked.Passed(m.heads[0].c.clock); m.err != nil {
		m.r.stop.Store(true)
	}
}

// pull gets the next chunk of worker i; false when it has ended.
func (m *merger) pull(i int) bool {
	h := &m.heads[i]
	switch {
	case h.c == nil:
	case len(h.c.recs) == 0: // the set left all of them out
		m.reuse(i, h.c)
	default:
		h.used = append(h.used, h.c)
	}
	c, ok := <-m.r.workers[i].out
	h.c, h.next = c, 0
	return ok
}

// before tells whether a comes first in the order of endings.
func before(a, b *Record) bool {
	x, y := ending(a), ending(b)
	return x.Compare(&y) < 0
}

func ending(r *Record) flow.Ending {
	return flow.Ending{EndAt: r.EndAt, FirstSeq: r.Flow.FirstSeq}
}

// flush runs stages and sink on what was merged, and gives the chunks behind it back.
func (m *merger) flush() {
	recs, full := m.out, false
	if left := m.limit - m.r.records.Load(); m.limit > 0 && uint64(len(recs)) >= left {
		recs, full = recs[:left], true
	}
	if len(recs) > 0 && m.err == nil {
		if m.err = process(m.stages, recs); m.err == nil {
			m.err = m.sink.Write(recs)
		}
		if m.err == nil {
			m.r.records.Add(uint64(len(recs)))
		}
	}
	if full || m.err != nil {
		m.r.stop.Store(true)
	}
	clear(m.out)
	m.out, m.heavy = m.out[:0], 0
	for i := range m.heads {
		for _, c := range m.heads[i].used {
			m.reuse(i, c)
		}
		m.heads[i].used = m.heads[i].used[:0]
	}
}

// reuse gives a chunk back to its worker.
func (m *merger) reuse(i int, c *chunk) {
	select {
	case m.r.workers[i].back <- c:
	default: // enough of them are waiting
	}
}
