package output

import (
	"errors"
	"fmt"
	"slices"

	"fm/dataset"
	"fm/extract"
	"fm/extract/feature"
)

// Names of the columns that every set has, in the order of the native layout.
// Several are columns of tools' sets too; those are not written twice.
var identity = []struct {
	name string
	kind kind
}{
	{"source", sourceCell}, {"community_id", communityCell}, {"src_ip", srcIPCell}, {"src_port", srcPortCell}, {"dst_ip", dstIPCell}, {"dst_port", dstPortCell},
	{"protocol", protocolCell}, {"vlan", vlanCell}, {"start", startCell}, {"end", endCell}, {"first_frame", frameCell}, {"packets_seen", packetsCell},
	{"end_reason", reasonCell}, {"state", stateCell},
}

// kind is what a cell holds.
type kind uint8

const (
	sourceCell kind = iota
	communityCell
	srcIPCell
	srcPortCell
	dstIPCell
	dstPortCell
	protocolCell
	vlanCell
	startCell
	endCell
	frameCell
	packetsCell
	reasonCell
	stateCell
	featureCell // column number index of the row
	listCell    // list number index
	labelCell
	scoreCell
	verdictCell
	classCell
	classScoreCell // score of class number index
	partCell       // number index of Explain.Columns, a number
	partWordCell   // the same, a word
	reasonsCell    // all reasons, in JSON
)

// early tells whether a worker knows the cell; the others follow after the stages.
func (c cell) early(setColumns int) bool {
	return c.kind <= stateCell || c.kind == listCell || c.kind == featureCell && c.index < setColumns
}

// cell is one column of the output.
type cell struct {
	name  string
	kind  kind
	index int
	run   int // of a feature: so many cells from this one on are columns index, index+1 …
}

// layout is what is written, in order.
type layout struct {
	cells   []cell
	head    int // so many of the first cells are written by workers
	classes []string
	explain *Explain
	source  func(uint32) string
}

// Options says what a writer writes. The zero value of a field is the default.
type Options struct {
	Schema     *dataset.Schema           // of the rows, columns of feature stages included
	SetColumns int                       // how many of them workers know; 0: all, there is no feature stage
	Format     Format                    // 0: by the file's name
	Columns    []string                  // these, in this order; nil: all
	ManyInputs bool                      // the column source stands in front
	Source     func(input uint32) string // path of an input; called by several goroutines at once; needed for the column source
	Lists      []feature.List            // of the set: written by the formats that hold lists
	Original   *feature.Layout           // rows as their tool writes them; of the other fields only Schema, Format, Label and Rotate count
	Label      bool                      // records may carry a label: the column label is written
	Scores     bool                      // records carry scores: score, verdict and class are written
	Classes    []string                  // names of classes, 0 is benign; with more than two, score_NAME is written for each
	Explain    *Explain                  // not nil: records carry reasons
	Rotate     Rotation                  // when a file ends and the next one begins
}

// ErrColumn is wrapped by the error for a name in Options.Columns that nothing has.
var ErrColumn = errors.New("no such column")

// layout puts the cells of the native layout in order.
func (o *Options) layout(format Format) (*layout, error) {
	var all []cell
	taken := map[string]bool{}
	for _, id := range identity {
		all = append(all, cell{name: id.name, kind: id.kind})
		taken[id.name] = true
	}
	for i, c := range o.Schema.Columns {
		if !taken[c.Name] {
			all = append(all, cell{name: c.Name, kind: featureCell, index: i})
		}
	}
	if format == JSONL || format == Parquet {
		for i, l := range o.Lists {
			all = append(all, cell{name: l.Name, kind: listCell, index: i})
		}
	}
	if o.Label {
		all = append(all, cell{name: "label", kind: labelCell})
	}
	if o.Scores {
		all = append(all, cell{name: "score", kind: scoreCell}, cell{name: "verdict", kind: verdictCell}, cell{name: "class", kind: classCell})
		if len(o.Classes) > 2 {
			for i, c := range o.Classes {
				all = append(all, cell{name: "score_" + c, kind: classScoreCell, index: i})
			}
		}
	}
	parts := o.explainCells(format)
	all = append(all, parts...)
	seen := map[string]bool{}
	for _, c := range all {
		if seen[c.name] && len(o.Columns) == 0 {
			return nil, fmt.Errorf("write rows: two columns are called %q", c.name)
		}
		seen[c.name] = true
	}
	l := &layout{classes: o.Classes, source: o.Source, explain: o.Explain}
	if l.source == nil {
		l.source = func(uint32) string { return "" }
	}
	if len(o.Columns) == 0 {
		l.cells = all
		if !o.ManyInputs {
			l.cells = all[1:]
		}
	}
	for _, name := range o.Columns {
		i := slices.IndexFunc(all, func(c cell) bool { return c.name == name })
		switch {
		case i < 0 && slices.ContainsFunc(o.Lists, func(l feature.List) bool { return l.Name == name }):
			return nil, fmt.Errorf("write rows: %w: %q is a list, which JSON Lines and Parquet hold", ErrColumn, name)
		case i < 0:
			return nil, fmt.Errorf("write rows: %w: %q", ErrColumn, name)
		}
		if slices.ContainsFunc(l.cells, func(c cell) bool { return c.name == name }) {
			return nil, fmt.Errorf("write rows: column %q asked for twice", name)
		}
		l.cells = append(l.cells, all[i])
	}
	if !slices.ContainsFunc(l.cells, func(c cell) bool { return c.kind >= partCell }) {
		l.cells = append(l.cells, parts...)
	}
	l.split(o.setColumns())
	return l, nil
}

// explainCells are the cells of explanations: columns, and in JSON an array, which says
// what the columns of a fixed number of reasons do.
func (o *Options) explainCells(format Format) (cells []cell) {
	if o.Explain == nil {
		return nil
	}
	if format == JSONL {
		cells = append(cells, cell{name: "explain", kind: reasonsCell})
		if o.Explain.Largest > 0 {
			return cells
		}
	}
	for i, name := range o.Explain.Columns() {
		c := cell{name: name, kind: partCell, index: i}
		if o.Explain.Word(i) {
			c.kind = partWordCell
		}
		cells = append(cells, c)
	}
	return cells
}

func (o *Options) setColumns() int {
	if o.SetColumns == 0 {
		return len(o.Schema.Columns)
	}
	return o.SetColumns
}

// split states how many of the first cells are for workers, and finds the runs of features.
func (l *layout) split(setColumns int) {
	for l.head = 0; l.head < len(l.cells) && l.cells[l.head].early(setColumns); l.head++ {
	}
	for i := len(l.cells) - 1; i >= 0; i-- {
		c := &l.cells[i]
		if c.kind != featureCell {
			continue
		}
		c.run = 1
		if i+1 < len(l.cells) && i+1 != l.head {
			if next := l.cells[i+1]; next.kind == featureCell && next.index == c.index+1 {
				c.run += next.run
			}
		}
	}
}

// names lists the columns in order.
func (l *layout) names() []string {
	out := make([]string, len(l.cells))
	for i, c := range l.cells {
		out[i] = c.name
	}
	return out
}

// verdict is the word for a record's verdict, "" without one.
func verdict(r *extract.Record) string {
	switch {
	case !r.Scored:
		return ""
	case r.Verdict:
		return dataset.Malicious
	}
	return dataset.Benign
}

// class is the name of a record's likeliest class, "" without one.
func (l *layout) class(r *extract.Record) string {
	if !r.Scored || r.Class < 0 || r.Class >= len(l.classes) {
		return ""
	}
	return l.classes[r.Class]
}
