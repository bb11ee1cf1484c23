package model

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"fm/dataset"
)

// Bound is a model proved to fit rows of one schema: the only thing that scores. It is
// safe for concurrent use.
type Bound struct {
	Model    *Model
	Warnings []error // how the rows were found to fit, if not by fingerprint
	scorer   Scorer
	columns  []int       // where in a row each input lies
	made     []*making   // of each input, nil or: how it is made; nil: none is
	words    [][]float64 // of each input, nil or: value in training of the row's word i
	width    int         // values of a row
	straight bool        // inputs are the row itself
	chunk    int         // rows gathered at a time
	scratch  *sync.Pool
}

// ErrByName is the cause of a warning of [Model.Bind] about rows that do not say their set.
var ErrByName = errors.New("columns are bound by name only")

// Bind proves that rows of schema s are what m was trained on: by fingerprint, or, where
// one side is a table without a feature set, by the names of the columns, with a warning.
// The error is a *[dataset.SchemaError].
func (m *Model) Bind(s *dataset.Schema) (*Bound, error) {
	find := m.finder(s)
	var warnings []error
	if s.Fingerprint() != m.Fingerprint {
		var e *dataset.SchemaError
		if !errors.As(m.Schema.Match(s), &e) { // it is words on one side and numbers on the other
			if m.Imported == nil {
				return nil, errors.New("bind model: a column holds words on one side and numbers on the other")
			}
			e = &dataset.SchemaError{Want: &m.Schema, Got: s}
		}
		if s.Set != "" && m.Schema.Set != "" || len(e.Units) > 0 && s.Set == m.Schema.Set {
			return nil, e
		}
		// A table needs the columns that are read, and no others.
		e.Missing = nil
		for i := range m.Inputs {
			for _, name := range m.Inputs[i].Columns() {
				places := find(name)
				if places == nil {
					e.Missing = append(e.Missing, name)
				} else if len(places) > 1 {
					return nil, fmt.Errorf("bind model: %q can be column %q or %q", name, s.Columns[places[0]].Name, s.Columns[places[1]].Name)
				}
			}
		}
		if len(e.Missing) > 0 {
			return nil, e
		}
		if s.Set != m.Schema.Set {
			warnings = append(warnings, fmt.Errorf("%w: units and flow rules of the rows are not known to be those of %s", ErrByName, m.Schema.Title()))
		}
	}
	b := &Bound{Model: m, Warnings: warnings, scorer: m.scorer, width: len(s.Columns), columns: make([]int, len(m.Inputs))}
	b.straight = len(m.Inputs) == b.width
	taken := make(map[int]string, len(m.Inputs))
	for i, in := range m.Inputs {
		if in.Made != nil {
			var columns []int
			for _, name := range in.Made.Columns {
				columns = append(columns, find(name)[0])
			}
			if b.made == nil {
				b.made, b.straight = make([]*making, len(m.Inputs)), false
			}
			var err error
			if b.made[i], err = m.making(&in, columns); err != nil {
				return nil, fmt.Errorf("bind model: input %q: %w", in.Name, err)
			}
			continue
		}
		c := find(in.Name)[0]
		if other, twice := taken[c]; twice {
			return nil, fmt.Errorf("bind model: %q and %q can be column %q", other, in.Name, s.Columns[c].Name)
		}
		taken[c] = in.Name
		b.columns[i] = c
		b.straight = b.straight && c == i
	}
	b.pool()
	return b, nil
}

// finder finds the columns of s that an input can be by its name: the one of that name or,
// since names of imported models can be written otherwise, those like it.
func (m *Model) finder(s *dataset.Schema) func(name string) []int {
	if m.Imported != nil {
		return s.Finder().Alike
	}
	places := s.Places()
	return func(name string) []int {
		if i, ok := places[name]; ok {
			return []int{i}
		}
		return nil
	}
}

// BindFrame is Bind for the rows of f. Words of categorical columns are looked up among
// those of training; an unknown word is a missing value.
func (m *Model) BindFrame(f *dataset.Frame) (*Bound, error) {
	b, err := m.Bind(f.Schema)
	if err != nil {
		return nil, err
	}
	for i, in := range m.Inputs {
		if in.Made != nil {
			continue
		}
		have := f.Cols[b.columns[i]].Words
		if have == nil && m.Imported != nil {
			continue // codes, as its library takes them
		}
		if (have == nil) != (in.Words == nil) {
			return nil, fmt.Errorf("bind model: column %q holds words on one side and numbers on the other", in.Name)
		}
		if have == nil || slices.Equal(have, in.Words) {
			continue
		}
		if b.words == nil {
			b.words = make([][]float64, len(m.Inputs))
		}
		b.words[i] = translation(have, in.Words)
		b.straight = false
	}
	return b, nil
}

func translation(have, want []string) []float64 {
	at := make(map[string]int, len(want))
	for i, w := range want {
		at[w] = i
	}
	t := make([]float64, len(have))
	for i, w := range have {
		t[i] = nan
		if k, ok := at[w]; ok {
			t[i] = float64(k)
		}
	}
	return t
}

// Where the model reads other columns than the row has, minChunk to maxChunk rows are
// gathered at a time, so many as chunkValues values hold: large models come from memory
// once a chunk, and the rows should stay in the cache.
const (
	minChunk    = 64
	maxChunk    = 512
	chunkValues = 1 << 16
)

func (b *Bound) pool() {
	b.chunk = min(max(chunkValues/max(len(b.columns), 1), minChunk), maxChunk)
	n := b.chunk * len(b.columns)
	b.scratch = &sync.Pool{New: func() any { v := make([]float64, n); return &v }}
}

// Width is the number of values of a row: the columns of the schema bound to.
func (b *Bound) Width() int { return b.width }

// Outputs is the number of margins of a row.
func (b *Bound) Outputs() int { return b.scorer.Outputs() }

// Task says what the outputs mean.
func (b *Bound) Task() Task { return b.scorer.Task() }

// Margins writes rows × Outputs() margins to dst. rows is row-major with Width() values
// a row, of which the model takes those it was trained on.
func (b *Bound) Margins(dst, rows []float64) {
	if b.straight {
		b.scorer.Margins(dst, rows)
		return
	}
	scratch := b.scratch.Get().(*[]float64)
	inputs, outputs := len(b.columns), b.Outputs()
	for n := len(rows) / b.width; n > 0; n = len(rows) / b.width {
		n = min(n, b.chunk)
		for r := range n {
			b.Take((*scratch)[r*inputs:(r+1)*inputs], rows[r*b.width:(r+1)*b.width])
		}
		b.scorer.Margins(dst[:n*outputs], (*scratch)[:n*inputs])
		dst, rows = dst[n*outputs:], rows[n*b.width:]
	}
	b.scratch.Put(scratch)
}

// Take writes the values that the model reads of a row of Width() values to dst, one for
// each of its inputs.
func (b *Bound) Take(dst, row []float64) {
	for i, c := range b.columns {
		dst[i] = row[c]
	}
	for i, m := range b.made {
		if m != nil {
			dst[i] = m.of(row)
		}
	}
	if b.words != nil {
		b.recode(dst)
	}
}

// Explain gets ready to split the margins of rows by input; rows are as [Bound.Take] gives
// them. The error says why this model's margins can't be split.
func (b *Bound) Explain() (Contributions, error) {
	e, ok := b.scorer.(Explainer)
	if !ok {
		return nil, fmt.Errorf("explain model: one of kind %s can't be split by input", b.Model.Kind)
	}
	return e.Explain()
}

func (b *Bound) recode(row []float64) {
	for i, t := range b.words {
		if t == nil {
			continue
		}
		if k := int(row[i]); row[i] >= 0 && k < len(t) {
			row[i] = t[k]
		} else {
			row[i] = nan
		}
	}
}

// Link writes the predictions that belong to margins to dst, which may be margins.
func (b *Bound) Link(dst, margins []float64) { b.scorer.Link(dst, margins) }

// Scores writes one score a row to scores: the probability that the row is not benign
// (for a regression, its number). If predictions is not nil it takes rows × Outputs()
// predictions; it may be nil if Outputs() is 1.
func (b *Bound) Scores(scores, predictions, rows []float64) {
	outputs := b.Outputs()
	if predictions == nil {
		if outputs != 1 {
			panic("model: Scores: predictions are needed for several outputs")
		}
		predictions = scores
	}
	n := len(rows) / b.width
	predictions = predictions[:n*outputs]
	b.Margins(predictions, rows)
	b.Link(predictions, predictions)
	for i := range n {
		if b.Task() == Classes {
			scores[i] = 1 - predictions[i*outputs]
		} else {
			scores[i] = predictions[i*outputs]
		}
	}
}

// Class is the index of the likeliest class given the predictions of one row.
func (b *Bound) Class(predictions []float64) int {
	if b.Task() != Classes {
		if predictions[0] >= 0.5 {
			return 1
		}
		return 0
	}
	best := 0
	for k, p := range predictions {
		if p > predictions[best] {
			best = k
		}
	}
	return best
}
