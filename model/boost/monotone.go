package boost

import "fm/dataset"

// scanBounded is scan for a node whose values are bounded, or a column with a direction:
// gains are of the values that the sides may have, and sides in the wrong order are none.
func (n *node) scanBounded(bins *[256]pair, cuts int, direction int8, best *split) {
	missing := bins[dataset.MissingBin]
	var left pair
	for k := 0; k <= cuts; k++ {
		left += bins[k]
		if left == n.total {
			return
		}
		n.tryBounded(left, int32(k), false, direction, best)
		if missing != 0 && k < cuts {
			n.tryBounded(left+missing, int32(k), true, direction, best)
		}
	}
}

func (n *node) tryBounded(left pair, at int32, missingLeft bool, direction int8, best *split) {
	h := float64(curvature(left)) * n.terms.h
	rest := n.h - h
	if h < n.minHessian || rest < n.minHessian || h*n.perH < n.minRows || rest*n.perH < n.minRows {
		return
	}
	g := float64(gradient(left)) * n.terms.g
	a, b := n.clamp(g, h), n.clamp(n.g-g, rest)
	if direction > 0 && a > b || direction < 0 && a < b {
		return
	}
	if gain := n.scoreAt(g, h, a) + n.scoreAt(n.g-g, rest, b); gain > best.gain {
		*best = split{gain: gain, left: left, at: at, missingLeft: missingLeft}
	}
}

func (n *node) clamp(g, h float64) float64 {
	return min(max(-shrink(g, n.l1)/(h+n.l2), n.least), n.most)
}
