package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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

// asWritten makes the rows of t, if a tool's own cells may stand in it, those that the set of
// p, which may be nil, makes of packets.
func asWritten(t *dataset.Table, p *pipeline) {
	if t.Card == nil && p != nil && p.set.Tool != "" {
		t.Blank(fillers(p.set))
	}
}

// rowsOf makes the rows of t, which a model of fm's is to judge, those that it was trained on.
func (l *loaded) rowsOf(t *dataset.Table) error {
	l.known = false
	if l.Schema.Set == "" {
		return nil
	}
	p, err := pipelineOf(&l.Schema)
	if err != nil {
		return nil // whoever binds the model tells
	}
	if t.Tool != nil {
		if !sameRules(t.Tool.Schema, &l.Schema) {
			return l.misfit(l.Schema.Match(t.Tool.Schema), t.Path)
		}
		l.known = true
	}
	asWritten(t, p)
	return nil
}

// sameRules tells whether two schemas are of one set under the same rules.
func sameRules(a, b *dataset.Schema) bool {
	return a.Set == b.Set && a.Version == b.Version && a.Options == b.Options && slices.Equal(a.Stages, b.Stages)
}

// origin says which set the tables to train on come from.
type origin struct {
	p      *pipeline // nil: none is known
	named  bool      // by --set
	mapped bool      // columns are found by a map, whatever a tool's card says
	first  string    // the first table
}

// look makes the rows of t, which was just opened, those of its set, and refuses it if its
// card says another set or other rules than --set or the tables before it.
func (o *origin) look(t *dataset.Table) error {
	card := cmp.Or(t.Card, t.Tool)
	if o.mapped && t.Tool != nil {
		card = nil
	}
	switch {
	case o.named && card != nil && !o.made(card):
		return &hinted{fmt.Errorf("read %s: the table has a card, by which its rows are %s, not %s as by --set", t.Path, said(card.Schema), said(o.p.schema)), "leave out --set"}
	case o.named || t.Card != nil:
	case o.first == "" && t.Tool != nil:
		p, err := pipelineOf(t.Tool.Schema)
		if err != nil {
			return fmt.Errorf("read %s%s: %w", t.Path, dataset.CardSuffix, err)
		}
		o.p = p
	case t.Tool != nil && (o.p == nil || !sameRules(t.Tool.Schema, o.p.schema)), t.Tool == nil && o.p != nil:
		have, before := "rows of no known set", "rows of no known set"
		if t.Tool != nil {
			have = said(t.Tool.Schema)
		}
		if o.p != nil {
			before = said(o.p.schema)
		}
		return fmt.Errorf("join %s and %s: %s and, by their cards, %s", o.first, t.Path, before, have)
	}
	if o.first == "" {
		o.first = t.Path
	}
	asWritten(t, o.p)
	if o.p != nil && !o.mapped && t.Card == nil {
		find := o.p.schema.Finder()
		t.Lists(func(column string) bool { return find.Alike(column) != nil })
	}
	return nil
}

// made tells whether the rows of a card are those that --set names. How packets were read
// counts in fm's own layout only if a flag says it.
func (o *origin) made(card *dataset.Card) bool {
	sc := *card.Schema
	if o.p.assumed && card.Layout != original && !strings.Contains(sc.Options, feature.Faithful+"=") {
		words := append(strings.Fields(sc.Options), feature.Faithful+"=true")
		slices.Sort(words)
		sc.Options = strings.Join(words, " ")
	}
	return sameRules(&sc, o.p.schema)
}

// said names the set of a schema and its rules.
func said(sc *dataset.Schema) string {
	if sc.Options == "" {
		return "of " + sc.Title() + " without options"
	}
	return "of " + sc.Title() + " with " + sc.Options
}

// opener opens tables that come from o.
func opener(open func(string) (*dataset.Table, error), o *origin) func(string) (*dataset.Table, error) {
	return func(path string) (*dataset.Table, error) {
		t, err := open(path)
		if err == nil {
			if err = o.look(t); err != nil {
				t.Close()
				return nil, err
			}
		}
		return t, err
	}
}

// ofSet makes the columns of a frame of foreign tables those of p's set that their names, or
// the map m if it names a tool, say, with their units and roles. Others are left out, and
// returned; if most are not even the tool's, it is the wrong set.
func ofSet(f *dataset.Frame, p *pipeline, m mapFlag, allow bool) (left []string, err error) {
	if f.Schema.Set != "" { // a card says it all
		return nil, nil
	}
	find, err := m.finder(p, allow)
	if err != nil {
		return nil, err
	}
	schema, cols := *f.Schema, f.Cols
	schema.Columns, f.Cols = nil, nil
	taken, strange := map[int]bool{}, 0
	leave := func(name string) {
		left = append(left, name)
		if !ofTool(p.set, name) {
			strange++
		}
	}
	for _, l := range f.Left { // lists
		if l.Why == dataset.LeftOther {
			leave(l.Name)
		}
	}
	for i, c := range f.Schema.Columns {
		at, why := find(c.Name)
		if at >= 0 && taken[at] {
			at, why = -1, "a second "+p.schema.Columns[at].Name
		}
		if at < 0 {
			leave(c.Name)
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
	if strange > len(schema.Columns) && m.tool == "" || len(schema.Columns) == 0 {
		hint := someQuoted(left) + "\n\"fm features --set " + p.schema.Set + "\" lists the columns and options of the set"
		if tool := toolOf(left); tool != "" && tool != p.schema.Set {
			hint += "\nthe names are those of " + tool
		}
		return nil, &hinted{fmt.Errorf("--set %s: %d of %d columns of the tables are none of the set", p.schema.Set, len(left), len(f.Schema.Columns)), hint}
	}
	f.Schema = &schema
	return left, nil
}

// ofTool tells whether the tool of set writes a column of that name.
func ofTool(set *feature.Set, name string) bool {
	return set.Original != nil && slices.Contains(set.Original.Names(), name)
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
// of p's set, which may be nil, and of some columns of a table with a card, the whole set.
func schemaOf(f *dataset.Frame, p *pipeline) *dataset.Schema {
	switch {
	case f.Schema.Set != "":
		return wholeSchema(f.Schema)
	case p != nil:
		return p.schema
	}
	return nil
}
