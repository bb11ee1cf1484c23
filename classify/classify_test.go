package classify

import (
	"errors"
	"math"
	"net/netip"
	"testing"

	"fm/dataset"
	"fm/extract"
	"fm/extract/flow"
	"fm/extract/packet"
	"fm/model"
	"fm/model/modeltest"
)

// sum is a scorer by hand: one output a class, margins are multiples of the first input.
type sum struct {
	outputs int
	task    model.Task
}

func (s sum) Inputs() int      { return 2 }
func (s sum) Outputs() int     { return s.outputs }
func (s sum) Task() model.Task { return s.task }
func (s sum) Margins(dst, rows []float64) {
	for i := 0; i < len(rows)/2; i++ {
		for o := range s.outputs {
			dst[i*s.outputs+o] = rows[2*i] * float64(o+1)
		}
	}
}
func (s sum) Link(dst, margins []float64) {
	switch s.task {
	case model.Binary:
		model.Sigmoid(dst, margins)
	case model.Classes:
		model.Softmax(dst, margins, s.outputs)
	default:
		copy(dst, margins)
	}
}

var schema = &dataset.Schema{Set: "hand", Version: 1, Columns: []dataset.Column{{Name: "a"}, {Name: "b"}}}

func newModel(t testing.TB, s sum, thresholds ...model.Threshold) *model.Model {
	t.Helper()
	classes := []string{"benign", "malicious", "third"}[:max(2, s.outputs)]
	m, err := model.New(model.Manifest{Kind: "hand", Classes: classes, Schema: *schema,
		Inputs: []model.Input{{Name: "a"}, {Name: "b"}}, Thresholds: thresholds}, s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// records makes records whose first value is their number.
func records(n int) []extract.Record {
	recs := make([]extract.Record, n)
	for i := range recs {
		recs[i].Row = []float64{float64(i), 0}
	}
	return recs
}

// The stage gives each record what the model gives its row, across blocks, and the
// threshold itself is malicious.
func TestStage(t *testing.T) {
	half := 1 / (1 + math.Exp(-70)) // score of record 70: the logistic function of its margin
	c, err := New(newModel(t, sum{1, model.Binary}, model.Threshold{Value: half}), schema, Options{})
	if err != nil {
		t.Fatal(err)
	}
	recs := records(200)
	for i := range recs {
		recs[i].Row[0] = float64(i)
		if i < 70 {
			recs[i].Row[0] = -float64(i)
		}
	}
	if err := NewStage(c).Process(recs); err != nil {
		t.Fatal(err)
	}
	for i, r := range recs {
		want := 1 / (1 + math.Exp(-r.Row[0]))
		if !r.Scored || math.Abs(r.Score-want) > 1e-15 {
			t.Errorf("record %d: score %v, want %v", i, r.Score, want)
		}
		if r.Verdict != (i >= 70) {
			t.Errorf("record %d: verdict %v at score %v, threshold %v", i, r.Verdict, r.Score, c.Threshold())
		}
		if class := min(1, i/70); i > 0 && r.Class != class { // margin 0 is 0.5: class 1
			t.Errorf("record %d: class %d, want %d", i, r.Class, class)
		}
		if r.Scores != nil {
			t.Errorf("record %d has scores by class with two classes", i)
		}
	}
}

// With more than two classes the score is 1 - P(benign) and every class has one.
func TestStageClasses(t *testing.T) {
	c, err := New(newModel(t, sum{3, model.Classes}), schema, Options{Threshold: 0.9, HasThreshold: true})
	if err != nil {
		t.Fatal(err)
	}
	recs := records(2)
	recs[1].Row[0] = 1 // margins 1, 2, 3
	if err := NewStage(c).Process(recs); err != nil {
		t.Fatal(err)
	}
	// softmax(1, 2, 3) = 0.0900306, 0.2447285, 0.6652410 (by hand: e^k / (e + e^2 + e^3))
	want := []float64{0.09003057317038046, 0.24472847105479767, 0.6652409557748219}
	for i, p := range recs[1].Scores {
		if math.Abs(p-want[i]) > 1e-15 {
			t.Errorf("class %d: %v, want %v", i, p, want[i])
		}
	}
	if len(recs[1].Scores) != 3 || recs[1].Class != 2 || !recs[1].Verdict || math.Abs(recs[1].Score-(1-want[0])) > 1e-15 {
		t.Errorf("record: %+v", recs[1])
	}
	if recs[0].Verdict || math.Abs(recs[0].Score-2.0/3) > 1e-15 {
		t.Errorf("equal margins: %+v", recs[0])
	}
}

// Where the threshold comes from.
func TestThreshold(t *testing.T) {
	site := []model.Threshold{{Value: 0.2}, {Value: 0.7}}
	for _, k := range []struct {
		s    sum
		ts   []model.Threshold
		o    Options
		want float64
		warn bool
		err  error
	}{
		{sum{1, model.Binary}, site, Options{}, 0.7, false, nil}, // the last one is in force
		{sum{1, model.Binary}, site, Options{Threshold: 0.1, HasThreshold: true}, 0.1, false, nil},
		{sum{1, model.Binary}, nil, Options{}, 0.5, true, nil},
		{sum{1, model.Regression}, nil, Options{}, 0, false, ErrNoVerdict},
		{sum{1, model.Regression}, nil, Options{Threshold: 3, HasThreshold: true}, 3, false, nil},
	} {
		c, err := New(newModel(t, k.s, k.ts...), schema, k.o)
		if k.err != nil {
			if !errors.Is(err, k.err) {
				t.Errorf("%+v: error %v", k, err)
			}
			continue
		}
		if err != nil || c.Threshold() != k.want || (len(c.Warnings()) > 0) != k.warn {
			t.Errorf("%+v: threshold %v, warnings %v, error %v", k, c.Threshold(), c.Warnings(), err)
		}
	}
	if _, err := New(newModel(t, sum{1, model.Binary}), schema, Options{Threshold: math.NaN(), HasThreshold: true}); err == nil {
		t.Error("NaN is taken as a threshold")
	}
}

// A model does not score rows of another schema.
func TestBind(t *testing.T) {
	other := &dataset.Schema{Set: "hand", Version: 2, Columns: schema.Columns}
	_, err := New(newModel(t, sum{1, model.Binary}), other, Options{})
	var se *dataset.SchemaError
	if !errors.As(err, &se) {
		t.Errorf("another version binds: %v", err)
	}
	c, _ := New(newModel(t, sum{1, model.Binary}), schema, Options{})
	if err := NewStage(c).Process([]extract.Record{{Row: []float64{1}}}); err == nil {
		t.Error("a short row is scored")
	}
}

// Under the race detector sync.Pool drops some of what it is given, so that nothing can be
// said there.
func TestStageDoesNotAllocate(t *testing.T) {
	if modeltest.Raced {
		t.Skip("the race detector makes pools forget")
	}
	for _, s := range []sum{{1, model.Binary}, {3, model.Classes}} {
		c, err := New(newModel(t, s), schema, Options{})
		if err != nil {
			t.Fatal(err)
		}
		st, recs := NewStage(c), records(300)
		st.Process(recs)
		if n := testing.AllocsPerRun(50, func() { st.Process(recs) }); n != 0 {
			t.Errorf("%d outputs: %v allocations for 300 records", s.outputs, n)
		}
	}
}

func BenchmarkStage(b *testing.B) {
	c, err := New(newModel(b, sum{1, model.Binary}), schema, Options{})
	if err != nil {
		b.Fatal(err)
	}
	st, recs := NewStage(c), records(1024)
	b.ReportAllocs()
	for b.Loop() {
		st.Process(recs)
	}
	b.ReportMetric(float64(b.N)*1024/b.Elapsed().Seconds(), "rows/s")
}

func TestTally(t *testing.T) {
	tally := NewTally(func(r *extract.Record) uint64 { return 100 * r.Flow.Packets() })
	rec := func(last byte, packets uint32, bad bool) extract.Record {
		var f flow.Flow
		f.Key.A[10], f.Key.A[11] = 0xff, 0xff
		f.Key.A[12], f.Key.A[15] = 10, last
		f.FromA, f.Seen[0] = true, packets
		return extract.Record{Flow: f, Scored: true, Verdict: bad}
	}
	six := rec(9, 1, true)
	six.Flow.Key.Kind = packet.KindIPv6
	tally.Add([]extract.Record{rec(1, 1, true), rec(2, 6, false), rec(2, 1, true), rec(2, 1, true), six, {}})
	if tally.Malicious != (Share{4, 4, 400}) || tally.Benign != (Share{1, 6, 600}) {
		t.Errorf("malicious %+v benign %+v", tally.Malicious, tally.Benign)
	}
	f, p, by, ok := tally.BenignShares()
	if f != 0.2 || p != 0.6 || by != 0.6 || !ok {
		t.Errorf("shares %v %v %v %v", f, p, by, ok)
	}
	top, all := tally.Sources(2)
	want := []Source{{netip.MustParseAddr("10.0.0.2"), 2}, {netip.MustParseAddr("10.0.0.1"), 1}}
	if all != 3 || len(top) != 2 || top[0] != want[0] || top[1] != want[1] {
		t.Errorf("sources %v of %d", top, all)
	}
	if _, _, _, ok := NewTally(nil).BenignShares(); ok {
		t.Error("shares of nothing")
	}
}

// A flood of forged sources does not fill the memory.
func TestTallyBound(t *testing.T) {
	tally := NewTally(func(*extract.Record) uint64 { return 0 })
	rec := extract.Record{Scored: true, Verdict: true, Flow: flow.Flow{FromA: true}}
	for i := range maxSources + 10 {
		rec.Flow.Key.A[13], rec.Flow.Key.A[14], rec.Flow.Key.A[15] = byte(i>>16), byte(i>>8), byte(i)
		tally.Add([]extract.Record{rec})
	}
	if _, all := tally.Sources(1); all != maxSources || tally.Unlisted != 10 {
		t.Errorf("%d sources, %d unlisted", all, tally.Unlisted)
	}
}
