// Package dataset holds rows of flow features: their schema, the columnar frame
// that trainers read, files of rows in and out, labels and splits.
//
// It knows neither packets nor models. Start with [Schema] and [Frame].
package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Unit names what a column counts. The empty unit is a plain number (a ratio, a share, a 0/1 mark).
type Unit string

// Units of the columns. Times inside the program are int64 nanoseconds; a column says in what it is written.
const (
	None    Unit = ""
	Count   Unit = "count"
	Bytes   Unit = "B"
	Seconds Unit = "s"
	Millis  Unit = "ms"
	Micros  Unit = "us"
	Nanos   Unit = "ns"
	PerSec  Unit = "1/s"
	BPerSec Unit = "B/s"
	Bits    Unit = "bit"
	Hours   Unit = "h"
)

// Role says what a column is for. Only [Feature] columns are trained on unless the user asks.
type Role uint8

// Roles of columns.
const (
	Feature  Role = iota // describes behaviour
	Identity             // names the flow: address, port, number
	TimeRole             // says when the flow was
)

// String returns the word used in cards, model files and schema text.
func (r Role) String() string { return roles[r] }

var roles = [...]string{"feature", "identity", "time"}

// MarshalText implements [encoding.TextMarshaler].
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (r *Role) UnmarshalText(text []byte) error {
	i := slices.Index(roles[:], string(text))
	if i < 0 {
		return fmt.Errorf("no role of columns: %q", text)
	}
	*r = Role(i)
	return nil
}

// Column describes one column of rows.
type Column struct {
	Name  string `json:"name"`
	Unit  Unit   `json:"unit,omitempty"`
	Group string `json:"group,omitempty"` // group of columns it belongs to, for documentation and reports
	Role  Role   `json:"role,omitempty"`
	Words bool   `json:"words,omitempty"` // holds words, not numbers
}

// Schema is the part of a feature set that files of rows and models carry: which
// columns there are, in order, and under which rules flows were made.
type Schema struct {
	Set     string   `json:"set"`              // name of the feature set; "" for a foreign table
	Version int      `json:"version"`          // grows when a column's meaning changes
	Options string   `json:"options"`          // canonical text of the flow rules and set options in force
	Stages  []string `json:"stages,omitempty"` // feature stages behind the set, with their options
	Columns []Column `json:"columns"`
}

// Text is the canonical text of the schema: equal texts mean equal rows from equal packets.
func (s *Schema) Text() string {
	var b strings.Builder
	b.WriteString("set " + s.Set + "/" + strconv.Itoa(s.Version) + "\noptions " + s.Options + "\n")
	for _, st := range s.Stages {
		b.WriteString("stage " + st + "\n")
	}
	for _, c := range s.Columns {
		b.WriteString("column " + strconv.Quote(c.Name) + " " + string(c.Unit) + " " + c.Role.String())
		if c.Words {
			b.WriteString(" words")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Fingerprint is the SHA-256 of [Schema.Text] in hex.
func (s *Schema) Fingerprint() string {
	sum := sha256.Sum256([]byte(s.Text()))
	return hex.EncodeToString(sum[:])
}

// Places returns the position of every column by its name, the first of those of one name:
// for callers that look up many, for which [Schema.Index] would walk the columns each time.
func (s *Schema) Places() map[string]int {
	m := make(map[string]int, len(s.Columns))
	for i, c := range s.Columns {
		if _, twice := m[c.Name]; !twice {
			m[c.Name] = i
		}
	}
	return m
}

// Index returns the position of the column called name, or -1.
func (s *Schema) Index(name string) int {
	for i := range s.Columns {
		if s.Columns[i].Name == name {
			return i
		}
	}
	return -1
}
