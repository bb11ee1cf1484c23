package foreign

import (
	"errors"
	"strings"
	"testing"
)

// leaves agrees on every LightGBM model that it can read, which are all but those with
// linear leaves; it is not asked about XGBoost's.
func TestCompare(t *testing.T) {
	compared, not := 0, map[string]int{}
	for _, dir := range corpora(t) {
		for _, c := range corpusCases(t, dir, "lightgbm") {
			for _, path := range c.models {
				rows, largest, err := Compare(openCorpusFile(t, path), readCase(t, path))
				switch {
				case errors.Is(err, ErrNotCompared):
					not[err.Error()]++
				case err != nil:
					t.Errorf("%s: %v", path, err)
				case rows != probeCount || largest > 1e-12:
					t.Errorf("%s: %d rows, largest difference %v", path, rows, largest)
				default:
					compared++
				}
			}
		}
		for _, c := range corpusCases(t, dir, "xgboost") {
			if _, _, err := Compare(strings.NewReader("not read"), readCase(t, c.models[0])); !errors.Is(err, ErrNotCompared) {
				t.Errorf("%s: %v", c.models[0], err)
			}
		}
	}
	t.Logf("%d compared, not compared: %v", compared, not)
	for reason := range not {
		if !strings.Contains(reason, "linear leaves") && !strings.Contains(reason, "no trees") {
			t.Errorf("not compared: %s", reason)
		}
	}
}

// A model that is not the file's is found out.
func TestCompareDiffers(t *testing.T) {
	path := "testdata/lightgbm-4.7.0/binary/model.txt.gz"
	m := readCase(t, path)
	other := readCase(t, "testdata/lightgbm-4.7.0/zero_missing/model.txt.gz")
	if _, _, err := Compare(openCorpusFile(t, path), other); err == nil || errors.Is(err, ErrNotCompared) {
		t.Errorf("another model: %v", err)
	}
	if _, _, err := Compare(openCorpusFile(t, path), m); err != nil {
		t.Error(err)
	}
}
