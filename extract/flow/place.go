package flow

import "unsafe"

// place is where the element of a group lies in every slot.
type place[T any] struct{ start uintptr }

// in returns the element in the slot that begins at slot. T holds no pointers: the
// collector skips the chunks that slots lie in.
func (p place[T]) in(slot unsafe.Pointer) *T { return (*T)(unsafe.Add(slot, p.start)) }

// lay puts the element behind those that are laid out already, on a word of its own.
func (p *place[T]) lay(g *groups) {
	var element T
	p.start = uintptr(g.words) * 8
	g.starts = append(g.starts, p.start)
	g.words += int(unsafe.Sizeof(element)+7) / 8
}

// bytes is the memory of one slot.
func (g *groups) bytes() int { return g.words * 8 }

// slot returns where a slot begins.
func (g *groups) slot(i uint32) unsafe.Pointer {
	return unsafe.Pointer(&g.chunks[i>>chunkBits][int(i&chunkMask)*g.words])
}

// touch reads from every element of a slot, so that its memory is on the way when add needs it.
func (g *groups) touch(i uint32) byte {
	at, sum := g.slot(i), byte(0)
	for _, start := range g.starts {
		sum += *(*byte)(unsafe.Add(at, start))
	}
	return sum
}

// reset empties the elements of a slot.
func (g *groups) reset(i uint32) {
	g.empty(i)
	from := int(i&chunkMask) * g.words
	clear(g.chunks[i>>chunkBits][from : from+g.words])
}

// release gives a slot back.
func (g *groups) release(i uint32) {
	g.empty(i)
	g.put(i)
}

// empty gives back what the elements of a slot hold elsewhere.
func (g *groups) empty(i uint32) {
	if g.needs&NeedSequence != 0 {
		g.pool.free(g.sequence.in(g.slot(i)))
	}
	if g.needs&NeedCICFixed != 0 {
		g.seen.free(&g.cicFixed.in(g.slot(i)).seen)
	}
}

// inherits tells whether a group takes something over from the flow before.
func (g *groups) inherits() bool { return g.needs&NeedCICFixed != 0 }

// inherit lets the elements of a slot, which is that of f, take over from those of the
// slot of the flow that f follows.
func (g *groups) inherit(f *Flow, slot, from uint32) {
	if g.needs&NeedCICFixed != 0 {
		g.cicFixed.in(g.slot(slot)).inherit(f, g.cicFixed.in(g.slot(from)))
	}
}

// obtain takes an empty slot.
func (g *groups) obtain() uint32 {
	slot, grow := g.take()
	if grow {
		g.chunks = append(g.chunks, make([]uint64, chunkLen*g.words))
	}
	g.reset(slot)
	return slot
}
