// Package feature holds the feature sets: for each, how packets are read, what
// starts and ends a flow, which groups are kept and which columns are written.
//
// Header, row, documentation, schema and fingerprint all come from one table of
// columns. It knows neither goroutines nor files. Start with [Build].
package feature

import (
	"fm/dataset"
	"fm/extract/flow"
	"fm/extract/packet"
)

// Column is one number of a row.
type Column struct {
	Name  string
	Unit  dataset.Unit
	Group string // as --with and --without name it
	Role  dataset.Role
	Needs flow.Needs
	Doc   string                   // one sentence: definition, convention, source
	Value func(*flow.View) float64 // NaN = the value does not exist
}

// Cell writes one field of a tool's original layout exactly as the tool does.
type Cell struct {
	Name   string
	Append func(dst []byte, v *flow.View) []byte
}

// Set is everything that makes rows from packets.
type Set struct {
	Name     string
	Version  int
	Doc      string
	Options  string // canonical text of rules and options; part of the fingerprint
	View     packet.View
	Life     flow.Life
	First    uint64 // packets that enter columns, 0 all
	Columns  []Column
	Original []Cell                // nil: the columns
	Keep     func(*flow.View) bool // nil: every flow
}

// Needs are the groups that the columns and the life of s read.
func (s *Set) Needs() flow.Needs {
	n := s.Life.Needs()
	for i := range s.Columns {
		n |= s.Columns[i].Needs
	}
	return n
}

// Schema is the part of s that files of rows and models carry.
func (s *Set) Schema() *dataset.Schema {
	sc := &dataset.Schema{Set: s.Name, Version: s.Version, Options: s.Options}
	for _, c := range s.Columns {
		sc.Columns = append(sc.Columns, dataset.Column{Name: c.Name, Unit: c.Unit, Group: c.Group, Role: c.Role})
	}
	return sc
}
