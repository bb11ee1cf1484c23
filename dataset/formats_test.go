package dataset

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

// readWith reads all rows of a text table and returns its columns of numbers.
func readWith(text string, o TableOptions) (t *Table, out [][]float64, err error) {
	if t, err = o.ReadText(strings.NewReader(text), "x", nil); err != nil {
		return nil, nil, err
	}
	all := make([]float64, len(t.Schema.Columns))
	for {
		if err = t.Next(all); err == io.EOF {
			return t, out, nil
		} else if err != nil {
			return t, out, err
		}
		row := []float64{}
		for i, word := range t.Words {
			if !word {
				v, _ := t.Number(i)
				row = append(row, v)
			}
		}
		out = append(out, row)
	}
}

// numeric are the names of the columns that hold numbers.
func numeric(t *Table) (out []string) {
	for i, word := range t.Words {
		if !word {
			out = append(out, t.Header[i])
		}
	}
	return out
}

func TestDelimiters(t *testing.T) {
	for _, c := range []struct {
		text string
		o    TableOptions
		want string // header and rows
	}{
		{"a,b\n1,2\n", TableOptions{}, "[a b] [[1 2]]"},
		{"a;b\n1;2\n", TableOptions{}, "[a b] [[1 2]]"},
		{"a\tb\n1\t\n", TableOptions{}, "[a b] [[1 NaN]]"},
		{"a|b|c\n1|2|3", TableOptions{}, "[a b c] [[1 2 3]]"},
		{"a;b\n1;\"x,y\"\n2;\"z,\"\n", TableOptions{}, "[a b] [[1] [2]]"},
		{"\"a,b\";\"c,d\"\n1;2\n", TableOptions{}, "[a,b c,d] [[1 2]]"},
		{"a,b;c\n1,2;3\n", TableOptions{Delimiter: ';'}, "[a,b c] [[3]]"},
		{"a\x01b\n1\x012\n", TableOptions{Delimiter: 1}, "[a b] [[1 2]]"},
		{"alone\n1\n2\n", TableOptions{}, "[alone] [[1] [2]]"},
		{"1,2\n3,4\n", TableOptions{NoHeader: true}, "[f0 f1] [[1 2] [3 4]]"},
		{"1\t2\r\n\r\n3\t4\r\n", TableOptions{NoHeader: true}, "[f0 f1] [[1 2] [3 4]]"},
		// As pandas 3.1.1 names them: pd.read_csv(io.StringIO(text)).columns, blanks apart.
		{" a, a,a ,a.1,,\n1,2,3,4,5,6\n", TableOptions{}, "[a a.2 a.3 a.1 Unnamed: 4 Unnamed: 5] [[1 2 3 4 5 6]]"},
		{"b\xe9,\xff\n1,2\n", TableOptions{}, "[b\ufffd \ufffd] [[1 2]]"},
		{"a,b\nNA,Infinity\n-inf,n/a\nNULL,+INF\n<NA>,-Infinity\n", TableOptions{}, "[a b] [[NaN +Inf] [-Inf NaN] [NaN +Inf] [NaN -Inf]]"},
	} {
		tab, rows, err := readWith(c.text, c.o)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		} else if got := fmt.Sprint(tab.Header, rows); got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}

func TestHeadless(t *testing.T) {
	for text, want := range map[string]bool{
		"0,tcp,http,SF,181,5450,0.00\n1,udp,x,SF,2,3,0\n": true,
		"1.5,2\n3,4\n":      true,
		"0,1,2\n3,4,5\n":    false, // what pandas writes of an array
		"1,2,3\n3,4,5\n":    false,
		"a,b,2\n1,2,3\n":    false,
		"time,10,20\n1,2,3": true, // may be right, a hint does no harm
	} {
		tab, _, err := readWith(text, TableOptions{})
		if err != nil || tab.Headless() != want {
			t.Errorf("%q: %v, %v", text, tab.Headless(), err)
		}
	}
}

// Cells and places of rows with quotes, against Python 3.11's csv.reader, and what is
// wrong with one row does not reach the next.
func TestQuotes(t *testing.T) {
	text := "a,b\n\"x\"\"y\",1\n \"two\r\nlines\" , 2\n\"\",3\n\"a,\",4\n"
	tab, err := ReadText(strings.NewReader(text), "x", nil)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float64, len(tab.Schema.Columns))
	for i, want := range []string{`x"y 2`, "two\r\nlines 3", " 5", "a, 6"} {
		if err := tab.Next(row); err != nil {
			t.Fatal(err)
		}
		if v, ok := tab.Number(1); !ok || v != float64(i+1) {
			t.Errorf("row %d: %v", i, v)
		}
		if got := string(tab.Cell(0)) + " " + tab.Place(); got != want {
			t.Errorf("row %d: %q, want %q", i, got, want)
		}
	}
}

func TestBadRows(t *testing.T) {
	text := "a,b,w\n1,2,x\n3,x,y\n4\n5,6,z\n7,\"8\"9,u\n10,11,v\n12,13,\"open\n14,15,s\n" + strings.Repeat("9", MaxLine+2) + ",1,r\n16,17,q,1\n18,19,p\n"
	want := []string{
		`read x:23: column "b": not a number: "x"`,
		`read x:24: 1 cells under 3 columns`,
		`read x:26: column 2: text behind the closing quote`,
	}
	// Rows enough that b is a column of numbers all the same.
	text = strings.Replace(text, "\n", "\n"+strings.Repeat("1,1,k\n", 20), 1)
	if _, _, err := readWith(text, TableOptions{}); err == nil || err.Error() != want[0] {
		t.Errorf("without skipping: %v", err)
	}
	tab, rows, err := readWith(text, TableOptions{SkipBad: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(rows[20:]); got != "[[1 2] [5 6] [10 11] [14 15] [18 19]]" || len(rows) != 25 {
		t.Errorf("rows %s of %d", got, len(rows))
	}
	if tab.Bad.Rows != 6 || tab.Bad.String() != "1 not a number, 2 wrong number of cells, 1 bad quotes, 2 too long" || tab.Row() != 31 {
		t.Errorf("%d rows, %d bad: %v", tab.Row(), tab.Bad.Rows, &tab.Bad)
	}
	for i, err := range tab.Bad.First {
		if err.Error() != want[i] || CauseOf(err) == 0 {
			t.Errorf("%v, want %s", err, want[i])
		}
	}
	// JSON Lines and Zeek's logs likewise.
	tab, rows, err = readWith("{\"a\":1}\n{\"a\":\n{\"a\":2}\n", TableOptions{SkipBad: true})
	if err != nil || len(rows) != 2 || tab.Bad.String() != "1 not an object" {
		t.Errorf("%v %v %v", rows, &tab.Bad, err)
	}
	tab, rows, err = readWith("#fields\ta\tb\n#types\tcount\tcount\n1\t2\n3\n4\tx\n", TableOptions{SkipBad: true})
	if err != nil || len(rows) != 1 || tab.Bad.String() != "1 not a number, 1 wrong number of cells" {
		t.Errorf("%v %v %v", rows, &tab.Bad, err)
	}
}

// A column of numbers with a few faults is one of numbers, a column of words one of words.
func TestLookahead(t *testing.T) {
	var b strings.Builder
	b.WriteString("clean,few,half,none,empty\n")
	for i := range 20 {
		fmt.Fprintf(&b, "%d,%s,%s,w,\n", i, [...]string{"1", "?"}[b2i(i == 7)], [...]string{"1", "x"}[i%2])
	}
	tab, _, err := readWith(b.String(), TableOptions{SkipBad: true})
	if err != nil || !slices.Equal(numeric(tab), []string{"clean", "few", "empty"}) ||
		!slices.Equal(tab.Words, []bool{false, false, true, true, false}) || tab.Bad.Rows != 1 {
		t.Errorf("%q %v", numeric(tab), err)
	}
	if _, _, err := readWith(b.String(), TableOptions{}); err == nil || err.Error() != `read x:9: column "few": not a number: "?"` {
		t.Error(err)
	}
}

func TestLists(t *testing.T) {
	text := "a,\"l\",m\n1,\"[1, 2.5, -1]\",[]\n2,[],\"[7]\"\n3,,\n4,\"[4, None]\",[x]\n"
	tab, rows, err := readWith(text, TableOptions{})
	// m is a list in two cells of three: nine of ten make a column of lists.
	if err != nil || !slices.Equal(tab.Header, []string{"a", "l_0", "l_1", "l_2", "m"}) || !slices.Equal(numeric(tab), []string{"a", "l_0", "l_1", "l_2"}) {
		t.Fatalf("%v %v", tab, err)
	}
	if got := fmt.Sprint(rows); got != "[[1 1 2.5 -1] [2 NaN NaN NaN] [3 NaN NaN NaN] [4 4 NaN NaN]]" {
		t.Error(got)
	}
	// Longer ones behind the lookahead are cut and counted; what is none is an error.
	long := "l,a\n" + strings.Repeat("\"[1,2]\",1\n", Lookahead)
	tab, rows, err = readWith(long+"\"[1,2,3]\",1\n5,1\n", TableOptions{})
	if err != nil || len(rows) != Lookahead+2 || fmt.Sprint(rows[Lookahead:]) != "[[1 2 1] [5 NaN 1]]" || !slices.Equal(tab.Notes(), []string{"1 lists are longer than those of the first 1000 rows: cut"}) {
		t.Errorf("%v %v", tab.Notes(), err)
	}
	if _, _, err = readWith(long+"word,1\n", TableOptions{}); err == nil || err.Error() != `read x:1002: column "l_0": not a number: "word"` {
		t.Error(err)
	}
	tab, rows, err = readWith(`{"a":[1,null,3],"w":["x"],"o":[{"b":1}]}`+"\n"+`{"a":[4]}`+"\n", TableOptions{})
	if err != nil || fmt.Sprint(tab.Header, rows) != "[a_0 a_1 a_2 w] [[1 NaN 3] [4 NaN NaN]]" {
		t.Errorf("%v %v %v", tab.Header, rows, err)
	}
}

const zeekLog = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#open\t2026-01-01-00-00-00\n" +
	"#fields\tts\tuid\tid.orig_h\torig_bytes\tservice\tlens\ttunnels\n#types\ttime\tstring\taddr\tcount\tstring\tvector[count]\tset[string]\n" +
	"1.5\tC1\t10.0.0.1\t7\t-\t3,4\t(empty)\n2.5\tC2\t10.0.0.2\t-\thttp\\x2cssl\t(empty)\ta,b\n#close\t2026-01-01-00-00-01\n"

func TestZeek(t *testing.T) {
	tab, rows, err := readWith("### a line of a test\n"+zeekLog+zeekLog, TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(tab.Header, numeric(tab), rows); got != "[ts uid id.orig_h orig_bytes service lens_0 lens_1 tunnels] [ts orig_bytes lens_0 lens_1] [[1.5 7 3 4] [2.5 NaN NaN NaN] [1.5 7 3 4] [2.5 NaN NaN NaN]]" {
		t.Error(got)
	}
	tab, _ = ReadText(strings.NewReader(zeekLog), "x", nil)
	row := make([]float64, len(tab.Schema.Columns))
	for _, want := range []string{"9 C1 10.0.0.1 7   ", "10 C2 10.0.0.2  http,ssl  [a,b]"} {
		if err := tab.Next(row); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%s %s %s %s %s %s %s", tab.Place(), tab.Cell(1), tab.Cell(2), tab.Cell(3), tab.Cell(4), "", tab.Cell(7)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for text, want := range map[string]string{
		strings.Replace(zeekLog, "#fields", "#felds", 1):            "read x:8: #types names 7 types of 0 columns",
		strings.Replace(zeekLog, "\ttime\t", "\t", 1):               "read x:8: #types names 6 types of 7 columns",
		zeekLog + strings.Replace(zeekLog, "\tuid\t", "\tuad\t", 1): "read x:18: #fields names other columns than before",
		"#separator \\x09x\n":                                       "read x:1: #separator \"\\tx\": one byte is read",
		"#separator \\x09\n#path\tconn\n":                           "read x: a log of Zeek without #fields",
	} {
		if _, _, err := readWith(text, TableOptions{}); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	// JSON logs leave out what has no value; what comes late is counted.
	many := strings.Repeat(`{"ts":1,"uid":"C"}`+"\n", Lookahead-1)
	tab, rows, err = readWith(many+`{"uid":"C","bytes":7}`+"\n"+`{"ts":2,"late":1}`+"\n", TableOptions{})
	if err != nil || fmt.Sprint(tab.Header, rows[Lookahead-1:]) != "[ts uid bytes] [[NaN 7] [2 NaN]]" || len(tab.Notes()) != 1 || !strings.Contains(tab.Notes()[0], `1 members that the first 1000 rows do not have are left out, the first one is "late"`) {
		t.Errorf("%v %v %v", tab.Header, tab.Notes(), err)
	}
}

func TestNoTable(t *testing.T) {
	for text, want := range map[string]string{
		"\xd4\xc3\xb2\xa1\x02\x00":  "read x: a packet capture, no table",
		"\xff\xfea\x00,\x00":        "read x: UTF-16 is not read: write it as UTF-8",
		"[{\"a\":1}]":               "read x: a JSON array is not read: write one object a line",
		"BZh91AY":                   "read x: bzip2 is not read: unpack it first",
		"a,\x02b\n":                 "read x: no table: binary data (byte 0x02 at 2)",
		"a,b\n1,\x00\n":             "read x: no table: binary data (byte 0x00 at 6)",
		"\x7fELF\x02\x01\x01\x00\n": "read x: no table: binary data (byte 0x02 at 4)",
	} {
		if _, _, err := readWith(text, TableOptions{}); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// No row costs an allocation, in plain rows and in rows with quotes, lists, and a join.
func TestNextAllocations(t *testing.T) {
	s := &Side{On: "c0", names: []string{"more"}, kind: []kind{numbers}, text: []byte("7"), ends: []uint64{1}, row: map[string]int32{"443": 0}, places: []string{"2"}, used: make([]bool, 1)}
	many := func(header, row string) string { return header + strings.Repeat(row, 3000) }
	for name, c := range map[string]struct {
		text string
		o    TableOptions
	}{
		"plain":  {string(floatTable(3000)), TableOptions{}},
		"quotes": {many("a,b,c\n", "\"1\",\"2.5\",\"x\"\"y\"\n"), TableOptions{}},
		"lists":  {many("a,l\n", "1,\"[1, 2, 3]\"\n"), TableOptions{}},
		"join":   {many("c0,b\n", "443,1\n"), TableOptions{Join: s}},
		"zeek":   {many("#fields\ta\tb\n#types\tcount\tstring\n", "1\tx\\x2c\n"), TableOptions{}},
		"json":   {many("", `{"a":1.5,"b":"w","c":null,"d":[1,2]}`+"\n"), TableOptions{}},
	} {
		tab, err := c.o.ReadText(strings.NewReader(c.text), "x", nil)
		if err != nil {
			t.Fatal(err)
		}
		row := make([]float64, len(tab.Schema.Columns))
		next := func() {
			if err := tab.Next(row); err != nil {
				t.Fatal(err)
			}
			for i := range tab.Header {
				tab.Cell(i)
			}
		}
		for range 1500 {
			next()
		}
		if n := testing.AllocsPerRun(1000, next); n != 0 {
			t.Errorf("%s: %v allocations a row", name, n)
		}
	}
}

func TestIsMissing(t *testing.T) {
	// The words that pandas 3.1.1 reads as missing: pandas._libs.parsers.STR_NA_VALUES.
	for _, w := range []string{"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"} {
		if v, ok := parseNumber([]byte(w)); !IsMissing([]byte(w)) || !ok || !math.IsNaN(v) {
			t.Errorf("%q is not missing", w)
		}
	}
	for _, w := range []string{"-", "?", "none", "na", "N", "nano", "0"} {
		if IsMissing([]byte(w)) {
			t.Errorf("%q is missing", w)
		}
	}
}
