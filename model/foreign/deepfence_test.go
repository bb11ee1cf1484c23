package foreign

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"fm/model"
)

// deepfenceFolder are parameter files: means 1, 2, …, deviations 2, weights 0.5 and an
// intercept of -3, with what change does to their text.
func deepfenceFolder(change map[string]string) fstest.MapFS {
	var mean, std, weights strings.Builder
	for i := range DeepfenceInputs {
		fmt.Fprintf(&mean, "%.18e\n", float64(i+1))
		std.WriteString("2.000000000000000000e+00\n")
		weights.WriteString("5.000000000000000000e-01\n")
	}
	out := fstest.MapFS{"mean.txt": {Data: []byte(mean.String())}, "std.txt": {Data: []byte(std.String())}, "weights.txt": {Data: []byte(weights.String())},
		"intercept.txt": {Data: []byte("-3.000000000000000000e+00\n")}}
	for name, text := range change {
		if text == "-" {
			delete(out, name)
		} else {
			out[name].Data = []byte(text)
		}
	}
	return out
}

func TestDeepfence(t *testing.T) {
	m, err := ReadFolder(deepfenceFolder(nil), "folder", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if m.Kind() != "deepfence" || len(m.Names) != DeepfenceInputs || m.Scorer.Task() != model.Binary {
		t.Errorf("kind %s, %d names, task %v", m.Kind(), len(m.Names), m.Scorer.Task())
	}
	rows := make([]float64, 3*DeepfenceInputs)
	for i := range DeepfenceInputs {
		rows[i] = float64(i + 1)                   // the means: the intercept is left
		rows[DeepfenceInputs+i] = float64(i+1) + 4 // two deviations above: 39 more
		rows[2*DeepfenceInputs+i] = float64(i + 1)
	}
	rows[3*DeepfenceInputs-1] = math.NaN()
	margins, scores := make([]float64, 3), make([]float64, 3)
	m.Scorer.Margins(margins, rows)
	m.Scorer.Link(scores, margins)
	if margins[0] != -3 || margins[1] != 36 || scores[0] != 1/(1+math.Exp(3)) || scores[1] != 1/(1+math.Exp(-36)) || scores[2] != 0 {
		t.Errorf("margins %v, scores %v", margins, scores)
	}
	explain, err := m.Scorer.(*Deepfence).Explain()
	if err != nil {
		t.Fatal(err)
	}
	for n := range margins {
		parts, sum := make([]float64, DeepfenceInputs+1), 0.0
		explain(parts, rows[n*DeepfenceInputs:(n+1)*DeepfenceInputs], 0)
		for _, p := range parts {
			sum += p
		}
		if math.Abs(sum-margins[n]) > 1e-12*math.Abs(margins[n]) {
			t.Errorf("row %d: parts sum to %v, the margin is %v", n, sum, margins[n])
		}
	}
	b, err := DeepfenceCodec{}.Append(nil, m.Scorer)
	if err != nil {
		t.Fatal(err)
	}
	back, err := DeepfenceCodec{}.Decode(b)
	if err != nil || *back.(*Deepfence) != *m.Scorer.(*Deepfence) {
		t.Errorf("%+v comes back as %+v: %v", m.Scorer, back, err)
	}
}

// Parameters are rounded to 32 bits at once, not by way of 64: this number lies so close to
// the middle between two of 32 bits that 64 bits take it for the middle.
func TestDeepfenceRounding(t *testing.T) {
	const text = "1.000000059604644775390625000000000001"
	m, err := ReadFolder(deepfenceFolder(map[string]string{"intercept.txt": text}), "folder", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := round32(m.Scorer.(*Deepfence).Intercept), float64(math.Nextafter32(1, 2)); got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

// Damaged parameters are refused, with file and line.
func TestDeepfenceDamaged(t *testing.T) {
	numbers := func(n int, v string) string { return strings.Repeat(v+"\n", n) }
	for _, c := range []struct{ file, text, want string }{
		{"mean.txt", "-", "it has no mean.txt"},
		{"mean.txt", numbers(38, "1"), "folder/mean.txt: 38 numbers, want 39"},
		{"std.txt", numbers(40, "1"), "folder/std.txt:40: more than 39 numbers"},
		{"std.txt", numbers(7, "1") + numbers(32, "0"), "folder/std.txt:8: a standard deviation of 0"},
		{"std.txt", numbers(39, "1e-60"), "folder/std.txt:1: a standard deviation of 0"},
		{"weights.txt", numbers(3, "1") + "x" + numbers(35, "1"), `folder/weights.txt:4: not a number: "x1"`},
		{"weights.txt", numbers(39, "NaN"), `folder/weights.txt:1: "NaN": it is not finite`},
		{"weights.txt", numbers(39, "1e39"), `folder/weights.txt:1: "1e39": it does not fit into 32 bits`},
		{"intercept.txt", "", "folder/intercept.txt: 0 numbers, want 1"},
		{"intercept.txt", "1 2", "folder/intercept.txt:1: more than 1 numbers"},
		{"intercept.txt", numbers(40000, " "), "it has more than 65536 bytes"},
	} {
		_, err := ReadFolder(deepfenceFolder(map[string]string{c.file: c.text}), "folder", io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %.20q: %v, want %q", c.file, c.text, err, c.want)
		}
	}
	whole, err := DeepfenceCodec{}.Append(nil, &Deepfence{Std: [DeepfenceInputs]float64{0: 1}})
	if err == nil {
		t.Errorf("deviations of 0 are written: %d bytes", len(whole))
	}
	for _, b := range [][]byte{nil, make([]byte, 8*(3*DeepfenceInputs+1)-1), make([]byte, 8*(3*DeepfenceInputs+1))} {
		if _, err := (DeepfenceCodec{}).Decode(b); err == nil {
			t.Errorf("%d bytes are taken for a model", len(b))
		}
	}
}

// planeScorer is a logistic regression of another package.
type planeScorer struct {
	model.Scorer
	scale []float64
	fits  bool
}

func (p planeScorer) Inputs() int { return len(p.scale) }

func (p planeScorer) Plane() (float64, []float64, []float64, []float64, bool) {
	ones := make([]float64, len(p.scale))
	for i := range ones {
		ones[i] = float64(i)
	}
	return 0.25, ones, p.scale, ones, p.fits
}

func TestWriteDeepfence(t *testing.T) {
	folder := deepfenceFolder(nil)
	m, err := ReadFolder(folder, "folder", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	words := make([][]string, DeepfenceInputs)
	files, _, err := writeDeepfence(&Exported{m.Scorer, m.Names, words})
	if err != nil || len(files) != 4 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, f := range files {
		if !bytes.Equal(f.Data, folder[f.Name].Data) {
			t.Errorf("%s is %q, was %q", f.Name, f.Data, folder[f.Name].Data)
		}
	}

	// One of another package, its columns in another order, one of which did not vary.
	p := planeScorer{nil, make([]float64, DeepfenceInputs), true}
	turned := make([]string, DeepfenceInputs)
	for i := range turned {
		p.scale[i] = 4
		turned[i] = m.Names[DeepfenceInputs-1-i]
	}
	p.scale[0] = 0
	files, notes, err := writeDeepfence(&Exported{p, turned, words})
	if err != nil || len(notes) != 3 {
		t.Fatalf("notes %q: %v", notes, err)
	}
	out := fstest.MapFS{}
	for _, f := range files {
		out[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	if m, err = ReadFolder(out, "folder", io.Discard); err != nil {
		t.Fatal(err)
	}
	d := m.Scorer.(*Deepfence)
	if d.Intercept != 0.25 || d.Mean[0] != 38 || d.Std[0] != 0.25 || d.Weight[0] != 38 || d.Std[38] != 1 || d.Weight[38] != 0 {
		t.Errorf("%+v", d)
	}

	for _, c := range []struct {
		x    Exported
		want string
	}{
		{Exported{&Linear{Bias: []float32{1}, Weights: make([]float32, DeepfenceInputs)}, m.Names, words}, "no models but logistic regressions"},
		{Exported{planeScorer{nil, p.scale, false}, m.Names, words}, "two classes, and no words"},
		{Exported{planeScorer{nil, p.scale[:2], true}, m.Names[:2], words[:2]}, "this one lacks 37, such as fwdFlowLength"},
		{Exported{planeScorer{nil, append(p.scale, 1), true}, append(m.Names, "more"), append(words, nil)}, "this one 40"},
	} {
		if _, _, err := writeDeepfence(&c.x); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// FuzzDeepfence reads any text as each of the files: an error or a model that scores.
func FuzzDeepfence(f *testing.F) {
	for _, file := range deepfenceFileNames {
		f.Add(deepfenceFolder(nil)[file].Data)
	}
	f.Add([]byte("1e400 0x1p-3 inf _1 1_0 \x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, file := range deepfenceFileNames {
			folder := deepfenceFolder(nil)
			folder[file].Data = text
			m, err := ReadFolder(folder, "folder", io.Discard)
			if (err == nil) == (m == nil) {
				t.Fatalf("model %v with error %v", m, err)
			}
			if err != nil {
				continue
			}
			margin := []float64{0}
			m.Scorer.Margins(margin, make([]float64, DeepfenceInputs))
			if m.Scorer.Link(margin, margin); !(margin[0] >= 0 && margin[0] <= 1) {
				t.Fatalf("score %v", margin[0])
			}
		}
	})
}
