package dataset

import (
	"bytes"
	"context"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

// allowance is how much memory reading may take beside the input's own size.
const allowance = 64 << 20

// bounded runs f on an input of n bytes and fails if it took more memory than is allowed.
// What was allocated in all bounds what was held at any time. Where that is more, as of
// many bad rows, each with its message, f runs again with little left to the collector,
// and what the heap came to have from the system counts.
func bounded(t *testing.T, n int, f func()) {
	if n > 1<<20 {
		t.Skip("larger than what the bound is stated for")
	}
	limit := allowance + uint64(n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if after.TotalAlloc-before.TotalAlloc <= limit {
		return
	}
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	debug.FreeOSMemory()
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if had, has := before.HeapSys-before.HeapReleased, after.HeapSys-after.HeapReleased; has > had+limit {
		t.Fatalf("%d MB for an input of %d bytes", (has-had)>>20, n)
	}
}

// readOut reads a table to its end or first error and looks at every cell.
func readOut(t *testing.T, tab *Table) (rows int) {
	row := make([]float64, len(tab.Schema.Columns))
	for {
		if err := tab.Next(row); err != nil {
			if err != io.EOF && !strings.HasPrefix(err.Error(), "read ") {
				t.Fatalf("an error without a file: %v", err)
			}
			return rows
		}
		for i := range tab.Header {
			_, _ = tab.Number(i)
			_ = tab.Cell(i)
		}
		if rows++; rows > 1<<24 {
			return rows
		}
	}
}

// fuzzFile reads bytes as a file whose format its content says.
func fuzzFile(t *testing.T, b []byte, o TableOptions) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	bounded(t, len(b), func() {
		tab, err := o.Open(path)
		if err != nil {
			return
		}
		defer tab.Close()
		readOut(t, tab)
		tab.Notes()
		tab.SHA256()
	})
}

func FuzzReadText(f *testing.F) {
	f.Add("a;b\n1;\"x\n\"\"y\"\n", byte(0), false, true)
	f.Add(" a,a,\n\"[1, 2]\",\"[3]\",\n", byte(0), false, false)
	f.Add(zeekLog+zeekLog, byte(0), false, true)
	f.Add("1!2\n3!x\n", byte('!'), true, true)
	f.Add("{\"ts\":1,\"l\":[1,null]}\n{\"ts\":\"x\\u0041\",\"m\":{\"n\":2}}\n", byte(0), false, true)
	f.Fuzz(func(t *testing.T, text string, delim byte, bare, skip bool) {
		bounded(t, len(text), func() {
			tab, err := TableOptions{Delimiter: delim, NoHeader: bare, SkipBad: skip}.ReadText(strings.NewReader(text), "x", nil)
			if err != nil {
				return
			}
			if lines := strings.Count(text, "\n") + 1; readOut(t, tab) > lines || int(tab.Row()) > lines {
				t.Fatalf("%d rows, %d bad, of %d lines", tab.Row(), tab.Bad.Rows, lines)
			}
			if len(tab.Schema.Columns) > len(tab.Header) || len(tab.Words) != len(tab.Header) {
				t.Fatal("more columns than the header")
			}
		})
	})
}

func FuzzReadPacked(f *testing.F) {
	var g, z bytes.Buffer
	gw := gzip.NewWriter(&g)
	gw.Write([]byte("a,b\n1,2\n"))
	gw.Close()
	zw, err := zstd.NewWriter(&z)
	if err != nil {
		f.Fatal(err)
	}
	zw.Write([]byte("a,b\n1,2\n"))
	zw.Close()
	f.Add(g.Bytes())
	f.Add(z.Bytes())
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\x88\x00\x00\x00")) // a window of 128 MB
	f.Add(zipOf(f, "a.csv", "a,b\n1,2\n"))
	f.Fuzz(func(t *testing.T, b []byte) { fuzzFile(t, b, TableOptions{SkipBad: true}) })
}

func FuzzReadZip(f *testing.F) {
	f.Add("d/a.csv", "a,b\n1,2\n", 30, byte(1))
	f.Fuzz(func(t *testing.T, name, text string, at int, x byte) {
		b := zipOf(t, name, text)
		b[uint(at)%uint(len(b))] ^= x
		fuzzFile(t, b, TableOptions{})
	})
}

func FuzzReadParquet(f *testing.F) {
	for _, name := range []string{"pyarrow.parquet", "nested.parquet", "codecs.parquet"} {
		good, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(good)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		bounded(t, len(b), func() { readParquet(b) })
	})
}

func FuzzJoin(f *testing.F) {
	f.Add("uid,a\nC1,1\n", "uid,b\nC1,x\nC2,y\n")
	f.Add("uid,uid\n1,2\n", "uid,l\n1,\"[1,2]\"\n")
	f.Fuzz(func(t *testing.T, text, side string) {
		path := filepath.Join(t.TempDir(), "side")
		if err := os.WriteFile(path, []byte(side), 0o600); err != nil {
			t.Fatal(err)
		}
		bounded(t, len(text)+len(side), func() {
			s, err := ReadSide(context.Background(), path, "uid", TableOptions{SkipBad: true})
			if err != nil {
				return
			}
			tab, err := TableOptions{SkipBad: true, Join: s}.ReadText(strings.NewReader(text), "x", nil)
			if err != nil {
				return
			}
			rows := readOut(t, tab)
			if s.Unmatched() > s.Rows() || s.Rows()-s.Unmatched() > rows {
				t.Fatalf("%d rows met %d of %d", rows, s.Rows()-s.Unmatched(), s.Rows())
			}
		})
	})
}

func FuzzLists(f *testing.F) {
	f.Add("[1, 2.5, None]", 2)
	f.Fuzz(func(t *testing.T, text string, width int) {
		cells := make([][]byte, uint(width)%8)
		fits := cutList(cells, []byte(text))
		if n, ok := listLength([]byte(text)); ok && fits != (n <= len(cells)) {
			t.Fatalf("%q has %d elements; %d cells: %v", text, n, len(cells), fits)
		}
	})
}

// Every text of digits, point and exponent is read as strconv reads it, to the last bit.
func TestParseNumberAgainstStrconv(t *testing.T) {
	same := func(t interface{ Fatalf(string, ...any) }, text string) {
		want, err := strconv.ParseFloat(text, 64)
		got, ok := parseNumber([]byte(text))
		if ok != (err == nil) || ok && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%s: %v, %v; strconv %v, %v", text, got, ok, want, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		same(t, rapid.StringMatching(`-?[0-9]{0,22}(\.[0-9]{0,22})?[0-9]([eE][-+]?[0-9]{1,3})?`).Draw(t, "text"))
	})
	r := rand.New(rand.NewPCG(3, 3))
	var b []byte
	for range 100000 {
		// Digits as programs print them, also halfway between two floats and beside it.
		v := math.Float64frombits(r.Uint64())
		if r.IntN(2) == 0 {
			v = r.Float64() * math.Pow(10, float64(r.IntN(12)))
		}
		if v != v || math.IsInf(v, 0) {
			continue
		}
		b = strconv.AppendFloat(b[:0], v, "gef"[r.IntN(3)], r.IntN(20)-1, 64)
		same(t, string(b))
	}
	for m := range uint64(500) { // 53 bits and one more: ties
		text := strconv.FormatUint(1<<53+2*m+1, 10)
		for k := range len(text) {
			same(t, text[:k+1]+"."+text[k+1:])
			same(t, text[:k+1]+"."+text[k+1:]+"000")
			same(t, text[:k+1]+"."+text[k+1:]+"001")
		}
	}
}
