package flow

// A bulk is a run of at least BulkPackets packets with payload in one direction, none
// in the other between them, and no gap longer than BulkGap, ns.
const (
	BulkPackets = 4
	BulkGap     = 1_000_000_000
)

// Bulks are the finished bulks of one direction.
type Bulks struct {
	N       uint64
	Packets uint64 // with payload
	Bytes   uint64 // payload
	Time    uint64 // from first to last packet with payload, summed, ns
}

// Bulk finds bulk transfers: runs of packets with payload (the corrected definition:
// every run is counted once, and times run between packets with payload).
type Bulk struct {
	Done        [2]Bulks // the last one is added by Derive
	dir         int      // direction of the open run
	n           uint64
	bytes       uint64
	start, last int64
}

// Add counts one packet.
func (b *Bulk) Add(in *In) {
	if in.P.Payload == 0 {
		return
	}
	d := in.Dir & 1
	if b.n > 0 && (d != b.dir || in.Time-b.last > BulkGap) {
		b.Derive()
	}
	if b.n == 0 {
		b.dir, b.bytes, b.start = d, 0, in.Time
	}
	b.n++
	b.bytes += uint64(in.P.Payload)
	b.last = in.Time
}

// Derive ends the open run.
func (b *Bulk) Derive() {
	if b.n >= BulkPackets {
		r := &b.Done[b.dir]
		r.N++
		r.Packets += b.n
		r.Bytes += b.bytes
		r.Time += uint64(b.last - b.start)
	}
	b.n = 0
}
