package dataset

import (
	"bytes"
	"io"
	"slices"
)

// Wanted is a column that a reader of a foreign table asks for.
type Wanted struct {
	Name  string
	Words []string // not nil: its cells are words, numbered as here; others count as missing
	Alike bool     // another program gave the name: see [Alike]
}

// Take makes the columns of a foreign table those of want, in that order, whatever their
// names and first rows say. It returns the columns that the table has not. Where a name is
// like several, the table has them all. A table with a card stays as it is.
func (t *Table) Take(want []Wanted) (missing []string) {
	if t.Card != nil {
		return nil
	}
	t.Schema, t.take, t.words = &Schema{}, nil, nil
	for _, w := range want {
		var places []int
		if w.Alike {
			places = t.Alike(w.Name)
		} else if i := t.Column(w.Name); i >= 0 {
			places = []int{i}
		}
		if places == nil {
			missing = append(missing, w.Name)
		}
		for _, i := range places {
			if w.Alike && slices.Contains(t.take, i) {
				continue // who binds the columns tells
			}
			var v *vocabulary
			if w.Words != nil {
				v = known(w.Words)
			}
			t.put(i, v)
		}
	}
	return missing
}

// put appends column i of the header to the schema; v is nil for numbers.
func (t *Table) put(i int, v *vocabulary) {
	t.Schema.Columns = append(t.Schema.Columns, Column{Name: t.Header[i], Words: v != nil})
	t.take, t.words, t.fill = append(t.take, i), append(t.words, v), nil
}

// choose makes the columns of a foreign table those that are no identities, times or
// labels by their names, and those to keep. Words are missing in its rows.
func (t *Table) choose(keep []string) {
	t.Schema, t.take, t.words, t.Left = &Schema{}, nil, nil, nil
	for i, name := range t.Header {
		if list, first := t.strangeList(i); list != "" && !slices.Contains(keep, name) {
			if first {
				t.Left = append(t.Left, LeftOut{list, LeftOther})
			}
			continue
		}
		if why := whyLeft(name); why != "" && !slices.Contains(keep, name) {
			t.Left = append(t.Left, LeftOut{name, why})
			continue
		}
		var v *vocabulary
		if t.Words[i] {
			v = &vocabulary{text: true} // nothing is known yet
		}
		t.put(i, v)
	}
}

// Lists says which numbered columns of lists are those of a set. Where it is none, a foreign
// table's are left out, since how many there are depends on the rows.
func (t *Table) Lists(ofSet func(column string) bool) {
	if t.ofSet = ofSet; t.Card == nil {
		t.choose(nil)
	}
}

// strangeList is the list of which column i of the header is a number, if it is none of the
// set's, and whether it is its first; else "".
func (t *Table) strangeList(i int) (name string, first bool) {
	if t.list == nil || t.ofSet == nil || t.list.from[i].list < 0 || t.ofSet(t.Header[i]) {
		return "", false
	}
	p := t.list.from[i]
	return t.list.rows.header()[p.column], p.at == 0
}

// leaveOut takes columns out of a foreign table's schema.
func (t *Table) leaveOut(name string) (found bool) {
	if i := t.Schema.Index(name); i >= 0 && t.Card == nil {
		t.Schema.Columns = slices.Delete(t.Schema.Columns, i, i+1)
		t.take, t.words, t.fill = slices.Delete(t.take, i, i+1), slices.Delete(t.words, i, i+1), nil
		return true
	}
	return false
}

// Unseen is how often each column of words held one that [Table.Take] did not name, in
// the rows read so far; columns without are not in it.
func (t *Table) Unseen() map[string]int {
	var out map[string]int
	for c, v := range t.words {
		if v != nil && v.fixed && v.unseen > 0 {
			if out == nil {
				out = map[string]int{}
			}
			out[t.Schema.Columns[c].Name] = v.unseen
		}
	}
	return out
}

// skipper is rows that can be passed over faster than read.
type skipper interface{ skip() error }

// Skip passes over the next row without looking at its cells, so that what is wrong with
// them stays unknown. It returns io.EOF behind the last one.
func (t *Table) Skip() error {
	for {
		var err error
		if s, ok := t.rows.(skipper); ok {
			err = s.skip()
		} else {
			err = t.rows.next()
		}
		switch {
		case err == nil:
			t.row++
			return nil
		case err == io.EOF:
			return err
		}
		t.row++
		if err = t.error(err); CauseOf(err) == 0 || !t.opts.SkipBad {
			return err
		}
	}
}

// skip implements skipper.
func (c *csvRows) skip() error {
	for {
		line, err := c.lines.next()
		if err != nil || len(line) == 0 {
			if err != nil {
				return err
			}
			continue
		}
		if bytes.IndexByte(line, '"') >= 0 {
			if _, err = c.unquote(line); err != nil {
				c.lines.giveUp()
			}
		}
		return err
	}
}
