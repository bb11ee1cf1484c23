package dataset

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestParseNumber(t *testing.T) {
	nan := math.NaN()
	for text, want := range map[string]float64{"": nan, "nan": nan, "NaN": nan, "0": 0, "-0": math.Copysign(0, -1), "-0.0": math.Copysign(0, -1), "inf": math.Inf(1), "-Infinity": math.Inf(-1), "+inf": math.Inf(1),
		"1.5": 1.5, ".5": 0.5, "5.": 5, "-12345678901234.5": -12345678901234.5, "+7": 7, "1e-7": 1e-7, "1E+21": 1e21, "123456789012345678": 123456789012345678, "0.1": 0.1, "4.9e-324": math.SmallestNonzeroFloat64} {
		got, ok := parseNumber([]byte(text))
		if !ok || math.Float64bits(got) != math.Float64bits(want) && !(got != got && want != want) {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"x", "-", ".", "1.2.3", "1_000", "0x1p-2", "0X10", "1e999", "--1", "1 2", "1,5", "e5", "\x00", "１"} {
		if v, ok := parseNumber([]byte(text)); ok {
			t.Errorf("%q is read as %v", text, v)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 30000 {
		v := math.Round(r.Float64()*math.Pow(10, float64(r.IntN(17)))) / math.Pow(10, float64(r.IntN(16)))
		text := strconv.AppendFloat(nil, v, "fe"[r.IntN(2)], -1, 64)
		want, err := strconv.ParseFloat(string(text), 64)
		if got, ok := parseNumber(text); err != nil || !ok || got != want {
			t.Fatalf("%s: %v, %v; strconv %v", text, got, ok, want)
		}
	}
	cell := []byte("1234.5678901234567")
	if n := testing.AllocsPerRun(100, func() { parseNumber(cell) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParseNumber(f *testing.F) {
	f.Add("12.5e3")
	f.Fuzz(func(t *testing.T, s string) {
		v, ok := parseNumber([]byte(s))
		if IsMissing([]byte(strings.Trim(s, " \t"))) {
			if !ok || v == v {
				t.Fatalf("%q: %v, %v", s, v, ok)
			}
			return
		}
		if want, err := strconv.ParseFloat(strings.Trim(s, " \t"), 64); ok && strings.Trim(s, " \t") != "" && (err != nil || want != v && (want == want || v == v)) {
			t.Fatalf("%q: %v; strconv: %v, %v", s, v, want, err)
		}
	})
}
