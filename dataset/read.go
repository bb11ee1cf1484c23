package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// ReadOptions say what becomes of a table's rows. The zero value reads them all, of
// unknown class unless the table has a column label.
type ReadOptions struct {
	Label   string   // label column of the table; "": "label" where the table has it
	Benign  string   // what that column says of benign rows; "": benign, normal or 0, in any case, the first of them that occurs
	Mark    string   // class of rows without a label, as of a whole file given for one class
	Classes []string // names of classes, 0 is benign; nil: benign and malicious
	Whole   bool     // the file is one group; else each value of the column source is one
	Seed    uint64   // of pair hashes
}

// ReadCounts says what became of a table's rows.
type ReadCounts struct {
	Rows       int // all
	Background int // left out by their label
	Ignored    int // left out by their label
}

// ReadFrame reads what is left of t into a frame. Rows labelled background or ignore
// are left out and counted. ctx ends it early.
func (t *Table) ReadFrame(ctx context.Context, opts ReadOptions) (*Frame, ReadCounts, error) {
	var n ReadCounts
	labelAt, err := t.labelColumn(&opts)
	if err != nil {
		return nil, n, err
	}
	if labelAt >= 0 {
		name := t.Header[labelAt]
		if t.Card == nil {
			t.leaveOut(name)
		} else if i := t.Schema.Index(name); i >= 0 && t.Schema.Columns[i].Role == Feature {
			return nil, n, fmt.Errorf("read %s: column %q is a feature by the table's card and cannot be the label too", t.Path, name)
		}
	}
	b := newBuilder(t, opts)
	var words []string // labels that occur, in order
	number := map[string]int32{}
	row := make([]float64, len(t.Schema.Columns))
	for {
		if n.Rows%4096 == 0 && ctx.Err() != nil {
			return nil, n, ctx.Err()
		}
		err := t.Next(row)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, n, err
		}
		n.Rows++
		label := int32(-1)
		if labelAt >= 0 {
			if c := t.Cell(labelAt); len(c) > 0 {
				i, ok := number[string(c)]
				if !ok {
					if len(words) == maxLabels {
						return nil, n, fmt.Errorf("read %s:%s: column %q: more than %d labels", t.Path, t.Place(), t.Header[labelAt], maxLabels)
					}
					i = int32(len(words))
					words = append(words, string(c))
					number[words[i]] = i
				}
				label = i
			}
		}
		if label >= 0 && words[label] == Background {
			n.Background++
			continue
		}
		if label >= 0 && words[label] == Ignore {
			n.Ignored++
			continue
		}
		if err := b.add(row, label); err != nil {
			return nil, n, err
		}
	}
	f, err := b.done(words)
	if err != nil {
		return nil, n, err
	}
	f.Sources[0].Flows = n.Rows
	f.Sources[0].SHA256, err = t.SHA256()
	return f, n, err
}

const maxLabels = 1 << 16

func (t *Table) labelColumn(opts *ReadOptions) (int, error) {
	if opts.Label == "" {
		return t.Column("label"), nil
	}
	i := t.Column(opts.Label)
	if i < 0 {
		return -1, fmt.Errorf("read %s: no column %q to take labels from", t.Path, opts.Label)
	}
	return i, nil
}

// leaveOut takes a column out of a foreign table's schema: the label is no feature.
func (t *Table) leaveOut(name string) {
	if i := t.Schema.Index(name); i >= 0 {
		t.Schema.Columns = slices.Delete(t.Schema.Columns, i, i+1)
		t.take = slices.Delete(t.take, i, i+1)
	}
}

// builder gathers rows, in blocks so that not every value touches another page.
type builder struct {
	t                       *Table
	opts                    ReadOptions
	f                       *Frame
	block                   []float64 // row-major
	held                    int
	source, start, src, dst int // columns, -1 without
	group                   map[string]int32
}

const blockRows = 256

func newBuilder(t *Table, opts ReadOptions) *builder {
	b := &builder{t: t, opts: opts, f: &Frame{Schema: t.Schema, Classes: opts.Classes}, block: make([]float64, 0, blockRows*len(t.Schema.Columns)),
		source: t.Column("source"), start: t.Column("start"), src: t.Column("src_ip"), dst: t.Column("dst_ip"), group: map[string]int32{}}
	if b.f.Classes == nil {
		b.f.Classes = []string{Benign, Malicious}
	}
	b.f.Cols = make([]Col, len(t.Schema.Columns))
	b.f.Sources = []Source{{Path: t.Path, Label: opts.Mark}}
	if opts.Whole {
		b.source = -1
	}
	return b
}

func (b *builder) add(row []float64, label int32) error {
	b.block = append(b.block, row...)
	if b.held++; b.held == blockRows {
		b.flush()
	}
	f := b.f
	f.Y = append(f.Y, label)
	f.rows++
	name := b.t.Path
	if b.source >= 0 {
		name = string(b.t.Cell(b.source))
	}
	g, ok := b.group[name]
	if !ok {
		g = int32(len(f.Groups))
		f.Groups = append(f.Groups, name)
		b.group[name] = g
	}
	f.Group = append(f.Group, g)
	if b.start >= 0 {
		ns, err := b.time()
		if err != nil {
			if b.t.Card != nil {
				return fmt.Errorf("read %s:%s: column \"start\": %w", b.t.Path, b.t.Place(), err)
			}
			b.start, f.Time = -1, nil // a foreign table means something else by the name
		} else {
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
			b.src, f.Pair = -1, nil
		} else {
			f.Pair = append(f.Pair, PairHash(b.opts.Seed, x.As16(), y.As16()))
		}
	}
	return nil
}

// time is the start of the current row, ns since 1970.
func (b *builder) time() (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, string(b.t.Cell(b.start)))
	if err != nil {
		return 0, fmt.Errorf("not a time like 2006-01-02T15:04:05Z: %.40q", b.t.Cell(b.start))
	}
	return t.UnixNano(), nil
}

func (b *builder) flush() {
	n := len(b.f.Cols)
	for c := range n {
		v := b.f.Cols[c].Values
		for r := range b.held {
			v = append(v, b.block[r*n+c])
		}
		b.f.Cols[c].Values = v
	}
	b.block, b.held = b.block[:0], 0
}

// done turns the numbers of labels into classes.
func (b *builder) done(words []string) (*Frame, error) {
	b.flush()
	f := b.f
	f.Sources[0].Rows = f.rows
	benign, err := b.benign(words)
	if err != nil {
		return nil, err
	}
	class := make([]int32, len(words))
	for i, w := range words {
		if w == benign {
			w = Benign
		}
		if class[i], err = ClassOf(f.Classes, w); err != nil {
			return nil, fmt.Errorf("read %s: %w", b.t.Path, err)
		}
	}
	mark, err := ClassOf(f.Classes, b.opts.Mark)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", b.t.Path, err)
	}
	for i, y := range f.Y {
		if y < 0 {
			f.Y[i] = mark
		} else {
			f.Y[i] = class[y]
		}
	}
	return f, nil
}

// benign is the label that stands for benign rows, "" if none does.
func (b *builder) benign(words []string) (string, error) {
	if b.opts.Benign != "" {
		if len(words) > 0 && !slices.Contains(words, b.opts.Benign) {
			return "", fmt.Errorf("read %s: no row has the label %q; there are %.200q", b.t.Path, b.opts.Benign, words[:min(len(words), 10)])
		}
		return b.opts.Benign, nil
	}
	for _, usual := range []string{Benign, "normal", "0"} {
		for _, w := range words {
			if strings.EqualFold(w, usual) || usual == "0" && isZero(w) {
				return w, nil
			}
		}
	}
	return "", nil
}

func isZero(w string) bool {
	v, ok := parseNumber([]byte(w))
	return ok && v == 0 && !math.IsNaN(v)
}

// Concat joins frames of one schema and one list of classes, in order; what one of
// them lacks (times, pairs, weights) the result lacks. The frames give up their columns.
func Concat(frames []*Frame) (*Frame, error) {
	if len(frames) == 0 {
		return nil, errors.New("join tables: there are none")
	}
	out := &Frame{Schema: frames[0].Schema, Classes: frames[0].Classes, Cols: frames[0].Cols}
	times, pairs := true, true
	for i, f := range frames {
		if err := out.Schema.Match(f.Schema); err != nil {
			return nil, fmt.Errorf("join %s and %s: %w", frames[0].Sources[0].Path, f.Sources[0].Path, err)
		}
		if !slices.Equal(f.Classes, out.Classes) {
			return nil, errors.New("join tables: their classes differ")
		}
		for c := range f.Cols {
			if i > 0 {
				out.Cols[c].Values = append(out.Cols[c].Values, f.Cols[c].Values...)
				f.Cols[c].Values = nil
			}
		}
		times, pairs = times && f.Time != nil, pairs && f.Pair != nil
		for _, g := range f.Group {
			out.Group = append(out.Group, g+int32(len(out.Groups)))
		}
		out.Groups = append(out.Groups, f.Groups...)
		out.Y = append(out.Y, f.Y...)
		out.Time, out.Pair = append(out.Time, f.Time...), append(out.Pair, f.Pair...)
		out.Sources = append(out.Sources, f.Sources...)
		out.rows += f.rows
	}
	if !times {
		out.Time = nil
	}
	if !pairs {
		out.Pair = nil
	}
	return out, nil
}
