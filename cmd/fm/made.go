package main

import (
	"fmt"
	"strings"

	"fm/dataset"
	"fm/extract/feature"
	"fm/model"
)

// unitOf is the unit of an input that is made of columns.
func (l *loaded) unitOf(in *model.Input) dataset.Unit {
	if in.Made.Unit != "" || len(in.Made.Columns) == 0 {
		return in.Made.Unit
	}
	return l.Schema.Columns[l.Schema.Index(in.Made.Columns[0])].Unit
}

// madeWords says how an input is made.
func madeWords(m *model.Made, s *dataset.Schema) string {
	if len(m.Columns) == 0 {
		if m.Absent == nil {
			return "nothing, the model never reads it"
		}
		return fmt.Sprintf("%g always", float64(*m.Absent))
	}
	text := strings.Join(m.Columns, " + ")
	if u := s.Columns[s.Index(m.Columns[0])].Unit; m.Unit != "" && m.Unit != u {
		text += fmt.Sprintf(", %s put into %s", u, m.Unit)
	} else if u != dataset.None {
		text += fmt.Sprintf(" (%s)", u)
	}
	if m.Absent != nil {
		text += fmt.Sprintf("; %g where it has no value", float64(*m.Absent))
	}
	return text
}

// asTool gives the inputs of a model that was trained on a tool's own table what the tool
// writes where the set's column has no value.
func (b *binding) asTool(set *feature.Set) {
	filler := fillers(set)
	for i := range b.inputs {
		in := &b.inputs[i]
		if n := filler(in.Name); n != 0 && in.Words == nil {
			absent := model.Number(n)
			in.Made = &model.Made{Columns: []string{in.Name}, Absent: &absent}
		}
	}
}
