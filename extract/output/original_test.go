package output

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"fm/dataset"
	"fm/extract"
	"fm/extract/feature"
	"fm/extract/flow"
)

// toolLayout is the layout of a tool that writes two logs, with a cell of each type.
func toolLayout() *feature.Layout {
	ports := func(v *flow.View) uint64 { return v.FirstFrame }
	cell := func(name string, typ feature.CellType, write func(dst []byte, v *flow.View) []byte) feature.Cell {
		return feature.Cell{Name: name, Type: typ, Append: write}
	}
	fixed := func(name string, typ feature.CellType, texts ...string) feature.Cell {
		return cell(name, typ, func(dst []byte, v *flow.View) []byte { return append(dst, texts[int(v.FirstFrame)%len(texts)]...) })
	}
	uid := cell("uid", feature.TypeString, func(dst []byte, v *flow.View) []byte { return strconv.AppendUint(append(dst, 'C'), ports(v), 36) })
	ts := cell("ts", feature.TypeTime, func(dst []byte, v *flow.View) []byte {
		return strconv.AppendFloat(dst, float64(v.Start)/1e9, 'f', 6, 64)
	})
	return &feature.Layout{Log: "flowmeter", End: "\n",
		Cells: []feature.Cell{uid, fixed("id.orig_h", feature.TypeAddr, "10.0.0.1", "2001:db8::1"), fixed("id.orig_p", feature.TypePort, "80"),
			fixed("proto", feature.TypeEnum, "tcp"), fixed("rate", feature.TypeDouble, "1.5", "NaN", "Infinity", "-", "1E3"), fixed("many", feature.TypeList, "1 2.50 3", "", "7"),
			fixed("local", feature.TypeBool, "T", "F"), fixed("note", feature.TypeString, "(empty)", "a\tb", "-", `x"y`), fixed("count", feature.TypeCount, "18446744073709551615")},
		Beside: &feature.Layout{Log: "conn", End: "\n", Cells: []feature.Cell{ts, uid}},
	}
}

// toolRecords are so many records, a second apart.
func toolRecords(n int) []extract.Record {
	recs := make([]extract.Record, n)
	for i := range recs {
		recs[i].Flow.FirstFrame = uint64(i)
		recs[i].Flow.Start = 1700000000e9 + int64(i)*1e9
		recs[i].Flow.Last = recs[i].Flow.Start + 5e8
		recs[i].EndAt = recs[i].Flow.Last
		recs[i].Flow.Reason = flow.Idle
		recs[i].Row = []float64{float64(i), 1, 2, 3, 4}
	}
	return recs
}

// put writes recs as the meter does, in runs of so many, and returns the error of the first Write.
func put(t *testing.T, w *Writer, recs []extract.Record, run int) error {
	t.Helper()
	render := w.Renderer()
	for i := range recs {
		if render != nil {
			recs[i].Text = render.Append([]byte{}, &recs[i], &flow.View{Flow: &recs[i].Flow})
		}
	}
	for part := range slices.Chunk(recs, run) {
		if err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// wrote writes recs to path and returns the files that are then in its folder, without cards.
func wrote(t *testing.T, path string, opts Options, recs []extract.Record, run int) map[string]string {
	t.Helper()
	w, err := Create(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := put(t, w, recs, run); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(&dataset.Card{Fm: "test", Complete: true}); err != nil {
		t.Fatal(err)
	}
	return listed(t, filepath.Dir(path))
}

// listed are the files of a folder with their contents. Each text file must have its card.
func listed(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if name, ok := strings.CutSuffix(e.Name(), dataset.CardSuffix); ok {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Errorf("a card without rows: %s", e.Name())
			}
			continue
		}
		files[e.Name()] = string(b)
		if filepath.Ext(e.Name()) != ".parquet" {
			if _, err := dataset.ReadCardBeside(filepath.Join(dir, e.Name())); err != nil {
				t.Errorf("%s: %v", e.Name(), err)
			}
		}
	}
	return files
}

// zeekCut prints the named columns of a log as zeek-cut does, which goes by #separator,
// #fields and the lines that do not start with # alone.
func zeekCut(log string, names ...string) (out string) {
	var at []int
	for line := range strings.Lines(log) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if cells[0] == "#fields" {
			for _, n := range names {
				at = append(at, slices.Index(cells, n)-1)
			}
		}
		if !strings.HasPrefix(line, "#") {
			for i, a := range at {
				if i > 0 {
					out += "\t"
				}
				out += cells[a]
			}
			out += "\n"
		}
	}
	return out
}

// The lines with # are those of Zeek's ASCII writer (its conn.log of any test baseline), but
// for the times, which are the flows'.
func TestZeekLogs(t *testing.T) {
	dir := t.TempDir() + "/"
	opts := Options{Schema: testSchema, Original: toolLayout(), Label: true}
	recs := toolRecords(4)
	recs[1].Label = "scan, \\ \x01\xff"
	recs[3].Label = "-"
	files := wrote(t, dir, opts, recs, 3)
	want := "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tflowmeter\n#open\t2023-11-14-22-13-20\n" +
		"#fields\tuid\tid.orig_h\tid.orig_p\tproto\trate\tmany\tlocal\tnote\tcount\tlabel\n" +
		"#types\tstring\taddr\tport\tenum\tdouble\tvector[double]\tbool\tstring\tcount\tstring\n" +
		"C0\t10.0.0.1\t80\ttcp\t1.5\t1,2.50,3\tT\t(empty)\t18446744073709551615\t-\n" +
		"C1\t2001:db8::1\t80\ttcp\tNaN\t(empty)\tF\ta\\x09b\t18446744073709551615\tscan, \\\\ \\x01\\xff\n" +
		"C2\t10.0.0.1\t80\ttcp\tInfinity\t7\tT\t-\t18446744073709551615\t-\n" +
		"C3\t2001:db8::1\t80\ttcp\t-\t1,2.50,3\tF\tx\"y\t18446744073709551615\t\\x2d\n" +
		"#close\t2023-11-14-22-13-23\n"
	if files["flowmeter.log"] != want {
		t.Errorf("got:\n%s\nwant:\n%s", files["flowmeter.log"], want)
	}
	if got := zeekCut(files["conn.log"], "uid", "ts"); got != "C0\t1700000000.000000\nC1\t1700000001.000000\nC2\t1700000002.000000\nC3\t1700000003.000000\n" {
		t.Errorf("conn.log: %q", got)
	}
	if zeekCut(files["conn.log"], "uid") != zeekCut(files["flowmeter.log"], "uid") || len(files) != 2 {
		t.Errorf("the logs do not join: %v", files)
	}

	// The project's own reader: the other log by its header alone, whatever its card.
	conn, err := dataset.OpenTable(dir + "conn.log")
	if err != nil || conn.Card != nil {
		t.Fatal(err, conn.Card)
	}
	defer conn.Close()
	row := make([]float64, len(conn.Schema.Columns))
	rows := 0
	for ; conn.Next(row) == nil; rows++ {
		if got := string(conn.Cell(conn.Column("uid"))); got != "C"+strconv.Itoa(rows) {
			t.Errorf("row %d: uid %q", rows, got)
		}
	}
	if rows != 4 {
		t.Errorf("%d rows", rows)
	}
	main, err := dataset.OpenTable(dir + "flowmeter.log")
	if err != nil {
		t.Fatal(err)
	}
	defer main.Close()
	if _, n, err := main.ReadFrame(context.Background(), dataset.ReadOptions{}); err != nil || n.Rows != 4 {
		t.Errorf("%+v, %v", n, err)
	}
}

// A log without rows has its header and the year in which time began.
func TestEmptyLog(t *testing.T) {
	files := wrote(t, filepath.Join(t.TempDir(), "x.log"), Options{Schema: testSchema, Original: toolLayout()}, nil, 1)
	if got := files["x.log"]; !strings.Contains(got, "\n#open\t1970-01-01-00-00-00\n#fields\tuid\t") || !strings.HasSuffix(got, "\n#close\t1970-01-01-00-00-00\n") {
		t.Errorf("%q", got)
	}
}

func TestOriginalJSON(t *testing.T) {
	opts := Options{Schema: testSchema, Original: toolLayout(), Format: JSONL}
	recs := toolRecords(5)
	got := wrote(t, t.TempDir()+"/", opts, recs, 2)
	want := `{"uid":"C0","id.orig_h":"10.0.0.1","id.orig_p":80,"proto":"tcp","rate":1.5,"many":[1,2.50,3],"local":true,"note":"","count":18446744073709551615}
{"uid":"C1","id.orig_h":"2001:db8::1","id.orig_p":80,"proto":"tcp","rate":null,"many":[],"local":false,"note":"a\u0009b","count":18446744073709551615}
{"uid":"C2","id.orig_h":"10.0.0.1","id.orig_p":80,"proto":"tcp","rate":null,"many":[7],"local":true,"count":18446744073709551615}
{"uid":"C3","id.orig_h":"2001:db8::1","id.orig_p":80,"proto":"tcp","many":[1,2.50,3],"local":false,"note":"x\"y","count":18446744073709551615}
{"uid":"C4","id.orig_h":"10.0.0.1","id.orig_p":80,"proto":"tcp","rate":1000,"many":[],"local":true,"note":"","count":18446744073709551615}
`
	if got["flowmeter.log"] != want {
		t.Errorf("got:\n%s\nwant:\n%s", got["flowmeter.log"], want)
	}
	if !strings.HasPrefix(got["conn.log"], `{"ts":1700000000.000000,"uid":"C0"}`+"\n") {
		t.Errorf("conn.log: %s", got["conn.log"])
	}
	for l := range strings.Lines(got["flowmeter.log"] + got["conn.log"]) {
		if !json.Valid([]byte(l)) {
			t.Errorf("no JSON: %s", l)
		}
	}
}

// Texts of cells that are no numbers of JSON, by type.
func TestMemberValues(t *testing.T) {
	for _, c := range []struct {
		typ        feature.CellType
		text, want string
	}{
		{feature.TypeNumber, "1", "1"}, {feature.TypeNumber, "-0.5", "-0.5"}, {feature.TypeNumber, "007", "7"}, {feature.TypeNumber, ".5", "0.5"}, {feature.TypeNumber, "1.", "1"},
		{feature.TypeNumber, "1e-7", "1e-7"}, {feature.TypeNumber, "+1", "1"}, {feature.TypeNumber, "nan", "null"}, {feature.TypeNumber, "-inf", "null"}, {feature.TypeNumber, "1e999", "null"},
		{feature.TypeNumber, "", "null"}, {feature.TypeNumber, "10.0.0.1", `"10.0.0.1"`}, {feature.TypeNumber, "a", `"a"`}, {feature.TypeNumber, `"a ""b"", c"`, `"a \"b\", c"`},
		{feature.TypeTime, "12/02/2018 08:01:02", `"12/02/2018 08:01:02"`}, {feature.TypeString, "17", `"17"`}, {feature.TypeString, "", "null"}, {feature.TypeString, "nan", `"nan"`},
		{feature.TypeBool, "F", "false"}, {feature.TypeBool, "1", "true"}, {feature.TypeList, `"[1, -1, 2.5]"`, "[1,-1,2.5]"}, {feature.TypeList, "[]", "[]"}, {feature.TypeList, "1 nan 1e3 x", "[1,null,1000,null]"},
	} {
		got, ok := members{}.value([]byte("before:"+c.text), len("before:"), c.typ)
		if !ok || string(got) != "before:"+c.want {
			t.Errorf("%s %q: %q, %v, want %q", c.typ, c.text, got, ok, c.want)
		}
		if !json.Valid(got[len("before:"):]) {
			t.Errorf("%s %q: %q is no JSON", c.typ, c.text, got)
		}
	}
	if _, ok := (members{}).value([]byte("x-"), 1, feature.TypeDouble); ok {
		t.Error("an unset cell is written")
	}
}

// Whatever a cell holds, what a line has is JSON, and what a log has is one cell of one line.
func FuzzCells(f *testing.F) {
	for _, text := range []string{"", "-", "1", `"[1, 2]"`, `"a ""b"""`, "nan", "0x1p-2", "1_0", "a\tb", `"`, "1 2", "\xff\x00"} {
		f.Add(text)
	}
	types := []feature.CellType{feature.TypeNumber, feature.TypeCount, feature.TypeDouble, feature.TypeInterval, feature.TypeTime, feature.TypeString, feature.TypeAddr,
		feature.TypePort, feature.TypeEnum, feature.TypeBool, feature.TypeList}
	f.Fuzz(func(t *testing.T, text string) {
		for _, typ := range types {
			got, ok := members{}.value([]byte("x"+text), 1, typ)
			if ok && !json.Valid(got[1:]) {
				t.Errorf("%s %q: %q is no JSON", typ, text, got[1:])
			}
			if got, _ = (zeekLog{}).value([]byte("x"+text), 1, typ); len(got) == 1 || strings.ContainsAny(string(got), "\t\n") {
				t.Errorf("%s %q: %q is no cell", typ, text, got[1:])
			}
		}
		if got := (zeekLog{}).word(nil, text); len(got) == 0 || strings.ContainsAny(string(got), "\t\n\r") || !utf8.Valid(got) {
			t.Errorf("%q: %q is no cell", text, got)
		}
	})
}

// A label takes the place of a tool's own column of labels, in the middle of a line too;
// else it is the last column. A running number stands in front, and the tool's end of line.
func TestOriginalLabels(t *testing.T) {
	text := func(name, s string) feature.Cell {
		return feature.Cell{Name: name, Append: func(dst []byte, _ *flow.View) []byte { return append(dst, s...) }}
	}
	own := &feature.Layout{Number: "id", End: "\r\n", Cells: []feature.Cell{text("a", "1"), text("Label", "NeedManualLabel"), text("b", "2")}}
	none := &feature.Layout{End: "\n", Cells: []feature.Cell{text("a", "1"), text("b", "x")}}
	for _, c := range []struct {
		layout *feature.Layout
		format Format
		labels bool
		want   string
	}{
		{own, CSV, true, "id,a,Label,b\r\n0,1,NeedManualLabel,2\r\n1,1,\"a,b\",2\r\n"},
		{own, CSV, false, "id,a,Label,b\r\n0,1,NeedManualLabel,2\r\n1,1,NeedManualLabel,2\r\n"},
		{own, JSONL, true, `{"id":0,"a":1,"Label":"NeedManualLabel","b":2}` + "\n" + `{"id":1,"a":1,"Label":"a,b","b":2}` + "\n"},
		{none, CSV, true, "a,b,label\n1,x,\n1,x,\"a,b\"\n"},
		{none, CSV, false, "a,b\n1,x\n1,x\n"},
		{none, JSONL, true, `{"a":1,"b":"x","label":null}` + "\n" + `{"a":1,"b":"x","label":"a,b"}` + "\n"},
	} {
		recs := toolRecords(2)
		recs[1].Label = "a,b"
		got := wrote(t, filepath.Join(t.TempDir(), "x"), Options{Schema: testSchema, Original: c.layout, Format: c.format, Label: c.labels}, recs, 2)["x"]
		if got != c.want {
			t.Errorf("%v labels %v: got %q, want %q", c.format, c.labels, got, c.want)
		}
	}
}

// What cannot be written is refused before anything lies there.
func TestOriginalRefused(t *testing.T) {
	dir := t.TempDir()
	logs, none := toolLayout(), &feature.Layout{}
	for _, c := range []struct {
		name string
		opts Options
		want string
	}{
		{"x.log", Options{}, "logs are for the original layout"}, {"x.log", Options{Original: none}, "writes no logs"}, {"x.parquet", Options{Original: logs}, "is no parquet"},
		{"x", Options{Original: logs, Format: Table}, "is no table"}, {"", Options{Original: none}, "one file to write"}, {"", Options{}, "one file to write"},
	} {
		c.opts.Schema = testSchema
		if _, err := Create(dir+"/"+c.name, c.opts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	w, err := Create("-", Options{Schema: testSchema, Original: logs})
	if err != nil || w.plans[0].format != Log {
		t.Errorf("a tool of logs writes %v to a stream, %v", w.plans[0].format, err)
	}
	w.Abort()
}

// Two logs appear together or not at all: of a full disk nothing is left, and if the second
// cannot get its name the first does not keep its own.
func TestTwoLogsTogether(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir+"/", Options{Schema: testSchema, Original: toolLayout()})
	if err != nil {
		t.Fatal(err)
	}
	w.parts[1].form.(*lines).out = &full{w.parts[1].file, 100}
	recs := toolRecords(100)
	if err := put(t, w, recs, 100); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(nil); err == nil || !strings.HasPrefix(err.Error(), "write "+filepath.Join(dir, "conn.log")+": no space left") {
		t.Errorf("close: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if w, err = Create(dir+"/", Options{Schema: testSchema, Original: toolLayout()}); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "conn.log", "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(nil); err == nil {
		t.Error("a folder was replaced by a log")
	}
	if _, err := os.Stat(filepath.Join(dir, "flowmeter.log")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the first log stayed: %v", err)
	}
}

func listOptions() (Options, []extract.Record) {
	opts := testOptions()
	opts.Lists = []feature.List{{Name: "sizes"}, {Name: "gaps"}}
	recs := testRecords()
	recs[0].Lists = [][]float64{{1500, -40, 0.5}, {math.NaN(), 2}}
	recs[1].Lists = [][]float64{{}, {7}}
	recs[2].Lists = [][]float64{{1}, nil}
	return opts, recs
}

// Lists are arrays in JSON and LIST columns in Parquet, behind the set's columns; CSV does
// without them. None of them is part of the schema, so the files train as those without.
func TestLists(t *testing.T) {
	dir := t.TempDir()
	opts, recs := listOptions()
	text := string(written(t, filepath.Join(dir, "x.jsonl"), opts, recs))
	for i, want := range []string{`"stage_hosts":12},"sizes":[1500,-40,0.5],"gaps":[null,2],"label":"malicious"`, `"sizes":[],"gaps":[7],"label":null`, `"sizes":[1],"gaps":[],"label":"benign"`} {
		if line := strings.Split(text, "\n")[i]; !strings.Contains(line, want) || !json.Valid([]byte(line)) {
			t.Errorf("%s: want %s", line, want)
		}
	}
	csv := string(written(t, filepath.Join(dir, "x.csv"), opts, recs))
	if strings.Contains(csv, "sizes") {
		t.Errorf("CSV has lists: %s", csv)
	}
	opts.Columns = []string{"gaps", "ratio"}
	if got := string(written(t, filepath.Join(dir, "y.jsonl"), opts, recs[:1])); got != `{"features":{"ratio":0.3333333333333333},"gaps":[null,2]}`+"\n" {
		t.Errorf("columns: %s", got)
	}
	if _, err := Create(filepath.Join(dir, "y.csv"), opts); !errors.Is(err, ErrColumn) || !strings.Contains(err.Error(), `"gaps" is a list`) {
		t.Errorf("CSV with a list asked for: %v", err)
	}
	opts.Columns = []string{"ratio"}
	if w, err := Create(filepath.Join(dir, "y.jsonl"), opts); err != nil || w.Lists() {
		t.Errorf("lists are made for nobody: %v", err)
	} else {
		w.Abort()
	}

	opts, recs = listOptions()
	path := filepath.Join(dir, "x.parquet")
	w, err := Create(path, opts)
	if err != nil || !w.Lists() {
		t.Fatal(err)
	}
	long := make([]float64, listRun) // ends a run of its own
	for i := range long {
		long[i] = float64(i)
	}
	recs[2].Lists[1] = long
	for range 400 { // runs of rows end between
		if err := w.Write(recs[:2]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write(recs); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	tab, err := dataset.OpenTable(path)
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	if testSchema.Match(tab.Schema) != nil {
		t.Errorf("schema %+v", tab.Schema)
	}
	row := make([]float64, len(tab.Schema.Columns))
	sizes, gaps := tab.Column("sizes"), tab.Column("gaps")
	n := 0
	for ; ; n++ {
		if err := tab.Next(row); err != nil {
			break
		}
		wantSizes, wantGaps := "[1500,-40,0.5]", "[,2]"
		switch {
		case n == 802:
			wantSizes, wantGaps = "[1]", ""
		case n%2 == 1:
			wantSizes, wantGaps = "", "[7]"
		}
		got := string(tab.Cell(gaps))
		if n == 802 {
			if strings.Count(got, ",") != listRun-1 {
				t.Errorf("the long list has %d commas", strings.Count(got, ","))
			}
			got = ""
		}
		if string(tab.Cell(sizes)) != wantSizes || got != wantGaps {
			t.Errorf("row %d: sizes %s, gaps %.40s", n, tab.Cell(sizes), tab.Cell(gaps))
		}
	}
	if n != 803 {
		t.Errorf("%d rows", n)
	}
}

// A row of a tool takes no memory in any style.
func TestOriginalDoesNotAllocate(t *testing.T) {
	for _, format := range []Format{CSV, JSONL, Log} {
		opts := Options{Schema: testSchema, Original: toolLayout(), Label: true}
		p, err := opts.plan("-", format, plain, opts.Original)
		if err != nil {
			t.Fatal(err)
		}
		recs, buf, line := toolRecords(3), make([]byte, 0, 1<<16), make([]byte, 0, 1<<16)
		recs[1].Label = "scan"
		views := []flow.View{{Flow: &recs[0].Flow}, {Flow: &recs[1].Flow}, {Flow: &recs[2].Flow}}
		if n := testing.AllocsPerRun(100, func() {
			for i := range recs {
				buf = p.text.Append(buf[:0], &recs[i], &views[i])
				line = p.text.line(line[:0], buf, &recs[i])
			}
		}); n > 0 {
			t.Errorf("%v: %v allocations", format, n)
		}
	}
}
