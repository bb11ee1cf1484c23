package dataset

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// builder makes a frame of rows, which it gathers in blocks so that not every value
// touches another page of memory.
type builder struct {
	r     *reading
	f     *Frame
	limit int       // cells; 0: no bound
	block []float64 // row-major
	held  int       // rows in it
	vocab []*vocabulary

	survey   *survey // nil: every value is held
	bins     []Bins
	encoders []encoder
	numbers  [][]uint16 // of words, until all are known; noWord is missing

	t                       *Table // being read
	first                   int    // row of the frame that it began with
	source, start, src, dst int    // its columns, -1 without
	group                   map[string]int32
	alone                   int32    // its only group
	noTime, noPair          bool     // a table lacks them
	labels                  []string // some that occur
	benign                  bool     // the one asked for does
}

const (
	blockRows = 256
	noWord    = math.MaxUint16
)

// newBuilder returns a builder of a frame in bins if s is not nil.
func newBuilder(r *reading, s *survey, limit int) *builder {
	n := len(r.names)
	b := &builder{r: r, f: &Frame{Classes: r.opts.Classes}, limit: limit, block: make([]float64, 0, blockRows*n), survey: s, vocab: make([]*vocabulary, n)}
	b.f.Cols = make([]Col, n)
	room := wordRoom
	for c, words := range r.isWords {
		if words && r.opts.Want == nil {
			b.vocab[c] = learned(&room)
		}
	}
	if s != nil {
		b.bins, b.encoders = s.cut()
		b.numbers = make([][]uint16, n)
		for c := range b.bins {
			if b.vocab[c] != nil {
				b.numbers[c] = make([]uint16, 0, s.at)
			} else {
				b.bins[c].Codes = make([]uint8, 0, s.at)
			}
		}
		b.f.Y, b.f.Group = make([]int32, 0, s.at), make([]int32, 0, s.at)
	}
	return b
}

// begin takes the next table on.
func (b *builder) begin(t *Table, f TableFile) {
	b.t, b.first = t, b.f.rows
	b.source, b.start, b.src, b.dst = t.Column("source"), t.Column("start"), t.Column("src_ip"), t.Column("dst_ip")
	b.group = map[string]int32{}
	if f.Whole {
		b.source = -1
	}
	if b.source < 0 {
		b.alone = int32(len(b.f.Groups))
		b.f.Groups = append(b.f.Groups, f.Path)
	}
	for c, v := range b.vocab {
		if v != nil {
			t.words[c] = v
		}
	}
	b.f.Sources = append(b.f.Sources, Source{Path: f.Path, Label: f.Mark})
}

func (b *builder) add(row []float64, label int32) error {
	f := b.f
	b.block = append(b.block, row...)
	if b.held++; b.held == blockRows {
		if err := b.flush(); err != nil {
			return err
		}
	}
	f.Y = append(f.Y, label)
	f.rows++
	if b.limit > 0 && f.rows*max(1, len(row)) > b.limit {
		return errLarge
	}
	g := b.alone
	if b.source >= 0 {
		cell, ok := b.t.Cell(b.source), false
		if g, ok = b.group[string(cell)]; !ok {
			g = int32(len(f.Groups))
			name := string(cell)
			f.Groups = append(f.Groups, name)
			b.group[name] = g
		}
	}
	f.Group = append(f.Group, g)
	if b.start >= 0 {
		ns, err := b.time()
		if err != nil {
			if b.t.Card != nil {
				return fmt.Errorf("read %s:%s: column \"start\": %w", b.t.Path, b.t.Place(), err)
			}
			b.start = -1 // a foreign table means something else by the name
		} else if !b.noTime {
			f.Time = append(f.Time, ns)
		}
	}
	if b.src >= 0 && b.dst >= 0 {
		x, err1 := netip.ParseAddr(string(b.t.Cell(b.src)))
		y, err2 := netip.ParseAddr(string(b.t.Cell(b.dst)))
		if err := errors.Join(err1, err2); err != nil {
			if b.t.Card != nil {
				return fmt.Errorf("read %s:%s: columns \"src_ip\", \"dst_ip\": not two addresses: %.40q, %.40q", b.t.Path, b.t.Place(), b.t.Cell(b.src), b.t.Cell(b.dst))
			}
			b.src = -1
		} else if !b.noPair {
			f.Pair = append(f.Pair, PairHash(b.r.opts.Seed, x.As16(), y.As16()))
		}
	}
	return nil
}

// time is the start of the current row, ns since 1970, which 64 bits hold from 1677 to 2262.
func (b *builder) time() (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, string(b.t.Cell(b.start)))
	if err != nil {
		return 0, fmt.Errorf("not a time like 2006-01-02T15:04:05Z: %.40q", b.t.Cell(b.start))
	}
	if y := t.UTC().Year(); y < 1678 || y > 2261 {
		return 0, fmt.Errorf("not a time of the years 1678 to 2261: %.40q", b.t.Cell(b.start))
	}
	return t.UnixNano(), nil
}

// flush moves the block to the columns.
func (b *builder) flush() error {
	n := len(b.f.Cols)
	if b.r.opts.Rows != nil {
		err := b.r.opts.Rows(b.block)
		b.block, b.held = b.block[:0], 0
		return err
	}
	var values [blockRows]float64
	var codes [blockRows]uint8
	for c := range n {
		for r := range b.held {
			values[r] = b.block[r*n+c]
		}
		column := values[:b.held]
		if b.vocab[c] != nil {
			b.vocab[c].count(column)
		}
		switch {
		case b.survey == nil:
			b.f.Cols[c].Values = append(b.f.Cols[c].Values, column...)
		case b.numbers[c] != nil:
			for _, v := range column {
				k := uint16(noWord)
				if v == v {
					k = uint16(v)
				}
				b.numbers[c] = append(b.numbers[c], k)
			}
		default:
			b.encoders[c].encode(codes[:], column)
			b.bins[c].Codes = append(b.bins[c].Codes, codes[:b.held]...)
		}
	}
	b.block, b.held = b.block[:0], 0
	return nil
}

// end finishes a table: the numbers of its labels become classes.
func (b *builder) end(words []string, read int) error {
	f := b.f
	if b.start < 0 {
		b.noTime, f.Time = true, nil
	}
	if b.src < 0 || b.dst < 0 {
		b.noPair, f.Pair = true, nil
	}
	class, err := b.classes(words)
	if err != nil {
		return err
	}
	s := &f.Sources[len(f.Sources)-1]
	mark, err := ClassOf(f.Classes, s.Label)
	if err != nil {
		return fmt.Errorf("read %s: %w", b.t.Path, err)
	}
	for i, y := range f.Y[b.first:] {
		if y < 0 {
			f.Y[b.first+i] = mark
		} else {
			f.Y[b.first+i] = class[y]
		}
	}
	s.Rows, s.Flows = f.rows-b.first, read
	s.SHA256, err = b.t.SHA256()
	return err
}

// classes are the classes of the labels of a table. The benign one is the one asked for,
// or the first of the usual words that the table has; how it is written does not count.
func (b *builder) classes(words []string) ([]int32, error) {
	b.labels = append(b.labels, words[:min(len(words), 10)]...)
	benign := ""
	if b.r.opts.Benign != "" {
		benign = bare(b.r.opts.Benign)
	} else {
		for _, usual := range []string{Benign, "normal", "0"} {
			if benign == "" && slices.ContainsFunc(words, func(w string) bool { return bare(w) == usual || usual == "0" && isZero(w) }) {
				benign = usual
			}
		}
	}
	class := make([]int32, len(words))
	for i, w := range words {
		if benign != "" && (bare(w) == benign || benign == "0" && isZero(w)) {
			b.benign = true
			continue
		}
		var err error
		if class[i], err = ClassOf(b.f.Classes, w); err != nil {
			return nil, fmt.Errorf("read %s: %w", b.t.Path, err)
		}
	}
	return class, nil
}

func isZero(w string) bool {
	v, ok := parseNumber([]byte(w))
	return ok && v == 0
}

// frame is what was built.
func (b *builder) frame() (*Frame, error) {
	if err := b.flush(); err != nil {
		return nil, err
	}
	f, schema := b.f, *b.r.schema
	if b.r.opts.Benign != "" && !b.benign && len(b.labels) > 0 {
		return nil, fmt.Errorf("read %s: no row has the label %q; there are %.200q", b.r.files[0].Path, b.r.opts.Benign, b.labels[:min(len(b.labels), 10)])
	}
	f.Left, schema.Columns = slices.Clone(b.r.left), nil
	cols := f.Cols
	f.Cols = nil
	for c, col := range b.r.schema.Columns {
		why, err := b.finish(c, &cols[c])
		if err != nil {
			return nil, err
		}
		if why != "" {
			f.Left = append(f.Left, LeftOut{col.Name, why})
			cols[c] = Col{}
			continue
		}
		col.Words = cols[c].Words != nil || b.r.opts.Want != nil && col.Words
		schema.Columns = append(schema.Columns, col)
		if b.r.opts.Rows == nil {
			f.Cols = append(f.Cols, cols[c])
		}
	}
	f.Schema = &schema
	return f, nil
}

// finish completes a column, or tells why it is left out.
func (b *builder) finish(c int, col *Col) (why string, err error) {
	f, name := b.f, b.r.names[c]
	kept := !b.r.foreign || b.r.opts.Want != nil || b.r.opts.Rows != nil || slices.Contains(b.r.opts.Keep, name)
	if v := b.vocab[c]; v != nil {
		switch {
		case v.text && kept:
			return "", fmt.Errorf("read %s: column %q: more than %d words, or longer ones than %d bytes: it cannot be kept", b.r.files[0].Path, name, MaxWords, maxWord)
		case v.text:
			return v.why, nil
		case !kept:
			if why := whyWords(v.list, v.rows()); why != "" {
				return why, nil
			}
		}
		b.words(c, v, col)
		return "", nil
	}
	value, n := func(i int) float64 { return col.Values[i] }, f.rows
	if b.survey != nil {
		col.Bins = &b.bins[c]
		value, n = func(i int) float64 { return b.survey.value(i, c) }, len(b.survey.numbers)
	}
	if b.r.opts.Want != nil && b.r.opts.Want[c].Words != nil {
		col.Words = b.r.opts.Want[c].Words
	}
	if !kept {
		why = whyNumbers(value, n, len(f.Sources)-1)
	}
	return why, nil
}

// words makes a column of the words that it holds; without any it is one of numbers.
func (b *builder) words(c int, v *vocabulary, col *Col) {
	words, place := v.final()
	col.Words = words
	if b.survey == nil {
		for i, w := range col.Values {
			if w == w {
				if k := place[int(w)]; k >= 0 {
					col.Values[i] = float64(k)
				} else {
					col.Values[i] = math.NaN()
				}
			}
		}
		return
	}
	counts := make([]int, len(words))
	for i, k := range place {
		if k >= 0 {
			counts[k] = v.counts[i]
		}
	}
	col.Bins = &Bins{Codes: make([]uint8, len(b.numbers[c]))}
	if words != nil {
		col.Bins.Categories = topWords(counts, MaxBins)
	}
	code := make([]uint8, noWord+1)
	for i := range code {
		code[i] = MissingBin
	}
	for i, k := range place {
		if k >= 0 {
			code[i] = uint8(slices.Index(col.Bins.Categories, k))
		}
	}
	for i, k := range b.numbers[c] {
		col.Bins.Codes[i] = code[k]
	}
	b.numbers[c] = nil
}

// LeftString names the columns left out, by why: "identifiers: id, uid; times: ts".
func LeftString(left []LeftOut) string {
	var parts []string
	var whys []string
	for _, l := range left {
		if !slices.Contains(whys, l.Why) {
			whys = append(whys, l.Why)
		}
	}
	for _, why := range whys {
		var names []string
		for _, l := range left {
			if l.Why == why {
				names = append(names, l.Name)
			}
		}
		parts = append(parts, why+": "+strings.Join(names, ", "))
	}
	return strings.Join(parts, "; ")
}
