package dataset

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// MaxSide is how much memory the rows of a joined table may take, in bytes, also while
// what holds them grows.
const MaxSide = 2 << 30

// Side is a table held in memory whose columns are added to the rows of others: those of
// the row whose cell in the column On is the same text. A row without such a partner
// gets empty cells. One goroutine uses it at a time.
type Side struct {
	Path   string
	On     string
	SHA256 string
	Bad    BadRows // rows left out
	Notes  []string

	names  []string // without On
	kind   []kind
	text   []byte   // cells of all rows behind each other
	ends   []uint64 // of each cell, row after row
	row    map[string]int32
	places []string
	used   []bool
	empty  int // rows with an empty key
}

// ReadSide reads a table to join others with on the column called on. Two rows with the
// same key are an error, as is a table that needs more memory than [MaxSide]; ctx ends it
// early.
func ReadSide(ctx context.Context, path, on string, o TableOptions) (*Side, error) {
	return readSide(ctx, path, on, o, MaxSide)
}

func readSide(ctx context.Context, path, on string, o TableOptions, limit uint64) (*Side, error) {
	o.Join = nil
	t, err := o.Open(path)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	key := t.Column(on)
	if key < 0 {
		return nil, fmt.Errorf("read %s: no column %q to join on", path, on)
	}
	s := &Side{Path: path, On: on, row: map[string]int32{}}
	for i, name := range t.Header {
		if i == key {
			continue
		}
		k := unknown // of a table with a card the first joined rows tell
		if t.Words != nil {
			k = numbers
			if t.Words[i] {
				k = words
			}
		}
		s.names, s.kind = append(s.names, name), append(s.kind, k)
	}
	values := make([]float64, len(t.Schema.Columns))
	memory := uint64(0) // of all but text and ends
	for {
		if len(s.places)%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err := t.Next(values)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		cell := t.Cell(key)
		if len(cell) == 0 {
			s.empty++
			continue
		}
		if first, twice := s.row[string(cell)]; twice {
			return nil, fmt.Errorf("read %s:%s: column %q: %.40q is also in %s: rows cannot be joined", path, t.Place(), on, cell, placeText(s.places[first]))
		}
		place := t.Place()
		memory += uint64(len(cell)+len(place)) + 128 // the entries of row, places and used
		s.row[string(cell)] = int32(len(s.places))
		s.places = append(s.places, place)
		fits := memory <= limit && len(s.places) < 1<<31-1
		for i := range t.Header {
			if i != key && fits {
				fits = s.put(t.Cell(i), limit-memory)
			}
		}
		if !fits {
			return nil, fmt.Errorf("read %s:%s: more than %d MB of rows to join: make this table the first one, or leave out columns", path, place, limit>>20)
		}
	}
	s.used = make([]bool, len(s.places))
	s.Bad, s.Notes = t.Bad, t.Notes()
	s.SHA256, err = t.SHA256()
	return s, err
}

// put appends a cell, unless text and ends take more than limit bytes for it: an array
// that grows is there twice while it is copied.
func (s *Side) put(cell []byte, limit uint64) bool {
	text, ends := grown(cap(s.text), len(s.text)+len(cell)), grown(cap(s.ends), len(s.ends)+1)
	if uint64(cap(s.text)+text)+8*uint64(cap(s.ends)+ends) > limit {
		return false
	}
	if text > 0 {
		s.text = append(make([]byte, 0, text), s.text...)
	}
	if ends > 0 {
		s.ends = append(make([]uint64, 0, ends), s.ends...)
	}
	s.text = append(s.text, cell...)
	s.ends = append(s.ends, uint64(len(s.text)))
	return true
}

// grown is the length of a new array for n elements, 0 if one of length old has room for them.
func grown(old, n int) int {
	if n <= old {
		return 0
	}
	return n + n/4 + 64
}

// placeText names a row in the middle of a sentence.
func placeText(place string) string {
	if place[0] >= '0' && place[0] <= '9' {
		return "line " + place
	}
	return place
}

// Rows is the number of rows.
func (s *Side) Rows() int { return len(s.places) + s.empty }

// Unmatched is the number of rows that no row of another table was joined with.
func (s *Side) Unmatched() int {
	n := s.empty
	for _, u := range s.used {
		if !u {
			n++
		}
	}
	return n
}

// joinRows adds the columns of a Side to rows.
type joinRows struct {
	rows
	side  *Side
	key   int
	left  int // columns below
	names []string
	kind  []kind
	at    int // row of the side; -1 without
	alone uint64
}

// newJoin wraps r; key is -1 in the result where r has no column to join on.
func newJoin(r rows, s *Side) *joinRows {
	names := r.header()
	j := &joinRows{rows: r, side: s, key: slices.Index(names, s.On), left: len(names)}
	j.names = columnNames(slices.Concat(names, s.names))
	if j.kind = slices.Clone(r.kinds()); j.kind == nil {
		j.kind = make([]kind, len(names))
	}
	j.kind = append(j.kind, s.kind...)
	return j
}

func (j *joinRows) header() []string { return j.names }
func (j *joinRows) kinds() []kind    { return j.kind }

func (j *joinRows) next() error {
	if err := j.rows.next(); err != nil {
		return err
	}
	j.at = -1
	if i, ok := j.side.row[string(valid(j.rows.text(j.key)))]; ok {
		j.at = int(i)
	}
	return nil
}

// use counts the current row as one that was given.
func (j *joinRows) use() {
	if j.at < 0 {
		j.alone++
	} else {
		j.side.used[j.at] = true
	}
}

func (j *joinRows) text(i int) []byte {
	if i < j.left {
		return j.rows.text(i)
	}
	if j.at < 0 {
		return nil
	}
	cell, start := j.at*len(j.side.names)+i-j.left, uint64(0)
	if cell > 0 {
		start = j.side.ends[cell-1]
	}
	return j.side.text[start:j.side.ends[cell]]
}

func (j *joinRows) number(i int) (float64, bool) {
	if i < j.left {
		return j.rows.number(i)
	}
	return parseNumber(j.text(i))
}
