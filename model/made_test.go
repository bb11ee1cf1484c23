package model_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"fm/dataset"
	"fm/model"
	"fm/model/tree"
)

// oneInput is a model of one input that was written and read again, bound to rows of columns.
func oneInput(t *testing.T, columns []dataset.Column, in model.Input) (*model.Bound, error) {
	t.Helper()
	e := tree.NewEnsemble(model.Binary, 1, 1)
	e.Trees = []tree.Tree{{Nodes: []tree.Node{{Threshold: 1, Left: ^0, Right: ^1}}, Values: []float64{-1, 1}, Cover: []float64{1, 1}, Gain: []float32{1}}}
	if err := e.Validate(); err != nil {
		t.Fatal(err)
	}
	m, err := model.New(model.Manifest{FM: "test", Kind: "tree", Classes: []string{"benign", "malicious"},
		Schema: dataset.Schema{Set: "x", Version: 1, Columns: columns}, Inputs: []model.Input{in}}, e)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := m.Write(&b, tree.Codec{}); err != nil {
		t.Fatal(err)
	}
	back, err := model.Read(&b, codec)
	if err != nil {
		t.Fatal(err)
	}
	return back.Bind(&m.Schema)
}

func ptr(v float64) *model.Number { n := model.Number(v); return &n }

// An input can be made of columns: their sum, another unit of time, a number where there is
// no value.
func TestMadeInputs(t *testing.T) {
	nan, third := math.NaN(), 1/3.0
	columns := []dataset.Column{{Name: "fwd", Unit: dataset.Count}, {Name: "bwd", Unit: dataset.Count}, {Name: "gap", Unit: dataset.Millis}, {Name: "wait", Unit: dataset.Micros}}
	row := func(fwd, bwd, gap, wait float64) []float64 { return []float64{fwd, bwd, gap, wait} }
	for _, c := range []struct {
		made model.Made
		row  []float64
		want float64
	}{
		{model.Made{Columns: []string{"fwd", "bwd"}}, row(2, 3, 0, 0), 5},
		{model.Made{Columns: []string{"fwd", "bwd"}, Absent: ptr(0)}, row(nan, 3, 0, 0), 3},
		{model.Made{Columns: []string{"fwd", "bwd"}, Absent: ptr(-1)}, row(nan, nan, 0, 0), -1},
		{model.Made{Columns: []string{"fwd", "bwd"}}, row(nan, nan, 0, 0), nan},
		{model.Made{Absent: ptr(7)}, row(1, 1, 1, 1), 7},
		{model.Made{}, row(1, 1, 1, 1), nan},
		{model.Made{Columns: []string{"gap"}, Unit: dataset.Micros}, row(0, 0, 1.001, 0), 1001}, // not 1000.9999999999999
		{model.Made{Columns: []string{"gap"}, Unit: dataset.Seconds}, row(0, 0, 1234.567, 0), 1.234567},
		{model.Made{Columns: []string{"gap"}, Unit: dataset.Nanos}, row(0, 0, 0.000007, 0), 7},
		{model.Made{Columns: []string{"gap"}, Unit: dataset.Millis}, row(0, 0, 0.1, 0), 0.1},
		{model.Made{Columns: []string{"wait"}, Unit: dataset.Millis}, row(0, 0, 0, 1001), 1.001},
		{model.Made{Columns: []string{"wait"}, Unit: dataset.Seconds}, row(0, 0, 0, third), third * 1e3 / 1e9}, // no whole nanoseconds
		{model.Made{Columns: []string{"gap"}, Unit: dataset.Micros, Absent: ptr(0)}, row(0, 0, nan, 0), 0},
		{model.Made{Columns: []string{"gap"}, Unit: dataset.Micros}, row(0, 0, math.Inf(1), 0), math.Inf(1)},
	} {
		b, err := oneInput(t, columns, model.Input{Name: "its own name", Made: &c.made})
		if err != nil {
			t.Errorf("%+v: %v", c.made, err)
			continue
		}
		got := []float64{0}
		b.Take(got, c.row)
		if got[0] != c.want && !(got[0] != got[0] && c.want != c.want) {
			t.Errorf("%+v of %v is %v, want %v", c.made, c.row, got[0], c.want)
		}
	}
}

// Times keep their order when they are put into another unit.
func TestMadeOrder(t *testing.T) {
	b, err := oneInput(t, []dataset.Column{{Name: "gap", Unit: dataset.Millis}}, model.Input{Name: "x", Made: &model.Made{Columns: []string{"gap"}, Unit: dataset.Micros}})
	if err != nil {
		t.Fatal(err)
	}
	before, got := math.Inf(-1), []float64{0}
	for start := 1e-6; start < 1e9; start *= 7.3 {
		v := math.RoundToEven(start*1e6) / 1e6 // around a whole number of nanoseconds
		for range 8 {
			v = math.Nextafter(v, 0)
		}
		for range 16 {
			b.Take(got, []float64{v})
			if got[0] < before {
				t.Fatalf("%v ms are %v us, less than before: %v", v, got[0], before)
			}
			before, v = got[0], math.Nextafter(v, math.Inf(1))
		}
	}
}

// A manifest whose inputs cannot be made is refused.
func TestMadeRefused(t *testing.T) {
	columns := []dataset.Column{{Name: "n", Unit: dataset.Count}, {Name: "ms", Unit: dataset.Millis}, {Name: "s", Unit: dataset.Seconds}, {Name: "us", Unit: dataset.Micros}}
	for want, in := range map[string]model.Input{
		"no column of the schema": {Name: "x", Made: &model.Made{Columns: []string{"m"}}},
		"units that do not":       {Name: "x", Made: &model.Made{Columns: []string{"n"}, Unit: dataset.Micros}},
		"in ms and s":             {Name: "x", Made: &model.Made{Columns: []string{"ms", "s"}, Unit: dataset.Micros}},
		"in us and s":             {Name: "x", Made: &model.Made{Columns: []string{"us", "s"}, Unit: dataset.Micros}},
		"has words":               {Name: "x", Words: []string{"a"}, Made: &model.Made{Columns: []string{"n"}}},
		"is infinite":             {Name: "x", Made: &model.Made{Absent: ptr(math.Inf(1))}},
		"made of 17 columns":      {Name: "x", Made: &model.Made{Columns: make([]string, 17)}},
		`input "" is made`:        {Made: &model.Made{}},
	} {
		if _, err := oneInput(t, columns, in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", in.Made, err, want)
		}
	}
}

// Margins take made inputs, and cost no memory.
func TestMadeMargins(t *testing.T) {
	b, err := oneInput(t, []dataset.Column{{Name: "ms", Unit: dataset.Millis}}, model.Input{Name: "x", Made: &model.Made{Columns: []string{"ms"}, Unit: dataset.Seconds, Absent: ptr(5)}})
	if err != nil {
		t.Fatal(err)
	}
	got, rows := make([]float64, 3), []float64{999, 1001, math.NaN()}
	b.Margins(got, rows)
	if got[0] != -1 || got[1] != 1 || got[2] != 1 {
		t.Errorf("margins %v", got)
	}
	if n := testing.AllocsPerRun(100, func() { b.Margins(got, rows) }); n > 0.1 {
		t.Errorf("%v allocations", n)
	}
}
