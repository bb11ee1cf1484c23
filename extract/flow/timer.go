package flow

import "math/bits"

// wheel holds the open flows by the clock at which their life wants to be asked. It is
// hierarchical: 256 buckets of 131 µs, then of 34 ms, 8.6 s, 37 min and so on, so that
// placing costs the same for every distance and a jump of years touches no empty bucket.
//
// It is lazy: a flow whose Due moved on stays where it is and is placed again when its
// bucket comes up, so that most packets cost nothing here. Only a Due that came nearer
// needs a call.
type wheel struct {
	nodes slab[node]
	heads [levels * width]uint32
	full  [levels][width / 64]uint64 // buckets that are not empty
	now   uint64                     // tick reached; nothing lies before it
	soon  int64                      // no flow is due before this
}

const (
	tickBits  = 17 // 131 µs
	widthBits = 8
	width     = 1 << widthBits
	levels    = (64 - tickBits + widthBits - 1) / widthBits
	noBucket  = ^uint16(0)
)

type node struct {
	prev, next uint32
	bucket     uint16
}

// tick maps times to ticks in order, those before 1970 too.
func tick(t int64) uint64 { return (uint64(t) ^ 1<<63) >> tickBits }

// reset empties the wheel.
func (w *wheel) reset() {
	for i := range w.heads {
		w.heads[i] = none
	}
	w.full = [levels][width / 64]uint64{}
	w.now, w.soon = 0, Never
}

// place enters slot, which is in no bucket. The level is that of the highest digit in
// which due and the present differ, so a bucket comes up before the first of its dues.
func (w *wheel) place(slot uint32, due int64) {
	n := w.nodes.at(slot)
	if due == Never {
		n.bucket = noBucket
		return
	}
	w.soon = min(w.soon, due)
	at, level := max(tick(due), w.now), 0
	if differ := at ^ w.now; differ != 0 {
		level = (bits.Len64(differ) - 1) / widthBits
	}
	i := at >> (level * widthBits) & (width - 1)
	b := uint16(level)<<widthBits | uint16(i)
	*n = node{none, w.heads[b], b}
	if n.next != none {
		w.nodes.at(n.next).prev = slot
	}
	w.heads[b] = slot
	w.full[level][i/64] |= 1 << (i % 64)
}

// remove takes slot out of its bucket, if it is in one.
func (w *wheel) remove(slot uint32) {
	n := w.nodes.at(slot)
	if n.bucket == noBucket {
		return
	}
	if n.next != none {
		w.nodes.at(n.next).prev = n.prev
	}
	if n.prev != none {
		w.nodes.at(n.prev).next = n.next
	} else if w.heads[n.bucket] = n.next; n.next == none {
		w.empty(n.bucket)
	}
	n.bucket = noBucket
}

func (w *wheel) empty(b uint16) {
	i := b & (width - 1)
	w.heads[b] = none
	w.full[b>>widthBits][i/64] &^= 1 << (i % 64)
}

// next takes the whole list of the next bucket that comes up at or before target, and
// returns its first slot; the others follow by node.next. When there is no more it
// returns none and has reached target; soon then holds for what is in the wheel.
func (w *wheel) next(target uint64) uint32 {
	w.soon = Never
	for level := range levels {
		shift := level * widthBits
		i := w.seek(level, w.now>>shift&(width-1))
		if i == width {
			continue
		}
		start := w.now>>shift&^(width-1)<<shift | i<<shift
		if start > target { // and so does all that lies in coarser buckets
			w.soon = int64(start<<tickBits ^ 1<<63)
			break
		}
		w.now = max(w.now, start)
		b := uint16(level)<<widthBits | uint16(i)
		slot := w.heads[b]
		w.empty(b)
		return slot
	}
	w.now = max(w.now, target)
	return none
}

// seek returns the first bucket of level at or behind from that is not empty, or width.
func (w *wheel) seek(level int, from uint64) uint64 {
	word := w.full[level][from/64] >> (from % 64) << (from % 64)
	for i := from / 64; ; word = w.full[level][i] {
		if word != 0 {
			return i*64 + uint64(bits.TrailingZeros64(word))
		}
		if i++; i == width/64 {
			return width
		}
	}
}
