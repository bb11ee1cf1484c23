package fit_test

import (
	"math"
	"reflect"
	"runtime"
	"testing"

	"fm/model/logistic"
)

// What a column is worth: "behaviour" carries the model, so that the AUC without it is that of chance; "lab" says nothing.
func TestPermutation(t *testing.T) {
	f := captures(6, 300)
	r := run(t, f, options())
	p := r.Model.HeldOut.Permutation
	if p == nil || p.Rows < 800 || p.Rows > 815 || len(p.Columns) != 2 {
		t.Fatalf("permutation %+v", p)
	}
	first, second := p.Columns[0], p.Columns[1]
	if first.Column != "behaviour" || math.Abs(float64(first.AUC)-(float64(r.Model.HeldOut.AUC)-0.5)) > 0.05 || first.AveragePrecision < 0.3 {
		t.Errorf("first: %+v, held-out AUC %v", first, r.Model.HeldOut.AUC)
	}
	if second.Column != "lab" || math.Abs(float64(second.AUC)) > 0.05 {
		t.Errorf("second: %+v", second)
	}
	before := runtime.GOMAXPROCS(1)
	again := run(t, f, options()).Model.HeldOut.Permutation
	runtime.GOMAXPROCS(before)
	if !reflect.DeepEqual(p, again) {
		t.Errorf("with one thread %+v, with several %+v", again, p)
	}
}

// Every kind that ranks its inputs is measured, small sides too.
func TestPermutationOfLogistic(t *testing.T) {
	f := captures(8, 40)
	o := options()
	o.Trainer = logistic.Trainer{C: 1}
	r := run(t, f, o)
	p := r.Model.HeldOut.Permutation
	if p.Rows > f.Rows() || p.Columns[0].Column != "behaviour" || p.Columns[0].AUC < 0.2 {
		t.Errorf("permutation %+v", p)
	}
	if w := r.Model.Importance(); len(w) != 2 || w[0] < w[1] {
		t.Errorf("importance %v", w)
	}
}
