package dataset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// SchemaError says how two schemas differ. The first one is what was expected (a
// model's), the second what was found (a table's or a feature set's).
type SchemaError struct {
	Want, Got *Schema
	Missing   []string // expected columns that were not found
	Extra     []string // columns found that were not expected
	Order     bool     // the same columns in another order
	Units     []string // columns with another unit, as "name: ms, not s"
	Roles     []string // columns with another role, as "name: identity, not feature"
	Version   bool     // another version of the same set
	Rules     bool     // other flow rules, set options or feature stages
}

// Error names the first difference that matters; [SchemaError.Hints] has the rest.
func (e *SchemaError) Error() string {
	want, got := e.Want.Title(), e.Got.Title()
	switch {
	case len(e.Want.Columns) != len(e.Got.Columns):
		return fmt.Sprintf("%d columns of %s expected, %d of %s found", len(e.Want.Columns), want, len(e.Got.Columns), got)
	case len(e.Missing) > 0:
		return fmt.Sprintf("columns of %s expected, %d of them are missing in %s", want, len(e.Missing), got)
	case e.Want.Set != e.Got.Set || e.Version:
		return fmt.Sprintf("columns of %s expected, of %s found", want, got)
	case e.Order:
		return fmt.Sprintf("columns of %s are in another order", want)
	case len(e.Units) > 0:
		return fmt.Sprintf("columns of %s have other units", want)
	case len(e.Roles) > 0:
		return fmt.Sprintf("columns of %s have other roles", want)
	}
	return fmt.Sprintf("columns of %s were made under other rules", want)
}

// Hints says in short lines what to look at, each list cut after eight. Names of columns
// are quoted, since blanks around them count.
func (e *SchemaError) Hints() []string {
	var out []string
	list := func(title string, names []string) {
		if len(names) > 8 {
			names = append(slices.Clone(names[:8]), fmt.Sprintf("and %d more", len(names)-8))
		}
		if len(names) > 0 {
			out = append(out, title+": "+strings.Join(names, ", "))
		}
	}
	list("missing", quoted(e.Missing))
	list("not expected", quoted(e.Extra))
	list("unit", e.Units)
	list("role", e.Roles)
	if e.Order {
		out = append(out, "the columns are the same in another order")
	}
	if e.Rules {
		if e.Want.Options != e.Got.Options {
			out = append(out, fmt.Sprintf("rules: %q expected, %q found", e.Want.Options, e.Got.Options))
		}
		if !slices.Equal(e.Want.Stages, e.Got.Stages) {
			out = append(out, fmt.Sprintf("stages: %q expected, %q found", e.Want.Stages, e.Got.Stages))
		}
	}
	if (e.Version || len(e.Missing) > 0) && e.Want.Set != "" {
		out = append(out, fmt.Sprintf("made with another fm? run %q to compare", "fm features --set "+e.Want.Set))
	}
	return out
}

func quoted(names []string) []string {
	names = slices.Clone(names)
	for i, n := range names {
		names[i] = strconv.Quote(n)
	}
	return names
}

// Title names the feature set of s with its version, quoted, or says that there is none.
func (s *Schema) Title() string {
	if s.Set == "" {
		return "a foreign table"
	}
	return fmt.Sprintf("%q", fmt.Sprintf("%s/%d", s.Set, s.Version))
}

// Match returns nil if rows of other mean what rows of s mean, and a [*SchemaError]
// otherwise: names, order, units, roles, set, version, rules and stages must agree.
func (s *Schema) Match(other *Schema) error {
	e := &SchemaError{Want: s, Got: other}
	want, got := s.Places(), other.Places()
	common := 0
	for _, c := range s.Columns {
		i, ok := got[c.Name]
		if !ok {
			e.Missing = append(e.Missing, c.Name)
			continue
		}
		common++
		o := other.Columns[i]
		if o.Unit != c.Unit {
			e.Units = append(e.Units, fmt.Sprintf("%s: %s, not %s", c.Name, o.Unit.word(), c.Unit.word()))
		}
		if o.Role != c.Role {
			e.Roles = append(e.Roles, fmt.Sprintf("%s: %s, not %s", c.Name, o.Role, c.Role))
		}
	}
	for _, c := range other.Columns {
		if _, ok := want[c.Name]; !ok {
			e.Extra = append(e.Extra, c.Name)
		}
	}
	if len(e.Missing) == 0 && len(e.Extra) == 0 {
		e.Order = len(s.Columns) != len(other.Columns)
		for i := 0; i < len(s.Columns) && !e.Order; i++ {
			e.Order = s.Columns[i].Name != other.Columns[i].Name
		}
	}
	e.Version = s.Set == other.Set && s.Version != other.Version
	e.Rules = s.Options != other.Options || !slices.Equal(s.Stages, other.Stages)
	if len(e.Missing)+len(e.Extra)+len(e.Units)+len(e.Roles) > 0 || e.Order || e.Version || e.Rules || s.Set != other.Set {
		return e
	}
	return nil
}

func (u Unit) word() string {
	if u == None {
		return "no unit"
	}
	return string(u)
}
