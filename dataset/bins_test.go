package dataset

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func binOne(t testing.TB, values []float64, limit int) Bins {
	t.Helper()
	f := &Frame{Cols: []Col{{Values: values}}}
	rows := make([]int, len(values))
	for i := range rows {
		rows[i] = i
	}
	b, err := Bin(context.Background(), f, rows, limit, 1)
	if err != nil {
		t.Fatal(err)
	}
	return b[0]
}

// Worked by hand: 1 | 2 | 4 with the missing value apart.
func TestBinFewValues(t *testing.T) {
	b := binOne(t, []float64{4, math.NaN(), 1, 2, 2}, 255)
	if want := []float64{1.5, 3}; !slices.Equal(b.Cuts, want) {
		t.Errorf("cuts %v, want %v", b.Cuts, want)
	}
	if want := []uint8{2, MissingBin, 0, 1, 1}; !slices.Equal(b.Codes, want) {
		t.Errorf("codes %v, want %v", b.Codes, want)
	}
}

// 0 to 999 in ten bins: a hundred values each.
func TestBinQuantiles(t *testing.T) {
	values := make([]float64, 1000)
	for i := range values {
		values[i] = float64((i * 7919) % 1000)
	}
	b := binOne(t, values, 10)
	want := []float64{99.5, 199.5, 299.5, 399.5, 499.5, 599.5, 699.5, 799.5, 899.5}
	if !slices.Equal(b.Cuts, want) {
		t.Errorf("cuts %v, want %v", b.Cuts, want)
	}
}

// What every binning promises, infinities, heavy values and neighbours included.
func TestBinProperties(t *testing.T) {
	inf := math.Inf(1)
	rapid.Check(t, func(t *rapid.T) {
		pool := []float64{0, math.Copysign(0, -1), 1, math.Nextafter(1, 2), inf, -inf, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, math.NaN()}
		values := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(pool), rapid.Float64(), rapid.Map(rapid.IntRange(0, 400), func(i int) float64 { return float64(i) })), 0, 900).Draw(t, "values")
		limit := rapid.IntRange(2, 255).Draw(t, "limit")
		f := &Frame{Cols: []Col{{Values: values}}}
		rows := make([]int, len(values))
		for i := range rows {
			rows[i] = i
		}
		got, err := Bin(context.Background(), f, rows, limit, 1)
		if err != nil {
			t.Fatal(err)
		}
		b := got[0]
		if len(b.Cuts) > limit-1 || !slices.IsSorted(b.Cuts) {
			t.Fatalf("cuts %v for limit %d", b.Cuts, limit)
		}
		used := map[uint8]bool{}
		for i, v := range values {
			k := b.Codes[i]
			if k != b.Code(v) {
				t.Fatalf("code %d of %v, Code says %d", k, v, b.Code(v))
			}
			if v != v {
				if k != MissingBin {
					t.Fatalf("NaN has code %d", k)
				}
				continue
			}
			used[k] = true
			if int(k) > len(b.Cuts) || k > 0 && !(b.Cuts[k-1] < v) || int(k) < len(b.Cuts) && !(v <= b.Cuts[k]) {
				t.Fatalf("value %v has code %d with cuts %v", v, k, b.Cuts)
			}
		}
		if len(used) > 0 && len(used) != len(b.Cuts)+1 {
			t.Fatalf("%d bins hold values, %d cuts", len(used), len(b.Cuts))
		}
	})
}

func TestBinWorkers(t *testing.T) {
	f := &Frame{}
	for c := range 9 {
		v := make([]float64, 500)
		for i := range v {
			v[i] = float64((i*i*31 + c*17) % 499)
		}
		f.Cols = append(f.Cols, Col{Values: v})
	}
	rows := []int{4, 8, 15, 16, 23, 42, 400, 401, 402, 499}
	one, _ := Bin(context.Background(), f, rows, 4, 1)
	many, _ := Bin(context.Background(), f, rows, 4, 8)
	for c := range one {
		if !slices.Equal(one[c].Cuts, many[c].Cuts) || !slices.Equal(one[c].Codes, many[c].Codes) {
			t.Errorf("column %d depends on the number of workers", c)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Bin(ctx, f, rows, 4, 2); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}
