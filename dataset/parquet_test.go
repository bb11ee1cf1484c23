package dataset

import (
	"bytes"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
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

// testdata/write.py says what pyarrow was given.
func TestNestedParquet(t *testing.T) {
	tab, err := OpenTable("testdata/nested.parquet")
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	want := []string{"list_0", "list_1", "list_2", "floats_0", "floats_1", "words", "group.a", "group.b", "money", "small", "day", "half", "empty", "old"}
	if !slices.Equal(tab.Header, want) || !slices.Equal(tab.Words, []bool{5: true, 7: true, 10: true, 12: true, 13: true}) {
		t.Fatalf("%q %v", tab.Header, tab.Words)
	}
	row := make([]float64, len(tab.Schema.Columns))
	for i, want := range []string{
		"1,,3,0.5,,[a,b],1,x,1234e-2,15e-1,2026-01-02,0.5,,2026-01-02T03:04:05.006Z",
		",,,1.5,2.5,,,,-1e-2,-25e-1,,-65504,,",
		",,,,,,,,,,1969-12-31,5.960464477539063e-08,,",
		"4,,,,,[c],4,y,9999999999999e-2,1e-1,1970-01-01,+Inf,,",
	} {
		if err := tab.Next(row); err != nil {
			t.Fatal(err)
		}
		var cells []string
		for c := range tab.Header {
			cells = append(cells, string(tab.Cell(c)))
			if v, ok := tab.Number(c); ok == (tab.Words[c] && cells[c] != "") || ok && !tab.Words[c] && v != v != (cells[c] == "") {
				t.Errorf("row %d column %s: %v %v of %q", i, tab.Header[c], v, ok, cells[c])
			}
		}
		if got := strings.Join(cells, ","); got != want {
			t.Errorf("row %d: %s, want %s", i, got, want)
		}
	}
	if v, ok := tab.Number(tab.Column("money")); !ok || v != 99999999999.99 {
		t.Errorf("money %v", v)
	}
	if err := tab.Next(row); err != io.EOF {
		t.Error(err)
	}
}

// Pages of every codec, cut before they are read, still give their values.
func TestParquetCodecs(t *testing.T) {
	tab, err := OpenTable("testdata/codecs.parquet")
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	row := make([]float64, len(tab.Schema.Columns))
	for i := range 200 {
		if err := tab.Next(row); err != nil {
			t.Fatal(err)
		}
		for c := range tab.Header {
			if v, ok := tab.Number(c); !ok || v != float64(i%70)*0.25 {
				t.Fatalf("row %d column %s: %v", i, tab.Header[c], v)
			}
		}
	}
	if err := tab.Next(row); err != io.EOF {
		t.Error(err)
	}
	tab, err = OpenTable("testdata/lz4.parquet")
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	want := "read testdata/lz4.parquet: after row 0: column \"n\": pages packed with LZ4_RAW are not read: write it with zstd or snappy"
	if err := tab.Next(row); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// What a page or the footer claims is not believed: 2 GiB pages, lists of 2^31 elements.
func TestParquetClaims(t *testing.T) {
	good, err := os.ReadFile("testdata/codecs.parquet")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		b := slices.Clone(good)
		for range 1 + r.IntN(3) {
			b[r.IntN(len(b))] = [...]byte{0xff, 0xfe, 0x7f, 0x80, byte(r.IntN(256))}[r.IntN(5)]
		}
		bounded(t, len(b), func() { readParquet(b) })
	}
	// A list of structs of 2^31-1 elements in the footer.
	w := thriftWalker{b: []byte{0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00}}
	if err := w.walk(0); err != errThriftShort {
		t.Errorf("list: %v", err)
	}
	footer := append([]byte{0x29, 0xfc, 0x80, 0x80, 0x40}, make([]byte, 2<<20)...) // 2^20 empty structs
	if err := checkFooter(footer); err == nil || err.Error() != "damaged Parquet: a footer of 2097157 bytes that would take 640 MB" {
		t.Errorf("empty structs: %v", err)
	}
}

// What compressed pages say of their size, and what they are, against the libraries that
// made them.
func TestPlainSize(t *testing.T) {
	text := bytes.Repeat([]byte("1234567890"), 40000)
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	var g bytes.Buffer
	gw := gzip.NewWriter(&g)
	gw.Write(text)
	gw.Close()
	size := func(b []byte, c format.CompressionCodec) int64 {
		n, err := plainSize(io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b))), c, 1<<30)
		if err != nil {
			t.Errorf("%v: %v", c, err)
		}
		return n
	}
	packed := z.EncodeAll(text, nil)
	if n := size(packed, format.Zstd); n < 400000 || n > 600000 {
		t.Errorf("zstd %d", n)
	}
	if n := size(append(slices.Clone(packed), packed...), format.Zstd); n < 800000 {
		t.Errorf("two frames of zstd %d", n)
	}
	if n := size(g.Bytes(), format.Gzip); n != 1200000 {
		t.Errorf("gzip %d", n)
	}
	if n := size(snappy.Encode(nil, text), format.Snappy); n != 400000 {
		t.Errorf("snappy %d", n)
	}
}
