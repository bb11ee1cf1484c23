package output

import (
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fm/dataset"
	"fm/extract"
	"fm/extract/flow"
)

func names(files map[string]string) []string { return slices.Sorted(maps.Keys(files)) }

func TestParseRotation(t *testing.T) {
	for s, want := range map[string]Rotation{
		"1000000rows": {Rows: 1e6}, "1row": {Rows: 1}, "100MB": {Bytes: 100 << 20}, "1.5GB": {Bytes: 3 << 29}, "10M": {Bytes: 10 << 20}, "64kb": {Bytes: 64 << 10}, "5000B": {Bytes: 5000},
		"1h": {Every: time.Hour}, "10m": {Every: 10 * time.Minute}, "90s": {Every: 90 * time.Second},
	} {
		got, err := ParseRotation(s)
		if err != nil || got.Rows != want.Rows || got.Bytes != want.Bytes || got.Every != want.Every {
			t.Errorf("%s: %+v, %v", s, got, err)
		}
		if again, err := ParseRotation(got.String()); err != nil || again.String() != got.String() {
			t.Errorf("%s prints as %s: %v", s, got, err)
		}
	}
	for _, s := range []string{"", "rows", "0rows", "-1rows", "1.5rows", "100", "h", "MB", "-5MB", "0B", "0s", "-1h", "1ms", "1 day", "nanB", "infB", "1e30GB", "99999999999999999999rows"} {
		if r, err := ParseRotation(s); err == nil {
			t.Errorf("%q: %+v", s, r)
		}
	}
}

func TestRotatedNames(t *testing.T) {
	const at = 1769860800e9 // 2026-01-31T12:00:00Z by date -u -d @1769860800
	for path, want := range map[string]string{
		"flows.csv":           "flows-20260131T120000Z-0007.csv",
		"dir.d/flows.csv.zst": "dir.d/flows-20260131T120000Z-0007.csv.zst",
		"a.b.jsonl.gz":        "a.b-20260131T120000Z-0007.jsonl.gz",
		"flows":               "flows-20260131T120000Z-0007",
		"x.y/flows":           "x.y/flows-20260131T120000Z-0007",
	} {
		if got := rotated(path, at, 7); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// What lies in the files is what one file would hold, cut where the rotation says, whatever
// the runs of records are.
func TestRotation(t *testing.T) {
	recs := toolRecords(100) // at 22:13:20.5 and on, a second apart
	one := wrote(t, filepath.Join(t.TempDir(), "x.csv"), Options{Schema: testSchema}, recs, 100)["x.csv"]
	header, _, _ := strings.Cut(one, "\n")
	for _, c := range []struct {
		rotate Rotation
		first  []string // names
		rows   []int
	}{
		{Rotation{Rows: 40}, []string{"x-20231114T221320Z-0001.csv", "x-20231114T221400Z-0002.csv", "x-20231114T221440Z-0003.csv"}, []int{40, 40, 20}},
		{Rotation{Rows: 50}, []string{"x-20231114T221320Z-0001.csv", "x-20231114T221410Z-0002.csv"}, []int{50, 50}},
		{Rotation{Every: time.Minute}, []string{"x-20231114T221300Z-0001.csv", "x-20231114T221400Z-0002.csv"}, []int{40, 60}},
		{Rotation{Every: 45 * time.Second}, []string{"x-20231114T221245Z-0001.csv", "x-20231114T221330Z-0002.csv", "x-20231114T221415Z-0003.csv"}, []int{10, 45, 45}},
	} {
		var before map[string]string
		for _, run := range []int{1, 7, 100} {
			got := wrote(t, filepath.Join(t.TempDir(), "x.csv"), Options{Schema: testSchema, Rotate: c.rotate}, recs, run)
			if before != nil && !maps.Equal(got, before) {
				t.Errorf("%s: files differ with runs of %d", c.rotate, run)
			}
			before = got
		}
		if !slices.Equal(names(before), c.first) {
			t.Errorf("%s: files %q", c.rotate, names(before))
			continue
		}
		all := header + "\n"
		for i, name := range c.first {
			if !strings.HasPrefix(before[name], header+"\n") || strings.Count(before[name], "\n") != 1+c.rows[i] {
				t.Errorf("%s: %s has %d lines", c.rotate, name, strings.Count(before[name], "\n"))
			}
			all += strings.TrimPrefix(before[name], header+"\n")
		}
		if all != one {
			t.Errorf("%s: other rows than in one file", c.rotate)
		}
	}
}

// Bytes: a plain file is not longer than it must be to reach the size; the others are
// measured at places that do not depend on the runs of records.
func TestRotationBytes(t *testing.T) {
	recs := toolRecords(20_000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range recs {
		for c := range recs[i].Row {
			recs[i].Row[c] = random.Float64()
		}
	}
	for _, c := range []struct {
		name         string
		bytes        int64
		least, most  int // size of all files but the last
		files, above int
	}{
		{"x.csv", 1 << 18, 1 << 18, 1<<18 + 300, 10, 40},
		{"x.jsonl", 1 << 18, 1 << 18, 1<<18 + 600, 10, 100},
		{"x.csv.gz", 1 << 18, 1 << 18, 3 << 17, 3, 200},
		{"x.csv.zst", 1 << 18, 1 << 18, 3 << 17, 3, 200},
		{"x.parquet", 1 << 18, 1 << 18, 13 << 15, 2, 20},
	} {
		var before map[string]string
		for _, run := range []int{512, 1000} {
			got := wrote(t, filepath.Join(t.TempDir(), c.name), Options{Schema: testSchema, Rotate: Rotation{Bytes: c.bytes}}, recs, run)
			if before != nil && !maps.Equal(got, before) {
				t.Errorf("%s: files differ with runs of %d", c.name, run)
			}
			before = got
		}
		all := names(before)
		if len(all) < c.files || len(all) > c.above {
			t.Errorf("%s: %d files", c.name, len(all))
		}
		for _, n := range all[:len(all)-1] {
			if size := len(before[n]); size < c.least || size > c.most {
				t.Errorf("%s: %s has %d bytes", c.name, n, size)
			}
		}
	}
}

// Every file of rows reads back by itself, and together they hold all rows.
func TestRotationReadsBack(t *testing.T) {
	for _, name := range []string{"x.csv", "x.csv.gz", "x.csv.zst", "x.jsonl", "x.jsonl.zst", "x.parquet"} {
		dir := t.TempDir()
		files := wrote(t, filepath.Join(dir, name), Options{Schema: testSchema, Rotate: Rotation{Rows: 30}}, toolRecords(100), 64)
		next := 0.0
		for _, n := range names(files) {
			tab, err := dataset.OpenTable(filepath.Join(dir, n))
			if err != nil {
				t.Fatal(err)
			}
			row := make([]float64, len(tab.Schema.Columns))
			for tab.Next(row) == nil {
				if row[0] != next {
					t.Fatalf("%s: row %v, want %v", n, row[0], next)
				}
				next++
			}
			tab.Close()
		}
		if next != 100 || len(files) != 4 {
			t.Errorf("%s: %v rows in %d files", name, next, len(files))
		}
	}
}

// Two logs change together, under the same time and number; each has its own lines with #.
func TestRotationOfLogs(t *testing.T) {
	files := wrote(t, t.TempDir()+"/", Options{Schema: testSchema, Original: toolLayout(), Rotate: Rotation{Rows: 2}}, toolRecords(3), 3)
	want := []string{"conn-20231114T221320Z-0001.log", "conn-20231114T221322Z-0002.log", "flowmeter-20231114T221320Z-0001.log", "flowmeter-20231114T221322Z-0002.log"}
	if !slices.Equal(names(files), want) {
		t.Fatalf("files %q", names(files))
	}
	if zeekCut(files[want[1]], "uid") != "C2\n" || zeekCut(files[want[3]], "uid") != "C2\n" || !strings.Contains(files[want[3]], "#open\t2023-11-14-22-13-22\n") {
		t.Errorf("%q", files)
	}
	for n, f := range files {
		if !strings.HasPrefix(f, "#separator") || !strings.Contains(f, "\n#close\t") {
			t.Errorf("%s: %s", n, f)
		}
	}
}

// The running number of a tool goes on through the files of a run.
func TestRotationNumbers(t *testing.T) {
	l := toolLayout()
	l.Number, l.Log, l.Beside = "id", "", nil
	files := wrote(t, filepath.Join(t.TempDir(), "x.csv"), Options{Schema: testSchema, Original: l, Rotate: Rotation{Rows: 2}}, toolRecords(3), 3)
	if last := files["x-20231114T221322Z-0002.csv"]; !strings.Contains(last, "\n2,C2,") {
		t.Errorf("%q", files)
	}
}

// Names that are taken are passed over, those of a card without rows too: nothing is
// overwritten.
func TestRotationOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	taken := map[string]string{"x.csv": "older", "x-20231114T221320Z-0001.csv": "of another run"}
	for name, text := range taken {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "x-20231114T221320Z-0002.csv.card.json"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	w, err := Create(filepath.Join(dir, "x.csv"), Options{Schema: testSchema, Rotate: Rotation{Rows: 2}})
	if err != nil {
		t.Fatal(err)
	}
	recs := toolRecords(4)
	if err := put(t, w, recs[:2], 1); err != nil {
		t.Fatal(err)
	}
	late := filepath.Join(dir, "x-20231114T221320Z-0003.csv") // the name that the file in hand is to have
	if err := os.WriteFile(late, []byte("came meanwhile"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := put(t, w, recs[2:], 1); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"x.csv": "older", "x-20231114T221320Z-0001.csv": "of another run", filepath.Base(late): "came meanwhile"} {
		if b, _ := os.ReadFile(filepath.Join(dir, name)); string(b) != text {
			t.Errorf("%s holds %q", name, b)
		}
	}
	for _, name := range []string{"x-20231114T221320Z-0004.csv", "x-20231114T221322Z-0005.csv"} {
		if b, _ := os.ReadFile(filepath.Join(dir, name)); strings.Count(string(b), "\n") != 3 {
			t.Errorf("%s holds %q", name, b)
		}
	}
}

// Keep removes the oldest files of the run with their cards, but neither those of others nor
// one that was replaced.
func TestRotationKeep(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "x-20200101T000000Z-0001.csv")
	if err := os.WriteFile(other, []byte("of another run"), 0o666); err != nil {
		t.Fatal(err)
	}
	opts := Options{Schema: testSchema, Rotate: Rotation{Rows: 1, Keep: 2, Card: func() *dataset.Card { return &dataset.Card{Fm: "early"} }}}
	w, err := Create(filepath.Join(dir, "x.csv"), opts)
	if err != nil {
		t.Fatal(err)
	}
	recs := toolRecords(6)
	if err := put(t, w, recs[:3], 1); err != nil {
		t.Fatal(err)
	}
	replaced := filepath.Join(dir, "x-20231114T221321Z-0002.csv")
	if err := errors.Join(os.WriteFile(replaced+".new", []byte("mine"), 0o666), os.Rename(replaced+".new", replaced)); err != nil {
		t.Fatal(err)
	}
	if err := put(t, w, recs[3:], 1); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(&dataset.Card{Fm: "last"}); err != nil {
		t.Fatal(err)
	}
	var left []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		left = append(left, e.Name())
	}
	want := []string{filepath.Base(other), filepath.Base(replaced), filepath.Base(replaced) + ".card.json",
		"x-20231114T221324Z-0005.csv", "x-20231114T221324Z-0005.csv.card.json", "x-20231114T221325Z-0006.csv", "x-20231114T221325Z-0006.csv.card.json"}
	if !slices.Equal(left, want) {
		t.Errorf("left %q", left)
	}
	for name, fm := range map[string]string{want[3]: "early", want[5]: "last"} {
		if card, err := dataset.ReadCardBeside(filepath.Join(dir, name)); err != nil || card.Fm != fm || card.Rows != 1 {
			t.Errorf("%s: %+v, %v", name, card, err)
		}
	}
}

// Without rows there is no file, and nothing is left of the one that was begun.
func TestRotationWithoutRows(t *testing.T) {
	for _, abort := range []bool{false, true} {
		dir := t.TempDir()
		w, err := Create(filepath.Join(dir, "x.csv"), Options{Schema: testSchema, Rotate: Rotation{Rows: 1}})
		if err != nil {
			t.Fatal(err)
		}
		if abort {
			w.Abort()
		} else if err := w.Close(nil); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	}
	if _, err := Create("-", Options{Schema: testSchema, Rotate: Rotation{Rows: 1}}); err == nil {
		t.Error("standard output takes part in rotation")
	}
	if _, err := Create(os.DevNull, Options{Schema: testSchema, Format: CSV, Rotate: Rotation{Rows: 1}}); err == nil {
		t.Error("a device takes part in rotation")
	}
}

// Rows of flows that the end of the input ended, whose timeouts lie ahead, belong to the time
// of the row before them; a clock that steps back begins another file.
func TestRotationTimes(t *testing.T) {
	recs := toolRecords(5)
	for i, s := range []int64{10, 70, 30, 20, 50} {
		recs[i].EndAt = s * 1e9
		recs[i].Flow.Last = s*1e9 - 1
	}
	recs[1].EndAt, recs[1].Flow.Reason = flow.Never, flow.Input
	recs[2].EndAt, recs[2].Flow.Reason = 1000e9, flow.Input
	files := wrote(t, filepath.Join(t.TempDir(), "x.csv"), Options{Schema: testSchema, Rotate: Rotation{Every: time.Minute}}, recs, 2)
	if want := []string{"x-19700101T000000Z-0001.csv", "x-19700101T000000Z-0003.csv", "x-19700101T000100Z-0002.csv"}; !slices.Equal(names(files), want) {
		t.Errorf("files %q", names(files))
	}
	early := toolRecords(1)
	early[0].EndAt = -5e8
	files = wrote(t, filepath.Join(t.TempDir(), "x.csv"), Options{Schema: testSchema, Rotate: Rotation{Every: time.Minute}}, early, 1)
	if want := []string{"x-19691231T235900Z-0001.csv"}; !slices.Equal(names(files), want) {
		t.Errorf("files %q", names(files))
	}
}

// A live input completes a file when its span has passed, without a row behind it.
func TestRotationPassed(t *testing.T) {
	dir := t.TempDir()
	var w interface {
		extract.Sink
		extract.Clocked
	}
	out, err := Create(filepath.Join(dir, "x.csv"), Options{Schema: testSchema, Rotate: Rotation{Every: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	w = out
	recs := toolRecords(1) // 22:13:20.5
	if err := put(t, out, recs, 1); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		second int64
		files  int
	}{{20, 0}, {39, 0}, {40, 1}, {41, 1}, {500, 1}} {
		if err := w.Passed(1700000000e9 + c.second*1e9); err != nil {
			t.Fatal(err)
		}
		if files, err := filepath.Glob(filepath.Join(dir, "x-*.csv")); err != nil || len(files) != c.files {
			t.Errorf("at %d s: %q", c.second, files)
		}
	}
	recs[0].Flow.Reason = flow.Input // with the end of the input: at the clock that was told
	if err := put(t, out, recs, 1); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(nil); err != nil {
		t.Fatal(err)
	}
	if want := []string{"x-20231114T221300Z-0001.csv", "x-20231114T222100Z-0002.csv"}; !slices.Equal(names(listed(t, dir)), want) {
		t.Errorf("files %q", names(listed(t, dir)))
	}
}

// After an error of writing the files before stay, complete; nothing is left of the one in
// hand, and the error names it.
func TestRotationFails(t *testing.T) {
	for _, name := range []string{"x.csv", "x.parquet", "x.csv.gz"} {
		dir := t.TempDir()
		w, err := Create(filepath.Join(dir, name), Options{Schema: testSchema, Rotate: Rotation{Rows: 2}})
		if err != nil {
			t.Fatal(err)
		}
		recs := toolRecords(4)
		if err := put(t, w, recs[:3], 3); err != nil {
			t.Fatal(err)
		}
		w.parts[0].file.f.Close() // nothing more can be written
		if err := put(t, w, recs[3:], 1); err != nil {
			t.Fatal(err)
		}
		second := filepath.Join(dir, rotated(name, 1700000002e9, 2))
		if err := w.Close(nil); !errors.Is(err, os.ErrClosed) || !strings.HasPrefix(err.Error(), "write "+second+": ") {
			t.Errorf("%s: %v", name, err)
		}
		files := listed(t, dir)
		if want := []string{filepath.Base(rotated(name, 1700000000e9, 1))}; !slices.Equal(names(files), want) {
			t.Errorf("%s: left %q", name, names(files))
		}
	}
}
