package main

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"fm/classify"
	"fm/dataset"
	"fm/model/eval"
	"fm/model/fit"
)

// wanted are the columns of a table without a card that the model reads, whatever their
// names say. Words become the model's numbers for them; where an imported model has labels
// that are words and the table numbers, these are the codes themselves.
func (l *loaded) wanted(t *dataset.Table) []dataset.Wanted {
	var want []dataset.Wanted
	for _, in := range l.Inputs {
		if in.Made != nil {
			for _, name := range in.Made.Columns {
				if !slices.ContainsFunc(want, func(w dataset.Wanted) bool { return w.Name == name }) {
					want = append(want, dataset.Wanted{Name: name, Alike: l.Imported != nil})
				}
			}
			continue
		}
		w := dataset.Wanted{Name: in.Name, Words: in.Words, Alike: l.Imported != nil}
		if l.Imported != nil && t.Words != nil && in.Words != nil {
			if c := t.Alike(in.Name); len(c) == 1 && !t.Words[c[0]] && !allNumbers(in.Words) {
				w.Words = nil
			}
		}
		want = append(want, w)
	}
	return want
}

// allNumbers tells whether every label is a number.
func allNumbers(labels []string) bool {
	for _, l := range labels {
		if _, err := strconv.ParseFloat(l, 64); err != nil {
			return false
		}
	}
	return true
}

// unseen tells how many cells of a table held words that the model never saw.
func (a *app) unseen(t *dataset.Table) {
	counts := t.Unseen()
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		a.ui.warn("%s: column %q: %s that the model never saw, taken for missing", t.Path, name, plural(counts[name], "cell"))
	}
}

// tableFrame reads tables into one frame. Each file of a class is a group, of others each
// value of the column source. r says what is beside the flags.
func (a *app) tableFrame(files []labelledFile, o dataset.TableOptions, open func(string) (*dataset.Table, error), d *dataFlags, r dataset.ReadOptions) (*dataset.Frame, error) {
	var list []dataset.TableFile
	for _, f := range files {
		list = append(list, dataset.TableFile{Path: f.path, Mark: f.class, Whole: f.class != ""})
	}
	r.Label, r.Benign = d.label, d.benignValue
	r.Done = func(t *dataset.Table, _ *dataset.ReadCounts) {
		a.readNotes(t)
		if r.Want != nil {
			a.unseen(t)
		}
	}
	opened := map[string]bool{}
	f, n, err := dataset.ReadTables(a.stop.ctx, list, func(path string) (*dataset.Table, error) {
		t, err := open(path)
		if err == nil && !opened[path] { // before a label is looked for that such a header has not
			opened[path] = true
			a.headless(t)
		}
		return t, err
	}, r)
	if errors.Is(err, dataset.ErrNoLabel) {
		return nil, &hinted{err, "--label COLUMN names it"}
	}
	if err != nil {
		return nil, badRows(err)
	}
	sums := map[string]labelledFile{}
	for i, s := range f.Sources {
		if other, twin := sums[s.SHA256]; twin && s.SHA256 != "" {
			return nil, sameFile(other, files[i], "the same bytes")
		}
		sums[s.SHA256] = files[i]
	}
	a.unjoined(o)
	if s := o.Join; s != nil { // its columns are in the rows, but it has none of its own
		f.Sources = append(f.Sources, dataset.Source{Path: s.Path, SHA256: s.SHA256, Label: "joined"})
	}
	if n.Background+n.Ignored > 0 {
		a.ui.say("left out by their labels: %d flows of background, %d to ignore", n.Background, n.Ignored)
	}
	return f, nil
}

// tableScores are the scores of all rows of tables, and what of them is not in the frame,
// which holds no columns.
type tableScores struct {
	frame          *dataset.Frame
	c              *classify.Classifier
	score          []float64
	predictions    []float64 // row × outputs; of one output the scores
	packets, bytes []float64 // nil where the rows do not say
}

// scoreTables scores the rows of tables as they are read, without holding them.
func (a *app) scoreTables(m *loaded, files []labelledFile, o dataset.TableOptions, d *dataFlags, opts classify.Options) (*tableScores, error) {
	first, err := o.Open(files[0].path)
	if err != nil {
		return nil, badRows(err)
	}
	open := func(path string) (*dataset.Table, error) {
		if t := first; t != nil && path == t.Path { // what is no file cannot be opened twice
			first = nil
			return t, nil
		}
		t, err := o.Open(path)
		if err != nil {
			return nil, err
		}
		if err = m.rowsOf(t); err != nil {
			t.Close()
		}
		return t, err
	}
	defer func() {
		if first != nil {
			first.Close()
		}
	}()
	if err := m.rowsOf(first); err != nil {
		return nil, err
	}
	r := dataset.ReadOptions{Classes: m.Classes}
	if first.Card == nil {
		r.Want = m.wanted(first)
		first.Take(r.Want)
	}
	schema := first.Schema
	s := &tableScores{}
	if s.c, err = a.classifier(m, schema, first.Path, opts); err != nil {
		return nil, err
	}
	packets, bytes := -1, -1
	if schema.Set != "" {
		packets, bytes = schema.Index("packets"), byteColumn(schema)
	}
	w, outputs := s.c.Width(), s.c.Outputs()
	r.Rows = func(rows []float64) error {
		n := len(rows) / w
		at := len(s.score)
		s.score = append(s.score, make([]float64, n)...)
		predictions := s.score[at:]
		if outputs > 1 {
			s.predictions = append(s.predictions, make([]float64, n*outputs)...)
			predictions = s.predictions[at*outputs:]
		}
		s.c.Score(s.score[at:], predictions, rows)
		for i := range n {
			if packets >= 0 {
				s.packets = append(s.packets, rows[i*w+packets])
			}
			if bytes >= 0 {
				s.bytes = append(s.bytes, rows[i*w+bytes])
			}
		}
		return nil
	}
	s.frame, err = a.tableFrame(files, o, open, d, r)
	return s, err
}

// judgeTables scores the rows of tables and puts them side by side with their labels.
func (a *app) judgeTables(m *loaded, files []labelledFile, o dataset.TableOptions, d *dataFlags, e *evaluateFlags) (*eval.Data, error) {
	s, err := a.scoreTables(m, files, o, d, e.opts)
	if err != nil {
		return nil, err
	}
	f := s.frame
	data := fit.JudgeScored(f, s.score, s.predictions, s.c.Outputs(), s.c.Threshold())
	groups := make([][]int64, len(f.Groups))
	for i, y := range f.Y { // the rows that are judged
		if y < 0 {
			continue
		}
		if s.packets != nil {
			data.Packets = append(data.Packets, s.packets[i])
		}
		if s.bytes != nil {
			data.Bytes = append(data.Bytes, s.bytes[i])
		}
		if f.Time != nil {
			groups[f.Group[i]] = append(groups[f.Group[i]], f.Time[i])
		}
	}
	for _, times := range groups {
		data.Hours += covered(times)
	}
	return &data, nil
}
