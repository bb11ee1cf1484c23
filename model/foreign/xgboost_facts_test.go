package foreign

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"

	"fm/model"
	"fm/model/modeltest"
	"fm/model/tree"
)

// plain returns the bytes of a model file below testdata, unpacked.
func plain(t testing.TB, path string) []byte {
	t.Helper()
	b, err := io.ReadAll(openCorpusFile(t, filepath.Join("testdata", path)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What a file says besides trees. The values are those that testdata/make_xgboost.py
// gave to the library.
func TestXGBoostFacts(t *testing.T) {
	m := readCase(t, "testdata/xgboost-3.2.0/cat_frame/model.ubj.gz")
	if !slices.Equal(m.Names, []string{"a", "b b", `c,"`, "ä", "proto", "port"}) || !slices.Equal(m.Types, []string{"float", "float", "float", "float", "c", "c"}) {
		t.Errorf("names %q, types %q", m.Names, m.Types)
	}
	if len(m.Categories) != 6 || m.Categories[0] != nil || len(m.Categories[4]) != 40 || m.Categories[4][7] != "p07" || m.Categories[5][39] != "390" {
		t.Errorf("categories %q", m.Categories)
	}
	if m.Format != "XGBoost UBJSON" || m.Version != "3.2.0" || m.Objective != "binary:logistic" || m.Kind() != "xgboost" || m.Scorer.Task() != model.Binary {
		t.Errorf("%+v", m)
	}
	m = readCase(t, "testdata/xgboost-0.90/dart/model.model.gz")
	if m.Format != "XGBoost binary" || m.Version != "before 1.0" || len(m.TreeWeights) != 5 || m.Names != nil || len(m.Notes) != 2 || !strings.Contains(m.Notes[0], "before 1.0") || !strings.Contains(m.Notes[1], "ignores the trees' weights of dart in contributions") {
		t.Errorf("%+v", m)
	}
	if m = readCase(t, "testdata/xgboost-1.7.6/gblinear_multi/model.model"); m.Version != "1.7" || m.Notes[0] != "scored by the rules of XGBoost 1.7, which wrote the file" {
		t.Errorf("version %q, notes %q", m.Version, m.Notes)
	}
	m = readCase(t, "testdata/xgboost-1.7.6/gblinear_multi/model.json")
	if m.Format != "XGBoost JSON" || m.Version != "1.7.6" || m.Kind() != "xgboost-linear" || m.Scorer.Task() != model.Classes || m.KeepBest() == nil {
		t.Errorf("%+v", m)
	}
	if m = readCase(t, "testdata/xgboost-3.2.0/multilabel/model.ubj.gz"); m.Scorer.Task() != model.Regression || m.Scorer.Outputs() != 2 {
		t.Errorf("several targets: task %v with %d outputs", m.Scorer.Task(), m.Scorer.Outputs())
	}
	if m = readCase(t, "testdata/xgboost-3.2.0/ranking/model.ubj.gz"); m.Scorer.Task() != model.Regression || len(m.Notes) != 2 {
		t.Errorf("ranking: %+v", m)
	}
}

// The link that verdicts need is a probability where the library predicts something else.
func TestXGBoostLinkAndPrediction(t *testing.T) {
	m := readCase(t, "testdata/xgboost-3.2.0/softmax/model.ubj.gz")
	margins := []float64{1, 3, 3, 2, 0, 1}
	if got := model.Predict(m.Scorer, make([]float64, 6), margins); !slices.Equal(got, []float64{1, 0}) {
		t.Errorf("softmax predicts %v", got)
	}
	p := make([]float64, 6)
	m.Scorer.Link(p, margins)
	if sum := p[0] + p[1] + p[2]; math.Abs(sum-1) > 1e-6 || p[1] != p[2] {
		t.Errorf("softmax links to %v", p)
	}
	m = readCase(t, "testdata/xgboost-3.2.0/logitraw/model.ubj.gz")
	if m.Scorer.Link(p[:1], []float64{0}); p[0] != 0.5 {
		t.Errorf("logitraw links 0 to %v", p[0])
	}
	if got := model.Predict(m.Scorer, p, []float64{2}); got[0] != 2 {
		t.Errorf("logitraw predicts %v", got)
	}
}

// Compressed files are known by their content; a damaged checksum is found.
func TestReadCompressed(t *testing.T) {
	file := plain(t, "xgboost-3.2.0/binary/model.json.gz")
	var zip, zst bytes.Buffer
	z := gzip.NewWriter(&zip)
	z.Write(file)
	z.Close()
	s, err := zstd.NewWriter(&zst, zstd.WithEncoderCRC(true))
	if err != nil {
		t.Fatal(err)
	}
	s.Write(file)
	s.Close()
	for name, b := range map[string][]byte{"gzip": zip.Bytes(), "zstd": zst.Bytes(), "plain": file} {
		if m, err := Read(bytes.NewReader(b), name); err != nil || m.Version != "3.2.0" {
			t.Errorf("%s: %v", name, err)
		}
		if name == "plain" {
			continue
		}
		bad := slices.Clone(b)
		bad[len(bad)-2] ^= 1
		if _, err := Read(bytes.NewReader(bad), name); err == nil || !strings.Contains(err.Error(), "check") && !strings.Contains(err.Error(), "CRC") && !strings.Contains(err.Error(), "size") {
			t.Errorf("%s with a wrong checksum: %v", name, err)
		}
		if _, err := Read(bytes.NewReader(b[:len(b)-9]), name); err == nil {
			t.Errorf("%s cut: read", name)
		}
	}
}

// JSON that other tools wrote again, with keys in another order, blanks and escapes, is
// the same model.
func TestReadJSONInAnyOrder(t *testing.T) {
	for _, c := range []string{"binary", "dart", "cat_frame", "gblinear", "vectorleaf"} {
		path, _ := filepath.Glob("testdata/xgboost-3.2.0/" + c + "/model.json*")
		if len(path) != 1 {
			t.Fatal(c, path)
		}
		want := readCase(t, path[0])
		var v any
		d := json.NewDecoder(bytes.NewReader(plain(t, strings.TrimPrefix(path[0], "testdata/"))))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		got, err := Read(strings.NewReader("\n\t "+reversed(v)+"\r\n"), c)
		if err != nil {
			t.Fatal(err)
		}
		rows := make([]float64, 20*want.Scorer.Inputs())
		r := rand.New(rand.NewPCG(1, 1))
		for i := range rows {
			rows[i] = r.NormFloat64() * 10
		}
		a, b := make([]float64, 20*want.Scorer.Outputs()), make([]float64, 20*want.Scorer.Outputs())
		want.Scorer.Margins(a, rows)
		got.Scorer.Margins(b, rows)
		if !slices.Equal(a, b) || !slices.Equal(want.Names, got.Names) {
			t.Errorf("%s: margins %v, want %v; names %q", c, b, a, got.Names)
		}
	}
}

// reversed writes v as JSON with keys in falling order and all texts in escapes.
func reversed(v any) string {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b string) int { return strings.Compare(b, a) })
		for i, k := range keys {
			keys[i] = strconv.QuoteToASCII(k) + " :\n" + reversed(v[k])
		}
		return "{ " + strings.Join(keys, " , ") + " }"
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = reversed(v[i])
		}
		return "[ " + strings.Join(parts, " ,") + "\n]"
	case string:
		var b strings.Builder
		for _, r := range v {
			b.WriteString(`\u` + strconv.FormatInt(0x10000+int64(r), 16)[1:])
		}
		return `"` + b.String() + `"`
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return "null"
}

// Each damage of a sound file is refused, with its place.
func TestXGBoostRefuses(t *testing.T) {
	sound := string(plain(t, "xgboost-3.2.0/binary/model.json.gz"))
	for _, c := range []struct{ old, new, want string }{
		{`"left_children":[1,`, `"left_children":[1.5,`, "learner.gradient_booster.model.trees[0].left_children: element 0 is 1.5: not an integer"},
		{`"left_children":[1,`, `"left_children":[01,`, "left_children: element 0 is 01"},
		{`"left_children":[1,`, `"left_children":[99,`, "trees[0]: node 0 has child 99 of"},
		{`"left_children":[1,`, `"left_children":[0,`, "trees[0]: node 0 has child 0, which has another parent or is the root"},
		{`"left_children":[1,`, `"left_children":[-1,`, "trees[0]: node 0 has a right child only"},
		{`"left_children":[1,`, `"left_children":[1,1,`, "trees[0]: num_nodes is"},
		{`"left_children":[1,`, `"left_children":"x","y":[1,`, "no array: it begins with '\"'"},
		{`"left_children":[1,`, `"news":[],"left_children":[1,`, "key news is not known"},
		{`"left_children":[1,`, `"left_children":[1],"left_children":[1,`, "key left_children stands twice"},
		{`"split_conditions":[`, `"split_conditions":[NaN,`, "split_conditions has"},
		{`"default_left":[`, `"default_left":[2,`, "default_left: element 0 is 2: neither 0 nor 1"},
		{`"tree_info":[0,`, `"tree_info":[1,`, "tree_info[0] is 1"},
		{`"num_trees":"3"`, `"num_trees":"4"`, "num_trees is 4, there are 3 trees"},
		{`"num_trees":"3"`, `"num_trees":3`, "num_trees: no string"},
		{`"num_class":"0"`, `"num_class":"2000000000"`, "num_class 2000000000"},
		{`"num_class":"0"`, `"num_class":"3"`, "num_class 3 with num_target 1 and objective binary:logistic"},
		{`"num_feature":"5","num_target"`, `"num_feature":"2","num_target"`, "trees["},
		{`"num_feature":"5","num_target"`, `"num_feature":"5000000000","num_target"`, "learner.learner_model_param.num_feature: \"5000000000\" is no number of 32 bits"},
		{`"base_score":"[3E-1]"`, `"base_score":"[3E-1,3E-1]"`, "base_score has 2 values"},
		{`"base_score":"[3E-1]"`, `"base_score":"1.5"`, "base_score 1.5 is not between 0 and 1"},
		{`"base_score":"[3E-1]"`, `"base_score":"[3E-1"`, "no closing bracket"},
		{`"base_score":"[3E-1]"`, `"base_score":"nan"`, "base_score nan is no finite number"},
		{`"name":"binary:logistic"`, `"name":"my:own"`, "objective my:own"},
		{`"name":"gbtree"`, `"name":"gbforest"`, "booster gbforest is not supported"},
		{`"version":[3,`, `"version":[3,1,`, "version: more than 3 elements"},
		{`"version":[3,`, `"version":[0,`, "version [0 2 0]"},
		{`{"learner":`, `{"Config":`, "a snapshot of memory"},
		{`{"learner":`, `{"learner"`, "no colon behind a key"},
		{`"attributes":{}`, `"attributes":{"a":"` + "\xff" + `b","best_iteration":"` + "\xff" + `"}`, "not UTF-8"},
		{`"attributes":{}`, `"attributes":` + strings.Repeat(`{"a":`, 100), "nested more than 64 deep"},
		{`"iteration_indptr":[0,1,`, `"iteration_indptr":[0,9,`, "iteration_indptr[2] is 2 behind 9"},
	} {
		if strings.Count(sound, c.old) == 0 {
			t.Errorf("no %s in the sound file", c.old)
			continue
		}
		damaged := strings.Replace(sound, c.old, c.new, 1)
		m, err := Read(strings.NewReader(damaged), "m.json")
		if err == nil || m != nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "read m.json: ") {
			t.Errorf("%s: %v, want %q", c.new, err, c.want)
		}
	}
	for cut := 0; cut < len(sound); cut += 7 {
		if _, err := Read(strings.NewReader(sound[:cut]), "m.json"); err == nil {
			t.Fatalf("cut at byte %d: read", cut)
		}
	}
	for _, path := range []string{"xgboost-3.2.0/binary/model.ubj.gz", "xgboost-0.90/binary/model.model.gz", "xgboost-1.7.6/binary/model.model.gz"} {
		whole := plain(t, path)
		for cut := range whole {
			if _, err := Read(bytes.NewReader(whole[:cut]), path); err == nil {
				t.Fatalf("%s cut at byte %d: read", path, cut)
			}
		}
		if _, err := Read(bytes.NewReader(append(whole[:len(whole):len(whole)], 0)), path); err == nil || !strings.Contains(err.Error(), "goes on behind the model") {
			t.Errorf("%s with a byte more: %v", path, err)
		}
	}
}

// A decimal becomes the float32 next to it, as strconv finds it, ties and all.
func TestParseFloat32(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	check := func(s string) {
		want, err := strconv.ParseFloat(s, 32)
		got, gotErr := parseFloat32([]byte(s))
		if (err == nil) != (gotErr == nil) || err == nil && math.Float32bits(got) != math.Float32bits(float32(want)) {
			t.Fatalf("%s: %v %v, want %v %v", s, got, gotErr, want, err)
		}
	}
	for range 30000 {
		f := math.Float32frombits(r.Uint32())
		if f-f != 0 {
			continue
		}
		check(strconv.FormatFloat(float64(f), 'E', -1, 32))
		if a := math.Abs(float64(f)); a > 1e-9 && a < 1e20 {
			check(strconv.FormatFloat(float64(f), 'f', -1, 32))
			half := (float64(f) + float64(math.Nextafter32(f, 2*f))) / 2 // a tie, and one step beside it
			for _, v := range []float64{half, math.Nextafter(half, 0), math.Nextafter(half, 2*half)} {
				check(strconv.FormatFloat(v, 'f', -1, 64))
				check(strconv.FormatFloat(v, 'e', -1, 64))
			}
		}
	}
	for _, s := range []string{"0", "-0", "0.0", "1e-50", "-1E+38", "1e39", "1e999", "123456789012345678901234567890", "3.4028235677973366e38", "16777217", "16777219", "0.000000000000000000000000000000000000000000001"} {
		check(s)
	}
	for _, s := range []string{"", "-", "01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1_0", "nan", "inf", "Inf", "1 ", "--1", "1.5.5"} {
		if v, err := parseFloat32([]byte(s)); err == nil {
			t.Errorf("%q is read as %v", s, v)
		}
	}
}

// Thresholds at the ends of float32 decide as XGBoost's "v < t" on float32 does.
func TestXGBoostThresholds(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, threshold := range []float32{-inf, -math.MaxFloat32, -1, -0x1p-149, 0, 0x1p-149, 1.5, math.MaxFloat32, inf} {
		b := &treeBuilder{nodeArrays: nodeArrays{
			nodes: 3, left: []int32{1, -1, -1}, right: []int32{2, -1, -1}, feature: make([]int32, 3), condition: []float32{threshold, 1, 2},
			gain: make([]float32, 3), cover: make([]float32, 3), defaultLeft: make([]uint8, 3),
		}}
		built, err := b.build()
		if err != nil {
			t.Fatal(err)
		}
		e := tree.NewEnsemble(model.Regression, 1, 1)
		e.Trees, e.Float32 = []tree.Tree{built}, true
		for _, v := range []float64{math.Inf(-1), -1e300, -math.MaxFloat32, -1, -5e-324, 0, 5e-324, 0x1p-149, 0x1p-150, math.Nextafter(0x1p-150, 1), 1.5, math.Nextafter(1.5, 0), 1.49999999, math.MaxFloat32, 3.4028235677973362e38, 3.4028235677973366e38, 1e300, math.Inf(1)} {
			want := 2.0
			if float32(v) < threshold {
				want = 1
			}
			var got [1]float64
			if e.Margins(got[:], []float64{v}); got[0] != want {
				t.Errorf("%v < %v: leaf %v, want %v", v, threshold, got[0], want)
			}
		}
	}
}

func TestMarginsDoNotAllocate(t *testing.T) {
	if modeltest.Raced {
		t.Skip("the race detector makes pools forget")
	}
	for _, path := range []string{"xgboost-3.2.0/cat_frame/model.ubj.gz", "xgboost-3.2.0/gblinear/model.ubj", "xgboost-3.2.0/softmax/model.ubj.gz"} {
		m := readCase(t, "testdata/"+path)
		rows := make([]float64, 10*m.Scorer.Inputs())
		dst := make([]float64, 10*m.Scorer.Outputs())
		if n := testing.AllocsPerRun(10, func() {
			m.Scorer.Margins(dst, rows)
			model.Predict(m.Scorer, dst, dst)
		}); n != 0 {
			t.Errorf("%s: %v allocations", path, n)
		}
	}
}

// Scoring from several goroutines at once gives what one gives.
func TestConcurrentScoring(t *testing.T) {
	for _, path := range []string{"xgboost-3.2.0/cat/model.ubj.gz", "xgboost-1.7.6/gblinear_multi/model.ubj", "xgboost-2.1.4/vectorleaf/model.ubj.gz"} {
		s := readCase(t, "testdata/"+path).Scorer
		rows := make([]float64, 300*s.Inputs())
		r := rand.New(rand.NewPCG(5, 6))
		for i := range rows {
			rows[i] = r.NormFloat64() * 8
		}
		want := make([]float64, 300*s.Outputs())
		s.Margins(want, rows)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				got := make([]float64, len(want))
				if s.Margins(got, rows); !slices.Equal(got, want) {
					t.Errorf("%s: other margins from another goroutine", path)
				}
				model.Predict(s, got, got)
			})
		}
		all.Wait()
	}
}
