package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// writeTable writes a table of rows rows: numbers, words, a column of mostly zeros, and
// what is to be left out.
func writeTable(t testing.TB, path string, rows int, seed uint64, label func(i int) string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	var b bytes.Buffer
	b.WriteString("Flow ID,normal,sparse,small,word,many,number,when,host,other,Label\n")
	for i := range rows {
		fmt.Fprintf(&b, "f%d,%v,", i, rng.NormFloat64())
		if rng.IntN(10) == 0 {
			b.WriteString(strconv.Itoa(rng.IntN(1000)))
		} else {
			b.WriteString([]string{"0", ""}[rng.IntN(2)])
		}
		fmt.Fprintf(&b, ",%d,%s,w%d,%d,%d,10.0.%d.%d,%s,%s\n", rng.IntN(5), []string{"tcp", "udp", "", "icmp"}[rng.IntN(4)], min(rng.IntN(700), rng.IntN(700)),
			2*i+1, 1_700_000_000+rng.IntN(100000), i/200%200, i%200, []string{"Benign", "Bot"}[i%2], label(i))
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

func readFiles(t testing.TB, o ReadOptions, paths ...string) *Frame {
	t.Helper()
	var files []TableFile
	for _, p := range paths {
		files = append(files, TableFile{Path: p})
	}
	f, _, err := ReadTables(context.Background(), files, OpenTable, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Held in bins, a table gives the bins that its exact columns are cut into, and its values
// keep their side of every cut.
func TestReadInBins(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv")
	kind := func(i int) string { return []string{"Normal", "DoS", "normal.", "background"}[i%4] }
	writeTable(t, a, 3000, 1, kind)
	writeTable(t, b, 500, 2, kind)
	opts := ReadOptions{Label: "Label"}
	exact := readFiles(t, opts, a, b)
	opts.Cells = 22_000 // between the cells of a and of both
	told := 0
	opts.Done = func(*Table, *ReadCounts) { told++ }
	binned := readFiles(t, opts, a, b)
	if told != 2 {
		t.Errorf("told of %d tables, want each once", told)
	}
	if exact.Rows() != 3500*3/4 || binned.Rows() != exact.Rows() || exact.Binned() || !binned.Binned() {
		t.Fatalf("%d and %d rows", exact.Rows(), binned.Rows())
	}
	if !slices.Equal(exact.Y, binned.Y) || !slices.Equal(exact.Group, binned.Group) || !slices.Equal(exact.Groups, []string{a, b}) {
		t.Error("classes or groups differ")
	}
	if want := []int32{0, 1, 0, 0}; !slices.Equal(exact.Y[:4], want) {
		t.Errorf("classes %v, want %v", exact.Y[:4], want)
	}
	if want := "[normal sparse small word many]"; fmt.Sprint(exact.Schema.names()) != want || fmt.Sprint(binned.Schema.names()) != want {
		t.Errorf("columns %q and %q", exact.Schema.names(), binned.Schema.names())
	}
	want := "identifiers: Flow ID, number; times: when; addresses: host; labels: other"
	if LeftString(exact.Left) != want || LeftString(binned.Left) != want {
		t.Errorf("left out %s\nand %s\nwant %s", LeftString(exact.Left), LeftString(binned.Left), want)
	}
	if !exact.Schema.Columns[3].Words || exact.Schema.Columns[2].Words || exact.Schema.Fingerprint() != binned.Schema.Fingerprint() {
		t.Error("words are not marked alike")
	}
	if n := len(exact.Cols[4].Words); n != MostWords {
		t.Errorf("%d words are kept", n)
	}
	bins, err := Bin(context.Background(), exact, allRows(exact.Rows()), 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	same, err := Bin(context.Background(), binned, allRows(exact.Rows()), 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	row, stand := make([]float64, len(exact.Cols)), make([]float64, len(exact.Cols))
	for c := range bins {
		if !slices.Equal(exact.Cols[c].Words, binned.Cols[c].Words) || !slices.Equal(bins[c].Cuts, same[c].Cuts) || !slices.Equal(bins[c].Codes, same[c].Codes) || !slices.Equal(bins[c].Categories, same[c].Categories) {
			t.Errorf("column %s: other bins", exact.Schema.Columns[c].Name)
		}
	}
	for i := range exact.Rows() {
		exact.Row(row, i)
		binned.Row(stand, i)
		for c := range row {
			if k := bins[c].Code(stand[c]); k != bins[c].Codes[i] || (row[c] != row[c]) != (stand[c] != stand[c]) || bins[c].Categories != nil && row[c] == row[c] && row[c] != stand[c] {
				t.Fatalf("row %d column %d: %v in bin %d, its stand-in %v in bin %d", i, c, row[c], bins[c].Codes[i], stand[c], k)
			}
		}
	}
}

// More rows than a sample holds: the first pass thins it as the rows come, and the cuts
// are those of the same sample of the exact frame.
func TestReadSample(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv")
	var b bytes.Buffer
	b.WriteString("a,label\n")
	const n = SampleRows + SampleRows/2
	for i := range n {
		fmt.Fprintf(&b, "%d,%d\n", mix(uint64(i)+77)>>40, i%2)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	exact, binned := readFiles(t, ReadOptions{}, path), readFiles(t, ReadOptions{Cells: 1000}, path)
	bins, err := Bin(context.Background(), exact, allRows(n), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := binned.Cols[0].Bins; len(got.Cuts) != 254 || !slices.Equal(got.Cuts, bins[0].Cuts) || !slices.Equal(got.Tops, bins[0].Tops) || !slices.Equal(got.Codes, bins[0].Codes) {
		t.Errorf("%d cuts, %d of the exact frame", len(got.Cuts), len(bins[0].Cuts))
	}
}

// Asked for, columns are taken whatever they hold; or left out.
func TestKeepAndDrop(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	writeTable(t, path, 200, 1, func(i int) string { return strconv.Itoa(i % 2) })
	for _, cells := range []int{0, 10} {
		f := readFiles(t, ReadOptions{Label: "Label", Cells: cells, Keep: []string{"Flow ID", "number", "other"}, Drop: []string{"small"}}, path)
		if got := fmt.Sprint(f.Schema.names()); got != "[Flow ID normal sparse word many number other]" || LeftString(f.Left) != "by --drop: small; times: when; addresses: host" {
			t.Errorf("columns %s, left out %s", got, LeftString(f.Left))
		}
	}
	for _, o := range []ReadOptions{{Label: "Label", Keep: []string{"nosuch"}}, {Label: "Label", Drop: []string{"nosuch"}}} {
		if _, _, err := ReadTables(context.Background(), []TableFile{{Path: path}}, OpenTable, o); err == nil || !strings.Contains(err.Error(), `no column "nosuch" to `) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// The columns of a model: in its order, words numbered as it numbers them, unknown ones
// missing and counted; and rows handed on instead of held.
func TestWanted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, []byte("id,b,a,label\n1,x,5,0\n2,y,6,1\n3,,7,1\n4,z,8,0\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	want := []Wanted{{Name: "a"}, {Name: "b", Words: []string{"z", "x"}}, {Name: "id"}}
	nan := math.NaN()
	rows := []float64{5, 1, 1, 6, nan, 2, 7, nan, 3, 8, 0, 4}
	var unseen map[string]int
	done := func(tab *Table, n *ReadCounts) { unseen = tab.Unseen() }
	f := readFiles(t, ReadOptions{Want: want, Done: done}, path)
	row := make([]float64, 3)
	for i := range 4 {
		if f.Row(row, i); fmt.Sprint(row) != fmt.Sprint(rows[3*i:3*i+3]) {
			t.Errorf("row %d is %v", i, row)
		}
	}
	if fmt.Sprint(unseen) != "map[b:1]" || !slices.Equal(f.Cols[1].Words, want[1].Words) || !f.Schema.Columns[1].Words {
		t.Errorf("unseen %v, words %q", unseen, f.Cols[1].Words)
	}
	var got []float64
	f = readFiles(t, ReadOptions{Want: want, Rows: func(r []float64) error { got = append(got, r...); return nil }}, path)
	if fmt.Sprint(got) != fmt.Sprint(rows) || f.Cols != nil || f.Rows() != 4 || !slices.Equal(f.Y, []int32{0, 1, 1, 0}) || len(f.Schema.Columns) != 3 {
		t.Errorf("handed on %v, frame %+v", got, f)
	}
}

// Files of one table may order their columns in their own way, and a column is one of words
// if any file holds words in it.
func TestReadSeveral(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for i, text := range []string{"a,b,label\n1,2,0\n3,4,1\n", "b,label,a\nx,0,5\n4,1,6\n", "b,a\n1,2\n"} {
		paths = append(paths, filepath.Join(dir, strconv.Itoa(i)))
		if err := os.WriteFile(paths[i], []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	f := readFiles(t, ReadOptions{}, paths[:2]...)
	if !slices.Equal(f.Cols[0].Values, []float64{1, 3, 5, 6}) || !slices.Equal(f.Cols[1].Words, []string{"2", "4", "x"}) || !slices.Equal(f.Cols[1].Values, []float64{0, 1, 2, 1}) {
		t.Errorf("%+v", f.Cols)
	}
	_, _, err := ReadTables(context.Background(), []TableFile{{Path: paths[0]}, {Path: paths[2]}}, OpenTable, ReadOptions{})
	if err == nil || err.Error() != "read "+paths[2]+`: no column "label" to take labels from` {
		t.Error(err)
	}
}

// Without a name the label column is "label", of a table that is not of one class in any
// case, if there is one only. Held in bins, too.
func TestLabelInAnyCase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	for header, want := range map[string]string{
		"a,Label": "", "a,LABEL": "", "a, Label ": "", "label,Label": "",
		"a,Labels":    `: no column "label" to take labels from`,
		"Label,LABEL": `: labels can be in column "Label" or "LABEL"`,
	} {
		if err := os.WriteFile(path, []byte(header+"\n0,0\n1,1\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		for _, cells := range []int{0, 1} {
			f, _, err := ReadTables(context.Background(), []TableFile{{Path: path}}, OpenTable, ReadOptions{Cells: cells})
			switch {
			case want != "" && (err == nil || err.Error() != "read "+path+want || !errors.Is(err, ErrNoLabel)):
				t.Errorf("%s: %v, want %s", header, err, want)
			case want == "" && (err != nil || !slices.Equal(f.Y, []int32{0, 1})):
				t.Errorf("%s: %v, %+v", header, err, f)
			}
		}
	}
	if err := os.WriteFile(path, []byte("a,Label\n0,NeedManualLabel\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	f, _, err := ReadTables(context.Background(), []TableFile{{Path: path, Mark: Malicious}}, OpenTable, ReadOptions{})
	if err != nil || !slices.Equal(f.Y, []int32{1}) {
		t.Errorf("a table of one class: %v, %+v", err, f)
	}
}

// A column of free text is left out, and cannot be kept.
func TestText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv")
	var b strings.Builder
	b.WriteString("a,text,long,label\n")
	for i := range MaxWords + 2 {
		fmt.Fprintf(&b, "1,u%d,v,%d\n", i, i%2)
	}
	b.WriteString("1,u,\"" + strings.Repeat("w", maxWord+1) + "\",1\n")
	if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, cells := range []int{0, 1000} {
		if f := readFiles(t, ReadOptions{Cells: cells}, path); LeftString(f.Left) != "identifiers: text; text: long" || len(f.Cols) != 1 {
			t.Errorf("left out %s", LeftString(f.Left))
		}
	}
	_, _, err := ReadTables(context.Background(), []TableFile{{Path: path}}, OpenTable, ReadOptions{Keep: []string{"text"}})
	if err == nil || !strings.Contains(err.Error(), `column "text": more than 65535 words`) {
		t.Error(err)
	}
}

// Names of published tables, and of columns that are features there.
func TestWhyLeft(t *testing.T) {
	for name, want := range map[string]string{
		"Flow ID": LeftIdentifier, "id": LeftIdentifier, "pkSeqID": LeftIdentifier, "Unnamed: 0": LeftIdentifier, "uid": LeftIdentifier,
		"Source IP": LeftAddress, "Src IP": LeftAddress, "id.orig_h": LeftAddress, "IPV4_SRC_ADDR": LeftAddress, "Destination IP": LeftAddress, "saddr": LeftAddress, "dst_mac": LeftAddress,
		"Source Port": LeftPort, "Src Port": LeftPort, "L4_SRC_PORT": LeftPort, "id.orig_p": LeftPort, "sport": LeftPort,
		"Timestamp": LeftTime, "ts": LeftTime, "Stime": LeftTime, "bidirectional_first_seen_ms": LeftTime, "FLOW_START_MILLISECONDS": LeftTime,
		"Attack": LeftLabel, "attack_cat": LeftLabel, "Attempted Category": LeftLabel, "Label": LeftLabel, "class": LeftLabel, "difficulty": LeftLabel,
		"score_dos": LeftResult, "verdict": LeftResult, "explain_1_value": LeftResult, "contribution_bias": LeftResult,
		"Destination Port": "", "dst_port": "", "protocol": "", "Protocol": "", "state": "", "service": "", "flag": "", "duration": "", "Flow Duration": "",
		"Idle Max": "", "proto": "", "dur": "", "sbytes": "", "f0": "", "history": "", "L4_DST_PORT": "", "Active Mean": "", "is_sm_ips_ports": "",
	} {
		if got := whyLeft(name); got != want {
			t.Errorf("%q is left out for %q, want %q", name, got, want)
		}
	}
}

func TestWhyWords(t *testing.T) {
	times := func(base string) (out []string) {
		for i := range 60 {
			out = append(out, fmt.Sprintf(base, i))
		}
		return out
	}
	for _, c := range []struct {
		words []string
		rows  int
		want  string
	}{
		{times("10.0.0.%d"), 500, LeftAddress},
		{times("fe80::%d"), 500, LeftAddress},
		{times("00:1b:44:11:3a:%02d"), 500, LeftAddress},
		{times("5/7/2017 3:%d"), 500, LeftTime},
		{times("2017-07-07 03:30:%02d"), 500, LeftTime},
		{times("03/07/2017 02:55:%02d AM"), 500, LeftTime},
		{times("CX%d"), 60, LeftIdentifier},
		{times("CX%d"), 500, ""},
		{[]string{"DoS", "BENIGN"}, 500, LeftLabel},
		{[]string{"smurf.", "normal."}, 500, LeftLabel},
		{[]string{"tcp", "udp"}, 500, ""},
		{[]string{"1.0.0", "2.0.0"}, 500, ""},
		{times("CX%d"), 40, ""},
	} {
		if got := whyWords(c.words, c.rows); got != c.want {
			t.Errorf("%q in %d rows: %q, want %q", c.words[0], c.rows, got, c.want)
		}
	}
}

func BenchmarkReadInBins(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.csv")
	text := floatTable(60_000)
	text = bytes.Replace(text, []byte("c74"), []byte("label"), 1)
	if err := os.WriteFile(path, text, 0o666); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		readFiles(b, ReadOptions{Cells: 1000}, path)
	}
}

// Many columns of many words share a bound of memory: the ones that hit it become text,
// and give back what they took.
func TestWordRoom(t *testing.T) {
	room := 3 * (1 + wordCost)
	a, b := learned(&room), learned(&room)
	for i, w := range []string{"a", "b", "a"} {
		if v := a.value([]byte(w)); v != float64(i%2) {
			t.Errorf("word %d is %v", i, v)
		}
	}
	if v := b.value([]byte("c")); v != 0 || room != 0 {
		t.Errorf("first word of another column is %v, room %d", v, room)
	}
	if v := a.value([]byte("d")); v == v || !a.text || a.why != LeftText || room != 2*(1+wordCost) {
		t.Errorf("a word too many is %v, text %v, room %d", v, a.text, room)
	}
	if v := b.value([]byte("d")); v != 1 {
		t.Errorf("second word is %v", v)
	}
}
