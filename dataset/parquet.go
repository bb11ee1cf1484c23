package dataset

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// parquetRows reads a Parquet file whose columns are plain values: numbers, words,
// times. Lists and groups inside are an error.
type parquetRows struct {
	card     *Card // nil without one
	file     *parquet.File
	names    []string
	units    []time.Duration // of time columns: length of a tick
	unsigned []bool
	groups   []parquet.RowGroup
	rows     parquet.Rows // of the first of groups
	buf      []parquet.Row
	have     int    // rows in buf
	at       int    // current row in buf
	row      int    // current row in the file, from 1
	words    []byte // texts of the current row
}

const (
	parquetRun = 64 // rows read at a time
	maxFooter  = 256 << 20
	// maxRowsPerByte bounds what a small file can make of itself: runs of equal values cost nothing.
	maxRowsPerByte = 1000
)

// openParquet reads the footer. What the Parquet library panics about is an error.
//
// Sizes in the footer are checked against the file's before the library believes
// them; a page may still claim up to 2 GiB, the format's limit.
func openParquet(f io.ReaderAt, size int64) (p *parquetRows, err error) {
	defer caught(&err)
	var tail [8]byte // length of the footer, magic
	if _, err := f.ReadAt(tail[:], max(0, size-8)); err != nil {
		return nil, err
	}
	if n := int64(binary.LittleEndian.Uint32(tail[:])); n > size-12 || n > maxFooter {
		return nil, fmt.Errorf("damaged Parquet: a footer of %d bytes", n)
	}
	file, err := parquet.OpenFile(f, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	p = &parquetRows{file: file, groups: file.RowGroups(), buf: make([]parquet.Row, parquetRun), at: -1}
	for _, c := range file.Root().Columns() {
		if !c.Leaf() || c.Repeated() {
			return nil, fmt.Errorf("column %q holds lists or groups", c.Name())
		}
		if len(p.names) == MaxColumns {
			return nil, fmt.Errorf("more than %d columns", MaxColumns)
		}
		p.names = append(p.names, c.Name())
		var unit time.Duration
		unsigned := false
		if l := c.Type().LogicalType(); l != nil {
			switch l := l.Value.(type) {
			case *format.TimestampType:
				if l.Unit.Value == nil {
					return nil, fmt.Errorf("column %q: a time without a unit", c.Name())
				}
				unit = l.Unit.Value.Duration()
			case *format.IntType:
				unsigned = !l.IsSigned
			}
		}
		p.unsigned = append(p.unsigned, unsigned)
		p.units = append(p.units, unit)
	}
	if n := file.NumRows(); n < 0 || n/maxRowsPerByte > size {
		return nil, fmt.Errorf("damaged Parquet: %d rows in %d bytes", n, size)
	}
	for _, g := range file.Metadata().RowGroups {
		for _, c := range g.Columns {
			if m := c.MetaData; m.TotalCompressedSize < 0 || m.TotalCompressedSize > size || m.NumValues < 0 || m.NumValues != g.NumRows {
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

// caught turns a panic of the Parquet library into an error.
func caught(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("damaged Parquet: %v", r)
	}
}

func (p *parquetRows) header() []string { return p.names }
func (p *parquetRows) place() string    { return "row " + strconv.Itoa(p.row) }
func (p *parquetRows) kinds() []kind    { return nil }
func (p *parquetRows) release()         {}
func (p *parquetRows) held() int        { return 0 }

func (p *parquetRows) back() {
	if p.rows != nil {
		p.rows.Close()
		p.rows = nil
	}
	p.groups, p.at, p.have, p.row = p.file.RowGroups(), -1, 0, 0
}

func (p *parquetRows) next() (err error) {
	defer caught(&err)
	p.words = p.words[:0]
	for p.at++; p.at >= p.have; {
		if p.rows == nil {
			if len(p.groups) == 0 {
				return io.EOF
			}
			p.rows = p.groups[0].Rows()
			p.groups = p.groups[1:]
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
	if len(p.buf[p.at]) != len(p.names) {
		return fmt.Errorf("row %d: %d values in %d columns", p.row, len(p.buf[p.at]), len(p.names))
	}
	return nil
}

func (p *parquetRows) number(i int) (float64, bool) {
	v := p.buf[p.at][i]
	switch {
	case v.IsNull():
		return parseNumber(nil)
	case p.units[i] != 0:
		return 0, false
	}
	switch v.Kind() {
	case parquet.Double:
		return v.Double(), true
	case parquet.Float:
		return float64(v.Float()), true
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return parseNumber(v.ByteArray())
	}
	return parseNumber(p.text(i))
}

func (p *parquetRows) text(i int) []byte {
	v := p.buf[p.at][i]
	if v.IsNull() {
		return nil
	}
	start := len(p.words)
	b := p.words
	switch v.Kind() {
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return v.ByteArray()
	case parquet.Double:
		b = strconv.AppendFloat(b, v.Double(), 'g', -1, 64)
	case parquet.Float:
		b = strconv.AppendFloat(b, float64(v.Float()), 'g', -1, 64)
	case parquet.Boolean:
		b = append(b, bit(v.Boolean()))
	case parquet.Int32, parquet.Int64:
		switch unit := p.units[i]; {
		case unit == time.Nanosecond:
			b = time.Unix(0, v.Int64()).UTC().AppendFormat(b, time.RFC3339Nano)
		case unit == time.Microsecond:
			b = time.UnixMicro(v.Int64()).UTC().AppendFormat(b, time.RFC3339Nano)
		case unit != 0:
			b = time.UnixMilli(v.Int64()).UTC().AppendFormat(b, time.RFC3339Nano)
		default:
			b = p.integer(b, i, v)
		}
	default:
		b = append(b, v.String()...)
	}
	p.words = b
	return b[start:]
}

// integer writes a whole number, signed or not as the column's type says.
func (p *parquetRows) integer(b []byte, i int, v parquet.Value) []byte {
	switch {
	case p.unsigned[i] && v.Kind() == parquet.Int32:
		return strconv.AppendUint(b, uint64(v.Uint32()), 10)
	case p.unsigned[i]:
		return strconv.AppendUint(b, v.Uint64(), 10)
	case v.Kind() == parquet.Int32:
		return strconv.AppendInt(b, int64(v.Int32()), 10)
	}
	return strconv.AppendInt(b, v.Int64(), 10)
}

func bit(b bool) byte {
	if b {
		return '1'
	}
	return '0'
}
