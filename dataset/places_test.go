package dataset

import "testing"

// The places are those that Index finds.
func TestPlaces(t *testing.T) {
	s := &Schema{Columns: []Column{{Name: "a"}, {Name: "b"}, {Name: "a"}}}
	places := s.Places()
	if len(places) != 2 {
		t.Errorf("%v", places)
	}
	for _, c := range s.Columns {
		if places[c.Name] != s.Index(c.Name) {
			t.Errorf("%q: %d, want %d", c.Name, places[c.Name], s.Index(c.Name))
		}
	}
}
