package foreign

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// textLines reads the lines of a LightGBM text model, most of which are key=value. After
// an error its methods do nothing; done says what happened, with the line.
type textLines struct {
	r     *bufio.Reader
	long  []byte // a line that is longer than r's buffer
	line  int    // number of the last line read, from 1
	start int64  // where it begins, in bytes
	at    int64  // where the next one begins
	held  []byte // a line that was put back
	back  bool
	err   error
}

// maxTextLine bounds the lines whose length nothing else bounds: names, labels, parameters.
const maxTextLine = 16 << 20

func (l *textLines) fail(format string, args ...any) {
	if l.err == nil {
		l.err = fmt.Errorf("line %d: "+format, append([]any{l.line}, args...)...)
	}
}

// next returns the next line without its end, valid until the next call; false at the end
// of the file or after an error. limit, if not nil, tells from the beginning of a long line
// how long it may be.
func (l *textLines) next(limit func(begin []byte) int) ([]byte, bool) {
	if l.err != nil {
		return nil, false
	}
	if l.back {
		l.back = false
		return l.held, true
	}
	l.start = l.at
	part, err := l.r.ReadSlice('\n')
	line := part
	l.at += int64(len(part))
	l.line++
	if errors.Is(err, bufio.ErrBufferFull) {
		most := maxTextLine
		if limit != nil {
			most = min(most, limit(part))
		}
		l.long = append(l.long[:0], part...)
		for errors.Is(err, bufio.ErrBufferFull) {
			if len(l.long) > most {
				l.fail("longer than what it can hold, %d bytes: %.30q", most, part)
				return nil, false
			}
			part, err = l.r.ReadSlice('\n')
			l.long = append(l.long, part...)
			l.at += int64(len(part))
		}
		line = l.long
	}
	switch {
	case err == io.EOF && len(line) == 0:
		return nil, false
	case err != nil && err != io.EOF:
		l.fail("%w", err)
		return nil, false
	}
	line = bytes.TrimSuffix(line, []byte{'\n'})
	if bytes.HasSuffix(line, []byte{'\r'}) {
		l.fail("ends in CR LF: the file was changed on its way, copy it as binary")
		return nil, false
	}
	return line, true
}

// skipBlank returns the next line that is not empty.
func (l *textLines) skipBlank() ([]byte, bool) {
	for {
		line, ok := l.next(nil)
		if !ok || len(line) > 0 {
			return line, ok
		}
	}
}

// unread puts back the line that next returned last.
func (l *textLines) unread(line []byte) { l.held, l.back = line, true }

// blanks counts the numbers of text, which are separated by single blanks.
func blanks(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	return bytes.Count(text, []byte{' '}) + 1
}

// cells hands the parts of text between single blanks to each, exactly want of them.
func cells(text []byte, want int, each func(i int, cell []byte) error) error {
	if n := blanks(text); n != want {
		return fmt.Errorf("%d values where %d belong", n, want)
	}
	for i := range want {
		cell := text
		if end := bytes.IndexByte(text, ' '); end >= 0 {
			cell, text = text[:end], text[end+1:]
		}
		if err := each(i, cell); err != nil {
			return fmt.Errorf("value %d: %w", i, err)
		}
	}
	return nil
}

// grown returns v with n elements, whose values are of no meaning.
func grown[T any](v []T, n int) []T {
	if cap(v) < n {
		return make([]T, n)
	}
	return v[:n]
}

// floats reads exactly want numbers into dst, which it may use again.
func floats(dst []float64, text []byte, want int) ([]float64, error) {
	if n := blanks(text); n != want {
		return nil, fmt.Errorf("%d values where %d belong", n, want)
	}
	dst = grown(dst, want)
	return dst, cells(text, want, func(i int, cell []byte) (err error) {
		dst[i], err = textFloat(cell)
		return err
	})
}

// ints reads exactly want whole numbers from low to high into dst, which it may use again.
func ints(dst []int32, text []byte, want int, low, high int64) ([]int32, error) {
	if n := blanks(text); n != want {
		return nil, fmt.Errorf("%d values where %d belong", n, want)
	}
	dst = grown(dst, want)
	return dst, cells(text, want, func(i int, cell []byte) error {
		v, err := textInt(cell, low, high)
		dst[i] = int32(v)
		return err
	})
}

// textFloat reads a decimal number, inf or -inf. There is no NaN and no hexadecimal form.
func textFloat(cell []byte) (float64, error) {
	digits := false
	for _, c := range cell {
		switch {
		case c >= '0' && c <= '9':
			digits = true
		case c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E':
		default:
			switch string(cell) {
			case "inf":
				return math.Inf(1), nil
			case "-inf":
				return math.Inf(-1), nil
			}
			return 0, fmt.Errorf("not a number: %.40q", cell)
		}
	}
	if !digits {
		return 0, fmt.Errorf("not a number: %.40q", cell)
	}
	v, err := strconv.ParseFloat(string(cell), 64)
	if err != nil {
		return 0, fmt.Errorf("not a number: %.40q", cell)
	}
	return v, nil
}

// textInt reads a whole number from low to high.
func textInt(cell []byte, low, high int64) (int64, error) {
	digits, negative := cell, false
	if len(cell) > 0 && cell[0] == '-' {
		digits, negative = cell[1:], true
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, fmt.Errorf("not a whole number from %d to %d: %.40q", low, high, cell)
	}
	v := int64(0)
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("not a whole number from %d to %d: %.40q", low, high, cell)
		}
		v = v*10 + int64(c-'0')
	}
	if negative {
		v = -v
	}
	if v < low || v > high {
		return 0, fmt.Errorf("not a whole number from %d to %d: %.40q", low, high, cell)
	}
	return v, nil
}
