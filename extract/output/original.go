package output

import (
	"encoding/binary"
	"strings"

	"fm/extract"
	"fm/extract/feature"
	"fm/extract/flow"
)

// toolText writes records as the tool does that their set is named after: cells of its own
// making, as a style sets them into lines.
//
// What is known of a record in the worker is its text. The running number stands in front
// of it, since only the order of the records gives it, and so comes a label, which stages
// may give: behind the text lie the places where the cell begins and ends that a label
// replaces.
type toolText struct {
	style
	names  []string // of all columns
	cells  []feature.Cell
	number int     // columns in front of the cells: 1 with a running number
	rows   *uint64 // written so far by all files of a run: the running number
	commas bool    // cells stand as they are with a comma between, which is CSV: the short way for it
	label  int     // the cell that a label replaces; len(cells): a column of its own behind them; -1: there are no labels
}

// style is how texts of cells become a line.
type style interface {
	// first stands in front of all lines.
	first(dst []byte, names []string, t int64) []byte
	// begin stands in front of column i of a line.
	begin(dst []byte, i int) []byte
	// value makes of a cell's text, which is dst from at on, what the line holds. False:
	// the line does without the cell.
	value(dst []byte, at int, typ feature.CellType) ([]byte, bool)
	// word is a label; "" is one that does not exist.
	word(dst []byte, label string) []byte
	// close ends the line that starts at from.
	close(dst []byte, from int) []byte
}

// newToolText makes the text of rows in layout l. cells are those of the format, which may
// be others than the layout's.
func newToolText(l *feature.Layout, cells []feature.Cell, labels bool, styled func(names []string, types []feature.CellType) style) *toolText {
	t := &toolText{cells: cells, rows: new(uint64), label: -1}
	var types []feature.CellType
	if l.Number != "" {
		t.number, t.names, types = 1, append(t.names, l.Number), append(types, feature.TypeCount)
	}
	for i, c := range cells {
		t.names, types = append(t.names, c.Name), append(types, c.Type)
		if labels && t.label < 0 && strings.EqualFold(strings.TrimSpace(c.Name), labelName) {
			t.label = i
		}
	}
	if labels && t.label < 0 {
		t.label = len(cells)
		t.names, types = append(t.names, labelName), append(types, feature.TypeString)
	}
	t.style = styled(t.names, types)
	_, t.commas = t.style.(separated)
	return t
}

// newToolCSV makes the text of l as its tool writes it.
func newToolCSV(l *feature.Layout, labels bool) *toolText {
	return newToolText(l, l.InTable(), labels, func([]string, []feature.CellType) style { return separated{l.End} })
}

// labelName is the name of the column of labels; some tools have one, filled with a
// placeholder and with a capital.
const labelName = "label"

func (t *toolText) header(dst []byte, at int64) []byte { return t.first(dst, t.names, at) }

// Append implements [extract.Renderer].
func (t *toolText) Append(dst []byte, _ *extract.Record, v *flow.View) []byte {
	if t.commas && t.label < 0 {
		for i := range t.cells {
			if i+t.number > 0 {
				dst = append(dst, ',')
			}
			dst = t.cells[i].Append(dst, v)
		}
		return dst
	}
	from := len(dst)
	var place [2 * lengthBytes]byte
	for i := range t.cells {
		if i == t.label {
			binary.LittleEndian.PutUint32(place[:], uint32(len(dst)-from))
		}
		dst = t.cell(dst, i, v)
		if i == t.label {
			binary.LittleEndian.PutUint32(place[lengthBytes:], uint32(len(dst)-from))
		}
	}
	switch t.label {
	case -1:
		return dst
	case len(t.cells):
		binary.LittleEndian.PutUint32(place[:], uint32(len(dst)-from))
		dst = t.word(t.begin(dst, len(t.names)-1), "")
		binary.LittleEndian.PutUint32(place[lengthBytes:], uint32(len(dst)-from))
	}
	return append(dst, place[:]...)
}

func (t *toolText) cell(dst []byte, i int, v *flow.View) []byte {
	from := len(dst)
	dst = t.begin(dst, i+t.number)
	at := len(dst)
	dst, ok := t.value(t.cells[i].Append(dst, v), at, t.cells[i].Type)
	if !ok {
		return dst[:from]
	}
	return dst
}

func (t *toolText) line(dst, text []byte, r *extract.Record) []byte {
	from := len(dst)
	if t.number > 0 {
		dst = appendUint(t.begin(dst, 0), *t.rows)
	}
	*t.rows++
	if t.label < 0 {
		return t.close(append(dst, text...), from)
	}
	end := len(text) - 2*lengthBytes
	low, high := binary.LittleEndian.Uint32(text[end:]), binary.LittleEndian.Uint32(text[end+lengthBytes:])
	dst = append(dst, text[:low]...)
	if r.Label != "" {
		dst = t.word(t.begin(dst, t.number+t.label), r.Label)
	} else {
		dst = append(dst, text[low:high]...)
	}
	return t.close(append(dst, text[high:end]...), from)
}

// separated is the style of CSV: the tool's texts as they are.
type separated struct{ end string }

func (s separated) first(dst []byte, names []string, _ int64) []byte {
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, name...) // as the tool writes it: CICFlowMeter V3 puts blanks in front
	}
	return append(dst, s.end...)
}

func (s separated) begin(dst []byte, i int) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return dst
}

func (s separated) value(dst []byte, _ int, _ feature.CellType) ([]byte, bool) { return dst, true }
func (s separated) word(dst []byte, label string) []byte                       { return appendQuoted(dst, label) }
func (s separated) close(dst []byte, _ int) []byte                             { return append(dst, s.end...) }
