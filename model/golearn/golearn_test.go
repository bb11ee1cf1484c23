package golearn

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/trees"

	"fm/dataset"
	"fm/model"
	"fm/model/modeltest"
	"fm/model/tree"
)

func TestConformance(t *testing.T) {
	for _, a := range []Algorithm{ID3, CART, Forest} {
		t.Run(string(a), func(t *testing.T) {
			modeltest.Run(t, modeltest.Subject{
				Trainer:  func(w int) model.Trainer { return Trainer{Algorithm: a, Trees: 8, Seed: 3, Workers: w} },
				Codec:    tree.Codec{},
				Accuracy: 0.9,
				Slow:     true,
			})
		})
	}
}

// Our nodes say what golearn's own prediction says, for every training row.
func TestSameAsGolearn(t *testing.T) {
	f := modeltest.Table(300, 2, 11)
	rows := modeltest.All(f)
	d := fill(f, rows)

	g, err := d.instances(rows, false)
	if err != nil {
		t.Fatal(err)
	}
	id3 := trees.NewID3DecisionTreeFromRule(0, &rule{ctx: context.Background()})
	if err := id3.Fit(g); err != nil {
		t.Fatal(err)
	}
	ours, err := d.fromID3(id3.Root)
	if err != nil {
		t.Fatal(err)
	}
	said, err := id3.Predict(g)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		p := ours.Values[ours.Leaf(d.x[i*d.columns:(i+1)*d.columns])]
		if want := base.GetClass(said, i); p != 0.5 && (p > 0.5) != (want == "1") {
			t.Fatalf("id3, row %d: ours says %v, golearn %q", i, p, want)
		}
	}

	n, err := d.instances(rows, true)
	if err != nil {
		t.Fatal(err)
	}
	cart := trees.NewDecisionTreeClassifier(trees.GINI, 5, []int64{0, 1})
	if err := cart.Fit(n); err != nil {
		t.Fatal(err)
	}
	one, err := d.inferCART(5)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range cart.Predict(n) {
		p := one.Values[one.Leaf(d.x[i*d.columns:(i+1)*d.columns])]
		if p != 0.5 && (p > 0.5) != (want == 1) {
			t.Fatalf("cart, row %d: ours says %v, golearn %d", i, p, want)
		}
	}
	if len(one.Nodes) < 3 {
		t.Errorf("cart has %d nodes", len(one.Nodes))
	}
}

// The split chosen column by column is the one that golearn chooses at once.
func TestRule(t *testing.T) {
	f := modeltest.Table(400, 2, 12)
	d := fill(f, modeltest.All(f))
	g, err := d.instances(modeltest.All(f), false)
	if err != nil {
		t.Fatal(err)
	}
	ours := (&rule{ctx: context.Background()}).GenerateSplitRule(g)
	var gain trees.InformationGainRuleGenerator
	theirs := gain.GenerateSplitRule(g)
	if ours.SplitAttr.GetName() != theirs.SplitAttr.GetName() || ours.SplitVal != theirs.SplitVal {
		t.Errorf("ours %v, golearn's %v", ours, theirs)
	}
}

func warnings(s model.Scorer) string {
	var b strings.Builder
	for _, n := range s.(*tree.Ensemble).Warnings() {
		b.WriteString(n.Error() + "\n")
	}
	return b.String()
}

func TestWarnings(t *testing.T) {
	ctx := context.Background()
	f := modeltest.Table(200, 2, 1)
	f.Weight = make([]float64, 200)
	s, err := Trainer{}.Train(ctx, f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 of 6 columns have missing ones", "knows no weights"} {
		if !strings.Contains(warnings(s), want) {
			t.Errorf("warnings %q do not say %q", warnings(s), want)
		}
	}
	// Nothing to learn from: the majority class, and a note that says so.
	dull := &dataset.Frame{Schema: &dataset.Schema{}, Classes: []string{"benign", "bad"}, Cols: []dataset.Col{{}, {}}}
	for i := range 60 {
		dull.Y = append(dull.Y, int32(max(0, i%5-3)))
		dull.Cols[0].Values = append(dull.Cols[0].Values, 1)
		dull.Cols[1].Values = append(dull.Cols[1].Values, 2)
	}
	dull.SetRows(60)
	for _, a := range []Algorithm{ID3, CART, Forest} {
		s, err := Trainer{Algorithm: a}.Train(ctx, dull, modeltest.All(dull))
		if err != nil {
			t.Fatalf("%s: %v", a, err)
		}
		if !strings.Contains(warnings(s), `every training row is called "benign"`) {
			t.Errorf("%s: warnings %q", a, warnings(s))
		}
	}
}

func TestLimits(t *testing.T) {
	f := modeltest.Table(4001, 2, 1)
	_, err := Trainer{Algorithm: CART}.Train(context.Background(), f, modeltest.All(f))
	if !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "4001 rows") {
		t.Errorf("rows: %v", err)
	}
	for _, a := range []Algorithm{ID3, CART, Forest} {
		_, err := Trainer{Algorithm: a, Deadline: time.Millisecond}.Train(context.Background(), f, modeltest.All(f)[:3000])
		if !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "1ms") {
			t.Errorf("%s, a millisecond: %v", a, err)
		}
	}
	if _, err := (Trainer{Algorithm: "bush"}).Train(context.Background(), f, modeltest.All(f)[:10]); err == nil {
		t.Error("an unknown algorithm is accepted")
	}
}

// A panic inside golearn is an error.
func TestPanics(t *testing.T) {
	err := func() (err error) {
		defer recovered(&err)
		panic("index out of range")
	}()
	if err == nil || !strings.Contains(err.Error(), "golearn panicked") {
		t.Errorf("error %v", err)
	}
}

// A path may use up all columns, as golearn takes each once: more trees than columns,
// every column in every node.
func TestColumnsRunOut(t *testing.T) {
	f := modeltest.Table(200, 2, 4)
	s, err := Trainer{Algorithm: Forest, Features: 6, Deadline: time.Minute}.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := tree.Codec{}.Append(nil, s)
	s, _ = Trainer{Algorithm: Forest, Features: 6, Workers: 1}.Train(context.Background(), f, modeltest.All(f))
	b, _ := tree.Codec{}.Append(nil, s)
	if !bytes.Equal(a, b) {
		t.Error("two fits differ")
	}
}

func TestRefusesWords(t *testing.T) {
	f := modeltest.Table(100, 2, 1)
	f.Cols[2].Words = []string{"a"}
	_, err := Trainer{}.Train(context.Background(), f, modeltest.All(f))
	if err == nil || !strings.Contains(err.Error(), "noise hold words") {
		t.Errorf("words: error %v", err)
	}
}
