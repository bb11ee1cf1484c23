package main

import (
	"fmt"
	"testing"

	"fm/dataset"
	"fm/model"
	"fm/model/foreign"
	"fm/model/tree"
)

// As many inputs as a file may have without names are bound and checked, which is quick
// without a walk over all columns for each.
func TestManyInputs(t *testing.T) {
	const inputs = dataset.MaxColumns
	f := &foreignFile{path: "x", Model: &foreign.Model{Library: "xgboost", Scorer: tree.NewEnsemble(model.Binary, inputs, 1)}}
	for _, s := range []*dataset.Schema{nil, manyColumns(inputs)} {
		b, err := bindFeatures(f.Model, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		m, err := f.imported(b, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := m.Bind(&m.Schema)
		if err != nil || bound.Width() != inputs {
			t.Fatal(err)
		}
	}
}

func manyColumns(n int) *dataset.Schema {
	s := &dataset.Schema{}
	for i := range n {
		s.Columns = append(s.Columns, dataset.Column{Name: fmt.Sprintf("column %d", i)})
	}
	return s
}
