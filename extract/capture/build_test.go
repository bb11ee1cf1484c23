package capture

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"fm/extract/packet"
)

// sample is a frame as a test wants to find it.
type sample struct {
	Time    int64
	Data    []byte
	WireLen uint32
	Link    uint16
	SnapLen uint32
}

// samples are n Ethernet frames of several lengths, 0 among them, with whole microseconds.
func samples(n int) []sample {
	var all []sample
	for i := range n {
		size := []int{60, 1514, 0, 1, 74, 66, 590}[i%7]
		data := make([]byte, size)
		for k := range data {
			data[k] = byte(i + k)
		}
		all = append(all, sample{Time: 1_700_000_000_000_000_000 + int64(i)*1_234_567_000, Data: data, WireLen: uint32(size + i%3), Link: linkEthernet, SnapLen: 65535})
	}
	return all
}

// pcapFile builds the classic format field by field.
type pcapFile struct {
	bytes.Buffer
	order binary.ByteOrder
	scale int64
	extra int // bytes between record header and data
}

func (f *pcapFile) put(values ...uint32) {
	for _, v := range values {
		var b [4]byte
		f.order.PutUint32(b[:], v)
		f.Write(b[:])
	}
}

func newPcap(order binary.ByteOrder, magic uint32, major, minor uint16, snap, link uint32) *pcapFile {
	f := &pcapFile{order: order, scale: 1000}
	switch magic {
	case magicNano:
		f.scale = 1
	case magicModified:
		f.extra = 8
	}
	f.put(magic)
	var v [4]byte
	order.PutUint16(v[:], major)
	order.PutUint16(v[2:], minor)
	f.Write(v[:])
	f.put(0, 0, snap, link)
	return f
}

func (f *pcapFile) record(s sample) {
	f.put(uint32(s.Time/1e9), uint32(s.Time%1e9/f.scale), uint32(len(s.Data)), s.WireLen)
	f.Write(make([]byte, f.extra))
	f.Write(s.Data)
}

// plainPcap is an ordinary little-endian pcap of frames.
func plainPcap(frames []sample) []byte {
	f := newPcap(binary.LittleEndian, magicMicro, 2, 4, 65535, linkEthernet)
	for _, s := range frames {
		f.record(s)
	}
	return f.Bytes()
}

// pcapngFile builds the block format field by field.
type pcapngFile struct {
	bytes.Buffer
	order binary.AppendByteOrder
}

// block appends a block around body, which it pads.
func (f *pcapngFile) block(kind uint32, body []byte) {
	body = append(body, make([]byte, -len(body)&3)...)
	var b []byte
	b = f.order.AppendUint32(b, kind)
	b = f.order.AppendUint32(b, uint32(12+len(body)))
	b = append(b, body...)
	b = f.order.AppendUint32(b, uint32(12+len(body)))
	f.Write(b)
}

func (f *pcapngFile) words(values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = f.order.AppendUint32(b, v)
	}
	return b
}

// option is code, length, value and padding.
func (f *pcapngFile) option(code uint16, value []byte) []byte {
	b := f.order.AppendUint16(nil, code)
	b = f.order.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	return append(b, make([]byte, -len(value)&3)...)
}

func (f *pcapngFile) section(order binary.AppendByteOrder) {
	f.order = order
	body := f.words(byteOrderMagic)
	body = order.AppendUint16(body, 1)
	body = order.AppendUint16(body, 0)
	body = append(body, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff) // section length unknown
	f.block(blockSection, append(body, f.option(4, []byte("a test"))...))
}

func (f *pcapngFile) iface(link uint16, snap uint32, options ...[]byte) {
	body := f.order.AppendUint16(nil, link)
	body = append(body, 0, 0)
	body = append(body, f.words(snap)...)
	for _, o := range options {
		body = append(body, o...)
	}
	if len(options) > 0 {
		body = append(body, f.option(0, nil)...)
	}
	f.block(blockInterface, body)
}

func (f *pcapngFile) enhanced(id uint32, ticks uint64, data []byte, wire uint32, options ...[]byte) {
	body := f.words(id, uint32(ticks>>32), uint32(ticks), uint32(len(data)), wire)
	body = append(append(body, data...), make([]byte, -len(data)&3)...)
	for _, o := range options {
		body = append(body, o...)
	}
	f.block(blockEnhanced, body)
}

// plainPcapng is an ordinary little-endian pcapng of frames.
func plainPcapng(frames []sample) []byte {
	var f pcapngFile
	f.section(binary.LittleEndian)
	f.iface(linkEthernet, 65535)
	for _, s := range frames {
		f.enhanced(0, uint64(s.Time/1000), s.Data, s.WireLen)
	}
	return f.Bytes()
}

// file writes content into a new file.
func file(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var batches = sync.Pool{New: func() any { return new(packet.Batch) }}

// drain reads src to its end and checks every batch on the way.
func drain(t testing.TB, src Source) (got []sample, numbers []uint64, err error) {
	t.Helper()
	b := batches.Get().(*packet.Batch)
	defer batches.Put(b)
	for range 1 << 20 {
		b.Reset()
		err := src.Fill(b)
		checkBatch(t, b)
		for i := range b.Frames {
			f := &b.Frames[i]
			got = append(got, sample{f.Time, bytes.Clone(b.Bytes(f.Data)), f.WireLen, f.Link, f.SnapLen})
			numbers = append(numbers, f.Number)
		}
		if err != nil {
			return got, numbers, err
		}
	}
	t.Fatal("the source does not end")
	return nil, nil, nil
}

// checkBatch holds a batch against the promises of every source.
func checkBatch(t testing.TB, b *packet.Batch) {
	t.Helper()
	if len(b.Frames) > packet.BatchPackets {
		t.Fatalf("%d frames in a batch", len(b.Frames))
	}
	if cap(b.Buf) > bufferSize {
		t.Fatalf("the buffer grew to %d bytes", cap(b.Buf))
	}
	for i := range b.Frames {
		f := &b.Frames[i]
		if end := uint64(f.Data.Off) + uint64(f.Data.Len); end > uint64(len(b.Buf)) {
			t.Fatalf("frame %d ends at %d of %d", i, end, len(b.Buf))
		}
		if f.Data.Len > packet.MaxFrame || f.WireLen < f.Data.Len {
			t.Fatalf("frame %d: %d bytes captured, %d on the wire", i, f.Data.Len, f.WireLen)
		}
		if wrapped := f.Time >= packet.FirstWrapped && f.Time < packet.WrappedTime; f.Time < 0 || f.Time > maxTime && !wrapped {
			t.Fatalf("frame %d: time %d", i, f.Time)
		}
	}
}

// read drains a file of the given content.
func read(t testing.TB, content []byte) ([]sample, *Files, error) {
	t.Helper()
	f, err := Open([]string{file(t, "x", content)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, _, err := drain(t, f)
	return got, f, err
}

// readFrom drains what r holds, as a file would be, without a file.
func readFrom(t testing.TB, r io.Reader, block bool) ([]sample, *Counters, error) {
	t.Helper()
	in := &reader{in: newInput(r, block)}
	got, _, err := drain(t, in)
	return got, &in.counts, err
}

func newInput(r io.Reader, block bool) *input {
	return &input{path: "test", block: block, w: window{r: r, size: bufferSize, limit: packet.BatchPackets, mean: 128}}
}

// reader makes a source of one input.
type reader struct {
	in     *input
	counts Counters
}

func (r *reader) Fill(b *packet.Batch) error { return r.in.fill(b, &r.counts) }
func (r *reader) Inputs() []packet.Input     { return nil }
func (r *reader) Close() error               { return nil }

// same compares frames.
func same(t testing.TB, got, want []sample) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		g, w := got[i], want[i]
		if g.Time != w.Time || !bytes.Equal(g.Data, w.Data) || g.WireLen != w.WireLen || g.Link != w.Link || g.SnapLen != w.SnapLen {
			t.Fatalf("frame %d: got time %d, %d bytes of %d, link %d, snap %d; want time %d, %d bytes of %d, link %d, snap %d",
				i+1, g.Time, len(g.Data), g.WireLen, g.Link, g.SnapLen, w.Time, len(w.Data), w.WireLen, w.Link, w.SnapLen)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d frames, want %d", len(got), len(want))
	}
}
