package dataset

import (
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// testdata/write.py says what pyarrow was given.
func TestParquetOfOthers(t *testing.T) {
	tab, err := OpenTable("testdata/pyarrow.parquet")
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	if want := []string{"small", "big", "minus", "half", "double", "yes", "digits"}; !slices.Equal(names(tab.Schema), want) || !slices.Equal(wordNames(tab.Schema), []string{"word", "ms", "us"}) {
		t.Errorf("columns %q, text %q", names(tab.Schema), wordNames(tab.Schema))
	}
	nan := math.NaN()
	rows := [][]float64{{1, 1 << 64, -5, float64(float32(0.1)), 0.1, 1, 1}, {nan, 0, 7, nan, math.Copysign(0, -1), 0, 2.5}, {255, nan, nan, nan, math.Inf(1), nan, nan}}
	cells := [][]string{
		{"1", "18446744073709551615", "-5", "0.10000000149011612", "0.1", "1", "a", "1", "2026-01-02T03:04:05.006Z", "2026-01-02T03:04:05.000006Z"},
		{"", "0", "7", "", "-0", "0", "", "2.5", "", ""},
		{"255", "", "", "NaN", "+Inf", "", "ü", "", "1970-01-01T00:00:00Z", ""},
	}
	row := make([]float64, len(tab.Schema.Columns))
	for i := range rows {
		if err := tab.Next(row); err != nil {
			t.Fatal(err)
		}
		for c, v := range numbersOf(tab.Schema, row) {
			if want := rows[i][c]; math.Float64bits(v) != math.Float64bits(want) && !(v != v && want != want) {
				t.Errorf("row %d column %s: %v, want %v", i, names(tab.Schema)[c], v, want)
			}
		}
		for c, want := range cells[i] {
			if got := string(tab.Cell(c)); got != want {
				t.Errorf("row %d cell %s: %q, want %q", i, tab.Header[c], got, want)
			}
		}
	}
	if err := tab.Next(row); err != io.EOF {
		t.Errorf("behind the last row: %v", err)
	}
	if sum, err := tab.SHA256(); err != nil || len(sum) != 64 {
		t.Errorf("sum %q, %v", sum, err)
	}
}

// readParquet reads all there is.
func readParquet(b []byte) (rows int, err error) {
	p, err := openParquet(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return 0, err
	}
	for {
		if err := p.next(); err == io.EOF {
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		rows++
		for i := range p.names {
			p.number(i)
			p.text(i)
		}
	}
}

// A Parquet file with a byte changed or cut anywhere is read or refused, never more.
func TestDamagedParquet(t *testing.T) {
	good, err := os.ReadFile("testdata/pyarrow.parquet")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(good); i += 3 { // a third of them: the race detector is slow
		b := slices.Clone(good)
		b[i] ^= byte(i*31 + 1)
		if n, _ := readParquet(b); n > 3 {
			t.Fatalf("byte %d changed: %d rows", i, n)
		}
		if n, err := readParquet(good[:i]); err == nil {
			t.Fatalf("cut to %d bytes: %d rows without an error", i, n)
		}
	}
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, good[:len(good)-9], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenTable(path); err == nil || !strings.HasPrefix(err.Error(), "read "+path+": ") {
		t.Errorf("cut file: %v", err)
	}
}

func FuzzReadParquet(f *testing.F) {
	good, err := os.ReadFile("testdata/pyarrow.parquet")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) { readParquet(b) })
}
