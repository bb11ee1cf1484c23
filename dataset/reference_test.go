package dataset

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"hash"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var tables = flag.String("tables", "", "folder of the reference tables")

// The reference tables load with the names, rows, labels and cells that pandas reads:
// testdata/digests.py made the digests.
func TestReferenceTables(t *testing.T) {
	if *tables == "" {
		t.Log("no -tables DIR: only the list of digests is read")
	}
	text, err := os.ReadFile("testdata/digests.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 33 {
		t.Fatalf("%d digests", len(lines))
	}
	for _, line := range lines {
		want := strings.Split(line, "\t")
		if len(want) != 6 {
			t.Fatalf("%.40q", line)
		}
		if *tables == "" {
			continue
		}
		t.Run(want[0], func(t *testing.T) {
			t.Parallel()
			path, member, _ := strings.Cut(want[0], ":")
			path = filepath.Join(*tables, path)
			if member != "" {
				path = extractMember(t, path, member)
			}
			tab, err := TableOptions{NoHeader: want[1] == "bare"}.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer tab.Close()
			got, err := digest(tab, want[4])
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range want[2:5] {
				if got[i] != w {
					t.Errorf("%s: %s, pandas has %s", [...]string{"rows", "names", "labels"}[i], got[i], w)
				}
			}
			a, b := strings.Fields(got[3]), strings.Fields(want[5])
			for i := range max(len(a), len(b)) {
				if i >= len(a) || i >= len(b) || a[i] != b[i] {
					t.Errorf("column %q: %s, pandas has %s", tab.Header[i], a[i], b[i])
				}
			}
		})
	}
}

// digest reads all rows and says of them what testdata/digests.py says.
func digest(t *Table, label string) ([4]string, error) {
	var out [4]string
	labelName, _, _ := strings.Cut(label, ":")
	at := t.Column(labelName)
	if at < 0 {
		return out, fmt.Errorf("no column %q", labelName)
	}
	rows, labels := 0, map[string]int{}
	word, missing, sums := t.Words, make([]int, len(t.Header)), make([]hash.Hash, len(t.Header))
	for i := range sums {
		sums[i] = sha256.New()
	}
	row := make([]float64, len(t.Schema.Columns))
	for {
		if err := t.Next(row); err == io.EOF {
			break
		} else if err != nil {
			return out, err
		}
		rows++
		labels[string(t.Cell(at))]++
		for i := range t.Header {
			if word[i] {
				cell := t.Cell(i)
				if IsMissing(cell) {
					cell = nil
					missing[i]++
				}
				sums[i].Write(append(slices.Clone(cell), '\n'))
				continue
			}
			v, ok := t.Number(i)
			switch {
			case !ok:
				return out, fmt.Errorf("%s: column %q: %q", t.Place(), t.Header[i], t.Cell(i))
			case v != v:
				v = math.Float64frombits(0x7ff8000000000001)
				missing[i]++
			case v == 0:
				v = 0
			}
			binary.Write(sums[i], binary.LittleEndian, v)
		}
	}
	names := sha256.Sum256([]byte(strings.Join(t.Header, "\n") + "\n"))
	var counts, columns []string
	for _, w := range slices.Sorted(maps.Keys(labels)) {
		counts = append(counts, fmt.Sprintf("%s=%d", w, labels[w]))
	}
	for i := range t.Header {
		columns = append(columns, fmt.Sprintf("%s%s:%d", [...]string{"n", "w"}[b2i(word[i])], hex.EncodeToString(sums[i].Sum(nil)[:4]), missing[i]))
	}
	return [4]string{fmt.Sprint(rows), hex.EncodeToString(names[:8]), labelName + ":" + strings.Join(counts, ","), strings.Join(columns, " ")}, nil
}

// extractMember unpacks one file of a zip of several.
func extractMember(t *testing.T, path, name string) string {
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	in, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	to := filepath.Join(t.TempDir(), "table")
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return to
}
