package model

import (
	"fmt"
	"math"

	"fm/dataset"
)

// Made says how the rows' columns make an input of a model that was trained on other ones:
// their sum, put into the model's unit of time.
type Made struct {
	Columns []string     `json:"columns,omitempty"` // of the schema; none: the input is always Absent
	Unit    dataset.Unit `json:"unit,omitempty"`    // of the input; "": that of the columns
	Absent  *Number      `json:"absent,omitempty"`  // what the input is where no column has a value; nil: missing
}

// Columns are the columns of the schema that the input is made of.
func (in *Input) Columns() []string {
	if in.Made != nil {
		return in.Made.Columns
	}
	return []string{in.Name}
}

// maxParts bounds the columns of which an input is made.
const maxParts = 16

func (in *Input) check(s *dataset.Schema, places map[string]int) error {
	m := in.Made
	if m == nil {
		if _, ok := places[in.Name]; !ok {
			return fmt.Errorf("input %q is not one column of the schema", in.Name)
		}
		return nil
	}
	switch {
	case in.Name == "" || len(m.Columns) > maxParts:
		return fmt.Errorf("input %q is made of %d columns", in.Name, len(m.Columns))
	case in.Words != nil:
		return fmt.Errorf("input %q has words and is made of columns", in.Name)
	case m.Absent != nil && math.IsInf(float64(*m.Absent), 0):
		return fmt.Errorf("input %q is infinite where it is absent", in.Name)
	}
	var unit dataset.Unit // of the columns before
	for k, name := range m.Columns {
		i, ok := places[name]
		if !ok {
			return fmt.Errorf("input %q is made of %q, which is no column of the schema", in.Name, name)
		}
		c := s.Columns[i]
		if m.Unit == "" {
			continue
		}
		if _, err := conversion(c.Unit, m.Unit); err != nil {
			return fmt.Errorf("input %q: %w", in.Name, err)
		}
		if k > 0 && unit != c.Unit {
			return fmt.Errorf("input %q is made of columns in %s and %s", in.Name, unit, c.Unit)
		}
		unit = c.Unit
	}
	return nil
}

// nanos are the units of time in nanoseconds.
var nanos = map[dataset.Unit]float64{dataset.Nanos: 1, dataset.Micros: 1e3, dataset.Millis: 1e6, dataset.Seconds: 1e9, dataset.Hours: 3600e9}

// change is a conversion between units of time: to nanoseconds and from them.
type change struct{ times, by float64 }

// conversion converts numbers of a unit to another; equal units need none.
func conversion(from, to dataset.Unit) (change, error) {
	a, b := nanos[from], nanos[to]
	switch {
	case from == to:
		return change{1, 1}, nil
	case a == 0 || b == 0:
		return change{}, fmt.Errorf("units that do not convert: %s to %s", from, to)
	}
	return change{a, b}, nil
}

// of converts v. Numbers that are whole nanoseconds but for rounding are taken for these, so
// that 1.001 ms are 1001 us as a tool has them that counts microseconds; the result never
// descends where v ascends.
func (c change) of(v float64) float64 {
	if c.times == c.by {
		return v
	}
	ns := float64(v * c.times) // no fused multiply-add below
	if whole := math.RoundToEven(ns); math.Abs(ns-whole) <= math.Abs(ns)*0x1p-51 {
		ns = whole
	}
	return ns / c.by
}

// making is a Made that is bound to the columns of rows.
type making struct {
	columns []int
	change  change
	absent  float64
}

func (m *making) of(row []float64) float64 {
	sum, found := 0.0, false
	for _, c := range m.columns {
		if v := row[c]; v == v {
			sum, found = sum+v, true
		}
	}
	if !found {
		return m.absent
	}
	return m.change.of(sum)
}

// making binds an input to places in rows; units are those of the schema it was checked by.
func (m *Model) making(in *Input, columns []int) (*making, error) {
	out := &making{columns: columns, change: change{1, 1}, absent: nan}
	if in.Made.Absent != nil {
		out.absent = float64(*in.Made.Absent)
	}
	if len(columns) > 0 && in.Made.Unit != "" {
		var err error
		out.change, err = conversion(m.Schema.Columns[m.Schema.Index(in.Made.Columns[0])].Unit, in.Made.Unit)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
