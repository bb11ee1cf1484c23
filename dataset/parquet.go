package dataset

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// parquetRows reads a Parquet file: numbers, words, times, lists of them, and groups,
// whose members are columns called group.member.
type parquetRows struct {
	card     *Card // nil without one
	in       io.ReaderAt
	size     int64
	file     *parquet.File
	names    []string
	leaves   []leaf
	elements []format.SchemaElement // of the leaves
	flat     bool                   // no lists: a row has as many values as columns
	group    int                    // row group that is read next
	rows     parquet.Rows
	buf      []parquet.Row
	have     int   // rows in buf
	at       int   // current row in buf
	row      int   // current row in the file, from 1
	first    []int // of each column the place of its first value in the row; one more behind
	words    []byte
}

const (
	parquetRun = 64 // rows read at a time
	maxFooter  = 256 << 20
	// maxRowsPerByte bounds what a small file can make of itself: runs of equal values cost nothing.
	maxRowsPerByte = 1000
)

// openParquet reads the footer. What the Parquet library panics about is an error.
func openParquet(f io.ReaderAt, size int64) (p *parquetRows, err error) {
	defer caught(&err)
	footer, err := footerOf(f, size)
	if err != nil {
		return nil, err
	}
	if err := checkFooter(footer); err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(f, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	p = &parquetRows{in: f, size: size, file: file, buf: make([]parquet.Row, parquetRun), at: -1, flat: true}
	for _, e := range file.Metadata().Schema {
		if e.NumChildren.V == 0 {
			p.elements = append(p.elements, e)
		}
	}
	var names []string
	for _, c := range file.Root().Columns() {
		if names, err = p.column(names, c, nil, 0, 0); err != nil {
			return nil, err
		}
	}
	p.names = columnNames(names)
	p.first = make([]int, len(p.names)+1)
	for i := range p.first {
		p.first[i] = i
	}
	if n := file.NumRows(); n < 0 || n/maxRowsPerByte > size {
		return nil, fmt.Errorf("damaged Parquet: %d rows in %d bytes", n, size)
	}
	for _, g := range file.Metadata().RowGroups {
		for i, c := range g.Columns {
			m := c.MetaData
			if m.TotalCompressedSize < 0 || m.TotalCompressedSize > size || m.NumValues < 0 || m.NumValues/maxRowsPerByte > size || i < len(p.leaves) && !p.leaves[i].list && m.NumValues != g.NumRows {
				return nil, fmt.Errorf("damaged Parquet: %d values of %d rows in %d bytes", m.NumValues, g.NumRows, m.TotalCompressedSize)
			}
		}
	}
	if text, ok := file.Lookup(CardKey); ok {
		if p.card, err = ReadCard(strings.NewReader(text)); err != nil {
			return nil, fmt.Errorf("card inside: %w", err)
		}
	}
	return p, nil
}

// column adds the leaves below c. repeated is how often its parents repeat, def what the
// definition level of a value is at least if the innermost list around it has an element.
func (p *parquetRows) column(names []string, c *parquet.Column, path []string, repeated, def int) ([]string, error) {
	if c.Repeated() {
		repeated++
		def = c.MaxDefinitionLevel()
		if !c.Leaf() && len(path) > 0 {
			path = path[:len(path):len(path)] // the middle one of a list's three levels has no name of its own
		} else {
			path = append(path[:len(path):len(path)], c.Name())
		}
	} else if name := c.Name(); !(repeated > 0 && c.Leaf() && (name == "element" || name == "item" || name == "array" || name == "array_element")) {
		path = append(path[:len(path):len(path)], name)
	}
	if repeated > 1 {
		return nil, fmt.Errorf("column %q holds lists of lists", strings.Join(path, "."))
	}
	if !c.Leaf() {
		var err error
		for _, child := range c.Columns() {
			if names, err = p.column(names, child, path, repeated, def); err != nil {
				return nil, err
			}
		}
		return names, nil
	}
	if len(names) == MaxColumns {
		return nil, fmt.Errorf("more than %d columns", MaxColumns)
	}
	l, err := newLeaf(c, p.elements[len(p.leaves)].LogicalType)
	if err != nil {
		return nil, fmt.Errorf("column %q: %w", strings.Join(path, "."), err)
	}
	if l.list, l.def = repeated > 0, def; l.list {
		p.flat = false
	}
	p.leaves = append(p.leaves, l)
	return append(names, strings.Join(path, ".")), nil
}

// caught turns a panic of the Parquet library into an error.
func caught(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("damaged Parquet: %v", r)
	}
}

func (p *parquetRows) header() []string { return p.names }
func (p *parquetRows) place() string    { return "row " + strconv.Itoa(p.row) }
func (p *parquetRows) release()         {}
func (p *parquetRows) held() int        { return 0 }

func (p *parquetRows) kinds() []kind {
	kinds := make([]kind, len(p.leaves))
	for i := range p.leaves {
		if kinds[i] = p.leaves[i].kind; p.leaves[i].list {
			kinds[i] = words
			if p.leaves[i].kind == numbers {
				kinds[i] = lists
			}
		}
	}
	return kinds
}

func (p *parquetRows) back() {
	if p.rows != nil {
		p.rows.Close()
		p.rows = nil
	}
	p.group, p.at, p.have, p.row = 0, -1, 0, 0
}

func (p *parquetRows) next() (err error) {
	defer caught(&err)
	p.words = p.words[:0]
	for p.at++; p.at >= p.have; {
		if p.rows == nil {
			groups := p.file.RowGroups()
			if p.group == len(groups) {
				return io.EOF
			}
			if err := checkPages(p.in, p.size, &p.file.Metadata().RowGroups[p.group]); err != nil {
				return fmt.Errorf("after row %d: %w", p.row, err)
			}
			p.rows = groups[p.group].Rows()
			p.group++
		}
		p.have, err = p.rows.ReadRows(p.buf)
		p.at = 0
		if err != nil && err != io.EOF {
			return fmt.Errorf("after row %d: %w", p.row, err)
		}
		if err == io.EOF || p.have == 0 {
			p.rows.Close()
			p.rows = nil
		}
	}
	p.row++
	row := p.buf[p.at]
	if !p.flat {
		return p.cut(row)
	}
	if len(row) != len(p.names) {
		return fmt.Errorf("row %d: %d values in %d columns", p.row, len(row), len(p.names))
	}
	return nil
}

// cut finds the values of each column in a row with lists.
func (p *parquetRows) cut(row parquet.Row) error {
	i := 0
	for c := range p.leaves {
		p.first[c] = i
		for i < len(row) && row[i].Column() == c {
			i++
		}
		if n := i - p.first[c]; n == 0 || n > 1 && !p.leaves[c].list {
			return fmt.Errorf("row %d: %d values in column %q", p.row, n, p.names[c])
		}
	}
	if p.first[len(p.leaves)] = i; i != len(row) {
		return errors.New("damaged Parquet: values of no column")
	}
	return nil
}

func (p *parquetRows) number(i int) (float64, bool) {
	l := &p.leaves[i]
	v := &p.buf[p.at][p.first[i]]
	if l.list {
		return 0, p.empty(i)
	}
	if v.IsNull() {
		return parseNumber(nil)
	}
	if l.kind == words {
		return 0, false
	}
	switch v.Kind() {
	case parquet.Double:
		return v.Double(), true
	case parquet.Float:
		return float64(v.Float()), true
	}
	return parseNumber(p.text(i))
}

// empty tells whether a column of lists has none in this row, or one without elements.
func (p *parquetRows) empty(i int) bool {
	v := &p.buf[p.at][p.first[i]]
	return v.IsNull() && p.first[i+1] == p.first[i]+1 && v.DefinitionLevel() < p.leaves[i].def
}

// text writes lists as [1,2]; an element that is null is an empty one.
func (p *parquetRows) text(i int) []byte {
	l, row := &p.leaves[i], p.buf[p.at]
	v := &row[p.first[i]]
	if !l.list {
		if v.IsNull() {
			return nil
		}
		if l.raw {
			return v.ByteArray()
		}
		start := len(p.words)
		p.words = l.append(p.words, v)
		return p.words[start:len(p.words):len(p.words)]
	}
	if p.empty(i) {
		return nil
	}
	start := len(p.words)
	p.words = append(p.words, '[')
	for k := p.first[i]; k < p.first[i+1]; k++ {
		if k > p.first[i] {
			p.words = append(p.words, ',')
		}
		if !row[k].IsNull() {
			p.words = l.append(p.words, &row[k])
		}
	}
	p.words = append(p.words, ']')
	return p.words[start:len(p.words):len(p.words)]
}
