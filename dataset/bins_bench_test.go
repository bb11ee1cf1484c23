package dataset

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// tableOfFloats is like the reports' table of 500,000 × 75, smaller.
func tableOfFloats(rows, cols int) *Frame {
	f := &Frame{}
	for c := range cols {
		rng := rand.New(rand.NewPCG(1, uint64(c)))
		v := make([]float64, rows)
		for i := range v {
			v[i] = rng.NormFloat64()
			switch c % 3 {
			case 0:
				v[i] = math.Floor(math.Exp(2 * v[i]))
			case 1:
				if rng.IntN(10) < 7 {
					v[i] = 0
				}
			}
		}
		f.Cols = append(f.Cols, Col{Values: v})
	}
	f.SetRows(rows)
	return f
}

func allRows(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

func BenchmarkBin(b *testing.B) {
	const rows, cols = 500_000, 15
	f := tableOfFloats(rows, cols)
	all := allRows(rows)
	for b.Loop() {
		if _, err := Bin(context.Background(), f, all, MaxBins, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows/cols, "ns/cell")
}
