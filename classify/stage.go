package classify

import (
	"fmt"
	"sync"

	"fm/extract"
)

// block is how many rows are scored at a time: as many as come at once when flows end
// together, which is enough for a model's fast path, and few enough for their rows to stay
// in the cache.
const block = 128

// Stage scores records behind a meter. It fills Score, Verdict and Class (and Scores
// where there are more than two classes, Reasons and Parts where they were asked for) and
// changes no row.
type Stage struct {
	c       *Classifier
	scratch sync.Pool
}

// room is what one call works in.
type room struct{ rows, scores, predictions []float64 }

// NewStage puts c behind a meter.
func NewStage(c *Classifier) *Stage {
	s := &Stage{c: c}
	s.scratch.New = func() any {
		return &room{make([]float64, block*c.Width()), make([]float64, block), make([]float64, block*c.Outputs())}
	}
	return s
}

// Pure implements [extract.Stage]: the score of a record depends on its row alone.
func (s *Stage) Pure() bool { return true }

// Process implements [extract.Stage]. Several goroutines may call it. It allocates
// nothing but explanations and, for models of more than two classes, the Scores of
// records that bring no memory for them.
func (s *Stage) Process(recs []extract.Record) error {
	w, outputs := s.c.Width(), s.c.Outputs()
	r := s.scratch.Get().(*room)
	defer s.scratch.Put(r)
	for len(recs) > 0 {
		part := recs[:min(block, len(recs))]
		recs = recs[len(part):]
		for i := range part {
			if len(part[i].Row) != w {
				return fmt.Errorf("classify: a record has %d columns, the model is bound to %d", len(part[i].Row), w)
			}
			copy(r.rows[i*w:], part[i].Row)
		}
		s.c.Score(r.scores[:len(part)], r.predictions[:len(part)*outputs], r.rows[:len(part)*w])
		for i := range part {
			rec, p := &part[i], r.predictions[i*outputs:(i+1)*outputs]
			rec.Scored, rec.Score = true, r.scores[i]
			rec.Verdict, rec.Class = s.c.Verdict(r.scores[i]), s.c.Class(p)
			if outputs > 2 {
				rec.Scores = append(rec.Scores[:0], p...)
			}
		}
		s.c.explainer.records(part)
	}
	return nil
}
