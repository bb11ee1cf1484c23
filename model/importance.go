package model

// Permutation is how much worse held-out rows are judged when the values of one column
// are dealt out anew among them, for the columns with the largest gain, the largest loss first.
type Permutation struct {
	Rows    int    `json:"rows"` // drawn for it, of either side as many where there are
	Columns []Loss `json:"columns"`
}

// Loss is what is lost without one column; it is below 0 where rows are judged better.
type Loss struct {
	Column           string `json:"column"`
	AUC              Number `json:"auc"`
	AveragePrecision Number `json:"average_precision"`
}

// Ranker is a [Scorer] that knows how much each of its inputs matters to it.
type Ranker interface {
	// Importance is one number from 0 on for each input: gain for trees, the size of
	// standardised weights for linear models.
	Importance() []float64
}

// Importance is what the scorer of m says of its inputs, nil if nothing: see [Ranker].
func (m *Model) Importance() []float64 {
	if r, ok := m.scorer.(Ranker); ok {
		return r.Importance()
	}
	return nil
}
