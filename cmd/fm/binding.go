package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"fm/dataset"
	"fm/model"
	"fm/model/foreign"
)

// binding says which columns the features of an imported model are.
type binding struct {
	schema  dataset.Schema
	inputs  []model.Input
	how     string // in words
	renamed []model.Rename
}

// bindFeatures finds the columns of the features of m in s: by the names that renames
// gives, by exact name, by one that is alike (see [dataset.Alike]), or, where the file has
// no names, by order. Without a schema the model gets one of its own names.
func bindFeatures(m *foreign.Model, s *dataset.Schema, renames []model.Rename) (*binding, error) {
	names := m.Names
	if names == nil {
		for i := range m.Scorer.Inputs() {
			names = append(names, "f"+strconv.Itoa(i))
		}
	}
	if i := repeatedName(names); i >= 0 {
		return nil, fmt.Errorf("bind features: two of them are called %q", names[i])
	}
	columns, err := rename(names, renames)
	if err != nil {
		return nil, err
	}
	b := &binding{}
	switch {
	case s == nil && m.Names == nil:
		b.how = "in the order of the file, which has no names: f0, f1, …"
	case s == nil:
		b.how = "by the names in the file"
	case m.Names == nil && renames == nil:
		if columns, err = byOrder(s, len(names)); err != nil {
			return nil, err
		}
		b.how = fmt.Sprintf("by order: the file has no names, its %d features are taken for the columns of %s as they come", len(names), s.Title())
	default:
		if err := byName(columns, s); err != nil {
			return nil, err
		}
		b.how = "by name, to columns of " + s.Title()
	}
	var places map[string]int
	if s != nil {
		b.schema, places = *s, s.Places()
	}
	for i, c := range columns {
		in := model.Input{Name: c}
		if m.Categories != nil {
			in.Words = m.Categories[i]
		}
		b.inputs = append(b.inputs, in)
		if c != names[i] {
			b.renamed = append(b.renamed, model.Rename{Feature: names[i], Column: c})
		}
		if s == nil {
			b.schema.Columns = append(b.schema.Columns, dataset.Column{Name: c, Words: in.Words != nil})
			continue
		}
		column := s.Columns[places[c]]
		if in.Words != nil && !column.Words {
			return nil, fmt.Errorf("bind features: %q holds words such as %.40q, column %q of %s holds numbers", names[i], in.Words[:min(len(in.Words), 3)], c, s.Title())
		}
		if u, ok := unitOf(names[i]); ok && u != column.Unit && c != names[i] {
			return nil, fmt.Errorf("bind features: %q is in %s by its name, column %q of %s in %s", names[i], unitWord(u), c, s.Title(), unitWord(column.Unit))
		}
	}
	if i := repeatedName(columns); i >= 0 {
		return nil, fmt.Errorf("bind features: two of them are column %q", columns[i])
	}
	return b, nil
}

// repeatedName is the place of the second of two equal names, -1 without.
func repeatedName(names []string) int {
	seen := map[string]bool{}
	for i, n := range names {
		if seen[n] {
			return i
		}
		seen[n] = true
	}
	return -1
}

// rename gives the features their new names. Every rename must be of use.
func rename(names []string, renames []model.Rename) ([]string, error) {
	out := slices.Clone(names)
	by := make(map[int]string, len(renames))
	for _, r := range renames {
		i, err := featureOf(names, r.Feature)
		if err != nil {
			return nil, err
		}
		if first, twice := by[i]; twice {
			return nil, fmt.Errorf("bind features: --rename: %q and %q are both feature %q", first, r.Feature, names[i])
		}
		out[i], by[i] = r.Column, r.Feature
	}
	return out, nil
}

// featureOf is the place of the feature that a user calls name: as the model does or, where
// its library changed the name, as the table did that it was trained on.
func featureOf(names []string, name string) (int, error) {
	if i := slices.Index(names, name); i >= 0 {
		return i, nil
	}
	found := -1
	for i, n := range names {
		if dataset.Alike(1, func(int) string { return name }, n) == nil {
			continue
		}
		if found >= 0 {
			return 0, fmt.Errorf("bind features: --rename: %q can be feature %q or %q", name, names[found], n)
		}
		found = i
	}
	if found < 0 {
		return 0, &hinted{fmt.Errorf("bind features: --rename: the model has no feature %q", name), "it has: " + someQuoted(names)}
	}
	return found, nil
}

// byOrder takes the columns of s that describe behaviour, or all of them, whichever are n.
func byOrder(s *dataset.Schema, n int) ([]string, error) {
	var features, all []string
	for _, c := range s.Columns {
		all = append(all, c.Name)
		if c.Role == dataset.Feature {
			features = append(features, c.Name)
		}
	}
	switch n {
	case len(features):
		return features, nil
	case len(all):
		return all, nil
	}
	return nil, &hinted{fmt.Errorf("bind features: the file has no names, and %s has %d columns (%d that describe behaviour) for its %d features", s.Title(), len(all), len(features), n),
		"--rename FILE names the column of each feature: f0,first and so on"}
}

// byName replaces names of features by those of the columns of s that they are.
func byName(names []string, s *dataset.Schema) error {
	var missing []string
	find := s.Finder()
	for i, n := range names {
		switch places := find.Alike(n); len(places) {
		case 0:
			missing = append(missing, n)
		case 1:
			names[i] = s.Columns[places[0]].Name
		default:
			return fmt.Errorf("bind features: %q can be column %q or %q of %s", n, s.Columns[places[0]].Name, s.Columns[places[1]].Name, s.Title())
		}
	}
	if missing != nil {
		return &hinted{fmt.Errorf("bind features: %d of %d are no columns of %s", len(missing), len(names), s.Title()),
			"missing: " + someQuoted(missing) + "\n--rename FILE gives features the names of columns: old,new"}
	}
	return nil
}

// some are the first of names.
func some(names []string) string {
	if len(names) > 8 {
		return strings.Join(names[:8], ", ") + fmt.Sprintf(", and %d more", len(names)-8)
	}
	return strings.Join(names, ", ")
}

// someQuoted are the first of names in quotes: blanks around them count.
func someQuoted(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	return some(quoted)
}

// unitOf reads the unit from the end of a feature's name.
func unitOf(name string) (dataset.Unit, bool) {
	name = strings.ToLower(name)
	for _, e := range []struct {
		end  string
		unit dataset.Unit
	}{
		{"_ms", dataset.Millis}, {"_milliseconds", dataset.Millis}, {"_us", dataset.Micros}, {"_microseconds", dataset.Micros},
		{"_s", dataset.Seconds}, {"_sec", dataset.Seconds}, {"_secs", dataset.Seconds}, {"_seconds", dataset.Seconds},
		{"_ns", "ns"}, {"_nanoseconds", "ns"}, {"_hours", dataset.Hours}, {"_bits", dataset.Bits}, {"_bytes", dataset.Bytes},
	} {
		if strings.HasSuffix(name, e.end) {
			return e.unit, true
		}
	}
	return "", false
}

func unitWord(u dataset.Unit) string {
	if u == dataset.None {
		return "no unit"
	}
	return string(u)
}

// maxRenames bounds what --rename reads.
const maxRenames = 1 << 20

// readRenames reads CSV of two names a line, old and new, with a comma or, by the first
// line, a tab between; a first line old,new is a header.
func readRenames(path string) ([]model.Rename, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError("read", path, err)
	}
	defer f.Close()
	in := bufio.NewReader(io.LimitReader(f, 64<<20))
	begin, _ := in.Peek(4096)
	if bytes.HasPrefix(begin, []byte("\ufeff")) {
		in.Discard(3)
	}
	first, _, _ := bytes.Cut(begin, []byte("\n"))
	lines := csv.NewReader(in)
	lines.FieldsPerRecord = 2
	if bytes.IndexByte(first, '\t') >= 0 && bytes.IndexByte(first, ',') < 0 {
		lines.Comma = '\t'
	}
	out := []model.Rename{}
	seen := map[string]bool{}
	for {
		names, err := lines.Read()
		if err == io.EOF {
			break
		}
		line, _ := lines.FieldPos(0)
		var wrong *csv.ParseError
		switch {
		case errors.As(err, &wrong):
			return nil, fmt.Errorf("read %s:%d: not two names, old and new, with a comma or a tab between: %w", path, wrong.Line, wrong.Err)
		case err != nil:
			return nil, fileError("read", path, err)
		case line == 1 && names[0] == "old" && names[1] == "new":
			continue
		case names[0] == "" || names[1] == "":
			return nil, fmt.Errorf("read %s:%d: an empty name", path, line)
		case seen[names[0]]:
			return nil, fmt.Errorf("read %s:%d: %q is renamed twice", path, line, names[0])
		case len(out) == maxRenames:
			return nil, fmt.Errorf("read %s:%d: more than %d names", path, line, maxRenames)
		}
		seen[names[0]] = true
		out = append(out, model.Rename{Feature: names[0], Column: names[1]})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("read %s: no names", path)
	}
	return out, nil
}
