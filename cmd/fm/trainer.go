package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fm/model"
	"fm/model/boost"
	"fm/model/forest"
	"fm/model/golearn"
	"fm/model/logistic"
	"fm/model/tree"
)

// trainerFlags are settings of trainers; each kind has some of them.
type trainerFlags struct {
	trees, depth, leaf, features, leaves int
	c, rate                              float64
}

func (t *trainerFlags) add(fs *pflag.FlagSet) {
	g := flagGroup{fs, "Settings of kinds"}
	g.value(&setting{&t.trees}, "trees", "", "trees of a forest, or rounds of boosting, `N` (default 100; gbdt 300)")
	g.value(&setting{&t.depth}, "depth", "", "depth of a tree, at most `N` (default: no bound)")
	g.value(&setting{&t.leaf}, "min-leaf", "", "flows in a leaf, at least `N` (default 5; gbdt 50)")
	g.value(&number{&t.c, 1e-9, 1e9}, "c", "", "inverse strength of the L2 penalty of logistic, `X` (default: chosen on held-out captures)")
	fs.Lookup("c").DefValue = ""
	g.value(&setting{&t.leaves}, "leaves", "", "leaves of a boosted tree, at most `N` (default 15)")
	g.value(&number{&t.rate, 1e-6, 1}, "rate", "", "learning rate of boosting, `X` (default 0.05)")
	fs.Lookup("rate").DefValue = ""
	g.value(&setting{&t.features}, "node-columns", "", "columns looked at in a node of a forest, `N` (default: the root of their number)")
}

// setting is a whole number from 1 on whose absence is 0.
type setting struct{ p *int }

func (s *setting) String() string     { return "" }
func (s *setting) Type() string       { return "N" }
func (s *setting) Set(v string) error { return (&count{s.p, 1}).Set(v) }

// apply puts the settings that were given into a trainer. One that its kind does not
// have is wrong usage.
func (t *trainerFlags) apply(cmd *cobra.Command, tr model.Trainer, kind string) (model.Trainer, error) {
	var has []string
	switch v := tr.(type) {
	case forest.Trainer:
		has = []string{"trees", "depth", "min-leaf", "node-columns"}
		put(&v.Trees, t.trees)
		put(&v.MaxDepth, t.depth)
		put(&v.MinLeaf, t.leaf)
		put(&v.Features, t.features)
		tr = v
	case boost.Trainer:
		has = []string{"trees", "depth", "min-leaf", "leaves", "rate"}
		put(&v.Trees, t.trees)
		put(&v.MaxDepth, t.depth)
		put(&v.MinLeaf, t.leaf)
		put(&v.Leaves, t.leaves)
		if t.rate > 0 {
			v.Rate = t.rate
		}
		tr = v
	case tree.Trainer:
		has = []string{"depth", "min-leaf"}
		put(&v.MaxDepth, t.depth)
		put(&v.MinLeaf, t.leaf)
		tr = v
	case logistic.Trainer:
		has = []string{"c"}
		v.C = t.c
		tr = v
	case golearn.Trainer:
		switch v.Algorithm {
		case golearn.Forest:
			has = []string{"trees", "node-columns"}
		case golearn.CART:
			has = []string{"depth"}
		}
		put(&v.Trees, t.trees)
		put(&v.Features, t.features)
		put(&v.MaxDepth, t.depth)
		tr = v
	}
	known := map[string]bool{}
	for _, n := range has {
		known[n] = true
	}
	for _, n := range []string{"trees", "depth", "min-leaf", "leaves", "rate", "node-columns", "c"} {
		if cmd.Flags().Changed(n) && !known[n] {
			return nil, withHint(usagef("--%s is no setting of kind %s", n, kind), cmd)
		}
	}
	return tr, nil
}

func put(p *int, v int) {
	if v > 0 {
		*p = v
	}
}
