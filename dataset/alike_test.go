package dataset

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The nearest kind of likeness counts, and all columns that have it.
func TestAlike(t *testing.T) {
	table := &Table{Header: []string{"Flow Duration", "Flow_Bytes", "Flow Bytes", "a b_c", "a_b c", "x", "Destination Port"}}
	for name, want := range map[string][]int{
		"Flow Duration":     {0},
		" Flow Duration ":   {0},
		"Flow_Duration":     {0},
		"Flow_Bytes":        {1},
		"Flow Bytes":        {2},
		" Flow_Bytes":       {1},
		"a_b_c":             {3, 4},
		"a b c":             nil, // "_" of a table is no blank of a model
		"_Destination_Port": {6}, // " Destination Port" at LightGBM
		"flow duration":     nil,
		"_":                 nil,
		"":                  nil,
	} {
		if got := table.Alike(name); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
	s := &Schema{Columns: []Column{{Name: "x"}, {Name: " a"}, {Name: "a "}}}
	if got := s.Alike("a"); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("a: %v", got)
	}
	// What can be two columns takes both, so that who binds them can tell.
	if missing := table.Take([]Wanted{{Name: "a_b_c", Alike: true}, {Name: "_x", Alike: true}, {Name: "Flow_Duration"}}); !slices.Equal(missing, []string{"Flow_Duration"}) || len(table.Schema.Columns) != 3 {
		t.Errorf("missing %q of %+v", missing, table.Schema.Columns)
	}
}

// A Finder gives what a walk over all columns gives.
func TestFinder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	name := func() string {
		b := make([]byte, r.IntN(6))
		for i := range b {
			b[i] = " _ab"[r.IntN(4)]
		}
		return string(b)
	}
	found := 0
	for range 500 {
		s := &Schema{}
		for range r.IntN(20) {
			s.Columns = append(s.Columns, Column{Name: name()})
		}
		f := s.Finder()
		for range 20 {
			n := name()
			want := s.Alike(n)
			if got := f.Alike(n); !slices.Equal(got, want) {
				t.Fatalf("%q in %v: %v, want %v", n, s.Columns, got, want)
			}
			found += len(want)
		}
	}
	if found < 1000 {
		t.Errorf("only %d found", found)
	}
}
