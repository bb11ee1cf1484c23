package foreign

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"fm/model"
)

// fuzzRead reads whatever the fuzzer makes of the model files of testdata that pattern
// names: an error comes without a model, a model scores, and both stay below 64 MB.
func fuzzRead(f *testing.F, pattern string) {
	paths, err := filepath.Glob("testdata/" + pattern)
	if err != nil || len(paths) == 0 {
		f.Fatal(pattern, paths, err)
	}
	for _, path := range paths {
		// Large seeds leave the fuzzer busy with making its finds smaller.
		if file := plain(f, strings.TrimPrefix(path, "testdata/")); len(file) < 5000 {
			f.Add(file)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > 1<<20 {
			return
		}
		var m *Model
		var err error
		if took := measure(func() { m, err = Read(bytes.NewReader(file), "file") }); took.bytes > 64<<20 {
			t.Fatalf("%d bytes for a file of %d", took.bytes, len(file))
		}
		if (err == nil) == (m == nil) {
			t.Fatalf("model %v with error %v", m, err)
		}
		if err != nil {
			return
		}
		s := m.Scorer
		rows := make([]float64, 2*s.Inputs())
		for i := range s.Inputs() {
			rows[i] = float64(i) - 2
		}
		margins := make([]float64, 2*s.Outputs())
		s.Margins(margins, rows)
		model.Predict(s, margins, margins)
		m.KeepBest()
	})
}

func FuzzXGBoostBinary(f *testing.F) { fuzzRead(f, "xgboost-*/*/model.model*") }
func FuzzXGBoostJSON(f *testing.F)   { fuzzRead(f, "xgboost-*/*/model.json*") }
func FuzzXGBoostUBJSON(f *testing.F) { fuzzRead(f, "xgboost-*/*/model.ubj*") }
