package extract

import "fm/extract/packet"

// Source delivers frames. Fill and Close are called by one goroutine.
type Source interface {
	// Fill appends frames to b, which is empty, until the batch is full, the input
	// ends, or (live) 50 ms have passed; then b may hold no frame. A Fill that waits longer
	// holds up the timeouts of live flows and the answer to an interrupt.
	// It returns io.EOF when nothing follows (b may still hold frames). Any other
	// error ends the input too: frames delivered before it count.
	Fill(b *packet.Batch) error
	// Inputs lists the inputs seen so far; Frame.Input is an index into it.
	Inputs() []packet.Input
	Close() error
}

// Live is what a live source adds.
type Live interface {
	// Clock is the time up to which every frame has been delivered, ns since 1970: on a
	// silent line the wall clock less the time that a frame may spend in the ring.
	Clock() int64
	// Dropped is the number of frames that the kernel dropped so far.
	Dropped() uint64
}
