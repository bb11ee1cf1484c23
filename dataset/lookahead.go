package dataset

// Lookahead is how many rows of a foreign table tell columns of numbers from columns of words.
const Lookahead = 1000

// kind is what a column holds.
type kind uint8

const (
	unknown kind = iota
	numbers
	words
	lists // of numbers, as "[1, 2.5, 3]"
	text  // as a format says of columns that are numbers if their cells look so
)

// seen counts what the first rows hold of a column.
type seen struct {
	numbers, words, lists int
	width                 int // of the longest list
}

// kind decides what the column is. Where nine of ten cells are numbers the others are
// faults in a column of numbers, not words.
func (s *seen) kind() kind {
	switch {
	case s.lists > 0 && s.lists >= 9*(s.numbers+s.words):
		return lists
	case s.words+s.lists > 0 && s.numbers < 9*(s.words+s.lists):
		return words
	}
	return numbers
}

// foreign reads the first rows to find which columns are numbers, and goes back.
func (t *Table) foreign() {
	cols := make([]seen, len(t.Header))
	known := t.rows.kinds()
	for range Lookahead {
		before := t.rows.held()
		if before > MaxLine {
			break
		}
		if err := t.rows.next(); err != nil {
			cause := CauseOf(t.error(err))
			if t.opts.SkipBad && cause != 0 && (cause != TooLong || t.rows.held() > before) {
				continue
			}
			break // at the end, or at what Next will say; a line that is too long is not held to be read twice
		}
		t.looked++
		for i := range cols {
			if known == nil || known[i] == unknown || known[i] == lists || known[i] == text {
				cols[i].look(t.rows, i)
			}
		}
	}
	t.rows.back()
	t.rows.release()
	kinds, width := make([]kind, len(cols)), make([]int, len(cols))
	for i := range cols {
		kinds[i], width[i] = cols[i].kind(), cols[i].width
		switch {
		case known == nil || known[i] == unknown:
		case known[i] != text:
			kinds[i] = known[i]
		case cols[i] == seen{}:
			kinds[i] = words // nothing but empty cells
		}
	}
	if t.list = newLists(t.rows, kinds, width); t.list != nil {
		t.rows, t.Header, kinds = t.list, t.list.names, t.list.kind
	}
	t.Words = make([]bool, len(t.Header))
	for i := range t.Header {
		t.Words[i] = kinds[i] != numbers
	}
	t.choose(nil)
}

func (s *seen) look(r rows, i int) {
	v, ok := r.number(i)
	switch {
	case ok && v != v: // missing
	case ok:
		s.numbers++
	default:
		text := r.text(i)
		if n, ok := listLength(text); ok {
			s.lists++
			s.width = max(s.width, n)
			return
		}
		s.words++
	}
}
