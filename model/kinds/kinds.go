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
	Trainer func(seed uint64, workers int) model.Trainer // workers 0: one a CPU
}

// Default is the kind that is trained when none is named.
const Default = "forest"

// All lists the kinds, the default first.
func All() []Kind {
	return []Kind{
		{"forest", "100 bagged trees on random columns, at least 5 flows a leaf", tree.Codec{},
			func(seed uint64, workers int) model.Trainer {
				return forest.Trainer{Trees: 100, MinLeaf: tree.DefaultMinLeaf, Seed: seed, Workers: workers}
			}},
		{"gbdt", "300 boosted trees of 15 leaves on 30 % of the columns each, at least 50 flows a leaf", tree.Codec{},
			func(seed uint64, workers int) model.Trainer {
				return boost.Trainer{Trees: 300, Leaves: 15, Rate: 0.05, MinLeaf: 50, L2: 10, Columns: 0.3, Rows: 0.7, Seed: seed, Workers: workers}.WithDefaults()
			}},
		{"tree", "one CART tree, at least 5 flows a leaf", tree.Codec{},
			func(_ uint64, workers int) model.Trainer {
				return tree.Trainer{MinLeaf: tree.DefaultMinLeaf, Workers: workers}
			}},
		{"logistic", "logistic regression on standardised columns", logistic.Codec{},
			func(seed uint64, workers int) model.Trainer {
				return logistic.Trainer{Iterations: 1000, Seed: seed, Workers: workers}
			}},
		{"golearn-id3", "golearn's ID3 tree, up to 10,000 flows", tree.Codec{}, fitted(golearn.ID3)},
		{"golearn-cart", "golearn's CART tree, up to 4,000 flows", tree.Codec{}, fitted(golearn.CART)},
		{"golearn-forest", "20 bagged trees of golearn, up to 10,000 flows", tree.Codec{}, fitted(golearn.Forest)},
	}
}

func fitted(a golearn.Algorithm) func(seed uint64, workers int) model.Trainer {
	return func(seed uint64, workers int) model.Trainer {
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
