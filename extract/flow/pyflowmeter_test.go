package flow

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"fm/extract/packet"
)

// Negative microseconds without their sign: 2^64 µs are 18446744073709.551616 s.
func TestEpoch(t *testing.T) {
	for ns, want := range map[int64]float64{
		1422527998578402281:                    1422527998.578402281,
		packet.WrappedTime - 1000:              18446744073709.551615,
		packet.WrappedTime - 505_424_616_000:   18446744073204.127,
		packet.WrappedTime - 3_600_000_000_000: 18446744070109.551616,
		// tshark 4.0.17 on a frame of this time behind one of 1422527998.578402281 s.
		packet.WrappedTime - 505_274_678_000 - 1422527998_578402281:    18445321545205.698535719,
		-(packet.WrappedTime - 505_274_678_000 - 1422527998_578402281): -18445321545205.698535719,
	} {
		if got := Epoch(ns); got != want {
			t.Errorf("%d ns: %v, want %v", ns, got, want)
		}
	}
}

// Seconds is what Python and strconv read back from the decimal text.
func TestSeconds(t *testing.T) {
	text := func(ns int64) float64 {
		sign, n := "", uint64(ns)
		if ns < 0 {
			sign, n = "-", -n
		}
		frac := strconv.FormatUint(n%1e9+1e9, 10)[1:]
		x, err := strconv.ParseFloat(sign+strconv.FormatUint(n/1e9, 10)+"."+frac, 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	check := func(ns int64) {
		if got, want := Seconds(ns), text(ns); got != want {
			t.Fatalf("%d ns: %v, want %v", ns, got, want)
		}
	}
	for _, ns := range []int64{0, 1, -1, 999, 1e9, 1<<53 - 1, 1 << 53, 1<<53 + 1, 1704067200_000000001, 1704067200_123456000, math.MaxInt64, math.MinInt64} {
		check(ns)
		check(-ns)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		check(int64(r.Uint64() >> r.IntN(40)))
		check(int64(r.Uint64()>>r.IntN(12)) / 1000 * 1000)
	}
}

// TestPyMoments compares the online update with moments worked out in two passes.
func TestPyMoments(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 50 {
		var m PyMoments
		var x []float64
		var sum float64
		for range n {
			v := math.Trunc(r.ExpFloat64() * 500)
			x, sum = append(x, v), sum+v
			m.add(v)
		}
		var m2, m3, m4, lowest, highest float64
		for i, v := range x {
			d := v - sum/float64(n)
			m2, m3, m4 = m2+d*d, m3+d*d*d, m4+d*d*d*d
			if lowest = min(lowest, v); i == 0 {
				lowest = v
			}
			highest = max(highest, v)
		}
		mean, std, skew, kurt := 0.0, 0.0, 0.0, -3.0
		if n > 0 {
			mean, std = sum/float64(n), math.Sqrt(m2/float64(n))
		}
		if n > 1 {
			skew, kurt = math.Sqrt(float64(n))*m3/math.Pow(m2, 1.5), float64(n)*m4/(m2*m2)-3
		}
		for i, c := range [][2]float64{{m.Mean, mean}, {m.Std(), std}, {m.Skewness(), skew}, {m.Kurtosis(), kurt}, {m.Min, lowest}, {m.Max, highest}} {
			if math.Abs(c[0]-c[1]) > 1e-9*max(1, math.Abs(c[1])) {
				t.Errorf("%d numbers: statistic %d is %v, want %v", n, i, c[0], c[1])
			}
		}
		if m.Equal() != (n < 2) {
			t.Errorf("%d numbers: equal %t", n, m.Equal())
		}
	}
}

// power15 is the double nearest to x^1.5, here by 60 digits.
func TestPower15(t *testing.T) {
	for x, want := range map[float64]float64{
		2: 2.8284271247461903, 3: 5.196152422706632, 10: 31.622776601683793, 0.1: 0.0316227766016838, 1e-30: 1.0000000000000001e-45, 12345.678: 1371741.9437585769,
	} {
		if got := power15(x); got != want {
			t.Errorf("%v^1.5 = %v, want %v", x, got, want)
		}
	}
}
