package dataset

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// textInput is a text file freed from its compression; what passes is summed.
type textInput struct {
	raw    *bufio.Reader
	digest hash.Hash
	r      io.Reader
	close  func()
}

// openText finds out about the compression by content.
func openText(f io.Reader) (*textInput, error) {
	in := &textInput{digest: sha256.New(), close: func() {}}
	in.raw = bufio.NewReaderSize(io.TeeReader(f, in.digest), 256<<10)
	in.r = in.raw
	magic, err := in.raw.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(in.raw)
		if err != nil {
			return nil, err
		}
		in.r = z
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		// One goroutine and a window of at most 128 MiB, whatever the file asks for.
		z, err := zstd.NewReader(in.raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, err
		}
		in.r, in.close = z, z.Close
	}
	return in, nil
}

// sum is the SHA-256 of the whole file.
func (in *textInput) sum() (string, error) {
	if _, err := io.Copy(io.Discard, in.raw); err != nil {
		return "", err
	}
	return hex.EncodeToString(in.digest.Sum(nil)), nil
}

// sumOf is the SHA-256 of a file that was read at random.
func sumOf(f *os.File) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, 1<<62)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// lineReader cuts text into lines of at most MaxLine bytes and counts them.
type lineReader struct {
	r          io.Reader
	buf        []byte
	start, end int // what of buf is not yet given
	line       int // number of the last line given, from 1
	err        error
}

func newLineReader(r io.Reader) *lineReader { return &lineReader{r: r, buf: make([]byte, 256<<10)} }

// peek shows the first bytes without a byte order mark, which is passed over.
func (l *lineReader) peek() ([]byte, error) {
	for l.end < 4 && l.err == nil {
		l.fill()
	}
	if bytes.HasPrefix(l.buf[:l.end], []byte("\ufeff")) {
		l.start = 3
	}
	return l.buf[l.start:l.end], l.err
}

// fill reads more behind what is held, and makes room for it first.
func (l *lineReader) fill() {
	if l.start > 0 {
		copy(l.buf, l.buf[l.start:l.end])
		l.start, l.end = 0, l.end-l.start
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
}

// next gives the next line without its end (\n or \r\n), valid until the next call.
// With quotes, an end of line inside double quotes does not end it.
func (l *lineReader) next(quotes bool) ([]byte, error) {
	from, first, marks := 0, l.line+1, 0 // bytes looked at, line on which this one starts, quotes in them
	for {
		held := l.buf[l.start+from : l.end]
		i := bytes.IndexByte(held, '\n')
		if i >= 0 {
			held = held[:i]
			l.line++
		}
		if quotes {
			marks += bytes.Count(held, []byte{'"'})
		}
		from += len(held)
		switch {
		case from > MaxLine:
			return nil, &placed{first, fmt.Errorf("row longer than %d bytes", MaxLine)}
		case i >= 0 && marks%2 == 0:
			line := l.buf[l.start : l.start+from]
			l.start += from + 1
			return bytes.TrimSuffix(line, []byte{'\r'}), nil
		case i >= 0:
			from++
		case l.err == nil:
			l.fill()
		case !errors.Is(l.err, io.EOF):
			return nil, &placed{first, l.err}
		case from == 0:
			return nil, io.EOF
		case marks%2 == 1:
			return nil, &placed{first, errors.New("the file ends inside quotes")}
		default:
			line := l.buf[l.start:l.end]
			l.start = l.end
			l.line++
			return bytes.TrimSuffix(line, []byte{'\r'}), nil
		}
	}
}
