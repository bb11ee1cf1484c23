package output

import (
	"strings"

	"fm/extract"
	"fm/extract/flow"
)

// csvText writes records as comma separated lines (RFC 4180, lines end with \n).
type csvText struct{ *layout }

// header is the header line.
func (t csvText) header(dst []byte, _ int64) []byte {
	for i, c := range t.cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuoted(dst, c.name)
	}
	return append(dst, '\n')
}

// Append implements [extract.Renderer]: the leading cells that workers know, joined by commas.
func (t csvText) Append(dst []byte, r *extract.Record, _ *flow.View) []byte {
	return t.cellsOf(dst, 0, t.head, r)
}

// line is a whole record; text is what Append made of it.
func (t csvText) line(dst, text []byte, r *extract.Record) []byte {
	n := len(dst)
	dst = t.cellsOf(append(dst, text...), t.layout.head, len(t.cells), r)
	if len(dst) == n { // one column without a value: readers pass over empty lines
		dst = append(dst, `""`...)
	}
	return append(dst, '\n')
}

func (t csvText) cellsOf(dst []byte, from, to int, r *extract.Record) []byte {
	for i := from; i < to; i++ {
		c := &t.cells[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		switch {
		case c.kind == featureCell:
			for n, v := range r.Row[c.index : c.index+c.run] {
				if n > 0 {
					dst = append(dst, ',')
				}
				if v == v { // most cells of short flows are empty
					dst = appendFloat(dst, v)
				}
			}
			i += c.run - 1
		case c.kind.free():
			dst = appendQuoted(dst, t.free(*c, r))
		default:
			dst = t.appendCell(dst, *c, r)
		}
	}
	return dst
}

// free is the text of a cell that comes from outside.
func (l *layout) free(c cell, r *extract.Record) string {
	switch c.kind {
	case sourceCell:
		return l.source(r.Flow.Input)
	case labelCell:
		return r.Label
	case partWordCell:
		return string(l.explain.Append(nil, c.index, r.Reasons, r.Parts))
	}
	return l.class(r)
}

// appendQuoted quotes s if a reader of CSV would take it apart otherwise.
func appendQuoted(dst []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") && (s == "" || s[0] != ' ' && s[len(s)-1] != ' ') {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}
