package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fm/model"
	"fm/model/boost"
	"fm/model/forest"
	"fm/model/golearn"
	"fm/model/kinds"
	"fm/model/logistic"
	"fm/model/tree"
)

// trainerFlags are settings of trainers; each kind has some of them. A number that was
// not given is 0 or, where 0 means something, NaN or below 0.
type trainerFlags struct {
	trees, depth, leaf, features, leaves, patience int
	c, rate, l1, l2, weight                        float64
	rows, columns, nodeColumns                     float64
	goss                                           bool
	classWeight, monotone                          []string
}

func (t *trainerFlags) add(fs *pflag.FlagSet) {
	k, _ := kinds.Find("gbdt")
	d, table := k.Trainer(kinds.Flows, 0, 1).(boost.Trainer), k.Trainer(kinds.Table, 0, 1).(boost.Trainer)
	both := func(flows, table float64) string {
		text := strconv.FormatFloat(max(0, flows), 'g', -1, 64)
		if flows != table {
			text += "; with --flows " + strconv.FormatFloat(max(0, table), 'g', -1, 64)
		}
		return text
	}
	whole := func(flows, table int) string { return both(float64(flows), float64(table)) }
	g := flagGroup{fs, "Settings of kinds"}
	x := func(p *float64, lo, hi float64, name, usage, preset string) {
		*p = math.NaN()
		g.value(&number{p, lo, hi}, name, "", usage+" (default "+preset+")")
	}
	g.value(&setting{&t.trees}, "trees", "", fmt.Sprintf("trees of a forest, or rounds of boosting at most, `N` (default 100; gbdt %s)", whole(d.Trees, table.Trees)))
	g.value(&setting{&t.depth}, "depth", "", "depth of a tree, at most `N` (default: no bound)")
	g.value(&setting{&t.leaf}, "min-leaf", "", fmt.Sprintf("flows in a leaf, at least `N` (default 5; gbdt %s)", whole(d.MinLeaf, table.MinLeaf)))
	x(&t.c, 1e-9, 1e9, "c", "inverse strength of the L2 penalty of logistic, `X`", "chosen on held-out captures")
	g.value(&setting{&t.features}, "node-columns", "", "columns looked at in a node of a forest, `N` (default: the root of their number)")

	g = flagGroup{fs, "Settings of gbdt"}
	g.value(&setting{&t.leaves}, "leaves", "", fmt.Sprintf("leaves of a tree, at most `N` (default %s)", whole(d.Leaves, table.Leaves)))
	x(&t.rate, 1e-6, 1, "rate", "learning rate, `X`", both(d.Rate, table.Rate))
	x(&t.l1, 0, 1e9, "l1", "L1 penalty of a leaf's value, `X`", both(d.L1, table.L1))
	x(&t.l2, 0, 1e9, "l2", "L2 penalty of a leaf's value, `X`", both(d.L2, table.L2))
	x(&t.weight, 0, 1e9, "min-weight", "curvature of the loss in a leaf, at least `X`: a flow has p(1-p), so certain ones count little", both(d.MinHessian, table.MinHessian))
	x(&t.rows, 1e-6, 1, "sample-rows", "share of the rows that a tree is grown on, `X`", both(d.Rows, table.Rows))
	x(&t.columns, 1e-6, 1, "sample-columns", "share of the columns that a tree is grown on, `X`", both(d.Columns, table.Columns))
	x(&t.nodeColumns, 1e-6, 1, "sample-node-columns", "share of the columns of a tree that a node may be split by, `X`", both(d.NodeColumns, table.NodeColumns))
	g.yes(&t.goss, "goss", "grow a tree on the fifth of the rows with the largest gradients and a tenth of the others, in place of --sample-rows")
	g.repeat(&t.classWeight, "class-weight", "factor for the rows of a class, `NAME=X`, or \"balanced\": the same weight for every class; NAME is benign, malicious or what --class calls it, whatever a table's labels say", func(v string) error {
		_, _, err := classWeight(v)
		return err
	})
	g.repeat(&t.monotone, "monotone", "the score must not fall (+1) or not rise (-1) with a column, all else equal, `COLUMN=+1|-1`; two classes only", func(v string) error {
		_, _, err := direction(v)
		return err
	})
	t.patience = -1
	g.value(&count{&t.patience, 0}, "patience", "", fmt.Sprintf("stop after `N` rounds without a better log loss of a fifth of the captures, held out, then train on all with the best number of rounds; 0: train all rounds (default %s)", whole(d.Patience, table.Patience)))
	fs.Lookup("patience").DefValue = ""
}

// classWeight parses a value of --class-weight; "balanced" has no name.
func classWeight(v string) (name string, factor float64, err error) {
	if v == "balanced" {
		return "", 0, nil
	}
	i := strings.LastIndexByte(v, '=')
	if i < 1 {
		return "", 0, errors.New("neither NAME=X nor balanced")
	}
	if err := (&number{&factor, 1e-9, 1e9}).Set(v[i+1:]); err != nil {
		return "", 0, err
	}
	return v[:i], factor, nil
}

// direction parses a value of --monotone.
func direction(v string) (column string, sign int, err error) {
	i := strings.LastIndexByte(v, '=')
	if i < 1 {
		return "", 0, errors.New("not COLUMN=+1 or COLUMN=-1")
	}
	switch v[i+1:] {
	case "+1", "1":
		return v[:i], 1, nil
	case "-1":
		return v[:i], -1, nil
	}
	return "", 0, fmt.Errorf("direction %q is neither +1 nor -1", v[i+1:])
}

// boost puts the settings of gbdt into v.
func (t *trainerFlags) boost(v *boost.Trainer) error {
	put(&v.Trees, t.trees)
	put(&v.MaxDepth, t.depth)
	put(&v.MinLeaf, t.leaf)
	put(&v.Leaves, t.leaves)
	given(&v.Rate, t.rate)
	given(&v.L1, t.l1)
	given(&v.L2, t.l2)
	given(&v.MinHessian, t.weight)
	for _, p := range []*float64{&v.L2, &v.MinHessian} { // where 0 means the default, none is below it
		if *p == 0 {
			*p = -1
		}
	}
	if t.goss {
		if !math.IsNaN(t.rows) {
			return usagef("--goss and --sample-rows: rows are drawn by gradient or by chance, not both")
		}
		v.GOSS, v.Rows = true, 1
	}
	given(&v.Rows, t.rows)
	given(&v.Columns, t.columns)
	given(&v.NodeColumns, t.nodeColumns)
	for _, w := range t.classWeight {
		name, factor, _ := classWeight(w)
		switch _, twice := v.ClassWeight[name]; {
		case name == "":
			v.Balanced = true
		case twice:
			return usagef("--class-weight: class %q twice", name)
		default:
			if v.ClassWeight == nil {
				v.ClassWeight = map[string]float64{}
			}
			v.ClassWeight[name] = factor
		}
	}
	for _, m := range t.monotone {
		column, sign, _ := direction(m)
		if _, twice := v.Monotone[column]; twice {
			return usagef("--monotone: column %q twice", column)
		}
		if v.Monotone == nil {
			v.Monotone = map[string]int{}
		}
		v.Monotone[column] = sign
	}
	if t.patience >= 0 {
		v.Patience = t.patience
		if t.patience == 0 {
			v.Patience = -1
		}
	}
	return nil
}

// given puts a number into a trainer's field unless it was not given.
func given(p *float64, v float64) {
	if !math.IsNaN(v) {
		*p = v
	}
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
		has = append([]string{"trees", "depth", "min-leaf"}, boostFlags...)
		if err := t.boost(&v); err != nil {
			return nil, withHint(err, cmd)
		}
		tr = v
	case tree.Trainer:
		has = []string{"depth", "min-leaf"}
		put(&v.MaxDepth, t.depth)
		put(&v.MinLeaf, t.leaf)
		tr = v
	case logistic.Trainer:
		has = []string{"c"}
		given(&v.C, t.c)
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
	for _, n := range append([]string{"trees", "depth", "min-leaf", "node-columns", "c"}, boostFlags...) {
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

// boostFlags are the settings that gbdt alone has.
var boostFlags = []string{"leaves", "rate", "l1", "l2", "min-weight", "sample-rows", "sample-columns", "sample-node-columns", "goss", "class-weight", "monotone", "patience"}
