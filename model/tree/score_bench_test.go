package tree_test

import (
	"bytes"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"fm/model"
	"fm/model/tree"
)

// table draws rows × columns values like those of flow tables: normal and long-tailed
// numbers, counts, flags, columns that are mostly zero; every third column has missing values.
func table(rng *rand.Rand, rows, columns int) []float64 {
	v := make([]float64, rows*columns)
	for c := range columns {
		absent := 0.0
		if c%3 == 0 {
			absent = 0.3 * rng.Float64()
		}
		for r := range rows {
			x := rng.NormFloat64()
			switch c % 5 {
			case 1:
				x = math.Exp(2 * x)
			case 2:
				x = math.Floor(40 * math.Exp(x))
			case 3:
				x = math.Floor(3 * rng.Float64())
			case 4:
				if rng.Float64() < 0.8 {
					x = 0
				}
			}
			if rng.Float64() < absent {
				x = math.NaN()
			}
			v[r*columns+c] = x
		}
	}
	return v
}

// grown returns trees that are grown leaf by leaf on rows, always at the leaf that promises
// most, at one of 255 quantiles of a column: lopsided, as boosted trees are.
func grown(rng *rand.Rand, rows []float64, columns, trees, leaves int) *tree.Ensemble {
	n := len(rows) / columns
	cuts := make([][]float64, columns)
	for c := range cuts {
		var sorted []float64
		for r := range n {
			if x := rows[r*columns+c]; x == x {
				sorted = append(sorted, x)
			}
		}
		slices.Sort(sorted)
		for k := 1; k < 255; k++ {
			cuts[c] = append(cuts[c], sorted[k*len(sorted)/255])
		}
		cuts[c] = slices.Compact(cuts[c])
	}
	e := tree.NewEnsemble(model.Binary, columns, 1)
	e.Transform = tree.Logistic
	for range trees {
		e.Trees = append(e.Trees, growOne(rng, rows, columns, leaves, cuts))
	}
	return e
}

type growing struct {
	rows  []int32
	split tree.Node
	score float64
	node  int32 // the parent
	right bool
}

func growOne(rng *rand.Rand, rows []float64, columns, leaves int, cuts [][]float64) tree.Tree {
	left := func(n *tree.Node, r int32) bool {
		v := rows[int(r)*columns+int(n.Feature)]
		return v <= n.Threshold || v != v && n.MissingLeft
	}
	look := func(g *growing) {
		g.score = -1
		for range 8 {
			c := int(float64(columns) * rng.Float64() * rng.Float64()) // some columns are asked for more often
			n := tree.Node{Feature: int32(c), Threshold: cuts[c][rng.IntN(len(cuts[c]))], MissingLeft: rng.IntN(4) == 0}
			k := 0
			for _, r := range g.rows {
				if left(&n, r) {
					k++
				}
			}
			u := rng.Float64()
			if s := float64(k) * float64(len(g.rows)-k) / float64(len(g.rows)) * u * u; k >= 5 && len(g.rows)-k >= 5 && s > g.score {
				g.split, g.score = n, s
			}
		}
	}
	root := growing{node: -1}
	for r := range len(rows) / columns {
		root.rows = append(root.rows, int32(r))
	}
	look(&root)
	open := []growing{root}
	var t tree.Tree
	for len(open) < leaves {
		best := 0
		for i := range open {
			if open[i].score > open[best].score {
				best = i
			}
		}
		g := open[best]
		if g.score < 0 {
			break
		}
		var parts [2]growing
		for _, r := range g.rows {
			k := 0
			if !left(&g.split, r) {
				k = 1
			}
			parts[k].rows = append(parts[k].rows, r)
		}
		at := int32(len(t.Nodes))
		t.Nodes, t.Gain = append(t.Nodes, g.split), append(t.Gain, float32(g.score))
		link(&t, &g, at)
		for k := range parts {
			parts[k].node, parts[k].right = at, k == 1
			look(&parts[k])
		}
		open[best] = parts[0]
		open = append(open, parts[1])
	}
	for i := range open {
		link(&t, &open[i], ^int32(i))
		t.Values = append(t.Values, 0.1*rng.NormFloat64())
		t.Cover = append(t.Cover, float64(len(open[i].rows)))
	}
	return t
}

func link(t *tree.Tree, g *growing, child int32) {
	if g.node >= 0 && g.right {
		t.Nodes[g.node].Right = child
	} else if g.node >= 0 {
		t.Nodes[g.node].Left = child
	}
}

// shape is a model and rows to score.
type shape struct {
	e    *tree.Ensemble
	rows []float64
}

func synthetic(rows, trees, leaves int) shape {
	const columns = 75
	rng := rand.New(rand.NewPCG(7, 7))
	v := table(rng, rows, columns)
	return shape{grown(rng, v, columns, trees, leaves), v[:4096*columns]}
}

func defaultModel(b *testing.B) shape {
	file, err := os.ReadFile("../../models/default.fm")
	if err != nil {
		b.Fatal(err)
	}
	s, err := tree.Codec{}.Decode(bytes.SplitN(file, []byte("\n"), 3)[2])
	if err != nil {
		b.Fatal(err)
	}
	e := s.(*tree.Ensemble)
	return shape{e, table(rand.New(rand.NewPCG(7, 7)), 1024, e.Inputs())}
}

// benchmark scores batch rows at a time on the plain path and with each kernel.
func benchmark(b *testing.B, s shape, batch int) {
	w, n := s.e.Inputs(), len(s.rows)/s.e.Inputs()
	dst := make([]float64, batch*s.e.Outputs())
	ways := s.e.Scorers()
	ways["plain"] = s.e.PlainMargins
	for _, name := range slices.Sorted(maps.Keys(ways)) {
		margins := ways[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			at, rows := 0, 0
			for b.Loop() {
				margins(dst, s.rows[at*w:(at+batch)*w])
				if at += batch; at+batch > n {
					at = 0
				}
				rows += batch
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
		})
	}
}

func BenchmarkScoreBatch100x31(b *testing.B)   { benchmark(b, synthetic(8000, 100, 31), 512) }
func BenchmarkScoreSingle100x31(b *testing.B)  { benchmark(b, synthetic(8000, 100, 31), 1) }
func BenchmarkScoreBatch500x255(b *testing.B)  { benchmark(b, synthetic(10000, 500, 255), 512) }
func BenchmarkScoreSingle500x255(b *testing.B) { benchmark(b, synthetic(10000, 500, 255), 1) }
func BenchmarkScoreForest(b *testing.B)        { benchmark(b, synthetic(20000, 100, 2000), 512) }
func BenchmarkScoreDefault(b *testing.B)       { benchmark(b, defaultModel(b), 512) }
