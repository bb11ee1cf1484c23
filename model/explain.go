package model

// Contributions splits a margin of a row by input. It writes to dst what each input adds
// to margin number output of row and, behind the last input, the bias: the margin where
// nothing is known of the row. dst has Inputs()+1 values; they sum to the margin, up to
// rounding. It is safe for concurrent use and does not allocate.
type Contributions func(dst, row []float64, output int)

// Explainer is a [Scorer] whose margins can be split.
type Explainer interface {
	// Explain gets everything ready that does not depend on a row. The error says why
	// the margins of this scorer can't be split.
	Explain() (Contributions, error)
}
