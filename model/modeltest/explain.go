package modeltest

import (
	"math"
	"slices"
	"sync"
	"testing"

	"fm/model"
)

// explains checks that contributions sum to the margin, that a saved model gives the same
// ones, and that several goroutines may ask for them.
func explains(t *testing.T, s Subject, size int) {
	for _, classes := range classCounts(s) {
		f := Table(size, classes, 9)
		scorer := train(t, s, f, 2)
		back, err := s.Codec.Decode(encode(t, s, scorer))
		if err != nil {
			t.Fatal(err)
		}
		explain, saved := ready(t, scorer), ready(t, back)
		rows, w, outputs := Flat(f), len(f.Cols), scorer.Outputs()
		margins := make([]float64, f.Rows()*outputs)
		scorer.Margins(margins, rows)
		var wg sync.WaitGroup
		for start := range 2 {
			wg.Go(func() {
				got, again := make([]float64, w+1), make([]float64, w+1)
				for i := start; i < min(200, f.Rows()); i += 2 {
					for o := range outputs {
						row, margin := rows[i*w:(i+1)*w], margins[i*outputs+o]
						explain(got, row, o)
						saved(again, row, o)
						if !slices.Equal(got, again) {
							t.Errorf("row %d, output %d: contributions were %v, are %v", i, o, got, again)
						}
						sum, size := 0.0, 1.0
						for _, v := range got {
							sum, size = sum+v, size+math.Abs(v)
						}
						if !(math.Abs(sum-margin) < 1e-9*size) {
							t.Errorf("row %d, output %d: contributions sum to %v, the margin is %v", i, o, sum, margin)
						}
					}
				}
			})
		}
		wg.Wait()
	}
}

func ready(t *testing.T, s model.Scorer) model.Contributions {
	t.Helper()
	e, ok := s.(model.Explainer)
	if !ok {
		t.Fatalf("a %T can't be explained", s)
	}
	explain, err := e.Explain()
	if err != nil {
		t.Fatal(err)
	}
	return explain
}
