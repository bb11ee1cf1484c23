package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// zeekRows reads logs as Zeek's ASCII writer makes them: lines of cells, and before
// them lines that start with # and say what separates cells (#separator, #set_separator),
// how a missing value is written (#unset_field, #empty_field), and the columns with
// their types (#fields, #types). Logs behind each other have such lines again; they must
// name the same columns. There are no quotes: \x and two digits stand for a byte.
type zeekRows struct {
	lines *lineReader
	begin mark // of the first row
	head  zeekHead
	names []string
	kind  []kind
	list  []bool // columns whose cells are lists
	line  []byte
	ends  []int32
	free  []byte // cells that are not in line as they are
}

// zeekHead is what the lines with # say.
type zeekHead struct {
	separator, set byte
	unset, empty   string
	fields, types  []string
}

// isZeek tells whether a text is a log of Zeek: lines with # come first, and one of them
// names the fields.
func isZeek(text []byte) bool {
	for len(text) > 0 && text[0] == '#' {
		if bytes.HasPrefix(text, []byte("#separator ")) || bytes.HasPrefix(text, []byte("#fields\t")) {
			return true
		}
		_, text, _ = bytes.Cut(text, []byte{'\n'})
	}
	return false
}

func openZeek(lines *lineReader) (*zeekRows, error) {
	z := &zeekRows{lines: lines, head: zeekHead{separator: '\t', set: ',', unset: "-", empty: "(empty)"}}
	for {
		z.begin = lines.mark()
		line, err := lines.next()
		if err == io.EOF || err == nil && (len(line) == 0 || line[0] != '#') {
			break
		}
		if err == nil {
			err = z.directive(line)
		}
		if err != nil {
			return nil, err
		}
	}
	if z.head.fields == nil {
		return nil, errors.New("a log of Zeek without #fields")
	}
	lines.back(z.begin)
	z.names = columnNames(z.head.fields)
	z.kind, z.list = make([]kind, len(z.names)), make([]bool, len(z.names))
	for i, t := range z.head.types {
		z.kind[i], z.list[i] = zeekKind(t)
	}
	return z, nil
}

// zeekKind is the kind of a type, and whether it is one of vectors or sets.
func zeekKind(t string) (kind, bool) {
	switch t {
	case "bool", "string", "enum", "addr", "subnet", "pattern", "func", "file":
		return words, false
	case "int", "count", "double", "time", "interval", "port":
		return numbers, false
	}
	inner, ok := strings.CutPrefix(t, "vector[")
	if !ok {
		inner, ok = strings.CutPrefix(t, "set[")
	}
	if !ok {
		return unknown, false
	}
	if k, _ := zeekKind(strings.TrimSuffix(inner, "]")); k == numbers {
		return lists, true
	}
	return words, true
}

// directive takes in a line that starts with #.
func (z *zeekRows) directive(line []byte) error {
	place := z.lines.first
	bad := func(format string, args ...any) error {
		return &placed{line: place, err: fmt.Errorf(format, args...)}
	}
	if v, ok := bytes.CutPrefix(line, []byte("#separator ")); ok {
		v = unescapeZeek(nil, v)
		if len(v) != 1 {
			return bad("#separator %q: one byte is read", v)
		}
		z.head.separator = v[0]
		return nil
	}
	parts := strings.Split(string(line), string(z.head.separator))
	value := strings.Join(parts[1:], string(z.head.separator))
	switch parts[0] {
	case "#set_separator":
		if len(value) != 1 {
			return bad("#set_separator %q: one byte is read", value)
		}
		z.head.set = value[0]
	case "#unset_field":
		z.head.unset = value
	case "#empty_field":
		z.head.empty = value
	case "#fields":
		fields := parts[1:]
		if len(fields) == 0 || len(fields) > MaxColumns {
			return bad("#fields names %d columns", len(fields))
		}
		if z.names != nil && !slices.Equal(fields, z.head.fields) {
			return bad("#fields names other columns than before")
		}
		if !slices.Equal(fields, z.head.fields) {
			z.head.types = nil // they were of a log without rows
		}
		z.head.fields = fields
	case "#types":
		types := parts[1:]
		if len(types) != len(z.head.fields) {
			return bad("#types names %d types of %d columns", len(types), len(z.head.fields))
		}
		if z.names != nil && !slices.Equal(types, z.head.types) {
			return bad("#types names other types than before")
		}
		z.head.types = types
	}
	return nil
}

func (z *zeekRows) header() []string { return z.names }
func (z *zeekRows) kinds() []kind    { return z.kind }
func (z *zeekRows) place() string    { return strconv.Itoa(z.lines.first) }
func (z *zeekRows) back()            { z.lines.back(z.begin) }
func (z *zeekRows) release()         { z.lines.free() }
func (z *zeekRows) held() int        { return z.lines.holds() }

func (z *zeekRows) next() error {
	for {
		line, err := z.lines.next()
		if err != nil {
			return err
		}
		if len(line) > 0 && line[0] == '#' {
			if err := z.directive(line); err != nil {
				return err
			}
			continue
		}
		if len(line) == 0 && len(z.names) > 1 {
			continue
		}
		z.line, z.free = line, z.free[:0]
		z.ends = cut(append(z.ends[:0], -1), line, z.head.separator)
		if n := len(z.ends) - 1; n != len(z.names) {
			return &placed{line: z.lines.first, cause: WrongCells, err: fmt.Errorf("%d cells under %d columns", n, len(z.names))}
		}
		return nil
	}
}

// raw is a cell as it stands, nothing where it says that there is no value.
func (z *zeekRows) raw(i int) []byte {
	b := z.line[z.ends[i]+1 : z.ends[i+1]]
	if string(b) == z.head.unset || string(b) == z.head.empty {
		return nil
	}
	return b
}

func (z *zeekRows) number(i int) (float64, bool) {
	if z.list[i] {
		return 0, len(z.raw(i)) == 0
	}
	return parseNumber(z.raw(i))
}

// text writes lists as [1,2]; an unset element is an empty one.
func (z *zeekRows) text(i int) []byte {
	b := z.raw(i)
	if !z.list[i] || b == nil {
		if bytes.IndexByte(b, '\\') < 0 {
			return b
		}
		start := len(z.free)
		z.free = unescapeZeek(z.free, b)
		return z.free[start:len(z.free):len(z.free)]
	}
	start := len(z.free)
	z.free = append(z.free, '[')
	for first := true; ; first = false {
		cell, rest, more := bytes.Cut(b, []byte{z.head.set})
		if !first {
			z.free = append(z.free, ',')
		}
		if string(cell) != z.head.unset {
			z.free = unescapeZeek(z.free, cell)
		}
		if b = rest; !more {
			break
		}
	}
	z.free = append(z.free, ']')
	return z.free[start:len(z.free):len(z.free)]
}

// unescapeZeek appends b with \x and two hexadecimal digits made the byte they stand for,
// and \\ one backslash.
func unescapeZeek(dst, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			if b[i+1] == '\\' {
				dst = append(dst, '\\')
				i++
				continue
			}
			if b[i+1] == 'x' && i+3 < len(b) {
				if v, err := strconv.ParseUint(string(b[i+2:i+4]), 16, 8); err == nil {
					dst = append(dst, byte(v))
					i += 3
					continue
				}
			}
		}
		dst = append(dst, b[i])
	}
	return dst
}
