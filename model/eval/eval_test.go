package eval

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/evaluation"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden reports")

func near(a, b, tolerance float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= tolerance*math.Max(1, math.Abs(b))
}

func bools(y ...int) []bool {
	out := make([]bool, len(y))
	for i, v := range y {
		out[i] = v == 1
	}
	return out
}

// Values of scikit-learn 1.9.1: roc_auc_score(y, s), average_precision_score(y, s), with
// sample_weight where there are weights.
func TestCurveAgainstScikitLearn(t *testing.T) {
	nan := math.NaN()
	long, scores := make([]bool, 200), make([]float64, 200)
	for i := range long {
		// y = (arange(200)*37 % 11 < 4); s = round((arange(200)*53 % 17)/17 + 0.2*y, 1)
		long[i] = i*37%11 < 4
		scores[i] = float64(i * 53 % 17)
		scores[i] /= 17
		if long[i] {
			scores[i] += 0.2
		}
		scores[i] = math.RoundToEven(scores[i]*10) / 10
	}
	ties, tied := bools(0, 0, 1, 1, 0, 1, 0, 1), []float64{.1, .4, .35, .8, .4, .4, .8, .8}
	for _, c := range []struct {
		name    string
		truth   []bool
		score   []float64
		weight  []float64
		auc, ap float64
	}{
		{"ties", ties, tied, nil, 0.625, 0.6011904761904762},
		{"weights", ties, tied, []float64{1, 2, .5, 1, .25, 3, 1, 1}, 0.6149732620320856, 0.6301456119637938},
		{"all tied", bools(0, 1, 1, 0, 1), []float64{.5, .5, .5, .5, .5}, nil, 0.5, 0.6},
		{"perfect", bools(0, 0, 1, 1), []float64{.1, .2, .3, .4}, nil, 1, 1},
		{"reverse", bools(0, 0, 1, 1), []float64{.4, .3, .2, .1}, nil, 0, 0.41666666666666663},
		{"one positive", bools(0, 0, 0, 0, 1), []float64{.1, .2, .3, .4, .25}, nil, 0.5, 0.3333333333333333},
		{"no positive", bools(0, 0, 0), []float64{.1, .2, .3}, nil, nan, 0},
		{"all positive", bools(1, 1, 1), []float64{.1, .2, .2}, nil, nan, 1},
		{"200 rows", long, scores, nil, 0.6727429619242801, 0.5826102123533132},
		{"no rows", nil, nil, nil, nan, 0},
	} {
		curve := NewCurve(c.truth, c.score, c.weight)
		if auc := curve.AUC(); !near(auc, c.auc, 1e-12) {
			t.Errorf("%s: AUC %v, want %v", c.name, auc, c.auc)
		}
		if ap := curve.AveragePrecision(); !near(ap, c.ap, 1e-12) {
			t.Errorf("%s: average precision %v, want %v", c.name, ap, c.ap)
		}
	}
}

// AUC is the share of pairs in the right order, ties half: counted pair by pair.
func TestAUCCountsPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "n")
		truth, score := make([]bool, n), make([]float64, n)
		for i := range truth {
			truth[i] = rapid.Bool().Draw(t, "truth")
			score[i] = float64(rapid.IntRange(0, 6).Draw(t, "score"))
		}
		won, pairs := 0.0, 0.0
		for i := range truth {
			for j := range truth {
				if truth[i] && !truth[j] {
					pairs++
					if score[i] > score[j] {
						won++
					} else if score[i] == score[j] {
						won += 0.5
					}
				}
			}
		}
		if got := NewCurve(truth, score, nil).AUC(); !near(got, won/pairs, 1e-12) {
			t.Fatalf("AUC %v, pairs say %v", got, won/pairs)
		}
	})
}

// By hand: benign scores .1 .4 .4 .8, malicious .35 .4 .8 .8. One of four benign rows is
// 25 %: the threshold .8 reaches one of them and two of four malicious rows.
func TestAtFPR(t *testing.T) {
	c := NewCurve(bools(0, 0, 1, 1, 0, 1, 0, 1), []float64{.1, .4, .35, .8, .4, .4, .8, .8}, nil)
	if p := c.AtFPR(0.25); p != (Point{0.8, 0.5, 0.25}) {
		t.Errorf("at 25 %%: %+v", p)
	}
	if p := c.AtFPR(0.1); p != (Point{math.Inf(1), 0, 0}) {
		t.Errorf("at 10 %%: %+v", p)
	}
	if p := c.AtFPR(1); p != (Point{0.1, 1, 1}) {
		t.Errorf("at 100 %%: %+v", p)
	}
}

// scipy.stats.beta.ppf(.025, k, n-k+1) and ppf(.975, k+1, n-k), SciPy of scikit-learn 1.9.1's environment.
func TestIntervalAgainstSciPy(t *testing.T) {
	for _, c := range []struct {
		k, n   int
		lo, hi float64
	}{
		{0, 10, 0, 0.3084971078187607},
		{10, 10, 0.6915028921812392, 1},
		{3, 10, 0.06673951117773447, 0.6524528500599973},
		{1, 1000, 2.531748749129404e-05, 0.005558924279826672},
		{999, 1000, 0.9944410757201734, 0.9999746825125088},
		{50, 100000, 0.00037113170178349413, 0.0006591351958693719},
		{500000, 1000000, 0.49901951919531184, 0.5009804808046882},
		{1, 1, 0.025, 1},
		{0, 0, 0, 1},
	} {
		lo, hi := Interval(c.k, c.n)
		if math.Abs(lo-c.lo) > 1e-9*math.Max(c.lo, 1e-3) || math.Abs(hi-c.hi) > 1e-9*math.Max(c.hi, 1e-3) {
			t.Errorf("%d of %d: %v to %v, want %v to %v", c.k, c.n, lo, hi, c.lo, c.hi)
		}
	}
}

// 1000 benign scores 0, .001 … .999 and a budget of 1 %: ten rows may reach it, .990 to
// .999; the threshold lies between .989 and .990, or nearer if another score lies between.
func TestChoose(t *testing.T) {
	benign := make([]float64, 1000)
	for i := range benign {
		benign[i] = float64((i*7)%1000) / 1000
	}
	c := Choose(benign, nil, 0.01)
	if !near(c.Threshold, 0.9895, 1e-12) || c.FPR.K != 10 || c.FPR.N != 1000 || len(c.Warnings) != 0 {
		t.Errorf("%+v", c)
	}
	if c := Choose(benign, []float64{0.9892}, 0.01); !near(c.Threshold, 0.9891, 1e-12) {
		t.Errorf("with a malicious score between: %v", c.Threshold)
	}
	if c := Choose(benign, nil, 0.001); c.FPR.K != 1 || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0].Error(), "3688") {
		// 1 - 0.025^(1/n) ≤ 0.001 needs n ≥ ln 0.025 / ln 0.999 = 3687.04
		t.Errorf("1000 rows for 1e-3: %+v", c)
	}
	if c := Choose([]float64{1, 1, 1, 0.2}, nil, 0.5); c.Threshold <= 1 || c.FPR.K != 0 {
		t.Errorf("ties at the top: %+v", c)
	}
	if c := Choose(nil, nil, 0.1); c.Threshold != 0.5 || len(c.Warnings) != 1 {
		t.Errorf("no rows: %+v", c)
	}
	if c := Choose([]float64{0.3, 0.4}, nil, 1); c.Threshold != 0.3 {
		t.Errorf("everything allowed: %+v", c)
	}
}

// The threshold holds the budget on the rows it was chosen on, and no lower one that
// tells rows apart does.
func TestChooseHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		benign := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 50), func(i int) float64 { return float64(i) / 50 }), 1, 200).Draw(t, "benign")
		budget := rapid.Float64Range(0, 0.999).Draw(t, "budget")
		c := Choose(benign, nil, budget)
		reach := func(x float64) (n int) {
			for _, b := range benign {
				if b >= x {
					n++
				}
			}
			return n
		}
		if k := reach(c.Threshold); k != c.FPR.K || float64(k) > budget*float64(len(benign))+1e-6 {
			t.Fatalf("%d of %d reach %v, budget %v", k, len(benign), c.Threshold, budget)
		}
		below := math.Inf(-1)
		for _, b := range benign {
			if b < c.Threshold {
				below = max(below, b)
			}
		}
		if !math.IsInf(below, -1) && float64(reach(below)) <= budget*float64(len(benign))-1e-6 {
			t.Fatalf("threshold %v could be %v", c.Threshold, below)
		}
	})
}

// sample is 10 rows worked by hand: TP 3, FN 1, FP 1, TN 5.
func sample() Data {
	return Data{
		Truth:     bools(1, 1, 1, 1, 0, 0, 0, 0, 0, 0),
		Score:     []float64{.9, .8, .7, .2, .75, .1, .1, .3, .4, .05},
		Threshold: 0.5,
		Class:     []int32{1, 1, 2, 2, 0, 0, 0, 0, 0, 0},
		Predicted: []int32{1, 2, 2, 0, 1, 0, 0, 0, 0, 0},
		Classes:   []string{"benign", "scan", "flood"},
		Group:     []int32{0, 0, 0, 0, 1, 1, 1, 1, 2, 2},
		Groups:    []string{"bad.pcap", "good.pcap", "better.pcap"},
		Packets:   []float64{1, 1, 1, 1, 1, 10, 10, 10, 10, 5},
		Bytes:     []float64{60, 60, 60, 60, 60, 1000, 1000, 1000, 1000, 700},
		Hours:     0.5,
	}
}

func TestEvaluateByHand(t *testing.T) {
	r, err := Evaluate(sample(), nil, false)
	if err != nil {
		t.Fatal(err)
	}
	c := r.Confusion
	if c.TP != 3 || c.FN != 1 || c.FP != 1 || c.TN != 5 || r.Positive != 4 {
		t.Errorf("confusion %+v", c)
	}
	for _, x := range []struct {
		name string
		got  Ratio
		k, n int
	}{{"recall", r.Recall, 3, 4}, {"fpr", r.FPR, 1, 6}, {"precision", r.Precision, 3, 4}, {"f1", r.F1, 6, 8}, {"accuracy", r.Accuracy, 8, 10}} {
		if x.got.K != x.k || x.got.N != x.n || float64(x.got.Value) != float64(x.k)/float64(x.n) || x.got.Lo >= float64(x.got.Value) || x.got.Hi <= float64(x.got.Value) {
			t.Errorf("%s: %+v, want %d of %d", x.name, x.got, x.k, x.n)
		}
	}
	// Of 24 pairs, .75 beats .7 and .2; .2 loses to .3 and .4 too: 20 right.
	if !near(float64(r.AUC), 20./24, 1e-12) {
		t.Errorf("AUC %v", r.AUC)
	}
	// Base rate 1 %: .01·.75 right against .99/6 wrong of all flows.
	if b := r.BaseRates[0]; !near(float64(b.Precision), 0.0075/(0.0075+0.165), 1e-12) || !near(float64(b.FalseAlerts), 0.165*480, 1e-12) {
		t.Errorf("base rate %+v", b)
	}
	if r.FlowsPerDay != 480 || r.FlowsAssumed {
		t.Errorf("%v flows a day", r.FlowsPerDay)
	}
	// Judged benign: 6 of 10 flows; packets 1+10+10+10+10+5 of 50.
	if !near(float64(r.JudgedBenign.Flows), 0.6, 1e-12) || !near(float64(*r.JudgedBenign.Packets), 46./50, 1e-12) {
		t.Errorf("judged benign %+v", r.JudgedBenign)
	}
	if r.Confusion.Matrix[1][2] != 1 || r.Confusion.Matrix[2][0] != 1 || r.Confusion.Matrix[0][0] != 5 {
		t.Errorf("matrix %v", r.Confusion.Matrix)
	}
	if len(r.PerCapture) != 3 || r.PerCapture[1].FP != 1 || r.PerCapture[0].TP != 3 {
		t.Errorf("captures %+v", r.PerCapture)
	}
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Error(), "6 benign rows are too few") {
		t.Errorf("warnings %v", r.Warnings)
	}
}

// golearn's evaluation package counts the same matrix.
func TestConfusionAgainstGolearn(t *testing.T) {
	d := sample()
	grid := func(class func(i int) int32) *base.DenseInstances {
		g := base.NewDenseInstances()
		attr := base.NewCategoricalAttribute()
		attr.SetName("class")
		for _, name := range d.Classes {
			attr.GetSysValFromString(name)
		}
		spec := g.AddAttribute(attr)
		if err := g.AddClassAttribute(attr); err != nil {
			t.Fatal(err)
		}
		if err := g.Extend(len(d.Score)); err != nil {
			t.Fatal(err)
		}
		for i := range d.Score {
			g.Set(spec, i, attr.GetSysValFromString(d.Classes[class(i)]))
		}
		return g
	}
	want, err := evaluation.GetConfusionMatrix(grid(func(i int) int32 { return d.Class[i] }), grid(func(i int) int32 { return d.Predicted[i] }))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Evaluate(d, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	for a, from := range d.Classes {
		for b, to := range d.Classes {
			if r.Confusion.Matrix[a][b] != want[from][to] {
				t.Errorf("%s said to be %s: %d, golearn counts %d", from, to, r.Confusion.Matrix[a][b], want[from][to])
			}
		}
	}
}

func TestDegenerate(t *testing.T) {
	for _, d := range []Data{
		{},
		{Truth: bools(1, 1), Score: []float64{.1, .9}, Threshold: .5},
		{Truth: bools(0, 0), Score: []float64{.1, .9}, Threshold: .5},
		{Truth: bools(0, 1), Score: []float64{math.NaN(), math.NaN()}, Threshold: .5},
	} {
		r, err := Evaluate(d, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Warnings) == 0 {
			t.Errorf("%+v: no warning", d)
		}
		for _, write := range []func(*bytes.Buffer) error{
			func(b *bytes.Buffer) error { return r.JSON(b) }, func(b *bytes.Buffer) error { return r.Text(b) },
			func(b *bytes.Buffer) error { return r.Markdown(b) }, func(b *bytes.Buffer) error { return r.JUnit(b) },
		} {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Errorf("%+v: %v", d, err)
			}
			if s := b.String(); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
				t.Errorf("%+v: prints %q", d, s)
			}
		}
	}
	if _, err := Evaluate(Data{Truth: bools(1), Score: []float64{1, 2}}, nil, false); err == nil {
		t.Error("columns of other length are accepted")
	}
}

func TestGates(t *testing.T) {
	r, err := Evaluate(sample(), nil, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text        string
		pass, lower bool // at the point, at the worse end
	}{
		{"recall>=0.75", true, false},
		{"recall > 0.75", false, false},
		{"recall>=0.19", true, true}, // 3 of 4: 0.194 to 0.994
		{"fpr<=0.17", true, false},
		{"fpr<0.65", true, true}, // 1 of 6: 0.004 to 0.641
		{"precision==0.75", true, true},
		{"f1>=0.7", true, false},
		{"accuracy<0.9", true, false},
		{"auc>=0.83", true, true},
		{"ap>0.99", false, false},
		{"recall@fpr=0.2>=0.75", true, false},
		{"recall@fpr=0.001>=0.5", true, false}, // .9 and .8 are above every benign score: 2 of 4, 0.068 to 0.932
		{"recall@fpr=1e-3==0.5", true, true},
	} {
		g, err := ParseGate(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := g.Check(r, false); got.Pass != c.pass {
			t.Errorf("%s: %+v", c.text, got)
		}
		if got := g.Check(r, true); got.Pass != c.lower {
			t.Errorf("%s at the worse end: %+v", c.text, got)
		}
	}
	for _, bad := range []string{"", "recall", "recall=0.9", "recall>=x", "recal>=1", "recall@fpr>=1", "recall@fpr=2>=1", ">=1", "recall>=NaN", "recall>=0.9x"} {
		if _, err := ParseGate(bad); err == nil || !strings.Contains(err.Error(), "want METRIC OP NUMBER") {
			t.Errorf("gate %q: error %v", bad, err)
		}
	}
	empty, _ := Evaluate(Data{}, []Gate{{Text: "recall>=0", Metric: "recall", Op: ">="}}, false)
	if empty.Gates[0].Pass {
		t.Error("an undefined recall passes its gate")
	}
}

func TestReports(t *testing.T) {
	var gates []Gate
	for _, s := range []string{"recall>=0.7", "fpr<=0.1", "auc>=0.5"} {
		g, err := ParseGate(s)
		if err != nil {
			t.Fatal(err)
		}
		gates = append(gates, g)
	}
	r, err := Evaluate(sample(), gates, true)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"report.txt":  func(b *bytes.Buffer) error { return r.Text(b) },
		"report.json": func(b *bytes.Buffer) error { return r.JSON(b) },
		"report.md":   func(b *bytes.Buffer) error { return r.Markdown(b) },
		"report.xml":  func(b *bytes.Buffer) error { return r.JUnit(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s differs; run with -update and look at the change:\n%s", name, b.Bytes())
		}
	}
	var b bytes.Buffer
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"rows", "positive", "threshold", "confusion", "recall", "fpr", "precision", "f1", "accuracy", "auc", "average_precision", "recall_at_fpr", "warnings"} {
		if _, ok := m[key]; !ok {
			t.Errorf("JSON has no %q", key)
		}
	}
	b.Reset()
	if err := r.JUnit(&b); err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Failures int `xml:"failures,attr"`
	}
	if err := xml.Unmarshal(b.Bytes(), &suite); err != nil || suite.Failures != 2 {
		t.Errorf("JUnit: %v, %d failures, want 2", err, suite.Failures)
	}
}
