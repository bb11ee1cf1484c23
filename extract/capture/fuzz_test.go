package capture

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"fm/extract/packet"
)

// hold reads content to its end and checks what every reader promises: batches within
// their limits, no more bytes than the input has, memory that does not grow with claims,
// frames numbered from 1, and an end that stays the end.
func hold(t *testing.T, b *packet.Batch, in *input, size int) {
	var counts Counters
	var frames uint64
	var total int
	for {
		b.Reset()
		err := in.fill(b, &counts)
		checkBatch(t, b)
		for i := range b.Frames {
			frames++
			total += int(b.Frames[i].Data.Len)
			if b.Frames[i].Number != frames {
				t.Fatalf("frame %d is number %d", frames, b.Frames[i].Number)
			}
		}
		if cap(in.w.carry) > 2*bufferSize {
			t.Fatalf("%d bytes carried", cap(in.w.carry))
		}
		if err == nil {
			continue
		}
		if total > size {
			t.Fatalf("%d bytes in frames of an input of %d", total, size)
		}
		if cut, ok := err.(*CutError); ok && (cut.Frame != frames+1 || cut.Offset < 0 || cut.Offset > int64(size)) {
			t.Fatalf("cut at byte %d of %d, frame %d after %d", cut.Offset, size, cut.Frame, frames)
		}
		return
	}
}

func FuzzPcap(f *testing.F) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, magic := range []uint32{magicMicro, magicNano, magicModified} {
			for minor := range uint16(3) {
				p := newPcap(order, magic, 2, 2+minor, 65535, []uint32{1, 117, linkNFLog}[minor])
				for _, s := range shortSamples() {
					p.record(s)
				}
				f.Add(p.Bytes())
			}
		}
	}
	var b packet.Batch // kept between runs: clearing it is what a run would spend its time on
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) < 4 {
			return
		}
		if _, _, ok := isPcap(content); ok {
			hold(t, &b, newInput(bytes.NewReader(content), false), len(content))
		}
	})
}

func FuzzPcapng(f *testing.F) {
	f.Add(plainPcapng(shortSamples()))
	var p pcapngFile
	p.section(binary.BigEndian)
	p.iface(113, 0, p.option(9, []byte{0x80 | 20}), p.option(14, make([]byte, 8)))
	p.iface(10, 64, p.option(9, []byte{9}))
	p.enhanced(1, 77, []byte("some bytes"), 100, p.option(1, []byte("comment")))
	p.block(blockSimple, append(p.words(4), 1, 2, 3, 4))
	p.block(blockPacket, append(p.words(1, 0, 9, 4, 4), 1, 2, 3, 4))
	p.block(5, make([]byte, 8))
	p.section(binary.LittleEndian)
	p.iface(linkEthernet, 65535)
	p.enhanced(0, 1, make([]byte, 60), 60)
	f.Add(p.Bytes())
	var b packet.Batch // kept between runs: clearing it is what a run would spend its time on
	f.Fuzz(func(t *testing.T, content []byte) {
		hold(t, &b, newInput(bytes.NewReader(content), true), len(content))
	})
}

// FuzzPacked feeds the decompressors; what comes out of them is bounded here, so that a
// small input that stands for gigabytes does not slow the search.
func FuzzPacked(f *testing.F) {
	frames := shortSamples()
	f.Add(zip(plainPcap(frames)))
	f.Add(zst(plainPcapng(frames)))
	f.Add(zip(plainPcap(frames)[:100], plainPcap(frames)[100:]))
	var b packet.Batch // kept between runs: clearing it is what a run would spend its time on
	f.Fuzz(func(t *testing.T, content []byte) {
		p := packingOf(content)
		if p == plain {
			return
		}
		r, free, err := unpack(bytes.NewReader(content), p)
		if err != nil {
			return
		}
		defer free()
		const most = 8 << 20
		r = io.LimitReader(r, most)
		head, err := peek(r)
		if len(head) < 4 {
			return
		}
		in := newInput(r, false)
		in.w.carry, in.w.err = head, err
		if _, _, ok := isPcap(head); !ok {
			in.block = true
		}
		hold(t, &b, in, most)
	})
}

// FuzzNetwork feeds the slow search for a network header.
func FuzzNetwork(f *testing.F) {
	f.Add([]byte("\x50\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\xaa\xaa\x03\x00\x00\x00\x08\x00\x45\x00"), uint16(10))
	f.Add([]byte("\x02\x00\x00\x01\x04\x00\x09\x00\x45\x00"), uint16(linkNFLog))
	f.Add([]byte("\x18\x41\x03\xcc\x45"), uint16(linkFrameRelay))
	f.Add([]byte("01\x03\x80\x00\x00\x00\x00\x00"), uint16(linkFrameRelay)) // SNAP with a length for a type
	f.Fuzz(func(t *testing.T, data []byte, link uint16) {
		if off, ether := network(data, link); off < 0 || off > len(data) || ether == 0 && off != 0 {
			t.Fatalf("offset %d of %d, type %04x", off, len(data), ether)
		}
	})
}

// shortSamples keep the seeds small, so that changes hit headers.
func shortSamples() []sample {
	all := samples(5)
	for i := range all {
		all[i].Data = all[i].Data[:min(len(all[i].Data), 12)]
	}
	return all
}
