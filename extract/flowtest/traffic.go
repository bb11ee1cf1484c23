package flowtest

import (
	"container/heap"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"

	"fm/extract"
	"fm/extract/packet"
)

// Recording is a sequence of Ethernet frames, each a captured one with other addresses.
type Recording struct {
	frames []frame
	Flows  int // flows that were put together
}

type frame struct {
	*note
	at int64
	id uint32
}

// append appends the frame's bytes to buf.
func (f *frame) append(buf []byte) []byte {
	off := len(buf)
	buf = append(buf, f.data...)
	a, b := off+26, off+30
	if !f.fromA {
		a, b = b, a
	}
	was := sum(buf[off+26:off+34], 0)
	binary.BigEndian.PutUint32(buf[a:], 10<<24+f.id)
	binary.BigEndian.PutUint32(buf[b:], 172<<24+f.id)
	f.keepChecksums(buf[off+14:], was)
	return buf
}

// keepChecksums keeps right checksums right in an IPv4 packet whose addresses had the sum was.
func (f *frame) keepChecksums(ip []byte, was uint16) {
	is := sum(ip[12:20], 0)
	keep := func(at int) {
		if at+2 <= len(ip) && binary.BigEndian.Uint16(ip[at:]) != 0 { // RFC 1624
			s := sum([]byte{ip[at], ip[at+1]}, 0)
			binary.BigEndian.PutUint16(ip[at:], ^sum(nil, uint32(^s)+uint32(^was)+uint32(is)))
		}
	}
	keep(10)
	if header := int(ip[0]&15) * 4; binary.BigEndian.Uint16(ip[6:])&0x1fff == 0 {
		switch ip[9] {
		case packet.ProtoTCP:
			keep(header + 16)
		case packet.ProtoUDP:
			keep(header + 6)
		}
	}
}

// Traffic puts flows of captures together to one capture of so many packets, with about
// perFlow packets a flow: every flow is played with addresses of its own, starting a
// regular while after the one before. Only IPv4 over untagged Ethernet is taken, at
// most 500 packets of a flow; silences are cut to one second.
func Traffic(from []extract.Source, packets int, perFlow float64, seed uint64) (*Recording, error) {
	type key struct {
		source int
		packet.Key
	}
	var short, long []*tune
	dec := packet.NewDecoder(packet.View{})
	var p packet.Packet
	var c packet.Cold
	for i, src := range from {
		tunes := map[key]*tune{}
		var b packet.Batch
		for err := error(nil); err == nil; {
			b.Reset()
			err = src.Fill(&b)
			for k := range b.Frames {
				f := &b.Frames[k]
				data := b.Bytes(f.Data)
				if f.Link != 1 || len(data) < 34 || data[12] != 8 || data[13] != 0 || dec.Decode(&p, &c, f, b.Buf) != packet.Admitted || c.Tunnels > 0 {
					continue
				}
				t := tunes[key{i, p.Key}]
				if t == nil {
					t = &tune{}
					tunes[key{i, p.Key}] = t
					short = append(short, t)
				}
				t.add(f, data, p.FromA)
			}
		}
	}
	var few []*tune
	for _, t := range short {
		if float64(len(t.notes)) > perFlow {
			long = append(long, t)
		} else {
			few = append(few, t)
		}
	}
	if len(few) == 0 || len(long) == 0 && perFlow > 1 {
		return nil, fmt.Errorf("no flows of more and less than %g packets", perFlow)
	}
	r := &Recording{}
	random := rand.New(rand.NewPCG(seed, 0))
	var playing players
	start, planned := Start, 0
	const pause = int64(3e6)
	for len(r.frames) < packets {
		for planned < packets && (len(playing) == 0 || playing[0].at > start) {
			from := few
			if float64(planned) < perFlow*float64(r.Flows) {
				from = long
			}
			t := from[random.IntN(len(from))]
			heap.Push(&playing, &player{t: t, at: start, id: uint32(r.Flows)})
			r.Flows++
			planned += len(t.notes)
			start += pause
		}
		if len(playing) == 0 {
			break
		}
		playing[0].play(r)
		if heap.Fix(&playing, 0); playing[0].next == len(playing[0].t.notes) {
			heap.Pop(&playing)
		}
	}
	return r, nil
}

// tune is a flow as it was captured.
type tune struct{ notes []note }

type note struct {
	data  []byte
	wire  uint32
	at    int64
	gap   int64 // since the packet before
	fromA bool
}

func (t *tune) add(f *packet.Frame, data []byte, fromA bool) {
	if len(t.notes) == 500 {
		return
	}
	n := note{data: append([]byte(nil), data...), wire: f.WireLen, at: f.Time, fromA: fromA}
	if k := len(t.notes); k > 0 {
		n.gap = min(max(f.Time-t.notes[k-1].at, 0), 1e9)
	}
	t.notes = append(t.notes, n)
}

// player plays a tune.
type player struct {
	t    *tune
	next int
	at   int64
	id   uint32
}

func (p *player) play(r *Recording) {
	r.frames = append(r.frames, frame{&p.t.notes[p.next], p.at, p.id})
	if p.next++; p.next < len(p.t.notes) {
		p.at += p.t.notes[p.next].gap
	}
}

// players is a heap by time.
type players []*player

func (h players) Len() int { return len(h) }
func (h players) Less(i, k int) bool {
	return h[i].at < h[k].at || h[i].at == h[k].at && h[i].id < h[k].id
}
func (h players) Swap(i, k int) { h[i], h[k] = h[k], h[i] }
func (h *players) Push(x any)   { *h = append(*h, x.(*player)) }
func (h *players) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// Flood is a capture of n flows of one packet each: SYNs between n pairs of addresses, a microsecond apart.
func Flood(n int) *Recording {
	var b Builder
	data, wire, _ := b.Append(nil, &Packet{Src: netip.MustParseAddrPort("10.0.0.1:40000"), Dst: netip.MustParseAddrPort("11.0.0.1:80"), Proto: 6, Flags: packet.SYN})
	syn := &note{data: data, wire: uint32(wire), fromA: true}
	r := &Recording{Flows: n}
	for i := range n {
		r.frames = append(r.frames, frame{syn, Start + int64(i)*1e3, uint32(i)})
	}
	return r
}

// Packets is the number of frames.
func (r *Recording) Packets() int { return len(r.frames) }

// Source plays the recording once.
func (r *Recording) Source() extract.Source { return &playback{r: r} }

// Batches returns the recording in batches as a dispatcher hands them to one worker.
func (r *Recording) Batches() []*packet.Batch {
	var list []*packet.Batch
	dec := packet.NewDecoder(packet.View{})
	src := &playback{r: r}
	seq, now := uint64(0), int64(0)
	for err := error(nil); err == nil; {
		b := &packet.Batch{Shards: make([][]uint32, 1)}
		err = src.Fill(b)
		for i := range b.Frames {
			var p packet.Packet
			var c packet.Cold
			if dec.Decode(&p, &c, &b.Frames[i], b.Buf) != packet.Admitted {
				continue
			}
			now = max(now, p.Time)
			p.Now, p.Seq = now, seq
			seq++
			b.Shards[0] = append(b.Shards[0], uint32(len(b.Packets)))
			b.Packets, b.Cold = append(b.Packets, p), append(b.Cold, c)
		}
		b.Clock = now
		list = append(list, b)
	}
	return list
}

// WriteTo writes the recording as a pcap file with nanoseconds.
func (r *Recording) WriteTo(w io.Writer) (int64, error) {
	le := binary.LittleEndian
	h := le.AppendUint32(nil, 0xa1b23c4d)
	h = le.AppendUint16(le.AppendUint16(h, 2), 4)
	h = append(h, 0, 0, 0, 0, 0, 0, 0, 0)
	h = le.AppendUint32(le.AppendUint32(h, 262144), 1)
	sum := int64(0)
	n, err := w.Write(h)
	sum += int64(n)
	for i := range r.frames {
		if err != nil {
			break
		}
		f := &r.frames[i]
		h = le.AppendUint32(h[:0], uint32(f.at/1e9))
		h = le.AppendUint32(h, uint32(f.at%1e9))
		h = le.AppendUint32(h, uint32(len(f.data)))
		h = le.AppendUint32(h, f.wire)
		h = f.append(h)
		n, err = w.Write(h)
		sum += int64(n)
	}
	return sum, err
}

type playback struct {
	r    *Recording
	next int
}

func (s *playback) Fill(b *packet.Batch) error {
	for len(b.Frames) < packet.BatchPackets && len(b.Buf) < packet.BatchBytes-packet.MaxFrame && s.next < len(s.r.frames) {
		f := &s.r.frames[s.next]
		s.next++
		b.Frames = append(b.Frames, packet.Frame{Time: f.at, Number: uint64(s.next), WireLen: f.wire, SnapLen: 262144, Link: 1,
			Data: packet.Span{Off: uint32(len(b.Buf)), Len: uint32(len(f.data))}})
		b.Buf = f.append(b.Buf)
	}
	if s.next == len(s.r.frames) {
		return io.EOF
	}
	return nil
}

func (s *playback) Inputs() []packet.Input {
	return []packet.Input{{Path: "recording", Frames: uint64(s.next)}}
}

func (s *playback) Close() error { return nil }

// Scatter is a capture of so many packets that hit so many UDP flows at random: the worst case for caches.
func Scatter(packets, flows int, seed uint64) *Recording {
	var b Builder
	data, wire, _ := b.Append(nil, &Packet{Src: netip.MustParseAddrPort("10.0.0.1:40000"), Dst: netip.MustParseAddrPort("11.0.0.1:40001"), Proto: 17, Payload: []byte("x")})
	hit := &note{data: data, wire: uint32(wire), fromA: true}
	random := rand.New(rand.NewPCG(seed, 0))
	r := &Recording{Flows: flows}
	for i := range packets {
		r.frames = append(r.frames, frame{hit, Start + int64(i)*1e3, random.Uint32N(uint32(flows))})
	}
	return r
}
