package foreign

import (
	"errors"
	"fmt"
	"io"
	"math"

	"fm/model"
	"fm/model/tree"
)

// Exported is a model to be written for another library.
type Exported struct {
	Scorer model.Scorer
	Names  []string   // of the inputs
	Words  [][]string // of each input: the value of Words[i][k] is k; nil: numbers
}

// Target is a form in which models can be written.
type Target struct {
	Name string // by which a user calls it
	Doc  string // one line for help
	// Write writes the model. It returns what a user should know of the result, or an
	// error that says what the other library can't do.
	Write func(w io.Writer, x *Exported) (notes []string, err error)
	// Files makes the files of a form that is a folder of several; Write is nil then.
	Files func(x *Exported) (files []File, notes []string, err error)
}

// Targets lists the forms that can be written.
func Targets() []Target {
	return []Target{
		{Name: "lightgbm", Doc: "a text model, for LightGBM 2.3 and later", Write: writeLightGBM},
		{Name: "xgboost", Doc: "a JSON model, for XGBoost 1.7 and later", Write: writeXGBoost},
		{Name: "deepfence", Doc: "the four parameter files of Deepfence FlowMeter, in a folder", Files: writeDeepfence},
	}
}

// FindTarget returns the form called name.
func FindTarget(name string) (Target, bool) {
	for _, t := range Targets() {
		if t.Name == name {
			return t, true
		}
	}
	return Target{}, false
}

func (x *Exported) check() error {
	n := x.Scorer.Inputs()
	if len(x.Names) != n || len(x.Words) != n {
		return fmt.Errorf("%d names and %d lists of words for %d inputs", len(x.Names), len(x.Words), n)
	}
	return nil
}

// part is what one tree adds to one output: all of a tree, one value of each leaf of a
// tree with vector leaves, or a constant.
type part struct {
	*tree.Tree
	width, at int // values of a leaf, and which of them
}

func (p *part) value(leaf int) float64 { return p.Values[leaf*p.width+p.at] }

func constant(v float64) part {
	return part{&tree.Tree{Values: []float64{v}, Cover: []float64{0}}, 1, 0}
}

// rounds cuts e into rounds of one tree an output, as other libraries number trees. The
// trees of an output keep their order; its base is a tree of one leaf where the sum has
// it, at the beginning or at the end, so that no sum changes in any bit. Outputs with
// fewer trees than others get trees that add zero.
func rounds(e *tree.Ensemble) [][]part {
	outputs := e.Outputs()
	lists := make([][]part, outputs)
	base := false
	for _, b := range e.Base {
		base = base || b != 0
	}
	bases := func() {
		for o, b := range e.Base {
			if base {
				lists[o] = append(lists[o], constant(b))
			}
		}
	}
	if e.BaseFirst {
		bases()
	}
	for i := range e.Trees {
		t := &e.Trees[i]
		if t.Output != tree.Vector {
			lists[t.Output] = append(lists[t.Output], part{t, 1, 0})
			continue
		}
		for o := range outputs {
			lists[o] = append(lists[o], part{t, outputs, o})
		}
	}
	if !e.BaseFirst {
		bases()
	}
	n := 0
	for _, l := range lists {
		n = max(n, len(l))
	}
	out := make([][]part, n)
	for r := range out {
		for _, l := range lists {
			p := constant(0)
			if r < len(l) {
				p = l[r]
			}
			out[r] = append(out[r], p)
		}
	}
	return out
}

// category is a categorical node as both libraries can have it: a finite list of codes
// that goes to one side, everything else, missing values too, to the other.
type category struct {
	codes  []int32 // ascending
	listed bool    // they go left; else right
}

// finite turns the set of node n into a list of the codes on the side where missing values
// are not. codes is the number of words of the column, 0 if any code can come.
func finite(t *tree.Tree, n *tree.Node, codes int) (category, error) {
	s := &t.Sets[n.Set]
	c := category{listed: !n.MissingLeft}
	if codes == 0 && (s.Below != n.MissingLeft || s.Above != n.MissingLeft) {
		return c, errors.New("missing categories and those outside of a set take different ways")
	}
	all := 64 * len(s.Bits)
	if codes > 0 {
		all = codes
	}
	for k := range all {
		in := s.Above
		if k < 64*len(s.Bits) {
			in = s.Bits[k/64]>>(k%64)&1 == 1
		}
		if in == c.listed {
			c.codes = append(c.codes, int32(k))
		}
	}
	return c, nil
}

// above32 is the smallest finite float32 above t: for every float32 v that is finite and
// not the largest one, v <= t is v < above32(t).
func above32(t float64) float32 {
	switch {
	case t >= math.MaxFloat32:
		return math.MaxFloat32
	case t < -math.MaxFloat32:
		return -math.MaxFloat32
	}
	f := float32(t)
	if float64(f) > t {
		return f
	}
	return min(math.Nextafter32(f, float32(math.Inf(1))), math.MaxFloat32)
}
