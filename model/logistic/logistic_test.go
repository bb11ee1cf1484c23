package logistic_test

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"fm/dataset"
	"fm/model"
	"fm/model/logistic"
	"fm/model/modeltest"
)

func TestConformance(t *testing.T) {
	modeltest.Run(t, modeltest.Subject{
		Trainer:  func(w int) model.Trainer { return logistic.Trainer{Workers: w} },
		Codec:    logistic.Codec{},
		Accuracy: 0.7, // the border is no plane
	})
}

// reference is the table that scikit-learn's values belong to:
// a = i*37 % 101, b = (i*i*13+7) % 89, c = i % 7, s = a - b + 10c + i*53 % 41 - 20.
func reference(classes int) *dataset.Frame {
	f := &dataset.Frame{Schema: &dataset.Schema{}, Classes: []string{"benign", "b", "c"}[:classes], Cols: make([]dataset.Col, 3)}
	for i := range 120 {
		a, b, c := float64(i*37%101), float64((i*i*13+7)%89), float64(i%7)
		s := a - b + 10*c + float64(i*53%41) - 20
		y := int32(0)
		switch {
		case classes == 2 && s > 20:
			y = 1
		case classes == 3 && s > 50:
			y = 2
		case classes == 3 && s > 0:
			y = 1
		}
		f.Y = append(f.Y, y)
		for k, v := range []float64{a, b, c} {
			f.Cols[k].Values = append(f.Cols[k].Values, v)
		}
	}
	f.SetRows(120)
	return f
}

// scikit-learn 1.9.1: X = StandardScaler().fit_transform(…),
// LogisticRegression(C=C, tol=1e-10, max_iter=10000).fit(X, y).predict_proba(X).
func TestAgainstScikitLearn(t *testing.T) {
	for _, c := range []struct {
		classes int
		c       float64
		weights bool // sample_weight = 1 + i % 3, scaling without it
		want    []float64
	}{
		{2, 1, false, []float64{0.059061234156025814, 0.48006714556003105, 0.7152042797767945, 0.2301001632934094}},
		{3, 1, false, []float64{0.5180414463638008, 0.47840277498730777, 0.0035557786488913863, 0.062284377629832015, 0.8446328000120612, 0.09308282235810672}},
		{2, 0.01, false, []float64{0.49156717206313255, 0.5699188497289073, 0.6068199929591058, 0.5420520388282152}},
		{3, 0.01, false, []float64{0.2672824642988622, 0.5068947642012148, 0.22582277149992291, 0.21738886650566916, 0.47098813141710366, 0.3116230020772272}},
		{2, 1, true, []float64{0.050275827752072275, 0.5515057267196403, 0.7808568255500459, 0.19765093825394336}},
	} {
		f := reference(c.classes)
		if c.weights {
			for i := range 120 {
				f.Weight = append(f.Weight, float64(1+i%3))
			}
		}
		s, err := logistic.Trainer{C: c.c}.Train(context.Background(), f, modeltest.All(f))
		if err != nil {
			t.Fatal(err)
		}
		p := make([]float64, 120*s.Outputs())
		s.Margins(p, modeltest.Flat(f))
		s.Link(p, p)
		for i, want := range c.want {
			if math.Abs(p[i]-want) > 2e-4 {
				t.Errorf("%d classes, C %v: prediction %d is %v, want %v", c.classes, c.c, i, p[i], want)
			}
		}
	}
}

// scikit-learn 1.9.1, as above, of a, b and the five words i % 5, one-hot and scaled.
func TestWordsAgainstScikitLearn(t *testing.T) {
	for _, c := range []struct {
		classes int
		want    []float64
	}{
		{2, []float64{0.4081488510402364, 0.7836528570197434, 0.7373663710277327, 0.34530650490574505}},
		{3, []float64{0.3084295529592831, 0.48083327592522973, 0.2107371711154872, 0.034296360790537155, 0.6026496072304527, 0.3630540319790102}},
	} {
		f := reference(c.classes)
		f.Cols[2].Words = []string{"v", "w", "x", "y", "z", "rare"}
		for i := range 120 {
			f.Cols[2].Values[i] = float64(i % 5)
		}
		s, err := logistic.Trainer{C: 1}.Train(context.Background(), f, modeltest.All(f))
		if err != nil {
			t.Fatal(err)
		}
		b, err := logistic.Codec{}.Append(nil, s)
		if err != nil {
			t.Fatal(err)
		}
		if s, err = (logistic.Codec{}).Decode(b); err != nil {
			t.Fatal(err)
		}
		p := make([]float64, 120*s.Outputs())
		s.Margins(p, modeltest.Flat(f))
		s.Link(p, p)
		for i, want := range c.want {
			if math.Abs(p[i]-want) > 2e-4 {
				t.Errorf("%d classes: prediction %d is %v, want %v", c.classes, i, p[i], want)
			}
		}
		// A word without rows of training, one that is not in the list, and none at all are one.
		q := make([]float64, 4*s.Outputs())
		s.Margins(q, []float64{1, 2, 5, 1, 2, math.NaN(), 1, 2, 99, 1, 2, -1})
		for i := range q {
			if q[i] != q[i%s.Outputs()] {
				t.Errorf("%d classes: unknown words have margins %v", c.classes, q)
			}
		}
		for cut := range b {
			if _, err := (logistic.Codec{}).Decode(b[:cut]); err == nil && cut != 1+1+8*(s.Outputs()+3*(2+2*s.Outputs())) {
				t.Fatalf("%d of %d bytes are accepted", cut, len(b))
			}
		}
	}
}

// A column of noise and few rows: a strong penalty is chosen, and said.
func TestChoosesC(t *testing.T) {
	f := modeltest.Table(400, 2, 1)
	s, err := logistic.Trainer{}.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	notes := s.(*logistic.Linear).Notes()
	if len(notes) != 1 || !strings.Contains(notes[0].Error(), "chosen on held-out groups") {
		t.Errorf("notes %v", notes)
	}
	if _, err := (logistic.Trainer{C: -1}).Train(context.Background(), f, modeltest.All(f)); err == nil {
		t.Error("a negative C is accepted")
	}
}

// Whether a value is missing is learned apart from the value.
func TestMissingMark(t *testing.T) {
	f := &dataset.Frame{Schema: &dataset.Schema{}, Classes: []string{"benign", "bad"}, Cols: make([]dataset.Col, 2)}
	for i := range 200 {
		x := float64(i % 10)
		y := int32(0)
		if i%3 == 0 {
			x, y = math.NaN(), 1
		}
		f.Y = append(f.Y, y)
		f.Cols[0].Values = append(f.Cols[0].Values, x)
		f.Cols[1].Values = append(f.Cols[1].Values, x)
	}
	f.SetRows(200)
	s, err := logistic.Trainer{C: 1}.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	p := make([]float64, 2)
	s.Margins(p, []float64{math.NaN(), math.NaN(), 4, 4})
	s.Link(p, p)
	if p[0] < 0.9 || p[1] > 0.1 {
		t.Errorf("missing %v, present %v", p[0], p[1])
	}
}

// scikit-learn 1.9.1 on the table of two classes, C 1:
// coef_ * (X - mean) / deviation of the first row, and
// intercept_, the margin of the mean row.
func TestContributions(t *testing.T) {
	f := reference(2)
	s, err := logistic.Trainer{C: 1}.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	explain, err := s.(model.Explainer).Explain()
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, 4)
	explain(got, modeltest.Flat(f)[:3], 0)
	for i, want := range []float64{-3.5279812261597754, 2.50705317642094, -2.6413947708608103, 0.8940195293690537} {
		if math.Abs(got[i]-want) > 1e-3 {
			t.Errorf("input %d: %v, want %v", i, got[i], want)
		}
	}
}

func BenchmarkTrain(b *testing.B) {
	f := modeltest.Table(20000, 2, 1)
	rows := modeltest.All(f)
	for b.Loop() {
		if _, err := (logistic.Trainer{Workers: 1}).Train(context.Background(), f, rows); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMargins(b *testing.B) {
	f := modeltest.Table(20000, 2, 1)
	s, err := logistic.Trainer{C: 1}.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		b.Fatal(err)
	}
	rows, dst := modeltest.Flat(f), make([]float64, f.Rows())
	b.ReportAllocs()
	for b.Loop() {
		s.Margins(dst, rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(f.Rows()), "ns/row")
}

func FuzzDecode(f *testing.F) {
	table := modeltest.Table(100, 4, 1)
	s, err := logistic.Trainer{C: 1}.Train(context.Background(), table, modeltest.All(table))
	if err != nil {
		f.Fatal(err)
	}
	b, _ := logistic.Codec{}.Append(nil, s)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := logistic.Codec{}.Decode(bytes.Clone(b))
		if err != nil {
			return
		}
		s.Margins(make([]float64, s.Outputs()), make([]float64, s.Inputs()))
		again, err := logistic.Codec{}.Append(nil, s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (logistic.Codec{}).Decode(again); err != nil {
			t.Fatal(err)
		}
	})
}
