package feature_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"fm/extract"
	"fm/extract/capture"
	"fm/extract/feature"
	"fm/extract/flow"
)

var goldens = flag.String("goldens", "", "folder of what the original tools wrote for the reference captures")

// parity is one run of a tool whose rows a set must write.
type parity struct {
	name    string
	golden  string // file below the goldens, or with own below testdata/parity; first column "file"
	own     bool   // of captures of this repository: always compared
	set     string
	options map[string]string
	pair    []string // columns that name a row: rows that agree in them are compared
	skip    []string // columns that are not compared
	// only says which of the tool's rows and of ours are compared; nil: all.
	only    func(head, row []string) bool
	except  map[string]string // captures that are left out, with the reason
	broke   map[string]string // captures in which the tool ended with an error, as said: its rows count, further ones of ours do not
	least   float64           // share of rows paired and of cells equal that is required
	alone   int               // so many rows may be without a partner whatever their share
	reasons []reason          // why what differs does
}

// reason explains rows without a partner (no columns) or cells that differ.
type reason struct {
	files   string // glob of captures
	columns string // glob of columns; "": rows
	why     string
}

// parities are all runs that are compared.
var parities = slices.Concat(nfstreamParities, deepfenceParities, cicpyParities, pyflowmeterParities, flowcontainerParities, cicParities, zeekParities)

// originalRows keeps the rows of the original layout as cells.
type originalRows struct {
	layout *feature.Layout
	text   strings.Builder
}

func (o *originalRows) Renderer() extract.Renderer { return o }

func (o *originalRows) Append(dst []byte, _ *extract.Record, v *flow.View) []byte {
	for i, c := range o.layout.InTable() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = c.Append(dst, v)
	}
	return append(dst, '\n')
}

func (o *originalRows) Write(recs []extract.Record) error {
	for i := range recs {
		o.text.Write(recs[i].Text)
	}
	return nil
}

// originalOf returns the rows that a set makes of a capture, without a running number.
func originalOf(t *testing.T, set *feature.Set, path string) [][]string {
	t.Helper()
	in, err := capture.Open([]string{path}, capture.Options{})
	if err != nil {
		return nil // a capture that can't be read at all has no rows
	}
	defer in.Close()
	rows := originalRows{layout: set.Original}
	// What cuts a capture short cuts the tool short, too.
	if _, err := (&extract.Meter{Set: set, Workers: 1}).Run(context.Background(), in, &rows); err != nil && errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	r := csv.NewReader(strings.NewReader(rows.text.String()))
	cells, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return cells
}

// golden reads what a tool wrote, by capture.
func golden(t *testing.T, path string) (head []string, rows map[string][][]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(z)
	head, err = r.Read()
	if err != nil || head[0] != "file" {
		t.Fatalf("%s: header %v: %v", path, head, err)
	}
	rows = map[string][][]string{}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return head[1:], rows
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		rows[cells[0]] = append(rows[cells[0]], cells[1:])
	}
}

// tally is what a comparison counts.
type tally struct {
	rows, paired, extra int
	cells, equal        int
	columns             map[string]int     // cells compared, by column
	differ              map[difference]int // cells that differ
	sample              map[difference]string
	lonely              map[string][2]int // rows of the tool and of fm without a partner, by capture
	further             map[string]int    // rows of fm where the tool broke off, by capture
}

// difference is where cells differ.
type difference struct{ file, column string }

func newTally() *tally {
	return &tally{columns: map[string]int{}, differ: map[difference]int{}, sample: map[difference]string{}, lonely: map[string][2]int{}, further: map[string]int{}}
}

// alone counts a row without a partner: side 0 is the tool's.
func (c *tally) alone(file string, side int) {
	n := c.lonely[file]
	n[side]++
	c.lonely[file] = n
}

// compare pairs the rows of both sides and compares their cells.
func (p *parity) compare(c *tally, file string, head, ours []string, want, got [][]string) {
	if p.only != nil {
		want = slices.DeleteFunc(want, func(row []string) bool { return !p.only(head, row) })
		got = slices.DeleteFunc(got, func(row []string) bool { return !p.only(ours, row) })
	}
	key := func(names []string, row []string) string {
		var b strings.Builder
		for _, n := range p.pair {
			b.WriteString(row[slices.Index(names, n)] + "\x00")
		}
		return b.String()
	}
	sorted := func(names []string, rows [][]string) []string {
		slices.SortStableFunc(rows, func(a, b []string) int {
			return cmp.Or(cmp.Compare(key(names, a), key(names, b)), slices.Compare(a, b))
		})
		keys := make([]string, len(rows))
		for i, r := range rows {
			keys[i] = key(names, r)
		}
		return keys
	}
	wantKeys, gotKeys := sorted(head, want), sorted(ours, got)
	c.rows += len(want)
	for i, k := 0, 0; i < len(want) || k < len(got); {
		switch {
		case k == len(got) || i < len(want) && wantKeys[i] < gotKeys[k]:
			c.alone(file, 0)
			i++
			continue
		case i == len(want) || wantKeys[i] > gotKeys[k]:
			if _, broke := p.broke[file]; broke {
				c.further[file]++
			} else {
				c.extra++
				c.alone(file, 1)
			}
			k++
			continue
		}
		c.paired++
		for n, name := range head {
			place := slices.Index(ours, name)
			if place < 0 || slices.Contains(p.skip, name) {
				continue
			}
			c.cells++
			c.columns[name]++
			if want[i][n] == got[k][place] {
				c.equal++
				continue
			}
			d := difference{file, name}
			if c.differ[d]++; c.differ[d] == 1 {
				c.sample[d] = fmt.Sprintf("%.60q, the tool %.60q", got[k][place], want[i][n])
			}
		}
		i, k = i+1, k+1
	}
}

// why finds the reason for what differs; column "" asks for rows.
func (p *parity) why(file, column string) (int, bool) {
	for i, r := range p.reasons {
		files, _ := path.Match(r.files, file)
		columns, _ := path.Match(r.columns, column)
		if files && (r.columns == "" || columns) { // what changes which packets a row has changes its cells
			return i, true
		}
	}
	return 0, false
}

// run compares all captures of a run.
func (p *parity) run(t *testing.T) *tally {
	from, below := filepath.Join(*goldens, p.golden), *captures
	if p.own {
		from, below = filepath.Join("testdata", "parity", p.golden), filepath.Join("..", "..", "testdata", "captures")
	}
	options := map[string]string{feature.Faithful: "true"}
	for k, v := range p.options {
		options[k] = v
	}
	head, want := golden(t, from)
	c := newTally()
	var mu sync.Mutex
	var wg sync.WaitGroup
	files := make(chan string)
	for range 2 {
		wg.Go(func() {
			for file := range files {
				set, err := feature.Build(p.set, options)
				if err != nil {
					t.Error(err)
					continue
				}
				var ours []string
				for _, cell := range set.Original.InTable() {
					ours = append(ours, cell.Name)
				}
				got := originalOf(t, set, filepath.Join(below, file))
				mu.Lock()
				p.compare(c, file, head, ours, want[file], got)
				mu.Unlock()
			}
		})
	}
	for _, file := range p.captures(t, from, want) {
		if _, left := p.except[file]; !left {
			files <- file
		}
	}
	close(files)
	wg.Wait()
	if c.paired == 0 {
		t.Error("no row is paired")
	}
	return c
}

// captures lists what the tool was run over: those without rows, too, of which fm must
// have none either.
func (p *parity) captures(t *testing.T, golden string, rows map[string][][]string) []string {
	if p.own {
		return slices.Sorted(maps.Keys(rows))
	}
	base := strings.TrimSuffix(golden, ".csv.gz")
	for _, path := range []string{base + ".status.tsv", base + "_status.tsv", filepath.Join(filepath.Dir(golden), "status.tsv"), filepath.Join(filepath.Dir(golden), "reference_status.tsv")} {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		var files []string
		for line := range strings.Lines(string(text)) {
			if file, _, _ := strings.Cut(line, "\t"); file != "file" {
				files = append(files, file)
			}
		}
		for file := range rows {
			if !slices.Contains(files, file) {
				t.Errorf("%s has rows of %s, which %s does not list", golden, file, path)
			}
		}
		return files
	}
	t.Fatalf("%s: there is no list of captures beside it", golden)
	return nil
}

// judge holds a run against what is required of it: the shares, and a reason for
// everything that differs.
func (p *parity) judge(t *testing.T, c *tally) {
	t.Logf("%d rows: %d paired, %d ours only; %d of %d cells equal", c.rows, c.paired, c.extra, c.equal, c.cells)
	for _, d := range slices.SortedFunc(maps.Keys(c.differ), difference.compare) {
		t.Logf("%s: %s: %d differ; %s", d.file, d.column, c.differ[d], c.sample[d])
		if _, ok := p.why(d.file, d.column); !ok {
			t.Errorf("%s: %s: no reason is given for what differs", d.file, d.column)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(c.lonely)) {
		t.Logf("%s: %d rows of the tool only, %d ours only", file, c.lonely[file][0], c.lonely[file][1])
		if i, ok := p.why(file, ""); !ok || p.reasons[i].columns != "" {
			t.Errorf("%s: no reason is given for rows on one side only", file)
		}
	}
	if all := c.rows + c.extra; all-c.paired > p.alone && float64(c.paired) < p.least*float64(all) {
		t.Errorf("%d of %d rows are paired, want %g", c.paired, all, p.least)
	}
	if float64(c.equal) < p.least*float64(c.cells) {
		t.Errorf("%d of %d cells are equal, want %g", c.equal, c.cells, p.least)
	}
}

func (d difference) compare(o difference) int {
	return cmp.Or(cmp.Compare(d.file, o.file), cmp.Compare(d.column, o.column))
}

// TestParity holds the original layout of each set against what its tool wrote: always
// for captures of this repository, and with -goldens for the reference captures. When all
// runs were compared, it holds the page of figures against them, too; -update writes it.
func TestParity(t *testing.T) {
	tallies := map[string]*tally{}
	for _, p := range parities {
		if !p.own && *goldens == "" {
			continue
		}
		t.Run(p.set+"/"+p.name, func(t *testing.T) {
			c := p.run(t)
			p.judge(t, c)
			tallies[p.set+"/"+p.name] = c
		})
	}
	if len(tallies) < len(parities) {
		return // the page is of all
	}
	const page = "../../testdata/PARITY.md"
	want := parityPage(t, tallies)
	if *update {
		if err := os.WriteFile(page, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(page); err != nil || !bytes.Equal(have, want) {
		t.Errorf("%s does not have these figures (-update writes it): %v", page, err)
	}
}

// TestNFStreamEdges holds the set against NFStream 6.6.0 on captures made for the borders
// of its rules, in all accounting modes.
func TestNFStreamEdges(t *testing.T) {
	if *goldens == "" {
		t.Log("without -goldens there is nothing to compare with")
		return
	}
	dir := filepath.Join(*goldens, "nfstream", "edges")
	text, err := os.ReadFile(filepath.Join(dir, "edges.csv"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	type run struct{ file, mode string }
	want := map[run][]string{}
	for _, r := range all[1:] {
		want[run{r[0], r[1]}] = append(want[run{r[0], r[1]}], strings.Join(r[3:], ",")) // behind the running number
	}
	for r, rows := range want {
		set, err := feature.Build("nfstream", map[string]string{feature.Faithful: "true", "accounting_mode": r.mode, "splt_analysis": "20"})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range originalOf(t, set, filepath.Join(dir, r.file)) {
			got = append(got, strings.Join(row, ","))
		}
		slices.Sort(rows)
		slices.Sort(got)
		if !slices.Equal(got, rows) {
			t.Errorf("%s, accounting_mode %s:\n got %q\nwant %q", r.file, r.mode, got, rows)
		}
	}
	if len(want) < 100 {
		t.Errorf("only %d runs", len(want))
	}
}
