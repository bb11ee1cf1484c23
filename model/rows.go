package model

import (
	"errors"
	"fmt"

	"fm/dataset"
)

// ErrOneClass is the cause when rows of at least two classes are needed and there are
// none or those of one only.
var ErrOneClass = errors.New("needs rows of at least two classes")

// CheckRows checks what every trainer of classes relies on: rows are in f, each has a
// class, columns are whole, and at least two classes have rows.
func CheckRows(f *dataset.Frame, rows []int) error {
	if len(f.Cols) == 0 {
		return errors.New("train: no columns to learn from")
	}
	if len(f.Y) != f.Rows() || f.Weight != nil && len(f.Weight) != f.Rows() {
		return fmt.Errorf("train: %d rows with %d classes and %d weights", f.Rows(), len(f.Y), len(f.Weight))
	}
	for c := range f.Cols {
		if n := f.Cols[c].Len(); n != f.Rows() {
			return fmt.Errorf("train: column %d has %d values for %d rows", c, n, f.Rows())
		}
	}
	counts := make([]int, len(f.Classes))
	for _, r := range rows {
		if r < 0 || r >= f.Rows() {
			return fmt.Errorf("train: row %d of %d", r, f.Rows())
		}
		y := f.Y[r]
		if y < 0 || int(y) >= len(counts) {
			return fmt.Errorf("train: row %d has no class", r)
		}
		counts[y]++
	}
	found, last := 0, ""
	for y, n := range counts {
		if n > 0 {
			found, last = found+1, f.Classes[y]
		}
	}
	switch found {
	case 0:
		return fmt.Errorf("train: no rows: %w", ErrOneClass)
	case 1:
		return fmt.Errorf("train: all %d rows are of class %q: %w", len(rows), last, ErrOneClass)
	}
	return nil
}
