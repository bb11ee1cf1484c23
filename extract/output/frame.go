package output

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"fm/dataset"
	"fm/extract"
)

// Sample keeps the rows of one input for training or evaluation: all of them, or
// as many as Limit drawn from all. It is a [extract.Sink]; [Join] makes a frame of
// several. Records whose label is background or ignore are counted, but are neither
// drawn nor kept.
type Sample struct {
	Path   string // of the input, for the frame's sources and groups
	SHA256 string // of the input, set at its end if known
	Label  string // of records without a label of their own: benign, malicious or a class
	Limit  int    // rows kept at most; 0: all
	Seed   uint64 // of the draw and of pair hashes
	Index  uint64 // number of the input: its own stream of random numbers

	Counts Counts

	r       *rand.Rand
	columns int
	blocks  [][]float64 // rows, row-major; only the last block grows, so a million rows are not copied again and again
	meta    []rowMeta
	labels  []string // labels seen, meta.label is an index
}

// Counts says what became of the records of an input.
type Counts struct {
	Flows      int            // all
	Background int            // left out by their label
	Ignored    int            // left out by their label
	Seen       map[string]int // by label, what could be drawn
	Kept       map[string]int // by label, what was drawn; set by [Join]
}

type rowMeta struct {
	order int // among the records
	pair  uint64
	time  int64
	label int32
}

// NewSample returns a sink for rows of a schema with so many columns.
func NewSample(columns int) *Sample { return &Sample{columns: columns} }

// Renderer implements [extract.Sink]: no text is made.
func (s *Sample) Renderer() extract.Renderer { return nil }

// Write implements [extract.Sink]. The draw is a reservoir (Vitter's algorithm R)
// over the records in their order, so it depends on nothing else.
func (s *Sample) Write(recs []extract.Record) error {
	if s.r == nil {
		s.r = rand.New(rand.NewPCG(s.Seed, s.Index))
		s.Counts.Seen = map[string]int{}
	}
	for i := range recs {
		r := &recs[i]
		if len(r.Row) != s.columns {
			return fmt.Errorf("keep rows: a record has %d columns, not %d", len(r.Row), s.columns)
		}
		s.Counts.Flows++
		label := cmp.Or(r.Label, s.Label)
		switch label {
		case dataset.Background:
			s.Counts.Background++
			continue
		case dataset.Ignore:
			s.Counts.Ignored++
			continue
		}
		n := s.Counts.Flows - s.Counts.Background - s.Counts.Ignored // this one included
		s.Counts.Seen[label]++
		at := len(s.meta)
		if s.Limit > 0 && at == s.Limit {
			if at = s.r.IntN(n); at >= s.Limit {
				continue
			}
		}
		m := rowMeta{order: n, pair: dataset.PairHash(s.Seed, r.Flow.Key.A, r.Flow.Key.B), time: r.Flow.Start, label: s.label(label)}
		if at == len(s.meta) {
			if at%sampleBlock == 0 {
				s.blocks = append(s.blocks, nil)
			}
			last := &s.blocks[len(s.blocks)-1]
			*last = append(*last, r.Row...)
			s.meta = append(s.meta, m)
			continue
		}
		s.meta[at] = m
		copy(s.row(at), r.Row)
	}
	return nil
}

// sampleBlock is how many rows a block of a sample holds.
const sampleBlock = 1024

func (s *Sample) row(i int) []float64 {
	at := i % sampleBlock * s.columns
	return s.blocks[i/sampleBlock][at : at+s.columns]
}

// label is the number of a label; an input has few.
func (s *Sample) label(l string) int32 {
	i := slices.Index(s.labels, l)
	if i < 0 {
		i = len(s.labels)
		s.labels = append(s.labels, l)
	}
	return int32(i)
}

// Join makes a frame of samples, in their order and each in the order of its records;
// every sample is one group. The samples give up their rows. classes are the names of
// the classes, 0 is benign. A label that is none of them is malicious if there are
// two classes (then every attack is), else an error; a record without label has class -1.
func Join(schema *dataset.Schema, classes []string, samples []*Sample) (*dataset.Frame, error) {
	rows := 0
	for _, s := range samples {
		if s.columns != len(schema.Columns) {
			return nil, fmt.Errorf("join rows: %s has %d columns, not %d", s.Path, s.columns, len(schema.Columns))
		}
		rows += len(s.meta)
	}
	f := &dataset.Frame{Schema: schema, Classes: classes, Cols: make([]dataset.Col, len(schema.Columns)),
		Y: make([]int32, 0, rows), Group: make([]int32, 0, rows), Pair: make([]uint64, 0, rows), Time: make([]int64, 0, rows)}
	for c := range f.Cols {
		f.Cols[c].Values = make([]float64, rows)
	}
	at := 0
	for g, s := range samples {
		class := make([]int32, len(s.labels))
		for i, l := range s.labels {
			var err error
			if class[i], err = dataset.ClassOf(classes, l); err != nil {
				return nil, fmt.Errorf("join rows: %s: %w", s.Path, err)
			}
		}
		order := make([]int, len(s.meta))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(s.meta[a].order, s.meta[b].order) })
		s.Counts.Kept = map[string]int{}
		for _, i := range order {
			m := s.meta[i]
			f.Y = append(f.Y, class[m.label])
			f.Group = append(f.Group, int32(g))
			f.Pair = append(f.Pair, m.pair)
			f.Time = append(f.Time, m.time)
			s.Counts.Kept[s.labels[m.label]]++
			for c, v := range s.row(i) {
				f.Cols[c].Values[at] = v
			}
			at++
		}
		f.Groups = append(f.Groups, s.Path)
		f.Sources = append(f.Sources, dataset.Source{Path: s.Path, SHA256: s.SHA256, Label: s.Label, Rows: len(s.meta), Flows: s.Counts.Flows})
		s.blocks, s.meta = nil, nil
	}
	f.SetRows(rows)
	return f, nil
}
