package dataset

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// Small files that want to be large stay within the bound of memory that fuzzing has.
func TestHostileTables(t *testing.T) {
	packed := func(start, text string, times int) []byte {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		io.WriteString(z, start)
		block := []byte(strings.Repeat(text, 1<<20/len(text)))
		for range times {
			z.Write(block)
		}
		z.Close()
		return b.Bytes()
	}
	bomb := func(text string, times int) []byte { return packed("", text, times) }
	bombBehind := func(start, text string) []byte { return packed(start, text, 64) }
	var keys, late strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&keys, `%c"k%d":1`, "{,"[b2i(i > 0)], i)
	}
	for i := range 40000 {
		fmt.Fprintf(&late, `{"k%d":1}`+"\n", i)
	}
	for name, b := range map[string][]byte{
		"60000 columns":        []byte(strings.Repeat("a,", 60000) + "b\n" + strings.Repeat("1,", 60000) + "2\n"),
		"half a million names": []byte(strings.Repeat("a,", 1<<19)),
		"60000 keys":           []byte(keys.String() + "}\n"),
		"a key a line":         []byte(late.String()),
		"a long list":          []byte("l,a\n\"[" + strings.Repeat("1,", 1<<18) + "1]\",1\n"),
		"an open quote a line": []byte("a,b\n" + strings.Repeat("\"x,1\n", 1<<17)),
		"one quote":            []byte("a,b\n\"" + strings.Repeat("x\n", 1<<18)),
		"quotes":               []byte("a,b\n" + strings.Repeat("\"", 1<<19)),
		"bomb of one line":     bomb("x", 16),
		"bomb of commas":       bomb(",", 16),
		"bomb of lines":        bomb("1,2\n", 16),
		"bomb of quotes":       bomb("\"\n", 16),
		"bomb of empty lines":  bomb("\n", 64),
		"empty lines of csv":   bombBehind("a,b\n1,2\n", "\n"),
		"empty lines of json":  bombBehind("{\"a\":1}\n", " \n"),
		"empty lines of a log": bombBehind("#fields\ta\tb\n1\t2\n", "\n"),
		"remarks of a log":     bombBehind("#fields\ta\tb\n1\t2\n", "#x\n"),
		"head of a log":        bombBehind("#fields\ta\tb\n", "#x\n"),
		"fewer fields":         []byte("#fields\ta\tb\n#types\tstring\tcount\n#fields\ta\n1\n"),
		"#fields":              []byte("#fields" + strings.Repeat("\ta", 1<<18)),
		"set of a log":         []byte("#fields\ta\tb\n#types\tset[count]\tcount\n" + strings.Repeat("1,", 1<<18) + "1\t2\n"),
	} {
		t.Run(name, func(t *testing.T) { fuzzFile(t, b, TableOptions{SkipBad: true}) })
	}
}

// Lines passed over between the first rows end the look at these, not the reading.
func TestEmptyLines(t *testing.T) {
	for start, c := range map[string]struct{ skipped, row string }{
		"a,b\n1,2\n":                        {"\n", "3,4\n"},
		"{\"a\":1,\"b\":2}\n":               {" \n", "{\"a\":3,\"b\":4}\n"},
		"#fields\ta\tb\n1\t2\n":             {"\n", "3\t4\n"},
		"#fields\ta\tb\n#x\n#y\n\n\n1\t2\n": {"#z\n", "3\t4\n"},
	} {
		_, rows, err := readWith(start+strings.Repeat(c.skipped, 3*MaxLine/len(c.skipped))+c.row, TableOptions{})
		if err != nil || fmt.Sprint(rows) != "[[1 2] [3 4]]" {
			t.Errorf("%q: %v %v", start, rows, err)
		}
	}
	if _, _, err := readWith(strings.Repeat("\n", 3*MaxLine)+"a,b\n1,2\n", TableOptions{}); err == nil || err.Error() != "read x:8388610: no row in the last 4194304 bytes" {
		t.Error(err)
	}
}

// A second line #fields in the head of a log stands for another log, without rows.
func TestZeekHeads(t *testing.T) {
	log := "#fields\ta\tb\n#types\tcount\tstring\n"
	for text, want := range map[string]string{
		log + "#fields\tc\n1\n":                         "[c] [c] [[1]]",
		log + "#fields\ta\tb\n1\t2\n":                   "[a b] [a] [[1]]",
		log + "#fields\tb\ta\n1\t2\n":                   "[b a] [b a] [[1 2]]",
		log + "#fields\tc\n#types\tstring\n1\n":         "[c] [] [[]]",
		log + "#close\tx\n" + log + "1\t2\n" + log[:12]: "[a b] [a] [[1]]",
	} {
		tab, rows, err := readWith(text, TableOptions{})
		if err != nil || fmt.Sprint(tab.Header, numeric(tab), rows) != want {
			t.Errorf("%q: %v %v, want %s", text, rows, err, want)
		}
	}
}

// A table whose columns change between two passes is not read on.
func TestReadChanged(t *testing.T) {
	card := func(names ...string) string {
		c, s := Card{Rows: 3, Complete: true, Schema: &Schema{Set: "s", Version: 1}}, strings.Builder{}
		for _, n := range names {
			c.Schema.Columns = append(c.Schema.Columns, Column{Name: n})
		}
		if err := c.Write(&s); err != nil {
			t.Fatal(err)
		}
		return s.String()
	}
	path := filepath.Join(t.TempDir(), "x.csv")
	write := func(text, card string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		os.Remove(path + CardSuffix)
		if card != "" {
			if err := os.WriteFile(path+CardSuffix, []byte(card), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	const before = "a,b,label\n1,2,x\n3,4,benign\n5,7,x\n"
	for _, c := range []struct{ card, text, then string }{
		{"", "a,c,label\n1,2,x\n3,4,benign\n5,7,x\n", ""},
		{"", before, card("a")},
		{card("a"), before, card("a", "b")},
		{card("a"), before, ""},
	} {
		opened, opts := 0, ReadOptions{Cells: 1}
		if c.card == "" {
			opts.Keep = []string{"a", "b"}
		}
		_, _, err := ReadTables(context.Background(), []TableFile{{Path: path}}, func(path string) (*Table, error) {
			if opened++; opened == 1 {
				write(before, c.card)
			} else {
				write(c.text, c.then)
			}
			return OpenTable(path)
		}, opts)
		if err == nil || err.Error() != "read "+path+": it has other columns than when it was opened first: the file changed meanwhile" || opened != 2 {
			t.Errorf("%.60q, %.60q: %v, opened %d times", c.text, c.then, err, opened)
		}
	}
}

// Times that 64 bits of ns since 1970 do not hold are none.
func TestTimeOutside(t *testing.T) {
	for text, want := range map[string]string{
		"1678-01-01T00:00:00Z":      "[-9214560000000000000]", // date -u -d 1678-01-01 +%s
		"2261-12-31T23:59:59Z":      "[9214646399000000000]",
		"1677-12-31T23:59:59Z":      "",
		"2262-01-01T00:30:00+01:00": "[9214644600000000000]",
		"2262-01-01T00:00:00Z":      "",
		"0001-01-01T00:00:00Z":      "",
		"9999-12-31T23:59:59Z":      "",
	} {
		table := "x,start\n1," + text + "\n"
		tab, err := ReadText(strings.NewReader(table), "x", nil)
		if err != nil {
			t.Fatal(err)
		}
		f, _, err := tab.ReadFrame(context.Background(), ReadOptions{Mark: Benign, Keep: []string{"x"}})
		if err != nil || want == "" && f.Time != nil || want != "" && fmt.Sprint(f.Time) != want {
			t.Fatalf("%s: %v %v, want %s", text, f, err, want)
		}
		card := &Card{Rows: 1, Schema: &Schema{Set: "s", Columns: []Column{{Name: "x"}}}}
		if tab, err = ReadText(strings.NewReader(table), "x", card); err != nil {
			t.Fatal(err)
		}
		f, _, err = tab.ReadFrame(context.Background(), ReadOptions{Mark: Benign})
		if want != "" {
			if err != nil || fmt.Sprint(f.Time) != want {
				t.Errorf("%s with a card: %v", text, err)
			}
		} else if err == nil || err.Error() != fmt.Sprintf("read x:2: column \"start\": not a time of the years 1678 to 2261: %q", text) {
			t.Errorf("%s with a card: %v", text, err)
		}
	}
}

// Numbers of rows above 2^31 stay what they are.
func TestSampleOfMany(t *testing.T) {
	s := newSampler(10)
	const first = 1<<31 - 50
	for i := first; i < first+100; i++ {
		if s.has(i) {
			s.add(i)
		}
	}
	want := 0
	for i := first; i < first+100; i++ {
		want += b2i(s.has(i))
	}
	if len(s.rows) != want || want < 5 {
		t.Errorf("%d rows picked, want %d", len(s.rows), want)
	}
	for _, r := range s.rows {
		if r < first || !s.has(r) {
			t.Errorf("row %d picked", r)
		}
	}
}

// What holds the rows of a joined table stays below the limit also while it grows.
func TestSideMemory(t *testing.T) {
	const limit = 1 << 20
	for _, size := range []int{0, 1, 100, 10_000, 300_000} {
		s := &Side{}
		cell := make([]byte, size)
		for n := 0; ; n++ {
			text, ends := cap(s.text), cap(s.ends)
			if !s.put(cell, limit) {
				if len(s.ends) != n || len(s.text) != n*size || n == 0 {
					t.Errorf("cells of %d bytes: %d put, %d held", size, n, len(s.ends))
				}
				break
			}
			held := cap(s.text) + 8*cap(s.ends)
			if cap(s.text) != text {
				held += text
			}
			if cap(s.ends) != ends {
				held += 8 * ends
			}
			if held > limit {
				t.Fatalf("cells of %d bytes: %d bytes held for %d of them", size, held, n+1)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "side")
	var text bytes.Buffer
	text.WriteString("uid,a\n")
	for i := range 3 << 10 {
		fmt.Fprintf(&text, "%d,%01024d\n", i, i)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for mb, fits := range map[uint64]bool{4: false, 16: true} {
		if _, err := readSide(context.Background(), path, "uid", TableOptions{}, mb<<20); (err == nil) != fits {
			t.Errorf("%d MB: %v", mb, err)
		}
	}
}
