package tree

import (
	"strings"
	"testing"

	"fm/model"
)

// A column has one slot: a step of 0 behind the first column is refused.
func TestDecodeColumnTwice(t *testing.T) {
	e := NewEnsemble(model.Regression, 3, 1)
	for f := range int32(2) {
		e.Trees = append(e.Trees, Tree{Nodes: []Node{{Feature: f, Threshold: 0.5, Left: -1, Right: -2}}, Values: []float64{1, 2}, Cover: []float64{1, 1}, Gain: []float32{1}})
	}
	b, err := Codec{}.Append(nil, e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (Codec{}).Decode(b); err != nil {
		t.Fatal(err)
	}
	// Form, inputs to flags, one base, the number of columns, the first step.
	at := 2 + 5 + 8 + 1 + 1 + len(newTables(e).thresholds[0].appendTo(nil))
	if b[at] != 1 {
		t.Fatalf("byte %d is %d, want the step from column 0 to 1", at, b[at])
	}
	b[at] = 0
	if _, err := (Codec{}).Decode(b); err == nil || !strings.Contains(err.Error(), "column 0 stands twice") {
		t.Errorf("error %v", err)
	}
}
