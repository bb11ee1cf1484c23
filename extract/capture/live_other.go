//go:build !linux && !pcap

package capture

import (
	"fmt"
	"io"
	"runtime"

	"fm/extract/packet"
)

// Ring is a live interface. On this system it takes libpcap to make one.
type Ring struct{}

// Listen returns an error that says how to build fm for live capture on this system.
func Listen(name string, opts LiveOptions) (*Ring, error) {
	return nil, fmt.Errorf("listen on %s: this fm has no live capture on %s; build it with libpcap: CGO_ENABLED=1 go build -tags pcap ./cmd/fm", name, runtime.GOOS)
}

// Fill returns io.EOF.
func (r *Ring) Fill(b *packet.Batch) error { return io.EOF }

// Inputs is empty.
func (r *Ring) Inputs() []packet.Input { return nil }

// Clock is 0.
func (r *Ring) Clock() int64 { return 0 }

// Dropped is 0.
func (r *Ring) Dropped() uint64 { return 0 }

// Close does nothing.
func (r *Ring) Close() error { return nil }
