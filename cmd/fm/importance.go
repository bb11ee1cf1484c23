package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"fm/model"
)

// mostImportant is how many columns are listed by importance.
const mostImportant = 20

// showImportance prints which columns matter most: to the model itself, by gain (or by the
// size of standardised weights), and on held-out flows, by what is lost without them.
func showImportance(w io.Writer, m *model.Model) {
	sizes := m.Importance()
	total := 0.0
	for _, v := range sizes {
		total += v
	}
	if !(total > 0) {
		return
	}
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	order = order[:min(mostImportant, len(order))]
	loss := map[string]model.Loss{}
	rows := 0
	if m.HeldOut != nil && m.HeldOut.Permutation != nil {
		rows = m.HeldOut.Permutation.Rows
		for _, l := range m.HeldOut.Permutation.Columns {
			loss[l.Column] = l
		}
	}
	wide, name := len("most important columns"), "gain"
	if m.Kind == "logistic" {
		name = "weight"
	}
	for _, c := range order {
		wide = max(wide, len(m.Inputs[c].Name))
	}
	fmt.Fprintf(w, "\n%-*s  %8s", wide, "most important columns", name)
	if rows > 0 {
		fmt.Fprintf(w, "  %10s  %10s  lost on %d held-out flows when the column is dealt anew among them", "AUC", "av. prec.", rows)
	}
	fmt.Fprintln(w)
	for _, c := range order {
		if sizes[c] == 0 {
			break
		}
		fmt.Fprintf(w, "%-*s  %6.1f %%", wide, m.Inputs[c].Name, 100*sizes[c]/total)
		if l, ok := loss[m.Inputs[c].Name]; ok {
			fmt.Fprintf(w, "  %10.4f  %10.4f", float64(l.AUC), float64(l.AveragePrecision))
		}
		fmt.Fprintln(w)
	}
}
