package eval

import (
	"fmt"
	"math"
	"slices"
)

// Choice is a threshold and what it rests on.
type Choice struct {
	Threshold float64
	Budget    float64
	FPR       Ratio // of the benign rows it was chosen on
	Warnings  []error
}

// Choose returns the lowest threshold that at most the share budget of the benign
// scores reaches. others, which may be nil, are scores of other rows: the threshold lies
// in the middle between the highest benign score below it and the next score above.
// It warns if there are too few rows to support the budget.
func Choose(benign, others []float64, budget float64) Choice {
	c := Choice{Budget: budget}
	sorted := slices.DeleteFunc(slices.Clone(benign), math.IsNaN)
	slices.SortFunc(sorted, func(a, b float64) int {
		if a > b {
			return -1
		} else if a < b {
			return 1
		}
		return 0
	})
	n := len(sorted)
	if n == 0 {
		c.Threshold, c.FPR = 0.5, NewRatio(0, 0)
		c.Warnings = append(c.Warnings, fmt.Errorf("no benign flows to choose a threshold on: 0.5 is taken"))
		return c
	}
	allowed := int(math.Floor(budget*float64(n) + 1e-9))
	if allowed >= n {
		c.Threshold = sorted[n-1]
	} else {
		under := sorted[allowed] // the highest benign score that must stay below
		above := math.Inf(1)
		for _, list := range [2][]float64{sorted, others} {
			for _, v := range list {
				if v > under && v < above {
					above = v
				}
			}
		}
		c.Threshold = math.Nextafter(under, math.Inf(1))
		if mid := under/2 + above/2; mid > under && mid < above {
			c.Threshold = mid
		}
	}
	reached := 0
	for _, v := range sorted {
		if v >= c.Threshold {
			reached++
		}
	}
	c.FPR = NewRatio(reached, n)
	if _, hi := Interval(0, n); hi > budget {
		c.Warnings = append(c.Warnings, fmt.Errorf(
			"%d benign flows are too few for a false positive rate of %g: even with none above the threshold the true rate may be %.2g; at least %d are needed", n, budget, hi, Needed(budget)))
	}
	return c
}

// Needed is how many benign rows, none of them above the threshold, put the end of the
// exact interval below budget.
func Needed(budget float64) int {
	if budget <= 0 || budget >= 1 {
		return 0
	}
	// The end of the interval of 0 of n is 1 - 0.025^(1/n).
	return int(math.Ceil(math.Log(0.025) / math.Log1p(-budget)))
}
