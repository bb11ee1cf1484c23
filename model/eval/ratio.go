// Package eval measures verdicts against the truth: confusion, rates with exact
// intervals, curves, thresholds, what a rate means at realistic base rates, gates, and
// reports of all that.
//
// It sees truth, scores, weights, groups and hours only, as plain slices; it knows
// neither models nor files. Start with [Evaluate].
package eval

import (
	"encoding/json"
	"math"
	"strconv"

	"gonum.org/v1/gonum/mathext"
)

// Number is a float64 that is null in JSON if it is not finite: undefined.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	if v := float64(n); !math.IsNaN(v) && !math.IsInf(v, 0) {
		return json.Marshal(v)
	}
	return []byte("null"), nil
}

// Ratio is K of N with the exact 95 % interval of the rate behind it.
type Ratio struct {
	Value Number  `json:"value"` // K/N; undefined if N is 0
	K     int     `json:"k"`
	N     int     `json:"n"`
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
}

// NewRatio returns k of n with its interval.
func NewRatio(k, n int) Ratio {
	lo, hi := Interval(k, n)
	return Ratio{Value: Number(float64(k) / float64(n)), K: k, N: n, Lo: lo, Hi: hi}
}

// Interval is the exact 95 % interval of a binomial rate of which k of n trials were
// seen (Clopper and Pearson, Biometrika 26, 1934): the rates p for which neither "k or
// more" nor "k or fewer" is rarer than 2.5 %. Without trials it is 0 to 1.
func Interval(k, n int) (lo, hi float64) {
	const tail = 0.025
	lo, hi = 0, 1
	if k > 0 && n > 0 {
		lo = betaQuantile(tail, float64(k), float64(n-k+1))
	}
	if k < n {
		hi = betaQuantile(1-tail, float64(k+1), float64(n-k))
	}
	return lo, hi
}

// betaQuantile inverts the regularised incomplete beta function by bisection: slow (some
// 20 µs) and safe for any a and b. It is rounded to 12 digits: the last ones of the beta
// function differ among processors.
func betaQuantile(p, a, b float64) float64 {
	lo, hi := 0.0, 1.0
	for range 1100 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if mathext.RegIncBeta(a, b, mid) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(hi, 'e', 11, 64), 64)
	return rounded
}
