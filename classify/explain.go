package classify

import (
	"fmt"
	"math"
	"sync"

	"fm/extract"
	"fm/model"
)

// All asks for every contribution in [Options].
const All = -1

// explainer finds what the score of a row rests on: contributions to the margin of "not
// benign" or, with several classes, of the class that the row is given.
type explainer struct {
	bound   *model.Bound
	split   model.Contributions
	inputs  int
	outputs int // margins
	most    int // reasons a row
	all     bool
	alerts  bool      // of rows called malicious only
	rooms   sync.Pool // of *[]float64: the inputs of a row, and its contributions
}

func newExplainer(b *model.Bound, opts Options) (*explainer, error) {
	split, err := b.Explain()
	if err != nil {
		return nil, fmt.Errorf("classify: %w", err)
	}
	x := &explainer{bound: b, split: split, inputs: len(b.Model.Inputs), outputs: b.Outputs(), all: opts.Explain == All, alerts: opts.ExplainMalicious}
	x.most = x.inputs
	if !x.all {
		x.most = min(x.inputs, opts.Explain)
	}
	x.rooms.New = func() any { v := make([]float64, 2*x.inputs+1); return &v }
	return x, nil
}

// wants tells whether a row with this verdict is explained.
func (x *explainer) wants(malicious bool) bool { return x != nil && (malicious || !x.alerts) }

// room is how many reasons and parts explain appends at most.
func (x *explainer) room() (reasons, parts int) {
	if x.all {
		parts = x.outputs * (x.inputs + 1)
	}
	return x.most, parts
}

// explain appends the reasons of a row, largest first, to reasons and, if all were asked
// for, every contribution to parts. What contributes nothing is a reason only then.
func (x *explainer) explain(reasons []extract.Reason, parts, row []float64, class int) ([]extract.Reason, []float64) {
	output := 0
	if x.bound.Task() == model.Classes {
		output = class
	}
	room := x.rooms.Get().(*[]float64)
	defer x.rooms.Put(room)
	values, sizes := (*room)[:x.inputs], (*room)[x.inputs:]
	x.bound.Take(values, row)
	if x.all {
		for o := range x.outputs {
			x.split(sizes, values, o)
			parts = append(parts, sizes...)
		}
		copy(sizes, parts[len(parts)-(x.outputs-output)*len(sizes):])
	} else {
		x.split(sizes, values, output)
	}
	start := len(reasons)
	for i, v := range sizes[:x.inputs] {
		size := math.Abs(v)
		if size == 0 && !x.all || len(reasons)-start == x.most && size <= math.Abs(reasons[len(reasons)-1].Contribution) {
			continue
		}
		if len(reasons)-start < x.most {
			reasons = append(reasons, extract.Reason{})
		}
		at := len(reasons) - 1
		for ; at > start && size > math.Abs(reasons[at-1].Contribution); at-- {
			reasons[at] = reasons[at-1]
		}
		reasons[at] = extract.Reason{Input: i, Value: values[i], Contribution: v}
	}
	return reasons, parts
}

// records explains records that have their verdicts, if there is anything to explain.
func (x *explainer) records(recs []extract.Record) {
	n := 0
	for i := range recs {
		if x.wants(recs[i].Verdict) {
			n++
		}
	}
	if n == 0 {
		return
	}
	most, each := x.room()
	reasons, parts := make([]extract.Reason, 0, n*most), make([]float64, 0, n*each)
	for i := range recs {
		rec := &recs[i]
		if !x.wants(rec.Verdict) {
			continue
		}
		r, p := len(reasons), len(parts)
		reasons, parts = x.explain(reasons, parts, rec.Row, rec.Class)
		rec.Reasons = reasons[r:len(reasons):len(reasons)]
		if x.all {
			rec.Parts = parts[p:len(parts):len(parts)]
		}
	}
}
