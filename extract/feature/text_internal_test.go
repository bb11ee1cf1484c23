package feature

import (
	"math"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fm/extract/flow"
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

// TestPrinted compares with the text that Zeek prints, read by strconv.
func TestPrinted(t *testing.T) {
	check := func(t interface{ Errorf(string, ...any) }, x float64) {
		want, _ := strconv.ParseFloat(string(appendZeek(nil, x)), 64)
		if got := printed(x); got != want {
			t.Errorf("%v: %v, its text %s", x, got, appendZeek(nil, x))
		}
		want, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'f', 6, 64), 64)
		if got := printed(x); got != want {
			t.Errorf("%v: %v, its text %.6f", x, got, x)
		}
	}
	around := func(t interface{ Errorf(string, ...any) }, x float64) {
		for _, x := range []float64{x, math.Nextafter(x, math.Inf(1)), math.Nextafter(x, math.Inf(-1))} {
			check(t, x)
			check(t, -x)
		}
	}
	for _, x := range []float64{0, 1, 5e-7, 1e-300, 1 << 33, 1<<33 + 0.1, 9007199254.740993, 1e15, 1e18, math.MaxFloat64} {
		around(t, x)
	}
	for n := 1.0; n < 40_000; n++ {
		around(t, n/128)            // half-way where n is odd
		around(t, (n+0.5)/1e6)      // as near to half-way as it gets
		around(t, 8e9+n/128)        // just so below 2^33
		around(t, math.Sqrt(n)*1e6) // a time in microseconds
	}
	rapid.Check(t, func(t *rapid.T) {
		around(t, rapid.Float64Range(0, 1<<34).Draw(t, "x"))
		around(t, float64(rapid.Uint64Range(0, 1<<40).Draw(t, "bytes"))/float64(rapid.Uint64Range(1, 1<<40).Draw(t, "packets")))
		around(t, (float64(rapid.Uint64Range(0, 1<<52).Draw(t, "n"))+0.5)/1e6)
	})
	if !math.IsNaN(printed(math.NaN())) || !math.IsInf(printed(math.Inf(-1)), -1) {
		t.Error("what is no number is another")
	}
}

// The column of bulk rates is what its text says, without an allocation.
func TestBulkRateAllocations(t *testing.T) {
	v := &flow.View{CICPy: &flow.CICPy{}}
	v.CICPy.Bulks[1] = flow.CICPyBulk{Count: 1, Bytes: 479, Duration: 681_000}
	set, err := Build("cicflowmeter-py", nil)
	if err != nil {
		t.Fatal(err)
	}
	column := set.Columns[set.Schema().Index("bwd_blk_rate_avg")]
	var got float64
	if n := testing.AllocsPerRun(100, func() { got = column.Value(v) }); n != 0 || got != 703377.3861967694 {
		t.Errorf("%v allocations, %v, want 0 and 703377.3861967694", n, got)
	}
}

func BenchmarkPrinted(b *testing.B) {
	x := 0.1
	for b.Loop() {
		x = printed(x) + 0.123456789
	}
}

// What package time writes by the layout itself.
func TestAppendClock(t *testing.T) {
	for _, ns := range []int64{0, -1, 1, 951782400e9, 1795265279394156000, math.MinInt64, math.MaxInt64} {
		at := time.Unix(0, ns).UTC()
		if got, want := string(appendClock([]byte("x"), at)), "x"+at.Format(time.DateTime); got != want {
			t.Errorf("%d ns: %s, want %s", ns, got, want)
		}
	}
}
