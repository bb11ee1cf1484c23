package main

import (
	"fmt"

	"fm/dataset"
	"fm/extract/feature"
	"fm/model"
)

// fillers gives for the name of a column of set the number that its tool writes for no value.
func fillers(set *feature.Set) func(string) float64 {
	by := map[string]float64{}
	for _, c := range set.Columns {
		if c.Filler != 0 {
			by[c.Name] = c.Filler
		}
	}
	return func(column string) float64 { return by[column] }
}

// asWritten makes the rows of t those of the set that it was written with, if a tool's own
// cells stand in it: with a card by the card, else with p, which may be nil.
func asWritten(t *dataset.Table, p *pipeline) {
	switch {
	case t.Card != nil && t.Card.Layout == original:
		if set, err := feature.FromSchema(t.Card.Schema); err == nil {
			t.Clear(fillers(set))
		}
	case t.Card == nil && p != nil && p.set.Tool != "":
		t.Clear(fillers(p.set))
	}
}

// rowsOf makes the rows of t, which a model of fm's is to judge, those that it was trained on.
func (l *loaded) rowsOf(t *dataset.Table) {
	var p *pipeline
	if l.Schema.Set != "" {
		if made, err := pipelineOf(&l.Schema); err == nil {
			p = made
		}
	}
	asWritten(t, p)
}

// opener opens tables as written by the set of p, which may be nil.
func opener(open func(string) (*dataset.Table, error), p *pipeline) func(string) (*dataset.Table, error) {
	return func(path string) (*dataset.Table, error) {
		t, err := open(path)
		if err == nil {
			asWritten(t, p)
		}
		return t, err
	}
}

// ofSet makes the columns of a frame of foreign tables those of p's set that their names, or
// the map m if it names a tool, say, with their units and roles. Others are left out, and
// returned.
func ofSet(f *dataset.Frame, p *pipeline, m mapFlag, allow bool) (left []string, err error) {
	if f.Schema.Set != "" {
		return nil, &hinted{fmt.Errorf("--set %s: the table has a card, by which it has columns of %s", p.schema.Set, f.Schema.Title()), "leave out --set"}
	}
	find, err := m.finder(p, allow)
	if err != nil {
		return nil, err
	}
	schema, cols := *f.Schema, f.Cols
	schema.Columns, f.Cols = nil, nil
	taken := map[int]bool{}
	for i, c := range f.Schema.Columns {
		at, why := find(c.Name)
		if at >= 0 && taken[at] {
			at, why = -1, "a second "+p.schema.Columns[at].Name
		}
		if at < 0 {
			left = append(left, c.Name)
			f.Left = append(f.Left, dataset.LeftOut{Name: c.Name, Why: why})
			continue
		}
		taken[at] = true
		to := p.schema.Columns[at]
		if c.Words && to.Role == dataset.Feature {
			return nil, fmt.Errorf("column %q holds words, column %q of %s numbers", c.Name, to.Name, p.schema.Title())
		}
		to.Words = c.Words
		schema.Columns, f.Cols = append(schema.Columns, to), append(f.Cols, cols[i])
	}
	if len(left) > len(schema.Columns) && m.tool == "" || len(schema.Columns) == 0 {
		hint := someQuoted(left) + "\n\"fm features --set " + p.schema.Set + "\" lists the columns and options of the set"
		if tool := toolOf(left); tool != "" && tool != p.schema.Set {
			hint += "\nthe names are those of " + tool
		}
		return nil, &hinted{fmt.Errorf("--set %s: %d of %d columns of the tables are none of the set", p.schema.Set, len(left), len(f.Schema.Columns)), hint}
	}
	f.Schema = &schema
	return left, nil
}

// served gives a model that was trained on some of the columns of schema the whole of it,
// so that it can judge what is made from packets.
func served(m *model.Model, schema *dataset.Schema) (*model.Model, error) {
	man := m.Manifest
	man.Schema = *schema
	return model.New(man, m.Scorer())
}

// wholeSchema is the schema of which sc, of a table with a card, has some columns; nil if it
// has them all, or if this fm makes none such.
func wholeSchema(sc *dataset.Schema) *dataset.Schema {
	set, err := feature.FromSchema(sc)
	if err != nil || len(sc.Stages) > 0 {
		return nil
	}
	whole := newPipeline(set).schema
	if len(whole.Columns) == len(sc.Columns) {
		return nil
	}
	places := whole.Places()
	for _, c := range sc.Columns {
		if i, ok := places[c.Name]; !ok || whole.Columns[i] != c {
			return nil
		}
	}
	return whole
}

// schemaOf is the schema that a model trained on f is to have, nil for that of f: of tables
// that are said to be p's, and of some columns of a table with a card, the whole set.
func (p *pipeline) schemaOf(f *dataset.Frame, named bool) *dataset.Schema {
	if named {
		return p.schema
	}
	if f.Schema.Set != "" {
		return wholeSchema(f.Schema)
	}
	return nil
}
