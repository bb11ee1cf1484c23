package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// csvRows reads comma separated text with a header (RFC 4180: quoted cells may hold
// commas, quotes and ends of line; lines end with \n or \r\n; blanks around cells
// do not count; empty lines are passed over).
type csvRows struct {
	lines *lineReader
	names []string
	cells [][]byte
	free  []byte // quoted cells without their quotes
	at    int    // line on which the row starts
}

func openCSV(lines *lineReader) (*csvRows, error) {
	c := &csvRows{lines: lines}
	if err := c.read(); err != nil {
		if err == io.EOF {
			err = errors.New("empty: no header")
		}
		return nil, err
	}
	for i, cell := range c.cells {
		if len(cell) == 0 {
			return nil, &placed{c.at, fmt.Errorf("column %d has no name", i+1)}
		}
		c.names = append(c.names, string(cell))
	}
	return c, nil
}

func (c *csvRows) header() []string  { return c.names }
func (c *csvRows) place() string     { return strconv.Itoa(c.at) }
func (c *csvRows) text(i int) []byte { return c.cells[i] }

func (c *csvRows) number(i int) (float64, bool) { return parseNumber(c.cells[i]) }

func (c *csvRows) next() error {
	if err := c.read(); err != nil {
		return err
	}
	if len(c.cells) != len(c.names) {
		return &placed{c.at, fmt.Errorf("%d cells under %d columns", len(c.cells), len(c.names))}
	}
	return nil
}

// read takes the next row that is not empty apart.
func (c *csvRows) read() error {
	for {
		c.at = c.lines.line + 1
		line, err := c.lines.next(true)
		if err != nil {
			return err
		}
		if len(line) > 0 {
			return c.split(line)
		}
	}
}

func (c *csvRows) split(line []byte) error {
	c.cells = c.cells[:0]
	if bytes.IndexByte(line, '"') < 0 {
		start := 0
		for i, b := range line {
			if b == ',' {
				c.cells = append(c.cells, trim(line[start:i]))
				start = i + 1
			}
		}
		c.cells = append(c.cells, trim(line[start:]))
		return c.tooMany()
	}
	if cap(c.free) < len(line) { // cells point into it: it must not move
		c.free = make([]byte, 0, 2*len(line))
	}
	c.free = c.free[:0]
	for {
		rest := trimLeft(line)
		if len(rest) == 0 || rest[0] != '"' {
			cell, behind, more := bytes.Cut(line, []byte{','})
			if bytes.IndexByte(cell, '"') >= 0 {
				return &placed{c.at, fmt.Errorf("column %d: quote inside a cell without quotes", len(c.cells)+1)}
			}
			c.cells = append(c.cells, trim(cell))
			if line = behind; !more {
				return c.tooMany()
			}
			continue
		}
		from := len(c.free)
		rest = rest[1:]
		for {
			i := bytes.IndexByte(rest, '"')
			if i < 0 {
				return &placed{c.at, fmt.Errorf("column %d: quotes are not closed", len(c.cells)+1)}
			}
			c.free = append(c.free, rest[:i]...)
			rest = rest[i+1:]
			if len(rest) == 0 || rest[0] != '"' {
				break
			}
			c.free = append(c.free, '"')
			rest = rest[1:]
		}
		c.cells = append(c.cells, c.free[from:len(c.free):len(c.free)])
		rest = trimLeft(rest)
		if len(rest) == 0 {
			return c.tooMany()
		}
		if rest[0] != ',' {
			return &placed{c.at, fmt.Errorf("column %d: text behind the closing quote", len(c.cells))}
		}
		line = rest[1:]
	}
}

func (c *csvRows) tooMany() error {
	if len(c.cells) > MaxColumns {
		return &placed{c.at, fmt.Errorf("more than %d columns", MaxColumns)}
	}
	return nil
}

func trimLeft(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}

func trim(b []byte) []byte {
	b = trimLeft(b)
	for n := len(b); n > 0 && (b[n-1] == ' ' || b[n-1] == '\t'); n-- {
		b = b[:n-1]
	}
	return b
}
