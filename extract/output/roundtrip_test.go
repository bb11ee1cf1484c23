package output

import (
	"bytes"
	"context"
	"flag"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"fm/dataset"
	"fm/extract"
)

// What was written in any format reads back as the same rows, the schema and its
// fingerprint with it.
func TestReadBack(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"x.csv", "x.csv.gz", "x.csv.zst", "x.jsonl", "x.jsonl.zst", "x.parquet"} {
		path := filepath.Join(dir, name)
		opts := testOptions()
		recs := testRecords()
		recs[1].Label = "background"
		if name == "x.parquet" {
			writeParquet(t, path, opts)
		} else {
			written(t, path, opts, recs)
		}
		tab, err := dataset.OpenTable(path)
		if err != nil {
			t.Fatal(err)
		}
		defer tab.Close()
		if err := testSchema.Match(tab.Schema); err != nil || tab.Schema.Fingerprint() != testSchema.Fingerprint() {
			t.Fatalf("%s: %v", name, err)
		}
		if tab.Card.Rows != 3 || tab.Card.Fm != "test" || len(tab.Header) != 26 || !slices.Equal(tab.Header, tab.Card.Columns) {
			t.Errorf("%s: card %+v, header %q", name, tab.Card, tab.Header)
		}
		f, n, err := tab.ReadFrame(context.Background(), dataset.ReadOptions{Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		if name == "x.parquet" { // no row left out there
			f.Cols = slices.Clone(f.Cols)
			for c := range f.Cols {
				f.Cols[c].Values = slices.Delete(f.Cols[c].Values, 1, 2)
			}
			f.Y, f.Pair, f.Group, f.Time = slices.Delete(f.Y, 1, 2), slices.Delete(f.Pair, 1, 2), slices.Delete(f.Group, 1, 2), slices.Delete(f.Time, 1, 2)
		} else if n.Background != 1 || f.Rows() != 2 {
			t.Errorf("%s: %+v, %d rows", name, n, f.Rows())
		}
		for c := range testSchema.Columns {
			for i, r := range []int{0, 2} {
				got, want := f.Cols[c].Values[i], recs[r].Row[c]
				if math.Float64bits(got) != math.Float64bits(want) && !(got != got && want != want) {
					t.Errorf("%s: row %d column %s reads back as %v, was %v", name, r, testSchema.Columns[c].Name, got, want)
				}
			}
		}
		pairs := []uint64{dataset.PairHash(5, recs[0].Flow.Key.A, recs[0].Flow.Key.B), dataset.PairHash(5, recs[2].Flow.Key.A, recs[2].Flow.Key.B)}
		if !slices.Equal(f.Y, []int32{1, 0}) || !slices.Equal(f.Time, []int64{recs[0].Flow.Start, recs[2].Flow.Start}) || !slices.Equal(f.Pair, pairs) || f.Groups[f.Group[0]] != "a.pcap" {
			t.Errorf("%s: classes %v, times %v, pairs %v, groups %q", name, f.Y, f.Time, f.Pair, f.Groups)
		}
	}
}

// writeParquet writes the three records, then none.
func writeParquet(t *testing.T, path string, opts Options) {
	t.Helper()
	w, err := Create(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	if w.Renderer() != nil {
		t.Error("Parquet asks for text")
	}
	recs := testRecords()
	for _, part := range [][2]int{{0, 1}, {1, 3}, {3, 3}} {
		if err := w.Write(recs[part[0]:part[1]]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(&dataset.Card{Fm: "test", Complete: true}); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); slices.ContainsFunc(left, func(e os.DirEntry) bool { return e.Name() == filepath.Base(path)+dataset.CardSuffix }) {
		t.Error("a card lies beside Parquet")
	}
}

var update = flag.Bool("update", false, "write testdata/golden.parquet anew; then list it with pyarrow into golden.parquet.txt and read that")

// The bytes written are those of golden.parquet, whose types and values pyarrow 26.0.1
// lists in golden.parquet.txt (list.py there).
func TestParquetGolden(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	writeParquet(t, path, testOptions())
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/golden.parquet", got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/golden.parquet")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the bytes differ from testdata/golden.parquet")
	}
}

// The bytes do not depend on the runs in which records come.
func TestRunsDoNotMatter(t *testing.T) {
	schema, r := wide(30)
	recs := make([]extract.Record, 3000)
	rnd := rand.New(rand.NewPCG(5, 6))
	for i := range recs {
		recs[i] = r
		recs[i].Flow.FirstFrame = uint64(i)
		recs[i].Row = slices.Clone(r.Row)
		for c := range 40 {
			recs[i].Row[c] = rnd.Float64()
		}
	}
	for _, name := range []string{"x.csv.gz", "x.csv.zst", "x.parquet"} {
		var first []byte
		for try := range 3 {
			path := filepath.Join(t.TempDir(), name)
			w, err := Create(path, Options{Schema: schema})
			if err != nil {
				t.Fatal(err)
			}
			for rest := recs; len(rest) > 0; {
				n := min(len(rest), []int{3000, 7, 1 + rnd.IntN(900)}[try])
				if err := w.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := w.Close(nil); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = b
			} else if !bytes.Equal(first, b) {
				t.Errorf("%s: other runs, other bytes (%d and %d)", name, len(first), len(b))
			}
		}
	}
}

// More rows than a row group holds.
func TestParquetRowGroups(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	w, err := Create(path, Options{Schema: testSchema, Columns: []string{"first_frame", "duration"}})
	if err != nil {
		t.Fatal(err)
	}
	const rows = 2*rowGroup + 17
	recs := testRecords()[:1]
	for i := range rows {
		recs[0].Flow.FirstFrame, recs[0].Row[0] = uint64(i), float64(i)/8
		if err := w.Write(recs); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	tab, err := dataset.OpenTable(path)
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	row := make([]float64, 1)
	for i := range rows {
		if err := tab.Next(row); err != nil {
			t.Fatal(err)
		}
		if row[0] != float64(i)/8 || string(tab.Cell(0)) != strconv.Itoa(i) {
			t.Fatalf("row %d holds %v, %s", i, row[0], tab.Cell(0))
		}
	}
	if err := tab.Next(row); err != io.EOF {
		t.Errorf("behind the last row: %v", err)
	}
}

// Cells of Parquet as text.
func TestParquetCells(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	writeParquet(t, path, testOptions())
	tab, err := dataset.OpenTable(path)
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	row := make([]float64, len(tab.Schema.Columns))
	var got [][]string
	for range 3 {
		if err := tab.Next(row); err != nil {
			t.Fatal(err)
		}
		var cells []string
		for i := range tab.Header {
			cells = append(cells, string(tab.Cell(i)))
		}
		got = append(got, cells)
	}
	want := [][]string{
		{"a.pcap", "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", "128.232.110.120", "34855", "66.35.250.204", "80", "6", "42", "2023-11-14T22:13:20.000000001Z", "2023-11-14T22:13:21.5Z", "7", "5", "fin", "SF", "1500", "3", "0.3333333333333333", "", "12", "malicious", "0.75", "malicious", `c2,"x"`, "0.25", "0.125", "0.625"},
		{`dir, two/"b".pcap`, "1:tajKKCYPX5Fr60+44RSdKtpFb4s=", "2001:db8::2", "5353", "2001:db8::1", "53", "17", "", "1969-12-31T23:59:59.999999999Z", "1970-01-01T00:00:00Z", "1", "1", "idle", "", "1e-06", "1", "", "0.5", "", "", "", "", "", "", "", ""},
		{"a.pcap", "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=", "192.168.0.89", "0", "192.168.0.1", "0", "1", "", "2023-11-14T22:13:22Z", "2023-11-14T22:13:22Z", "9", "2", "input", "", "0", "1", "-0.5", "1e+21", "0", "benign", "1e-07", "benign", "benign", "1", "0", "0"},
	}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("row %d: %q\nwant %q", i, got[i], want[i])
		}
	}
}
