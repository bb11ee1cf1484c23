package capture

import (
	"encoding/binary"
	"fmt"
	"io"

	"fm/extract/packet"
)

// Source is extract.Source, which this package does not import.
type Source interface {
	Fill(b *packet.Batch) error
	Inputs() []packet.Input
	Close() error
}

// live is extract.Live.
type live interface {
	Clock() int64
	Dropped() uint64
}

// Record returns a source that delivers what src delivers and writes it to w as a pcap with
// nanoseconds; it satisfies extract.Live if src does. The frames must be of one link
// type, which is what such a file can say. A failed write ends the source. The file
// header is written with the first frame, or by Close. w is not closed.
func Record(src Source, w io.Writer) Source {
	r := &recorder{Source: src, w: w}
	if l, ok := src.(live); ok {
		return &liveRecorder{r, l}
	}
	return r
}

type liveRecorder struct {
	*recorder
	live
}

type recorder struct {
	Source
	w     io.Writer
	buf   []byte
	begun bool
	link  uint16
	err   error
}

func (r *recorder) Fill(b *packet.Batch) error {
	if r.err != nil {
		return r.err
	}
	err := r.Source.Fill(b)
	if failed := r.write(b); failed != nil {
		r.err = failed
		return failed
	}
	return err
}

func (r *recorder) write(b *packet.Batch) error {
	r.buf = r.buf[:0]
	for i := range b.Frames {
		f := &b.Frames[i]
		if !r.begun {
			r.header(f.Link, f.SnapLen)
		}
		if f.Link != r.link {
			return fmt.Errorf("record frame %d: link type %d among frames of link type %d", f.Number, f.Link, r.link)
		}
		r.buf = AppendRecord(r.buf, f, b.Bytes(f.Data))
	}
	return r.flush()
}

// header appends the header of the file.
func (r *recorder) header(link uint16, snap uint32) {
	r.begun, r.link = true, link
	r.buf = AppendHeader(r.buf, link, snap)
}

func (r *recorder) flush() error {
	if len(r.buf) == 0 {
		return nil
	}
	if _, err := r.w.Write(r.buf); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	r.buf = r.buf[:0]
	return nil
}

// Close completes a file without frames and closes the recorded source.
func (r *recorder) Close() error {
	if !r.begun && r.err == nil {
		r.header(linkEthernet, packet.MaxFrame)
		r.err = r.flush()
	}
	if err := r.Source.Close(); err != nil {
		return err
	}
	if r.err == io.EOF {
		return nil
	}
	return r.err
}

// AppendHeader appends the header of a little-endian pcap with nanoseconds.
func AppendHeader(dst []byte, link uint16, snap uint32) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, magicNano)
	dst = append(dst, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	dst = binary.LittleEndian.AppendUint32(dst, snap)
	return binary.LittleEndian.AppendUint32(dst, uint32(link))
}

// AppendRecord appends f, whose captured bytes are data, as a record of such a pcap.
func AppendRecord(dst []byte, f *packet.Frame, data []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(f.Time/1e9))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(f.Time%1e9))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(data)))
	dst = binary.LittleEndian.AppendUint32(dst, f.WireLen)
	return append(dst, data...)
}
