package boost_test

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fm/dataset"
	"fm/model/boost"
	"fm/model/modeltest"
	"fm/model/tree"
)

// Made by testdata/golden.py.
//
//go:embed testdata/golden.json
var golden []byte

// The trees are LightGBM's: the same gains, and the same margins for every row. It keeps
// gradients in float32, so seven digits are what can be asked for.
func TestLightGBM(t *testing.T) {
	var g struct {
		Table  map[string][]*float64
		Y, Y3  []int32
		Weight []float64
		Cases  []struct {
			Name, Columns  string
			L1, L2         float64
			MinHessian     float64 `json:"min_hessian"`
			MinLeaf        int     `json:"min_leaf"`
			MaxDepth       int     `json:"max_depth"`
			Classes        int
			Weight         bool
			Gains, Margins []float64
		}
	}
	if err := json.Unmarshal(golden, &g); err != nil {
		t.Fatal(err)
	}
	for _, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) {
			f := &dataset.Frame{Schema: &dataset.Schema{}, Classes: []string{"benign", "malicious"}, Y: g.Y}
			if c.Classes == 3 {
				f.Classes, f.Y = append(f.Classes, "other"), g.Y3
			}
			if c.Weight {
				f.Weight = g.Weight
			}
			for _, name := range strings.Fields(c.Columns) {
				col := dataset.Col{}
				for _, v := range g.Table[name] {
					if v == nil {
						col.Values = append(col.Values, math.NaN())
					} else {
						col.Values = append(col.Values, *v)
					}
				}
				if name == "few" || name == "many" {
					for w := range 24 {
						col.Words = append(col.Words, strconv.Itoa(w))
					}
				}
				f.Schema.Columns = append(f.Schema.Columns, dataset.Column{Name: name})
				f.Cols = append(f.Cols, col)
			}
			f.SetRows(len(f.Y))
			s, err := boost.Trainer{Trees: 6, Leaves: 8, MinGroup: 20, NodeColumns: 1, L1: c.L1, L2: c.L2, MinHessian: c.MinHessian,
				MinLeaf: c.MinLeaf, MaxDepth: c.MaxDepth}.Train(context.Background(), f, modeltest.All(f))
			if err != nil {
				t.Fatal(err)
			}
			var gains []float64
			for _, one := range s.(*tree.Ensemble).Trees {
				for _, v := range one.Gain {
					gains = append(gains, float64(v))
				}
			}
			slices.Sort(gains)
			if len(gains) != len(c.Gains) {
				t.Fatalf("%d splits, LightGBM has %d", len(gains), len(c.Gains))
			}
			for i, v := range gains {
				if math.Abs(v-c.Gains[i]) > 2e-5*math.Max(1, v) {
					t.Errorf("gain %d is %v, LightGBM's %v", i, v, c.Gains[i])
				}
			}
			margins := make([]float64, len(c.Margins))
			s.Margins(margins, modeltest.Flat(f))
			for i, v := range margins {
				if math.Abs(v-c.Margins[i]) > 1e-6*math.Max(1, math.Abs(v)) {
					t.Fatalf("margin %d is %v, LightGBM's %v", i, v, c.Margins[i])
				}
			}
		})
	}
}

// The same bits on every processor: the sum is of thresholds, gains and values as amd64
// computes them; arm64 could fuse products with sums and has another exp.
func TestSameBits(t *testing.T) {
	var g struct {
		Table map[string][]*float64
		Y, Y3 []int32
	}
	if err := json.Unmarshal(golden, &g); err != nil {
		t.Fatal(err)
	}
	f := &dataset.Frame{Classes: []string{"benign", "malicious", "other"}, Y: g.Y3}
	for _, name := range []string{"a", "b", "gap"} {
		col := dataset.Col{}
		for _, v := range g.Table[name] {
			x := math.NaN()
			if v != nil {
				x = *v
			}
			col.Values = append(col.Values, x)
		}
		f.Cols = append(f.Cols, col)
	}
	f.SetRows(len(f.Y))
	sum := sha256.New()
	for _, tr := range []boost.Trainer{{Trees: 30, MinHessian: 0.01, MinLeaf: 5}, {Trees: 30, Rows: 0.7, Balanced: true, L1: 0.1}, {Trees: 30, GOSS: true}} {
		for _, one := range train(t, tr, f).Trees {
			for i := range one.Nodes {
				binary.Write(sum, binary.LittleEndian, []float64{one.Nodes[i].Threshold, float64(one.Gain[i])})
			}
			binary.Write(sum, binary.LittleEndian, one.Values)
		}
	}
	if got := fmt.Sprintf("%x", sum.Sum(nil)[:8]); got != "a84cd1eeae80b421" {
		t.Errorf("sum %s", got)
	}
}
