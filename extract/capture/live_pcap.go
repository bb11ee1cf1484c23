//go:build pcap

package capture

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	libpcap "github.com/google/gopacket/pcap"

	"fm/extract/packet"
)

const (
	silence = 50 * time.Millisecond  // Fill returns after it without a frame
	lag     = 200 * time.Millisecond // how far Clock stays behind the wall clock
)

// Ring is a live interface read through libpcap; it satisfies extract.Source and
// extract.Live. Close, Clock, Dropped and Inputs may be called while Fill runs.
type Ring struct {
	name   string
	handle *libpcap.Handle
	link   uint16
	closed atomic.Bool
	fill   sync.Mutex // held by Fill; Close closes the handle under it
	clock  atomic.Int64

	mu    sync.Mutex // guards what follows
	input packet.Input
	drops uint64
	gone  bool
}

// Listen opens a live interface by name, or [Any] where libpcap has it. Errors name the
// cause: *RightsError when the process lacks the right, the list of interfaces when there
// is none of that name.
func Listen(name string, opts LiveOptions) (*Ring, error) {
	if name != Any {
		if _, err := net.InterfaceByName(name); err != nil {
			return nil, unknownInterface(name)
		}
	}
	handle, err := activate(name, opts)
	if err != nil {
		if text := strings.ToLower(err.Error()); strings.Contains(text, "permission") || strings.Contains(text, "permitted") {
			return nil, &RightsError{name, err}
		}
		return nil, fmt.Errorf("listen on %s: %w", name, err)
	}
	// gopacket keeps 8 bits of the link type: raw IP (12, 14) has numbers of its own in files.
	link := uint16(handle.LinkType())
	if link == 12 || link == 14 {
		link = 101
	}
	return &Ring{name: name, handle: handle, link: link, input: packet.Input{Path: name}}, nil
}

func activate(name string, opts LiveOptions) (*libpcap.Handle, error) {
	inactive, err := libpcap.NewInactiveHandle(name)
	if err != nil {
		return nil, err
	}
	defer inactive.CleanUp()
	bytes := opts.Buffer
	if bytes <= 0 {
		bytes = defaultRing
	}
	for _, err := range []error{
		inactive.SetSnapLen(packet.MaxFrame),
		inactive.SetPromisc(!opts.NoPromiscuous && name != Any),
		inactive.SetTimeout(silence),
		inactive.SetBufferSize(bytes),
	} {
		if err != nil {
			return nil, err
		}
	}
	return inactive.Activate()
}

// Fill appends the frames that wait, up to a full batch; with none it waits up to 50 ms
// for the first. It returns io.EOF after Close.
func (r *Ring) Fill(b *packet.Batch) error {
	r.fill.Lock()
	defer r.fill.Unlock()
	if r.closed.Load() {
		return io.EOF
	}
	if cap(b.Buf) < bufferSize {
		b.Buf = make([]byte, 0, bufferSize)
	}
	for begun := time.Now(); len(b.Frames) < packet.BatchPackets && len(b.Buf) < packet.BatchBytes; {
		data, info, err := r.handle.ZeroCopyReadPacketData()
		if err == libpcap.NextErrorTimeoutExpired || err == nil && len(data) == 0 {
			break
		}
		if err != nil {
			if errors.Is(err, io.EOF) || r.closed.Load() {
				return io.EOF
			}
			return fmt.Errorf("listen on %s: %w", r.name, err)
		}
		r.append(b, data, info.Timestamp.UnixNano(), uint32(info.Length))
		if time.Since(begun) > silence {
			break
		}
	}
	if n := len(b.Frames); n > 0 {
		r.clock.Store(b.Frames[n-1].Time)
	} else {
		r.clock.Store(max(r.clock.Load(), time.Now().Add(-lag).UnixNano()))
	}
	return nil
}

func (r *Ring) append(b *packet.Batch, data []byte, ns int64, wire uint32) {
	off := len(b.Buf)
	data = data[:min(len(data), packet.MaxFrame)]
	b.Buf = append(b.Buf, data...)
	r.mu.Lock()
	r.input.Frames++
	r.input.Bytes += uint64(len(data))
	number := r.input.Frames
	r.mu.Unlock()
	b.Frames = append(b.Frames, packet.Frame{
		Time:    ns,
		Number:  number,
		Data:    packet.Span{Off: uint32(off), Len: uint32(len(data))},
		WireLen: max(wire, uint32(len(data))),
		SnapLen: packet.MaxFrame,
		Link:    r.link,
	})
}

// Clock is the time of the last frame, or on a silent line the wall clock less 200 ms.
func (r *Ring) Clock() int64 { return r.clock.Load() }

// Dropped is how many frames kernel and interface dropped.
func (r *Ring) Dropped() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.gone {
		if s, err := r.handle.Stats(); err == nil {
			r.drops = uint64(s.PacketsDropped) + uint64(s.PacketsIfDropped)
		}
	}
	return r.drops
}

// Inputs is the interface.
func (r *Ring) Inputs() []packet.Input {
	r.mu.Lock()
	defer r.mu.Unlock()
	return []packet.Input{r.input}
}

// Close ends the capture. It waits for a Fill that runs, at most 50 ms.
func (r *Ring) Close() error {
	if r.closed.Swap(true) {
		return nil
	}
	r.fill.Lock()
	defer r.fill.Unlock()
	r.Dropped()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = true
	r.handle.Close()
	return nil
}
