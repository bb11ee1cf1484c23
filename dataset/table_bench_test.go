package dataset

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strconv"
	"testing"
)

// floatTable is a CSV of rows of 75 columns as flow tables have them: half are whole
// numbers, a quarter floats of 5 to 8 digits, a quarter floats of 15 to 17.
func floatTable(rows int) []byte {
	r := rand.New(rand.NewPCG(7, 7))
	var b []byte
	for c := range 75 {
		if c > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, 'c'), int64(c), 10)
	}
	for range rows {
		b = append(b, '\n')
		for c := range 75 {
			if c > 0 {
				b = append(b, ',')
			}
			switch c % 4 {
			case 0, 1:
				b = strconv.AppendInt(b, int64(r.IntN(1<<r.IntN(24))), 10)
			case 2:
				b = strconv.AppendFloat(b, r.Float64()*1000, 'f', 4, 64)
			case 3:
				b = strconv.AppendFloat(b, r.Float64()*1000, 'g', -1, 64)
			}
		}
	}
	return append(b, '\n')
}

// BenchmarkNext reads CSV to rows of float64.
func BenchmarkNext(b *testing.B) {
	text := floatTable(20000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	row := make([]float64, 75)
	for b.Loop() {
		t, err := ReadText(bytes.NewReader(text), "x", nil)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for {
			if err := t.Next(row); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 20000 {
			b.Fatal(n)
		}
	}
}

func BenchmarkParseNumber(b *testing.B) {
	for _, text := range []string{"0", "443", "-1", "119302728", "97.5", "320.3333333", "63411.92801559408", "0.6439478584729982", "2217.0", "1.6E7", "NaN", ""} {
		b.Run(text, func(b *testing.B) {
			cell := []byte(text)
			b.SetBytes(int64(len(cell)))
			for b.Loop() {
				parseNumber(cell)
			}
		})
	}
}
