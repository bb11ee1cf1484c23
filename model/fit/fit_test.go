package fit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"fm/dataset"
	"fm/model"
	"fm/model/fit"
	"fm/model/forest"
	"fm/model/modeltest"
	"fm/model/tree"
)

// captures makes n captures a side of rows rows. Column "behaviour" tells the sides
// apart with some noise; "lab" tells captures apart, but not sides.
func captures(n, rows int) *dataset.Frame {
	rng := rand.New(rand.NewPCG(1, 2))
	f := &dataset.Frame{Classes: []string{"benign", "malicious"}, Schema: &dataset.Schema{Set: "t", Version: 1,
		Columns: []dataset.Column{{Name: "behaviour"}, {Name: "lab"}, {Name: "src_port", Role: dataset.Identity}}}}
	f.Cols = make([]dataset.Col, 3)
	for g := range 2 * n {
		name := []string{"good", "bad"}[g%2] + string(rune('a'+g/2))
		f.Groups = append(f.Groups, name)
		for range rows {
			y := int32(g % 2)
			f.Y = append(f.Y, y)
			f.Group = append(f.Group, int32(g))
			f.Pair = append(f.Pair, rng.Uint64N(20)+uint64(g)<<32)
			f.Time = append(f.Time, int64(len(f.Y))*1e9)
			for c, v := range []float64{rng.NormFloat64() + 2*float64(y), float64(g/2%2) + rng.Float64()/10, float64(y)} {
				f.Cols[c].Values = append(f.Cols[c].Values, v)
			}
		}
		f.Sources = append(f.Sources, dataset.Source{Path: name + ".pcap", SHA256: strings.Repeat("0", 64), Rows: rows, Flows: rows + 5})
	}
	f.SetRows(len(f.Y))
	return f
}

func options() fit.Options {
	return fit.Options{Trainer: forest.Trainer{Trees: 20, Seed: 1}, Kind: "forest", Version: "test", MaxFPR: 0.05, Seed: 1}
}

func run(t *testing.T, f *dataset.Frame, o fit.Options) *fit.Result {
	t.Helper()
	r, err := fit.Train(context.Background(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTrain(t *testing.T) {
	f := captures(6, 300)
	steps := 0
	o := options()
	o.PerCapture = 200
	o.Progress = func(done, of int) { steps = done*100 + of }
	r := run(t, f, o)
	rep := r.Report
	if rep.Rows != 12*200 || rep.Positive != 6*200 || rep.Available != 12*305 || rep.Columns != 2 || rep.Captures != 12 {
		t.Errorf("report %+v", rep)
	}
	if rep.Split != "whole captures" || rep.Folds != 5 || steps != 606 {
		t.Errorf("split %q in %d parts, steps %d", rep.Split, rep.Folds, steps)
	}
	if h := rep.HeldOut; h.Rows != rep.Rows || h.FPR.K > 60 || h.FPR.N != 1200 {
		t.Errorf("held out %+v", h.FPR)
	}
	// Two normal distributions two deviations apart have an AUC of Φ(√2) = 0.921.
	if auc := float64(rep.HeldOut.AUC); auc < 0.85 || auc > 0.95 {
		t.Errorf("held-out AUC %v", auc)
	}
	if rep.OneRule.Column != "behaviour" || rep.OneRule.AUC < 0.8 || rep.OneRule.AUC > 0.88 {
		t.Errorf("one rule %+v, want about Φ(1) = 0.841 on behaviour", rep.OneRule)
	}
	m := r.Model
	th, ok := m.InForce()
	if !ok || th.Rule != "max-fpr" || th.Value != rep.HeldOut.Threshold || th.Rows != 1200 {
		t.Errorf("threshold %+v", th)
	}
	if len(m.Inputs) != 2 || m.Inputs[0].Benign.Rows != 1200 || len(m.Inputs[0].All.Quantiles) != 33 || m.PerCapture != 200 || len(m.Sources) != 12 {
		t.Errorf("manifest %+v", m.Manifest)
	}
	if m.HeldOut.TP != rep.HeldOut.Confusion.TP || m.HeldOut.Split != "whole captures" {
		t.Errorf("manifest's held-out figures %+v", m.HeldOut)
	}
	var b bytes.Buffer
	if err := rep.Text(&b); err != nil || !strings.Contains(b.String(), "whole captures") {
		t.Errorf("text: %v\n%s", err, b.String())
	}
	if _, err := json.Marshal(rep); err != nil {
		t.Errorf("JSON: %v", err)
	}
}

// The same rows and options give the same file; another seed draws other rows.
func TestTrainRepeats(t *testing.T) {
	f := captures(3, 100)
	write := func(o fit.Options) []byte {
		var b bytes.Buffer
		if err := run(t, f, o).Model.Write(&b, tree.Codec{}); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	o := options()
	o.PerCapture = 50
	one := write(o)
	o.Trainer = forest.Trainer{Trees: 20, Seed: 1, Workers: 7}
	if !bytes.Equal(one, write(o)) {
		t.Error("other bytes with other workers")
	}
	o.Seed = 2
	if bytes.Equal(one, write(o)) {
		t.Error("another seed gives the same model")
	}
}

// What is held out together, and what is said about it.
func TestSplits(t *testing.T) {
	f := captures(1, 300)
	if r := run(t, f, options()); r.Report.Split != "host pairs within captures" || !warns(r.Report.Warnings, "single capture") {
		t.Errorf("one capture a side: %q, %v", r.Report.Split, r.Report.Warnings)
	}
	f.Pair = nil
	if r := run(t, f, options()); r.Report.Split != "single rows" || !warns(r.Report.Warnings, "far too good") {
		t.Errorf("no host pairs: %q, %v", r.Report.Split, r.Report.Warnings)
	}
	f.Group, f.Groups = nil, nil
	if r := run(t, f, options()); r.Report.Split != "single rows" {
		t.Errorf("no captures: %q", r.Report.Split)
	}
	two := captures(1, 1)
	if r := run(t, two, options()); r.Report.Split != "nothing" || r.Report.Threshold.Threshold != 0.5 {
		t.Errorf("two rows: %+v", r.Report)
	}
	// Two captures a side cannot be dealt into five parts.
	if r := run(t, captures(2, 50), options()); r.Report.Split != "whole captures" || r.Report.Folds > 4 {
		t.Errorf("two captures a side: %q in %d", r.Report.Split, r.Report.Folds)
	}
}

func warns(list []error, part string) bool {
	for _, e := range list {
		if strings.Contains(e.Error(), part) {
			return true
		}
	}
	return false
}

func TestKeep(t *testing.T) {
	o := options()
	o.Keep = []string{"src_port"}
	r := run(t, captures(3, 60), o)
	if len(r.Model.Inputs) != 3 || r.Report.OneRule.Column != "src_port" || !warns(r.Report.Warnings, "almost alone") {
		t.Errorf("inputs %d, rule %+v, warnings %v", len(r.Model.Inputs), r.Report.OneRule, r.Report.Warnings)
	}
	o.Keep = []string{"nothing"}
	if _, err := fit.Train(context.Background(), captures(3, 60), o); err == nil {
		t.Error("an unknown column is kept")
	}
}

func TestTrainRefuses(t *testing.T) {
	f := captures(2, 30)
	for i := range f.Y {
		f.Y[i] = 1
	}
	if _, err := fit.Train(context.Background(), f, options()); !errors.Is(err, model.ErrOneClass) {
		t.Errorf("one class: %v", err)
	}
	three := modeltest.Table(300, 4, 1)
	for i := range three.Y {
		three.Y[i] = max(1, three.Y[i])
	}
	if _, err := fit.Train(context.Background(), three, options()); !errors.Is(err, model.ErrOneClass) {
		t.Errorf("nothing benign: %v", err)
	}
}

func TestTrainClasses(t *testing.T) {
	r := run(t, modeltest.Table(900, 4, 1), options())
	if m := r.Report.HeldOut.Confusion.Matrix; len(m) != 4 || m[1][1] == 0 {
		t.Errorf("matrix %v", m)
	}
	if r.Model.Task != "classes" {
		t.Errorf("task %q", r.Model.Task)
	}
}

func TestAdapt(t *testing.T) {
	r := run(t, captures(4, 200), options())
	site := captures(3, 400)
	for i := range site.Y { // another network: everything looks a little more malicious, one capture very much
		if site.Y[i] == 1 {
			site.Cols[0].Values[i] -= 2
		}
		site.Cols[0].Values[i] += 0.7
		if site.Group[i] == 4 {
			site.Cols[0].Values[i] += 3
		}
		site.Y[i] = -1
	}
	a, err := fit.Adapt(r.Model, site, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	if a.FPR.N != 2400 || float64(a.FPR.Value) > 0.05 || a.After <= a.Before || a.Old.K <= a.FPR.K {
		t.Errorf("adapted %+v", a)
	}
	if len(a.Parts) != 6 || a.PartsBy != "captures" || a.Left.N != 2400 {
		t.Errorf("parts %+v", a.Parts)
	}
	if !warns(a.Warnings, "goodc disagrees") {
		t.Errorf("warnings %v", a.Warnings)
	}
	if n := len(a.Model.Thresholds); n != 2 || len(r.Model.Thresholds) != 1 {
		t.Errorf("%d thresholds, %d in the old model", n, len(r.Model.Thresholds))
	}
	if th, _ := a.Model.InForce(); th.Rule != "adapt" || th.Value != a.After || th.Groups != 6 {
		t.Errorf("in force %+v", th)
	}
	var b bytes.Buffer
	if err := a.Text(&b); err != nil || !strings.Contains(b.String(), "left out in turn") {
		t.Errorf("text: %v\n%s", err, b.String())
	}
}

// A single capture is cut into tenths of its time.
func TestAdaptTenths(t *testing.T) {
	r := run(t, captures(3, 100), options())
	site := captures(1, 500)
	a, err := fit.Adapt(r.Model, site, 0.1) // the malicious half is left out
	if err != nil {
		t.Fatal(err)
	}
	if a.Flows != 500 || a.PartsBy != "tenths of the time" || len(a.Parts) != 10 || a.Parts[0].FPR.N != 50 {
		t.Errorf("%d flows, parts by %s: %+v", a.Flows, a.PartsBy, a.Parts)
	}
	if !warns(a.Warnings, "500 flows are labelled malicious") {
		t.Errorf("warnings %v", a.Warnings)
	}
	few, err := fit.Adapt(r.Model, captures(1, 20), 0.001)
	if err != nil || !warns(few.Warnings, "too few") {
		t.Errorf("20 flows: %v, %v", err, few.Warnings)
	}
	other := captures(1, 5)
	other.Schema.Version = 2
	var se *dataset.SchemaError
	if _, err := fit.Adapt(r.Model, other, 0.1); !errors.As(err, &se) {
		t.Errorf("another schema: %v", err)
	}
}

func TestJudge(t *testing.T) {
	r := run(t, captures(3, 100), options())
	f := captures(2, 50)
	f.Y[0] = -1
	b, err := r.Model.BindFrame(f)
	if err != nil {
		t.Fatal(err)
	}
	d := fit.Judge(b, f, 0.5)
	if len(d.Score) != 199 || d.Group[0] != 0 || d.Groups[3] != "badb" {
		t.Fatalf("%d rows", len(d.Score))
	}
	for _, s := range d.Score {
		if math.IsNaN(s) {
			t.Fatal("a row has no score")
		}
	}
}
