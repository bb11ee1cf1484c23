package capture

import (
	"encoding/binary"
	"errors"
	"fmt"

	"fm/extract/packet"
)

// Block types and options of pcapng (draft-ietf-opsawg-pcapng).
const (
	blockSection   = 0x0a0d0d0a // the same in both byte orders
	blockInterface = 1
	blockPacket    = 2 // obsolete
	blockSimple    = 3
	blockEnhanced  = 6

	byteOrderMagic = 0x1a2b3c4d

	optionEnd    = 0
	optionResol  = 9
	optionOffset = 14

	minBlock      = 12 // type, length, length again
	maxInterfaces = 1 << 16
)

// pcapng reads the block format.
type pcapng struct {
	little     bool // byte order of the section
	interfaces []interfaceInfo
	first      *interfaceInfo // of the file
	like       uint32         // interfaces of the section that are like it
	others     bool           // an interface is not
	last       int64          // time of the last frame
	counts     *Counters
	number     uint64
	input      uint32
}

// interfaceInfo is what an interface description block says.
type interfaceInfo struct {
	time resolution
	snap uint32
	link uint16
	// other says that link type or snapshot length are not those of the file's first interface.
	other bool
}

// openPcapng makes a reader of a stream that begins with a section header block.
func openPcapng(input uint32, counts *Counters) *pcapng {
	return &pcapng{input: input, counts: counts}
}

func (p *pcapng) frames() uint64 { return p.number }

func (p *pcapng) u16(b []byte) uint16 {
	if p.little {
		return binary.LittleEndian.Uint16(b)
	}
	return binary.BigEndian.Uint16(b)
}

func (p *pcapng) u32(b []byte) uint32 {
	if p.little {
		return binary.LittleEndian.Uint32(b)
	}
	return binary.BigEndian.Uint32(b)
}

func (p *pcapng) fill(b *packet.Batch, w *window) error {
	for len(b.Frames) < w.limit && w.pos < packet.BatchBytes {
		if len(w.buf)-w.pos < minBlock && !w.need(b, minBlock) {
			if len(w.buf) == w.pos {
				return w.err // io.EOF: a clean end
			}
			return ended(w.err, "inside a block header")
		}
		h := w.buf[w.pos:]
		kind := p.u32(h)
		if kind == blockSection {
			if err := p.section(h); err != nil {
				return err
			}
		}
		total := p.u32(h[4:])
		if total < minBlock {
			return fmt.Errorf("a block claims a length of %d bytes", total)
		}
		size := (int64(total) + 3) &^ 3 // some writers do not count the padding
		switch kind {
		case blockEnhanced, blockPacket, blockSimple, blockInterface, blockSection:
		default:
			start := w.at()
			if !w.skip(size) {
				w.rewind(start)
				return ended(w.err, "inside a block")
			}
			continue
		}
		if size > maxNeed {
			if !w.need(b, maxNeed) {
				return ended(w.err, "inside a block")
			}
			if err := p.huge(b, w, kind, size); err != nil {
				return err
			}
			continue
		}
		if len(w.buf)-w.pos < int(size) && !w.need(b, int(size)) {
			return ended(w.err, "inside a block")
		}
		block := w.buf[w.pos : w.pos+int(size)]
		if again := p.u32(block[size-4:]); again != total && int64(again) != size {
			return fmt.Errorf("the two lengths of a block differ: %d and %d", total, again)
		}
		if err := p.block(b, kind, block[8:size-4], size-minBlock, uint32(w.pos+8)); err != nil {
			return err
		}
		w.pos += int(size)
	}
	return nil
}

// huge takes from a block larger than the window what lies at its beginning, which the
// window holds, and passes over the rest.
func (p *pcapng) huge(b *packet.Batch, w *window, kind uint32, size int64) error {
	start, pos, frames := w.at(), w.pos, len(b.Frames)
	err := p.block(b, kind, w.buf[pos+8:pos+maxNeed], size-minBlock, uint32(pos+8))
	if err == nil && !w.skip(size) {
		p.number -= uint64(len(b.Frames) - frames)
		b.Frames = b.Frames[:frames]
		w.rewind(start)
		err = ended(w.err, "inside a block")
	}
	return err
}

// section begins a section: h is its header block, at least minBlock bytes of it.
func (p *pcapng) section(h []byte) error {
	switch {
	case binary.LittleEndian.Uint32(h[8:]) == byteOrderMagic:
		p.little = true
	case binary.BigEndian.Uint32(h[8:]) == byteOrderMagic:
		p.little = false
	default:
		return fmt.Errorf("a section header has the unknown byte order mark %x", h[8:12])
	}
	p.interfaces, p.like = p.interfaces[:0], 0
	return nil
}

// block reads a block of a known kind. body is what stands between its lengths, or the
// beginning of it; whole is the true length; off is where body lies in the batch's buffer.
func (p *pcapng) block(b *packet.Batch, kind uint32, body []byte, whole int64, off uint32) error {
	switch kind {
	case blockEnhanced:
		if len(body) < 20 {
			return errors.New("an enhanced packet block is too short")
		}
		ticks := uint64(p.u32(body[4:]))<<32 | uint64(p.u32(body[8:]))
		return p.frame(b, p.u32(body), ticks, p.u32(body[12:]), p.u32(body[16:]), whole-20, off+20)
	case blockPacket:
		if len(body) < 20 {
			return errors.New("a packet block is too short")
		}
		ticks := uint64(p.u32(body[4:]))<<32 | uint64(p.u32(body[8:]))
		return p.frame(b, uint32(p.u16(body)), ticks, p.u32(body[12:]), p.u32(body[16:]), whole-20, off+20)
	case blockSimple:
		return p.simple(b, body, whole, off)
	case blockInterface:
		return p.describe(body)
	default: // the section header: its body was needed for its byte order only
		if len(body) < 16 {
			return errors.New("a section header is too short")
		}
		if major := p.u16(body[4:]); major != 1 {
			return fmt.Errorf("pcapng version %d.%d is not known", major, p.u16(body[6:]))
		}
		return nil
	}
}

// describe reads an interface description block.
func (p *pcapng) describe(body []byte) error {
	if len(body) < 8 {
		return errors.New("an interface description is too short")
	}
	if len(p.interfaces) == maxInterfaces {
		return fmt.Errorf("a section describes more than %d interfaces", maxInterfaces)
	}
	info := interfaceInfo{link: p.u16(body), snap: p.u32(body[4:])}
	resol, offset := uint8(6), int64(0)
	for opts := body[8:]; len(opts) >= 4; {
		code, n := p.u16(opts), int(p.u16(opts[2:]))
		if code == optionEnd {
			break
		}
		value := opts[4:]
		if n > len(value) {
			return errors.New("an option of an interface is longer than its block")
		}
		switch {
		case code == optionResol && n >= 1:
			resol = value[0]
		case code == optionOffset && n == 8:
			if p.little {
				offset = int64(binary.LittleEndian.Uint64(value))
			} else {
				offset = int64(binary.BigEndian.Uint64(value))
			}
		}
		opts = value[min((n+3)&^3, len(value)):]
	}
	info.time = newResolution(resol, offset)
	if p.first == nil {
		p.first = &interfaceInfo{link: info.link, snap: info.snap}
	}
	if info.other = info.link != p.first.link || info.snap != p.first.snap; info.other {
		p.others = true
	} else {
		p.like++
	}
	p.interfaces = append(p.interfaces, info)
	return nil
}

// simple reads a simple packet block: interface 0, no time, and as many bytes as the
// snapshot length lets through.
func (p *pcapng) simple(b *packet.Batch, body []byte, whole int64, off uint32) error {
	if len(body) < 4 {
		return errors.New("a simple packet block is too short")
	}
	if len(p.interfaces) == 0 {
		return errors.New("a packet names interface 0, and the section describes none")
	}
	wire := p.u32(body)
	info := &p.interfaces[0]
	captured := wire
	if info.snap != 0 {
		captured = min(captured, info.snap)
	}
	captured = uint32(min(int64(captured), whole-4)) // a writer may cut without saying so
	p.counts.Timeless++
	p.append(b, 0, p.last, captured, wire, off+4)
	return nil
}

// frame appends a frame of which room bytes may lie in its block, from off on.
func (p *pcapng) frame(b *packet.Batch, id uint32, ticks uint64, captured, wire uint32, room int64, off uint32) error {
	if uint64(id) >= uint64(len(p.interfaces)) {
		return fmt.Errorf("a packet names interface %d, and the section describes %d", id, len(p.interfaces))
	}
	if int64(captured) > room {
		return fmt.Errorf("a packet claims %d captured bytes in a block that has room for %d", captured, room)
	}
	info := &p.interfaces[id]
	ns, ok := info.time.nanos(ticks)
	if !ok {
		p.counts.Clamped++
	}
	p.last = ns
	p.append(b, id, ns, captured, wire, off)
	return nil
}

func (p *pcapng) append(b *packet.Batch, id uint32, ns int64, captured, wire, off uint32) {
	info, keep := &p.interfaces[id], captured
	if keep > packet.MaxFrame {
		keep = packet.MaxFrame
		p.counts.Shortened++
	}
	if wire < captured {
		wire = captured
		p.counts.ShortWire++
	}
	p.number++
	b.Frames = append(b.Frames, packet.Frame{
		Time:         ns,
		Number:       p.number,
		Data:         packet.Span{Off: off, Len: keep},
		WireLen:      wire,
		SnapLen:      info.snap,
		Input:        p.input,
		Link:         info.link,
		UnlikeFirst:  info.other || id >= p.like,
		BehindUnlike: p.others,
		NotPcap:      true,
	})
}
