package dataset

import (
	"bytes"
	"fmt"
	"math"
)

// MaxList is the largest number of columns that a column of lists becomes.
const MaxList = 1024

// listRows makes numbered columns of columns that hold lists of numbers, such as the
// first packets' sizes of NFStream: name_0, name_1 and so on, as many as the longest list
// of the first rows has. What a shorter list lacks is missing; what a longer one has more
// is left out and counted.
type listRows struct {
	rows
	names []string
	kind  []kind
	from  []listPlace
	lists []listColumn
	long  uint64 // lists that were cut
}

// listPlace says where a column comes from.
type listPlace struct {
	column int // below
	list   int // in lists; -1: the column itself
	at     int // in the list
}

// listColumn is a column of lists and its cells in the current row.
type listColumn struct {
	column int
	cells  [][]byte
}

// newLists returns nil where no column holds lists.
func newLists(r rows, kinds []kind, width []int) *listRows {
	l := &listRows{rows: r}
	var cells []string
	for i, name := range r.header() {
		if kinds[i] != lists {
			cells, l.kind = append(cells, name), append(l.kind, kinds[i])
			l.from = append(l.from, listPlace{i, -1, 0})
			continue
		}
		n := min(width[i], MaxList, MaxColumns-len(cells))
		for k := range n {
			cells, l.kind = append(cells, fmt.Sprintf("%s_%d", name, k)), append(l.kind, numbers)
			l.from = append(l.from, listPlace{i, len(l.lists), k})
		}
		l.lists = append(l.lists, listColumn{i, make([][]byte, n)})
	}
	if l.lists == nil {
		return nil
	}
	l.names = columnNames(cells)
	return l
}

// unfold makes numbered columns of the lists of a table with a card: of columns that the
// card's schema knows only so.
func (t *Table) unfold() {
	places := t.Card.Schema.Places()
	kind, width := make([]kind, len(t.Header)), make([]int, len(t.Header))
	for i, name := range t.Header {
		if _, whole := places[name]; whole {
			continue
		}
		for n := 0; n < MaxList; n++ {
			if _, ok := places[fmt.Sprintf("%s_%d", name, n)]; !ok {
				break
			}
			kind[i], width[i] = lists, n+1
		}
	}
	if t.list = newLists(t.rows, kind, width); t.list != nil {
		t.rows, t.Header = t.list, t.list.names
	}
}

func (l *listRows) header() []string { return l.names }
func (l *listRows) kinds() []kind    { return l.kind }

func (l *listRows) next() error {
	if err := l.rows.next(); err != nil {
		return err
	}
	for i := range l.lists {
		c := &l.lists[i]
		clear(c.cells)
		if !cutList(c.cells, l.rows.text(c.column)) {
			l.long++
		}
	}
	return nil
}

func (l *listRows) text(i int) []byte {
	p := l.from[i]
	if p.list < 0 {
		return l.rows.text(p.column)
	}
	return l.lists[p.list].cells[p.at]
}

func (l *listRows) number(i int) (float64, bool) {
	p := l.from[i]
	if p.list < 0 {
		return l.rows.number(p.column)
	}
	if c := l.lists[p.list].cells[p.at]; c != nil {
		return parseNumber(c)
	}
	return math.NaN(), true
}

// inside is what a list holds between its brackets; false if text is no list.
func inside(text []byte) ([]byte, bool) {
	if len(text) < 2 || text[0] != '[' || text[len(text)-1] != ']' {
		return nil, false
	}
	return trim(text[1 : len(text)-1]), true
}

// cutList puts the elements of a list into cells; a text that is none is its own only
// element. It returns false if there are more elements than cells.
func cutList(cells [][]byte, text []byte) bool {
	if IsMissing(text) {
		return true
	}
	if in, ok := inside(text); ok {
		if text = in; len(text) == 0 {
			return true
		}
	}
	for i := 0; ; i++ {
		if i == len(cells) {
			return false
		}
		cell, rest, more := bytes.Cut(text, []byte{','})
		if cells[i] = trim(cell); !more {
			return true
		}
		text = rest
	}
}

// listLength counts the elements of a list of numbers; false if text is none.
func listLength(text []byte) (int, bool) {
	text, ok := inside(text)
	if !ok {
		return 0, false
	}
	if len(text) == 0 {
		return 0, true
	}
	for n := 1; ; n++ {
		cell, rest, more := bytes.Cut(text, []byte{','})
		if _, ok := parseNumber(cell); !ok {
			return 0, false
		}
		if !more {
			return n, true
		}
		text = rest
	}
}
