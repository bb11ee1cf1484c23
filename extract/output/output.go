// Package output holds the sinks of records: files of rows (CSV, JSON Lines,
// Parquet, logs as Zeek writes them, a table for people) with their cards, one or, in
// rotation, one after the other, and rows kept in memory for training.
//
// It owns the layout of rows, the text of numbers and the rule that a file appears
// only when it is complete. It does not know models. Start with [Create] and, for
// training, [NewSample].
package output

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fm/dataset"
	"fm/extract"
	"fm/extract/feature"
)

// Writer writes records to a file, to files that follow each other ([Options].Rotate), or
// to two logs beside each other. It is a [extract.Sink]. Either [Writer.Close] or
// [Writer.Abort] must be called once.
type Writer struct {
	opts   Options
	plans  []plan
	render extract.Renderer
	parts  []*part   // files in the making, one of each plan; nil between two files in rotation
	rotate *rotation // nil: one file, or one pair
	err    error     // the first one, returned ever after
}

// plan is what is written to one of the files that are written at once.
type plan struct {
	path    string
	format  Format
	packed  compression
	text    text    // nil: Parquet
	layout  *layout // of the native layout
	share   func(text []byte) []byte
	columns []string
	foreign bool // its columns are none of the schema's
}

// Create starts a file of rows called path; "-" is standard output. A path that ends in a
// slash is a folder for the two logs of a tool that writes two ([feature.Layout].Beside).
// What can be refused is refused here, before any packet is read: names, columns, places
// that cannot be written.
func Create(path string, opts Options) (*Writer, error) {
	plans, err := opts.files(path)
	if err != nil {
		return nil, err
	}
	w := &Writer{opts: opts, plans: plans}
	if plans[0].text != nil {
		w.render = plans[0].text
	}
	if len(plans) > 1 {
		w.render = twoTexts{plans[0].text, plans[1].text}
		plans[0].share, plans[1].share = shareOf(0), shareOf(1)
	}
	if opts.Rotate.on() {
		w.rotate = &rotation{Rotation: opts.Rotate}
		for _, p := range plans {
			if IsStream(p.path) {
				return nil, fmt.Errorf("write %s: is no regular file: nothing can follow it in rotation", p.path)
			}
		}
	}
	return w, w.start()
}

// Check tells what [Create] would refuse for the name of the file alone.
func (o *Options) Check(path string) error {
	_, err := o.files(path)
	return err
}

// CheckFormat is the part of [Options.Check] that is about the format and not about columns.
// It needs no schema.
func (o *Options) CheckFormat(path string) error {
	_, _, err := o.format(path)
	return err
}

// format chooses how what is written to path looks.
func (o *Options) format(path string) (format Format, packed compression, err error) {
	standard := CSV
	if o.Original != nil && o.Original.Log != "" {
		standard = Log
	}
	if format, packed, err = named(path, o.Format, standard); err != nil {
		return 0, 0, err
	}
	switch {
	case o.Original == nil && format == Log:
		err = fmt.Errorf("write %s: logs are for the original layout of a tool that writes them", path)
	case o.Original != nil && format == Log && o.Original.Log == "":
		err = fmt.Errorf("write %s: the tool of the set writes no logs", path)
	case o.Original != nil && (format == Parquet || format == Table):
		err = fmt.Errorf("write %s: the original layout is no %s: the native layout is", path, format)
	case o.Rotate.on() && (path == "-" || format == Table):
		err = fmt.Errorf("write %s: rotation is for files", path)
	}
	return format, packed, err
}

// files plans what is written to path.
func (o *Options) files(path string) ([]plan, error) {
	format, packed, err := o.format(path)
	if err != nil {
		return nil, err
	}
	if !isFolder(path) {
		p, err := o.plan(path, format, packed, o.Original)
		return []plan{p}, err
	}
	if o.Original == nil || o.Original.Beside == nil {
		return nil, fmt.Errorf("write %s: is a folder, and there is one file to write", path)
	}
	var out []plan
	first := *o.Original
	first.Table = nil // tables too are joined by what the logs are
	for i, l := range []*feature.Layout{&first, o.Original.Beside} {
		ending := ".log" // JSON too, as Zeek calls it
		if format == CSV {
			ending = ".csv"
		}
		p, err := o.plan(filepath.Join(path, l.Log+ending), format, packed, l)
		if err != nil {
			return nil, err
		}
		p.foreign = i > 0
		out = append(out, p)
	}
	return out, nil
}

// isFolder tells whether a path names a folder by its last character.
func isFolder(path string) bool { return strings.HasSuffix(path, "/") }

// plan plans one file; original is nil for the native layout.
func (o *Options) plan(path string, format Format, packed compression, original *feature.Layout) (plan, error) {
	p := plan{path: path, format: format, packed: packed}
	if original != nil {
		var t *toolText
		switch format {
		case CSV:
			t = newToolCSV(original, o.Label)
			p.text = t
		case JSONL:
			t = newToolText(original, original.Cells, o.Label, func(names []string, _ []feature.CellType) style { return newMembers(names) })
			p.text = t
		case Log:
			t = newToolText(original, original.Cells, o.Label, func(_ []string, types []feature.CellType) style { return zeekLog{original.Log, types} })
			p.text = zeekText{t}
		}
		p.columns = t.names
		return p, nil
	}
	l, err := o.layout(format)
	if err != nil {
		return p, err
	}
	p.layout, p.columns = l, l.names()
	switch format {
	case CSV:
		p.text = csvText{l}
	case JSONL:
		p.text = newJSON(l, o.setColumns())
		p.columns = l.names()
	case Table:
		p.text = tableText{l, o.Scores}
	}
	return p, nil
}

// Columns are the names of what is written, in order; of two logs those of the first.
func (w *Writer) Columns() []string { return w.plans[0].columns }

// Lists tells whether records must carry the lists of their set.
func (w *Writer) Lists() bool {
	l := w.plans[0].layout
	return l != nil && slices.ContainsFunc(l.cells, func(c cell) bool { return c.kind == listCell })
}

// Renderer implements [extract.Sink].
func (w *Writer) Renderer() extract.Renderer { return w.render }

// Write implements [extract.Sink]. An error that wraps [ErrClosedPipe] means that
// nobody reads any more. In rotation it completes files and starts others.
func (w *Writer) Write(recs []extract.Record) error {
	if w.err != nil {
		return w.err
	}
	if w.rotate == nil {
		w.err = w.put(recs)
	} else {
		w.err = w.turn(recs)
	}
	return w.err
}

// put writes records to the files in hand.
func (w *Writer) put(recs []extract.Record) error {
	for _, p := range w.parts {
		if err := p.write(recs); err != nil {
			return err
		}
	}
	return nil
}

// Close completes the file and gives it its name. Of card, the caller fills Fm,
// Complete, Sources, Counters and Settings; it may be nil. After an earlier error the
// file is removed and that error returned. In rotation the file is the last one, and those
// before stay.
//
// The card of a text file gets its name before the rows do: rows never lie there
// without their card. If the run dies between the two, the new card lies beside no
// rows or older ones; the number of rows in it tells a reader.
func (w *Writer) Close(card *dataset.Card) error {
	if w.err != nil {
		w.drop()
		return w.err
	}
	w.err = errors.New("write rows: the writer is closed")
	switch {
	case w.rotate == nil:
		return w.complete(card)
	case w.filled():
		return w.next(card)
	}
	w.drop() // a file without rows has no time to be named after
	return nil
}

// Abort removes what was written of the file in hand.
func (w *Writer) Abort() {
	w.err = errors.New("write rows: the writer is closed")
	w.drop()
}

// start begins the files of all plans.
func (w *Writer) start() error {
	for i := range w.plans {
		p, err := newPart(&w.plans[i], &w.opts)
		if err != nil {
			w.drop()
			return err
		}
		w.parts = append(w.parts, p)
	}
	return nil
}

func (w *Writer) drop() {
	for _, p := range w.parts {
		p.file.Drop()
	}
	w.parts = nil
}

// complete ends the files in hand and gives them their names: all of them, or none.
func (w *Writer) complete(card *dataset.Card) error {
	parts := w.parts
	w.parts = nil
	err := w.settle(parts, cmp.Or(card, &dataset.Card{}))
	if err != nil {
		for _, p := range parts {
			p.file.Drop()
		}
	}
	return err
}

func (w *Writer) settle(parts []*part, card *dataset.Card) error {
	cards := make([]*dataset.Card, len(parts))
	for i, p := range parts {
		cards[i] = w.opts.card(card, p)
		if err := p.form.finish(cards[i]); err != nil {
			return err
		}
		if err := p.file.close(); err != nil {
			return err
		}
	}
	for i, p := range parts {
		if p.file.stream() || p.form.carries() {
			continue
		}
		if err := WriteCard(p.file.path, cards[i]); err != nil {
			return err
		}
	}
	for i, p := range parts {
		if err := p.file.Commit(); err != nil {
			for _, done := range parts[:i] {
				done.file.remove()
			}
			return err
		}
	}
	return nil
}

// card is what the file of p says of itself.
func (o *Options) card(run *dataset.Card, p *part) *dataset.Card {
	c := *run
	c.Rows, c.Schema, c.Columns, c.Layout, c.Classes = p.rows, o.Schema, p.plan.columns, "native", nil
	if o.Original != nil {
		c.Layout = "original"
	}
	if p.plan.foreign {
		c.Schema = &dataset.Schema{} // which says: to be read by its own header
	}
	if o.Scores {
		c.Classes = o.Classes
	}
	return &c
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
