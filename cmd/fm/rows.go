package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"fm/classify"
	"fm/dataset"
	"fm/extract/output"
)

// rowWriter writes judged rows of a table: what names the row, then score, verdict and
// class. Rows without such columns are numbered.
type rowWriter struct {
	file    *output.File
	buf     *bufio.Writer
	pack    io.Closer // nil: not compressed
	out     io.Writer
	csv     *csv.Writer // nil: JSON Lines
	names   []string
	of      []string // columns of the table among names
	cells   []int    // their places in its header
	source  bool     // the column source is the table's path
	path    string
	number  bool   // the column row
	numeric []bool // of each name, whether JSON writes a number where it can
	classes []string
	judges  bool            // there are verdicts
	explain *output.Explain // nil: nothing is explained
	parts   int             // its columns in text
	fields  []string
	line    []byte
}

// judged are the columns that a verdict brings; those of an earlier one are replaced.
func judged(classes []string) []string {
	names := []string{"score", "verdict", "class"}
	if len(classes) > 2 {
		for _, c := range classes {
			names = append(names, "score_"+c)
		}
	}
	return names
}

// numbers are the columns beside the features that hold numbers. Any other is words, even
// where one of them looks like a number: a source called 2024.
var numbers = []string{"row", "src_port", "dst_port", "protocol", "vlan", "first_frame", "packets_seen", "score"}

// newRowWriter opens the output for rows of t and, with many, of further tables, which
// [rowWriter.turn] announces.
func newRowWriter(t *dataset.Table, c *classify.Classifier, x *extraction, e *output.Explain, many bool) (*rowWriter, error) {
	w := &rowWriter{classes: c.Classes(), judges: c.Judges(), explain: e}
	w.source = many && x.columns == nil && t.Column("source") < 0
	own := judged(w.classes)
	if x.columns != nil {
		for _, name := range x.columns {
			switch i := t.Column(name); {
			case slices.Contains(own, name):
				continue // always written
			case name == "row" && i < 0:
				w.number = true
			case name == "source" && i < 0 && many:
				w.source = true
			case i < 0:
				return nil, &usageError{text: fmt.Sprintf("write rows: no such column: %q", name), hint: t.Path + " has: " + strings.Join(t.Header[:min(len(t.Header), 20)], ", ")}
			default:
				w.names, w.cells = append(w.names, name), append(w.cells, i)
			}
		}
	} else {
		for i, name := range t.Header {
			if dataset.IsIdentity(name) && !slices.Contains(own, name) && !dataset.OfVerdict(name) {
				w.names, w.cells = append(w.names, name), append(w.cells, i)
			}
		}
		w.number = !slices.ContainsFunc(w.names, func(n string) bool { return n != "label" && n != "row" })
		if w.number {
			if i := slices.Index(w.names, "row"); i >= 0 {
				w.names, w.cells = slices.Delete(w.names, i, i+1), slices.Delete(w.cells, i, i+1)
			}
		}
	}
	w.of = w.names
	if w.number {
		w.names = append([]string{"row"}, w.names...)
	}
	if w.source {
		w.names = append([]string{"source"}, w.names...)
	}
	w.path = t.Path
	w.names = append(w.names, own...)
	raw := rawColumns(c)
	w.names = append(w.names, raw...)
	for _, name := range w.names {
		w.numeric = append(w.numeric, t.Schema.Index(name) >= 0 || slices.Contains(numbers, name) || strings.HasPrefix(name, "score_") || slices.Contains(raw, name))
	}
	format, packed, err := rowFormat(x.out.out, x.format)
	if err != nil {
		return nil, err
	}
	if e != nil && (format == output.CSV || e.Largest == 0) {
		names := e.Columns()
		w.parts = len(names)
		w.names = append(w.names, names...)
		for i := range names {
			w.numeric = append(w.numeric, !e.Word(i))
		}
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
		if err := w.csv.Write(w.names); err != nil {
			w.file.Drop()
			return nil, err
		}
	}
	return w, nil
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

// write writes one row.
func (w *rowWriter) write(r *classify.Row) error {
	w.fields = w.fields[:0]
	if w.source {
		w.fields = append(w.fields, w.path)
	}
	if w.number {
		w.fields = append(w.fields, strconv.FormatUint(r.Number, 10))
	}
	w.fields = append(w.fields, r.Cells...)
	verdict := dataset.Benign
	if r.Verdict {
		verdict = dataset.Malicious
	}
	class := ""
	if r.Class < len(w.classes) {
		class = w.classes[r.Class]
	}
	if !w.judges {
		verdict, class = "", ""
	}
	w.fields = append(w.fields, numberText(r.Score), verdict, class)
	if len(w.classes) > 2 {
		for _, p := range r.Predictions {
			w.fields = append(w.fields, numberText(p))
		}
	}
	for _, values := range [][]float64{r.Margins, r.Native} {
		for _, v := range values {
			w.fields = append(w.fields, rawText(v))
		}
	}
	for _, leaf := range r.Leaves {
		w.fields = append(w.fields, strconv.Itoa(int(leaf)))
	}
	for i := range w.parts {
		w.fields = append(w.fields, string(w.explain.Append(nil, i, r.Reasons, r.Parts)))
	}
	if w.csv != nil {
		return w.csv.Write(w.fields)
	}
	w.line = append(w.line[:0], '{')
	for i, f := range w.fields {
		if i > 0 {
			w.line = append(w.line, ',')
		}
		name, err := json.Marshal(w.names[i])
		if err != nil {
			return err
		}
		w.line = append(append(w.line, name...), ':')
		switch {
		case f == "":
			w.line = append(w.line, "null"...)
		case (f[0] == '-' || f[0] >= '0' && f[0] <= '9') && json.Valid([]byte(f)) && w.numeric[i]:
			w.line = append(w.line, f...)
		default:
			text, err := json.Marshal(f)
			if err != nil {
				return err
			}
			w.line = append(w.line, text...)
		}
	}
	if w.explain != nil {
		w.line = w.explain.AppendJSON(append(w.line, `,"explain":`...), r.Reasons)
	}
	_, err := w.out.Write(append(w.line, '}', '\n'))
	return err
}

// rawColumns are the columns of --raw and --leaves.
func rawColumns(c *classify.Classifier) []string {
	var names []string
	numbered := func(name string, n int) {
		for i := range n {
			names = append(names, fmt.Sprintf("%s_%d", name, i))
		}
	}
	some := func(name string, n int) {
		if n == 1 {
			names = append(names, name)
		} else {
			numbered(name, n)
		}
	}
	if c.Raw() {
		some("margin", c.Outputs())
		some("prediction", c.Predictions())
	}
	numbered("leaf", c.Trees())
	return names
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

// close completes the output.
func (w *rowWriter) close() error {
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
		return w.buf.Flush()
	})
}

// drop removes what was begun. After close it does nothing.
func (w *rowWriter) drop() { w.file.Drop() }
