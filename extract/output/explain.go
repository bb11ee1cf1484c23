package output

import (
	"math"
	"strconv"
	"strings"

	"fm/dataset"
	"fm/extract"
)

// Explain says how the parts of a margin are written.
type Explain struct {
	Inputs  []Input // of the model, as extract.Reason counts them
	Outputs int     // margins of the model
	Largest int     // so many reasons stand in columns of their own; 0: every contribution does
}

// Input is a column that a model reads, and what is usual for benign flows.
type Input struct {
	Name      string
	Unit      dataset.Unit
	Low, High float64  // the usual range; NaN: not known
	Missing   float64  // share of flows that have no value
	Words     []string // not nil: a value counts these
}

// Columns of a reason.
const (
	reasonFeature = iota
	reasonValue
	reasonLow
	reasonHigh
	reasonContribution
	reasonColumns
)

// tableReasons are the most reasons of a line of a table.
const tableReasons = 5

// Columns are the names of the columns that text formats have for explanations: with
// Largest five for each reason, else one for each contribution and bias, output by output.
func (e *Explain) Columns() []string {
	var names []string
	for i := range e.Largest {
		before := "explain_" + strconv.Itoa(i+1) + "_"
		names = append(names, before+"feature", before+"value", before+"usual_low", before+"usual_high", before+"contribution")
	}
	if e.Largest > 0 {
		return names
	}
	for o := range e.Outputs {
		before := "contribution_"
		if e.Outputs > 1 {
			before += strconv.Itoa(o) + "_"
		}
		for _, in := range e.Inputs {
			names = append(names, before+in.Name)
		}
		names = append(names, before+"bias")
	}
	return names
}

// Word tells whether column i of [Explain.Columns] holds words: names of features, and
// values where some input has words.
func (e *Explain) Word(i int) bool {
	if e.Largest == 0 {
		return false
	}
	switch i % reasonColumns {
	case reasonFeature:
		return true
	case reasonValue:
		for _, in := range e.Inputs {
			if in.Words != nil {
				return true
			}
		}
	}
	return false
}

// number is column i of a row; NaN where there is none.
func (e *Explain) number(i int, reasons []extract.Reason, parts []float64) float64 {
	if e.Largest == 0 {
		if i < len(parts) {
			return parts[i]
		}
		return math.NaN()
	}
	if i/reasonColumns >= len(reasons) {
		return math.NaN()
	}
	r := reasons[i/reasonColumns]
	switch i % reasonColumns {
	case reasonValue:
		return r.Value
	case reasonLow:
		return e.Inputs[r.Input].Low
	case reasonHigh:
		return e.Inputs[r.Input].High
	}
	return r.Contribution
}

// Append writes the plain text of column i of a row, nothing where there is no value.
func (e *Explain) Append(dst []byte, i int, reasons []extract.Reason, parts []float64) []byte {
	if e.Largest > 0 && i/reasonColumns < len(reasons) {
		r := reasons[i/reasonColumns]
		in := &e.Inputs[r.Input]
		if i%reasonColumns == reasonFeature {
			return append(dst, in.Name...)
		}
		if w, ok := in.word(r.Value); ok && i%reasonColumns == reasonValue {
			return append(dst, w...)
		}
	}
	return appendFloat(dst, e.number(i, reasons, parts))
}

// word is the word that v counts.
func (in *Input) word(v float64) (string, bool) {
	if v >= 0 && v < float64(len(in.Words)) {
		return in.Words[int(v)], true
	}
	return "", false
}

// usual tells whether the usual range is known.
func (in *Input) usual() bool { return in.Low <= in.High }

// AppendJSON writes reasons as an array of objects with feature, value, usual (low and
// high, left out where not known) and contribution.
func (e *Explain) AppendJSON(dst []byte, reasons []extract.Reason) []byte {
	number := func(v float64) {
		n := len(dst)
		if dst = appendFloat(dst, v); len(dst) == n {
			dst = append(dst, "null"...)
		}
	}
	dst = append(dst, '[')
	for i, r := range reasons {
		if i > 0 {
			dst = append(dst, ',')
		}
		in := &e.Inputs[r.Input]
		dst = appendJSON(append(dst, `{"feature":`...), in.Name)
		dst = append(dst, `,"value":`...)
		if w, ok := in.word(r.Value); ok {
			dst = appendJSON(dst, w)
		} else {
			number(r.Value)
		}
		if in.usual() {
			dst = append(dst, `,"usual":[`...)
			number(in.Low)
			dst = append(dst, ',')
			number(in.High)
			dst = append(dst, ']')
		}
		dst = append(dst, `,"contribution":`...)
		number(r.Contribution)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// appendPhrases writes reasons for people: "dst ports 412 (usual 1–3) +0.31; …".
func (e *Explain) appendPhrases(dst []byte, reasons []extract.Reason) []byte {
	for i, r := range reasons[:min(len(reasons), tableReasons)] {
		if i > 0 {
			dst = append(dst, "; "...)
		}
		in := &e.Inputs[r.Input]
		dst = append(appendPrintable(dst, strings.ReplaceAll(in.Name, "_", " ")), ' ')
		if w, ok := in.word(r.Value); ok {
			dst = appendPrintable(dst, w)
		} else {
			dst = appendRounded(dst, r.Value, in.Unit)
		}
		if in.usual() {
			dst = appendRounded(append(dst, " (usual "...), in.Low, "")
			if in.High != in.Low {
				to := "–"
				if in.Low < 0 {
					to = " to "
				}
				dst = appendRounded(append(dst, to...), in.High, "")
			}
			if r.Value != r.Value {
				dst = append(strconv.AppendFloat(append(dst, "; missing in "...), 100*in.Missing, 'f', 0, 64), " %"...)
			}
			dst = append(dst, ')')
		}
		dst = append(dst, ' ')
		if r.Contribution >= 0 {
			dst = append(dst, '+')
		}
		dst = strconv.AppendFloat(dst, r.Contribution, 'g', 2, 64)
	}
	return dst
}

// appendRounded writes v to four digits and its unit, if that is one to be read.
func appendRounded(dst []byte, v float64, unit dataset.Unit) []byte {
	switch a := math.Abs(v); {
	case v != v:
		return append(dst, "missing"...)
	case a >= 1000 && a < 1e15:
		dst = strconv.AppendFloat(dst, v, 'f', 0, 64)
	default:
		dst = strconv.AppendFloat(dst, v, 'g', 4, 64)
	}
	if unit != dataset.None && unit != dataset.Count {
		dst = append(append(dst, ' '), unit...)
	}
	return dst
}
