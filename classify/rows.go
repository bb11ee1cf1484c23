package classify

import (
	"context"
	"io"
	"math"

	"fm/dataset"
	"fm/extract"
)

// Row is one scored row of a table.
type Row struct {
	Number      uint64   // of the row in its table, from 1; rows that were left out count
	Cells       []string // the cells asked for, in that order
	Score       float64
	Verdict     bool
	Class       int
	Predictions []float64
	Reasons     []extract.Reason // as in [extract.Record]
	Parts       []float64

	Margins []float64 // with [Options.Raw]
	Native  []float64 // with [Options.Raw]: what the model's own library predicts
	Leaves  []int32   // with [Options.Leaves], as that library numbers them
}

// Table scores the rows of t in their order and hands them to each, whose argument is
// valid during the call. cells are the places in t.Header of the cells to go along.
func (c *Classifier) Table(ctx context.Context, t *dataset.Table, cells []int, each func(*Row) error) error {
	w, outputs := c.Width(), c.Outputs()
	rows, scores, predictions := make([]float64, block*w), make([]float64, block), make([]float64, block*outputs)
	texts := make([][]string, block)
	numbers := make([]uint64, block)
	raw := newRawRoom(c)
	var reasons []extract.Reason
	var parts []float64
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := 0
		for n < block {
			err := t.Next(rows[n*w : (n+1)*w])
			if err == io.EOF {
				more = false
				break
			}
			if err != nil {
				return err
			}
			numbers[n], texts[n] = t.Row(), texts[n][:0]
			for _, i := range cells {
				texts[n] = append(texts[n], string(t.Cell(i)))
			}
			n++
		}
		c.Score(scores[:n], predictions[:n*outputs], rows[:n*w])
		for i := range n {
			p := predictions[i*outputs : (i+1)*outputs]
			r := Row{Number: numbers[i], Cells: texts[i], Score: scores[i], Class: c.Class(p), Predictions: p}
			r.Verdict = !math.IsNaN(r.Score) && c.Verdict(r.Score)
			if c.explainer.wants(r.Verdict) {
				reasons, parts = c.explainer.explain(reasons[:0], parts[:0], rows[i*w:(i+1)*w], r.Class)
				r.Reasons, r.Parts = reasons, parts
			}
			raw.fill(&r, rows[i*w:(i+1)*w])
			if err := each(&r); err != nil {
				return err
			}
		}
	}
	return nil
}
