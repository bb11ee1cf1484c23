//go:build linux && !pcap

package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"fm/extract/packet"
)

const (
	silence = 50 * time.Millisecond  // Fill returns after it without a frame
	lag     = 200 * time.Millisecond // how far Clock stays behind the wall clock
)

// Ring is a live interface; it satisfies extract.Source and extract.Live. Close, Clock,
// Dropped and Inputs may be called while Fill runs.
//
// What arrives and what leaves is delivered, as tcpdump does; on a loopback interface,
// which shows every packet twice, only what arrives. "any" delivers the frames of every
// interface behind Linux cooked headers (LINKTYPE_LINUX_SLL2), so that interfaces of all
// kinds fit into one stream; a packet that passes several interfaces comes several times.
type Ring struct {
	name   string
	fd     int
	wake   int // eventfd: Close ends a waiting Fill
	link   uint16
	ring   *blocks
	closed atomic.Bool

	fill    sync.Mutex // held by Fill; Close unmaps the ring under it
	clock   atomic.Int64
	mu      sync.Mutex // guards what follows
	input   packet.Input
	drops   uint64
	stopped bool // the socket is closed
}

// Listen opens a live interface by name, or [Any]. Errors name the cause: *RightsError
// when the process lacks cap_net_raw, the list of interfaces when there is none of that name.
func Listen(name string, opts LiveOptions) (*Ring, error) {
	index := 0
	if name != Any {
		ifi, err := net.InterfaceByName(name)
		if err != nil {
			return nil, unknownInterface(name)
		}
		index = ifi.Index
		if ifi.Flags&net.FlagUp == 0 {
			return nil, fmt.Errorf("listen on %s: the interface is down (ip link set %s up)", name, name)
		}
	}
	r := &Ring{name: name, fd: -1, wake: -1, input: packet.Input{Path: name}}
	if err := r.open(index, opts); err != nil {
		r.release()
		if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
			return nil, &RightsError{name, err}
		}
		return nil, fmt.Errorf("listen on %s: %w", name, err)
	}
	return r, nil
}

// open makes socket and ring. Nothing arrives before the socket is bound, so no frame of
// another interface is ever in the ring.
func (r *Ring) open(index int, opts LiveOptions) error {
	r.link = linkSLL2
	if index != 0 {
		hardware, err := hardwareType(r.name)
		if err != nil {
			return err
		}
		if link, ok := linkOf(hardware); ok {
			r.link = link
		}
	}
	var err error
	if r.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return err
	}
	if r.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return err
	}
	if r.ring, err = openBlocks(r.fd, opts.Buffer); err != nil {
		return err
	}
	all := uint16(unix.ETH_P_ALL)
	if err := unix.Bind(r.fd, &unix.SockaddrLinklayer{Protocol: all<<8 | all>>8, Ifindex: index}); err != nil {
		return err
	}
	if index != 0 && !opts.NoPromiscuous {
		m := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
		if err := unix.SetsockoptPacketMreq(r.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &m); err != nil {
			return fmt.Errorf("promiscuous mode: %w", err)
		}
	}
	return nil
}

// Fill appends the frames that wait, up to a full batch, and returns at once; with none it
// waits up to 50 ms for the first. It returns io.EOF after Close.
func (r *Ring) Fill(b *packet.Batch) error {
	r.fill.Lock()
	defer r.fill.Unlock()
	if cap(b.Buf) < bufferSize {
		b.Buf = make([]byte, 0, bufferSize)
	}
	for deadline := time.Now().Add(silence); ; {
		if r.closed.Load() {
			return io.EOF
		}
		before := time.Now()
		r.take(b)
		if n := len(b.Frames); n > 0 {
			r.clock.Store(b.Frames[n-1].Time)
			return nil
		}
		// The ring was empty after before, and what a block holds back is younger than its
		// time to retire, so nothing older than lag is still to come.
		r.clock.Store(max(r.clock.Load(), before.Add(-lag).UnixNano()))
		wait := time.Until(deadline)
		if wait <= 0 {
			return nil
		}
		if err := r.await(wait); err != nil {
			return err
		}
	}
}

// await waits until the kernel hands a block over.
func (r *Ring) await(wait time.Duration) error {
	fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN | unix.POLLERR}, {Fd: int32(r.wake), Events: unix.POLLIN}}
	_, err := unix.Poll(fds, int(wait/time.Millisecond)+1)
	if err != nil && err != unix.EINTR {
		return fmt.Errorf("listen on %s: wait for packets: %w", r.name, err)
	}
	if fds[0].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) == 0 {
		return nil
	}
	code, err := unix.GetsockoptInt(r.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch {
	case err != nil:
		return fmt.Errorf("listen on %s: %w", r.name, err)
	case unix.Errno(code) == unix.ENETDOWN:
		return fmt.Errorf("listen on %s: the interface went down", r.name)
	case code != 0:
		return fmt.Errorf("listen on %s: %w", r.name, unix.Errno(code))
	}
	return nil
}

// take appends the frames that wait.
func (r *Ring) take(b *packet.Batch) {
	var bytes uint64
	number := r.input.Frames // only Fill writes it
	for len(b.Frames) < packet.BatchPackets && len(b.Buf) < packet.BatchBytes && r.ring.ready() {
		h, from, data := r.ring.frame()
		if from.Hatype != unix.ARPHRD_LOOPBACK || from.Pkttype != unix.PACKET_OUTGOING {
			off := len(b.Buf)
			data = data[:min(len(data), packet.MaxFrame)]
			rest := max(h.Len, uint32(len(data))) - uint32(len(data)) // on the wire, not captured
			tagged := h.Status&unix.TP_STATUS_VLAN_VALID != 0 || h.Hv1.Vlan_tci != 0
			switch {
			case r.link == linkSLL2:
				b.Buf = appendCooked(b.Buf, h, from, tagged, data)
			case tagged && r.link == linkEthernet && len(data) >= etherTypeAt:
				b.Buf = append(b.Buf, data[:etherTypeAt]...)
				b.Buf = binary.BigEndian.AppendUint16(b.Buf, tpid(h))
				b.Buf = binary.BigEndian.AppendUint16(b.Buf, uint16(h.Hv1.Vlan_tci))
				b.Buf = append(b.Buf, data[etherTypeAt:]...)
			default:
				b.Buf = append(b.Buf, data...)
			}
			n := uint32(len(b.Buf) - off)
			number++
			bytes += uint64(n)
			b.Frames = append(b.Frames, packet.Frame{
				Time:    int64(h.Sec)*1e9 + int64(h.Nsec),
				Number:  number,
				Data:    packet.Span{Off: uint32(off), Len: n},
				WireLen: n + rest,
				SnapLen: packet.MaxFrame,
				Link:    r.link,
			})
		}
		r.ring.next(h)
	}
	if bytes > 0 {
		r.mu.Lock()
		r.input.Frames = number
		r.input.Bytes += bytes
		r.mu.Unlock()
	}
}

// Clock is the time of the last frame, or on a silent line the wall clock less 200 ms:
// every frame before it has been delivered.
func (r *Ring) Clock() int64 { return r.clock.Load() }

// Dropped is how many frames the kernel had no room for in the ring.
func (r *Ring) Dropped() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.countDrops()
	return r.drops
}

// countDrops adds what the kernel counted since the last call. r.mu is held.
func (r *Ring) countDrops() {
	if r.stopped {
		return
	}
	if s, err := unix.GetsockoptTpacketStatsV3(r.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
		r.drops += uint64(s.Drops)
	}
}

// Inputs is the interface.
func (r *Ring) Inputs() []packet.Input {
	r.mu.Lock()
	defer r.mu.Unlock()
	return []packet.Input{r.input}
}

// Close ends the capture and a Fill that waits. It may be called twice.
func (r *Ring) Close() error {
	if r.closed.Swap(true) {
		return nil
	}
	unix.Write(r.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	r.fill.Lock()
	defer r.fill.Unlock()
	return r.release()
}

// release frees socket and ring.
func (r *Ring) release() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	if r.fd >= 0 {
		r.countDrops()
	}
	r.stopped = true
	if r.ring != nil {
		err = r.ring.close()
	}
	for _, fd := range []int{r.fd, r.wake} {
		if fd >= 0 {
			err = errors.Join(err, unix.Close(fd))
		}
	}
	return err
}
