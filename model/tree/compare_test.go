//go:build linux

package tree_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dmitryikh/leaves"
	"golang.org/x/sys/unix"

	"fm/model/foreign"
	"fm/model/tree"
)

// Set by testdata/compare.py, which compares scorers.
var compare = flag.String("compare", "", "folder of models and rows; standard input says what to time")

// TestCompare is the Go side of testdata/compare.py; it does nothing by itself. A line
// "MODEL WAY BATCH" on standard input is answered by nanoseconds of CPU a row; the way
// "margins" writes the margins to a file.
func TestCompare(t *testing.T) {
	if *compare == "" {
		return
	}
	b, err := os.ReadFile(filepath.Join(*compare, "rows"))
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]float64, len(b)/8)
	if _, err := binary.Decode(b, binary.LittleEndian, rows); err != nil {
		t.Fatal(err)
	}
	models := map[string]map[string]func(dst, rows []float64){}
	width := map[string]int{}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var name, way string
		var batch int
		if _, err := fmt.Sscan(in.Text(), &name, &way, &batch); err != nil {
			t.Fatal(err)
		}
		if models[name] == nil {
			models[name], width[name] = load(t, name)
		}
		margins, w := models[name][way], width[name]
		if margins == nil {
			fmt.Println("-")
			continue
		}
		n := len(rows) / w
		dst := make([]float64, n)
		pass := func() {
			for at := 0; at < n; at += batch {
				end := min(at+batch, n)
				margins(dst[at:end], rows[at*w:end*w])
			}
		}
		pass()
		passes, start := 0, cpuNanos(t)
		for passes == 0 || cpuNanos(t)-start < 30e6 {
			pass()
			passes++
		}
		fmt.Println(float64(cpuNanos(t)-start) / float64(passes*n))
		var out bytes.Buffer
		binary.Write(&out, binary.LittleEndian, dst)
		if err := os.WriteFile(filepath.Join(*compare, name+"."+way), out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func cpuNanos(t *testing.T) int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts); err != nil {
		t.Fatal(err)
	}
	return ts.Nano()
}

// load returns the ways to score a model file and its columns.
func load(t *testing.T, name string) (map[string]func(dst, rows []float64), int) {
	b, err := os.ReadFile(filepath.Join(*compare, name))
	if err != nil {
		t.Fatal(err)
	}
	m, err := foreign.Read(bytes.NewReader(b), name)
	if err != nil {
		t.Fatal(err)
	}
	e := m.Scorer.(*tree.Ensemble)
	ways := e.Scorers()
	ways["fm"], ways["plain"] = e.Margins, e.PlainMargins
	w := e.Inputs()
	// leaves reads version 3, which differs in a line.
	b = bytes.Replace(b, []byte("version=v4"), []byte("version=v3"), 1)
	if l, err := leaves.LGEnsembleFromReader(bufio.NewReader(bytes.NewReader(b)), false); err == nil {
		ways["leaves"] = func(dst, rows []float64) {
			if len(dst) == 1 {
				dst[0] = l.PredictSingle(rows, 0)
			} else if err := l.PredictDense(rows, len(dst), w, dst, 0, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	return ways, w
}
