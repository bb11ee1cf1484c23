package foreign

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"fm/model"
	"fm/model/tree"
)

// exportDir is where testdata/check_export.py finds written models and rows.
var exportDir = flag.String("export", "", "directory to write exported models to, for testdata/check_export.py")

// exportInputs: four numbers and two columns of words.
var exportWords = [][]string{nil, nil, nil, nil, {"a", "b", "c", "d", "e"}, words(70)}

func words(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("w%02d", i)
	}
	return out
}

// exportRandom is an ensemble of random trees over exportWords with all that our trainers
// make: missing values to either side, sets of words, splits on missing only.
func exportRandom(seed uint64, task model.Task, outputs, trees int, vector bool) *tree.Ensemble {
	r := rand.New(rand.NewPCG(seed, 5))
	e := tree.NewEnsemble(task, len(exportWords), outputs)
	for k := range trees {
		t := tree.Tree{Output: int32(k % outputs)}
		width := 1
		if vector {
			t.Output, width = tree.Vector, outputs
		}
		leaf := func() int32 {
			for range width {
				t.Values = append(t.Values, r.NormFloat64())
			}
			t.Cover = append(t.Cover, float64(1+r.IntN(50)))
			return ^int32(len(t.Cover) - 1)
		}
		var grow func(depth int) int32
		grow = func(depth int) int32 {
			if depth == 0 || r.IntN(5) == 0 {
				return leaf()
			}
			i := len(t.Nodes)
			n := tree.Node{Feature: int32(r.IntN(len(exportWords))), MissingLeft: r.IntN(2) == 0}
			if w := exportWords[n.Feature]; w != nil {
				bits := make([]uint64, 1+r.IntN((len(w)+63)/64))
				for b := range bits {
					bits[b] = r.Uint64() & r.Uint64()
				}
				n.Kind, n.Set = tree.Categorical, uint16(len(t.Sets))
				t.Sets = append(t.Sets, tree.Set{Bits: bits, Above: r.IntN(2) == 0})
			} else {
				n.Threshold = []float64{0.1, float64(r.IntN(9)) - 4, r.NormFloat64(), 16777217, 1e9 + 0.5, math.Inf(1), math.Inf(-1)}[r.IntN(7)]
			}
			t.Nodes, t.Gain = append(t.Nodes, n), append(t.Gain, r.Float32())
			left := grow(depth - 1)
			right := grow(depth - 1)
			t.Nodes[i].Left, t.Nodes[i].Right = left, right
			return int32(i)
		}
		if grow(4) < 0 && k == 0 {
			t.Nodes = nil // a tree of one leaf is one too
		}
		e.Trees = append(e.Trees, t)
	}
	return e
}

// exportCases are the ensembles whose written form was given to the libraries.
func exportCases() map[string]*tree.Ensemble {
	binary := exportRandom(1, model.Binary, 1, 12, false)
	binary.Transform, binary.Base[0] = tree.LibmLogistic, -0.7310585786
	classes := exportRandom(2, model.Classes, 3, 12, false)
	classes.Transform, classes.Base = tree.LibmSoftmax, []float64{0.25, -1.1, 0}
	forest := exportRandom(3, model.Binary, 1, 9, false)
	forest.Average = true
	vector := exportRandom(4, model.Classes, 3, 7, true)
	vector.Average = true
	return map[string]*tree.Ensemble{"binary": binary, "classes": classes, "forest": forest, "vector": vector}
}

// exportRows are rows whose values lie on thresholds of e and next to them; narrow rounds
// numbers to float32.
func exportRows(e *tree.Ensemble, n int, narrow bool) []float64 {
	r := rand.New(rand.NewPCG(9, 9))
	thresholds := make([][]float64, e.Inputs())
	for t := range e.Trees {
		for _, node := range e.Trees[t].Nodes {
			if node.Kind == tree.Numeric && !math.IsInf(node.Threshold, 0) {
				thresholds[node.Feature] = append(thresholds[node.Feature], node.Threshold)
			}
		}
	}
	rows := make([]float64, n*e.Inputs())
	for i := range rows {
		c := i % e.Inputs()
		v := r.NormFloat64()
		switch w := exportWords[c]; {
		case w != nil:
			v = float64(r.IntN(len(w)))
		case len(thresholds[c]) > 0 && r.IntN(3) > 0:
			v = thresholds[c][r.IntN(len(thresholds[c]))]
			if narrow {
				v = float64(float32(v))
				v = []float64{v, float64(math.Nextafter32(float32(v), -1e38)), float64(math.Nextafter32(float32(v), 1e38))}[r.IntN(3)]
			} else {
				step := []float64{v, math.Nextafter(v, math.Inf(-1)), math.Nextafter(v, math.Inf(1))}[r.IntN(3)]
				if v != 0 { // LightGBM takes the numbers next to zero for zero
					v = step
				}
			}
		case r.IntN(4) == 0:
			v = 0
		}
		if narrow {
			v = float64(float32(v))
		}
		if r.IntN(7) == 0 {
			v = math.NaN()
		}
		rows[i] = v
	}
	return rows
}

const exportRowCount = 200

// Written models, loaded by the libraries themselves, give our numbers: in all bits by
// LightGBM, in float32 by XGBoost. testdata/export/TARGET-CASE.csv.gz holds what LightGBM
// 4.7.0 and XGBoost 3.2.0 predicted from the files of these bytes, whose SHA-256 is its
// first line: see testdata/check_export.py.
func TestExportGolden(t *testing.T) {
	for name, e := range exportCases() {
		for target, ext := range map[string]string{"lightgbm": "txt", "xgboost": "json"} {
			t.Run(target+"/"+name, func(t *testing.T) { exportGolden(t, target+"-"+name, target, ext, e) })
		}
	}
}

func exportGolden(t *testing.T, name, target, ext string, e *tree.Ensemble) {
	x := &Exported{Scorer: e, Names: []string{"a", "b b", "c", "d", "word", "more words"}, Words: exportWords}
	f, _ := FindTarget(target)
	var b bytes.Buffer
	if _, err := f.Write(&b, x); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	rows := exportRows(e, exportRowCount, target == "xgboost")
	if *exportDir != "" {
		writeExport(t, name, ext, b.Bytes(), rows, e.Inputs())
		return
	}
	z, err := os.Open(filepath.Join("testdata", "export", name+".csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	g, err := gzip.NewReader(z)
	if err != nil {
		t.Fatal(err)
	}
	c := csv.NewReader(g)
	c.FieldsPerRecord = -1
	lines, err := c.ReadAll()
	if err != nil || len(lines) != 1+exportRowCount {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if got := hex.EncodeToString(sum[:]); got != lines[0][0] {
		t.Fatalf("the file written has SHA-256 %s, the golden is of %s: run testdata/check_export.py", got, lines[0][0])
	}
	outputs := e.Outputs()
	want := make([]float64, exportRowCount*outputs)
	e.Margins(want, rows)
	e.Link(want, want)
	for r, line := range lines[1:] {
		for o, cell := range line {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			w := want[r*outputs+o]
			if target == "lightgbm" && v != w || math.Abs(v-w) > 3e-6*max(1, math.Abs(w)) {
				t.Errorf("row %d output %d: %v, %s predicts %v", r, o, w, target, v)
			}
		}
	}
}

func writeExport(t *testing.T, name, ext string, file []byte, rows []float64, inputs int) {
	if err := os.WriteFile(filepath.Join(*exportDir, name+"."+ext), file, 0o666); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for i, v := range rows {
		b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
		if (i+1)%inputs == 0 {
			b.WriteByte('\n')
		} else {
			b.WriteByte(' ')
		}
	}
	if err := os.WriteFile(filepath.Join(*exportDir, name+".rows"), b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}
