package dataset

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
)

// Table reads a file of rows one row after the other: CSV or JSON Lines, plain, gzip
// or zstd, or Parquet; content decides, not the name. It is used by one goroutine.
//
// With a card (beside a text file, inside Parquet) the numeric columns are those of
// the card's schema that the file holds. Without one the table is foreign: its
// schema has no set, and its columns are those that hold only numbers or nothing in
// the first [Lookahead] rows, identity by name left out.
type Table struct {
	Path   string
	Card   *Card    // nil: the table is foreign
	Schema *Schema  // of the rows that Next gives
	Header []string // all columns of the file
	Text   []string // columns of a foreign table that were left out because they are not numbers

	rows   rows
	take   []int // of each schema column the place in Header
	first  []firstRow
	at     int // rows given from first
	now    *firstRow
	read   uint64
	closer func() error
	sum    func() (string, error)
}

// Lookahead is how many rows of a foreign table decide which columns are numbers.
const Lookahead = 100

const (
	// MaxLine is the longest row of a text table, in bytes.
	MaxLine = 4 << 20
	// MaxColumns is the largest number of columns of a table.
	MaxColumns = 1 << 16
)

// rows is what lies under a Table: one implementation a format.
type rows interface {
	header() []string
	// next moves to the next row; io.EOF behind the last. Errors carry the place.
	next() error
	// text is column i of the row as text, valid until next; empty where there is no value.
	text(i int) []byte
	// number is column i of the row as a number, NaN where there is no value; false if it is none.
	number(i int) (float64, bool)
	// place names the row for errors: "17" (a line) or "row 17".
	place() string
}

// firstRow is a row of a foreign table that was read to find its numeric columns.
type firstRow struct {
	cells [][]byte
	place string
}

// identityColumns are the columns of every file of rows that are not features: they
// name a flow, or say what became of it.
var identityColumns = []string{"source", "community_id", "src_ip", "src_port", "dst_ip", "dst_port", "protocol", "vlan", "start", "end",
	"first_frame", "packets_seen", "end_reason", "state", "label", "score", "verdict", "class", "row"}

// IsIdentity tells whether a column of that name in a file of rows is no feature
// unless the file's schema says so.
func IsIdentity(name string) bool {
	return slices.Contains(identityColumns, name) || strings.HasPrefix(name, "score_")
}

// OpenTable opens a file of rows and reads its header and card. Errors name the file.
func OpenTable(path string) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	t, err := openTable(f, path)
	if err != nil {
		f.Close()
		return nil, err
	}
	return t, nil
}

func openTable(f *os.File, path string) (*Table, error) {
	t := &Table{Path: path, closer: f.Close}
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		return nil, fmt.Errorf("read %s: is a directory", path)
	}
	var magic [4]byte
	n, _ := f.ReadAt(magic[:], 0)
	if string(magic[:n]) == "PAR1" {
		p, err := openParquet(f, st.Size())
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		t.rows, t.Card, t.sum = p, p.card, func() (string, error) { return sumOf(f) }
		return t, t.bind()
	}
	in, err := openText(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	t.sum, t.closer = in.sum, func() error { in.close(); return f.Close() }
	if err := t.openRows(in.r); err != nil {
		in.close()
		return nil, err
	}
	switch t.Card, err = ReadCardBeside(path); {
	case errors.Is(err, ErrNoCard):
	case err != nil:
		in.close()
		return nil, err
	}
	return t, t.bind()
}

// ReadText reads a text table from r; name is for errors. card may be nil.
func ReadText(r io.Reader, name string, card *Card) (*Table, error) {
	t := &Table{Path: name, Card: card}
	if err := t.openRows(r); err != nil {
		return nil, err
	}
	return t, t.bind()
}

func (t *Table) openRows(r io.Reader) error {
	lines := newLineReader(r)
	first, err := lines.peek()
	switch {
	case err != nil && err != io.EOF:
		return fmt.Errorf("read %s: %w", t.Path, err)
	case len(first) > 0 && first[0] == '{':
		t.rows, err = openJSON(lines)
	default:
		t.rows, err = openCSV(lines)
	}
	if err != nil {
		return t.error(err)
	}
	return nil
}

// placed is an error at a line of a text table.
type placed struct {
	line int
	err  error
}

func (p *placed) Error() string { return p.err.Error() }
func (p *placed) Unwrap() error { return p.err }

// error adds the file's name and, where known, the line.
func (t *Table) error(err error) error {
	var p *placed
	if errors.As(err, &p) {
		return fmt.Errorf("read %s:%d: %w", t.Path, p.line, p.err)
	}
	return fmt.Errorf("read %s: %w", t.Path, err)
}

// bind finds the schema's columns in the header.
func (t *Table) bind() error {
	t.Header = t.rows.header()
	if name, twice := repeated(t.Header); twice {
		return fmt.Errorf("read %s: two columns are called %q", t.Path, name)
	}
	if t.Card == nil {
		return t.foreign()
	}
	place := make(map[string]int, len(t.Header))
	for i, name := range t.Header {
		place[name] = i
	}
	s := *t.Card.Schema
	s.Columns = nil
	for _, c := range t.Card.Schema.Columns {
		if i, ok := place[c.Name]; ok {
			s.Columns = append(s.Columns, c)
			t.take = append(t.take, i)
		}
	}
	t.Schema = &s
	return nil
}

// foreign reads the first rows to find which columns are numbers.
func (t *Table) foreign() error {
	numeric := make([]bool, len(t.Header))
	for i, name := range t.Header {
		numeric[i] = !IsIdentity(name)
	}
	held := 0
	for len(t.first) < Lookahead && held < MaxLine {
		err := t.rows.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return t.error(err)
		}
		row := firstRow{place: t.rows.place(), cells: make([][]byte, len(t.Header))}
		for i := range t.Header {
			row.cells[i] = slices.Clone(t.rows.text(i))
			held += len(row.cells[i])
			if _, ok := t.rows.number(i); !ok {
				numeric[i] = false
			}
		}
		t.first = append(t.first, row)
	}
	t.Schema = &Schema{}
	for i, name := range t.Header {
		switch {
		case numeric[i]:
			t.Schema.Columns = append(t.Schema.Columns, Column{Name: name})
			t.take = append(t.take, i)
		case !IsIdentity(name):
			t.Text = append(t.Text, name)
		}
	}
	return nil
}

// Next reads the next row and writes the value of each column of the schema to row;
// NaN where there is none. It returns io.EOF behind the last row. An error names file,
// line and column.
func (t *Table) Next(row []float64) error {
	t.now = nil
	if t.at < len(t.first) {
		t.now = &t.first[t.at]
		t.at++
	} else if err := t.rows.next(); err == io.EOF {
		if t.Card != nil && t.Card.Rows != t.read {
			return fmt.Errorf("read %s: %d rows, its card says %d: not the whole file, or the card of another", t.Path, t.read, t.Card.Rows)
		}
		return err
	} else if err != nil {
		return t.error(err)
	}
	t.read++
	for c, i := range t.take {
		v, ok := t.number(i)
		if !ok {
			if t.Schema.Columns[c].Role != Feature && IsIdentity(t.Header[i]) {
				v = math.NaN() // an address or a word that a set counts among its columns
			} else {
				return fmt.Errorf("read %s:%s: column %q: not a number: %.40q", t.Path, t.Place(), t.Header[i], t.Cell(i))
			}
		}
		row[c] = v
	}
	return nil
}

func (t *Table) number(i int) (float64, bool) {
	if t.now != nil {
		return parseNumber(t.now.cells[i])
	}
	return t.rows.number(i)
}

// Cell is column i of the header in the current row as text. It is valid until Next.
func (t *Table) Cell(i int) []byte {
	if t.now != nil {
		return t.now.cells[i]
	}
	return t.rows.text(i)
}

// Place names the current row for errors: its line, or "row 17" where there are no lines.
func (t *Table) Place() string {
	if t.now != nil {
		return t.now.place
	}
	return t.rows.place()
}

// Column is the place of a column in the header, or -1.
func (t *Table) Column(name string) int { return slices.Index(t.Header, name) }

// SHA256 is the sum of the file's bytes, once all rows have been read.
func (t *Table) SHA256() (string, error) {
	if t.sum == nil {
		return "", nil
	}
	return t.sum()
}

// Close closes the file.
func (t *Table) Close() error {
	if t.closer == nil {
		return nil
	}
	return t.closer()
}
