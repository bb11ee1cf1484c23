// Package packet turns captured frames into decoded packets: link, network and
// transport headers, tunnels, fragments, the flow key and its hash.
//
// It owns [Batch], [Packet] and [Cold], and one [Outcome] for every frame. It does
// not know flows or files. Start with [Decoder].
package packet

// Limits of one batch. One larger frame travels alone.
const (
	BatchPackets = 1024
	BatchBytes   = 1 << 20
	// MaxFrame is the largest captured length that a source hands on, in bytes.
	MaxFrame = 262144
)

// Span is a range of bytes in the buffer of a batch. It is valid while the batch is held.
type Span struct{ Off, Len uint32 }

// WrappedTime stands for 2^64 µs since 1970, ns: what lies so far from it as a negative
// time in microseconds does from 1970 is that time, read as one without a sign.
const WrappedTime = 9_200_000_000_000_000_000

// FirstWrapped is the first time that is one: 73 years before WrappedTime, and behind all
// others that a source hands on.
const FirstWrapped = WrappedTime - 1<<61

// Frame is one captured frame as a source delivered it.
type Frame struct {
	Time    int64  // capture time, ns since 1970; see WrappedTime
	Number  uint64 // number of the frame in its input, from 1
	Data    Span   // captured bytes
	WireLen uint32 // length on the wire, bytes
	SnapLen uint32 // snapshot length of its interface, 0 if unknown
	Input   uint32 // index of the input file (or interface)
	Link    uint16 // link type, a LINKTYPE_ number
	Signed  bool   // of a little-endian pcap file, whose seconds many programs read as signed
	NotPcap bool   // of a file that databases of file types do not call pcap: pcapng, big-endian pcap with nanoseconds
	// UnlikeFirst: of an interface of a pcapng file whose link type or snapshot length is not
	// that of the file's first. libpcap refuses these and does not count them, so that the
	// number of one behind them may be none to it: those are meant, too.
	UnlikeFirst  bool
	BehindUnlike bool // such an interface was described before the frame; there tcpdump gives up
	// For link types that [Knows] denies: what the source found with a slower decoder.
	// Net is the offset of the network header + 1 (0: the decoder starts at the link
	// header), EtherType its protocol.
	Net       uint16
	EtherType uint16
}

// Batch carries frames from a source and the packets decoded from them. Its memory
// is reused: nothing in it may be kept after the batch is given back.
type Batch struct {
	Buf    []byte  // captured bytes; a source appends or reads into it
	Frames []Frame // in order of arrival
	// Packets and Cold are filled by the dispatcher: the admitted ones, in order of
	// arrival, with equal indexes.
	Packets []Packet
	Cold    []Cold
	// Clocks are the clocks behind each frame, if refused frames move the clock.
	Clocks []int64
	// Shards lists, for each worker, the indexes of its packets.
	Shards [][]uint32
	// Epoch grows when the clock of the input steps back; a batch has one epoch.
	Epoch uint32
	// Clock is the input's clock behind the last packet, ns; on a silent live line
	// it comes from the wall.
	Clock int64
}

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() {
	b.Buf, b.Frames, b.Packets, b.Cold, b.Clocks = b.Buf[:0], b.Frames[:0], b.Packets[:0], b.Cold[:0], b.Clocks[:0]
	for i := range b.Shards {
		b.Shards[i] = b.Shards[i][:0]
	}
}

// Bytes returns the bytes of s. They are valid while the batch is held.
func (b *Batch) Bytes(s Span) []byte { return b.Buf[s.Off : s.Off+s.Len : s.Off+s.Len] }
