package boost

import (
	"cmp"
	"math"
	"slices"

	"fm/dataset"
)

// wordTerms are the settings of splits of words.
type wordTerms struct {
	oneHot     int
	smooth, l2 float64
	most       int
	group      float64
}

// word is a bin of a column of words in one node.
type word struct {
	code    uint8
	sums    pair
	g, h    float64
	rows    float64 // estimated
	ordinal float64 // by which words are ordered
}

// scanWords tries the splits of a column of words, whose words have the bins 0 to
// words-1. Of few words one is parted from the others. More are ordered by G / (H +
// smooth): the best set is then a run from one end or the other (Fisher, On Grouping for
// Maximum Homogeneity, 1958), of which those with enough rows are tried, as in LightGBM
// (FeatureHistogram::FindBestThresholdCategoricalInner). Rows without a known word are a
// word of their own if there are enough of them; else they go with the larger side.
func (n node) scanWords(bins *[256]pair, words int, best *split) {
	var room [256]word
	list := room[:0]
	for k := range 256 {
		if bins[k] == 0 || k >= words && k != dataset.MissingBin {
			continue
		}
		w := word{code: uint8(k), sums: bins[k], g: float64(gradient(bins[k])) * n.terms.g, h: float64(curvature(bins[k])) * n.terms.h}
		w.rows = math.Floor(float64(w.h*n.perH) + 0.5)
		w.ordinal = w.g / (w.h + n.words.smooth)
		list = append(list, w)
	}
	if words <= n.words.oneHot {
		for i := range list {
			w := &list[i]
			n.tryWords(w.sums, w.rows, 0, best, list[i:i+1])
		}
		return
	}
	if last := len(list) - 1; last >= 0 && list[last].code == dataset.MissingBin && list[last].rows < n.words.smooth {
		n.stray = list[last].sums
	}
	list = slices.DeleteFunc(list, func(w word) bool { return w.rows < n.words.smooth })
	slices.SortFunc(list, func(a, b word) int { return cmp.Or(cmp.Compare(a.ordinal, b.ordinal), cmp.Compare(a.code, b.code)) })
	n.tryRuns(list, best)
	slices.Reverse(list)
	n.tryRuns(list, best)
}

// tryRuns tries the first words of list against all others.
func (n *node) tryRuns(list []word, best *split) {
	var left pair
	rows, group := 0.0, 0.0
	for i := range min(n.words.most, (len(list)+1)/2) {
		left += list[i].sums
		rows, group = rows+list[i].rows, group+list[i].rows
		if n.rows-rows < n.words.group {
			return
		}
		if group >= n.words.group && n.tryWords(left, rows, n.words.l2, best, list[:i+1]) {
			group = 0
		}
	}
}

// tryWords tries the words of list on the left; it reports whether both sides are large enough.
func (n *node) tryWords(left pair, rows, l2 float64, best *split, list []word) bool {
	stray := n.stray != 0 && rows > n.rows-rows
	if stray {
		left += n.stray
	}
	h := float64(curvature(left)) * n.terms.h
	rest := n.h - h
	if h < n.minHessian || rest < n.minHessian || rows < n.minRows || n.rows-rows < n.minRows {
		return false
	}
	g := float64(gradient(left)) * n.terms.g
	t := *n.terms
	t.l2 += l2
	var gain float64
	if n.bounded {
		m := *n
		m.terms = &t
		gain = t.scoreAt(g, h, m.clamp(g, h)) + t.scoreAt(n.g-g, rest, m.clamp(n.g-g, rest))
	} else {
		gain = t.score(g, h) + t.score(n.g-g, rest)
	}
	if gain > best.gain {
		*best = split{gain: gain, left: left, l2: l2, words: true}
		for _, w := range list {
			best.set.add(w.code)
		}
		if stray {
			best.set.add(dataset.MissingBin)
		}
	}
	return true
}
