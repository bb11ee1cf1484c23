// Package kinds lists every kind of model: the trainer and the codec that its name means.
//
// It knows nothing else. Start with [All].
package kinds

import (
	"strings"

	"fm/model"
	"fm/model/boost"
	"fm/model/foreign"
	"fm/model/forest"
	"fm/model/golearn"
	"fm/model/logistic"
	"fm/model/tree"
)

// Kind is one kind of model.
type Kind struct {
	Name    string
	Doc     string // one line for help
	Codec   model.Codec
	Trainer func(from Rows, seed uint64, workers int) model.Trainer // workers 0: one a CPU
}

// Rows is what a kind is trained on, which its defaults may depend on.
type Rows int

// The rows that [Kind.Trainer] knows.
const (
	Flows Rows = iota // flows of captures, for a model that is to serve in networks never seen
	Table             // a table from elsewhere, whose rows resemble those that will be scored
)

// Default is the kind that is trained when none is named.
const Default = "gbdt"

// All lists the kinds, the default first.
func All() []Kind {
	return []Kind{
		{"gbdt", "boosted trees: 300 of 63 leaves, on a tenth of the columns each; of --flows 100 of 31", tree.Codec{}, boosted},
		{"forest", "100 bagged trees on random columns, at least 5 flows a leaf", tree.Codec{},
			func(_ Rows, seed uint64, workers int) model.Trainer {
				return forest.Trainer{Trees: 100, MinLeaf: tree.DefaultMinLeaf, Seed: seed, Workers: workers}
			}},
		{"tree", "one CART tree, at least 5 flows a leaf", tree.Codec{},
			func(_ Rows, _ uint64, workers int) model.Trainer {
				return tree.Trainer{MinLeaf: tree.DefaultMinLeaf, Workers: workers}
			}},
		{"logistic", "logistic regression on standardised columns", logistic.Codec{},
			func(_ Rows, seed uint64, workers int) model.Trainer {
				return logistic.Trainer{Iterations: 1000, Seed: seed, Workers: workers}
			}},
		{"golearn-id3", "golearn's ID3 tree, up to 10,000 flows", tree.Codec{}, fitted(golearn.ID3)},
		{"golearn-cart", "golearn's CART tree, up to 4,000 flows", tree.Codec{}, fitted(golearn.CART)},
		{"golearn-forest", "20 bagged trees of golearn, up to 10,000 flows", tree.Codec{}, fitted(golearn.Forest)},
	}
}

// boosted is gbdt. On flows, what counts is the ranking of captures of laboratories never
// seen, which many different trees of middling size do best: 63 leaves rather than 15, and
// a tenth of the columns for each, which ranks as well as more and takes a third of the
// time. There is no early stopping: the log loss of captures held out is lowest long
// before their ranking is best (figures: models/README.md). A table is trained on as boost
// does by itself.
func boosted(from Rows, seed uint64, workers int) model.Trainer {
	t := boost.Trainer{Seed: seed, Workers: workers}
	if from == Flows {
		t.Trees, t.Leaves, t.Rate, t.MinLeaf, t.L2, t.Columns, t.Rows, t.Patience = 300, 63, 0.05, 5, 10, 0.1, 0.7, -1
	}
	return t.WithDefaults()
}

func fitted(a golearn.Algorithm) func(from Rows, seed uint64, workers int) model.Trainer {
	return func(_ Rows, seed uint64, workers int) model.Trainer {
		t := golearn.Trainer{Algorithm: a, Seed: seed, Workers: workers}.WithDefaults(0)
		t.Features = 0 // the square root of the number of columns, known in training
		return t
	}
}

// Find returns the kind called name.
func Find(name string) (Kind, bool) {
	for _, k := range All() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// Codec returns the codec of the kind called name, trained or imported, or nil; it is what
// [model.Read] asks.
func Codec(name string) model.Codec {
	switch name {
	case "lightgbm", "xgboost":
		return tree.Codec{}
	case "xgboost-linear":
		return foreign.LinearCodec{}
	case "deepfence":
		return foreign.DeepfenceCodec{}
	}
	k, _ := Find(name)
	return k.Codec
}

// Names lists the kinds for help texts.
func Names() string {
	var names []string
	for _, k := range All() {
		names = append(names, k.Name)
	}
	return strings.Join(names, ", ")
}
