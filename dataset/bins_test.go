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
	b, err := Bin(context.Background(), f, allRows(len(values)), limit, 1)
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

// A NaN of either sign is missing, and zeros of either sign share a bin, in columns of
// few cuts, of many, and of mostly zeros.
func TestBinOddities(t *testing.T) {
	negative := math.Float64frombits(math.Float64bits(math.NaN()) | 1<<63)
	for _, distinct := range []int{3, 300} {
		for _, zeros := range []int{1, 5000} {
			values := []float64{negative, math.NaN(), math.Copysign(0, -1)}
			for i := range distinct {
				values = append(values, float64(i-distinct/2)/8)
			}
			for range zeros {
				values = append(values, 0)
			}
			b := binOne(t, values, 255)
			if b.Codes[0] != MissingBin || b.Codes[1] != MissingBin {
				t.Errorf("%d, %d: NaN has codes %d, %d", distinct, zeros, b.Codes[0], b.Codes[1])
			}
			for i, v := range values[2:] {
				if k := b.Codes[i+2]; k != b.Code(v) || v == 0 && k != b.Codes[2] {
					t.Errorf("%d, %d: %v has code %d, Code says %d", distinct, zeros, v, k, b.Code(v))
				}
			}
		}
	}
}

// The top of a bin is in the bin, so that it takes the side of every cut that its values took.
func TestBinTops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.OneOf(rapid.Float64(), rapid.Map(rapid.IntRange(-300, 300), func(i int) float64 { return float64(i) })), 1, 900).Draw(t, "values")
		f := &Frame{Cols: []Col{{Values: values}}}
		got, err := Bin(context.Background(), f, allRows(len(values)), rapid.IntRange(2, 255).Draw(t, "limit"), 1)
		if err != nil {
			t.Fatal(err)
		}
		b := got[0]
		if len(b.Tops) != len(b.Cuts)+1 {
			t.Fatalf("%d tops for %d cuts", len(b.Tops), len(b.Cuts))
		}
		for i, v := range values {
			top := b.Value(b.Codes[i])
			if v > top {
				t.Fatalf("%v lies above its top %v", v, top)
			}
			for _, c := range b.Cuts {
				if (v <= c) != (top <= c) {
					t.Fatalf("%v and its top %v lie on two sides of %v", v, top, c)
				}
			}
		}
		// A binned column gives the same bins again, whole and in part; fewer bins join neighbours.
		binned := &Frame{Cols: []Col{{Bins: &b}}}
		again, _ := Bin(context.Background(), binned, allRows(len(values)), 0, 1)
		if !slices.Equal(again[0].Codes, b.Codes) || !slices.Equal(again[0].Cuts, b.Cuts) {
			t.Fatalf("binned again: %v, was %v", again[0], b)
		}
		part := rapid.SliceOf(rapid.IntRange(0, len(values)-1)).Draw(t, "part")
		limit := rapid.IntRange(2, 20).Draw(t, "few")
		few, _ := Bin(context.Background(), binned, part, limit, 1)
		if len(few[0].Tops) > limit || len(few[0].Cuts)+1 != len(few[0].Tops) && len(part) > 0 {
			t.Fatalf("%d tops and %d cuts for limit %d", len(few[0].Tops), len(few[0].Cuts), limit)
		}
		for i, r := range part {
			if k := few[0].Code(values[r]); k != few[0].Codes[i] {
				t.Fatalf("%v has code %d, its cuts say %d", values[r], few[0].Codes[i], k)
			}
		}
	})
}

// Worked by hand: http four times, dns and ssh twice (dns first by its index), ftp once.
func TestBinWords(t *testing.T) {
	nan := math.NaN()
	f := &Frame{Cols: []Col{{Words: []string{"dns", "ftp", "http", "ssh"}, Values: []float64{2, 3, 0, 2, 2, nan, 1, 3, 0, 2}}}}
	for _, c := range []struct {
		limit      int
		categories []int32
		codes      []uint8
	}{
		{255, []int32{2, 0, 3, 1}, []uint8{0, 2, 1, 0, 0, MissingBin, 3, 2, 1, 0}},
		{2, []int32{2, 0}, []uint8{0, MissingBin, 1, 0, 0, MissingBin, MissingBin, MissingBin, 1, 0}},
	} {
		got, err := Bin(context.Background(), f, allRows(10), c.limit, 1)
		if err != nil {
			t.Fatal(err)
		}
		if b := got[0]; !slices.Equal(b.Categories, c.categories) || !slices.Equal(b.Codes, c.codes) || b.Cuts != nil {
			t.Errorf("limit %d: %v", c.limit, b)
		}
		// Binned with all categories first, then with fewer: the same.
		all, _ := Bin(context.Background(), f, allRows(10), 255, 1)
		again, _ := Bin(context.Background(), &Frame{Cols: []Col{{Words: f.Cols[0].Words, Bins: &all[0]}}}, allRows(10), c.limit, 1)
		if !slices.Equal(again[0].Codes, c.codes) || !slices.Equal(again[0].Categories, c.categories) {
			t.Errorf("limit %d, binned before: %v", c.limit, again[0])
		}
	}
}

// Above SampleRows the cuts come from a sample, which depends on the number of rows
// only, and still share the rows evenly.
func TestBinSample(t *testing.T) {
	const n = 3 * SampleRows
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(mix(uint64(i)^0x5555) >> 11)
	}
	b := binOne(t, values, 255)
	counts := make([]int, 256)
	for i, k := range b.Codes {
		counts[k]++
		if i%1000 == 0 && k != b.Code(values[i]) {
			t.Fatalf("row %d: code %d, Code says %d", i, k, b.Code(values[i]))
		}
	}
	for k, c := range counts[:len(b.Cuts)+1] {
		if c < n/255*8/10 || c > n/255*12/10 { // five deviations of a sample of 150,000 at least
			t.Errorf("bin %d holds %d of %d rows", k, c, n)
		}
	}
	if got := len(sampleOf(n)); got > SampleRows || got < SampleRows*7/10 || sampleOf(SampleRows) != nil {
		t.Errorf("sample of %d rows", got)
	}
	if !slices.IsSorted(sampleOf(n)) {
		t.Error("the sample is not in order")
	}
}

func TestSortValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOf(rapid.Float64()).Draw(t, "values")
		want := slices.Clone(values)
		slices.Sort(want)
		SortValues(values)
		if !slices.Equal(values, want) {
			t.Fatalf("%v, want %v", values, want)
		}
	})
}
