package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// ReadOptions say what becomes of the rows of tables. The zero value reads them all, of
// unknown class unless a table has a column label.
type ReadOptions struct {
	Label   string   // label column of the tables; "": "label" where a table has it, of a table without a mark in any case
	Benign  string   // what that column says of benign rows; "": benign, normal or 0, the first of them that a table has
	Mark    string   // class of rows without a label, as of a whole file given for one class
	Classes []string // names of classes, 0 is benign; nil: benign and malicious
	Whole   bool     // the file is one group; else each value of the column source is one
	Seed    uint64   // of pair hashes

	Keep  []string // columns of foreign tables taken in spite of their name or content
	Drop  []string // columns of foreign tables left out
	Cells int      // rows × columns up to which every value is held, more are held in bins; 0: [ExactCells]; below 0: no bound

	Want []Wanted                      // columns of foreign tables, instead of what names and content say
	Rows func(rows []float64) error    // takes the rows as they are read, row-major, and the frame holds no columns; the argument is valid during the call
	Done func(t *Table, n *ReadCounts) // called for each table, which is closed, when all were read
}

// ExactCells is up to how many cells tables are held with every value, 400 MB. Larger
// ones are held in bins, one byte a cell.
const ExactCells = 50_000_000

// ReadCounts says what became of the rows of tables.
type ReadCounts struct {
	Rows       int // all
	Background int // left out by their label
	Ignored    int // left out by their label
}

// TableFile is one of the tables that [ReadTables] reads.
type TableFile struct {
	Path  string
	Mark  string // see ReadOptions
	Whole bool
}

// ErrNoLabel is the cause when a table has no column to take labels from.
var ErrNoLabel = errors.New("no column to take labels from")

// ReadFrame reads what is left of t into a frame that holds every value. Rows labelled
// background or ignore are left out and counted. ctx ends it early.
func (t *Table) ReadFrame(ctx context.Context, opts ReadOptions) (*Frame, ReadCounts, error) {
	opts.Cells = -1
	r := newReading(ctx, []TableFile{{t.Path, opts.Mark, opts.Whole}}, nil, opts)
	if err := r.look(t, r.files[0]); err != nil {
		return nil, ReadCounts{}, err
	}
	r.held = map[string]*Table{t.Path: t}
	return r.read()
}

// ReadTables reads tables into one frame; open opens one of them. The tables must have
// the same columns (foreign ones in any order). Rows labelled background or ignore are
// left out and counted.
//
// Above opts.Cells the frame's columns are in bins: the tables are read twice, once to
// find cuts on a sample of [SampleRows] rows (fewer of more than 125 columns), once for
// the codes. A table that is no regular file cannot be read twice and is held with every
// value. The columns of foreign tables that turn out to be identities, times, labels or
// text are in the frame's Left.
//
// ctx ends it early. The error is [ErrNoLabel] if a file without a mark has no label.
func ReadTables(ctx context.Context, files []TableFile, open func(path string) (*Table, error), opts ReadOptions) (*Frame, ReadCounts, error) {
	if len(files) == 0 {
		return nil, ReadCounts{}, errors.New("read tables: there are none")
	}
	r := newReading(ctx, files, open, opts)
	defer r.close()
	for _, f := range files {
		t, err := open(f.Path)
		if err != nil {
			return nil, ReadCounts{}, err
		}
		r.held[f.Path] = t
		info, err := os.Stat(f.Path)
		regular := err == nil && info.Mode().IsRegular()
		if err := r.look(t, f); err != nil {
			return nil, ReadCounts{}, err
		}
		if regular && len(files) > 1 {
			t.Close()
			delete(r.held, f.Path)
		}
		r.once = r.once || !regular
	}
	return r.read()
}

// reading is the reading of some tables in progress.
type reading struct {
	ctx   context.Context
	files []TableFile
	open  func(string) (*Table, error)
	opts  ReadOptions
	held  map[string]*Table // opened and not read yet
	once  bool              // a table cannot be read twice

	schema  *Schema
	foreign bool
	names   []string // of the first table's columns
	isWords []bool   // of each column of foreign tables, whether one of them holds words there
	left    []LeftOut
	b       *builder
	counts  ReadCounts
	done    []tableRead
}

// tableRead is a table that was read to its end.
type tableRead struct {
	t *Table
	n ReadCounts
}

func newReading(ctx context.Context, files []TableFile, open func(string) (*Table, error), opts ReadOptions) *reading {
	if opts.Classes == nil {
		opts.Classes = []string{Benign, Malicious}
	}
	if opts.Cells == 0 {
		opts.Cells = ExactCells
	}
	return &reading{ctx: ctx, files: files, open: open, opts: opts, held: map[string]*Table{}}
}

func (r *reading) close() {
	for _, t := range r.held {
		t.Close()
	}
}

// look finds the columns of a table and compares them with those of the first one.
func (r *reading) look(t *Table, f TableFile) error {
	at, err := r.label(t, f)
	if err != nil {
		return err
	}
	if t.Card == nil {
		if err := r.columns(t, at); err != nil {
			return err
		}
	}
	if r.schema == nil {
		r.schema, r.foreign = t.Schema, t.Card == nil
		if r.opts.Want == nil {
			r.left = t.Left
		}
		for _, c := range t.Schema.Columns {
			r.names, r.isWords = append(r.names, c.Name), append(r.isWords, c.Words)
		}
		return nil
	}
	if r.foreign && t.Card == nil && sameNames(r.names, t.Schema.names()) {
		for i, name := range r.names {
			r.isWords[i] = r.isWords[i] || t.Schema.Columns[t.Schema.Index(name)].Words
			r.schema.Columns[i].Words = r.isWords[i]
		}
		return nil
	}
	if err := r.schema.Match(t.Schema); err != nil {
		return fmt.Errorf("join %s and %s: %w", r.files[0].Path, t.Path, err)
	}
	return nil
}

func sameNames(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// columns chooses the columns of a foreign table, whose label is column at of its header.
func (r *reading) columns(t *Table, at int) error {
	if r.opts.Want != nil {
		// A column that is not there is named by whoever binds the schema.
		t.Take(r.opts.Want)
		return nil
	}
	t.choose(r.opts.Keep)
	if at >= 0 {
		t.leaveOut(t.Header[at])
		t.Left = slices.DeleteFunc(t.Left, func(l LeftOut) bool { return l.Name == t.Header[at] })
	}
	for _, name := range r.opts.Drop {
		if t.leaveOut(name) {
			t.Left = append(t.Left, LeftOut{name, LeftAsked})
		} else if t.Column(name) < 0 {
			return fmt.Errorf("read %s: no column %q to leave out", t.Path, name)
		}
	}
	for _, name := range r.opts.Keep {
		if t.Column(name) < 0 {
			return fmt.Errorf("read %s: no column %q to keep", t.Path, name)
		}
	}
	return nil
}

// label is the place of the label column in the header, -1 without.
func (r *reading) label(t *Table, f TableFile) (int, error) {
	name := r.opts.Label
	if name == "" {
		at := t.Column("label")
		if at >= 0 || f.Mark != "" || r.open == nil {
			return at, r.featureLabel(t, at)
		}
		var like []int
		for i, n := range t.Header {
			if strings.EqualFold(strings.TrimSpace(n), "label") {
				like = append(like, i)
			}
		}
		switch len(like) {
		case 0:
		case 1:
			return like[0], r.featureLabel(t, like[0])
		default:
			return -1, fmt.Errorf("read %s: labels can be in column %q or %q%w", t.Path, t.Header[like[0]], t.Header[like[1]], silent{ErrNoLabel})
		}
		return -1, fmt.Errorf("read %s: no column %q to take labels from%w", t.Path, "label", silent{ErrNoLabel})
	}
	at := t.Column(name)
	if at < 0 {
		return -1, fmt.Errorf("read %s: no column %q to take labels from", t.Path, name)
	}
	return at, r.featureLabel(t, at)
}

// silent wraps a cause whose text is said already.
type silent struct{ error }

func (silent) Error() string   { return "" }
func (s silent) Unwrap() error { return s.error }

func (r *reading) featureLabel(t *Table, at int) error {
	if at >= 0 && t.Card != nil {
		if i := t.Schema.Index(t.Header[at]); i >= 0 && t.Schema.Columns[i].Role == Feature {
			return fmt.Errorf("read %s: column %q is a feature by the table's card and cannot be the label too", t.Path, t.Header[at])
		}
	}
	return nil
}

// errLarge ends a pass that was to hold every value.
var errLarge = errors.New("more cells than are held exactly")

// read reads the tables in as many passes as it takes.
func (r *reading) read() (*Frame, ReadCounts, error) {
	limit := r.opts.Cells
	if limit < 0 || r.once || r.opts.Rows != nil {
		limit = 0
	}
	r.b = newBuilder(r, nil, limit)
	err := r.pass(r.rows)
	if errors.Is(err, errLarge) {
		r.b = nil
		s := newSurvey(len(r.names), SampleRows)
		if err = r.pass(func(t *Table, f TableFile) error { return r.sample(t, f, s) }); err == nil {
			r.b = newBuilder(r, s, 0)
			err = r.pass(r.rows)
		}
	}
	if err != nil {
		return nil, r.counts, err
	}
	f, err := r.b.frame()
	if err == nil && r.opts.Done != nil {
		for i := range r.done {
			r.opts.Done(r.done[i].t, &r.done[i].n)
		}
	}
	return f, r.counts, err
}

// pass opens every table in turn, takes its columns and hands it on.
func (r *reading) pass(each func(*Table, TableFile) error) error {
	r.counts, r.done = ReadCounts{}, nil
	for _, f := range r.files {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		t := r.held[f.Path]
		if t == nil {
			var err error
			if t, err = r.open(f.Path); err != nil {
				return err
			}
		}
		delete(r.held, f.Path)
		if r.foreign {
			want := r.opts.Want
			if want == nil {
				for i, name := range r.names {
					w := Wanted{Name: name}
					if r.isWords[i] {
						w.Words = []string{}
					}
					want = append(want, w)
				}
			}
			t.Take(want)
		}
		err := r.unchanged(t)
		if err == nil {
			err = each(t, f)
		}
		if r.open != nil {
			t.Close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unchanged returns an error if t has other columns than when it was looked at.
func (r *reading) unchanged(t *Table) error {
	same := t.Card == nil && sameNames(r.names, t.Schema.names())
	if !r.foreign || t.Card != nil {
		same = r.schema.Match(t.Schema) == nil
	}
	if !same {
		return fmt.Errorf("read %s: it has other columns than when it was opened first: the file changed meanwhile", t.Path)
	}
	return nil
}

// sample hands about a sample of the rows of t to s, in order.
func (r *reading) sample(t *Table, f TableFile, s *survey) error {
	label, err := r.label(t, f)
	if err != nil {
		return err
	}
	if t.unsum != nil {
		*t.unsum = true
	}
	row := make([]float64, len(r.names))
	for n := 0; ; n++ {
		if n%4096 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		if !s.wants() {
			err = t.Skip()
			s.pass()
		} else if err = t.Next(row); err == nil {
			if label >= 0 && leftByLabel(t.Cell(label)) {
				s.pass()
			} else {
				s.add(row)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func leftByLabel(cell []byte) bool { return string(cell) == Background || string(cell) == Ignore }

const maxLabels = 1 << 16

// rows hands all rows of t to the builder.
func (r *reading) rows(t *Table, f TableFile) error {
	label, err := r.label(t, f)
	if err != nil {
		return err
	}
	b := r.b
	b.begin(t, f)
	var words []string // labels that occur, in order
	number := map[string]int32{}
	row := make([]float64, len(r.names))
	n := ReadCounts{}
	for {
		if n.Rows%4096 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		err := t.Next(row)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		n.Rows++
		y := int32(-1)
		if label >= 0 {
			if c := t.Cell(label); len(c) > 0 {
				i, ok := number[string(c)]
				if !ok {
					if len(words) == maxLabels {
						return fmt.Errorf("read %s:%s: column %q: more than %d labels", t.Path, t.Place(), t.Header[label], maxLabels)
					}
					i = int32(len(words))
					words = append(words, string(c))
					number[words[i]] = i
				}
				y = i
			}
		}
		if y >= 0 && words[y] == Background {
			n.Background++
			continue
		}
		if y >= 0 && words[y] == Ignore {
			n.Ignored++
			continue
		}
		if err := b.add(row, y); err != nil {
			return err
		}
	}
	if err := b.end(words, n.Rows); err != nil {
		return err
	}
	r.counts.Rows, r.counts.Background, r.counts.Ignored = r.counts.Rows+n.Rows, r.counts.Background+n.Background, r.counts.Ignored+n.Ignored
	r.done = append(r.done, tableRead{t, n})
	return nil
}
