package feature

import (
	"fmt"
	"slices"
	"strings"

	"fm/dataset"
)

// Translation says where the columns of one tool are among those of another.
type Translation struct {
	from, to int
	concepts []Concept
	names    []string // of all columns of from that hold something by themselves
	where    []int    // the concept of each
}

// Meaning is a column of one tool in terms of another.
type Meaning struct {
	Concept string
	From    Place    // of the tool, which has the column among its names
	To      Place    // of the other; without Names it has nothing
	Differs []string // how the two are not the same number; units apart
	Notes   []string // what is to know of either
}

// Translate prepares to read columns of the tool called from as columns of the tool, or set,
// called to. Layers say what the sizes of either count where it has options for that; ""
// is the tool's default. The error for a name that does not exist lists what does.
func Translate(from string, fromSizes Layer, to string, toSizes Layer) (*Translation, error) {
	t := &Translation{from: mapPlace(from), to: mapPlace(to), concepts: CrossMap()}
	for i, name := range []string{from, to} {
		if [2]int{t.from, t.to}[i] < 0 {
			var have []string
			for _, m := range mapTools {
				have = append(have, m.Name)
			}
			return nil, fmt.Errorf("the map has no tool %q (there are: %s)", name, strings.Join(have, " "))
		}
	}
	for i := range t.concepts {
		places := t.concepts[i].Places
		sized(&places[t.from], fromSizes)
		sized(&places[t.to], toSizes)
		if p := &places[t.from]; !p.Sum {
			for _, n := range p.Names {
				t.names, t.where = append(t.names, n), append(t.where, i)
			}
		}
	}
	return t, nil
}

func mapPlace(tool string) int {
	return slices.IndexFunc(mapTools[:], func(m MapTool) bool { return m.Name == tool })
}

func sized(p *Place, l Layer) {
	if l != "" && p.Layer != "" {
		p.Layer = l
	}
}

// Find says what the column called name, as the tool or another program may write it, is.
// It is false if the map has no such column.
func (t *Translation) Find(name string) (Meaning, bool) {
	at := dataset.Alike(len(t.names), func(i int) string { return t.names[i] }, name)
	if len(at) == 0 {
		return Meaning{}, false
	}
	c := &t.concepts[t.where[at[0]]]
	m := Meaning{Concept: c.Name, From: c.Places[t.from], To: c.Places[t.to]}
	if t.to == mapFM && c.IP.Names != nil && (m.From.Layer != LayerPayload || m.To.Names == nil) {
		m.To = c.IP // fm has sizes of both
	}
	m.compare()
	return m, true
}

// compare finds how the numbers of the two places differ.
func (m *Meaning) compare() {
	if m.From.Zero || m.To.Names == nil {
		return // it is a constant, or there is nothing to compare with
	}
	if m.From.Layer != m.To.Layer && m.From.Layer != "" && m.To.Layer != "" {
		m.Differs = append(m.Differs, fmt.Sprintf("sizes of %s, not of %s", layerWords[m.From.Layer], layerWords[m.To.Layer]))
	}
	if m.From.Divisor != m.To.Divisor && m.From.Divisor != "" && m.To.Divisor != "" {
		m.Differs = append(m.Differs, fmt.Sprintf("deviation of the %s, not of the %s", m.From.Divisor, m.To.Divisor))
	}
	if m.From.Differs != m.To.Differs {
		for i, d := range []string{m.From.Differs, m.To.Differs} {
			if d != "" {
				m.Differs = append(m.Differs, [2]string{"", "here "}[i]+d)
			}
		}
	}
	for i, n := range []string{m.From.Note, m.To.Note} {
		if n != "" && m.From.Note != m.To.Note {
			m.Notes = append(m.Notes, [2]string{"", "here "}[i]+n)
		}
	}
}
