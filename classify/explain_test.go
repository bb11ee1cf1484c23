package classify

import (
	"math"
	"slices"
	"testing"

	"fm/dataset"
	"fm/extract"
	"fm/model"
)

// parted is a scorer by hand: input i adds weight[output][i] times its value, which is its
// contribution.
type parted struct {
	weight [][]float64
	task   model.Task
}

func (p parted) Inputs() int      { return len(p.weight[0]) }
func (p parted) Outputs() int     { return len(p.weight) }
func (p parted) Task() model.Task { return p.task }
func (p parted) Margins(dst, rows []float64) {
	parts := make([]float64, p.Inputs()+1)
	for i := range len(rows) / p.Inputs() {
		for o := range p.Outputs() {
			p.parts(parts, rows[i*p.Inputs():(i+1)*p.Inputs()], o)
			dst[i*p.Outputs()+o] = 0
			for _, v := range parts {
				dst[i*p.Outputs()+o] += v
			}
		}
	}
}
func (p parted) Link(dst, margins []float64) {
	sum{p.Outputs(), p.task}.Link(dst, margins)
}
func (p parted) Explain() (model.Contributions, error) { return p.parts, nil }
func (p parted) parts(dst, row []float64, output int) {
	for i, w := range p.weight[output] {
		dst[i] = w * row[i]
	}
	dst[len(row)] = float64(output)
}

// partedModel has inputs a, b, c and d, which lie backwards in the rows.
func partedModel(t testing.TB, p parted) (*model.Model, []extract.Record) {
	t.Helper()
	s := *schema
	s.Columns = nil
	m := model.Manifest{Kind: "hand", Classes: []string{"benign", "malicious", "third"}[:max(2, p.Outputs())], Thresholds: []model.Threshold{{Value: 0.5}}}
	for _, name := range []string{"a", "b", "c", "d"} {
		m.Inputs = append(m.Inputs, model.Input{Name: name})
		s.Columns = append(s.Columns, dataset.Column{Name: name})
	}
	slices.Reverse(s.Columns)
	m.Schema = s
	made, err := model.New(m, p)
	if err != nil {
		t.Fatal(err)
	}
	return made, []extract.Record{{Row: []float64{0, 3, 1, 2}}, {Row: []float64{-9, -1, -1, -1}}} // d, c, b, a
}

func TestExplain(t *testing.T) {
	m, recs := partedModel(t, parted{[][]float64{{1, 2, -1, 1}}, model.Binary})
	// Inputs a to d are 2 1 3 0: contributions 2 2 -3 0; then -1 -1 -1 -9: -1 -2 1 -9.
	first := []extract.Reason{{Input: 2, Value: 3, Contribution: -3}, {Input: 0, Value: 2, Contribution: 2}, {Input: 1, Value: 1, Contribution: 2}}
	second := []extract.Reason{{Input: 3, Value: -9, Contribution: -9}, {Input: 1, Value: -1, Contribution: -2}, {Input: 0, Value: -1, Contribution: -1}, {Input: 2, Value: -1, Contribution: 1}}
	for _, k := range []struct {
		o             Options
		first, second []extract.Reason
		parts         int
	}{
		{Options{Explain: 1}, first[:1], second[:1], 0},
		{Options{Explain: 2}, first[:2], second[:2], 0}, // of equal ones the first
		{Options{Explain: 9}, first, second, 0},         // what adds nothing is no reason
		{Options{Explain: All}, append(slices.Clone(first), extract.Reason{Input: 3}), second, 5},
		{Options{Explain: 2, ExplainMalicious: true}, first[:2], nil, 0},
		{Options{}, nil, nil, 0},
	} {
		c, err := New(m, &m.Schema, k.o)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Clone(recs)
		if err := NewStage(c).Process(got); err != nil {
			t.Fatal(err)
		}
		if got[0].Verdict != true || got[1].Verdict != false { // margins 1 and -11
			t.Fatalf("verdicts %v %v", got[0].Verdict, got[1].Verdict)
		}
		if !slices.Equal(got[0].Reasons, k.first) || !slices.Equal(got[1].Reasons, k.second) {
			t.Errorf("%+v: %v and %v", k.o, got[0].Reasons, got[1].Reasons)
		}
		if len(got[0].Parts) != k.parts || k.parts > 0 && !slices.Equal(got[1].Parts, []float64{-1, -2, 1, -9, 0}) {
			t.Errorf("%+v: parts %v and %v", k.o, got[0].Parts, got[1].Parts)
		}
	}
}

// With several classes it is the margin of the class given; all contributions are those of
// every class.
func TestExplainClasses(t *testing.T) {
	m, recs := partedModel(t, parted{[][]float64{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0.5}}, model.Classes})
	c, err := New(m, &m.Schema, Options{Explain: All})
	if err != nil {
		t.Fatal(err)
	}
	if err := NewStage(c).Process(recs); err != nil {
		t.Fatal(err)
	}
	// Margins 2, 1+1, 3+2 and -1, -1+1, -5.5+2.
	if recs[0].Class != 2 || recs[0].Reasons[0] != (extract.Reason{Input: 2, Value: 3, Contribution: 3}) {
		t.Errorf("class %d: %v", recs[0].Class, recs[0].Reasons)
	}
	if recs[1].Class != 1 || recs[1].Reasons[0] != (extract.Reason{Input: 1, Value: -1, Contribution: -1}) {
		t.Errorf("class %d: %v", recs[1].Class, recs[1].Reasons)
	}
	if want := []float64{2, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 3, 0, 2}; !slices.Equal(recs[0].Parts, want) {
		t.Errorf("parts %v, want %v", recs[0].Parts, want)
	}
	if len(recs[1].Parts) != 15 || math.IsNaN(recs[1].Parts[14]) {
		t.Errorf("parts %v", recs[1].Parts)
	}
}

// A scorer whose margins can't be split says so before anything is scored.
func TestExplainNotPossible(t *testing.T) {
	if _, err := New(newModel(t, sum{1, model.Binary}), schema, Options{Explain: 3}); err == nil {
		t.Error("a scorer without contributions is explained")
	}
}

func BenchmarkExplain(b *testing.B) {
	m, recs := partedModel(b, parted{[][]float64{{1, 2, -1, 1}}, model.Binary})
	c, err := New(m, &m.Schema, Options{Explain: 2})
	if err != nil {
		b.Fatal(err)
	}
	st := NewStage(c)
	b.ReportAllocs()
	for b.Loop() {
		st.Process(recs)
	}
}
