// Package golearn fits decision trees with golearn and turns them into our nodes, for
// those who want golearn's algorithms; forest and tree are faster and better.
//
// It is the only package that reaches golearn, and only golearn's packages without cgo
// (base, trees). golearn fits; saving and scoring are ours. What was found wrong with it
// and is worked around here: it hangs on missing and infinite values; it panics for
// errors; it walks maps, so that ties fall differently in each run; its random trees draw
// from the order of a map and from the global source, and hang when a path has used up
// its columns; its bagging runs fits in goroutines whose panics nobody can catch. So
// columns are handed over in their order and drawn with a source of our own, bags are
// drawn here, and a fit is repeatable. Start with [Trainer].
package golearn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/trees"

	"fm/dataset"
	"fm/model"
	"fm/model/tree"
)

// Algorithm is what golearn fits.
type Algorithm string

// Algorithms.
const (
	ID3    Algorithm = "id3"    // one tree by information gain; a column splits once on a path
	CART   Algorithm = "cart"   // one tree by Gini impurity, five splits deep
	Forest Algorithm = "forest" // bagged ID3 trees on random columns in every node
)

// Trainer fits with golearn. Zero fields mean the defaults given.
type Trainer struct {
	Algorithm Algorithm     `json:"algorithm"` // id3
	Trees     int           `json:"trees"`     // of a forest: 20
	Features  int           `json:"features"`  // columns drawn in each node of a forest: the square root of their number
	MaxDepth  int           `json:"max_depth"` // of cart: 5
	Rows      int           `json:"rows"`      // limit: 10000, for cart 4000
	Deadline  time.Duration `json:"-"`         // of one fit: 5 minutes
	Seed      uint64        `json:"seed"`
	Workers   int           `json:"-"` // trees fitted at a time: one a CPU
}

var _ model.Trainer = Trainer{}

// ErrLimit is the cause when rows or time are above the trainer's limits.
var ErrLimit = errors.New("above the limit of golearn")

// WithDefaults returns t with zero fields replaced for a table of columns columns.
func (t Trainer) WithDefaults(columns int) Trainer {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	if t.Algorithm == "" {
		t.Algorithm = ID3
	}
	def(&t.Trees, 20)
	def(&t.Features, max(1, int(math.Sqrt(float64(columns)))))
	def(&t.MaxDepth, 5)
	def(&t.Rows, map[Algorithm]int{ID3: 10000, Forest: 10000, CART: 4000}[t.Algorithm])
	def(&t.Workers, runtime.GOMAXPROCS(0))
	if t.Deadline <= 0 {
		t.Deadline = 5 * time.Minute
	}
	return t
}

// Train implements [model.Trainer]. Missing values are filled with the column's median,
// in training and in scoring; a warning says so, and another if the result is nothing but the
// majority class. A fit that exceeds the deadline is given up; cart, which cannot be
// interrupted, then goes on in the background until it ends.
func (t Trainer) Train(ctx context.Context, f *dataset.Frame, rows []int) (model.Scorer, error) {
	t = t.WithDefaults(len(f.Cols))
	name := "golearn-" + string(t.Algorithm)
	if err := model.CheckRows(f, rows); err != nil {
		return nil, err
	}
	var words []string
	for c := range f.Cols {
		if f.Cols[c].Words != nil && c < len(f.Schema.Columns) {
			words = append(words, f.Schema.Columns[c].Name)
		}
	}
	if words != nil {
		return nil, fmt.Errorf("train %s: golearn splits numbers only, %s hold words: leave them out with --drop, or use another kind", name, strings.Join(words, ", "))
	}
	if len(rows) > t.Rows {
		return nil, fmt.Errorf("train %s: %d rows: %w, %d rows: draw fewer flows of each capture, or use another kind", name, len(rows), ErrLimit, t.Rows)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, t.Deadline, fmt.Errorf("train %s: %w, %v: draw fewer flows of each capture, or use another kind", name, ErrLimit, t.Deadline))
	defer cancel()
	d := fill(f, rows)
	e := tree.Averaged(len(f.Classes), len(f.Cols))
	var err error
	switch t.Algorithm {
	case ID3:
		e.Trees, err = t.bag(ctx, d, 1, false)
	case Forest:
		e.Trees, err = t.bag(ctx, d, t.Trees, true)
	case CART:
		e.Trees, err = t.cart(ctx, d)
	default:
		return nil, fmt.Errorf("train: golearn has no algorithm %q", string(t.Algorithm))
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("train %s: %w", name, err)
	}
	if d.filled > 0 {
		e.Warn("golearn cannot do without values: %d of %d columns have missing ones, filled with the column's median", d.filled, len(f.Cols))
	}
	if f.Weight != nil {
		e.Warn("golearn knows no weights: they were left out")
	}
	if class, only := d.majority(e); only {
		e.Warn("golearn learned nothing: every training row is called %q; use another kind", f.Classes[class])
	}
	return e, e.Validate()
}

// data is the training rows with every value present and finite.
type data struct {
	x       []float64 // row-major
	y       []int32
	median  []float64 // of each column
	filled  int       // columns with missing values
	columns int
	classes int
}

// far stands for infinities: the sum of two such values must be finite too.
const far = 1e300

func fill(f *dataset.Frame, rows []int) *data {
	d := &data{x: make([]float64, len(rows)*len(f.Cols)), columns: len(f.Cols), classes: len(f.Classes), median: make([]float64, len(f.Cols))}
	for _, r := range rows {
		d.y = append(d.y, f.Y[r])
	}
	present, values := make([]float64, 0, len(rows)), make([]float64, len(rows))
	for c := range f.Cols {
		f.Cols[c].Take(values, rows)
		present = present[:0]
		for _, v := range values {
			if v == v {
				present = append(present, min(far, max(-far, v)))
			}
		}
		if len(present) > 0 {
			slices.Sort(present)
			d.median[c] = present[len(present)/2]
		}
		if len(present) < len(rows) {
			d.filled++
		}
		for i, v := range values {
			if v != v {
				v = d.median[c]
			}
			d.x[i*d.columns+c] = min(far, max(-far, v))
		}
	}
	return d
}

// instances copies the given rows into golearn's table. Columns are named by their
// number; the class is a word, or a number for cart.
func (d *data) instances(rows []int, numeric bool) (*base.DenseInstances, error) {
	g := base.NewDenseInstances()
	specs := make([]base.AttributeSpec, d.columns)
	for c := range specs {
		specs[c] = g.AddAttribute(base.NewFloatAttribute(strconv.Itoa(c)))
	}
	var class base.Attribute = base.NewFloatAttribute("class")
	if !numeric {
		words := base.NewCategoricalAttribute()
		words.SetName("class")
		for k := range d.classes {
			words.GetSysValFromString(strconv.Itoa(k))
		}
		class = words
	}
	classSpec := g.AddAttribute(class)
	if err := g.AddClassAttribute(class); err != nil {
		return nil, err
	}
	if err := g.Extend(len(rows)); err != nil {
		return nil, err
	}
	for i, r := range rows {
		for c, spec := range specs {
			g.Set(spec, i, base.PackFloatToBytes(d.x[r*d.columns+c]))
		}
		if numeric {
			g.Set(classSpec, i, base.PackFloatToBytes(float64(d.y[r])))
		} else {
			g.Set(classSpec, i, class.GetSysValFromString(strconv.Itoa(int(d.y[r]))))
		}
	}
	return g, nil
}

// rule chooses splits by golearn's information gain among columns in a fixed order.
type rule struct {
	ctx      context.Context
	features int
	random   bool // draw columns in each node
	seed     uint64
}

// stopped is what a rule panics with to leave golearn's recursion.
type stopped struct{ err error }

// GenerateSplitRule implements trees.RuleGenerator.
func (r *rule) GenerateSplitRule(f base.FixedDataGrid) *trees.DecisionTreeRule {
	class := f.AllClassAttributes()[0]
	var columns []base.Attribute
	for _, a := range f.AllAttributes() {
		if a.GetName() != class.GetName() {
			columns = append(columns, a)
		}
	}
	slices.SortFunc(columns, func(a, b base.Attribute) int { // golearn keeps them in maps
		x, y := a.GetName(), b.GetName()
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
	if r.random && r.features < len(columns) {
		rng := rand.New(rand.NewPCG(r.seed, content(f, columns[0])))
		rng.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
		columns = columns[:r.features]
	}
	// One column at a time: golearn sums the entropy before the split in the order of a
	// map, so that its last bit would decide between columns that tie. It also lets a
	// large node see the deadline.
	best, bestEntropy := (*trees.DecisionTreeRule)(nil), math.Inf(1)
	for _, c := range columns {
		if r.ctx.Err() != nil {
			panic(stopped{r.ctx.Err()})
		}
		var gain trees.InformationGainRuleGenerator
		one := gain.GetSplitRuleFromSelection([]base.Attribute{c}, f)
		if one == nil || one.SplitAttr == nil {
			continue
		}
		if h := entropyAfter(f, one); h < bestEntropy {
			best, bestEntropy = one, h
		}
	}
	return best
}

// content is a hash of the rows of a node, whatever their order. golearn descends into
// children in the order of a map, so random numbers cannot simply follow one another:
// each node has its own.
func content(f base.FixedDataGrid, column base.Attribute) uint64 {
	spec, err := f.GetAttribute(column)
	if err != nil {
		panic(stopped{err})
	}
	h, sum := fnv.New64a(), uint64(0)
	for i := range rowsOf(f) {
		h.Reset()
		h.Write([]byte(column.GetName()))
		h.Write(f.Get(spec, i))
		sum += h.Sum64()
	}
	return sum
}

func rowsOf(f base.FixedDataGrid) int {
	_, n := f.Size()
	return n
}

// entropyAfter is the entropy that the split leaves, in nats times rows.
func entropyAfter(f base.FixedDataGrid, r *trees.DecisionTreeRule) float64 {
	spec, err := f.GetAttribute(r.SplitAttr)
	if err != nil {
		return math.Inf(1)
	}
	classSpec, err := f.GetAttribute(f.AllClassAttributes()[0])
	if err != nil {
		return math.Inf(1)
	}
	var counts [2][256]float64
	var rows [2]float64
	for i := range rowsOf(f) {
		side := 0
		if base.UnpackBytesToFloat(f.Get(spec, i)) > r.SplitVal {
			side = 1
		}
		counts[side][f.Get(classSpec, i)[0]]++
		rows[side]++
	}
	h := 0.0
	for side := range counts {
		for _, n := range counts[side] {
			if n > 0 {
				h -= n * math.Log(n/rows[side])
			}
		}
	}
	return h
}

// bag fits n trees, on random rows and columns or on all.
func (t Trainer) bag(ctx context.Context, d *data, n int, random bool) ([]tree.Tree, error) {
	out, errs := make([]tree.Tree, n), make([]error, n)
	dataset.Each(n, t.Workers, func(k int) {
		if ctx.Err() != nil {
			return
		}
		rng := rand.New(rand.NewPCG(t.Seed, uint64(k)))
		r := &rule{ctx: ctx, features: t.Features, random: random, seed: rng.Uint64()}
		rows := make([]int, len(d.y))
		for i := range rows {
			rows[i] = i
		}
		if random {
			for i := range rows {
				rows[i] = rng.IntN(len(rows))
			}
		}
		out[k], errs[k] = d.infer(rows, r)
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return out, errors.Join(errs...)
}

// infer fits one tree and turns golearn's panics into errors.
func (d *data) infer(rows []int, r *rule) (out tree.Tree, err error) {
	defer recovered(&err)
	g, err := d.instances(rows, false)
	if err != nil {
		return out, err
	}
	fitted := trees.NewID3DecisionTreeFromRule(0, r)
	if err := fitted.Fit(g); err != nil {
		return out, err
	}
	return d.fromID3(fitted.Root)
}

func recovered(err *error) {
	switch p := recover().(type) {
	case nil:
	case stopped:
		*err = p.err
	default:
		*err = fmt.Errorf("golearn panicked: %v", p)
	}
}

// cart fits golearn's CART and gives up waiting for it when ctx is done.
func (t Trainer) cart(ctx context.Context, d *data) ([]tree.Tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type result struct {
		tree tree.Tree
		err  error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() { done <- r }()
		defer recovered(&r.err)
		r.tree, r.err = d.inferCART(t.MaxDepth)
	}()
	select {
	case r := <-done:
		return []tree.Tree{r.tree}, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// majority reports whether e calls every training row the same class.
func (d *data) majority(e *tree.Ensemble) (class int, only bool) {
	p := make([]float64, e.Outputs())
	for i := range d.y {
		e.Margins(p, d.x[i*d.columns:(i+1)*d.columns])
		k := 0
		if len(p) == 1 {
			if p[0] >= 0.5 {
				k = 1
			}
		} else {
			for c := range p {
				if p[c] > p[k] {
					k = c
				}
			}
		}
		if i > 0 && k != class {
			return 0, false
		}
		class = k
	}
	return class, true
}
