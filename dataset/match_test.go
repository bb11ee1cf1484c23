package dataset

import (
	"errors"
	"slices"
	"testing"
)

func schemaOf(names ...string) *Schema {
	s := &Schema{Set: "fm", Version: 1, Options: "idle=120s"}
	for _, n := range names {
		s.Columns = append(s.Columns, Column{Name: n, Unit: Millis})
	}
	return s
}

func TestMatch(t *testing.T) {
	want := schemaOf("a", "b", "c")
	if err := want.Match(schemaOf("a", "b", "c")); err != nil {
		t.Fatal(err)
	}
	change := func(f func(*Schema)) *Schema { s := schemaOf("a", "b", "c"); f(s); return s }
	for _, c := range []struct {
		got   *Schema
		text  string
		hints []string
	}{
		{schemaOf("a", "b"), `3 columns of "fm/1" expected, 2 of "fm/1" found`, []string{`missing: "c"`, `made with another fm? run "fm features --set fm" to compare`}},
		{schemaOf("a", "b", "c", "d"), `3 columns of "fm/1" expected, 4 of "fm/1" found`, []string{`not expected: "d"`}},
		{schemaOf("a", "b", "d"), `columns of "fm/1" expected, 1 of them are missing in "fm/1"`, []string{`missing: "c"`, `not expected: "d"`, `made with another fm? run "fm features --set fm" to compare`}},
		{schemaOf("a", "c", "b"), `columns of "fm/1" are in another order`, []string{"the columns are the same in another order"}},
		{change(func(s *Schema) { s.Version = 2 }), `columns of "fm/1" expected, of "fm/2" found`, []string{`made with another fm? run "fm features --set fm" to compare`}},
		{change(func(s *Schema) { s.Set = "" }), `columns of "fm/1" expected, of a foreign table found`, nil},
		{change(func(s *Schema) { s.Columns[1].Unit = Seconds; s.Columns[2].Unit = None }), `columns of "fm/1" have other units`, []string{"unit: b: s, not ms, c: no unit, not ms"}},
		{change(func(s *Schema) { s.Columns[1].Role = Identity }), `columns of "fm/1" have other roles`, []string{"role: b: identity, not feature"}},
		{change(func(s *Schema) { s.Options = "idle=60s" }), `columns of "fm/1" were made under other rules`, []string{`rules: "idle=120s" expected, "idle=60s" found`}},
		{change(func(s *Schema) { s.Stages = []string{"context 60s"} }), `columns of "fm/1" were made under other rules`, []string{`stages: [] expected, ["context 60s"] found`}},
	} {
		err := want.Match(c.got)
		var se *SchemaError
		if !errors.As(err, &se) || err.Error() != c.text || !slices.Equal(se.Hints(), c.hints) {
			t.Errorf("got %v, hints %q\nwant %s, hints %q", err, se.Hints(), c.text, c.hints)
		}
		if want.Fingerprint() == c.got.Fingerprint() {
			t.Errorf("%s: equal fingerprints", c.text)
		}
	}
}
