package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// lineReader cuts text into lines and counts them. A row is one line or, where quotes
// ask for it, several; it has at most MaxLine bytes.
//
// From the start it holds what it gave, so that the first rows can be read twice: back
// returns to a mark, free ends the holding. It holds at most maxHeld bytes and the row
// behind them, however many lines are passed over between two rows.
type lineReader struct {
	r          io.Reader
	buf        []byte
	row        int // where the row at hand starts in buf
	rest       int // behind the first line of that row
	start, end int // what of buf is not yet given
	line       int // number of the last line given, from 1
	first      int // number of the first line of the row
	held       bool
	err        error
}

const (
	firstRead = 256 << 10
	maxHeld   = 2 * MaxLine
)

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: r, buf: make([]byte, firstRead), held: true}
}

// peek shows the start of the text, n bytes where there are as many, without a byte
// order mark, which is passed over.
func (l *lineReader) peek(n int) ([]byte, error) {
	for l.end < n && l.err == nil {
		l.fill()
	}
	if bytes.HasPrefix(l.buf[:l.end], []byte("\ufeff")) {
		l.start, l.row = 3, 3
	}
	if l.start == l.end && l.err != io.EOF {
		return nil, l.err
	}
	return l.buf[l.start:l.end], nil // an error comes back at its line
}

// mark is a place to go back to.
type mark struct{ start, line int }

func (l *lineReader) mark() mark { return mark{l.start, l.line} }

// back returns to a mark, as long as nothing was let go of.
func (l *lineReader) back(m mark) { l.start, l.row, l.line = m.start, m.start, m.line }

// free lets go of what was given; there is no way back from then on.
func (l *lineReader) free() { l.held = false }

// holds is the number of bytes held.
func (l *lineReader) holds() int { return l.start }

// fill reads more behind what is held, and makes room for it first. It returns by how
// much what is held moved towards the front.
func (l *lineReader) fill() (moved int) {
	if !l.held && l.row > 0 {
		moved = l.row
		copy(l.buf, l.buf[l.row:l.end])
		l.row, l.rest, l.start, l.end = 0, l.rest-moved, l.start-moved, l.end-moved
	}
	if l.end == len(l.buf) {
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
	var n int
	for tries := 0; n == 0 && l.err == nil; tries++ {
		n, l.err = l.r.Read(l.buf[l.end:])
		if tries > 100 {
			l.err = io.ErrNoProgress
		}
	}
	l.end += n
	return moved
}

// next starts a row: it gives the next line without its end (\n or \r\n), valid until
// the next call.
func (l *lineReader) next() ([]byte, error) {
	l.row, l.first = l.start, l.line+1
	if l.held && l.start > maxHeld {
		return nil, &placed{line: l.first, err: fmt.Errorf("no row in the last %d bytes", maxHeld-MaxLine)}
	}
	line, err := l.scan()
	l.rest = l.start
	return line, err
}

// more gives the row with one more line; io.EOF where there is none.
func (l *lineReader) more() ([]byte, error) {
	if l.start == l.end && l.err == nil {
		l.fill()
	}
	if l.start == l.end && l.err == io.EOF {
		return nil, io.EOF
	}
	return l.scan()
}

// giveUp goes back behind the first line of the row, of which the others may be rows
// of their own.
func (l *lineReader) giveUp() { l.start, l.line = l.rest, l.first }

func (l *lineReader) scan() ([]byte, error) {
	looked := l.start
	for {
		if i := bytes.IndexByte(l.buf[looked:l.end], '\n'); i >= 0 {
			i += looked
			l.start = i + 1
			l.line++
			if i-l.row > MaxLine {
				return nil, l.tooLong()
			}
			return bytes.TrimSuffix(l.buf[l.row:i], []byte{'\r'}), nil
		}
		looked = l.end
		switch {
		case looked-l.row > MaxLine:
			if l.first > l.line && !l.held { // of several lines giveUp drops the others
				l.skip()
			}
			return nil, l.tooLong()
		case l.err == nil:
			looked -= l.fill()
		case !errors.Is(l.err, io.EOF):
			return nil, &placed{line: l.first, err: l.err}
		case l.start == l.end:
			return nil, io.EOF
		default:
			l.start = l.end
			l.line++
			return bytes.TrimSuffix(l.buf[l.row:l.end], []byte{'\r'}), nil
		}
	}
}

// skip passes over the rest of a line that is too long, without holding it.
func (l *lineReader) skip() {
	for {
		l.start, l.row = l.end, l.end
		if l.err != nil {
			break
		}
		l.fill()
		if i := bytes.IndexByte(l.buf[l.start:l.end], '\n'); i >= 0 {
			l.start += i + 1
			break
		}
	}
	l.line++
}

func (l *lineReader) tooLong() error {
	return &placed{line: l.first, cause: TooLong, err: fmt.Errorf("row longer than %d bytes", MaxLine)}
}
