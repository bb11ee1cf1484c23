package flow

import "unsafe"

// Slabs grow by chunks of this many elements, so that an element never moves, a
// growing table copies nothing, and a short capture costs little memory.
const (
	chunkBits = 8
	chunkLen  = 1 << chunkBits
	chunkMask = chunkLen - 1
)

// slab is an array that grows without moving its elements. T holds no pointers: the
// collector then skips the chunks, whatever their number.
type slab[T any] struct{ chunks []*[chunkLen]T }

func (s *slab[T]) at(i uint32) *T { return &s.chunks[i>>chunkBits][i&chunkMask] }

// touch reads a byte of element i.
func (s *slab[T]) touch(i uint32) byte { return *(*byte)(unsafe.Pointer(s.at(i))) }

// grow adds one chunk.
func (s *slab[T]) grow() { s.chunks = append(s.chunks, new([chunkLen]T)) }

// slots hands out slot numbers of slabs that grow together, the lowest never used
// before first, freed ones before these.
type slots struct {
	free []uint32
	next uint32 // lowest slot never handed out
	used uint32 // slots in use
}

// take returns a slot and whether the slabs must grow by a chunk first.
func (s *slots) take() (slot uint32, grow bool) {
	s.used++
	if n := len(s.free); n > 0 {
		slot = s.free[n-1]
		s.free = s.free[:n-1]
		return slot, false
	}
	slot = s.next
	s.next++
	return slot, slot&chunkMask == 0
}

func (s *slots) put(slot uint32) {
	s.used--
	s.free = append(s.free, slot)
}
