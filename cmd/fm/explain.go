package main

import (
	"errors"
	"math"
	"strconv"

	"fm/classify"
	"fm/dataset"
	"fm/extract/output"
	"fm/model"
)

// explainFlag is a number of reasons, or all.
type explainFlag struct{ p *int }

func (e *explainFlag) String() string { return "" }
func (e *explainFlag) Type() string   { return "K" }
func (e *explainFlag) Set(s string) error {
	if s == "all" {
		*e.p = classify.All
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > dataset.MaxColumns {
		return errors.New(`not a number from 1 on, nor "all"`)
	}
	*e.p = n
	return nil
}

// explanation says how the reasons for the verdicts of m are written; nil if there are to
// be none.
func (m *loaded) explanation(outputs int, o classify.Options) *output.Explain {
	if o.Explain == 0 {
		return nil
	}
	e := &output.Explain{Outputs: outputs}
	if o.Explain != classify.All {
		e.Largest = min(o.Explain, len(m.Inputs))
	}
	places := m.Schema.Places()
	for _, in := range m.Inputs {
		unit := dataset.None
		if i, ok := places[in.Name]; ok && in.Made == nil {
			unit = m.Schema.Columns[i].Unit
		} else if in.Made != nil {
			unit = m.unitOf(&in)
		}
		o := output.Input{Name: in.Name, Unit: unit, Low: usual(in.Benign, 0.05), High: usual(in.Benign, 0.95), Words: in.Words}
		if in.Benign != nil {
			o.Missing = in.Benign.Missing
		}
		e.Inputs = append(e.Inputs, o)
	}
	return e
}

// usual is a quantile of a summary: the one of its quantiles that is next to it. NaN is not known.
func usual(s *model.Summary, share float64) float64 {
	if s == nil || len(s.Quantiles) == 0 {
		return math.NaN()
	}
	return float64(s.Quantiles[int(math.Round(share*float64(len(s.Quantiles)-1)))])
}
