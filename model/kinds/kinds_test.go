package kinds_test

import (
	"bytes"
	"context"
	"reflect"
	"testing"

	"fm/dataset"
	"fm/model"
	"fm/model/boost"
	"fm/model/kinds"
	"fm/model/modeltest"
)

func TestFind(t *testing.T) {
	if _, ok := kinds.Find(kinds.Default); !ok || kinds.All()[0].Name != kinds.Default {
		t.Error("the default kind is not the first")
	}
	if _, ok := kinds.Find("nothing"); ok || kinds.Codec("nothing") != nil {
		t.Error("a kind called nothing is found")
	}
}

// Every kind trains on both kinds of rows, is written, and is read back by its name.
func TestFiles(t *testing.T) {
	f := modeltest.Table(200, 2, 1)
	for _, k := range kinds.All() {
		for _, from := range []kinds.Rows{kinds.Flows, kinds.Table} {
			if err := file(k, from, f); err != nil {
				t.Errorf("%s of rows %d: %v", k.Name, from, err)
			}
		}
	}
}

func file(k kinds.Kind, from kinds.Rows, f *dataset.Frame) error {
	s, err := k.Trainer(from, 1, 2).Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		return err
	}
	manifest := model.Manifest{Kind: k.Name, Classes: f.Classes, Schema: *f.Schema}
	for _, c := range f.Schema.Columns {
		manifest.Inputs = append(manifest.Inputs, model.Input{Name: c.Name})
	}
	m, err := model.New(manifest, s)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := m.Write(&b, k.Codec); err != nil {
		return err
	}
	_, err = model.Read(&b, kinds.Codec)
	return err
}

// Boosting on a table is what boost does by itself, with early stopping; on flows it is
// not, and everything that makes trees differ is on.
func TestBoosted(t *testing.T) {
	k, _ := kinds.Find("gbdt")
	table := k.Trainer(kinds.Table, 7, 2).(boost.Trainer)
	if want := (boost.Trainer{Seed: 7, Workers: 2}).WithDefaults(); !reflect.DeepEqual(table, want) {
		t.Errorf("table: %+v, want %+v", table, want)
	}
	flows := k.Trainer(kinds.Flows, 7, 2).(boost.Trainer)
	if flows.Rows >= 1 || flows.Columns >= 1 || flows.Patience > 0 || flows.Seed != 7 || flows.Workers != 2 {
		t.Errorf("flows: %+v", flows)
	}
}
