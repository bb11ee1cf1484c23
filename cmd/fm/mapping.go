package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fm/dataset"
	"fm/extract/feature"
	"fm/model"
	"fm/model/foreign"
	"fm/model/tree"
)

// mapFlag is the tool of --map: its name and, where the tool has a choice, what its sizes
// count: nfstream:accounting_mode=1.
type mapFlag struct {
	tool  string
	sizes feature.Layer // "": the tool's default
}

// nfstreamSizes are what sizes count, by accounting_mode.
var nfstreamSizes = map[string]feature.Layer{"0": feature.LayerFrame, "1": feature.LayerIP, "2": feature.LayerTransport, "3": feature.LayerPayload}

func parseMap(text string) (mapFlag, error) {
	tool, option, given := strings.Cut(text, ":")
	var names []string
	for _, t := range feature.MapTools() {
		names = append(names, t.Name)
	}
	if !slices.Contains(names, tool) {
		return mapFlag{}, fmt.Errorf("no tool %q (there are: %s)", tool, strings.Join(names, " "))
	}
	m := mapFlag{tool: tool}
	if given {
		name, value, _ := strings.Cut(option, "=")
		if tool != "nfstream" || name != "accounting_mode" || nfstreamSizes[value] == "" {
			return mapFlag{}, fmt.Errorf("%q: only nfstream:accounting_mode=0 to 3 says more of a tool", text)
		}
		m.sizes = nfstreamSizes[value]
	}
	return m, nil
}

// mapping is how the features of a model became columns of a set, one line each.
type mapping struct {
	lines   []string // one for each that the model reads
	unread  []string // names of the others
	refused []string // what was not to be
	differ  int      // of these, for a definition that differs
	counts  [5]int   // by how
}

// How a feature became columns.
const (
	mappedSame = iota
	mappedConverted
	mappedSummed
	mappedZero
	mappedUnread
)

// mapFeatures binds the features of m, columns of tool, to those of p's set that mean the
// same. What differs is refused unless it is allowed; what the model never looks at needs
// no column.
func mapFeatures(m *foreign.Model, tool mapFlag, p *pipeline, renames []model.Rename, allow bool) (*binding, *mapping, error) {
	if m.Names == nil && renames == nil {
		return nil, nil, &hinted{errors.New("--map: the file has no names of features"), "--rename FILE gives them: f0,first and so on"}
	}
	names := slices.Clone(m.Names)
	for i := len(names); i < m.Scorer.Inputs(); i++ {
		names = append(names, fmt.Sprintf("f%d", i))
	}
	columns, err := rename(names, renames)
	if err != nil {
		return nil, nil, err
	}
	tr, err := feature.Translate(tool.tool, tool.sizes, p.set.Name, sizesOf(p.set))
	if err != nil {
		return nil, nil, err
	}
	read := readInputs(m.Scorer)
	b := &binding{schema: *p.schema, how: fmt.Sprintf("by the map, from columns of %s to columns of %s", tool.tool, p.schema.Title())}
	out := &mapping{}
	for i, name := range names {
		if m.Categories != nil && m.Categories[i] != nil {
			return nil, nil, fmt.Errorf("--map: feature %q holds words, columns of %s numbers", name, p.schema.Title())
		}
		in, line, refusal := mapFeature(tr, p.schema, columns[i], read[i], allow, out)
		in.Name = name
		b.inputs = append(b.inputs, in)
		if columns[i] != name {
			b.renamed = append(b.renamed, model.Rename{Feature: name, Column: columns[i]})
		}
		switch {
		case refusal != "":
			out.refused = append(out.refused, fmt.Sprintf("%s: %s", name, refusal))
		case line == "":
			out.unread = append(out.unread, name)
		default:
			out.lines = append(out.lines, fmt.Sprintf("%s: %s", name, line))
		}
	}
	if i := repeatedName(names); i >= 0 {
		return nil, nil, fmt.Errorf("bind features: two of them are called %q", names[i])
	}
	return b, out, nil
}

// mapFeature makes an input of columns of schema, or says why it does not. One that is not
// read is made of nothing, without a line.
func mapFeature(tr *feature.Translation, schema *dataset.Schema, name string, read, allow bool, out *mapping) (in model.Input, line, refusal string) {
	m, known := tr.Find(name)
	switch {
	case !read:
		out.counts[mappedUnread]++
		return model.Input{Made: &model.Made{}}, "", ""
	case known && m.From.Zero:
		out.counts[mappedZero]++
		zero := model.Number(0)
		return model.Input{Made: &model.Made{Absent: &zero}}, "0, as always", ""
	case !known:
		return in, "", "the map has no such column of the tool"
	case m.To.Names == nil && m.To.Text != "":
		return in, "", fmt.Sprintf("no number of the set is %s (%s)", m.Concept, m.To.Text)
	case m.To.Names == nil:
		return in, "", "the set has nothing that is " + m.Concept
	case len(m.Differs) > 0 && !allow:
		out.differ++
		return in, "", strings.Join(m.Differs, "; ")
	}
	made := &model.Made{Columns: m.To.Names[:1]}
	if m.To.Sum {
		made.Columns = m.To.Names
	}
	for _, c := range made.Columns {
		if schema.Index(c) < 0 {
			return in, "", fmt.Sprintf("column %s is not in the set as it is (%s)", c, m.To.Note)
		}
	}
	absent := model.Number(m.From.Absent)
	made.Absent = &absent
	line, how := strings.Join(made.Columns, " + "), mappedSame
	if m.To.Sum {
		how = mappedSummed
	}
	if m.From.Unit != m.To.Unit {
		made.Unit, how = m.From.Unit, mappedConverted
		line += fmt.Sprintf(", %s put into %s", m.To.Unit, m.From.Unit)
	}
	for _, d := range m.Differs {
		line += "; differs: " + d
	}
	for _, n := range m.Notes {
		line += "; " + n
	}
	out.counts[how]++
	return model.Input{Made: made}, line, ""
}

// sizesOf is what the sizes of a set count, where it has a choice.
func sizesOf(s *feature.Set) feature.Layer {
	if s.Name != "nfstream" {
		return ""
	}
	for word := range strings.FieldsSeq(s.Options) {
		if mode, ok := strings.CutPrefix(word, "accounting_mode="); ok {
			return nfstreamSizes[mode]
		}
	}
	return feature.LayerFrame
}

// readInputs says which inputs of a scorer can change what it says.
func readInputs(s model.Scorer) []bool {
	read := make([]bool, s.Inputs())
	e, ok := s.(*tree.Ensemble)
	if !ok {
		for i := range read {
			read[i] = true
		}
		return read
	}
	for t := range e.Trees {
		for _, n := range e.Trees[t].Nodes {
			read[n.Feature] = true
		}
		for _, l := range e.Trees[t].Linear {
			for _, c := range l.Features {
				read[c] = true
			}
		}
	}
	return read
}

// bindMapped maps the features of file and tells what became of each.
func (a *app) bindMapped(file *foreignFile, f *importFlags, p *pipeline, renames []model.Rename) (*binding, error) {
	b, m, err := mapFeatures(file.Model, f.tool, p, renames, f.differing)
	if err != nil {
		return nil, err
	}
	for _, l := range m.lines {
		a.ui.say("%s", l)
	}
	if m.unread != nil {
		a.ui.say("never read by the model, so bound to nothing: %s", strings.Join(m.unread, ", "))
	}
	if n := len(m.refused); n > 0 {
		hint := strings.Join(m.refused, "\n")
		if m.differ == n {
			hint += "\n--allow-differing takes them all the same"
		}
		if s := f.ownSet(); s != "" && s != p.set.Name {
			hint += fmt.Sprintf("\n--set %s has the tool's own columns and rules", s)
		}
		return nil, &hinted{fmt.Errorf("--map %s: %d of %d features are no columns of %s", f.tool.tool, n, len(b.inputs), p.schema.Title()), hint}
	}
	a.ui.say("%s: %d as they are, %d in other units, %d as sums, %d always 0, %d never read", plural(len(b.inputs), "feature"),
		m.counts[mappedSame], m.counts[mappedConverted], m.counts[mappedSummed], m.counts[mappedZero], m.counts[mappedUnread])
	for _, l := range m.lines {
		if strings.Contains(l, "; ") {
			file.Notes = append(file.Notes, l)
		}
	}
	if s := f.ownSet(); s != p.set.Name {
		a.ui.warn("flows begin and end by the rules of %s, not by those of %s, whose flows the model was trained on", p.schema.Title(), f.tool.tool)
	}
	return b, nil
}

// ownSet is the set of the tool of --map, "" if there is none.
func (f *importFlags) ownSet() string {
	for _, t := range feature.MapTools() {
		if t.Name == f.tool.tool {
			return t.Set
		}
	}
	return ""
}

// toolOf is the tool or data set of the map that has the most of names, if it has most of
// them: what a user may have meant.
func toolOf(names []string) string {
	best, most := "", len(names)/2
	for _, t := range feature.MapTools() {
		tr, err := feature.Translate(t.Name, "", "fm", "")
		if err != nil || t.Name == "fm" {
			continue
		}
		n := 0
		for _, name := range names {
			if _, ok := tr.Find(name); ok {
				n++
			}
		}
		if n > most {
			best, most = t.Name, n
		}
	}
	return best
}

// finder finds the column of p's set that a column of a table is: by its name or, if m names
// a tool, by the map. Without one it says why.
func (m mapFlag) finder(p *pipeline, allow bool) (func(name string) (at int, why string), error) {
	if m.tool == "" {
		find := p.schema.Finder()
		return func(name string) (int, string) {
			if places := find.Alike(name); len(places) == 1 {
				return places[0], ""
			}
			return -1, dataset.LeftOther
		}, nil
	}
	tr, err := feature.Translate(m.tool, m.sizes, p.set.Name, sizesOf(p.set))
	if err != nil {
		return nil, err
	}
	return func(name string) (int, string) {
		means, ok := tr.Find(name)
		switch {
		case !ok || len(means.To.Names) == 0 || means.To.Sum:
			return -1, dataset.LeftOther
		case means.From.Zero:
			return -1, "always 0"
		case len(means.Differs) > 0 && !allow:
			return -1, strings.Join(means.Differs, ", ")
		case means.From.Unit != means.To.Unit:
			return -1, "in another unit"
		}
		if at := p.schema.Index(means.To.Names[0]); at >= 0 {
			return at, ""
		}
		return -1, dataset.LeftOther
	}, nil
}

// published warns of names under which published tables hold something else.
func (a *app) published(p *pipeline, m mapFlag) {
	if m.tool == "" && slices.Contains(strings.Fields(p.schema.Options), "header=V3") {
		a.ui.warn("the published tables of CIC-IDS2017 hold other numbers under these names, such as the flags of the first packet in each other's columns")
		a.ui.hint("for them, and models of them: --map cic-ids2017, without header=V3; \"fm features --map --set cic-ids2017\" says what holds what")
	}
}
