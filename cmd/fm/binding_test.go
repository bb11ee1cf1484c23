package main

import (
	"slices"
	"strings"
	"testing"

	"fm/dataset"
	"fm/model"
	"fm/model/foreign"
	"fm/model/tree"
)

// Features find their columns, or it is said why not.
func TestBindFeatures(t *testing.T) {
	schema := &dataset.Schema{Set: "s", Version: 1, Columns: []dataset.Column{
		{Name: "src", Role: dataset.Identity}, {Name: "flow time", Unit: dataset.Seconds}, {Name: "bytes_ms", Unit: dataset.Bytes}, {Name: "app", Words: true}}}
	for _, c := range []struct {
		what    string
		names   []string
		labels  [][]string
		schema  *dataset.Schema
		renames []model.Rename
		inputs  int
		want    string // columns, or a part of the error
	}{
		{"without a schema", []string{"a", "b c"}, nil, nil, nil, 2, "a,b c"},
		{"without names", nil, nil, nil, nil, 3, "f0,f1,f2"},
		{"without names, renamed", nil, nil, nil, []model.Rename{{Feature: "f1", Column: "x"}}, 2, "f0,x"},
		{"by name, in another order", []string{"bytes_ms", "flow time"}, nil, schema, nil, 2, "bytes_ms,flow time"},
		{"blanks of LightGBM", []string{"flow_time"}, nil, schema, nil, 1, "flow time"},
		{"blanks around", []string{" flow time "}, nil, schema, nil, 1, "flow time"},
		{"blanks around of LightGBM", []string{"_flow_time"}, nil, schema, nil, 1, "flow time"},
		{"renamed by the name with blanks", []string{"the_time"}, nil, schema, []model.Rename{{Feature: "the time", Column: "flow time"}}, 1, "flow time"},
		{"renamed by a name of two", []string{"the_time", " the time"}, nil, schema, []model.Rename{{Feature: "the time", Column: "flow time"}}, 2, `"the time" can be feature "the_time" or " the time"`},
		{"renamed twice", []string{"the_time"}, nil, nil, []model.Rename{{Feature: "the time", Column: "a"}, {Feature: "the_time", Column: "b"}}, 1, `"the time" and "the_time" are both feature "the_time"`},
		{"two of one column", []string{"flow_time", "flow time"}, nil, schema, nil, 2, `two of them are column "flow time"`},
		{"by order of features", nil, nil, schema, nil, 3, "flow time,bytes_ms,app"},
		{"by order of all", nil, nil, schema, nil, 4, "src,flow time,bytes_ms,app"},
		{"by order, another number", nil, nil, schema, nil, 2, "4 columns (3 that describe behaviour) for its 2 features"},
		{"missing", []string{"flow time", "port"}, nil, schema, nil, 2, "1 of 2 are no columns"},
		{"renamed", []string{"dur", "app"}, nil, schema, []model.Rename{{Feature: "dur", Column: "flow time"}}, 2, "flow time,app"},
		{"renamed twice to one", []string{"dur", "flow time"}, nil, schema, []model.Rename{{Feature: "dur", Column: "flow time"}}, 2, `two of them are column "flow time"`},
		{"another unit", []string{"dur_ms"}, nil, schema, []model.Rename{{Feature: "dur_ms", Column: "flow time"}}, 1, `"dur_ms" is in ms by its name, column "flow time" of "s/1" in s`},
		{"the same name is the same unit", []string{"bytes_ms"}, nil, schema, nil, 1, "bytes_ms"},
		{"two of one name", []string{"a", "a"}, nil, nil, nil, 2, `two of them are called "a"`},
		{"words", []string{"app"}, [][]string{{"dns"}}, schema, nil, 1, "app"},
		{"words for numbers", []string{"bytes_ms"}, [][]string{{"dns"}}, schema, nil, 1, `column "bytes_ms" of "s/1" holds numbers`},
		{"useless rename", []string{"a"}, nil, nil, []model.Rename{{Feature: "b", Column: "c"}}, 1, `no feature "b"`},
	} {
		m := &foreign.Model{Scorer: tree.NewEnsemble(model.Binary, c.inputs, 1), Names: c.names, Categories: c.labels}
		b, err := bindFeatures(m, c.schema, c.renames)
		if err != nil {
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", c.what, err)
			}
			continue
		}
		var columns []string
		for _, in := range b.inputs {
			columns = append(columns, in.Name)
		}
		if got := strings.Join(columns, ","); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
		if (c.schema == nil) == slices.Equal(b.schema.Columns, schema.Columns) {
			t.Errorf("%s: schema %+v", c.what, b.schema)
		}
	}
}
