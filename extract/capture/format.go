package capture

import (
	"fmt"
	"io"

	"fm/extract/packet"
)

// maxTime is the largest time that is handed on, ns: in 2116, and far enough from the end
// of int64 that timeouts may be added.
const maxTime = 1 << 62

// linkEthernet is LINKTYPE_ETHERNET.
const linkEthernet = 1

// format parses one kind of capture.
type format interface {
	// fill appends frames from w to b. It returns nil when b is full (or a pipe silent), io.EOF at a clean end,
	// and any other error where the stream ends early or contradicts itself: w stands at
	// the record in question.
	fill(b *packet.Batch, w *window) error
	// frames is how many were appended so far.
	frames() uint64
}

// Counters are what a source noticed and does not show in its frames.
type Counters struct {
	Shortened uint64 // frames above packet.MaxFrame, of which the first MaxFrame bytes were handed on
	ShortWire uint64 // frames that claim to have been shorter on the wire than what was captured of them: what was captured counts
	Timeless  uint64 // frames without a time of their own (simple packets of pcapng): they got the time of the frame before
	Clamped   uint64 // times before 1970 or after 2116, moved to that limit or near packet.WrappedTime
	Located   uint64 // frames of rare link types in which the network header was found
	Unlocated uint64 // frames of link types that nothing here reads; the decoder counts them as unknown link type
}

// ended makes the error for a stream that ends where it must not; nil for a silent pipe,
// where err is nil.
func ended(err error, where string) error {
	if err == nil {
		return nil
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("the data ends %s", where)
	}
	return fmt.Errorf("%s: %w", where, err)
}
