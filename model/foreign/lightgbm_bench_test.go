package foreign

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"fm/model"
	"fm/model/tree"
)

// largeLightGBM is a text model of trees × leaves over 10 columns with numbers of 17 digits.
func largeLightGBM(trees, leaves int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var blocks []string
	for t := range trees {
		var b strings.Builder
		fmt.Fprintf(&b, "Tree=%d\nnum_leaves=%d\nnum_cat=0\n", t, leaves)
		list := func(name string, n int, one func(i int) string) {
			b.WriteString(name + "=")
			for i := range n {
				if i > 0 {
					b.WriteByte(' ')
				}
				b.WriteString(one(i))
			}
			b.WriteByte('\n')
		}
		// Node k splits a leaf that is there already, as LightGBM grows: leaf j is held by
		// the last node that made it.
		left, right := make([]int, leaves-1), make([]int, leaves-1)
		held := []*int{new(int)}
		for k := range leaves - 1 {
			j := r.IntN(len(held))
			*held[j] = k
			left[k], right[k] = ^j, ^(k + 1)
			held[j] = &left[k]
			held = append(held, &right[k])
		}
		number := func(int) string { return fmt.Sprintf("%.17g", r.NormFloat64()*1000) }
		whole := func(int) string { return fmt.Sprint(r.IntN(3000)) }
		list("split_feature", leaves-1, func(int) string { return fmt.Sprint(r.IntN(10)) })
		list("split_gain", leaves-1, func(int) string { return fmt.Sprintf("%.6g", r.Float64()*1000) })
		list("threshold", leaves-1, number)
		list("decision_type", leaves-1, func(int) string { return "10" })
		list("left_child", leaves-1, func(i int) string { return fmt.Sprint(left[i]) })
		list("right_child", leaves-1, func(i int) string { return fmt.Sprint(right[i]) })
		list("leaf_value", leaves, number)
		list("leaf_weight", leaves, number)
		list("leaf_count", leaves, whole)
		list("internal_value", leaves-1, number)
		list("internal_weight", leaves-1, number)
		list("internal_count", leaves-1, whole)
		b.WriteString("is_linear=0\nshrinkage=0.1\n\n\n")
		blocks = append(blocks, b.String())
	}
	var out bytes.Buffer
	out.WriteString("tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=9\nobjective=binary sigmoid:1\n" +
		"feature_names=a b c d e f g h i j\nfeature_infos=none none none none none none none none none none\ntree_sizes=")
	for i, b := range blocks {
		if i > 0 {
			out.WriteByte(' ')
		}
		fmt.Fprint(&out, len(b))
	}
	out.WriteString("\n\n")
	for _, b := range blocks {
		out.WriteString(b)
	}
	out.WriteString("end of trees\n\n")
	return out.Bytes()
}

// held is how many bytes the ensemble takes for scoring.
func held(e *tree.Ensemble) (n int) {
	for i := range e.Trees {
		t := &e.Trees[i]
		n += 24*cap(t.Nodes) + 8*(cap(t.Values)+cap(t.Cover)+cap(t.NodeCover)) + 4*(cap(t.Gain)+cap(t.LeafNames))
	}
	return n
}

// Reading takes no more memory than twice the scoring form on top of it.
func TestLightGBMMemory(t *testing.T) {
	b := largeLightGBM(100, 255)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	m, err := readLightGBM(bufio.NewReaderSize(bytes.NewReader(b), bufferLength))
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	form := held(m.Scorer.(*tree.Ensemble))
	if n := int(after.TotalAlloc - before.TotalAlloc); n > 3*form {
		t.Errorf("%d bytes taken for a scoring form of %d", n, form)
	}
}

func BenchmarkReadLightGBM(b *testing.B) {
	data := largeLightGBM(500, 255)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readLightGBM(bufio.NewReaderSize(bytes.NewReader(data), bufferLength)); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever the bytes, reading ends in an error without a model or in a model that scores,
// and takes no more memory than a small multiple of them.
func FuzzReadLightGBM(f *testing.F) {
	// Small files, which the fuzzer changes quickly, with everything that a block can have.
	f.Add(largeLightGBM(3, 3))
	e := exportRandom(1, model.Regression, 1, 2, false)
	for i := range e.Trees {
		t := &e.Trees[i]
		for range t.Cover {
			t.Linear = append(t.Linear, tree.Linear{Const: 1, Features: []int32{1, 3}, Coefs: []float64{0.5, -2}})
		}
	}
	for _, average := range []bool{false, true} {
		e.Average = average
		var b bytes.Buffer
		if _, err := writeLightGBM(&b, &Exported{Scorer: e, Names: []string{"a", "b b", "c", "d", "word", "more words"}, Words: exportWords}); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte("tree\nversion=v2\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\nobjective=xentlambda\nfeature_names=x\ntree_sizes=31\n\n" +
		"Tree=0\nnum_leaves=1\nleaf_value=1\n\nparameters:\n[a: b]\n\npandas_categorical:[[1, \"a\", true]]\n"))
	if *modelsDir != "" {
		more, _ := filepath.Glob(filepath.Join(*modelsDir, "refuse", "l-*.txt"))
		for _, path := range more {
			b, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := readLightGBM(bufio.NewReaderSize(bytes.NewReader(b), bufferLength))
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 && n > 100*uint64(len(b)) {
			t.Fatalf("%d bytes taken for %d", n, len(b))
		}
		if err != nil {
			if m != nil {
				t.Fatal("an error with a model")
			}
			return
		}
		s := m.Scorer
		for _, v := range []float64{0, -1, 5, 1e300, math.NaN(), math.Inf(-1), math.Inf(1)} {
			row, out := make([]float64, s.Inputs()), make([]float64, s.Outputs())
			for i := range row {
				row[i] = v
			}
			s.Margins(out, row)
			s.Link(out, out)
		}
	})
}
