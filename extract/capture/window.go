package capture

import (
	"io"

	"fm/extract/packet"
)

const (
	// maxNeed bounds what a format may ask the window to hold at once: the largest frame
	// with its headers and, in pcapng, the options of a block.
	maxNeed = packet.MaxFrame + 64<<10
	// bufferSize lets any record that begins below packet.BatchBytes lie in the buffer whole.
	bufferSize = packet.BatchBytes + maxNeed
	minRead    = 16 << 10
	maxRead    = 512 << 10
)

// window is the part of a byte stream that lies in the buffer of the batch in hand. Frames
// are parsed where they were read; only what was read beyond the batch's last frame is
// copied, into the next batch.
type window struct {
	r     io.Reader
	buf   []byte // the batch's buffer, filled up to len
	pos   int    // next byte to parse
	off   int64  // offset of buf[0] in the stream (after decompression)
	carry []byte // read, but not parsed, by the last batch
	size  int    // bytes that the buffer has at least
	limit int    // frames of a batch, at most packet.BatchPackets
	mean  int    // bytes of a record, a guess from the last batch: how much to read at once
	err   error  // what ended the stream; io.EOF at its end
	// ready, nil for files, reports whether a pipe has something to read, after a moment at most if it may wait.
	ready func(wait bool) bool
}

// begin takes over the buffer of an empty batch.
func (w *window) begin(b *packet.Batch) {
	if need := max(w.size, len(w.carry)); cap(b.Buf) < need {
		b.Buf = make([]byte, 0, need)
	}
	w.buf = append(b.Buf[:0], w.carry...)
	w.carry = w.carry[:0]
	w.pos = 0
}

// end gives the buffer back and keeps what was not parsed.
func (w *window) end(b *packet.Batch) {
	w.carry = append(w.carry[:0], w.buf[w.pos:]...)
	b.Buf = w.buf
	w.off += int64(w.pos)
	if n := len(b.Frames); n > 0 {
		w.mean = w.pos/n + 1
	}
	w.buf, w.pos = nil, 0
}

// at is the offset in the stream of the next byte to parse.
func (w *window) at() int64 { return w.off + int64(w.pos) }

// need reads until n bytes lie at pos. It reports false when the stream ends before them,
// and then w.err says why, or when a pipe is silent, and then w.err is nil: the frames
// read so far should not wait for the next. n is at most maxNeed and pos below packet.BatchBytes.
func (w *window) need(b *packet.Batch, n int) bool {
	if len(w.buf)-w.pos >= n {
		return true
	}
	return w.fetch((w.limit-len(b.Frames))*w.mean, n, len(b.Frames) == 0)
}

// fetch reads about want bytes, and as many as it takes to have n at pos.
func (w *window) fetch(want, n int, wait bool) bool {
	want = min(max(want, minRead), maxRead)
	if cap(w.buf)-w.pos < n { // only if size is below bufferSize
		w.buf = append(make([]byte, 0, bufferSize), w.buf...)
	}
	for idle := 0; len(w.buf)-w.pos < n; {
		if w.err != nil {
			return false
		}
		if w.ready != nil && !w.ready(wait) {
			return false
		}
		end := len(w.buf)
		limit := min(end+max(want, n-(end-w.pos)), cap(w.buf))
		k, err := w.r.Read(w.buf[end:limit])
		w.buf = w.buf[:end+k]
		w.err = err
		if k > 0 {
			idle = 0
		} else if idle++; idle > 100 && err == nil {
			w.err = io.ErrNoProgress
		}
	}
	return true
}

// skip passes over n bytes without keeping them. It reports false when the stream ends
// before. Bytes of frames in the batch stay where they are.
func (w *window) skip(n int64) bool {
	if have := int64(len(w.buf) - w.pos); n <= have {
		w.pos += int(n)
		return true
	}
	n -= int64(len(w.buf) - w.pos)
	// The bytes never enter the batch, so move the origin by them.
	w.pos = len(w.buf)
	var scratch [16 << 10]byte
	for idle := 0; n > 0; {
		if w.err != nil {
			return false
		}
		k, err := w.r.Read(scratch[:min(n, int64(len(scratch)))])
		w.off += int64(k)
		n -= int64(k)
		w.err = err
		if k > 0 {
			idle = 0
		} else if idle++; idle > 100 && err == nil {
			w.err = io.ErrNoProgress
		}
	}
	return true
}

// rewind makes at report the given offset. Only errors are reported after it.
func (w *window) rewind(at int64) { w.off = at - int64(w.pos) }
