package boost

import (
	"math"

	"fm/dataset"
)

// split is the best split of a node found so far.
type split struct {
	gain        float64
	left        pair    // sums of the rows that go left
	l2          float64 // added to the L2 of both sides' values
	column      int32   // index into data.columns
	at          int32   // of a column of numbers: bins up to this one go left
	missingLeft bool
	missing     bool // there are rows without a value
	found       bool
	words       bool // of a column of words: set goes left
	set         set
}

// bins is the bins that go left.
func (s *split) bins() set {
	if s.words {
		return s.set
	}
	var left set
	for k := range s.at + 1 {
		left.add(uint8(k))
	}
	left[3] &^= 1 << (dataset.MissingBin & 63)
	if s.missingLeft {
		left.add(dataset.MissingBin)
	}
	return left
}

// terms are what gains and values need besides the sums.
type terms struct {
	l1, l2     float64
	minHessian float64
	minRows    float64 // less one half: the rows of a side are estimated and rounded
	g, h       float64 // of a step of the fixed point: 1/scale
	words      wordTerms
}

// score is twice how much a leaf with these sums lowers the loss: G² / (H + λ), with
// G shrunk by the L1 term (Chen and Guestrin 2016, equation 6).
func (t *terms) score(g, h float64) float64 {
	if t.l1 > 0 {
		g = shrink(g, t.l1)
	}
	return g * g / (h + t.l2)
}

// scoreAt is score of a leaf whose value is v: −2Gv − (H + λ)v².
func (t *terms) scoreAt(g, h, v float64) float64 {
	return -v * (2*shrink(g, t.l1) + float64((h+t.l2)*v))
}

func shrink(g, l1 float64) float64 {
	switch {
	case g > l1:
		return g - l1
	case g < -l1:
		return g + l1
	}
	return 0
}

// value is the value of a leaf, before the learning rate: −G / (H + λ) within its bounds.
func (t *terms) value(l *leaf) float64 {
	return t.valueOf(l, float64(gradient(l.total))*t.g, float64(curvature(l.total))*t.h)
}

// valueOf is value with sums that were not rounded.
func (t *terms) valueOf(l *leaf, g, h float64) float64 {
	d := h + t.l2 + l.l2
	if !(d > 0) { // rows without weight
		return min(max(0, l.least), l.most)
	}
	return min(max(-shrink(g, t.l1)/d, l.least), l.most)
}

// node is a leaf whose splits are tried.
type node struct {
	*terms
	total       pair
	g, h        float64
	rows, perH  float64 // rows of a side are estimated by its share of the curvature, as in LightGBM
	own         float64 // score of the leaf undivided
	least, most float64
	bounded     bool
	stray       pair // of rows without a word that are too few to be one
}

func (t *terms) node(l *leaf) node {
	n := node{terms: t, total: l.total, g: float64(gradient(l.total)) * t.g, h: float64(curvature(l.total)) * t.h,
		rows: float64(l.hi - l.lo), least: l.least, most: l.most}
	n.perH = n.rows / n.h
	n.bounded = !math.IsInf(n.least, -1) || !math.IsInf(n.most, 1)
	if n.own = t.score(n.g, n.h); n.bounded {
		n.own = t.scoreAt(n.g, n.h, t.value(l))
	}
	return n
}

// scan tries every cut of one column of numbers, with rows without a value on either side.
func (n *node) scan(bins *[256]pair, cuts int, best *split) {
	missing := bins[dataset.MissingBin]
	var left pair
	for k := 0; k <= cuts; k++ {
		s := bins[k]
		if s == 0 {
			continue
		}
		left += s
		if left == n.total {
			return // nothing behind: this cut and all later ones divide nothing
		}
		n.try(left, int32(k), false, best)
		if missing != 0 && k < cuts {
			n.try(left+missing, int32(k), true, best)
		}
	}
}

func (n *node) try(left pair, at int32, missingLeft bool, best *split) {
	h := float64(curvature(left)) * n.terms.h
	rest := n.h - h
	if h < n.minHessian || rest < n.minHessian || h*n.perH < n.minRows || rest*n.perH < n.minRows {
		return
	}
	g := float64(gradient(left)) * n.terms.g
	if gain := n.score(g, h) + n.score(n.g-g, rest); gain > best.gain {
		*best = split{gain: gain, left: left, at: at, missingLeft: missingLeft}
	}
}
