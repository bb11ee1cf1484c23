package output

import (
	"encoding/binary"
	"io"
	"math"

	"fm/dataset"
	"fm/extract"
	"fm/extract/flow"
)

// text is a format made of lines, one a record. Its methods are called for one file after
// the other, Append by several workers at once.
type text interface {
	extract.Renderer
	// header stands in front of the lines of a file; t is the end of its first flow, ns.
	header(dst []byte, t int64) []byte
	// line writes a whole record; text is what Append made of it.
	line(dst, text []byte, r *extract.Record) []byte
}

// closing is a text with something behind its lines.
type closing interface {
	// footer stands behind the lines of a file; t is the latest end of its flows, ns.
	footer(dst []byte, t int64) []byte
}

// lines collects the lines of a file and writes them in large pieces, on a live stream
// after each run of records.
type lines struct {
	out    io.Writer
	end    io.Closer // of the compression, nil without
	text   text
	share  func(text []byte) []byte // its part of a record's text; nil: all
	live   bool
	begun  bool  // the header is written
	newest int64 // end of a flow
	buf    []byte
	own    []byte // text of a record that came without
}

const flushAt = 256 << 10

func (l *lines) write(recs []extract.Record) error {
	if !l.begun && len(recs) > 0 {
		l.begin(recs[0].Flow.Last)
		l.newest = math.MinInt64
	}
	for i := range recs {
		r := &recs[i]
		l.newest = max(l.newest, r.Flow.Last)
		made := r.Text
		switch {
		case made == nil:
			l.own = l.text.Append(l.own[:0], r, nil)
			made = l.own
		case l.share != nil:
			made = l.share(made)
		}
		l.buf = l.text.line(l.buf, made, r)
		if len(l.buf) >= flushAt {
			if err := l.flush(); err != nil {
				return err
			}
		}
	}
	if l.live {
		return l.flush()
	}
	return nil
}

func (l *lines) begin(t int64) {
	l.begun = true
	l.buf = l.text.header(l.buf, t)
}

func (l *lines) flush() error {
	_, err := l.out.Write(l.buf)
	l.buf = l.buf[:0]
	return err
}

func (l *lines) held() int {
	if l.end != nil {
		return 0 // what it takes compressed is not known yet
	}
	return len(l.buf)
}

func (l *lines) finish(*dataset.Card) error {
	if !l.begun {
		l.begin(0)
	}
	if c, ok := l.text.(closing); ok {
		l.buf = c.footer(l.buf, l.newest)
	}
	if err := l.flush(); err != nil {
		return err
	}
	if l.end != nil {
		return l.end.Close()
	}
	return nil
}

func (l *lines) carries() bool { return false }

// twoTexts makes the text of a record for two files: both, and the length of the first.
type twoTexts struct{ first, second text }

// lengthBytes is what a length takes behind a text.
const lengthBytes = 4

// Append implements [extract.Renderer].
func (t twoTexts) Append(dst []byte, r *extract.Record, v *flow.View) []byte {
	n := len(dst)
	dst = t.first.Append(dst, r, v)
	length := len(dst) - n
	dst = t.second.Append(dst, r, v)
	return binary.LittleEndian.AppendUint32(dst, uint32(length))
}

// shareOf cuts the part of file number i out of a text of twoTexts.
func shareOf(i int) func(text []byte) []byte {
	return func(text []byte) []byte {
		end := len(text) - lengthBytes
		length := binary.LittleEndian.Uint32(text[end:])
		if i == 0 {
			return text[:length]
		}
		return text[length:end]
	}
}
