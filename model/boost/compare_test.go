//go:build linux

package boost_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"fm/dataset"
	"fm/model/boost"
	"fm/model/modeltest"
)

// Set by testdata/compare.py, which compares with LightGBM and XGBoost.
var (
	compare = flag.String("compare", "", "folder with a table `x` (column after column) and classes y to train on, and rows t to score")
	columns = flag.Int("columns", 0, "columns of the table")
	workers = flag.Int("workers", 1, "workers to train with")
)

// TestCompare is the Go side of testdata/compare.py; it does nothing by itself.
func TestCompare(t *testing.T) {
	if *compare == "" {
		return
	}
	y, err := os.ReadFile(filepath.Join(*compare, "y"))
	if err != nil {
		t.Fatal(err)
	}
	f := &dataset.Frame{Classes: []string{"benign", "malicious"}, Cols: floats(t, "x")}
	for _, v := range y {
		f.Y = append(f.Y, int32(v))
	}
	f.SetRows(len(y))
	runtime.GC()
	used, before, start := seconds(t), peak(t), time.Now()
	s, err := boost.Trainer{Workers: *workers}.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("{\"cpu\": %v, \"wall\": %v, \"before\": %v, \"peak\": %v}\n", seconds(t)-used, time.Since(start).Seconds(), before, peak(t))
	test := &dataset.Frame{Cols: floats(t, "t")}
	test.SetRows(len(test.Cols[0].Values))
	p := make([]float64, test.Rows())
	s.Margins(p, modeltest.Flat(test))
	var out bytes.Buffer
	binary.Write(&out, binary.LittleEndian, p)
	if err := os.WriteFile(filepath.Join(*compare, "scores"), out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// seconds is the processor time of this process.
func seconds(t *testing.T) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// peak is the most memory that this process has held, in kB. (ru_maxrss would begin with
// that of the parent.)
func peak(t *testing.T) (kb int) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		t.Fatal(err)
	}
	return kb
}

// floats reads a table column by column, so that it is in memory once.
func floats(t *testing.T, name string) []dataset.Col {
	file, err := os.Open(filepath.Join(*compare, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	cols := make([]dataset.Col, *columns)
	raw := make([]byte, info.Size()/int64(*columns))
	for c := range cols {
		if _, err := file.ReadAt(raw, int64(c)*int64(len(raw))); err != nil {
			t.Fatal(err)
		}
		cols[c].Values = make([]float64, len(raw)/8)
		for i := range cols[c].Values {
			cols[c].Values[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		}
	}
	return cols
}
