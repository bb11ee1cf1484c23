package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"fm/dataset"
)

// Manifest is what a model file says about its model, in words that a person can read.
type Manifest struct {
	FM          string           `json:"fm"`      // version of the program that made it
	Kind        string           `json:"kind"`    // names codec and trainer
	Task        string           `json:"task"`    // binary, classes or regression
	Classes     []string         `json:"classes"` // index 0 is "benign"
	Thresholds  []Threshold      `json:"thresholds"`
	Schema      dataset.Schema   `json:"schema"`      // of the rows that were trained on, whole
	Fingerprint string           `json:"fingerprint"` // of Schema
	Inputs      []Input          `json:"inputs"`      // columns that the model reads, in its order
	Trainer     json.RawMessage  `json:"trainer,omitempty"`
	Seed        uint64           `json:"seed"`
	PerCapture  int              `json:"per_capture,omitempty"` // most flows drawn from one capture; 0: all
	Sources     []dataset.Source `json:"sources,omitempty"`
	HeldOut     *HeldOut         `json:"held_out,omitempty"`
	Imported    *Imported        `json:"imported,omitempty"` // nil: trained by fm
}

// Input is one column that a model reads and what it held in training.
type Input struct {
	Name    string   `json:"name"`
	Made    *Made    `json:"made,omitempty"`  // nil: the input is the column of its name
	Words   []string `json:"words,omitempty"` // of a categorical column: the value of words[i] is i
	Benign  *Summary `json:"benign,omitempty"`
	All     *Summary `json:"all,omitempty"`
	Missing float64  `json:"missing"` // share of all rows without a value
}

// Summary is a distribution: 33 quantiles from the smallest to the largest value in
// equal steps of probability (type 7 of Hyndman and Fan, 1996), of the rows with a value.
type Summary struct {
	Rows      int      `json:"rows"`
	Missing   float64  `json:"missing"` // share without a value
	Quantiles []Number `json:"quantiles,omitempty"`
}

// Threshold is a score from which on a flow is called malicious, and why. The last one
// of a manifest is in force; adapting appends.
type Threshold struct {
	Value    float64 `json:"value"`
	Rule     string  `json:"rule"`               // max-fpr, given, default
	Reason   string  `json:"reason"`             // one sentence
	Budget   float64 `json:"budget,omitempty"`   // allowed share of benign flows
	Realised float64 `json:"realised,omitempty"` // share of the benign rows it rests on that reach it
	Lo       float64 `json:"lo"`                 // exact 95 % interval of Realised
	Hi       float64 `json:"hi"`
	Rows     int     `json:"rows"` // benign rows it rests on
	Groups   int     `json:"groups,omitempty"`
}

// HeldOut is how the model did on rows held out of training, before it was refitted on all.
type HeldOut struct {
	Split            string  `json:"split"` // what was held out together, in words
	Folds            int     `json:"folds"`
	Rows             int     `json:"rows"`
	Positive         int     `json:"positive"`
	AUC              Number  `json:"auc"`
	AveragePrecision Number  `json:"average_precision"`
	Threshold        float64 `json:"threshold"`
	TN               int     `json:"tn"`
	FP               int     `json:"fp"`
	FN               int     `json:"fn"`
	TP               int     `json:"tp"`

	Permutation *Permutation `json:"permutation,omitempty"`
}

// Number is a float64 that JSON can hold: NaN is null, infinities are "inf" and "-inf".
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	switch v := float64(n); {
	case math.IsNaN(v):
		return []byte("null"), nil
	case math.IsInf(v, 1):
		return []byte(`"inf"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-inf"`), nil
	default:
		return json.Marshal(v)
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "null":
		*n = Number(math.NaN())
	case `"inf"`:
		*n = Number(math.Inf(1))
	case `"-inf"`:
		*n = Number(math.Inf(-1))
	default:
		var v float64
		if err := json.Unmarshal(b, &v); err != nil {
			return err
		}
		*n = Number(v)
	}
	return nil
}

// Quantiles is the number of quantiles of a [Summary].
const Quantiles = 33

// Summarise describes sorted, the present values of a column in ascending order, of a
// column of rows values.
func Summarise(sorted []float64, rows int) *Summary {
	s := &Summary{Rows: rows}
	if rows > 0 {
		s.Missing = float64(rows-len(sorted)) / float64(rows)
	}
	if len(sorted) == 0 {
		return s
	}
	for q := range Quantiles {
		at := float64(q) / (Quantiles - 1) * float64(len(sorted)-1)
		i := int(at)
		v := sorted[i]
		if part := at - float64(i); part > 0 && sorted[i+1] != v {
			v += float64(part * (sorted[i+1] - v)) // a product of its own: the same bits on every CPU
		}
		s.Quantiles = append(s.Quantiles, Number(short(v)))
	}
	return s
}

// short rounds to six significant digits, so that a manifest stays readable.
func short(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if err != nil { // beyond the largest float
		return v
	}
	return r
}

// InForce is the threshold in force; ok is false if the model has none.
func (m *Manifest) InForce() (t Threshold, ok bool) {
	if len(m.Thresholds) == 0 {
		return Threshold{}, false
	}
	return m.Thresholds[len(m.Thresholds)-1], true
}

// String is the word for t in manifests.
func (t Task) String() string { return [...]string{"binary", "classes", "regression"}[t] }

// check verifies that the manifest is whole and fits s.
func (m *Manifest) check(s Scorer) error {
	if len(m.Inputs) != s.Inputs() {
		return fmt.Errorf("manifest names %d inputs, payload has %d", len(m.Inputs), s.Inputs())
	}
	places, seen := m.Schema.Places(), make(map[string]bool, len(m.Inputs))
	for _, in := range m.Inputs {
		if seen[in.Name] {
			return fmt.Errorf("input %q stands twice", in.Name)
		}
		if err := in.check(&m.Schema, places); err != nil {
			return err
		}
		seen[in.Name] = true
	}
	for _, c := range m.Schema.Columns {
		if c.Role > dataset.TimeRole {
			return fmt.Errorf("column %q has role %d", c.Name, c.Role)
		}
	}
	if m.Fingerprint != m.Schema.Fingerprint() {
		return errors.New("fingerprint does not belong to the schema")
	}
	if m.Task != s.Task().String() {
		return fmt.Errorf("manifest says task %q, payload %q", m.Task, s.Task())
	}
	outputs, classes := s.Outputs(), len(m.Classes)
	if s.Task() == Binary && (outputs != 1 || classes != 2) || s.Task() == Classes && outputs != classes {
		return fmt.Errorf("%d classes with %d outputs", classes, outputs)
	}
	for _, t := range m.Thresholds {
		if math.IsNaN(t.Value) {
			return errors.New("a threshold is not a number")
		}
	}
	return nil
}
