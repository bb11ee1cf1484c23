package flow

import (
	"cmp"
	"slices"

	"fm/extract/packet"
)

// Ending is a flow that is over. Its slot stays valid until Free.
type Ending struct {
	EndAt    int64  // clock at which it was over, ns
	FirstSeq uint64 // Flow.FirstSeq
	slot     uint32
}

// Compare is the order of records of one epoch.
func (e *Ending) Compare(o *Ending) int {
	if c := cmp.Compare(e.EndAt, o.EndAt); c != 0 {
		return c
	}
	return cmp.Compare(e.FirstSeq, o.FirstSeq)
}

// Finish ends all open flows, when silence would have ended them, because nothing follows.
// Those that no silence ends come after all others.
func (t *Table) Finish(why Reason) {
	t.endAll(why, func(e *entry) int64 {
		if t.ticker != nil {
			return max(e.Due, t.ticker.Tick(&e.Flow, Never).At)
		}
		return e.Due
	})
}

// Restart ends all open flows at the clock given, because the input's clock steps back behind it.
func (t *Table) Restart(clock int64) {
	t.endAll(Idle, func(*entry) int64 { return clock })
}

// endAll ends all open flows, in the order of their slots: with a million of them, taking
// each out of index and timers took longer than writing its row.
func (t *Table) endAll(why Reason, at func(*entry) int64) {
	t.ended = slices.Grow(t.ended, t.open)
	for slot := range t.slots.next {
		if e := t.flows.at(slot); e.Reason == Open {
			e.Reason = why
			t.ended = append(t.ended, Ending{at(e), e.FirstSeq, slot})
		}
	}
	t.counts.Ended[why] += uint64(t.open)
	t.open = 0
	t.index.clear()
	t.wheel.reset()
	t.undecided = t.undecided[:0]
	t.silent.clear()
}

// Ended returns the endings strictly before the clock given, in order, and forgets them;
// the others stay, because packets that follow may have the same clock and end flows that
// started earlier. Only when a cap is set and more than an eighth of it waits are all
// returned: a capture without a running clock must not fill the memory. The slice is
// valid until the next call.
func (t *Table) Ended(before int64) []Ending {
	if t.opt.MaxFlows > 0 && len(t.ended) > t.opt.MaxFlows/waitShare+packet.BatchPackets {
		before = Never
	}
	from := t.waiting
	if t.since < before {
		from, t.since = 0, Never
	}
	// Those that wait are many where the clock stands: they are looked at when it has passed one.
	t.given = t.given[:0]
	n := from
	for _, e := range t.ended[from:] {
		if e.EndAt < before {
			t.given = append(t.given, e)
			continue
		}
		t.ended[n] = e
		t.since = min(t.since, e.EndAt)
		n++
	}
	t.ended, t.waiting = t.ended[:n], n
	slices.SortFunc(t.given, func(a, b Ending) int { return a.Compare(&b) })
	return t.given
}

// All returns all endings in order, and forgets them. The slice is valid until the next call.
func (t *Table) All() []Ending {
	slices.SortFunc(t.ended, func(a, b Ending) int { return a.Compare(&b) })
	t.ended, t.given = t.given[:0], t.ended
	t.waiting, t.since = 0, Never
	return t.given
}

// View shows the flow of an ending. v is valid until the next call or Free.
func (t *Table) View(e *Ending, v *View) {
	f := t.flows.at(e.slot)
	v.Flow = &f.Flow
	switch f.kind {
	case refGroups:
		t.groups.view(f.ref, v)
	case refLone:
		t.groups.reset(t.spare)
		t.replay(t.spare, &f.Flow, t.lones.at(f.ref))
		t.groups.view(t.spare, v)
	}
	if t.keeper != nil {
		t.keeper.Show(v)
	}
}

// Free gives the slot of an ending back.
func (t *Table) Free(e *Ending) {
	f := t.flows.at(e.slot)
	switch f.kind {
	case refGroups:
		t.groups.release(f.ref)
	case refLone:
		t.alone.put(f.ref)
	}
	if t.keeper != nil {
		t.keeper.Drop(&f.Flow)
	}
	t.slots.put(e.slot)
}
