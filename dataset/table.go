package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Table reads a file of rows one row after the other. It is used by one goroutine.
//
// With a card (beside a text file, inside Parquet) the numeric columns are those of
// the card's schema that the file holds. Without one the table is foreign: its schema
// has no set, and its columns are numbers or words as the file says or its first
// [Lookahead] rows show; those whose name says that they are identities, times or labels
// are left out. A column of lists of numbers has become numbered columns: name_0, name_1
// and so on. A table in the layout of a set's tool is foreign: its columns are the tool's.
type Table struct {
	Path   string
	Card   *Card     // nil: the table is foreign
	Tool   *Card     // of a table in the layout of a set's tool: says which set and options, not which columns; nil: none
	Schema *Schema   // of the rows that Next gives
	Header []string  // all columns of the file
	Left   []LeftOut // columns of a foreign table that are left out by their name
	Words  []bool    // of each column of a foreign table's header, whether it holds words; nil with a card
	Bad    BadRows   // rows left out so far, with [TableOptions.SkipBad]

	opts   TableOptions
	rows   rows
	base   rows                     // below list and join
	list   *listRows                // nil: no columns of lists
	ofSet  func(column string) bool // of a number of a list, see Lists; nil: they all are
	join   *joinRows                // nil: no joined table
	take   []int                    // of each schema column the place in Header
	words  []*vocabulary            // of each schema column; nil: numbers
	filler func(column string) float64
	fill   []float64 // of each schema column its filler, 0 none; nil until the first row
	row    uint64
	looked int // first rows that were looked at
	closer func() error
	sum    func() (string, error)
	unsum  *bool // set where the sum is not wanted; nil: it costs nothing until it is asked for
}

const (
	// MaxLine is the longest row of a text table, in bytes.
	MaxLine = 4 << 20
	// MaxColumns is the largest number of columns of a table.
	MaxColumns = 1 << 16
)

// rows is what lies under a Table: one implementation a format.
type rows interface {
	header() []string
	// kinds is what the format itself says of the columns; nil if it says nothing.
	kinds() []kind
	// next moves to the next row; io.EOF behind the last. Errors carry the place, and a
	// cause where the row behind can be read.
	next() error
	// text is column i of the row as text, valid until next; empty where there is no value.
	text(i int) []byte
	// number is column i of the row as a number, NaN where there is no value; false if it is none.
	number(i int) (float64, bool)
	// place names the row for errors: "17" (a line) or "row 17".
	place() string

	// The first rows can be read twice: back goes before the first one, until release.
	// held is the number of bytes that are kept for that.
	back()
	release()
	held() int
}

// identityColumns are the columns of every file of rows that are not features: they
// name a flow, or say what became of it.
var identityColumns = []string{"source", "community_id", "src_ip", "src_port", "dst_ip", "dst_port", "protocol", "vlan", "start", "end",
	"first_frame", "packets_seen", "end_reason", "state", "label", "score", "verdict", "class", "row"}

// IsIdentity tells whether a column of that name in a file of rows is no feature
// unless the file's schema says so.
func IsIdentity(name string) bool {
	return slices.Contains(identityColumns, name) || OfVerdict(name)
}

// OfVerdict tells whether a column of that name says more of an earlier verdict: scores of
// classes, and what explains them.
func OfVerdict(name string) bool {
	for _, before := range []string{"score_", "explain_", "contribution_"} {
		if strings.HasPrefix(name, before) {
			return true
		}
	}
	return false
}

// error adds the file's name and, where known, the line.
func (t *Table) error(err error) error {
	var p *placed
	if errors.As(err, &p) {
		err = fmt.Errorf("read %s:%d: %w", t.Path, p.line, p.err)
		if p.cause != 0 {
			err = &badRow{p.cause, err}
		}
		return err
	}
	return fmt.Errorf("read %s: %w", t.Path, err)
}

// bind finds the schema's columns in the header.
func (t *Table) bind() error {
	t.base = t.rows
	if t.opts.Join != nil {
		t.join = newJoin(t.rows, t.opts.Join)
		if t.join.key < 0 {
			return fmt.Errorf("read %s: no column %q to join %s on", t.Path, t.opts.Join.On, t.opts.Join.Path)
		}
		t.rows, t.Card, t.Tool = t.join, nil, nil
	}
	t.Header = t.rows.header()
	if len(t.Header) > MaxColumns {
		return fmt.Errorf("read %s: more than %d columns", t.Path, MaxColumns)
	}
	if t.Card == nil {
		t.foreign()
		return nil
	}
	t.rows.back()
	t.rows.release()
	t.unfold()
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

// Next reads the next row and writes the value of each column of the schema to row;
// NaN where there is none. A word is its number among those that [Table.Take] was given, and
// missing where there are none. It returns io.EOF behind the last row. An error names file,
// line and column; with [TableOptions.SkipBad] rows with one are left out and counted.
func (t *Table) Next(row []float64) error {
	for {
		err := t.read(row)
		if err == nil || err == io.EOF {
			return err
		}
		cause := CauseOf(err)
		if cause == 0 || !t.opts.SkipBad {
			return err
		}
		t.Bad.add(cause, err)
	}
}

func (t *Table) read(row []float64) error {
	if err := t.rows.next(); err != nil {
		if err != io.EOF {
			t.row++
			return t.error(err)
		}
		if c := cmp.Or(t.Card, t.Tool); c != nil && c.Rows != t.row {
			return fmt.Errorf("read %s: %d rows, its card says %d: not the whole file, or the card of another", t.Path, t.row, c.Rows)
		}
		return io.EOF
	}
	t.row++
	for c, i := range t.take {
		if t.words != nil && t.words[c] != nil {
			row[c] = t.words[c].value(t.Cell(i))
			continue
		}
		v, ok := t.rows.number(i)
		if !ok {
			if t.Schema.Columns[c].Role != Feature && IsIdentity(t.Header[i]) {
				v = math.NaN() // an address or a word that a set counts among its columns
			} else {
				return &badRow{NotNumber, fmt.Errorf("read %s:%s: column %q: not a number: %.40q", t.Path, t.Place(), t.Header[i], t.Cell(i))}
			}
		}
		if t.filler != nil {
			v = t.blank(c, v)
		}
		row[c] = v
	}
	if t.join != nil {
		t.join.use()
	}
	return nil
}

// Blank says that the rows are a tool's own: infinities, and in each column of the schema the
// number that filler gives for its name, stand for values that do not exist and become
// missing. A filler of 0 is none.
func (t *Table) Blank(filler func(column string) float64) { t.filler, t.fill = filler, nil }

func (t *Table) blank(c int, v float64) float64 {
	if t.fill == nil {
		t.fill = make([]float64, len(t.Schema.Columns))
		for i, col := range t.Schema.Columns {
			t.fill[i] = t.filler(col.Name)
		}
	}
	if math.IsInf(v, 0) || t.fill[c] != 0 && v == t.fill[c] {
		return math.NaN()
	}
	return v
}

// Number is column i of the header in the current row as a number, NaN where the cell
// says that there is none; false if it is a word.
func (t *Table) Number(i int) (float64, bool) { return t.rows.number(i) }

// Cell is column i of the header in the current row as text, UTF-8 whatever the file
// holds. It is valid until Next.
func (t *Table) Cell(i int) []byte { return valid(t.rows.text(i)) }

// Place names the current row for errors: its line, or "row 17" where there are no lines.
func (t *Table) Place() string { return t.rows.place() }

// Row is the number of the current row in its file, from 1; rows left out count.
func (t *Table) Row() uint64 { return t.row }

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
