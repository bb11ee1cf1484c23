package tree

import "fm/model"

var _ model.Placer = (*Ensemble)(nil)

// Size implements [model.Placer].
func (e *Ensemble) Size() int { return len(e.Trees) }
