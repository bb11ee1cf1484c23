package flow

import (
	"slices"
	"sort"
	"unsafe"

	"fm/extract/packet"
)

// Options say what a table keeps.
type Options struct {
	Life  Life
	Needs Needs  // groups of the columns; the life's own are added
	First uint64 // packets of a flow that enter groups, 0 all
	// Measure is the length that In.Size has.
	Measure Measure
	// Limits are for the groups that have any.
	Limits Limits
	// Sequence is how many packets of a flow a Sequence lists, and Steps how many steps
	// all of them may take, 0 no bound.
	Sequence, Steps int
	// MaxFlows caps the open flows, 0 none: a new flow beyond it evicts the longest silent one.
	MaxFlows int
}

// Table finds, cuts, ends and evicts the flows of one worker. It is not safe for use
// by two goroutines. For each batch call Run, Sweep and then Ended; Free gives the slot
// of an ending back. Nothing depends on how packets are cut into batches.
type Table struct {
	life      Life
	scanner   Scanner // life, if it is one
	ticker    Ticker  // the same
	keeper    Keeper  // life, if it is one
	opt       Options
	slots     slots
	flows     slab[entry]
	index     index
	wheel     wheel
	undecided []uint32 // slots that a packet decides on, unless silence does: see decides
	silent    order    // by last packet, the longest silent first: the next to be evicted, and what a scanner walks
	ranked    bool     // silent is kept
	unseen    int      // packets since the last scan of what has changed
	groups    groups
	alone     slots
	lones     slab[lone]
	ended     []Ending // over, not yet returned
	given     []Ending // what was returned last
	waiting   int      // so many of the first of ended had to wait for the clock
	since     int64    // when the earliest of those was over; Never without
	spare     uint32   // slot of the groups that lone packets are replayed into
	open      int
	touched   byte // keeps the loads of touch alive
	counts    TableStats
}

// TableStats counts what a table did.
type TableStats struct {
	Open        int                 // flows in progress
	Started     uint64              // flows started
	Ended       [Evicted + 1]uint64 // flows over, by reason
	Regressions uint64              // packets older than their flow's last
	Ignored     uint64              // packets that the life left out
	Packets     uint64              // packets handed in
	Unlisted    uint64              // flows whose sequence was cut because the steps of all had reached their bound
	Forgotten   uint64              // TCP packets that a retransmission can no longer be told by
	Bytes       int64               // memory of flows, groups and index
}

// entry is a flow and what the table knows of it.
type entry struct {
	tag  uint32 // of the key's hash
	ref  uint32 // slot of its groups or of its lone packet
	kind uint8
	Flow
}

// What ref is.
const (
	refNone uint8 = iota
	refLone
	refGroups
)

// NewTable returns an empty table.
func NewTable(o Options) *Table {
	t := &Table{life: o.Life, opt: o, index: newIndex(), since: Never}
	t.groups = newGroups(o.Needs | o.Life.Needs())
	t.groups.limits = o.Limits
	t.groups.pool.most, t.groups.pool.limit = uint32(o.Sequence), uint32(o.Steps/stepsPerChunk)
	t.groups.seen.limit = uint32(o.Steps)
	if t.groups.needs != 0 {
		t.spare = t.groups.obtain()
	}
	if k, ok := o.Life.(Keeper); ok {
		t.keeper = k.Own()
		t.life = t.keeper
	}
	t.scanner, _ = t.life.(Scanner)
	t.ticker, _ = t.life.(Ticker)
	t.ranked = o.MaxFlows > 0 || t.scanner != nil
	t.silent.clear()
	t.wheel.reset()
	return t
}

// flowBytes is what a slot takes without groups and lone packet: flow, links, timer and free lists.
const flowBytes = int64(unsafe.Sizeof(entry{})+unsafe.Sizeof(link{})+unsafe.Sizeof(node{})) + 3*4

// FlowBytes is the most memory that one flow of the options takes, bytes: with a lone
// packet and with groups, because slabs of neither shrink, an index word at its lowest
// load while the index grows, and its ending.
func FlowBytes(o Options) int {
	g := newGroups(o.Needs | o.Life.Needs())
	own := 0
	if k, ok := o.Life.(Keeper); ok {
		_, own = k.Bytes()
	}
	return own + int(flowBytes) + int(unsafe.Sizeof(lone{})) + g.bytes() + 26 + 13 + 2*int(unsafe.Sizeof(Ending{}))
}

// MaxFlows is the cap on open flows with which a table takes at most so many bytes; less
// than 1 if there is none. Beside the open flows there are those of a batch that are over
// and those that wait for the clock to pass (see Ended), and slabs grow by whole chunks.
func MaxFlows(o Options, bytes int64) int {
	slots := bytes/int64(FlowBytes(o)) - packet.BatchPackets - 2*chunkLen
	return int(min(slots*waitShare/(waitShare+1), 1<<31))
}

// waitShare is which part of the cap may wait in order: an eighth.
const waitShare = 8

// Stats returns the counters so far.
func (t *Table) Stats() TableStats {
	s := t.counts
	s.Open = t.open
	s.Unlisted, s.Forgotten = t.groups.pool.lost, t.groups.seen.lost
	s.Bytes = int64(len(t.flows.chunks)*chunkLen)*flowBytes + int64(len(t.lones.chunks)*chunkLen)*int64(unsafe.Sizeof(lone{})) +
		int64(t.groups.next+chunkMask)/chunkLen*chunkLen*int64(t.groups.bytes()) + int64(len(t.index.words))*8 +
		int64(len(t.groups.pool.chunks.chunks)*chunkLen)*int64(unsafe.Sizeof(stepChunk{})) +
		int64(len(t.groups.seen.entries.chunks)*chunkLen)*int64(unsafe.Sizeof(seenEntry{})) + int64(len(t.groups.seen.buckets))*4 +
		int64(cap(t.ended)+cap(t.given))*int64(unsafe.Sizeof(Ending{}))
	if t.keeper != nil {
		own, _ := t.keeper.Bytes()
		s.Bytes += own
	}
	return s
}

// lookAhead is how many packets are looked up, and their flows' memory touched, before
// they are worked on. These loads do not wait for each other, so their cache misses
// overlap. With 100,000 flows hit at random it is 2.5 times as fast without groups and
// 1.8 times with one (BenchmarkTable/scatter); with flows in the cache it costs 2 ns.
const lookAhead = 16

// Run hands the packets of b that list names, in its order, to their flows.
func (t *Table) Run(b *packet.Batch, list []uint32) {
	var found [lookAhead]uint32
	for len(list) > 0 {
		n := min(len(list), lookAhead)
		for k, i := range list[:n] {
			p := &b.Packets[i]
			found[k] = t.find(tag(p.Hash), &p.Key)
		}
		for _, slot := range found[:n] {
			if slot != none {
				t.touch(slot)
			}
		}
		for k, i := range list[:n] {
			t.packet(b, &b.Packets[i], &b.Cold[i], found[k])
		}
		list = list[n:]
	}
}

// touch reads from each cache line of a flow and from its groups.
func (t *Table) touch(slot uint32) {
	e := t.flows.at(slot)
	sum := byte(e.Due) + byte(e.Seen[0])
	switch e.kind {
	case refGroups:
		sum += t.groups.touch(e.ref)
	case refLone:
		sum += t.lones.touch(e.ref)
	}
	t.touched = sum
}

// packet hands one packet to its flow, which lay in slot a moment ago. Slots are not used
// again before the batch is over, so a flow that is open there still is the right one.
func (t *Table) packet(b *packet.Batch, p *packet.Packet, c *packet.Cold, slot uint32) {
	t.counts.Packets++
	if slot == none || t.flows.at(slot).Reason != Open {
		slot = t.find(tag(p.Hash), &p.Key)
	}
	var e *entry
	var parent *Flow
	open := slot != none
	if open {
		e = t.flows.at(slot)
		if e.Due <= p.Now {
			open = t.fire(slot, e, p.Now, b)
		}
	}
	for again := open; again; {
		again = false
		switch a := t.life.Before(&e.Flow, p, c); a.Do {
		case Ignore:
			t.counts.Ignored++
			return
		case Beside:
			parent = &e.Flow
			Sibling(parent, p)
			if slot = t.find(tag(p.Hash), &p.Key); slot != none {
				e = t.flows.at(slot)
				again = e.Due > p.Now || t.fire(slot, e, p.Now, b)
			}
			open = again
		case CutInherit:
			parent = &e.Flow
			fallthrough
		case Cut:
			t.end(slot, a.Reason, p.Now)
			open = false
		}
	}
	if !open {
		old := e
		slot = t.start(b, parent, p, c)
		e = t.flows.at(slot)
		if parent != nil && t.groups.inherits() {
			t.inherit(e, old)
		}
	} else if t.ranked {
		t.silent.touch(slot)
	}
	t.take(slot, e, b, p, c, !open)
	if t.scanner != nil {
		t.scan(t.scanner.Scan(&e.Flow, p, c), p, c)
	}
}

// scan shows the n open flows that have been silent for longest to the scanner, or those
// that [ScanChanged] means.
func (t *Table) scan(n int, p *packet.Packet, c *packet.Cold) {
	t.unseen++
	stop := false
	if n == ScanChanged {
		n, stop = t.open, true
	}
	for slot := t.silent.head; n > 0 && slot != none; n-- {
		next := t.silent.links.at(slot).next
		if !t.look(slot, p, c) && stop {
			break
		}
		slot = next
	}
	if !stop {
		return
	}
	for slot := t.silent.tail; t.unseen > 0 && slot != none; t.unseen-- {
		prev := t.silent.links.at(slot).prev
		t.look(slot, p, c)
		slot = prev
	}
	t.unseen = 0
}

// look shows a flow to the scanner and reports whether it is over.
func (t *Table) look(slot uint32, p *packet.Packet, c *packet.Cold) bool {
	a := t.scanner.Old(&t.flows.at(slot).Flow, p, c)
	if a.Do == End {
		t.end(slot, a.Reason, p.Now)
	}
	return a.Do == End
}

// take lets an open flow take a packet.
func (t *Table) take(slot uint32, e *entry, b *packet.Batch, p *packet.Packet, c *packet.Cold, fresh bool) {
	dir := 1
	if t.life.Forward(&e.Flow, p, c) {
		dir = 0
	}
	in := In{Flow: &e.Flow, P: p, C: c, Dir: dir, Time: p.Time, N: e.Packets()}
	if in.Time < e.Last {
		in.Time = e.Last
		t.counts.Regressions++
	}
	if t.groups.needs != 0 && (t.opt.First == 0 || in.N < t.opt.First) {
		head := b.Bytes(p.Head)
		in.Sample = head[:min(int(c.Sample), len(head))]
		in.Size, in.MACs = t.opt.Measure.of(p), b.Bytes(c.MACs)
		t.note(e, &in)
	}
	if e.Seen[dir]++; e.Seen[dir] == 0 {
		e.Seen[dir]-- // 4 billion packets: the count stays there
	}
	e.Last, e.LastNow = in.Time, p.Now

	state := e.State
	a := t.life.After(&e.Flow, p, c)
	if t.opt.First > 0 && in.N >= t.opt.First {
		e.State = state // columns show it
	}
	if a.Do == End {
		t.end(slot, a.Reason, p.Now)
		return
	}
	due := max(t.life.Due(&e.Flow), p.Now)
	if fresh {
		t.wheel.place(slot, due)
	} else if due < e.Due {
		t.wheel.remove(slot)
		t.wheel.place(slot, due)
	}
	e.Due = due
}

// note enters a packet into the flow's groups, or keeps it if it is the first.
func (t *Table) note(e *entry, in *In) {
	switch e.kind {
	case refNone:
		slot, grow := t.alone.take()
		if grow {
			t.lones.grow()
		}
		t.lones.at(slot).keep(in)
		e.ref, e.kind = slot, refLone
		return
	case refLone:
		t.unfold(e)
	}
	t.groups.add(e.ref, in)
}

// unfold makes groups of the lone packet of a flow.
func (t *Table) unfold(e *entry) {
	slot := t.groups.obtain()
	t.replay(slot, &e.Flow, t.lones.at(e.ref))
	t.alone.put(e.ref)
	e.ref, e.kind = slot, refGroups
}

// inherit gives a new flow its groups at once, and lets them take over from those of the
// flow that it follows.
func (t *Table) inherit(e, from *entry) {
	if from.kind == refLone {
		t.unfold(from)
	}
	if from.kind != refGroups {
		return
	}
	e.ref, e.kind = t.groups.obtain(), refGroups
	t.groups.inherit(&e.Flow, e.ref, from.ref)
}

// start opens a flow for its first packet.
func (t *Table) start(b *packet.Batch, parent *Flow, p *packet.Packet, c *packet.Cold) uint32 {
	if t.opt.MaxFlows > 0 && t.open >= t.opt.MaxFlows {
		// What is due makes room first, so that it does not matter when the last sweep was.
		if t.sweep(b, p.Now); t.open >= t.opt.MaxFlows {
			t.end(t.silent.head, Evicted, p.Now)
		}
	}
	slot, grow := t.slots.take()
	if grow {
		t.flows.grow()
		t.wheel.nodes.grow()
		if t.ranked {
			t.silent.links.grow()
		}
	}
	e := t.flows.at(slot)
	*e = entry{tag: tag(p.Hash), Flow: Flow{
		Key: p.Key, Start: p.Time, Last: p.Time, LastNow: p.Now,
		FirstSeq: p.Seq, FirstFrame: c.Frame, Input: c.Input, ICMPType: c.ICMPType, ICMPCode: c.ICMPCode,
	}}
	if c.VLANs > 0 {
		e.VLAN = c.VLAN[min(int(c.VLANs), len(c.VLAN))-1] + 1
	}
	t.wheel.nodes.at(slot).bucket = noBucket // a life may end the flow before it is placed
	t.life.Start(&e.Flow, parent, p, c)
	t.index.put(e.tag, slot)
	if t.ranked {
		t.silent.append(slot)
	}
	t.open++
	t.counts.Started++
	return slot
}

// end is the one way in which a flow is over.
func (t *Table) end(slot uint32, why Reason, at int64) {
	e := t.flows.at(slot)
	e.Reason = why
	t.index.remove(e.tag, slot)
	t.wheel.remove(slot)
	if t.ranked {
		t.silent.remove(slot)
	}
	t.open--
	t.counts.Ended[why]++
	t.ended = append(t.ended, Ending{at, e.FirstSeq, slot})
}

// fire asks the life about a flow whose Due the clock has reached, again if it set a new
// one, and reports whether the flow is open still. The life is told the clock of the
// first packet of the input at or after Due, which b holds: earlier batches were swept.
func (t *Table) fire(slot uint32, e *entry, clock int64, b *packet.Batch) bool {
	for e.Due <= clock {
		if due := t.life.Due(&e.Flow); due > e.Due { // moved by packets that were left out
			e.Due = due
			continue
		}
		now, at := clock, e.Due
		silent := true // a tick
		if len(b.Clocks) > 0 {
			if i, _ := slices.BinarySearch(b.Clocks, at); i < len(b.Clocks) {
				now, silent = b.Clocks[i], false
			}
		} else if i := sort.Search(len(b.Packets), func(i int) bool { return b.Packets[i].Now >= at }); i < len(b.Packets) {
			now, silent = b.Packets[i].Now, false
		}
		fire := t.life.Fire
		if t.ticker != nil && silent {
			fire = t.ticker.Tick
		}
		switch a := fire(&e.Flow, now); {
		case a.Do == End:
			t.end(slot, a.Reason, max(at, a.At))
			return false
		case t.ticker != nil && silent:
			return true
		}
		e.Due = max(t.life.Due(&e.Flow), now+1)
	}
	return true
}

// Sweep ends what is due at or before the batch's clock.
func (t *Table) Sweep(b *packet.Batch) { t.sweep(b, b.Clock) }

func (t *Table) sweep(b *packet.Batch, clock int64) {
	if len(t.undecided) > 0 && len(b.Packets)+len(b.Clocks) > 0 {
		for _, slot := range t.undecided {
			if e := t.flows.at(slot); e.Reason == Open {
				t.wheel.remove(slot)
				t.wheel.place(slot, e.Due)
			}
		}
		t.undecided = t.undecided[:0]
	}
	if clock < t.wheel.soon {
		return
	}
	target, rest := tick(clock), none
	for slot := t.wheel.next(target); slot != none; slot = t.wheel.next(target) {
		for slot != none {
			n := t.wheel.nodes.at(slot)
			following := n.next
			n.bucket = noBucket
			switch e := t.flows.at(slot); {
			case !t.fire(slot, e, clock, b):
			case e.Due <= clock && t.decides(slot, e, target):
			case tick(e.Due) <= target: // later within the last tick: back when the sweep is through
				n.next, rest = rest, slot
			default:
				t.wheel.place(slot, e.Due)
			}
			slot = following
		}
	}
	for rest != none {
		slot := rest
		rest = t.wheel.nodes.at(slot).next
		t.wheel.place(slot, t.flows.at(slot).Due)
	}
}

// decides puts a flow that is due, and that a silent line has not ended, to the time at
// which silence will: until then there is nothing to ask. A packet of the line comes first.
func (t *Table) decides(slot uint32, e *entry, target uint64) bool {
	at := t.ticker.Tick(&e.Flow, Never).At
	if tick(at) <= target {
		return false
	}
	t.wheel.place(slot, at)
	t.undecided = append(t.undecided, slot)
	return true
}
