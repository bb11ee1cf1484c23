package output

import (
	"bytes"
	"io"
	"reflect"

	"fm/dataset"
	"fm/extract"

	"github.com/parquet-go/parquet-go"
)

// parquetForm writes records as Parquet: features and scores as DOUBLE, counters of
// the identity as INT64, times as TIMESTAMP(ns, UTC), words as STRING; a value that
// does not exist is null; lists are LIST columns of DOUBLE. Pages are compressed with zstd; the card is in the
// key-value metadata under [dataset.CardKey].
type parquetForm struct {
	layout  *layout
	w       *parquet.GenericWriter[any]
	columns []*parquet.ColumnWriter
	values  [][]parquet.Value // of each column, rows not yet handed to columns
	waiting int               // these rows
	lists   bool              // there are columns of lists
	listed  int               // elements of lists in them
	text    []byte            // words of these rows
	rows    int               // rows of the row group so far
	bytes   int64             // about what its values take before compression
	most    int64             // bytes that end a row group
	groups  int               // row groups that have ended
}

const (
	// rowGroup is how many rows a row group holds: its compressed pages stay in memory until it is full.
	rowGroup = 50_000
	// pageBytes is the size of a page before compression: with 270 columns, 17 MB of them are open.
	pageBytes = 64 << 10
	// parquetRun is how many rows are handed to the columns at a time. It is fixed, since
	// pages end between two runs: the bytes must not depend on how records come.
	parquetRun = 500
	// listRun is how many elements of lists are handed over at a time, at least.
	listRun = 1 << 17
	// footerBytes is about what a column of a row group takes in the footer, its page index
	// included (measured).
	footerBytes = 150
	// groupBytes ends a row group of long rows.
	groupBytes = 1 << 28
)

// newParquet makes the form; with rotate above 0 files are to have about so many bytes,
// which is seen only at the end of a row group: these are bounded then.
func newParquet(out io.Writer, l *layout, rotate int64) *parquetForm {
	w := parquet.NewGenericWriter[any](out, parquet.NewSchema("flows", fieldsOf(l)), parquet.Compression(&parquet.Zstd), parquet.PageBufferSize(pageBytes))
	p := &parquetForm{layout: l, w: w, columns: w.ColumnWriters(), values: make([][]parquet.Value, len(l.cells)), most: groupBytes}
	if rotate > 0 {
		p.most = min(p.most, rotate)
	}
	for i := range p.values {
		p.values[i] = make([]parquet.Value, 0, parquetRun)
		p.lists = p.lists || l.cells[i].kind == listCell
	}
	return p
}

func (p *parquetForm) carries() bool { return true }

// held is what the footer will take: it lists every column of every row group.
func (p *parquetForm) held() int { return p.groups * len(p.values) * footerBytes }

func (p *parquetForm) write(recs []extract.Record) error {
	for len(recs) > 0 {
		n := min(len(recs), parquetRun-p.waiting)
		if p.lists {
			n = 1
		}
		for i, c := range p.layout.cells {
			if c.kind == listCell {
				p.list(i, recs[0].Lists[c.index])
				continue
			}
			for r := range recs[:n] {
				p.values[i] = append(p.values[i], p.value(i, c, &recs[r]))
			}
		}
		recs = recs[n:]
		if p.waiting += n; p.waiting == parquetRun || p.listed >= listRun {
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// list appends the values of one list to column i: of none, one null that is no element.
func (p *parquetForm) list(i int, list []float64) {
	p.listed += len(list)
	if len(list) == 0 {
		p.values[i] = append(p.values[i], parquet.NullValue().Level(0, 0, i))
	}
	for k, x := range list {
		v, def := parquet.DoubleValue(x), 2
		if x-x != 0 {
			v, def = parquet.NullValue(), 1
		}
		p.values[i] = append(p.values[i], v.Level(min(k, 1), def, i))
	}
}

// flush hands the waiting rows to the columns and ends a full row group.
func (p *parquetForm) flush() error {
	p.rows += p.waiting
	p.bytes += int64(len(p.text) + 8*(p.waiting*len(p.values)+p.listed))
	for i, v := range p.values {
		if _, err := p.columns[i].WriteRowValues(v); err != nil {
			return err
		}
		if cap(v) > 2*listRun {
			v = nil // one long list is not kept for good
		}
		p.values[i] = v[:0]
	}
	p.text, p.waiting, p.listed = p.text[:0], 0, 0
	if p.rows < rowGroup && p.bytes < p.most {
		return nil
	}
	p.rows, p.bytes = 0, 0
	p.groups++
	return p.w.Flush()
}

// value is cell c of a record as a value of column i. Text stays in p.text.
func (p *parquetForm) value(i int, c cell, r *extract.Record) parquet.Value {
	f := &r.Flow
	number := func(n uint64) parquet.Value { return parquet.Int64Value(int64(n)).Level(0, 0, i) }
	double := func(v float64, exists bool) parquet.Value {
		if !exists || v-v != 0 {
			return parquet.NullValue().Level(0, 0, i)
		}
		return parquet.DoubleValue(v).Level(0, 1, i)
	}
	switch c.kind {
	case featureCell:
		return double(r.Row[c.index], true)
	case scoreCell:
		return double(r.Score, r.Scored)
	case classScoreCell:
		if c.index < len(r.Scores) {
			return double(r.Scores[c.index], r.Scored)
		}
		return double(0, false)
	case partCell:
		return double(p.layout.explain.number(c.index, r.Reasons, r.Parts), true)
	case srcPortCell:
		_, port := r.Src()
		return number(uint64(port))
	case dstPortCell:
		_, port := r.Dst()
		return number(uint64(port))
	case protocolCell:
		return number(uint64(f.Key.Proto))
	case frameCell:
		return number(f.FirstFrame)
	case packetsCell:
		return number(f.Packets())
	case startCell:
		return parquet.Int64Value(f.Start).Level(0, 0, i)
	case endCell:
		return parquet.Int64Value(f.Last).Level(0, 0, i)
	case vlanCell:
		if f.VLAN == 0 {
			return parquet.NullValue().Level(0, 0, i)
		}
		return parquet.Int64Value(int64(f.VLAN)-1).Level(0, 1, i)
	}
	n := len(p.text)
	p.text = p.layout.appendCell(p.text, c, r)
	word := bytes.ToValidUTF8(p.text[n:], []byte("\ufffd")) // Parquet's STRING is UTF-8; a path need not be
	switch {
	case !c.kind.optional():
		return parquet.ByteArrayValue(word).Level(0, 0, i)
	case len(word) == 0:
		return parquet.NullValue().Level(0, 0, i)
	}
	return parquet.ByteArrayValue(word).Level(0, 1, i)
}

func (p *parquetForm) finish(card *dataset.Card) error {
	var b bytes.Buffer
	if err := card.Write(&b); err != nil {
		return err
	}
	if err := p.flush(); err != nil {
		return err
	}
	p.w.SetKeyValueMetadata(dataset.CardKey, b.String())
	return p.w.Close()
}

// optional tells whether a flow may be without the cell's value.
func (k kind) optional() bool {
	switch k {
	case vlanCell, stateCell, featureCell, labelCell, scoreCell, verdictCell, classCell, classScoreCell, partCell, partWordCell:
		return true
	}
	return false
}

// fields is a Parquet group whose columns keep their order; parquet.Group sorts them by name.
type fields struct {
	parquet.Group
	list []parquet.Field
}

func (f fields) Fields() []parquet.Field { return f.list }

type field struct {
	parquet.Node
	name string
}

func (f field) Name() string { return f.name }

// Value belongs to writing Go values by reflection, which nobody does here.
func (f field) Value(base reflect.Value) reflect.Value {
	return base.MapIndex(reflect.ValueOf(f.name))
}

func fieldsOf(l *layout) parquet.Node {
	f := fields{Group: parquet.Group{}}
	for _, c := range l.cells {
		var n parquet.Node
		switch {
		case c.kind == startCell || c.kind == endCell:
			n = parquet.Timestamp(parquet.Nanosecond)
		case c.kind.word() && c.kind != communityCell:
			n = parquet.Encoded(parquet.String(), &parquet.RLEDictionary) // words and addresses repeat
		case c.kind == communityCell:
			n = parquet.String()
		case c.kind == listCell:
			n = parquet.List(parquet.Optional(parquet.Leaf(parquet.DoubleType)))
		case c.kind == featureCell || c.kind == scoreCell || c.kind == classScoreCell || c.kind == partCell:
			n = parquet.Leaf(parquet.DoubleType)
		default:
			n = parquet.Leaf(parquet.Int64Type)
		}
		if c.kind.optional() {
			n = parquet.Optional(n)
		}
		f.Group[c.name] = n
		f.list = append(f.list, field{n, c.name})
	}
	return f
}
