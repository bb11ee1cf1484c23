package feature

import (
	"slices"
	"strings"
	"testing"

	"fm/dataset"
)

// everyColumn is the set of a tool with every group, and the names of its columns and cells.
func everyColumn(t *testing.T, name string) (*Set, map[string]bool) {
	t.Helper()
	values := map[string]string{}
	if name == "fm" {
		values["with"] = "port,environment"
	}
	set, err := Build(name, values)
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, c := range set.Columns {
		has[c.Name] = true
	}
	for l := set.Original; l != nil; l = l.Beside {
		for _, n := range l.Names() {
			has[n] = true
		}
	}
	return set, has
}

// Of every set that there is, the map names columns that the set has, each once, and all of
// a tool's columns that describe behaviour.
func TestMapColumns(t *testing.T) {
	m := CrossMap()
	for i, tool := range MapTools() {
		named := map[string]string{}
		for _, c := range m {
			p := c.Places[i]
			if len(p.Names) == 0 && p.Text == "" && (p.Differs != "" || p.Note != "") {
				t.Errorf("%s: %s: a remark on nothing", tool.Name, c.Name)
			}
			for _, n := range p.Names {
				if other, twice := named[n]; twice && !p.Sum && i != mapFM {
					t.Errorf("%s: column %q is %q and %q", tool.Name, n, other, c.Name)
				}
				if !p.Sum {
					named[n] = c.Name
				}
			}
		}
		if !slices.ContainsFunc(sets[:], func(d definition) bool { return d.name == tool.Set }) {
			continue
		}
		set, has := everyColumn(t, tool.Set)
		for _, c := range m {
			for _, n := range append(slices.Clone(c.Places[i].Names), ipNames(i, &c)...) {
				if !has[n] {
					t.Errorf("%s: %q: the set has no column %q", tool.Name, c.Name, n)
				}
			}
		}
		if tool.Set == "fm" {
			continue // it has far more
		}
		for _, c := range set.Columns {
			if _, ok := named[c.Name]; !ok && c.Role == dataset.Feature && c.Group != "splt" && tool.Set != "flowcontainer" {
				t.Errorf("%s: column %q is not in the map", tool.Name, c.Name)
			}
		}
	}
}

func ipNames(tool int, c *Concept) []string {
	if tool == mapFM {
		return c.IP.Names
	}
	return nil
}

// Units of the map are those of the columns.
func TestMapUnits(t *testing.T) {
	for i, tool := range MapTools() {
		if !slices.ContainsFunc(sets[:], func(d definition) bool { return d.name == tool.Set }) {
			continue
		}
		set, _ := everyColumn(t, tool.Set)
		schema := set.Schema()
		for _, c := range CrossMap() {
			p := c.Places[i]
			for _, n := range p.Names {
				at := schema.Index(n)
				if at < 0 || schema.Columns[at].Role != dataset.Feature {
					continue
				}
				u := schema.Columns[at].Unit
				if isTime := u == dataset.Millis || u == dataset.Micros || u == dataset.Seconds || u == dataset.Nanos; isTime != (p.Unit != "") || isTime && u != p.Unit {
					t.Errorf("%s: column %s is in %q, in the map %q", tool.Name, n, u, p.Unit)
				}
			}
		}
	}
}

// The published tables have so many columns: 85 those of CIC-IDS2017 ("GeneratedLabelledFlows",
// the second "Fwd Header Length" included), 84 the widest of CSE-CIC-IDS2018 (Thuesday-20-02-2018),
// and the permuted flags stand where their content is.
func TestMapPublished(t *testing.T) {
	n17, n18 := 0, 0
	for _, s := range cicSpellings {
		if s[1] != "" {
			n17++
		}
		if s[2] != "" {
			n18++
		}
	}
	if n17 != 85 || n18 != 84 {
		t.Errorf("%d and %d columns, want 85 and 84", n17, n18)
	}
	for i, named := range []map[string]bool{{}, {}} {
		for _, c := range CrossMap() {
			for _, n := range c.Places[map2017+i].Names {
				named[n] = true
			}
		}
		for _, s := range cicSpellings {
			if n := s[1+i]; n != "" && !named[n] {
				t.Errorf("column %q of %s is not in the map", n, mapTools[map2017+i].Name)
			}
		}
	}
	for header, content := range map[string]string{"FIN Flag Count": "RST", "SYN Flag Count": "PSH", "RST Flag Count": "ECE", "PSH Flag Count": "SYN",
		"ACK Flag Count": "ACK", "URG Flag Count": "FIN", "CWE Flag Count": "URG", "ECE Flag Count": "CWR"} {
		i := slices.IndexFunc(CrossMap(), func(c Concept) bool { return c.Name == content })
		if p := CrossMap()[i].Places[map2017]; !slices.Equal(p.Names, []string{header}) || p.Differs != firstOnly {
			t.Errorf("%s is in %v of CIC-IDS2017, want %s", content, p, header)
		}
	}
}

// Cells are read as they are written down.
func TestMapCells(t *testing.T) {
	r := mapRow{kind: mapTime, std: true}
	if p := r.place(mapDeepfence, "a/b + c d!odd"); !slices.Equal(p.Names, []string{"a/b", "c d"}) || !p.Sum || p.Unit != "ns" || p.Divisor != "population" || p.Differs != "odd" {
		t.Errorf("%+v", p)
	}
	if p := r.place(mapZeek, "x[s]?note"); p.Unit != "s" || p.Note != "note" || p.Divisor != "sample" || p.Sum {
		t.Errorf("%+v", p)
	}
	if p := r.place(mapCIC, "@zero"); !p.Zero || p.Differs != "always 0" || p.Names[0] != "zero" {
		t.Errorf("%+v", p)
	}
	if p := r.place(mapCIC, "~in words"); p.Text != "in words" || p.Names != nil || p.Unit != "" {
		t.Errorf("%+v", p)
	}
	for _, c := range CrossMap() {
		for i, p := range c.Places {
			for _, n := range p.Names {
				if n == "" || strings.TrimSpace(n) != n || strings.ContainsAny(n, "!?@~[]{}=") || p.Absent != 0 && p.Absent != -1 {
					t.Errorf("%s of %s: name %q", c.Name, mapTools[i].Name, n)
				}
			}
		}
	}
}

// What is said to be right where a tool's column is not is a column of fm, or a sum of some.
func TestFaults(t *testing.T) {
	_, has := everyColumn(t, "fm")
	for _, d := range sets {
		set, err := Build(d.name, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range set.Columns {
			if c.Right != "" && c.Fault == "" {
				t.Errorf("%s: column %s has a right one and no fault", d.name, c.Name)
			}
			for part := range strings.SplitSeq(c.Right, "+") {
				if part = strings.TrimSpace(part); part != "" && !has[part] {
					t.Errorf("%s: column %s: fm has no column %q", d.name, c.Name, part)
				}
			}
		}
		if d.name == "fm" {
			continue
		}
		if !slices.ContainsFunc(set.Columns, func(c Column) bool { return c.Fault != "" }) {
			t.Errorf("%s: no column is marked as faulty", d.name)
		}
	}
}
