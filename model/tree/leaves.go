package tree

import "fm/model"

var _ model.Placer = (*Ensemble)(nil)

// Size implements [model.Placer].
func (e *Ensemble) Size() int { return len(e.Trees) }

// Leaves implements [model.Placer].
func (e *Ensemble) Leaves(dst []int32, row []float64) {
	for t := range e.Trees {
		leaf := e.Trees[t].leaf(row, e.Float32)
		if names := e.Trees[t].LeafNames; names != nil {
			leaf = int(names[leaf])
		}
		dst[t] = int32(leaf)
	}
}
