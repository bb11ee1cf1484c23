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

// ofSet makes the columns of a frame of foreign tables those of p's set: every one must be
// one of them by its name, and gets its name, unit and role.
func ofSet(f *dataset.Frame, p *pipeline) error {
	if f.Schema.Set != "" {
		return &hinted{fmt.Errorf("--set %s: the table has a card, by which it has columns of %s", p.schema.Set, f.Schema.Title()), "leave out --set"}
	}
	var missing []string
	find := p.schema.Finder()
	schema := *f.Schema
	schema.Columns = nil
	for _, c := range f.Schema.Columns {
		places := find.Alike(c.Name)
		if len(places) != 1 {
			missing = append(missing, c.Name)
			continue
		}
		to := p.schema.Columns[places[0]]
		if c.Words && to.Role == dataset.Feature {
			return fmt.Errorf("column %q holds words, column %q of %s numbers", c.Name, to.Name, p.schema.Title())
		}
		to.Words = c.Words
		schema.Columns = append(schema.Columns, to)
	}
	if missing != nil {
		return &hinted{fmt.Errorf("--set %s: %s of the tables that the set has not", p.schema.Set, plural(len(missing), "column")),
			someQuoted(missing) + "\n--drop COLUMN leaves one out; --set-option NAME=VALUE says how the tool was run; \"fm features --set " + p.schema.Set + "\" lists the columns"}
	}
	f.Schema = &schema
	return nil
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
