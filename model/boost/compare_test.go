//go:build unix

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
	before, start := usage(t), time.Now()
	s, err := boost.Trainer{Workers: *workers}.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	wall, after := time.Since(start).Seconds(), usage(t)
	fmt.Printf("{\"cpu\": %v, \"wall\": %v, \"before\": %v, \"peak\": %v}\n", seconds(after)-seconds(before), wall, before.Maxrss, after.Maxrss)
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

func usage(t *testing.T) (u syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return u
}

func seconds(u syscall.Rusage) float64 { return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9 }

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
