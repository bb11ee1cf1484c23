package feature

import (
	"math"
	"testing"
)

// Texts of CPython 3.11.7: repr(x).
func TestAppendPython(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want string
	}{
		{0, "0.0"}, {math.Copysign(0, -1), "-0.0"}, {1, "1.0"}, {-1, "-1.0"}, {90, "90.0"}, {2.5, "2.5"}, {-2.5, "-2.5"},
		{999999999999999, "999999999999999.0"}, {1e15, "1000000000000000.0"}, {1e16, "1e+16"}, {123456789012345678, "1.2345678901234568e+17"}, {1e22, "1e+22"},
		{0.1, "0.1"}, {1e-4, "0.0001"}, {9.9e-5, "9.9e-05"}, {1e-7, "1e-07"}, {1.0 / 3, "0.3333333333333333"}, {1581109359.641072, "1581109359.641072"},
		{5e-324, "5e-324"}, {math.MaxFloat64, "1.7976931348623157e+308"}, {math.Inf(1), "inf"}, {math.Inf(-1), "-inf"}, {math.NaN(), "nan"},
	} {
		if got := string(appendPython(nil, c.x)); got != c.want {
			t.Errorf("%v: %s, want %s", c.x, got, c.want)
		}
	}
}
