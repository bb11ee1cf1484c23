package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"fm/dataset"
)

var capturesDir = flag.String("captures", "", "folder of the reference captures, with their INDEX.tsv")

// framesDiffer are files of the reference captures of which this program rightly reads
// other frames than capinfos 4.0.17 counts (INDEX.tsv), with the reason.
var framesDiffer = map[string]string{
	"corner/corner_zero-packets__8c5f980ae8.pcap":   "version 2.3 of the format swaps the two lengths: four captured bytes are there",
	"corner/corner_truncated-file__c335747ff1.pcap": "the index says 0, capinfos counts the one whole frame too",
}

// maxResident is the memory that reading any capture may take.
const maxResident = 300 << 20

// corpus is the folder of captures and how many frames each holds.
func corpus(t *testing.T) (dir string, frames map[string]uint64) {
	t.Helper()
	frames = map[string]uint64{}
	if *capturesDir == "" {
		dir = "../../testdata/captures"
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.Contains(path, ".pcap") {
				frames[filepath.ToSlash(strings.TrimPrefix(path, filepath.FromSlash(dir)+string(filepath.Separator)))] = countFrames(t, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return dir, frames
	}
	f, err := os.Open(filepath.Join(*capturesDir, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		cells := strings.Split(s.Text(), "\t")
		if n, err := strconv.ParseUint(cells[2], 10, 64); err == nil {
			frames[cells[0]] = n
		} else if cells[0] != "file" {
			frames[cells[0]] = 0
		}
	}
	return *capturesDir, frames
}

// countFrames counts the records of a sound pcap or pcapng file with a reader of its own.
func countFrames(t *testing.T, path string) (n uint64) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case bytes.HasPrefix(b, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if b, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	case bytes.HasPrefix(b, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		if b, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	le := binary.LittleEndian
	switch le.Uint32(b) {
	case 0xa1b2c3d4, 0xa1b23c4d:
		for b = b[24:]; len(b) >= 16; n++ {
			b = b[16+le.Uint32(b[8:]):]
		}
	case 0x0a0d0d0a:
		for len(b) >= 12 {
			if kind := le.Uint32(b); kind == 6 || kind == 3 {
				n++
			}
			b = b[le.Uint32(b[4:]):]
		}
	default:
		t.Fatalf("%s: neither pcap nor pcapng in this byte order", path)
	}
	return n
}

// extractCorpus runs fm over dir and checks the memory it took.
func extractCorpus(t *testing.T, args ...string) (stderr string) {
	t.Helper()
	cmd := exec.Command("fm", args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	err := cmd.Run()
	if status := cmd.ProcessState.ExitCode(); status != 0 && status != 1 {
		t.Fatalf("fm %v: %v\n%s", args, err, errs.String())
	}
	if peak := resident(cmd.ProcessState); peak > maxResident {
		t.Errorf("fm %v took %d MB, more than %d", args, peak>>20, maxResident>>20)
	} else {
		t.Logf("peak %d MB", peak>>20)
	}
	return errs.String()
}

// Every frame of every capture falls under one outcome, their sum is what capinfos
// counts, and no two rows of a capture are called the same. Each capture is a stream.
func TestOutcomes(t *testing.T) {
	dir, frames := corpus(t)
	if len(frames) < 10 {
		t.Fatalf("only %d captures", len(frames))
	}
	out := t.TempDir() + "/"
	extractCorpus(t, "extract", "-r", dir, "-o", out, "--per-file", "--columns", "first_frame,start,end_reason")
	for name, want := range frames {
		path := filepath.Join(out, filepath.FromSlash(name)) + ".csv"
		card, err := dataset.ReadCardBeside(path)
		if err != nil {
			if want > 0 {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var sum uint64
		for counter, n := range card.Counters {
			if strings.HasPrefix(counter, "frames: ") {
				sum += n
			}
		}
		got := card.Counters["frames"]
		if sum != got {
			t.Errorf("%s: outcomes sum up to %d of %d frames", name, sum, got)
		}
		if reason, differs := framesDiffer[name]; (got != want) != differs {
			t.Errorf("%s: %d frames, capinfos counts %d (listed reason: %q)", name, got, want, reason)
		}
		unique(t, path, "first_frame", "start")
	}
}

// All captures as one stream: rows are named by source, first frame and start.
func TestOneStream(t *testing.T) {
	dir, _ := corpus(t)
	out := filepath.Join(t.TempDir(), "rows.csv")
	extractCorpus(t, "extract", "-r", dir, "-o", out, "--columns", "source,first_frame,start,end_reason")
	unique(t, out, "source", "first_frame", "start")
}

// unique checks that no two final rows of a file agree in all of the columns.
func unique(t *testing.T, path string, columns ...string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReaderSize(f, 1<<20))
	header, err := r.Read()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var at []int
	for _, c := range columns {
		for i, h := range header {
			if h == c {
				at = append(at, i)
			}
		}
	}
	if len(at) != len(columns) {
		t.Fatalf("%s: columns %v in header %v", path, columns, header)
	}
	seen := map[string]bool{}
	for line := 2; ; line++ {
		row, err := r.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		key := ""
		for _, i := range at {
			key += fmt.Sprintf("%q ", row[i])
		}
		if seen[key] {
			t.Errorf("%s:%d: a second row is called %s", path, line, key)
		}
		seen[key] = true
	}
}
