package dataset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strconv"
)

// csvRows reads separated text (RFC 4180: quoted cells may hold delimiters, quotes and
// ends of line; lines end with \n or \r\n; blanks around cells do not count; empty lines
// are passed over).
type csvRows struct {
	lines *lineReader
	delim byte
	names []string
	begin mark // of the first row
	line  []byte
	ends  []int32 // cell i is line[ends[i]+1:ends[i+1]]
	free  []byte  // a row without its quotes, delimiters kept
	bare  bool    // the table has no header
}

// openCSV reads the header. delim 0 is found out.
func openCSV(lines *lineReader, delim byte, bare bool) (*csvRows, error) {
	if delim == 0 {
		text, err := lines.peek(sniffed)
		if err != nil {
			return nil, err
		}
		delim = delimiterOf(text)
	}
	c := &csvRows{lines: lines, delim: delim, bare: bare}
	c.begin = lines.mark()
	if err := c.read(); err != nil {
		if err == io.EOF {
			err = errors.New("empty: no header")
		}
		return nil, err
	}
	if bare {
		c.names = numberedNames(c.cells())
		return c, nil
	}
	c.begin = lines.mark()
	cells := make([]string, c.cells())
	for i := range cells {
		cells[i] = string(c.text(i))
	}
	c.names = columnNames(cells)
	return c, nil
}

func (c *csvRows) header() []string  { return c.names }
func (c *csvRows) kinds() []kind     { return nil }
func (c *csvRows) place() string     { return strconv.Itoa(c.lines.first) }
func (c *csvRows) back()             { c.lines.back(c.begin) }
func (c *csvRows) release()          { c.lines.free() }
func (c *csvRows) held() int         { return c.lines.holds() }
func (c *csvRows) text(i int) []byte { return trim(c.line[c.ends[i]+1 : c.ends[i+1]]) }
func (c *csvRows) cells() int        { return len(c.ends) - 1 }

func (c *csvRows) number(i int) (float64, bool) {
	return parseNumber(c.line[c.ends[i]+1 : c.ends[i+1]])
}

func (c *csvRows) next() error {
	if err := c.read(); err != nil {
		return err
	}
	if n := c.cells(); n != len(c.names) {
		return &placed{line: c.lines.first, cause: WrongCells, err: fmt.Errorf("%d cells under %d columns", n, len(c.names))}
	}
	return nil
}

// read takes the next row that is not empty apart.
func (c *csvRows) read() error {
	for {
		line, err := c.lines.next()
		if err != nil {
			return err
		}
		if len(line) == 0 {
			continue
		}
		if bytes.IndexByte(line, '"') >= 0 {
			if line, err = c.unquote(line); err != nil {
				c.lines.giveUp()
				return err
			}
			c.line = line
			return nil
		}
		c.line = line
		c.ends = cut(append(c.ends[:0], -1), line, c.delim)
		if len(c.ends) > MaxColumns+1 {
			return &placed{line: c.lines.first, cause: WrongCells, err: fmt.Errorf("more than %d columns", MaxColumns)}
		}
		return nil
	}
}

// cut appends the places of the delimiter in line and the line's end, eight bytes at a time:
// a byte of w is zero where line has the delimiter, and only there the top bit of the sum
// of its low bits with 0x7f, and its own, are unset.
func cut(ends []int32, line []byte, delim byte) []int32 {
	const low = 0x7f7f7f7f7f7f7f7f
	same := uint64(delim) * 0x0101010101010101
	i := 0
	for ; len(line)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(line[i:]) ^ same
		for hit := ^((w&low + low) | w | low); hit != 0; hit &= hit - 1 {
			ends = append(ends, int32(i+bits.TrailingZeros64(hit)>>3))
		}
	}
	for ; i < len(line); i++ {
		if line[i] == delim {
			ends = append(ends, int32(i))
		}
	}
	return append(ends, int32(len(line)))
}

// unquote cuts a row with quotes and takes more lines where quotes span them. What it
// returns has no quotes; ends are its cells.
func (c *csvRows) unquote(line []byte) ([]byte, error) {
	c.ends, c.free = append(c.ends[:0], -1), c.free[:0]
	bad := func(format string) error {
		return &placed{line: c.lines.first, cause: BadQuotes, err: fmt.Errorf(format, len(c.ends))}
	}
	for at := 0; ; at++ {
		for at < len(line) && blank(line[at]) && line[at] != c.delim {
			at++
		}
		if at < len(line) && line[at] == '"' {
			for at++; ; {
				i := bytes.IndexByte(line[at:], '"')
				if i < 0 {
					c.free = append(c.free, line[at:]...)
					at = len(line) // where the end of the line lies in the longer one
					var err error
					if line, err = c.lines.more(); err == io.EOF {
						return nil, &placed{line: c.lines.first, cause: BadQuotes, err: errors.New("the file ends inside quotes")}
					} else if err != nil {
						return nil, err
					}
					continue
				}
				c.free = append(c.free, line[at:at+i]...)
				at += i + 1
				if at == len(line) || line[at] != '"' {
					break
				}
				c.free = append(c.free, '"')
				at++
			}
			for at < len(line) && blank(line[at]) && line[at] != c.delim {
				at++
			}
			if at < len(line) && line[at] != c.delim {
				return nil, bad("column %d: text behind the closing quote")
			}
		} else {
			i := bytes.IndexByte(line[at:], c.delim)
			if i < 0 {
				i = len(line) - at
			}
			if bytes.IndexByte(line[at:at+i], '"') >= 0 {
				return nil, bad("column %d: quote inside a cell without quotes")
			}
			c.free = append(c.free, line[at:at+i]...)
			at += i
		}
		c.ends = append(c.ends, int32(len(c.free)))
		if at == len(line) {
			return c.free, nil
		}
		if len(c.ends) > MaxColumns {
			return nil, &placed{line: c.lines.first, cause: WrongCells, err: fmt.Errorf("more than %d columns", MaxColumns)}
		}
		c.free = append(c.free, c.delim)
	}
}

func blank(b byte) bool { return b == ' ' || b == '\t' }

func trim(b []byte) []byte {
	for len(b) > 0 && blank(b[0]) {
		b = b[1:]
	}
	for n := len(b); n > 0 && blank(b[n-1]); n-- {
		b = b[:n-1]
	}
	return b
}
