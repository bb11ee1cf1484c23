package eval

import (
	"math"
	"slices"
)

// Curve is what can be had by moving the threshold: one point for each distinct score,
// from the highest to the lowest. A row is positive if its score is at least the
// threshold. Rows that tie move together.
type Curve struct {
	Score  []float64 // thresholds, descending
	TP, FP []float64 // weight of malicious and benign rows at or above it
	Rows   []int     // rows at or above it
	P, N   float64   // weight of all malicious and benign rows
}

// NewCurve returns the curve of scores; truth says which rows are malicious, weight may
// be nil. Scores that are NaN count as lowest of all.
func NewCurve(truth []bool, score, weight []float64) *Curve {
	// Scores and rows side by side: of millions of rows, a sort of rows that looks their
	// scores up waits for memory.
	type ranked struct {
		score float64
		row   int
	}
	order := make([]ranked, len(score))
	for i, v := range score {
		if v != v {
			v = math.Inf(-1)
		}
		order[i] = ranked{v, i}
	}
	slices.SortFunc(order, func(a, b ranked) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return a.row - b.row
	})
	c := &Curve{}
	for i, r := range order {
		w := 1.0
		if weight != nil {
			w = weight[r.row]
		}
		if truth[r.row] {
			c.P += w
		} else {
			c.N += w
		}
		if i+1 == len(order) || order[i+1].score != r.score {
			c.Score = append(c.Score, r.score)
			c.TP, c.FP, c.Rows = append(c.TP, c.P), append(c.FP, c.N), append(c.Rows, i+1)
		}
	}
	return c
}

// AUC is the area under the ROC curve: the share of pairs of a malicious and a benign
// row in which the malicious one scores higher, ties counted half. It is NaN if a side
// is empty, as in scikit-learn.
func (c *Curve) AUC() float64 {
	if c.P == 0 || c.N == 0 {
		return math.NaN()
	}
	area, tp, fp := 0.0, 0.0, 0.0
	for i := range c.Score {
		area += float64((c.FP[i] - fp) * (c.TP[i] + tp) / 2)
		tp, fp = c.TP[i], c.FP[i]
	}
	return area / c.P / c.N
}

// AveragePrecision is the sum over the thresholds of precision times the step in
// recall, without interpolation, as scikit-learn defines it; 0 without malicious rows.
func (c *Curve) AveragePrecision() float64 {
	if c.P == 0 {
		return 0
	}
	sum, tp := 0.0, 0.0
	for i := range c.Score {
		if c.TP[i] > tp {
			sum += float64((c.TP[i] - tp) / c.P * (c.TP[i] / (c.TP[i] + c.FP[i])))
		}
		tp = c.TP[i]
	}
	return sum
}

// Point is one threshold of a curve with its rates.
type Point struct {
	Threshold, Recall, FPR float64
}

// AtFPR is the lowest threshold whose false positive rate is at most budget. If none
// is, it is +Inf with recall 0. Recall is NaN without malicious rows.
func (c *Curve) AtFPR(budget float64) Point {
	p := Point{Threshold: math.Inf(1), Recall: 0 / c.P}
	for i := range c.Score {
		if c.N > 0 && c.FP[i]/c.N > budget {
			break
		}
		p = Point{c.Score[i], c.TP[i] / c.P, 0}
		if c.N > 0 {
			p.FPR = c.FP[i] / c.N
		}
	}
	return p
}
