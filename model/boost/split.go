package boost

// split is the best split of a node found so far.
type split struct {
	gain        float64
	column      int32 // index into data.columns
	at          int32 // bins up to this one go left
	missingLeft bool
	found       bool
}

// terms are what the gain of a split needs besides the sums.
type terms struct {
	l1, l2     float64
	minHessian float64
	minRows    float64
	g, h       float64 // of a step of the fixed point: 1/scale
}

// score is twice how much a leaf with these sums lowers the loss: G² / (H + λ), with
// G shrunk by the L1 term (Chen and Guestrin 2016, equation 6).
func (t *terms) score(g, h float64) float64 {
	if t.l1 > 0 {
		g = shrink(g, t.l1)
	}
	return g * g / (h + t.l2)
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

// value is the margin of a leaf, before the learning rate: −G / (H + λ).
func (t *terms) value(g, h float64) float64 { return -shrink(g, t.l1) / (h + t.l2) }

// scan tries every cut of one column of a node with the given sums over rows rows, with
// rows without a value on either side. The number of rows on a side is taken from its
// curvature, as in LightGBM; the true number is known once the rows are divided.
func (t *terms) scan(bins *[256]pair, cuts int, total pair, rows float64, best *split, column int32) {
	missing := bins[255]
	sumG, sumH := float64(gradient(total))*t.g, float64(curvature(total))*t.h
	perH := rows / sumH
	var left pair
	last := cuts // index of the last bin with values
	for k := 0; k <= last; k++ {
		s := bins[k]
		if s == 0 {
			continue
		}
		left += s
		if left == total {
			return // nothing behind: this cut and all later ones divide nothing
		}
		t.try(left, sumG, sumH, perH, best, column, int32(k), false)
		if missing != 0 && k < last {
			t.try(left+missing, sumG, sumH, perH, best, column, int32(k), true)
		}
	}
}

func (t *terms) try(left pair, sumG, sumH, perH float64, best *split, column, at int32, missingLeft bool) {
	h := float64(curvature(left)) * t.h
	rest := sumH - h
	if h < t.minHessian || rest < t.minHessian || h*perH < t.minRows || rest*perH < t.minRows {
		return
	}
	g := float64(gradient(left)) * t.g
	if gain := t.score(g, h) + t.score(sumG-g, rest); gain > best.gain {
		*best = split{gain: gain, column: column, at: at, missingLeft: missingLeft, found: true}
	}
}
