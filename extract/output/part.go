package output

import (
	"fm/dataset"
	"fm/extract"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// part is one file of rows in the making.
type part struct {
	plan *plan
	file *File
	form form
	rows uint64
}

// form is one format: it takes records in order and writes to what it was made with.
type form interface {
	write(recs []extract.Record) error
	// held is about how many bytes will follow of the records taken so far; what can't be
	// told counts 0.
	held() int
	// finish writes what is still held back. card is complete; a form that carries it keeps it.
	finish(card *dataset.Card) error
	// carries tells whether the form keeps the card, so that none lies beside.
	carries() bool
}

func newPart(p *plan, o *Options) (*part, error) {
	create := CreateFile
	if o.Rotate.on() { // the names of files to come are made of this one, which need not be free
		create = func(path string) (*File, error) { return startFile(path, path) }
	}
	f, err := create(p.path)
	if err != nil {
		return nil, err
	}
	form, err := newForm(f, p, o)
	if err != nil {
		f.Drop()
		return nil, err
	}
	return &part{plan: p, file: f, form: form}, nil
}

// newForm makes the chain from a format over its compression to out.
func newForm(out *File, p *plan, o *Options) (form, error) {
	if p.format == Parquet {
		return newParquet(out, p.layout, o.Rotate.Bytes), nil
	}
	l := &lines{out: out, text: p.text, share: p.share, live: out.stream() && p.packed == plain}
	switch p.packed {
	case gzipped:
		z := gzip.NewWriter(out)
		l.out, l.end = z, z
	case zstdded:
		// Measured on flow rows: the fastest level has the best ratio. One goroutine: the same bytes everywhere.
		z, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		l.out, l.end = z, z
	}
	return l, nil
}

func (p *part) write(recs []extract.Record) error {
	p.rows += uint64(len(recs))
	return p.form.write(recs)
}

// size is about how many bytes the file has with all that was written to it.
func (p *part) size() int64 { return p.file.written + int64(p.form.held()) }
