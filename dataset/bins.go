package dataset

// Bins is one column cut into at most 255 value bins and one for missing values.
// Code k < len(Cuts) means Cuts[k-1] < value <= Cuts[k]; code len(Cuts) means above
// the last cut; [MissingBin] means NaN. A split "code <= k" is "value <= Cuts[k]".
type Bins struct {
	Cuts  []float64 // ascending, at most 254
	Codes []uint8   // one per row
}

// MissingBin is the code of a missing value.
const MissingBin = 255
