package extract_test

import (
	"context"

	"flag"
	"fmt"

	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fm/dataset"
	"fm/extract"
	"fm/extract/capture"
	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/packet"
)

// Folders of more captures and of other tools' outputs than the repository holds.
var (
	captures = flag.String("captures", "", "run over the captures below this folder, too")
	goldens  = flag.String("goldens", "", "compare with the outputs of other tools in this folder")
)

// captureFiles lists the captures of the repository and those that -captures names.
func captureFiles(t testing.TB) []string {
	t.Helper()
	files := below(t, "../testdata/captures")
	if *captures != "" {
		files = append(files, below(t, *captures)...)
	}
	return files
}

func below(t testing.TB, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Type().IsRegular() && filepath.Ext(path) != ".tsv" && filepath.Ext(path) != ".md":
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// countsSet is a set of few columns with the native life.
func countsSet() *feature.Set {
	pair := func(name string, get func(*flow.Counts) *[2]uint64) []feature.Column {
		var cols []feature.Column
		for d, dir := range []string{"fwd_", "bwd_"} {
			cols = append(cols, feature.Column{Name: dir + name, Unit: dataset.Count, Needs: flow.NeedCounts,
				Value: func(v *flow.View) float64 { return float64(get(v.Counts)[d]) }})
		}
		return cols
	}
	return &feature.Set{Name: "counts", Life: flow.NewNative(0, 0), Columns: slices.Concat(
		pair("packets", func(c *flow.Counts) *[2]uint64 { return &c.Packets }),
		pair("ip_bytes", func(c *flow.Counts) *[2]uint64 { return &c.IP }),
		pair("payload", func(c *flow.Counts) *[2]uint64 { return &c.Payload }))}
}

// textSink keeps a line for every record.
type textSink struct{ text []byte }

func (s *textSink) Renderer() extract.Renderer { return lineRenderer{} }

func (s *textSink) Write(recs []extract.Record) error {
	for i := range recs {
		s.text = append(s.text, recs[i].Text...)
	}
	return nil
}

// lineRenderer writes everything that a record says.
type lineRenderer struct{}

func (lineRenderer) Append(dst []byte, r *extract.Record, _ *flow.View) []byte {
	f := &r.Flow
	src, sport := r.Src()
	to, dport := r.Dst()
	return fmt.Appendf(dst, "%d %d %x:%d>%x:%d %d.%d %d..%d %s %s %d+%d #%d %d %v\n", r.Epoch, r.EndAt, src, sport, to, dport, f.Key.Proto,
		f.Key.Kind, f.Start, f.Last, f.Reason, f.State, f.Seen[0], f.Seen[1], f.FirstFrame, f.Input, r.Row)
}

// cutSource hands on what a source delivers in batches of random sizes.
type cutSource struct {
	src  extract.Source
	rand *rand.Rand
	rest packet.Batch
	err  error
}

func (s *cutSource) Fill(b *packet.Batch) error {
	if len(s.rest.Frames) == 0 {
		if s.err != nil {
			return s.err
		}
		s.rest.Reset()
		s.err = s.src.Fill(&s.rest)
	}
	n := min(1+int(s.rand.ExpFloat64()*40), len(s.rest.Frames))
	for _, f := range s.rest.Frames[:n] {
		data := s.rest.Bytes(f.Data)
		f.Data.Off = uint32(len(b.Buf))
		b.Buf = append(b.Buf, data...)
		b.Frames = append(b.Frames, f)
	}
	s.rest.Frames = s.rest.Frames[n:]
	if len(s.rest.Frames) == 0 && s.rand.IntN(2) == 0 { // EOF with the last frames or behind them
		return s.err
	}
	return nil
}

func (s *cutSource) Inputs() []packet.Input { return s.src.Inputs() }
func (s *cutSource) Close() error           { return s.src.Close() }

func open(t testing.TB, path string) extract.Source {
	t.Helper()
	src, err := capture.Open([]string{path}, capture.Options{})
	if err != nil {
		return &emptySource{err}
	}
	t.Cleanup(func() { src.Close() })
	return src
}

// emptySource stands for a file that is no capture.
type emptySource struct{ err error }

func (s *emptySource) Fill(*packet.Batch) error { return s.err }
func (s *emptySource) Inputs() []packet.Input   { return nil }
func (s *emptySource) Close() error             { return nil }

// meter runs a source and returns the text of its records.
func meter(t testing.TB, m *extract.Meter, src extract.Source) (string, extract.Stats, error) {
	t.Helper()
	var sink textSink
	stats, err := m.Run(context.Background(), src, &sink)
	var sum uint64
	for _, n := range stats.Outcomes {
		sum += n
	}
	if sum != stats.Frames {
		t.Errorf("outcomes add up to %d of %d frames", sum, stats.Frames)
	}
	if stats.Open != 0 {
		t.Errorf("%d flows are open after the end", stats.Open)
	}
	return string(sink.text), stats, err
}

func TestSameBytesForAnyWorkersAndBatches(t *testing.T) {
	files := captureFiles(t)
	if len(files) == 0 {
		t.Fatal("no captures")
	}
	records := uint64(0)
	for i, path := range files {
		want, stats, wantErr := meter(t, &extract.Meter{Set: countsSet(), Workers: 1}, open(t, path))
		records += stats.Records
		for _, workers := range []int{1, 2, 3, 8} {
			src := &cutSource{src: open(t, path), rand: rand.New(rand.NewPCG(uint64(i), uint64(workers)))}
			got, _, err := meter(t, &extract.Meter{Set: countsSet(), Workers: workers}, src)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%s, %d workers: error %v, want %v", path, workers, err, wantErr)
			}
			if got != want {
				t.Errorf("%s, %d workers: %s", path, workers, firstDifference(got, want))
			}
		}
	}
	t.Logf("%d captures, %d records", len(files), records)
	if records == 0 {
		t.Error("no records")
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}
