package model

import (
	"fmt"
	"math"

	"fm/dataset"
)

// Weights is the weight of each of the rows of f whose indexes are given: the row's own
// times that of its class. It is nil if all are 1. classWeight is nil or has one factor
// a class.
func Weights(f *dataset.Frame, rows []int, classWeight []float64) ([]float64, error) {
	if f.Weight == nil && classWeight == nil {
		return nil, nil
	}
	if classWeight != nil && len(classWeight) != len(f.Classes) {
		return nil, fmt.Errorf("train: %d class weights for %d classes", len(classWeight), len(f.Classes))
	}
	out := make([]float64, len(rows))
	for i, r := range rows {
		w := 1.0
		if f.Weight != nil {
			w = f.Weight[r]
		}
		if classWeight != nil {
			w *= classWeight[f.Y[r]]
		}
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("train: row %d has weight %v", r, w)
		}
		out[i] = w
	}
	return out, nil
}
