package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// readAll reads all rows of a text table.
func readAll(text string, card *Card) (t *Table, out [][]float64, err error) {
	t, err = ReadText(strings.NewReader(text), "x", card)
	if err != nil {
		return nil, nil, err
	}
	for {
		row := make([]float64, len(t.Schema.Columns))
		if err = t.Next(row); err == io.EOF {
			return t, out, nil
		}
		if err != nil {
			return nil, nil, err
		}
		out = append(out, numbersOf(t.Schema, row))
	}
}

// numbersOf is row without the columns of words.
func numbersOf(s *Schema, row []float64) (out []float64) {
	for i, c := range s.Columns {
		if !c.Words {
			out = append(out, row[i])
		}
	}
	return out
}

// names are the columns of numbers, wordNames those of words.
func names(s *Schema) (out []string) {
	for _, c := range s.Columns {
		if !c.Words {
			out = append(out, c.Name)
		}
	}
	return out
}

func wordNames(s *Schema) (out []string) {
	for _, c := range s.Columns {
		if c.Words {
			out = append(out, c.Name)
		}
	}
	return out
}

func TestForeignCSV(t *testing.T) {
	text := "\ufeffsrc_ip, a ,\"b,\"\"x\",word,score\r\n10.0.0.1,1,\" 2.5\",w,1\r\n\r\n10.0.0.2,,\"-inf\",\"two\nlines\",\n10.0.0.3,-0, 7 ,,3"
	tab, rows, err := readAll(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"src_ip", "a", `b,"x`, "word", "score"}; !slices.Equal(tab.Header, want) {
		t.Errorf("header %q", tab.Header)
	}
	if want := []string{"a", `b,"x`}; !slices.Equal(names(tab.Schema), want) || !slices.Equal(wordNames(tab.Schema), []string{"word"}) {
		t.Errorf("schema %q, text %q", names(tab.Schema), wordNames(tab.Schema))
	}
	if got, want := fmt.Sprint(rows), "[[1 2.5] [NaN -Inf] [-0 7]]"; got != want {
		t.Errorf("rows %s, want %s", got, want)
	}
}

func TestTableErrors(t *testing.T) {
	card := &Card{Rows: 2, Schema: schemaOf("a", "b")}
	many := strings.Repeat("1,2\n", Lookahead)
	for _, c := range []struct {
		text string
		card *Card
		want string
	}{
		{"", nil, "read x: empty: no header"},
		{"\n\n", nil, "read x: empty: no header"},
		{"a,b\n1,2\n1\n", nil, "read x:3: 1 cells under 2 columns"},
		{"a,b\n1,2,3\n", nil, "read x:2: 3 cells under 2 columns"},
		{"a,b\n" + many + "1,x\n", nil, `read x:1002: column "b": not a number: "x"`},
		{"a,b\n1,2\n\n3,x y\n", card, `read x:4: column "b": not a number: "x y"`},
		{"a,b\n1,2\n\"3\n\n\",4\n", card, `read x:3: column "a": not a number: "3\n\n"`},
		{"a,b\n1,2\n", card, "read x: 1 rows, its card says 2: not the whole file, or the card of another"},
		{"a,b\n\"1,2\n", card, "read x:2: the file ends inside quotes"},
		{"a,b\n\"1\" 2,3\n", card, "read x:2: column 1: text behind the closing quote"},
		{"a,b\n1\"\"2,3\n", card, "read x:2: column 1: quote inside a cell without quotes"},
		{"a,b\n" + strings.Repeat("1", MaxLine+1), card, "read x:2: row longer than 4194304 bytes"},
		{"a,b\n\"" + strings.Repeat("\n", MaxLine+1), card, "read x:2: row longer than 4194304 bytes"},
		{strings.Repeat("a,", MaxColumns+1), card, "read x:1: more than 65536 columns"},
		{"{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":\"2\"}\n", card, `read x:2: column "b": not a number: "2"`},
		{"{\"a\":1,\"b\":2}\n{\"a\":1,\"c\":2}\n", card, `read x:2: member "c" is not in the first line`},
		{"{\"a\":1,\"b\":2}\n{\"a\":1,\n", card, `read x:2: not a JSON object of words, numbers and objects of these`},
		{"{\"a\":1,\"a\":2}\n", card, `read x:1: member "a" twice`},
		{"{\"a\":01}\n", card, `read x:1: not a JSON object of words, numbers and objects of these`},
	} {
		if _, _, err := readAll(c.text, c.card); err == nil || err.Error() != c.want {
			t.Errorf("%.60q: %v\nwant %s", c.text, err, c.want)
		}
	}
	dir := t.TempDir()
	if _, err := OpenTable(filepath.Join(dir, "no.csv")); err == nil || !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "read "+filepath.Join(dir, "no.csv")+": ") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := OpenTable(dir); err == nil {
		t.Error("a folder was read")
	}
}

func TestJSONRows(t *testing.T) {
	tab, rows, err := readAll(`{"src_ip":"10.0.0.1","features":{"a":1,"b\u0041":null,"why":[1,{"x":"}"}]},"word":"a\"b","yes":true}`+"\n\n"+
		`{"features":{"bA":2.5e3,"a":-0},"src_ip":null}`, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"src_ip", "a", "bA", "word", "yes"}; !slices.Equal(tab.Header, want) || !slices.Equal(wordNames(tab.Schema), []string{"word", "yes"}) {
		t.Errorf("header %q, text %q", tab.Header, wordNames(tab.Schema))
	}
	if got, want := fmt.Sprint(rows), "[[1 NaN] [-0 2500]]"; got != want {
		t.Errorf("rows %s, want %s", got, want)
	}
}

// With a card the schema is the card's, as far as the file holds its columns.
func TestCardGivesSchema(t *testing.T) {
	card := &Card{Rows: 1, Schema: schemaOf("b", "missing", "dst_port")}
	tab, rows, err := readAll("dst_port,a,b\n80,word,2\n", card)
	if err != nil || fmt.Sprint(rows) != "[[2 80]]" {
		t.Fatalf("%v, %v", rows, err)
	}
	var se *SchemaError
	if err := card.Schema.Match(tab.Schema); !errors.As(err, &se) || !slices.Equal(se.Missing, []string{"missing"}) {
		t.Errorf("match: %v", err)
	}
}

// The bytes decide about compression, and the card beside is found.
func TestOpenTable(t *testing.T) {
	text := "start,src_ip,dst_ip,a,b,label\n2026-01-02T03:04:05.000000006Z,10.0.0.1,10.0.0.2,1,2,malicious\n1970-01-01T00:00:00Z,10.0.0.2,10.0.0.1,3,,benign\n" +
		"1970-01-01T00:00:01Z,10.0.0.2,::1,5,6,background\n1970-01-01T00:00:01Z,10.0.0.2,::1,5,6,ignore\n1970-01-01T00:00:01Z,10.0.0.2,::1,7,8,\n"
	var z, g bytes.Buffer
	zw, err := zstd.NewWriter(&z)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(zw, text)
	zw.Close()
	gw := gzip.NewWriter(&g)
	io.WriteString(gw, text)
	gw.Close()
	dir := t.TempDir()
	var first *Frame
	for i, b := range [][]byte{[]byte(text), z.Bytes(), g.Bytes()} {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		var c bytes.Buffer
		if err := (&Card{Fm: "x", Rows: 5, Schema: schemaOf("a", "b")}).Write(&c); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+CardSuffix, c.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		tab, err := OpenTable(path)
		if err != nil {
			t.Fatal(err)
		}
		f, n, err := tab.ReadFrame(context.Background(), ReadOptions{Mark: "malicious"})
		if err != nil {
			t.Fatal(err)
		}
		if n != (ReadCounts{5, 1, 1}) || f.Rows() != 3 || !slices.Equal(f.Y, []int32{1, 0, 1}) || !slices.Equal(f.Cols[0].Values, []float64{1, 3, 7}) || !math.IsNaN(f.Cols[1].Values[1]) {
			t.Errorf("%+v: %+v", n, f)
		}
		// 2026-01-02 03:04:05 UTC is 1767323045 (date -u -d … +%s).
		if !slices.Equal(f.Time, []int64{1767323045_000000006, 0, 1e9}) || f.Pair[0] != f.Pair[1] || f.Pair[0] == f.Pair[2] || !slices.Equal(f.Groups, []string{path}) {
			t.Errorf("times %v, pairs %v, groups %q", f.Time, f.Pair, f.Groups)
		}
		if s := f.Sources[0]; s.Rows != 3 || s.Flows != 5 || len(s.SHA256) != 64 {
			t.Errorf("source %+v", s)
		}
		if err := tab.Close(); err != nil {
			t.Error(err)
		}
		f.Sources, f.Groups = nil, nil
		if first == nil {
			first = f
		} else if fmt.Sprint(first.Cols) != fmt.Sprint(f.Cols) {
			t.Errorf("frame %d differs", i)
		}
	}
}

func TestReadFrameLabels(t *testing.T) {
	read := func(text string, opts ReadOptions) (*Frame, error) {
		tab, err := ReadText(strings.NewReader(text), "x", nil)
		if err != nil {
			t.Fatal(err)
		}
		f, _, err := tab.ReadFrame(context.Background(), opts)
		return f, err
	}
	for _, c := range []struct {
		text string
		opts ReadOptions
		want string
	}{
		{"a,kind\n1,DoS\n2,BENIGN\n", ReadOptions{Label: "kind"}, "[1 0]"},
		{"a,kind\n1,1\n2,0.0\n", ReadOptions{Label: "kind"}, "[1 0]"},
		{"a,kind\n1,dos\n2,good\n", ReadOptions{Label: "kind", Benign: "good"}, "[1 0]"},
		{"a,kind\n1,dos\n2,scan\n3,Normal\n", ReadOptions{Label: "kind", Classes: []string{"benign", "scan", "dos"}}, "[2 1 0]"},
		{"a,source\n1,p\n2,q\n", ReadOptions{Mark: "benign"}, "[0 0]"},
		{"a\n1\n2\n", ReadOptions{}, "[-1 -1]"},
		{"a,kind\n1,dos\n", ReadOptions{Label: "kind", Benign: "good"}, `read x: no row has the label "good"; there are ["dos"]`},
		{"a,kind\n1,dos\n", ReadOptions{Label: "Kind"}, `read x: no column "Kind" to take labels from`},
		{"a,kind\n1,dos\n", ReadOptions{Label: "kind", Classes: []string{"benign", "b", "c"}}, `read x: label "dos" is none of the classes ["benign" "b" "c"]`},
	} {
		f, err := read(c.text, c.opts)
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(f.Y)
			if want := []string{"a"}; !slices.Equal(names(f.Schema), want) {
				t.Errorf("%q: columns %q", c.text, names(f.Schema))
			}
		}
		if got != c.want {
			t.Errorf("%q %+v: %s, want %s", c.text, c.opts, got, c.want)
		}
	}
	// A table of ours must hold what the names of its columns promise; a foreign one need not.
	for text, want := range map[string]string{
		"a,start\n1,yesterday\n":                    `read x:2: column "start": not a time like 2006-01-02T15:04:05Z: "yesterday"`,
		"a,src_ip,dst_ip\n1,10.0.0.1,example.org\n": `read x:2: columns "src_ip", "dst_ip": not two addresses: "10.0.0.1", "example.org"`,
	} {
		tab, err := ReadText(strings.NewReader(text), "x", &Card{Rows: 1, Schema: schemaOf("a")})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := tab.ReadFrame(context.Background(), ReadOptions{}); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if f, err := read(text, ReadOptions{}); err != nil || f.Time != nil || f.Pair != nil || f.Rows() != 1 {
			t.Errorf("%q as a foreign table: %+v, %v", text, f, err)
		}
	}
	// A feature of a table of ours cannot be its label: it would be trained on.
	tab, err := ReadText(strings.NewReader("a,b,kind\n1,2,x\n"), "x", &Card{Rows: 1, Schema: schemaOf("a", "b")})
	if err != nil {
		t.Fatal(err)
	}
	want := `read x: column "b" is a feature by the table's card and cannot be the label too`
	if _, _, err := tab.ReadFrame(context.Background(), ReadOptions{Label: "b"}); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	f, _ := read("a,source\n1,p\n2,q\n3,p\n", ReadOptions{})
	g, _ := read("a,source\n4,p\n", ReadOptions{Whole: true})
	if !slices.Equal(f.Group, []int32{0, 1, 0}) || !slices.Equal(f.Groups, []string{"p", "q"}) || !slices.Equal(g.Groups, []string{"x"}) {
		t.Errorf("groups %v of %q, and %q", f.Group, f.Groups, g.Groups)
	}
}

func TestCard(t *testing.T) {
	schema := schemaOf("a", "port")
	schema.Columns[1].Role = Identity
	card := &Card{Fm: "1", Rows: 3, Complete: true, Columns: []string{"a"}, Schema: schema, Sources: []CardSource{{Path: "x.pcap", SHA256: "00", Frames: 7}},
		Counters: map[string]uint64{"flows": 2}, Settings: map[string]string{"workers": "1"}}
	var b bytes.Buffer
	if err := card.Write(&b); err != nil {
		t.Fatal(err)
	}
	back, err := ReadCard(bytes.NewReader(b.Bytes()))
	if err != nil || !reflect.DeepEqual(card, back) {
		t.Errorf("%v: %+v, want %+v", err, back, card)
	}
	for _, c := range [][2]string{
		{strings.Replace(b.String(), `"rows"`, `"lines"`, 1), `json: unknown field "lines"`},
		{strings.Replace(b.String(), "fm card 1", "fm card 9", 1), `format "fm card 9", this fm reads "fm card 1"`},
		{strings.Replace(b.String(), `"idle=120s"`, `"idle=60s"`, 1), "the schema does not belong to the fingerprint"},
		{b.String() + "{}", "text behind the card"},
		{strings.Replace(b.String(), `"identity"`, `"hidden"`, 1), `no role of columns: "hidden"`},
		{`{"format":"fm card 1"}`, "card without a schema"},
		{"", "EOF"},
		{strings.Repeat(" ", MaxCard+1), "card larger than 16777216 bytes"},
	} {
		if back, err := ReadCard(strings.NewReader(c[0])); err == nil || err.Error() != c[1] || back != nil {
			t.Errorf("%.40q: %v, want %s", c[0], err, c[1])
		}
	}
}

func FuzzReadTable(f *testing.F) {
	f.Add("a,b\n1,\"2\n\"\n", true)
	f.Add("{\"a\":1,\"features\":{\"b\":null}}\n{\"b\":2}\n", false)
	f.Add("\ufeffa\r\n1\r\n\n\"\"\"\"\n", false)
	f.Fuzz(func(t *testing.T, text string, carded bool) {
		var card *Card
		if carded {
			card = &Card{Rows: 1, Schema: schemaOf("a", "b")}
		}
		tab, rows, err := readAll(text, card)
		if err != nil && rows != nil {
			t.Fatal("rows beside an error")
		}
		if err == nil && len(rows) > strings.Count(text, "\n")+1 {
			t.Fatalf("%d rows of %d lines", len(rows), strings.Count(text, "\n"))
		}
		if err == nil && len(tab.Schema.Columns) > len(tab.Header) {
			t.Fatal("more columns than the header")
		}
	})
}

func FuzzReadCard(f *testing.F) {
	var b bytes.Buffer
	(&Card{Schema: schemaOf("a")}).Write(&b)
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ReadCard(bytes.NewReader(b))
		if (c == nil) == (err == nil) {
			t.Fatalf("%v and %v", c, err)
		}
	})
}

// 60 columns: small whole numbers, empty cells and decimals.
func BenchmarkReadCSV(b *testing.B) {
	var s bytes.Buffer
	for i := range 60 {
		fmt.Fprintf(&s, "%sc%d", []string{",", ""}[b2i(i == 0)], i)
	}
	for r := range 20000 {
		s.WriteByte('\n')
		for i := range 60 {
			if i > 0 {
				s.WriteByte(',')
			}
			switch i % 4 {
			case 0:
				fmt.Fprint(&s, r*i%1500)
			case 1:
				fmt.Fprint(&s, float64(r)/float64(i))
			case 2:
				fmt.Fprint(&s, float64(r*i)/1000)
			}
		}
	}
	b.SetBytes(int64(s.Len()))
	b.ReportAllocs()
	for b.Loop() {
		tab, err := ReadText(bytes.NewReader(s.Bytes()), "x", nil)
		if err != nil {
			b.Fatal(err)
		}
		f, _, err := tab.ReadFrame(context.Background(), ReadOptions{})
		if err != nil || f.Rows() != 20000 {
			b.Fatal(err)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
