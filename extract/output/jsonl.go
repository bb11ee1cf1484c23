package output

import (
	"slices"
	"unicode/utf8"

	"fm/extract"
	"fm/extract/flow"
)

// jsonText writes a record as one JSON object a line: identity, the set's columns as
// the nested object features, its lists as arrays, then label, score, verdict and class.
// Values that do not exist are null.
type jsonText struct {
	*layout
	keys  [][]byte // "name": of each cell, with the comma or brace before it
	inner int      // first cell inside features
	outer int      // first cell behind features
}

// newJSON puts the cells of l into the order of an object: those in front of
// features, features, those behind. Within each part the order stays.
func newJSON(l *layout, setColumns int) jsonText {
	part := func(c cell) int {
		switch {
		case c.kind == featureCell:
			return 1
		case c.kind > featureCell:
			return 2
		}
		return 0
	}
	slices.SortStableFunc(l.cells, func(a, b cell) int { return part(a) - part(b) })
	l.split(setColumns)
	t := jsonText{layout: l}
	for _, c := range l.cells {
		if part(c) < 1 {
			t.inner++
		}
		if part(c) < 2 {
			t.outer++
		}
	}
	for i, c := range l.cells {
		var k []byte
		switch {
		case i == t.inner && i < t.outer:
			k = append(k, opening(i)...)
			k = append(k, `"features":{`...)
		case i == t.outer && t.outer > t.inner:
			k = append(k, "},"...)
		default:
			k = append(k, opening(i)...)
		}
		k = append(appendJSON(k, c.name), ':')
		t.keys = append(t.keys, k)
	}
	return t
}

func opening(i int) string {
	if i == 0 {
		return "{"
	}
	return ","
}

// Append implements [extract.Renderer].
func (t jsonText) Append(dst []byte, r *extract.Record, _ *flow.View) []byte {
	return t.cellsOf(dst, 0, t.head, r)
}

func (t jsonText) header(dst []byte, _ int64) []byte { return dst }

func (t jsonText) line(dst, text []byte, r *extract.Record) []byte {
	dst = append(dst, text...)
	dst = t.cellsOf(dst, t.head, len(t.cells), r)
	if t.outer == len(t.cells) && t.outer > t.inner {
		dst = append(dst, '}')
	}
	return append(dst, '}', '\n')
}

func (t jsonText) cellsOf(dst []byte, from, to int, r *extract.Record) []byte {
	for i := from; i < to; i++ {
		c := t.cells[i]
		dst = append(dst, t.keys[i]...)
		if c.kind.free() {
			if s := t.free(c, r); s != "" {
				dst = appendJSON(dst, s)
			} else {
				dst = append(dst, "null"...)
			}
			continue
		}
		if c.kind == listCell {
			dst = append(dst, '[')
			for k, x := range r.Lists[c.index] {
				if k > 0 {
					dst = append(dst, ',')
				}
				dst = appendNumber(dst, x)
			}
			dst = append(dst, ']')
			continue
		}
		word := c.kind.word()
		if word {
			dst = append(dst, '"')
		}
		n := len(dst)
		dst = t.appendCell(dst, c, r)
		switch {
		case len(dst) > n && word:
			dst = append(dst, '"')
		case len(dst) == n && word:
			dst = append(dst[:n-1], "null"...)
		case len(dst) == n:
			dst = append(dst, "null"...)
		}
	}
	return dst
}

// appendJSON writes s as a JSON string; bytes that are no UTF-8 become U+FFFD.
func appendJSON(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		if b := s[i]; b < utf8.RuneSelf {
			i++
			switch {
			case b == '"' || b == '\\':
				dst = append(dst, '\\', b)
			case b < 0x20 || b == 0x7f:
				dst = append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
			default:
				dst = append(dst, b)
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		dst = utf8.AppendRune(dst, r)
	}
	return append(dst, '"')
}
