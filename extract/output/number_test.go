package output

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// checkFloat compares with encoding/json, whose numbers are the shortest that read
// back and whose choice of exponents is ours.
func checkFloat(t *testing.T, v float64) {
	t.Helper()
	got := string(appendFloat(nil, v))
	if v-v != 0 {
		if got != "" {
			t.Fatalf("%v: wrote %q, want nothing", v, got)
		}
		return
	}
	want, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Fatalf("%v: wrote %q, encoding/json writes %q", v, got, want)
	}
	back, err := strconv.ParseFloat(got, 64)
	if err != nil || math.Float64bits(back) != math.Float64bits(v) {
		t.Fatalf("%v: %q reads back as %v, %v", v, got, back, err)
	}
}

func TestAppendFloat(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, v := range []float64{0, math.Copysign(0, -1), 1, -1, 9, 10, 99, 100, 999, 1000, 0.5, -0.125, 1.1, 0.001, 1e-6, 9.99e-7, 1e-7, 1.5e-9, 1e-10, 1.234e-100,
		1e14, 1e15 - 1, 1e15, 1e15 + 2, 1 << 53, 1e20, 1e21, 1.5e21, 1e22, 1e300, math.MaxFloat64, math.SmallestNonzeroFloat64, math.MaxInt64, math.MinInt64, 1e18,
		999999999.999999, 999999999.9999999, 123456789.123456, 0.000001, 0.0000015, 2.5e-6, 0.1 + 0.2, 1.0 / 3, math.NaN(), math.Inf(1), math.Inf(-1)} {
		checkFloat(t, v)
		checkFloat(t, -v)
	}
	for range 30000 {
		checkFloat(t, math.Float64frombits(r.Uint64()))
		for _, scale := range []float64{10, 1000, 1e4, 1e6, 1e7, 1e9} {
			checkFloat(t, math.Round(r.Float64()*math.Pow(10, float64(r.IntN(16))))/scale)
		}
		v := float64(r.IntN(1e9)) / 1000
		checkFloat(t, math.Nextafter(v, 1e10))
		checkFloat(t, float64(int64(r.Uint64()>>r.IntN(64))))
	}
}

func FuzzAppendFloat(f *testing.F) {
	f.Add(math.Float64bits(0.1))
	f.Fuzz(func(t *testing.T, bits uint64) { checkFloat(t, math.Float64frombits(bits)) })
}

func TestAppendTime(t *testing.T) {
	const layout = "2006-01-02T15:04:05.000000000Z07:00"
	check := func(ns int64) {
		t.Helper()
		if got, want := string(appendTime(nil, ns)), time.Unix(0, ns).UTC().Format(layout); got != want {
			t.Fatalf("%d: wrote %s, package time writes %s", ns, got, want)
		}
	}
	for _, ns := range []int64{0, -1, 1, 1e9, 951782399999999999, 951782400e9, 951868800e9, math.MaxInt64, math.MinInt64, 4107542400e9, -2203891200e9} {
		check(ns)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 50000 {
		check(int64(r.Uint64()))
	}
}

func BenchmarkAppendFloat(b *testing.B) {
	for name, v := range map[string]float64{"small": 7, "integer": 1234567, "milli": 1234.567, "micro": 12.345678, "ratio": 1.0 / 3, "strconv": math.Pi * 1e12} {
		b.Run(name, func(b *testing.B) {
			buf := make([]byte, 0, 64)
			for b.Loop() {
				buf = appendFloat(buf[:0], v)
			}
		})
	}
	b.Run("only strconv ratio", func(b *testing.B) {
		buf := make([]byte, 0, 64)
		for b.Loop() {
			buf = strconv.AppendFloat(buf[:0], 1.0/3, 'f', -1, 64)
		}
	})
	b.Run("time", func(b *testing.B) {
		buf := make([]byte, 0, 64)
		for b.Loop() {
			buf = appendTime(buf[:0], 1700000000123456789)
		}
	})
}
