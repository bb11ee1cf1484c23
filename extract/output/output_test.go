package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"fm/dataset"
	"fm/extract"
	"fm/extract/flow"
	"fm/extract/packet"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// testKey makes the key of two ends; fromA tells whether src is the key's A.
func testKey(proto uint8, src, dst netip.AddrPort) (k packet.Key, fromA bool) {
	a, b, fromA := src, dst, true
	if a.Compare(b) > 0 {
		a, b, fromA = dst, src, false
	}
	k = packet.Key{A: a.Addr().As16(), B: b.Addr().As16(), APort: a.Port(), BPort: b.Port(), Proto: proto}
	if src.Addr().Is6() {
		k.Kind = packet.KindIPv6
	}
	return k, fromA
}

var testSchema = &dataset.Schema{Set: "fm", Version: 1, Options: "idle=120s", Columns: []dataset.Column{
	{Name: "duration", Unit: dataset.Millis}, {Name: "fwd_packets", Unit: dataset.Count}, {Name: "ratio"}, {Name: "gap", Unit: dataset.Millis}, {Name: "stage_hosts", Unit: dataset.Count},
}}

// testRecords: a TCP flow, an IPv6 UDP flow without score and label, an ICMP flow.
// The ends of the first are those of the Community ID specification's TCP example.
func testRecords() []extract.Record {
	k1, a1 := testKey(6, netip.MustParseAddrPort("128.232.110.120:34855"), netip.MustParseAddrPort("66.35.250.204:80"))
	k2, a2 := testKey(17, netip.MustParseAddrPort("[2001:db8::2]:5353"), netip.MustParseAddrPort("[2001:db8::1]:53"))
	k3, a3 := testKey(1, netip.MustParseAddrPort("192.168.0.89:8"), netip.MustParseAddrPort("192.168.0.1:8"))
	k3.Kind |= packet.KindICMPQuery
	return []extract.Record{
		{Flow: flow.Flow{Key: k1, FromA: a1, Start: 1700000000_000000001, Last: 1700000001_500000000, FirstFrame: 7, Seen: [2]uint32{3, 2}, VLAN: 43, Reason: flow.Fin, State: flow.SF},
			Row: []float64{1500, 3, 1.0 / 3, math.NaN(), 12}, Label: "malicious", Scored: true, Score: 0.75, Scores: []float64{0.25, 0.125, 0.625}, Verdict: true, Class: 2},
		{Flow: flow.Flow{Key: k2, FromA: a2, Input: 1, Start: -1, Last: 0, FirstFrame: 1, Seen: [2]uint32{1, 0}, Reason: flow.Idle},
			Row: []float64{0.000001, 1, math.Inf(1), 0.5, math.NaN()}},
		{Flow: flow.Flow{Key: k3, FromA: a3, Start: 1700000002e9, Last: 1700000002e9, FirstFrame: 9, Seen: [2]uint32{1, 1}, Reason: flow.Input, ICMPType: 8},
			Row: []float64{0, 1, -0.5, 1e21, 0}, Label: "benign", Scored: true, Score: 1e-7, Scores: []float64{1, 0, 0}},
	}
}

func testOptions() Options {
	return Options{Schema: testSchema, SetColumns: 4, ManyInputs: true, Label: true, Scores: true, Classes: []string{"benign", "scan", "c2,\"x\""},
		Source: func(i uint32) string { return []string{"a.pcap", "dir, two/\"b\".pcap"}[i] }}
}

// written runs recs through a writer as the meter does: text in the worker, the
// stage's columns and scores behind it.
func written(t *testing.T, path string, opts Options, recs []extract.Record) []byte {
	t.Helper()
	w, err := Create(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	render := w.Renderer()
	for i := range recs {
		bare := recs[i]
		bare.Row, bare.Label, bare.Scored = bare.Row[:4], "", false
		recs[i].Text = render.Append([]byte{}, &bare, nil)
	}
	for i := range recs {
		if err := w.Write(recs[i : i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(&dataset.Card{Fm: "test", Complete: true}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Worked by hand; the Community ID of the first row is from the specification
// (corelight/community-id-spec), the other two from its algorithm in a few lines of Python.
func TestCSV(t *testing.T) {
	got := string(written(t, filepath.Join(t.TempDir(), "x.csv"), testOptions(), testRecords()))
	want := `source,community_id,src_ip,src_port,dst_ip,dst_port,protocol,vlan,start,end,first_frame,packets_seen,end_reason,state,duration,fwd_packets,ratio,gap,stage_hosts,label,score,verdict,class,score_benign,score_scan,"score_c2,""x"""
a.pcap,1:LQU9qZlK+B5F3KDmev6m5PMibrg=,128.232.110.120,34855,66.35.250.204,80,6,42,2023-11-14T22:13:20.000000001Z,2023-11-14T22:13:21.500000000Z,7,5,fin,SF,1500,3,0.3333333333333333,,12,malicious,0.75,malicious,"c2,""x""",0.25,0.125,0.625
"dir, two/""b"".pcap",1:tajKKCYPX5Fr60+44RSdKtpFb4s=,2001:db8::2,5353,2001:db8::1,53,17,,1969-12-31T23:59:59.999999999Z,1970-01-01T00:00:00.000000000Z,1,1,idle,,0.000001,1,,0.5,,,,,,,,
a.pcap,1:X0snYXpgwiv9TZtqg64sgzUn6Dk=,192.168.0.89,0,192.168.0.1,0,1,,2023-11-14T22:13:22.000000000Z,2023-11-14T22:13:22.000000000Z,9,2,input,,0,1,-0.5,1e+21,0,benign,1e-7,benign,benign,1,0,0
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestColumnsOption(t *testing.T) {
	opts := testOptions()
	opts.Columns = []string{"dst_port", "score", "ratio", "source"}
	got := string(written(t, filepath.Join(t.TempDir(), "x.csv"), opts, testRecords()[:1]))
	if want := "dst_port,score,ratio,source\n80,0.75,0.3333333333333333,a.pcap\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	opts.Columns = []string{"gap"}
	got = string(written(t, filepath.Join(t.TempDir(), "x.csv"), opts, testRecords()))
	if want := "gap\n\"\"\n0.5\n1e+21\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	opts.Columns = []string{"score", "ratio", "dst_port", "label"}
	got = string(written(t, filepath.Join(t.TempDir(), "x.jsonl"), opts, testRecords()[:1]))
	if want := `{"dst_port":80,"features":{"ratio":0.3333333333333333},"score":0.75,"label":"malicious"}` + "\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, bad := range [][]string{{"nothing"}, {"ratio", "ratio"}} {
		opts.Columns = bad
		dir := t.TempDir()
		if _, err := Create(filepath.Join(dir, "x.csv"), opts); err == nil {
			t.Errorf("columns %q were taken", bad)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("columns %q left %v", bad, left)
		}
	}
}

func TestJSONL(t *testing.T) {
	got := string(written(t, filepath.Join(t.TempDir(), "x.jsonl"), testOptions(), testRecords()))
	want := `{"source":"a.pcap","community_id":"1:LQU9qZlK+B5F3KDmev6m5PMibrg=","src_ip":"128.232.110.120","src_port":34855,"dst_ip":"66.35.250.204","dst_port":80,"protocol":6,"vlan":42,"start":"2023-11-14T22:13:20.000000001Z","end":"2023-11-14T22:13:21.500000000Z","first_frame":7,"packets_seen":5,"end_reason":"fin","state":"SF","features":{"duration":1500,"fwd_packets":3,"ratio":0.3333333333333333,"gap":null,"stage_hosts":12},"label":"malicious","score":0.75,"verdict":"malicious","class":"c2,\"x\"","score_benign":0.25,"score_scan":0.125,"score_c2,\"x\"":0.625}
{"source":"dir, two/\"b\".pcap","community_id":"1:tajKKCYPX5Fr60+44RSdKtpFb4s=","src_ip":"2001:db8::2","src_port":5353,"dst_ip":"2001:db8::1","dst_port":53,"protocol":17,"vlan":null,"start":"1969-12-31T23:59:59.999999999Z","end":"1970-01-01T00:00:00.000000000Z","first_frame":1,"packets_seen":1,"end_reason":"idle","state":null,"features":{"duration":0.000001,"fwd_packets":1,"ratio":null,"gap":0.5,"stage_hosts":null},"label":null,"score":null,"verdict":null,"class":null,"score_benign":null,"score_scan":null,"score_c2,\"x\"":null}
{"source":"a.pcap","community_id":"1:X0snYXpgwiv9TZtqg64sgzUn6Dk=","src_ip":"192.168.0.89","src_port":0,"dst_ip":"192.168.0.1","dst_port":0,"protocol":1,"vlan":null,"start":"2023-11-14T22:13:22.000000000Z","end":"2023-11-14T22:13:22.000000000Z","first_frame":9,"packets_seen":2,"end_reason":"input","state":null,"features":{"duration":0,"fwd_packets":1,"ratio":-0.5,"gap":1e+21,"stage_hosts":0},"label":"benign","score":1e-7,"verdict":"benign","class":"benign","score_benign":1,"score_scan":0,"score_c2,\"x\"":0}
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	opts := testOptions()
	opts.Source = func(uint32) string { return "a\x00\x1b[31m\"\\\xff\xe2\x80\xa8é" }
	opts.Scores, opts.Label, opts.Classes = false, false, nil
	for line := range strings.Lines(string(written(t, filepath.Join(t.TempDir(), "y.jsonl"), opts, testRecords()))) {
		var v struct{ Source string }
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		if want := "a\x00\x1b[31m\"\\\ufffd\u2028é"; v.Source != want {
			t.Errorf("source reads back as %q, want %q", v.Source, want)
		}
	}
}

func TestTable(t *testing.T) {
	opts := testOptions()
	opts.Format = Table
	opts.Classes = []string{"benign", "scan", "c2\x1b[2J"}
	got := string(written(t, filepath.Join(t.TempDir(), "x"), opts, testRecords()))
	want := `start (UTC)          from                   to                     proto   packets  ended      score  verdict
2023-11-14 22:13:20  128.232.110.120:34855  66.35.250.204:80       tcp           5  fin       0.7500  malicious (c2` + "\ufffd" + `[2J)
1969-12-31 23:59:59  [2001:db8::2]:5353     [2001:db8::1]:53       udp           1  idle
2023-11-14 22:13:22  192.168.0.89           192.168.0.1            icmp          2  input     0.0000  benign
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestTableWithoutScores(t *testing.T) {
	opts := Options{Schema: testSchema, SetColumns: 4, Format: Table}
	recs := testRecords()[2:]
	recs[0].Scored = false
	got := string(written(t, filepath.Join(t.TempDir(), "x"), opts, recs))
	want := `start (UTC)          from                   to                     proto   packets  ended
2023-11-14 22:13:22  192.168.0.89           192.168.0.1            icmp          2  input
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// Workers call one renderer at the same time (the race detector watches).
func TestRendererAtOnce(t *testing.T) {
	for _, format := range []Format{CSV, JSONL, Table} {
		opts := testOptions()
		opts.Format = format
		w, err := Create(filepath.Join(t.TempDir(), "x"), opts)
		if err != nil {
			t.Fatal(err)
		}
		render := w.Renderer()
		var texts [4]string
		var wg sync.WaitGroup
		for i := range texts {
			wg.Go(func() {
				for range 50 {
					var b []byte
					for _, r := range testRecords() {
						b = render.Append(b, &r, nil)
					}
					texts[i] = string(b)
				}
			})
		}
		wg.Wait()
		w.Abort()
		if texts[0] != texts[1] || texts[0] != texts[2] || texts[0] != texts[3] || texts[0] == "" {
			t.Errorf("%v: texts differ: %q", format, texts)
		}
	}
}

// A sink that was given no text makes it itself: the same bytes.
func TestTextOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"x.csv", "x.jsonl"} {
		want := written(t, filepath.Join(dir, name), testOptions(), testRecords())
		w, err := Create(filepath.Join(dir, name), testOptions())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(testRecords()); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(nil); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(filepath.Join(dir, name)); !bytes.Equal(got, want) {
			t.Errorf("%s: without a worker's text:\n%s\nwith:\n%s", name, got, want)
		}
	}
}

func TestCompressed(t *testing.T) {
	dir := t.TempDir()
	want := written(t, filepath.Join(dir, "x.csv"), testOptions(), testRecords())
	unzip, err := gzip.NewReader(bytes.NewReader(written(t, filepath.Join(dir, "x.csv.gz"), testOptions(), testRecords())))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(unzip); err != nil || !bytes.Equal(got, want) {
		t.Errorf("gzip: %v, %q", err, got)
	}
	unzstd, err := zstd.NewReader(bytes.NewReader(written(t, filepath.Join(dir, "x.csv.zst"), testOptions(), testRecords())))
	if err != nil {
		t.Fatal(err)
	}
	defer unzstd.Close()
	if got, err := io.ReadAll(unzstd); err != nil || !bytes.Equal(got, want) {
		t.Errorf("zstd: %v, %q", err, got)
	}
}

func TestComplete(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.csv")
	names := func() string {
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, e := range list {
			out = append(out, e.Name())
		}
		return strings.Join(out, " ")
	}
	w, err := Create(path, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(testRecords()); err != nil {
		t.Fatal(err)
	}
	if got := names(); !strings.HasPrefix(got, ".x.csv.tmp-") || strings.Contains(got, " ") {
		t.Errorf("in the middle there is %q", got)
	}
	w.Abort()
	if got := names(); got != "" {
		t.Errorf("after Abort there is %q", got)
	}
	if err := w.Write(testRecords()); err == nil {
		t.Error("written after Abort")
	}
	written(t, path, testOptions(), testRecords())
	if got := names(); got != "x.csv x.csv.card.json" {
		t.Errorf("at the end there is %q", got)
	}
	card, err := dataset.ReadCardBeside(path)
	if err != nil {
		t.Fatal(err)
	}
	if card.Rows != 3 || !card.Complete || card.Fm != "test" || card.Fingerprint != testSchema.Fingerprint() || testSchema.Match(card.Schema) != nil || len(card.Columns) != 26 {
		t.Errorf("card %+v", card)
	}
	if _, err := Create(filepath.Join(dir, "no", "x.csv"), testOptions()); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "write "+filepath.Join(dir, "no", "x.csv")+": ") {
		t.Errorf("missing folder: %v", err)
	}
	if _, err := Create(dir, testOptions()); err == nil {
		t.Error("a folder was taken for a file")
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		path   string
		format Format
		want   Format
		packed compression
		err    bool
	}{
		{"-", ByName, CSV, plain, false}, {"-", JSONL, JSONL, plain, false}, {"a.csv", ByName, CSV, plain, false}, {"a.b/c", ByName, CSV, plain, false}, {"a.CSV.GZ", ByName, CSV, gzipped, false},
		{"a.jsonl.zst", ByName, JSONL, zstdded, false}, {"a.txt", ByName, 0, plain, true}, {"a.txt", CSV, CSV, plain, false}, {"a.parquet", ByName, Parquet, plain, false},
		{"a.parquet.gz", ByName, 0, plain, true}, {"a.gz", Parquet, 0, plain, true},
	} {
		f, p, err := named(c.path, c.format, CSV)
		if (err != nil) != c.err || err == nil && (f != c.want || p != c.packed) {
			t.Errorf("%s as %v: %v, %v, %v", c.path, c.format, f, p, err)
		}
	}
}

// The bare minimum of a pipe whose reader has gone.
func TestClosedPipe(t *testing.T) {
	r, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	defer out.Close()
	opts := testOptions()
	p, err := opts.plan("-", CSV, plain, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := &File{f: out, path: "standard output"}
	fm, err := newForm(f, &p, &opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := fm.write(testRecords()); !errors.Is(err, ErrClosedPipe) {
		t.Errorf("write to a closed pipe: %v", err)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	opts := testOptions()
	for _, format := range []Format{CSV, JSONL, Table} {
		p, err := opts.plan("-", format, plain, nil)
		if err != nil {
			t.Fatal(err)
		}
		recs, buf, line := testRecords(), make([]byte, 0, 1<<16), make([]byte, 0, 1<<16)
		text := p.text
		if n := testing.AllocsPerRun(100, func() {
			buf, line = buf[:0], line[:0]
			for i := range recs {
				buf = text.Append(buf, &recs[i], nil)
				line = text.line(line, buf, &recs[i])
			}
		}); n != 0 {
			t.Errorf("%v: %v allocations", format, n)
		}
	}
}

func TestIsStream(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "rows.csv")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"-": true, os.DevNull: true, file: false, filepath.Join(dir, "new.csv"): false, dir: false} {
		if got := IsStream(path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}
