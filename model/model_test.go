package model_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"fm/dataset"
	"fm/model"
	"fm/model/modeltest"
	"fm/model/tree"
)

// made is a small model of the test table and the rows it was trained on.
func made(t testing.TB) (*model.Model, *dataset.Frame) {
	t.Helper()
	f := modeltest.Table(300, 2, 1)
	s, err := tree.Trainer{}.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	m := model.Manifest{FM: "test", Kind: "tree", Classes: f.Classes, Schema: *f.Schema}
	for _, c := range f.Schema.Columns {
		m.Inputs = append(m.Inputs, model.Input{Name: c.Name, All: &model.Summary{Rows: 3, Quantiles: []model.Number{model.Number(math.Inf(-1)), 1, model.Number(math.Inf(1))}}})
	}
	out, err := model.New(m, s)
	if err != nil {
		t.Fatal(err)
	}
	return out, f
}

func codec(kind string) model.Codec {
	if kind == "tree" {
		return tree.Codec{}
	}
	return nil
}

func file(t testing.TB, m *model.Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(&b, tree.Codec{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFileRoundTrip(t *testing.T) {
	m, f := made(t)
	m = m.WithThreshold(model.Threshold{Value: 0.25, Rule: "max-fpr"})
	b := file(t, m)
	lines := bytes.SplitN(b, []byte("\n"), 3)
	if string(lines[0]) != "fm model 1" {
		t.Errorf("first line %q", lines[0])
	}
	var manifest map[string]any
	if err := json.Unmarshal(lines[1], &manifest); err != nil || manifest["kind"] != "tree" {
		t.Errorf("second line: %v", err)
	}
	back, err := model.Read(bytes.NewReader(b), codec)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file(t, back), b) {
		t.Error("written again, the bytes differ")
	}
	if th, ok := back.InForce(); !ok || th.Value != 0.25 {
		t.Errorf("threshold %+v", th)
	}
	if q := back.Inputs[0].All.Quantiles; !math.IsInf(float64(q[0]), -1) || q[1] != 1 || !math.IsInf(float64(q[2]), 1) {
		t.Errorf("quantiles %v", q)
	}
	one, err := m.Bind(f.Schema)
	if err != nil {
		t.Fatal(err)
	}
	two, err := back.Bind(f.Schema)
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, f.Rows()), make([]float64, f.Rows())
	one.Scores(x, nil, modeltest.Flat(f))
	two.Scores(y, nil, modeltest.Flat(f))
	for i := range x {
		if x[i] != y[i] {
			t.Fatalf("row %d scores %v, read back %v", i, x[i], y[i])
		}
	}
}

// Whatever is wrong with a file is said.
func TestReadRefuses(t *testing.T) {
	m, _ := made(t)
	b := file(t, m)
	damaged := bytes.Clone(b)
	damaged[len(b)-3] ^= 1
	for _, c := range []struct {
		name, want string
		b          []byte
	}{
		{"empty", "not a model file", nil},
		{"text", "not a model file", []byte("hello, world, this is no model\n")},
		{"newer format", `its format is "2", this fm reads format 1`, bytes.Replace(b, []byte("model 1"), []byte("model 2"), 1)},
		{"cut in the manifest", "file is cut", b[:100]},
		{"cut in the payload", "file is cut: payload has", b[:len(b)-1]},
		{"longer", "goes on behind", append(bytes.Clone(b), 'x')},
		{"damaged payload", "damaged", damaged},
		{"unknown kind", `unknown kind "bush"`, bytes.Replace(b, []byte(`"kind":"tree"`), []byte(`"kind":"bush"`), 1)},
		{"other column", "fingerprint", bytes.Replace(b, []byte(`"options":""`), []byte(`"options":"x"`), 1)},
		{"other input", "not one column", bytes.Replace(b, []byte(`"inputs":[{"name":"x"`), []byte(`"inputs":[{"name":"q"`), 1)},
		{"negative length", "too long", bytes.Replace(b, []byte(`"length":`), []byte(`"length":-`), 1)},
		{"huge length", "too long", bytes.Replace(b, []byte(`"length":`), []byte(`"length":99999999`), 1)},
		{"no JSON", "line 2", []byte("fm model 1\n{{{\n")},
	} {
		_, err := model.Read(bytes.NewReader(c.b), codec)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := model.Read(bytes.NewReader(nil), codec); !errors.Is(err, model.ErrNotModel) {
		t.Error("an empty file is not ErrNotModel")
	}
	// A manifest without end must not be read for ever.
	endless := io.MultiReader(strings.NewReader("fm model 1\n{"), zeros{})
	if _, err := model.Read(endless, codec); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("endless manifest: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestNewRefuses(t *testing.T) {
	m, f := made(t)
	s, _ := tree.Trainer{}.Train(context.Background(), f, modeltest.All(f))
	bad := m.Manifest
	bad.Inputs = bad.Inputs[1:]
	if _, err := model.New(bad, s); err == nil {
		t.Error("an input too few is accepted")
	}
	bad = m.Manifest
	bad.Classes = []string{"benign"}
	if _, err := model.New(bad, s); err == nil {
		t.Error("one class is accepted")
	}
}

func TestBindDifferences(t *testing.T) {
	m, f := made(t)
	change := func(edit func(*dataset.Schema)) *dataset.Schema {
		s := *f.Schema
		s.Columns = append([]dataset.Column(nil), s.Columns...)
		edit(&s)
		return &s
	}
	for _, c := range []struct {
		name, hint string
		schema     *dataset.Schema
	}{
		{"missing", `missing: "noise"`, change(func(s *dataset.Schema) { s.Columns[2].Name = "other" })},
		{"extra", `not expected: "more"`, change(func(s *dataset.Schema) { s.Columns = append(s.Columns, dataset.Column{Name: "more"}) })},
		{"unit", `unit: y: ms, not no unit`, change(func(s *dataset.Schema) { s.Columns[1].Unit = dataset.Millis })},
		{"rules", `rules: "" expected, "idle=60s" found`, change(func(s *dataset.Schema) { s.Options = "idle=60s" })},
		{"version", "made with another fm?", change(func(s *dataset.Schema) { s.Version = 2 })},
		{"order", "another order", change(func(s *dataset.Schema) { s.Columns[0], s.Columns[1] = s.Columns[1], s.Columns[0] })},
		{"stage", "stages", change(func(s *dataset.Schema) { s.Stages = []string{"context"} })},
		{"table without a column", `missing: "x"`, &dataset.Schema{Columns: []dataset.Column{{Name: "y"}}}},
	} {
		_, err := m.Bind(c.schema)
		var se *dataset.SchemaError
		if !errors.As(err, &se) {
			t.Errorf("%s: error %v", c.name, err)
			continue
		}
		if hints := strings.Join(se.Hints(), "\n"); !strings.Contains(hints, c.hint) {
			t.Errorf("%s: hints %q, want %q", c.name, hints, c.hint)
		}
	}
	_, err := m.Bind(change(func(s *dataset.Schema) { s.Columns = s.Columns[:5] }))
	if want := `6 columns of "test/1" expected, 5 of "test/1" found`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// A table binds by name, in any order and with columns between, with a warning.
func TestBindTable(t *testing.T) {
	m, f := made(t)
	s := &dataset.Schema{}
	for i := range f.Schema.Columns {
		s.Columns = append(s.Columns, dataset.Column{Name: "between" + string(rune('a'+i))}, f.Schema.Columns[5-i])
	}
	b, err := m.Bind(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Warnings) != 1 || b.Width() != 12 {
		t.Errorf("warnings %v, width %d", b.Warnings, b.Width())
	}
	straight, err := m.Bind(f.Schema)
	if err != nil || len(straight.Warnings) != 0 {
		t.Fatal(err, straight.Warnings)
	}
	rows := make([]float64, f.Rows()*12)
	for i := range f.Rows() {
		for c := range 6 {
			rows[i*12+2*(5-c)+1] = f.Cols[c].Values[i]
			rows[i*12+2*c] = math.NaN()
		}
	}
	x, y := make([]float64, f.Rows()), make([]float64, f.Rows())
	b.Scores(x, nil, rows)
	straight.Scores(y, nil, modeltest.Flat(f))
	for i := range x {
		if x[i] != y[i] {
			t.Fatalf("row %d: %v by name, %v by fingerprint", i, x[i], y[i])
		}
	}
	b.Scores(x, nil, rows) // the scratch is there now
	if n := testing.AllocsPerRun(20, func() { b.Scores(x, nil, rows) }); n > 0.5 && !modeltest.Raced {
		t.Errorf("scoring through a gather allocates %v times", n)
	}
}

// Words are numbers by the order of training; an unknown word is missing.
func TestBindWords(t *testing.T) {
	f := &dataset.Frame{Schema: &dataset.Schema{Columns: []dataset.Column{{Name: "service"}}}, Classes: []string{"benign", "bad"},
		Cols: []dataset.Col{{Values: []float64{0, 1, 0, 1}, Words: []string{"http", "irc"}}}, Y: []int32{0, 1, 0, 1}}
	f.SetRows(4)
	s, err := tree.Trainer{MinLeaf: 1}.Train(context.Background(), f, []int{0, 1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(model.Manifest{Kind: "tree", Classes: f.Classes, Schema: *f.Schema, Inputs: []model.Input{{Name: "service", Words: f.Cols[0].Words}}}, s)
	if err != nil {
		t.Fatal(err)
	}
	other := *f
	other.Cols = []dataset.Col{{Values: []float64{0, 1, 2, math.NaN()}, Words: []string{"irc", "smtp", "http"}}}
	b, err := m.BindFrame(&other)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]float64, 4)
	b.Scores(p, nil, []float64{0, 1, 2, math.NaN()})
	if p[0] != 3./4 || p[2] != 1./4 || p[1] != p[3] { // two rows a leaf and one more of each class
		t.Errorf("irc, smtp, http, missing score %v", p)
	}
	other.Cols[0].Words = nil
	if _, err := m.BindFrame(&other); err == nil {
		t.Error("numbers bind to words")
	}
}

// Quantiles by hand: 0 … 32 have themselves; of 0 and 1 the middle is 0.5.
func TestSummarise(t *testing.T) {
	v := make([]float64, 33)
	for i := range v {
		v[i] = float64(i)
	}
	s := model.Summarise(v, 66)
	for i, q := range s.Quantiles {
		if float64(q) != float64(i) {
			t.Errorf("quantile %d is %v", i, q)
		}
	}
	if s.Missing != 0.5 {
		t.Errorf("missing %v", s.Missing)
	}
	if q := model.Summarise([]float64{0, 1}, 2).Quantiles[16]; q != 0.5 {
		t.Errorf("median of 0 and 1 is %v", q)
	}
	if q := model.Summarise([]float64{math.Inf(-1), math.Inf(1)}, 2).Quantiles; math.IsNaN(float64(q[0])) || len(q) != 33 {
		t.Errorf("of infinities: %v", q)
	}
	if s := model.Summarise(nil, 4); s.Missing != 1 || s.Quantiles != nil {
		t.Errorf("of nothing: %+v", s)
	}
}

func FuzzRead(f *testing.F) {
	m, _ := made(f)
	b := file(f, m)
	f.Add(b)
	f.Add(b[:200])
	f.Add([]byte("fm model 1\n{}\n"))
	zero := model.Number(0)
	man := m.Manifest
	man.Inputs = slices.Clone(man.Inputs)
	man.Inputs[0] = model.Input{Name: "elsewhere", Made: &model.Made{Columns: []string{m.Inputs[0].Name, m.Inputs[1].Name}, Absent: &zero}}
	if m, err := model.New(man, m.Scorer()); err != nil {
		f.Fatal(err)
	} else {
		f.Add(file(f, m))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := model.Read(bytes.NewReader(b), codec)
		if err != nil {
			if m != nil {
				t.Fatal("an error with a model")
			}
			return
		}
		if _, err := m.Bind(&m.Schema); err != nil {
			t.Fatalf("a model does not fit its own schema: %v", err)
		}
	})
}
