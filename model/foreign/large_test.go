package foreign

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"

	"fm/model/tree"
)

// largeTree is a tree of random shape as XGBoost's arrays hold it.
type largeTree struct {
	left, right, parent, feature []int32
	condition, gain, cover       []float32
	defaultLeft                  []uint8
}

const largeInputs = 100

func growLarge(r *rand.Rand, leaves int) *largeTree {
	t := &largeTree{}
	add := func(parent int32) {
		t.left, t.right, t.parent = append(t.left, -1), append(t.right, -1), append(t.parent, parent)
		t.feature, t.condition = append(t.feature, 0), append(t.condition, r.Float32()-0.5)
		t.gain, t.cover, t.defaultLeft = append(t.gain, 0), append(t.cover, float32(r.IntN(5000))), append(t.defaultLeft, 0)
	}
	add(math.MaxInt32)
	open := []int32{0}
	for len(open) < leaves {
		k := r.IntN(len(open))
		i := open[k]
		t.left[i], t.right[i] = int32(len(t.left)), int32(len(t.left)+1)
		t.feature[i], t.gain[i], t.defaultLeft[i] = int32(r.IntN(largeInputs)), r.Float32()*100, uint8(r.IntN(2))
		t.condition[i] = float32(r.IntN(1000000)) / 64
		open[k] = t.left[i]
		open = append(open, t.right[i])
		add(i)
		add(i)
	}
	return t
}

func growLargeTrees(trees, leaves int) []*largeTree {
	var out []*largeTree
	for i := range trees {
		out = append(out, growLarge(rand.New(rand.NewPCG(1, uint64(i))), leaves))
	}
	return out
}

// largeWriter writes documents as XGBoost does, with keys in alphabetical order.
type largeWriter interface {
	begin()
	key(name string)
	end()
	beginArray(n int)
	comma(i int)
	endArray()
	text(s string)
	ints(v []int32)
	flags(v []uint8)
	floats(v []float32)
	bytes() []byte
}

func writeLarge(w largeWriter, trees []*largeTree) []byte {
	object := func(fields ...any) {
		w.begin()
		for i := 0; i < len(fields); i += 2 {
			w.key(fields[i].(string))
			switch v := fields[i+1].(type) {
			case string:
				w.text(v)
			case []int32:
				w.ints(v)
			case []uint8:
				w.flags(v)
			case []float32:
				w.floats(v)
			case func():
				v()
			}
		}
		w.end()
	}
	none := func() { object() }
	noTexts := func() { w.beginArray(0); w.endArray() }
	one := func(t *largeTree) {
		n := strconv.Itoa(len(t.left))
		object("base_weights", t.condition, "categories", []int32{}, "categories_nodes", []int32{}, "categories_segments", []int32{}, "categories_sizes", []int32{},
			"default_left", t.defaultLeft, "left_children", t.left, "loss_changes", t.gain, "parents", t.parent, "right_children", t.right,
			"split_conditions", t.condition, "split_indices", t.feature, "split_type", make([]uint8, len(t.left)), "sum_hessian", t.cover,
			"tree_param", func() {
				object("num_deleted", "0", "num_feature", strconv.Itoa(largeInputs), "num_nodes", n, "size_leaf_vector", "1")
			})
	}
	object("learner", func() {
		object("attributes", none, "feature_names", noTexts, "feature_types", noTexts, "gradient_booster", func() {
			object("model", func() {
				object("gbtree_model_param", func() {
					object("num_parallel_tree", "1", "num_trees", strconv.Itoa(len(trees)))
				}, "tree_info", make([]int32, len(trees)), "trees", func() {
					w.beginArray(len(trees))
					for i, t := range trees {
						w.comma(i)
						one(t)
					}
					w.endArray()
				})
			}, "name", "gbtree")
		}, "learner_model_param", func() {
			object("base_score", "5E-1", "boost_from_average", "1", "num_class", "0", "num_feature", strconv.Itoa(largeInputs), "num_target", "1")
		}, "objective", func() { object("name", "binary:logistic") })
	}, "version", []int32{3, 2, 0})
	return w.bytes()
}

type largeJSON struct {
	b     []byte
	first bool
}

func (w *largeJSON) begin() { w.b, w.first = append(w.b, '{'), true }
func (w *largeJSON) key(name string) {
	if !w.first {
		w.b = append(w.b, ',')
	}
	w.first = false
	w.b = append(append(w.b, strconv.Quote(name)...), ':')
}
func (w *largeJSON) end()           { w.b, w.first = append(w.b, '}'), false }
func (w *largeJSON) beginArray(int) { w.b = append(w.b, '[') }
func (w *largeJSON) comma(i int) {
	if i > 0 {
		w.b = append(w.b, ',')
	}
}
func (w *largeJSON) endArray()     { w.b = append(w.b, ']') }
func (w *largeJSON) text(s string) { w.b = append(w.b, strconv.Quote(s)...) }
func (w *largeJSON) bytes() []byte { return w.b }

func writeNumbers[T any](w *largeJSON, v []T, one func([]byte, T) []byte) {
	w.beginArray(len(v))
	for i, x := range v {
		w.comma(i)
		w.b = one(w.b, x)
	}
	w.endArray()
}

func (w *largeJSON) ints(v []int32) {
	writeNumbers(w, v, func(b []byte, x int32) []byte { return strconv.AppendInt(b, int64(x), 10) })
}

func (w *largeJSON) flags(v []uint8) {
	writeNumbers(w, v, func(b []byte, x uint8) []byte { return strconv.AppendInt(b, int64(x), 10) })
}

func (w *largeJSON) floats(v []float32) {
	writeNumbers(w, v, func(b []byte, x float32) []byte { return strconv.AppendFloat(b, float64(x), 'G', -1, 32) })
}

type largeUBJSON struct{ b []byte }

func (w *largeUBJSON) length(n int) {
	w.b = binary.BigEndian.AppendUint64(append(w.b, 'L'), uint64(n))
}
func (w *largeUBJSON) begin() { w.b = append(w.b, '{') }
func (w *largeUBJSON) key(name string) {
	w.length(len(name))
	w.b = append(w.b, name...)
}
func (w *largeUBJSON) end() { w.b = append(w.b, '}') }
func (w *largeUBJSON) beginArray(n int) {
	w.b = append(w.b, "[#"...)
	w.length(n)
}
func (w *largeUBJSON) comma(int)     {}
func (w *largeUBJSON) endArray()     {}
func (w *largeUBJSON) bytes() []byte { return w.b }
func (w *largeUBJSON) text(s string) {
	w.b = append(w.b, 'S')
	w.key(s)
}
func (w *largeUBJSON) typed(kind byte, n int) {
	w.b = append(w.b, '[', '$', kind, '#')
	w.length(n)
}
func (w *largeUBJSON) ints(v []int32) {
	w.typed('l', len(v))
	for _, x := range v {
		w.b = binary.BigEndian.AppendUint32(w.b, uint32(x))
	}
}
func (w *largeUBJSON) flags(v []uint8) {
	w.typed('U', len(v))
	w.b = append(w.b, v...)
}
func (w *largeUBJSON) floats(v []float32) {
	w.typed('d', len(v))
	for _, x := range v {
		w.b = binary.BigEndian.AppendUint32(w.b, math.Float32bits(x))
	}
}

// writeLargeBinary writes trees in the old binary format of version 1.7.
func writeLargeBinary(trees []*largeTree) []byte {
	var b []byte
	u32 := func(v ...uint32) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
	}
	text := func(s string) {
		b = append(binary.LittleEndian.AppendUint64(b, uint64(len(s))), s...)
	}
	pad := func(start, size int) { b = append(b, make([]byte, size-(len(b)-start))...) }
	b = append(b, "binf"...)
	u32(math.Float32bits(0.5), largeInputs, 0, 0, 0, 1, 7, 1)
	pad(4, learnerSize)
	text("binary:logistic")
	text("gbtree")
	start := len(b)
	u32(uint32(len(trees)))
	pad(start, boosterSize)
	for _, t := range trees {
		start := len(b)
		u32(1, uint32(len(t.left)), 0, 0, largeInputs, 0)
		pad(start, treeSize)
		for i := range t.left {
			u32(uint32(t.parent[i]), uint32(t.left[i]), uint32(t.right[i]), uint32(t.feature[i])|uint32(t.defaultLeft[i])<<31, math.Float32bits(t.condition[i]))
		}
		for i := range t.left {
			u32(math.Float32bits(t.gain[i]), math.Float32bits(t.cover[i]), 0, 0)
		}
	}
	return append(b, make([]byte, 4*len(trees))...)
}

// largeFiles are the three formats of one model.
func largeFiles(trees, leaves int) map[string][]byte {
	grown := growLargeTrees(trees, leaves)
	return map[string][]byte{
		"json": writeLarge(&largeJSON{}, grown), "ubjson": writeLarge(&largeUBJSON{}, grown), "binary": writeLargeBinary(grown),
	}
}

// formBytes is the memory of the trees.
func formBytes(e *tree.Ensemble) (n uint64) {
	for i := range e.Trees {
		v := reflect.ValueOf(e.Trees[i])
		n += uint64(v.Type().Size())
		for f := range v.NumField() {
			if v.Field(f).Kind() == reflect.Slice {
				n += uint64(v.Field(f).Cap()) * uint64(v.Field(f).Type().Elem().Size())
			}
		}
	}
	return n
}

// The three formats of one model are one model, and loading takes at most three times the
// memory of what it gives.
func TestLargeXGBoost(t *testing.T) {
	rows := make([]float64, 50*largeInputs)
	r := rand.New(rand.NewPCG(2, 3))
	for i := range rows {
		rows[i] = r.Float64() * 16000
	}
	var first []float64
	for name, file := range largeFiles(100, 255) {
		var m *Model
		took := measure(func() {
			var err error
			if m, err = Read(bytes.NewReader(file), name); err != nil {
				t.Fatal(err)
			}
		})
		e := m.Scorer.(*tree.Ensemble)
		if form := formBytes(e); took.bytes > 3*form {
			t.Errorf("%s: %d bytes for a model of %d", name, took.bytes, form)
		}
		got := make([]float64, 50)
		e.Margins(got, rows)
		if first == nil {
			first = got
		}
		for i := range got {
			if got[i] != first[i] {
				t.Errorf("%s: margin of row %d is %v, in another format %v", name, i, got[i], first[i])
			}
		}
	}
}

// A model of 500 trees of 255 leaves is to load in 150 ms.
func BenchmarkReadXGBoost(b *testing.B) {
	files := largeFiles(500, 255)
	for _, name := range []string{"binary", "json", "ubjson"} {
		b.Run(fmt.Sprintf("%s_500x255", name), func(b *testing.B) {
			b.SetBytes(int64(len(files[name])))
			b.ReportAllocs()
			var m *Model
			for b.Loop() {
				var err error
				if m, err = Read(bytes.NewReader(files[name]), name); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(formBytes(m.Scorer.(*tree.Ensemble))), "form-B")
		})
	}
}
