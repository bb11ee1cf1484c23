package model

// Placer is a [Scorer] made of trees that tells where rows fall.
type Placer interface {
	// Size is the number of trees.
	Size() int
	// Leaves writes to dst, for each tree, what the library that made the model calls the
	// leaf that the row of Inputs() values falls into.
	Leaves(dst []int32, row []float64)
}

// Predictions is how many numbers the model's own library predicts for a row.
func (b *Bound) Predictions() int { return Predictions(b.scorer) }

// Predict writes to dst what the model's own library predicts for rows of these margins
// and returns it; see [Predict].
func (b *Bound) Predict(dst, margins []float64) []float64 { return Predict(b.scorer, dst, margins) }

// Trees is the number of trees of the model; false if it is not made of trees.
func (b *Bound) Trees() (int, bool) {
	if p, ok := b.scorer.(Placer); ok {
		return p.Size(), true
	}
	return 0, false
}

// Leaves writes the leaf of each of Trees() trees to dst; row is as [Bound.Take] gives it.
func (b *Bound) Leaves(dst []int32, row []float64) { b.scorer.(Placer).Leaves(dst, row) }

// Scorer is what scores m, for those who write it in another form.
func (m *Model) Scorer() Scorer { return m.scorer }
