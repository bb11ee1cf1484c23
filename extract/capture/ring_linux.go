//go:build linux && !pcap

package capture

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Shape of the ring. A block is handed over when it is full or retireAfter old.
const (
	blockSize   = 1 << 20
	retireAfter = 20 // ms
	ringHeader  = int(unsafe.Sizeof(unix.Tpacket3Hdr{}))
	ringAlign   = 16
)

// blocks is the memory that is shared with the kernel: a circle of blocks of frames.
type blocks struct {
	mem  []byte
	n    int
	turn int // the block that comes next
	left uint32
	off  int // of the next frame in the block in hand, while left > 0
}

// openBlocks makes the ring of a packet socket.
func openBlocks(fd, bytes int) (*blocks, error) {
	if bytes <= 0 {
		bytes = defaultRing
	}
	n := max(bytes/blockSize, 2)
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return nil, fmt.Errorf("packet ring version 3: %w", err)
	}
	req := unix.TpacketReq3{
		Block_size: blockSize, Block_nr: uint32(n),
		Frame_size: 2048, Frame_nr: uint32(n * (blockSize / 2048)), // frames take the room they need; the kernel only checks the product
		Retire_blk_tov: retireAfter,
	}
	if err := unix.SetsockoptTpacketReq3(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &req); err != nil {
		return nil, fmt.Errorf("packet ring of %d MiB: %w", n*blockSize>>20, err)
	}
	mem, err := unix.Mmap(fd, 0, n*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map the packet ring: %w", err)
	}
	return &blocks{mem: mem, n: n}, nil
}

// header is the header of the block whose turn it is.
func (r *blocks) header() *unix.TpacketHdrV1 {
	desc := (*unix.TpacketBlockDesc)(unsafe.Pointer(&r.mem[r.turn*blockSize]))
	return (*unix.TpacketHdrV1)(unsafe.Pointer(&desc.Hdr))
}

// ready reports whether a frame waits, taking over the next block if need be.
func (r *blocks) ready() bool {
	for r.left == 0 {
		h := r.header()
		if atomic.LoadUint32(&h.Block_status)&unix.TP_STATUS_USER == 0 {
			return false
		}
		if h.Num_pkts == 0 {
			r.release()
			continue
		}
		r.left, r.off = h.Num_pkts, r.turn*blockSize+int(h.Offset_to_first_pkt)
	}
	return true
}

// frame returns the frame that waits and its link address.
func (r *blocks) frame() (h *unix.Tpacket3Hdr, from *unix.RawSockaddrLinklayer, data []byte) {
	h = (*unix.Tpacket3Hdr)(unsafe.Pointer(&r.mem[r.off]))
	from = (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&r.mem[r.off+(ringHeader+ringAlign-1)&^(ringAlign-1)]))
	begin := r.off + int(h.Mac)
	return h, from, r.mem[begin : begin+int(h.Snaplen)]
}

// next steps behind the frame that waits, and gives its block back when it was the last.
func (r *blocks) next(h *unix.Tpacket3Hdr) {
	r.off += int(h.Next_offset)
	if r.left--; r.left == 0 {
		r.release()
	}
}

// release gives the block in hand back to the kernel.
func (r *blocks) release() {
	atomic.StoreUint32(&r.header().Block_status, unix.TP_STATUS_KERNEL)
	r.turn = (r.turn + 1) % r.n
}

func (r *blocks) close() error { return unix.Munmap(r.mem) }
