// Package feature holds the feature sets: for each, how packets are read, what
// starts and ends a flow, which groups are kept and which columns are written.
//
// Header, row, documentation, schema and fingerprint all come from one table of
// columns. It knows neither goroutines nor files. Start with [Build].
package feature

import (
	"slices"

	"fm/dataset"
	"fm/extract/flow"
	"fm/extract/packet"
)

// Column is one number of a row.
type Column struct {
	Name  string
	Unit  dataset.Unit
	Group string // as --with and --without name it
	Role  dataset.Role
	Needs flow.Needs
	Doc   string                   // one sentence: definition, convention, source
	Value func(*flow.View) float64 // NaN = the value does not exist
	Fault string                   // what is wrong with it in the set's tool, one sentence; "": nothing is known
	Right string                   // with a Fault: the column of set fm that is right; "": there is none

	// Filler is what the tool writes where Value is NaN; 0: nothing, NaN or an infinity.
	Filler float64

	run *run // nil, or the run of columns that this one belongs to
	at  int  // its place in the run
}

// run is a number of neighbouring columns that are computed together, which is several
// times faster than one by one; Value gives the same numbers.
type run struct {
	columns int
	fill    func(dst []float64, v *flow.View)
}

// Cell writes one field of a tool's original layout exactly as the tool does.
type Cell struct {
	Name   string
	Append func(dst []byte, v *flow.View) []byte
	Type   CellType // what it holds, for forms other than CSV
}

// List is a whole sequence of a flow, as many numbers as the flow has. Forms that hold
// lists (JSON Lines, Parquet) write it behind the set's columns; CSV, tables and training,
// which want one number a column, do without, so it is no part of the schema. Its name is
// none of the columns'.
//
// Append adds the numbers of a flow to dst, in the order of its packets, and returns it; a
// flow without any has an empty list. A number that does not exist is NaN: null in both
// forms. Append is called by several workers at once, once for each flow, and only where the
// output has lists; what it needs of the flow must be among Needs.
type List struct {
	Name   string
	Unit   dataset.Unit
	Group  string
	Needs  flow.Needs
	Doc    string // one sentence: definition, convention, source
	Append func(dst []float64, v *flow.View) []float64
}

// CellType is what a cell holds, in the words of Zeek's logs.
type CellType string

// Types of cells.
const (
	TypeNumber   CellType = "" // a number in a form without types, text where it is none
	TypeCount    CellType = "count"
	TypeDouble   CellType = "double"
	TypeInterval CellType = "interval" // seconds
	TypeTime     CellType = "time"     // seconds since 1970
	TypeString   CellType = "string"
	TypeAddr     CellType = "addr"
	TypePort     CellType = "port"
	TypeEnum     CellType = "enum"
	TypeBool     CellType = "bool"
	TypeList     CellType = "vector[double]" // numbers with blanks or commas between; in JSON an array
)

// Layout is a file as a tool writes it: comma separated with a header, or a log of Zeek.
type Layout struct {
	Number string // name of a running number from 0 in front of the cells; "": there is none
	Cells  []Cell
	End    string  // of lines
	Log    string  // the name that Zeek's logs of these rows carry, as in NAME.log; "": the tool writes none
	Table  []Cell  // the cells of a table (CSV and other forms than Zeek's logs), where they are others; nil: Cells
	Beside *Layout // another log of the same rows, written beside it into a folder; nil: none
}

// InTable are the cells of a table: see Table.
func (l *Layout) InTable() []Cell {
	if l.Table != nil {
		return l.Table
	}
	return l.Cells
}

// Names are the names of all columns, in order.
func (l *Layout) Names() []string {
	var names []string
	if l.Number != "" {
		names = append(names, l.Number)
	}
	for _, c := range l.Cells {
		names = append(names, c.Name)
	}
	return names
}

// Set is everything that makes rows from packets.
type Set struct {
	Name     string
	Version  int
	Doc      string
	Options  string // canonical text of rules and options; part of the fingerprint
	View     packet.View
	Life     flow.Life
	First    uint64 // packets that enter columns, 0 all
	Columns  []Column
	Lists    []List                // whole sequences, for the forms that hold them
	Tool     string                // whose rows these are, as it calls itself; "": fm's own
	Measure  flow.Measure          // the length that the set's groups count
	Limits   flow.Limits           // of groups that have any
	Sequence int                   // packets of a flow that lists hold; 0 none
	Original *Layout               // as the tool writes its rows; nil: there is no such layout
	Keep     func(*flow.View) bool // nil: every flow

	steps []step     // made by Build; nil: Row goes column by column
	bare  flow.Needs // groups of the columns that Bare took away
}

// Bare is s without columns, for output that has only Original: the same groups are kept,
// and no time goes into rows that nobody reads.
func (s *Set) Bare() *Set {
	b := *s
	b.bare, b.Columns, b.steps = s.Needs(), nil, nil
	return &b
}

// step fills some of the columns of a row.
type step struct {
	value func(*flow.View) float64 // of one column; nil:
	run   *run                     // the columns of this run,
	picks []int                    // or some of them
}

// Row appends the values of all columns to dst.
func (s *Set) Row(dst []float64, v *flow.View) []float64 {
	n := len(dst)
	if s.steps == nil {
		for i := range s.Columns {
			dst = append(dst, s.Columns[i].Value(v))
		}
		return dst
	}
	// Behind the row lies room for a run of which not all columns are wanted.
	dst = slices.Grow(dst, len(s.Columns)+maxRun)[:n+len(s.Columns)+maxRun]
	row, scratch := dst[n:n+len(s.Columns)], dst[n+len(s.Columns):]
	for i := range s.steps {
		switch t := &s.steps[i]; {
		case t.value != nil:
			row[0] = t.value(v)
			row = row[1:]
		case t.picks == nil:
			t.run.fill(row[:t.run.columns], v)
			row = row[t.run.columns:]
		default:
			t.run.fill(scratch[:t.run.columns], v)
			for k, at := range t.picks {
				row[k] = scratch[at]
			}
			row = row[len(t.picks):]
		}
	}
	return dst[:n+len(s.Columns)]
}

// maxRun is the most columns of a run.
const maxRun = 48

// RowRoom is the room beyond its columns that [Set.Row] wants in dst, to grow it no further.
const RowRoom = maxRun

// plan divides the columns into steps.
func plan(columns []Column) []step {
	var steps []step
	for i := 0; i < len(columns); {
		r := columns[i].run
		if r == nil {
			steps = append(steps, step{value: columns[i].Value})
			i++
			continue
		}
		var picks []int
		for ; i < len(columns) && columns[i].run == r; i++ {
			picks = append(picks, columns[i].at)
		}
		if len(picks) == r.columns {
			picks = nil
		}
		steps = append(steps, step{run: r, picks: picks})
	}
	return steps
}

// Needs are the groups that the columns and the life of s read.
func (s *Set) Needs() flow.Needs {
	n := s.bare | s.Life.Needs()
	for i := range s.Columns {
		n |= s.Columns[i].Needs
	}
	return n
}

// ListNeeds are the groups that the lists read.
func (s *Set) ListNeeds() flow.Needs {
	var n flow.Needs
	for i := range s.Lists {
		n |= s.Lists[i].Needs
	}
	return n
}

// Schema is the part of s that files of rows and models carry.
func (s *Set) Schema() *dataset.Schema {
	sc := &dataset.Schema{Set: s.Name, Version: s.Version, Options: s.Options}
	for _, c := range s.Columns {
		sc.Columns = append(sc.Columns, dataset.Column{Name: c.Name, Unit: c.Unit, Group: c.Group, Role: c.Role})
	}
	return sc
}
