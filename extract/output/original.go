package output

import (
	"fm/extract"
	"fm/extract/feature"
	"fm/extract/flow"
)

// originalText writes records as the tool does that their set is named after: comma
// separated cells of its own making.
type originalText struct {
	*feature.Layout
	rows *uint64 // written so far: the running number
}

func newOriginal(l *feature.Layout) originalText { return originalText{l, new(uint64)} }

func (t originalText) header(dst []byte) []byte {
	for i, name := range t.Names() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuoted(dst, name)
	}
	return append(dst, t.End...)
}

// Append implements [extract.Renderer]: all cells but the running number, which only the
// order of the records gives.
func (t originalText) Append(dst []byte, _ *extract.Record, v *flow.View) []byte {
	for i := range t.Cells {
		if i > 0 || t.Number != "" {
			dst = append(dst, ',')
		}
		dst = t.Cells[i].Append(dst, v)
	}
	return dst
}

func (t originalText) line(dst, text []byte, _ *extract.Record) []byte {
	if t.Number != "" {
		dst = appendUint(dst, *t.rows)
		*t.rows++
	}
	return append(append(dst, text...), t.End...)
}
