//go:build unix

package kinds_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"fm/dataset"
	"fm/model/kinds"
)

// Set by forest/testdata/compare.py, which compares with scikit-learn.
var (
	compare = flag.String("compare", "", "folder with a table `x` and classes y, to train on and score")
	rows    = flag.Int("rows", 0, "rows to train on")
	columns = flag.Int("columns", 0, "columns of the table")
	kind    = flag.String("kind", "", "kind to train")
	workers = flag.Int("workers", 1, "workers to train with")
)

// TestCompare is the Go side of forest/testdata/compare.py; it does nothing by itself.
func TestCompare(t *testing.T) {
	if *compare == "" {
		return
	}
	f := table(t)
	train := make([]int, *rows)
	for i := range train {
		train[i] = i
	}
	k, ok := kinds.Find(*kind)
	if !ok {
		t.Fatalf("no kind %q", *kind)
	}
	before := cpu()
	s, err := k.Trainer(kinds.Table, 1, *workers).Train(context.Background(), f, train)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("{\"cpu\": %v}\n", cpu()-before)
	n := f.Rows() - *rows
	flat, p := make([]float64, n**columns), make([]float64, n)
	for i := range n {
		f.Row(flat[i**columns:(i+1)**columns], *rows+i)
	}
	s.Margins(p, flat)
	s.Link(p, p)
	var out bytes.Buffer
	binary.Write(&out, binary.LittleEndian, p)
	if err := os.WriteFile(filepath.Join(*compare, "scores"), out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func cpu() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return math.NaN()
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func table(t *testing.T) *dataset.Frame {
	x, err := os.ReadFile(filepath.Join(*compare, "x"))
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(filepath.Join(*compare, "y"))
	if err != nil {
		t.Fatal(err)
	}
	f := &dataset.Frame{Schema: &dataset.Schema{}, Classes: []string{"benign", "malicious"}, Cols: make([]dataset.Col, *columns)}
	for c := range f.Cols {
		f.Cols[c].Values = make([]float64, len(y))
		for i := range y {
			f.Cols[c].Values[i] = math.Float64frombits(binary.LittleEndian.Uint64(x[8*(i**columns+c):]))
		}
	}
	for _, v := range y {
		f.Y = append(f.Y, int32(v))
	}
	f.SetRows(len(y))
	return f
}
