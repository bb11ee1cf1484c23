package dataset

import "strings"

// Alike are the places among n names of those that another program may mean by name: the
// very same; else those that differ by blanks around them, which tables lose; else those
// with blanks where name has "_", as LightGBM writes them, those around it too. More than
// one is for the caller to refuse.
func Alike(n int, at func(int) string, name string) (places []int) {
	trimmed := strings.TrimSpace(name)
	for _, same := range []func(have string) bool{
		func(have string) bool { return have == name },
		func(have string) bool { return strings.TrimSpace(have) == trimmed },
		func(have string) bool { return underscored(strings.TrimSpace(have), trimmed) },
		func(have string) bool { return underscored(strings.TrimSpace(have), strings.Trim(trimmed, "_")) },
	} {
		for i := range n {
			if same(at(i)) {
				places = append(places, i)
			}
		}
		if places != nil {
			return places
		}
	}
	return nil
}

// underscored tells whether name is have with "_" for every blank.
func underscored(have, name string) bool {
	if len(have) != len(name) {
		return false
	}
	for i := range len(have) {
		if c := have[i]; c != name[i] && (c != ' ' || name[i] != '_') {
			return false
		}
	}
	return true
}

// Finder finds many names among the columns of a schema, without a walk over all of them
// for each.
type Finder struct {
	columns []Column
	exact   map[string][]int
	near    map[string][]int // by [nearly]
}

// Finder makes one for the columns as they are now.
func (s *Schema) Finder() *Finder {
	f := &Finder{s.Columns, make(map[string][]int, len(s.Columns)), make(map[string][]int, len(s.Columns))}
	for i, c := range s.Columns {
		f.exact[c.Name] = append(f.exact[c.Name], i)
		key := nearly(strings.TrimSpace(c.Name))
		f.near[key] = append(f.near[key], i)
	}
	return f
}

// nearly is the same for all trimmed names of which one can be like the other.
func nearly(trimmed string) string { return strings.ReplaceAll(trimmed, " ", "_") }

// Alike are the places of the columns that another program may mean by name, see the
// function [Alike].
func (f *Finder) Alike(name string) (places []int) {
	if places := f.exact[name]; places != nil {
		return places
	}
	trimmed := strings.TrimSpace(name)
	for _, like := range []string{trimmed, strings.Trim(trimmed, "_")} {
		near := f.near[nearly(like)]
		for _, i := range Alike(len(near), func(i int) string { return f.columns[near[i]].Name }, name) {
			places = append(places, near[i])
		}
		if places != nil {
			return places
		}
	}
	return nil
}

// Alike are the places of the columns that another program may mean by name, see the
// function [Alike].
func (s *Schema) Alike(name string) []int {
	return Alike(len(s.Columns), func(i int) string { return s.Columns[i].Name }, name)
}

// Alike are the places in the header that another program may mean by name, see the
// function [Alike].
func (t *Table) Alike(name string) []int {
	return Alike(len(t.Header), func(i int) string { return t.Header[i] }, name)
}
