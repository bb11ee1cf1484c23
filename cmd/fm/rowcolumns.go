package main

import (
	"fmt"
	"slices"
	"strings"

	"fm/classify"
	"fm/dataset"
	"fm/extract/output"
)

// rowColumn is one column of judged rows.
type rowColumn struct {
	name    string
	kind    rowKind
	index   int  // which of its kind
	numeric bool // JSON writes a number where it can
}

// rowKind says where the text of a column comes from.
type rowKind uint8

const (
	rowSource rowKind = iota // path of the table
	rowNumber                // of the row in its table
	rowCell                  // cell number index of those taken from the table
	rowScore                 // of "not benign"
	rowVerdict
	rowClass
	rowClassScore // of class number index
	rowMargin     // with --raw
	rowPrediction
	rowLeaf    // with --leaves
	rowPart    // with --explain, number index of Explain.Columns
	rowReasons // the array of JSON
)

// numbers are the columns beside the features that hold numbers. Any other is words, even
// where one of them looks like a number: a source called 2024.
var numbers = []string{"row", "src_port", "dst_port", "protocol", "vlan", "first_frame", "packets_seen", "score"}

// judgedColumns are the columns that c and e add to rows. They replace those that an earlier
// verdict left under the same names.
func judgedColumns(c *classify.Classifier, e *output.Explain, format output.Format) []rowColumn {
	cols := []rowColumn{{name: "score", kind: rowScore, numeric: true}, {name: "verdict", kind: rowVerdict}, {name: "class", kind: rowClass}}
	number := func(name string, kind rowKind, index int) {
		cols = append(cols, rowColumn{name: name, kind: kind, index: index, numeric: true})
	}
	numbered := func(name string, kind rowKind, n int) {
		for i := range n {
			number(fmt.Sprintf("%s_%d", name, i), kind, i)
		}
	}
	some := func(name string, kind rowKind, n int) {
		if n == 1 {
			number(name, kind, 0)
		} else {
			numbered(name, kind, n)
		}
	}
	if classes := c.Classes(); len(classes) > 2 {
		for i, name := range classes {
			number("score_"+name, rowClassScore, i)
		}
	}
	if c.Raw() {
		some("margin", rowMargin, c.Outputs())
		some("prediction", rowPrediction, c.Predictions())
	}
	numbered("leaf", rowLeaf, c.Trees())
	if e == nil {
		return cols
	}
	if format == output.CSV || e.Largest == 0 {
		for i, name := range e.Columns() {
			cols = append(cols, rowColumn{name: name, kind: rowPart, index: i, numeric: !e.Word(i)})
		}
	}
	if format == output.JSONL {
		cols = append(cols, rowColumn{name: "explain", kind: rowReasons})
	}
	return cols
}

// plan chooses the columns of w: those that names lists, in this order, or, without, what
// names the row and all of judged. With many, t is not the only table.
func (w *rowWriter) plan(t *dataset.Table, names []string, judged []rowColumn, many bool) error {
	cell := func(i int) {
		name := t.Header[i]
		w.columns = append(w.columns, rowColumn{name: name, kind: rowCell, index: len(w.cells), numeric: t.Schema.Index(name) >= 0 || slices.Contains(numbers, name)})
		w.of, w.cells = append(w.of, name), append(w.cells, i)
	}
	source, number := rowColumn{name: "source", kind: rowSource}, rowColumn{name: "row", kind: rowNumber, numeric: true}
	place := func(name string) int {
		return slices.IndexFunc(judged, func(c rowColumn) bool { return c.name == name })
	}
	for _, name := range names {
		switch i, j := t.Column(name), place(name); {
		case j >= 0:
			w.columns = append(w.columns, judged[j])
		case i >= 0:
			cell(i)
		case name == number.name:
			w.columns = append(w.columns, number)
		case name == source.name && many:
			w.columns = append(w.columns, source)
		default:
			return &usageError{text: fmt.Sprintf("write rows: no such column: %q", name), hint: t.Path + " has: " + strings.Join(t.Header[:min(len(t.Header), 20)], ", ")}
		}
	}
	if names != nil {
		return nil
	}
	own := func(name string) bool { return place(name) >= 0 || dataset.OfVerdict(name) }
	named := slices.ContainsFunc(t.Header, func(n string) bool { return dataset.IsIdentity(n) && !own(n) && n != "label" && n != "row" })
	if many && t.Column("source") < 0 {
		w.columns = append(w.columns, source)
	}
	if !named {
		w.columns = append(w.columns, number)
	}
	for i, name := range t.Header {
		if dataset.IsIdentity(name) && !own(name) && (named || name != number.name) {
			cell(i)
		}
	}
	w.columns = append(w.columns, judged...)
	return nil
}
