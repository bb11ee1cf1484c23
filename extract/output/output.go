// Package output holds the sinks of records: files of rows (CSV, JSON Lines,
// Parquet, a table for people) with their cards, and rows kept in memory for
// training.
//
// It owns the layout of rows, the text of numbers and the rule that a file appears
// only when it is complete. It does not know models. Start with [Create] and, for
// training, [NewSample].
package output

import (
	"errors"
	"fmt"
	"io"

	"fm/dataset"
	"fm/extract"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Writer writes records to one file. It is a [extract.Sink]. Either [Writer.Close]
// or [Writer.Abort] must be called once.
type Writer struct {
	opts   Options
	layout *layout
	file   *File
	form   form
	rows   uint64
	err    error // the first one, returned ever after
}

// form is one format: it takes records in order and writes to what it was made with.
type form interface {
	renderer() extract.Renderer
	write(recs []extract.Record) error
	// finish writes what is still held back. card is complete; a form that carries it keeps it.
	finish(card *dataset.Card) error
	// carries tells whether the form keeps the card, so that none lies beside.
	carries() bool
}

// Create starts a file of rows called path; "-" is standard output. What can be
// refused is refused here, before any packet is read: names, columns, places that cannot be written.
func Create(path string, opts Options) (*Writer, error) {
	format, packed, err := named(path, opts.Format)
	if err != nil {
		return nil, err
	}
	opts.Format = format
	l, err := opts.plan()
	if err != nil {
		return nil, err
	}
	if opts.Original != nil && format != CSV {
		return nil, fmt.Errorf("write %s: the original layout is CSV", path)
	}
	f, err := CreateFile(path)
	if err != nil {
		return nil, err
	}
	w := &Writer{opts: opts, layout: l, file: f}
	w.form, err = newForm(f, format, packed, l, &opts)
	if err != nil {
		f.Drop()
		return nil, err
	}
	return w, nil
}

// newForm makes the chain from a format over its compression to out.
func newForm(out *File, format Format, packed compression, l *layout, opts *Options) (form, error) {
	if format == Parquet {
		return newParquet(out, l), nil
	}
	lines := &lines{out: out, live: out.stream() && packed == plain}
	switch packed {
	case gzipped:
		z := gzip.NewWriter(out)
		lines.out, lines.end = z, z
	case zstdded:
		// Measured on flow rows: the fastest level has the best ratio. One goroutine: the same bytes everywhere.
		z, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		lines.out, lines.end = z, z
	}
	switch {
	case opts.Original != nil:
		t := newOriginal(opts.Original)
		lines.text, lines.buf = t, t.header(nil)
	case format == CSV:
		t := csvText{l}
		lines.text, lines.buf = t, t.header(nil)
	case format == JSONL:
		lines.text = newJSON(l, opts.setColumns())
	case format == Table:
		t := tableText{l, opts.Scores}
		lines.text, lines.buf = t, t.header(nil)
	}
	return lines, nil
}

// Columns are the names of what is written, in order.
func (w *Writer) Columns() []string {
	if w.opts.Original != nil {
		return w.opts.Original.Names()
	}
	return w.layout.names()
}

// Renderer implements [extract.Sink].
func (w *Writer) Renderer() extract.Renderer { return w.form.renderer() }

// Write implements [extract.Sink]. An error that wraps [ErrClosedPipe] means that
// nobody reads any more.
func (w *Writer) Write(recs []extract.Record) error {
	if w.err == nil {
		w.rows += uint64(len(recs))
		w.err = w.form.write(recs)
	}
	return w.err
}

// Close completes the file and gives it its name. Of card, the caller fills Fm,
// Complete, Sources, Counters and Settings; it may be nil. After an earlier error the
// file is removed and that error returned.
//
// The card of a text file gets its name before the rows do: rows never lie there
// without their card. If the run dies between the two, the new card lies beside no
// rows or older ones; the number of rows in it tells a reader.
func (w *Writer) Close(card *dataset.Card) error {
	if w.err != nil {
		w.file.Drop()
		return w.err
	}
	w.err = errors.New("write rows: the writer is closed")
	if card == nil {
		card = &dataset.Card{}
	}
	card.Rows, card.Schema, card.Columns, card.Layout, card.Classes = w.rows, w.opts.Schema, w.Columns(), "native", nil
	if w.opts.Original != nil {
		card.Layout = "original"
	}
	if w.opts.Scores {
		card.Classes = w.opts.Classes
	}
	if err := w.form.finish(card); err != nil {
		w.file.Drop()
		return err
	}
	if !w.file.stream() && !w.form.carries() {
		if err := WriteCard(w.file.path, card); err != nil {
			w.file.Drop()
			return err
		}
	}
	return w.file.Commit()
}

// WriteCard lays the card of the text file of rows called path beside it.
func WriteCard(path string, card *dataset.Card) error {
	f, err := CreateFile(path + dataset.CardSuffix)
	if err != nil {
		return err
	}
	if err := card.Write(f); err != nil {
		f.Drop()
		return err
	}
	return f.Commit()
}

// Abort removes what was written.
func (w *Writer) Abort() {
	w.err = errors.New("write rows: the writer is closed")
	w.file.Drop()
}

// text is a format made of lines, one a record.
type text interface {
	extract.Renderer
	// line writes a whole record; text is what Append made of it.
	line(dst, text []byte, r *extract.Record) []byte
}

// lines collects lines and writes them in large pieces, on a live stream after each run of records.
type lines struct {
	out  io.Writer
	end  io.Closer // of the compression, nil without
	text text
	live bool
	buf  []byte
	own  []byte // text of a record that came without
}

const flushAt = 256 << 10

func (l *lines) renderer() extract.Renderer { return l.text }

func (l *lines) write(recs []extract.Record) error {
	for i := range recs {
		r := &recs[i]
		made := r.Text
		if made == nil {
			l.own = l.text.Append(l.own[:0], r, nil)
			made = l.own
		}
		l.buf = l.text.line(l.buf, made, r)
		if len(l.buf) >= flushAt {
			if err := l.flush(); err != nil {
				return err
			}
		}
	}
	if l.live {
		return l.flush()
	}
	return nil
}

func (l *lines) flush() error {
	_, err := l.out.Write(l.buf)
	l.buf = l.buf[:0]
	return err
}

func (l *lines) finish(*dataset.Card) error {
	if err := l.flush(); err != nil {
		return err
	}
	if l.end != nil {
		return l.end.Close()
	}
	return nil
}

func (l *lines) carries() bool { return false }
