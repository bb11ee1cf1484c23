package classify

// rawRoom is the memory of what goes with a row beside its verdict.
type rawRoom struct {
	c                       *Classifier
	inputs, margins, native []float64
	leaves                  []int32
}

func newRawRoom(c *Classifier) *rawRoom {
	r := &rawRoom{c: c}
	if c.raw {
		r.margins, r.native = make([]float64, c.Outputs()), make([]float64, c.Outputs())
	}
	if c.leaves > 0 {
		r.inputs, r.leaves = make([]float64, len(c.bound.Model.Inputs)), make([]int32, c.leaves)
	}
	return r
}

// fill adds to a row of these values what was asked for. It is valid until the next call.
func (r *rawRoom) fill(row *Row, values []float64) {
	if r.margins != nil {
		r.c.bound.Margins(r.margins, values)
		row.Margins, row.Native = r.margins, r.c.bound.Predict(r.native, r.margins)
	}
	if r.leaves != nil {
		r.c.bound.Take(r.inputs, values)
		r.c.bound.Leaves(r.leaves, r.inputs)
		row.Leaves = r.leaves
	}
}
