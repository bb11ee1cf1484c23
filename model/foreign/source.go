package foreign

import (
	"bufio"
	"errors"
	"io"
)

// source gives the bytes of a bufio.Reader in pieces as large as they lie in its buffer,
// and counts them.
type source struct {
	r    *bufio.Reader
	buf  []byte // what lies in r's buffer
	pos  int    // of the next byte in buf
	base int64  // offset of buf[0]
}

// offset is that of the next byte.
func (s *source) offset() int64 { return s.base + int64(s.pos) }

// fill gets the next piece once the last is used up; at the end it returns io.EOF.
func (s *source) fill() error {
	if s.pos < len(s.buf) {
		return nil
	}
	s.r.Discard(len(s.buf))
	s.base += int64(len(s.buf))
	s.buf, s.pos = nil, 0
	if _, err := s.r.Peek(1); err != nil {
		return err
	}
	s.buf, _ = s.r.Peek(s.r.Buffered())
	return nil
}

// next takes a byte.
func (s *source) next() (byte, error) {
	if s.pos == len(s.buf) {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	s.pos++
	return s.buf[s.pos-1], nil
}

// take takes n bytes, at most a buffer; they are valid until the next call.
func (s *source) take(n int) ([]byte, error) {
	if len(s.buf)-s.pos < n {
		s.r.Discard(s.pos)
		s.base += int64(s.pos)
		s.buf, s.pos = nil, 0
		if _, err := s.r.Peek(n); err != nil {
			s.buf, _ = s.r.Peek(s.r.Buffered())
			return nil, err
		}
		s.buf, _ = s.r.Peek(s.r.Buffered())
	}
	s.pos += n
	return s.buf[s.pos-n : s.pos], nil
}

// ended is what to say about an error of reading: at the end of the file that it is cut.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the file is cut")
	}
	return err
}
