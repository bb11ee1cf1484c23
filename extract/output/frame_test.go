package output

import (
	"net/netip"
	"slices"
	"testing"

	"fm/dataset"
	"fm/extract"
	"fm/extract/flow"
)

// flows makes n records numbered in their row, every third with a label of its own.
func flows(n int, label string) []extract.Record {
	out := make([]extract.Record, n)
	for i := range out {
		k, a := testKey(6, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i % 7)}), 1000), netip.MustParseAddrPort("10.0.1.1:80"))
		out[i] = extract.Record{Flow: flow.Flow{Key: k, FromA: a, Start: int64(i) * 1e9}, Row: []float64{float64(i), float64(-i)}}
		if i%3 == 0 {
			out[i].Label = label
		}
	}
	return out
}

var pairSchema = &dataset.Schema{Columns: []dataset.Column{{Name: "number"}, {Name: "minus"}}}

func sample(t *testing.T, recs []extract.Record, runs int, s Sample) *Sample {
	t.Helper()
	s.columns = 2
	for part := range slices.Chunk(recs, max(1, len(recs)/runs)) {
		if err := s.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	return &s
}

func TestSampleKeepsAll(t *testing.T) {
	benign := sample(t, flows(10, dataset.Background), 3, Sample{Path: "b.pcap", SHA256: "aa", Label: "benign"})
	bad := sample(t, flows(4, dataset.Ignore), 1, Sample{Path: "m.pcap", Label: "malicious"})
	f, err := Join(pairSchema, []string{"benign", "malicious"}, []*Sample{benign, bad})
	if err != nil {
		t.Fatal(err)
	}
	// Of 10 flows the numbers 0, 3, 6, 9 are background; of 4 the numbers 0, 3 are ignored.
	if want := []float64{1, 2, 4, 5, 7, 8, 1, 2}; f.Rows() != 8 || !slices.Equal(f.Cols[0].Values, want) || f.Cols[1].Values[6] != -1 {
		t.Errorf("rows %v, %v", f.Rows(), f.Cols)
	}
	if !slices.Equal(f.Y, []int32{0, 0, 0, 0, 0, 0, 1, 1}) || !slices.Equal(f.Group, []int32{0, 0, 0, 0, 0, 0, 1, 1}) || !slices.Equal(f.Groups, []string{"b.pcap", "m.pcap"}) {
		t.Errorf("classes %v, groups %v of %v", f.Y, f.Group, f.Groups)
	}
	if f.Time[1] != 2e9 || f.Pair[0] != f.Pair[5] || f.Pair[0] == f.Pair[1] || f.Pair[0] != f.Pair[6] { // hosts 1, 2 … 8 % 7 = 1; 1
		t.Errorf("times %v, pairs %v", f.Time, f.Pair)
	}
	if want := (dataset.Source{Path: "b.pcap", SHA256: "aa", Label: "benign", Rows: 6, Flows: 10}); f.Sources[0] != want {
		t.Errorf("source %+v, want %+v", f.Sources[0], want)
	}
	if c := benign.Counts; c.Flows != 10 || c.Background != 4 || c.Ignored != 0 || c.Seen["benign"] != 6 || c.Kept["benign"] != 6 {
		t.Errorf("counts %+v", c)
	}
}

// More rows than a block holds, some of them replaced.
func TestSampleBlocks(t *testing.T) {
	for _, limit := range []int{0, 2500} {
		s := sample(t, flows(6000, dataset.Ignore), 7, Sample{Label: "benign", Limit: limit})
		f, err := Join(pairSchema, []string{"benign", "malicious"}, []*Sample{s})
		if err != nil || limit == 0 && f.Rows() != 4000 || limit > 0 && f.Rows() != limit {
			t.Fatalf("%d rows, %v", f.Rows(), err)
		}
		for i, v := range f.Cols[0].Values {
			if f.Cols[1].Values[i] != -v || f.Time[i] != int64(v)*1e9 || i > 0 && v <= f.Cols[0].Values[i-1] {
				t.Fatalf("row %d of %d: %v, %v", i, f.Rows(), v, f.Cols[1].Values[i])
			}
		}
	}
}

func TestSampleDraws(t *testing.T) {
	draw := func(runs int, seed, index uint64) []float64 {
		s := sample(t, flows(3000, dataset.Background), runs, Sample{Path: "x", Label: "benign", Limit: 200, Seed: seed, Index: index})
		if n := len(s.blocks[0]); n != 400 || len(s.blocks) != 1 {
			t.Fatalf("%d values held for 200 rows of 2", n)
		}
		f, err := Join(pairSchema, []string{"benign", "malicious"}, []*Sample{s})
		if err != nil {
			t.Fatal(err)
		}
		v := f.Cols[0].Values
		if len(v) != 200 || !slices.IsSorted(v) || len(slices.Compact(slices.Clone(v))) != 200 {
			t.Fatalf("drawn %v", v)
		}
		for i, n := range v {
			if int(n)%3 == 0 {
				t.Fatalf("background flow %v drawn", n)
			}
			if f.Time[i] != int64(n)*1e9 {
				t.Fatalf("row %v has the time of another", n)
			}
		}
		if s.Counts.Seen["benign"] != 2000 || s.Counts.Kept["benign"] != 200 || f.Sources[0].Flows != 3000 {
			t.Fatalf("counts %+v", s.Counts)
		}
		return v
	}
	one := draw(1, 1, 0)
	if !slices.Equal(one, draw(700, 1, 0)) {
		t.Error("the draw depends on the runs in which records come")
	}
	if slices.Equal(one, draw(1, 2, 0)) || slices.Equal(one, draw(1, 1, 1)) {
		t.Error("the draw depends on neither seed nor index")
	}
	// Every flow is drawn with probability 1/10. Over 300 draws each half of the input
	// is hit 30,000 times, with a deviation below sqrt(60000)/2 = 122: six of them are allowed.
	first := 0
	for i := range 300 {
		for _, n := range draw(1, 9, uint64(i)) {
			if n < 1500 {
				first++
			}
		}
	}
	if first < 30000-6*122 || first > 30000+6*122 {
		t.Errorf("%d of 60000 draws in the first half", first)
	}
}

func TestJoinClasses(t *testing.T) {
	s := sample(t, flows(6, "scan"), 1, Sample{Label: "benign"})
	f, err := Join(pairSchema, []string{"benign", "malicious"}, []*Sample{s})
	if err != nil || !slices.Equal(f.Y, []int32{1, 0, 0, 1, 0, 0}) {
		t.Errorf("two classes: %v, %v", f, err)
	}
	s = sample(t, flows(6, "scan"), 1, Sample{})
	f, err = Join(pairSchema, []string{"benign", "flood", "scan"}, []*Sample{s})
	if err != nil || !slices.Equal(f.Y, []int32{2, -1, -1, 2, -1, -1}) {
		t.Errorf("three classes: %v, %v", f, err)
	}
	if _, err = Join(pairSchema, []string{"benign", "flood", "c2"}, []*Sample{sample(t, flows(6, "scan"), 1, Sample{})}); err == nil {
		t.Error("an unknown class was taken")
	}
	if _, err = Join(testSchema, []string{"benign"}, []*Sample{s}); err == nil {
		t.Error("rows of another width were taken")
	}
}

func BenchmarkSample(b *testing.B) {
	recs := flows(1000, dataset.Ignore)
	for i := range recs {
		recs[i].Row = make([]float64, 250)
	}
	s := &Sample{columns: 250, Limit: 200, Label: "benign"}
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Write(recs); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(recs)), "ns/flow")
}
