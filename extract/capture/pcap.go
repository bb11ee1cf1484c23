package capture

import (
	"encoding/binary"
	"errors"
	"fmt"

	"fm/extract/packet"
)

// Magic numbers of pcap as the writer's byte order shows them. modified is the variant of
// Linux distributions of around 2000, with a longer record header.
const (
	magicMicro    = 0xa1b2c3d4
	magicNano     = 0xa1b23c4d
	magicModified = 0xa1b2cd34
	pcapHeader    = 24
	pcapRecord    = 16
	modifiedExtra = 8
)

// pcap reads the classic format.
type pcap struct {
	little  bool
	notPcap bool  // see packet.Frame
	scale   int64 // ns of a unit of the fraction of a second
	header  int   // bytes of a record header
	swapped lengths
	snap    uint32
	link    uint16
	counts  *Counters
	number  uint64
	input   uint32
}

// lengths says in which order the two lengths of a record stand: files before version 2.3
// have the wire length first, files of version 2.3 either.
type lengths uint8

const (
	capturedFirst lengths = iota
	wireFirst
	eitherFirst
)

// isPcap says whether the first four bytes of a stream begin a pcap, and in which order.
func isPcap(magic []byte) (order binary.ByteOrder, number uint32, ok bool) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch m := order.Uint32(magic); m {
		case magicMicro, magicNano, magicModified:
			return order, m, true
		}
	}
	return nil, 0, false
}

// openPcap reads the file header, which the window holds.
func openPcap(w *window, input uint32, counts *Counters) (*pcap, error) {
	h := w.buf[w.pos:]
	order, magic, ok := isPcap(h)
	if !ok {
		return nil, errors.New("not a pcap header")
	}
	p := &pcap{little: order == binary.LittleEndian, scale: 1000, header: pcapRecord, input: input, counts: counts}
	switch magic {
	case magicNano:
		p.scale, p.notPcap = 1, !p.little
	case magicModified:
		p.header += modifiedExtra
	}
	major, minor := order.Uint16(h[4:]), order.Uint16(h[6:])
	if major != 2 {
		return nil, fmt.Errorf("pcap version %d.%d is not known", major, minor)
	}
	switch {
	case minor < 3:
		p.swapped = wireFirst
	case minor == 3:
		p.swapped = eitherFirst
	}
	p.snap = order.Uint32(h[16:])
	p.link = uint16(order.Uint32(h[20:])) // above these bits lie the length of the FCS and flags
	w.pos += pcapHeader
	return p, nil
}

func (p *pcap) frames() uint64 { return p.number }

func (p *pcap) fill(b *packet.Batch, w *window) error {
	for len(b.Frames) < w.limit && w.pos < packet.BatchBytes {
		if len(w.buf)-w.pos < p.header && !w.need(b, p.header) {
			if len(w.buf) == w.pos {
				return w.err // io.EOF: a clean end
			}
			return ended(w.err, "inside a record header")
		}
		h := w.buf[w.pos : w.pos+pcapRecord]
		var sec, frac, captured, wire uint32
		if p.little {
			sec, frac = binary.LittleEndian.Uint32(h), binary.LittleEndian.Uint32(h[4:])
			captured, wire = binary.LittleEndian.Uint32(h[8:]), binary.LittleEndian.Uint32(h[12:])
		} else {
			sec, frac = binary.BigEndian.Uint32(h), binary.BigEndian.Uint32(h[4:])
			captured, wire = binary.BigEndian.Uint32(h[8:]), binary.BigEndian.Uint32(h[12:])
		}
		if p.swapped != capturedFirst && (p.swapped == wireFirst || captured > wire) {
			captured, wire = wire, captured
		}
		if captured > packet.MaxFrame && captured > p.snap {
			return fmt.Errorf("a record claims %d captured bytes; the snapshot length is %d", captured, p.snap)
		}
		keep := int(min(captured, packet.MaxFrame))
		size := p.header + keep
		if len(w.buf)-w.pos < size && !w.need(b, size) {
			return ended(w.err, "inside a record")
		}
		off := w.pos + p.header
		if rest := int64(captured) - int64(keep); rest > 0 {
			start := w.at()
			w.pos += size
			if !w.skip(rest) {
				w.rewind(start)
				return ended(w.err, "inside a record")
			}
			p.counts.Shortened++
		} else {
			w.pos += size
		}
		if wire < captured {
			wire = captured
			p.counts.ShortWire++
		}
		p.number++
		b.Frames = append(b.Frames, packet.Frame{
			// A fraction of a second and more is what some writers mean by it.
			Time:    int64(sec)*1e9 + int64(frac)*p.scale,
			Number:  p.number,
			Data:    packet.Span{Off: uint32(off), Len: uint32(keep)},
			WireLen: wire,
			SnapLen: p.snap,
			Input:   p.input,
			Link:    p.link,
			Signed:  p.little,
			NotPcap: p.notPcap,
		})
	}
	return nil
}
