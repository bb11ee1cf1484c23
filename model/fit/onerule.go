package fit

import (
	"fmt"
	"slices"

	"fm/dataset"
	"fm/model/eval"
)

// OneRule is the baseline: the best single question about a single column. A model that
// does not clearly beat it has learned one rule, and perhaps one that tells captures
// apart rather than behaviour.
type OneRule struct {
	Rule   string     `json:"rule"` // fitted on all rows
	Column string     `json:"column"`
	Recall eval.Ratio `json:"recall"` // held out: the rule was chosen without the fold
	FPR    eval.Ratio `json:"fpr"`
	AUC    float64    `json:"auc"` // of the held-out yes or no: the mean of recall and 1 - FPR
}

// stump is "value > at" (or, not above, "value <= at") means malicious. Missing values count as lowest.
type stump struct {
	column int
	at     float64
	all    bool // at is below every value: only missing ones are not above
	above  bool
	gain   float64 // recall - fpr on the rows it was chosen on
}

func (s *stump) says(v float64) bool {
	high := v > s.at || s.all && v == v
	return high == s.above
}

// oneRule chooses the stump with the largest difference between recall and false
// positive rate without each fold in turn, and measures it on the fold.
func oneRule(view *dataset.Frame, rows []int, folds [][]int) *OneRule {
	foldOf := make([]int32, view.Rows())
	for i, fold := range folds {
		for _, r := range fold {
			foldOf[r] = int32(i)
		}
	}
	n := len(folds)
	best := make([][]stump, len(view.Cols)) // of each column: without fold i, and at last on all rows
	eachColumn(len(view.Cols), func(c int) {
		values := view.Cols[c].Values
		order := slices.Clone(rows)
		slices.SortFunc(order, func(a, b int) int { // NaN first
			x, y := values[a], values[b]
			switch {
			case x < y || x != x && y == y:
				return -1
			case x > y || x == x && y != y:
				return 1
			}
			return a - b
		})
		best[c] = make([]stump, n+1)
		for skip := range n + 1 {
			best[c][skip] = bestStump(view, c, order, foldOf, int32(skip))
		}
	})
	pick := func(skip int) stump {
		top := best[0][skip]
		for c := range best {
			if best[c][skip].gain > top.gain {
				top = best[c][skip]
			}
		}
		return top
	}
	tp, fp, p, q := 0, 0, 0, 0
	for i, fold := range folds {
		s := pick(i)
		for _, r := range fold {
			yes := s.says(view.Cols[s.column].Values[r])
			if view.Y[r] > 0 {
				p++
				if yes {
					tp++
				}
			} else {
				q++
				if yes {
					fp++
				}
			}
		}
	}
	s := pick(n)
	name := view.Schema.Columns[s.column].Name
	o := &OneRule{Column: name, Recall: eval.NewRatio(tp, p), FPR: eval.NewRatio(fp, q)}
	o.AUC = (float64(o.Recall.Value) + 1 - float64(o.FPR.Value)) / 2
	switch {
	case s.all && s.above:
		o.Rule = name + " has a value"
	case s.all:
		o.Rule = name + " has no value"
	case s.above:
		o.Rule = fmt.Sprintf("%s > %.6g", name, s.at)
	default:
		o.Rule = fmt.Sprintf("%s <= %.6g or missing", name, s.at)
	}
	return o
}

// bestStump sweeps the rows of order, ascending in column c, without those of a fold.
func bestStump(view *dataset.Frame, c int, order []int, foldOf []int32, skip int32) stump {
	values := view.Cols[c].Values
	var total, below [2]float64
	for _, r := range order {
		if foldOf[r] != skip {
			total[min(1, view.Y[r])]++
		}
	}
	best := stump{column: c, at: 0, above: true, gain: -1}
	last, any := 0.0, false
	for _, r := range order {
		if foldOf[r] == skip {
			continue
		}
		v := values[r]
		if any && v == v && (last != last || v > last) {
			// Below lies everything up to last.
			gain := below[0]/total[0] - below[1]/total[1] // of "above": recall - fpr
			s := stump{column: c, above: true, gain: gain}
			if gain < 0 {
				s.above, s.gain = false, -gain
			}
			if last != last {
				s.all, s.at = true, v
			} else {
				s.at = dataset.Between(last, v)
			}
			if s.gain > best.gain {
				best = s
			}
		}
		below[min(1, view.Y[r])]++
		last, any = v, true
	}
	return best
}
