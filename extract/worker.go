package extract

import (
	"math"
	"slices"
	"sync"

	"fm/extract/feature"
	"fm/extract/flow"
)

// chunkRecords is how many records a worker renders before it hands them on. A mass
// timeout so never has more than a few thousand rows in memory, and rows and text are
// still in the cache when they are read again: with 1,024 a flood took a fifth longer.
const chunkRecords = 128

// chunkBytes is the lists and texts of a chunk from which on it is handed on with fewer
// records, since a single flow may have a list of millions.
const chunkBytes = 4 << 20

// chunk is a run of a worker's records in order, and the memory that they point to.
type chunk struct {
	recs []Record
	rows []float64
	text []byte
	ends []int // where each record's text ends

	lists  [][]float64 // of the records, one behind the other
	values []float64   // of the lists
	stops  []int       // where each list ends

	last  bool  // no more records of this step
	clock int64 // of the input: what ends before it is written by the end of the step
}

// worker keeps the flows of its share of the keys.
type worker struct {
	r     *run
	id    int
	set   *feature.Set
	text  Renderer
	lists []feature.List // that records carry
	own   [][]float64    // see newest
	table *flow.Table
	in    chan *job
	out   chan *chunk
	back  chan *chunk // chunks to be used again
	epoch uint32
	clock int64
	view  flow.View

	mu     sync.Mutex
	counts flow.TableStats // as of the last batch
}

func newWorker(r *run, set *feature.Set, text Renderer, opt flow.Options, id int) *worker {
	return &worker{r: r, id: id, set: set, text: text, table: flow.NewTable(opt), clock: math.MinInt64,
		in: make(chan *job, ringBatches), out: make(chan *chunk, 2), back: make(chan *chunk, 8)}
}

// run makes one step of records for each batch, one for each step back of the clock and
// one for the end: every worker makes the same steps.
func (w *worker) run() {
	defer close(w.out)
	for j := range w.in {
		if j.Epoch != w.epoch {
			w.table.Restart(w.clock)
			w.emit(w.table.All())
			w.epoch = j.Epoch
		}
		w.table.Run(&j.Batch, j.Shards[w.id])
		w.table.Sweep(&j.Batch)
		w.clock = j.Clock
		j.release()
		w.emit(w.table.Ended(w.clock))
	}
	w.table.Finish(flow.Input)
	w.emit(w.table.All())
}

// emit renders endings and hands them to the merger.
func (w *worker) emit(ends []flow.Ending) {
	w.mu.Lock()
	w.counts = w.table.Stats()
	w.mu.Unlock()
	for {
		c, n := w.render(ends[:min(len(ends), chunkRecords)])
		ends = ends[n:]
		c.last, c.clock = len(ends) == 0, w.clock
		w.out <- c
		if c.last {
			return
		}
	}
}

func (w *worker) stats() flow.TableStats {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts
}

// heavy is what counts of the records of c against [chunkBytes].
func (c *chunk) heavy() int { return len(c.text) + 8*len(c.values) }

// render makes records of endings and frees their slots. It stops before the last one if
// they take much memory, and returns how many it has done.
func (w *worker) render(ends []flow.Ending) (*chunk, int) {
	var c *chunk
	select {
	case c = <-w.back:
		if cap(c.text)+8*cap(c.values) > 2*chunkBytes { // one long list is not kept for good
			c.text, c.values = nil, nil
		}
		c.recs, c.rows, c.text, c.ends = c.recs[:0], c.rows[:0], c.text[:0], c.ends[:0]
		c.values, c.stops = c.values[:0], c.stops[:0]
	default:
		c = &chunk{}
	}
	useful := !w.r.stop.Load()
	if useful {
		c.rows = slices.Grow(c.rows, len(ends)*len(w.set.Columns)+feature.RowRoom) // at once: nothing is copied
	}
	done := 0
	for done < len(ends) && c.heavy() < chunkBytes {
		e := &ends[done]
		done++
		if useful {
			w.table.View(e, &w.view)
			if w.set.Keep == nil || w.set.Keep(&w.view) {
				w.record(c, e)
			} else {
				w.r.leftOut.Add(1)
			}
		}
		w.table.Free(e)
	}
	// rows and text have stopped growing: point the records into them.
	k, from := len(w.set.Columns), 0
	for i := range c.recs {
		c.recs[i].Row = c.rows[i*k : (i+1)*k : (i+1)*k]
		if w.text != nil {
			c.recs[i].Text = c.text[from:c.ends[i]:c.ends[i]]
			from = c.ends[i]
		}
	}
	w.pointLists(c)
	return c, done
}

// newest is the lists of the last record of c, valid until the next one.
func (w *worker) newest(c *chunk) [][]float64 {
	w.own = w.own[:0]
	at := len(c.stops) - len(w.lists)
	from := 0
	if at > 0 {
		from = c.stops[at-1]
	}
	for _, to := range c.stops[at:] {
		w.own = append(w.own, c.values[from:to:to])
		from = to
	}
	return w.own
}

// pointLists gives the records of c their lists, which have stopped growing.
func (w *worker) pointLists(c *chunk) {
	k, from := len(w.lists), 0
	if k == 0 {
		return
	}
	c.lists = slices.Grow(c.lists[:0], len(c.stops))
	for _, to := range c.stops {
		c.lists = append(c.lists, c.values[from:to:to])
		from = to
	}
	for i := range c.recs {
		c.recs[i].Lists = c.lists[i*k : (i+1)*k : (i+1)*k]
	}
}

func (w *worker) record(c *chunk, e *flow.Ending) {
	n := len(c.rows)
	c.rows = w.set.Row(c.rows, &w.view)
	c.recs = append(c.recs, Record{Flow: *w.view.Flow, EndAt: e.EndAt, Epoch: w.epoch})
	for i := range w.lists {
		c.values = w.lists[i].Append(c.values, &w.view)
		c.stops = append(c.stops, len(c.values))
	}
	if w.text != nil {
		r := &c.recs[len(c.recs)-1]
		r.Row = c.rows[n:]
		if w.lists != nil {
			r.Lists = w.newest(c)
		}
		c.text = w.text.Append(c.text, r, &w.view)
		c.ends = append(c.ends, len(c.text))
	}
}
