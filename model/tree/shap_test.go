package tree

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"fm/model"
	"fm/model/modeltest"
)

// legendre's points and weights are those of numpy.polynomial.legendre.leggauss(4) 2.x,
// moved from [-1, 1] to [0, 1].
func TestLegendre(t *testing.T) {
	r := legendre(4)
	on := []float64{0.9305681557970262, 0.6699905217924281, 0.33000947820757187, 0.06943184420297371}
	weight := []float64{0.17392742256872692, 0.32607257743127307, 0.32607257743127307, 0.17392742256872692}
	for i := range on {
		if math.Abs(r.on[i]-on[i]) > 2e-16 || math.Abs(r.weight[i]-weight[i]) > 2e-16 || r.on[i]+r.off[i] != 1 {
			t.Errorf("point %d: %v, %v, weight %v", i, r.on[i], r.off[i], r.weight[i])
		}
	}
	// Beta function: the integral of t^a (1-t)^b is a! b! / (a+b+1)!.
	for _, n := range []int{1, 2, 3, 5, 8, 20, 64, 512} {
		r := legendre(n)
		for _, a := range []int{0, 1, n / 2, n, 2*n - 1} {
			b := 2*n - 1 - a
			sum := 0.0
			for i := range r.on {
				sum += r.weight[i] * math.Pow(r.on[i], float64(a)) * math.Pow(r.off[i], float64(b))
			}
			la, _ := math.Lgamma(float64(a + 1))
			lb, _ := math.Lgamma(float64(b + 1))
			lc, _ := math.Lgamma(float64(a + b + 2))
			if want := math.Exp(la + lb - lc); math.Abs(sum/want-1) > 1e-11 {
				t.Errorf("%d points: integral of t^%d (1-t)^%d is %v, want %v", n, a, b, sum, want)
			}
		}
	}
}

// One tree by hand. The root asks input 0 (4 rows left, 6 right); left is the leaf 10; right
// asks input 1 (2 of the 6 left: leaf 20; 4 right: leaf 40). For a row that goes right and
// right, what is expected by known inputs: none 0.4·10 + 0.6·(20/3 + 80/3) = 24; input 0
// 100/3; input 1 0.4·10 + 0.6·40 = 28; both 40. Shapley: input 0 ((100/3 - 24) + (40 - 28))/2
// = 32/3, input 1 ((28 - 24) + (40 - 100/3))/2 = 16/3.
func TestContributionsByHand(t *testing.T) {
	e := NewEnsemble(model.Regression, 2, 1)
	e.Base[0] = 1
	e.Trees = []Tree{
		{
			Nodes:  []Node{{Feature: 0, Left: -1, Right: 1, Threshold: 5}, {Feature: 1, Left: -2, Right: -3, Threshold: 7}},
			Values: []float64{10, 20, 40}, Cover: []float64{4, 2, 4}, Gain: []float32{1, 1},
		},
		{Values: []float64{3}, Cover: []float64{10}},
	}
	check(t, e, []float64{6, 8}, 0, []float64{32. / 3, 16. / 3, 24 + 3 + 1})
	// The same average, and a forest of leaves only.
	e.Average = true
	check(t, e, []float64{6, 8}, 0, []float64{16. / 3, 8. / 3, 27./2 + 1})
	// Nodes that have more cover than their children together: the root's shares are 0.2 and 0.3.
	e.Average, e.Trees = false, e.Trees[:1]
	e.Trees[0].NodeCover = []float64{20, 6}
	// none 0.2·10 + 0.3·100/3 = 12; input 0 100/3; input 1 0.2·10 + 0.3·40 = 14; both 40.
	check(t, e, []float64{6, 8}, 0, []float64{(100./3 - 12 + 40 - 14) / 2, (14 - 12 + 40 - 100./3) / 2, 13})
}

func check(t *testing.T, e *Ensemble, row []float64, output int, want []float64) {
	t.Helper()
	explain, err := e.Explain()
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, len(want))
	explain(got, row, output)
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-13*(1+math.Abs(want[i])) {
			t.Errorf("input %d of %d: %v, want %v", i, len(want)-1, got[i], want[i])
		}
	}
}

// expected is what a row gets of which the inputs in known are known: by definition, slowly.
func (t *Tree) expected(at int32, row []float64, known uint, float bool, output, outputs int, cover func(int32) float64) float64 {
	if at < 0 {
		offset, stride := t.values(output, outputs)
		return t.Values[int(^at)*stride+offset]
	}
	n := &t.Nodes[at]
	if known>>n.Feature&1 == 1 {
		next := n.Right
		if t.left(n, row[n.Feature], float) {
			next = n.Left
		}
		return t.expected(next, row, known, float, output, outputs, cover)
	}
	left, right := 0.5, 0.5
	if cover(at) > 0 {
		left, right = cover(n.Left)/cover(at), cover(n.Right)/cover(at)
	}
	return left*t.expected(n.Left, row, known, float, output, outputs, cover) + right*t.expected(n.Right, row, known, float, output, outputs, cover)
}

// shapley is Shapley's formula over all subsets of inputs.
func shapley(e *Ensemble, row []float64, output int) []float64 {
	game := make([]float64, 1<<e.inputs)
	for known := range game {
		for i := range e.Trees {
			t := &e.Trees[i]
			if t.Output != Vector && int(t.Output) != output {
				continue
			}
			var cover func(at int32) float64
			cover = func(at int32) float64 {
				switch {
				case at < 0:
					return t.Cover[^at]
				case t.NodeCover != nil:
					return t.NodeCover[at]
				}
				return cover(t.Nodes[at].Left) + cover(t.Nodes[at].Right)
			}
			game[known] += t.expected(t.root(), row, uint(known), e.Float32, output, len(e.Base), cover)
		}
		if e.BaseFirst {
			game[known] += e.Base[output]
		}
		if e.Average && len(e.Trees) > 0 {
			game[known] /= float64(len(e.Trees))
		}
		if !e.BaseFirst {
			game[known] += e.Base[output]
		}
	}
	fact := []float64{1}
	for i := 1; i <= e.inputs; i++ {
		fact = append(fact, fact[i-1]*float64(i))
	}
	out := make([]float64, e.inputs+1)
	for i := range e.inputs {
		for s := range game {
			if s>>i&1 == 1 {
				continue
			}
			n := bits.OnesCount(uint(s))
			out[i] += fact[n] * fact[e.inputs-n-1] / fact[e.inputs] * (game[s|1<<i] - game[s])
		}
	}
	out[e.inputs] = game[0]
	return out
}

// drawTree makes a tree of up to size nodes whose inputs come again and again.
func drawTree(t *rapid.T, inputs, outputs, size int) Tree {
	var tree Tree
	tree.Output = int32(rapid.IntRange(-1, outputs-1).Draw(t, "output"))
	width := 1
	if tree.Output == Vector {
		width = outputs
	}
	cover := rapid.SampledFrom([]float64{0, 1, 2, 3, 10, 0.25})
	var grow func(depth int) int32
	grow = func(depth int) int32 {
		if len(tree.Nodes) >= size || depth > 7 || rapid.IntRange(0, 4).Draw(t, "stop") == 0 {
			for range width {
				tree.Values = append(tree.Values, float64(rapid.IntRange(-8, 8).Draw(t, "value"))/4)
			}
			tree.Cover = append(tree.Cover, cover.Draw(t, "cover"))
			return ^int32(len(tree.Cover) - 1)
		}
		at := len(tree.Nodes)
		n := Node{
			Feature: int32(rapid.IntRange(0, inputs-1).Draw(t, "feature")), Threshold: float64(rapid.IntRange(-2, 2).Draw(t, "threshold")),
			MissingLeft: rapid.Bool().Draw(t, "missing"), Kind: Kind(rapid.IntRange(0, 2).Draw(t, "kind")),
		}
		if n.Kind == Categorical {
			n.Set = uint16(len(tree.Sets))
			tree.Sets = append(tree.Sets, Set{Bits: []uint64{rapid.Uint64().Draw(t, "set")}, Below: rapid.Bool().Draw(t, "below")})
		}
		tree.Nodes, tree.Gain = append(tree.Nodes, n), append(tree.Gain, 1)
		left := grow(depth + 1)
		right := grow(depth + 1)
		tree.Nodes[at].Left, tree.Nodes[at].Right = left, right
		return int32(at)
	}
	grow(0)
	if rapid.Bool().Draw(t, "node covers") {
		for range tree.Nodes {
			tree.NodeCover = append(tree.NodeCover, 20*cover.Draw(t, "node cover"))
		}
	}
	return tree
}

// Contributions are Shapley's values of the conditional expectation by cover, and sum to
// the margin, whatever trees there are.
func TestContributionsAreShapleyValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inputs, outputs := rapid.IntRange(1, 7).Draw(t, "inputs"), rapid.IntRange(1, 3).Draw(t, "outputs")
		e := NewEnsemble(model.Regression, inputs, outputs)
		e.Average, e.BaseFirst = rapid.Bool().Draw(t, "average"), rapid.Bool().Draw(t, "base first")
		if !e.Average {
			e.Float32 = rapid.Bool().Draw(t, "float32")
		}
		for o := range e.Base {
			e.Base[o] = float64(rapid.IntRange(-3, 3).Draw(t, "base"))
		}
		for range rapid.IntRange(0, 4).Draw(t, "trees") {
			e.Trees = append(e.Trees, drawTree(t, inputs, outputs, 20))
		}
		if err := e.Validate(); err != nil {
			t.Fatal(err)
		}
		explain, err := e.Explain()
		if err != nil {
			t.Fatal(err)
		}
		row := make([]float64, inputs)
		for i := range row {
			row[i] = rapid.SampledFrom([]float64{-3, -2, -1.5, -0.5, 0, 1e-36, 1, 1.5, 2, 3, 40, 64, math.NaN(), math.Inf(1)}).Draw(t, "x")
		}
		margins, got := make([]float64, outputs), make([]float64, inputs+1)
		e.Margins(margins, row)
		for o := range outputs {
			want := shapley(e, row, o)
			explain(got, row, o)
			sum, size := 0.0, 1.0
			for i := range got {
				sum, size = sum+got[i], size+math.Abs(want[i])
			}
			for i := range got {
				if math.Abs(got[i]-want[i]) > 1e-12*size {
					t.Errorf("output %d, input %d: %v, want %v", o, i, got[i], want[i])
				}
			}
			if math.Abs(sum-margins[o]) > 1e-9*size {
				t.Errorf("output %d: contributions sum to %v, the margin is %v", o, sum, margins[o])
			}
		}
	})
}

// A path over 120 inputs, each asked for twice, sums to the margin too.
func TestContributionsOfDeepTrees(t *testing.T) {
	const inputs = 120
	rng := rand.New(rand.NewPCG(1, 2))
	e := NewEnsemble(model.Binary, inputs, 1)
	e.Trees = []Tree{chain(2*inputs, inputs, rng)}
	explain, err := e.Explain()
	if err != nil {
		t.Fatal(err)
	}
	row, got, margin := make([]float64, inputs), make([]float64, inputs+1), make([]float64, 1)
	for range 100 {
		for i := range row {
			row[i] = rng.Float64() * 1.2
		}
		explain(got, row, 0)
		e.Margins(margin, row)
		sum := 0.0
		for _, v := range got {
			sum += v
		}
		if !(math.Abs(sum-margin[0]) < 1e-11) {
			t.Fatalf("sum %v, margin %v", sum, margin[0])
		}
	}
	e.Trees[0] = chain(maxLevels+1, inputs, rng)
	if _, err := e.Explain(); err == nil {
		t.Error("a tree of any depth is explained")
	}
}

// chain is a tree of so many nodes, each the right child of the one before.
func chain(nodes, inputs int, rng *rand.Rand) Tree {
	t := Tree{Values: []float64{rng.NormFloat64()}, Cover: []float64{5}}
	for i := range nodes {
		n := Node{Feature: int32(i % inputs), Threshold: rng.Float64() * 0.3, Left: ^int32(i + 1), Right: int32(i + 1)}
		if i == nodes-1 {
			n.Right = ^int32(0)
		}
		t.Nodes, t.Gain = append(t.Nodes, n), append(t.Gain, 1)
		t.Values, t.Cover = append(t.Values, rng.NormFloat64()), append(t.Cover, 1+rng.Float64())
	}
	return t
}

// What can't be split says so.
func TestExplainLinearLeaves(t *testing.T) {
	e := NewEnsemble(model.Regression, 1, 1)
	e.Trees = []Tree{{Values: []float64{1}, Cover: []float64{1}, Linear: []Linear{{Const: 1}}}}
	if _, err := e.Explain(); err == nil {
		t.Error("linear leaves are explained")
	}
}

// grown is an ensemble like those of gradient boosting: leaf-wise, the leaf with the
// largest cover first.
func grown(inputs, trees, leaves int) *Ensemble {
	rng := rand.New(rand.NewPCG(3, 4))
	e := NewEnsemble(model.Binary, inputs, 1)
	for range trees {
		t := Tree{Values: []float64{rng.Float64() - 0.5}, Cover: []float64{10000}}
		type edge struct {
			node  int
			right bool
		}
		from := []edge{{-1, false}}
		for len(t.Cover) < leaves {
			best := 0
			for l, c := range t.Cover {
				if c*(0.5+rng.Float64()) > t.Cover[best] {
					best = l
				}
			}
			at, c := len(t.Nodes), t.Cover[best]
			share := 0.1 + float64(0.8*rng.Float64())
			if f := from[best]; f.node >= 0 && f.right {
				t.Nodes[f.node].Right = int32(at)
			} else if f.node >= 0 {
				t.Nodes[f.node].Left = int32(at)
			}
			t.Nodes = append(t.Nodes, Node{Feature: int32(rng.IntN(inputs)), Threshold: rng.Float64(), Left: ^int32(best), Right: ^int32(len(t.Cover))})
			t.Gain = append(t.Gain, 1)
			from[best] = edge{at, false}
			from = append(from, edge{at, true})
			t.Cover[best] = c * share
			t.Cover, t.Values = append(t.Cover, c*(1-share)), append(t.Values, rng.Float64()-0.5)
		}
		e.Trees = append(e.Trees, t)
	}
	return e
}

// The same bits on every processor: a hash of contributions as amd64 computes them.
func TestContributionsSameBits(t *testing.T) {
	e := grown(20, 20, 31)
	explain, err := e.Explain()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 8))
	h := fnv.New64a()
	row, dst := make([]float64, 20), make([]float64, 21)
	for range 100 {
		for i := range row {
			row[i] = rng.Float64()
		}
		explain(dst, row, 0)
		for _, v := range dst {
			binary.Write(h, binary.LittleEndian, v)
		}
	}
	if got := h.Sum64(); got != 0x6dbc0646aa533304 {
		t.Errorf("hash %#x", got)
	}
}

// Under the race detector sync.Pool drops some of what it is given, so that nothing can be
// said there.
func TestContributionsDoNotAllocate(t *testing.T) {
	if modeltest.Raced {
		t.Skip("the race detector makes pools forget")
	}
	e := grown(75, 10, 31)
	explain, err := e.Explain()
	if err != nil {
		t.Fatal(err)
	}
	dst, row := make([]float64, 76), make([]float64, 75)
	explain(dst, row, 0)
	if n := testing.AllocsPerRun(100, func() { explain(dst, row, 0) }); n > 0 {
		t.Errorf("%v allocations a row", n)
	}
}

func BenchmarkContributions(b *testing.B) {
	for _, c := range []struct {
		name                  string
		inputs, trees, leaves int
	}{
		{"100x31/75", 75, 100, 31},
		{"100x31/315", 315, 100, 31},
		{"500x255/75", 75, 500, 255},
	} {
		b.Run(c.name, func(b *testing.B) {
			e := grown(c.inputs, c.trees, c.leaves)
			explain, err := e.Explain()
			if err != nil {
				b.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(5, 6))
			rows := make([]float64, 256*c.inputs)
			for i := range rows {
				rows[i] = rng.Float64()
			}
			dst := make([]float64, c.inputs+1)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				explain(dst, rows[i*c.inputs:(i+1)*c.inputs], 0)
				i = (i + 1) % 256
			}
		})
	}
}
