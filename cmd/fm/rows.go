package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"fm/classify"
	"fm/dataset"
	"fm/extract/output"
)

// rowWriter writes judged rows of tables: what names the row, then score, verdict and
// class, or the columns that the user chose.
type rowWriter struct {
	file    *output.File
	buf     *bufio.Writer
	pack    io.Closer // nil: not compressed
	out     io.Writer
	csv     *csv.Writer // nil: JSON Lines
	columns []rowColumn
	of      []string // columns of the tables among them
	cells   []int    // their places in the header of the table in turn
	path    string   // of that table
	classes []string
	judges  bool            // there are verdicts
	explain *output.Explain // nil: nothing is explained
	schema  *dataset.Schema // of the first table
	rows    uint64
	fields  []string
	line    []byte
}

// newRowWriter opens the output for rows of t and, with many, of further tables, which
// [rowWriter.turn] announces.
func newRowWriter(t *dataset.Table, c *classify.Classifier, x *extraction, e *output.Explain, many bool) (*rowWriter, error) {
	w := &rowWriter{path: t.Path, classes: c.Classes(), judges: c.Judges(), explain: e, schema: t.Schema}
	format, packed, err := rowFormat(x.out.out, x.format)
	if err != nil {
		return nil, err
	}
	if err := w.plan(t, x.columns, judgedColumns(c, e, format), many); err != nil {
		return nil, err
	}
	if w.file, err = output.CreateFile(x.out.out); err != nil {
		return nil, err
	}
	w.buf = bufio.NewWriterSize(w.file, 1<<16)
	var dst io.Writer = w.buf
	switch packed {
	case ".gz":
		z := gzip.NewWriter(w.buf)
		dst, w.pack = z, z
	case ".zst":
		z, err := zstd.NewWriter(w.buf, zstd.WithEncoderConcurrency(1))
		if err != nil {
			w.file.Drop()
			return nil, err
		}
		dst, w.pack = z, z
	}
	w.out = dst
	if format == output.CSV {
		w.csv = csv.NewWriter(dst)
		if err := w.csv.Write(w.names()); err != nil {
			w.file.Drop()
			return nil, err
		}
	}
	return w, nil
}

// names are those of the columns.
func (w *rowWriter) names() []string {
	names := make([]string, len(w.columns))
	for i, c := range w.columns {
		names[i] = c.name
	}
	return names
}

// turn makes t the table whose rows come next.
func (w *rowWriter) turn(t *dataset.Table) error {
	w.path, w.cells = t.Path, w.cells[:0]
	for _, name := range w.of {
		i := t.Column(name)
		if i < 0 {
			return fmt.Errorf("read %s: no column %q, which the tables before it have", t.Path, name)
		}
		w.cells = append(w.cells, i)
	}
	return nil
}

// rowFormat reads format and compression from the name of the output.
func rowFormat(path string, f output.Format) (output.Format, string, error) {
	name, packed := path, ""
	if ext := strings.ToLower(filepath.Ext(name)); path != "-" && (ext == ".gz" || ext == ".zst") {
		name, packed = name[:len(name)-len(ext)], ext
	}
	if f != output.ByName {
		return f, packed, nil
	}
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case "", ".csv":
		return output.CSV, packed, nil
	case ".jsonl", ".ndjson":
		return output.JSONL, packed, nil
	default:
		return 0, "", fmt.Errorf("write %s: rows of a table are written as .csv or .jsonl, each also .gz or .zst", path)
	}
}

// text is what stands in a column of a row; the array of JSON has none.
func (w *rowWriter) text(c *rowColumn, r *classify.Row) string {
	switch c.kind {
	case rowSource:
		return w.path
	case rowNumber:
		return strconv.FormatUint(r.Number, 10)
	case rowCell:
		return r.Cells[c.index]
	case rowScore:
		return numberText(r.Score)
	case rowVerdict:
		switch {
		case !w.judges:
			return ""
		case r.Verdict:
			return dataset.Malicious
		}
		return dataset.Benign
	case rowClass:
		if !w.judges || r.Class >= len(w.classes) {
			return ""
		}
		return w.classes[r.Class]
	case rowClassScore:
		return numberText(r.Predictions[c.index])
	case rowMargin:
		return rawText(r.Margins[c.index])
	case rowPrediction:
		return rawText(r.Native[c.index])
	case rowLeaf:
		return strconv.Itoa(int(r.Leaves[c.index]))
	case rowPart:
		return string(w.explain.Append(nil, c.index, r.Reasons, r.Parts))
	}
	return ""
}

// write writes one row.
func (w *rowWriter) write(r *classify.Row) error {
	w.rows++
	w.fields = w.fields[:0]
	for i := range w.columns {
		w.fields = append(w.fields, w.text(&w.columns[i], r))
	}
	if w.csv != nil {
		return w.csv.Write(w.fields)
	}
	w.line = append(w.line[:0], '{')
	for i, f := range w.fields {
		c := &w.columns[i]
		if i > 0 {
			w.line = append(w.line, ',')
		}
		name, err := json.Marshal(c.name)
		if err != nil {
			return err
		}
		w.line = append(append(w.line, name...), ':')
		switch {
		case c.kind == rowReasons:
			w.line = w.explain.AppendJSON(w.line, r.Reasons)
		case f == "":
			w.line = append(w.line, "null"...)
		case (f[0] == '-' || f[0] >= '0' && f[0] <= '9') && json.Valid([]byte(f)) && c.numeric:
			w.line = append(w.line, f...)
		default:
			text, err := json.Marshal(f)
			if err != nil {
				return err
			}
			w.line = append(w.line, text...)
		}
	}
	_, err := w.out.Write(append(w.line, '}', '\n'))
	return err
}

// rawText is numberText for numbers that may be infinite, as linear leaves can make them.
func rawText(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	return numberText(v)
}

// numberText is the shortest text that reads back to v; nothing for what is no number.
func numberText(v float64) string {
	b, err := json.Marshal(v) // the form of all rows
	if err != nil {
		return ""
	}
	return string(b)
}

// close completes the output and, unless it is a stream, lays its card beside it. Of card,
// the caller fills all but what w knows. The card gets its name first, so that rows never
// lie there without it.
func (w *rowWriter) close(path string, card *dataset.Card) error {
	return finish(w.file, func(io.Writer) error {
		if w.csv != nil {
			w.csv.Flush()
			if err := w.csv.Error(); err != nil {
				return err
			}
		}
		if w.pack != nil {
			if err := w.pack.Close(); err != nil {
				return err
			}
		}
		if err := w.buf.Flush(); err != nil || output.IsStream(path) {
			return err
		}
		card.Rows, card.Schema, card.Columns, card.Classes = w.rows, w.schema, w.names(), w.classes
		return output.WriteCard(path, card)
	})
}

// drop removes what was begun. After close it does nothing.
func (w *rowWriter) drop() { w.file.Drop() }
