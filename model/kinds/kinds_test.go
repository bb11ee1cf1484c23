package kinds_test

import (
	"bytes"
	"context"
	"testing"

	"fm/model"
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

// Every kind trains, is written, and is read back by its name.
func TestFiles(t *testing.T) {
	f := modeltest.Table(200, 2, 1)
	for _, k := range kinds.All() {
		s, err := k.Trainer(1, 2).Train(context.Background(), f, modeltest.All(f))
		if err != nil {
			t.Errorf("%s: %v", k.Name, err)
			continue
		}
		manifest := model.Manifest{Kind: k.Name, Classes: f.Classes, Schema: *f.Schema}
		for _, c := range f.Schema.Columns {
			manifest.Inputs = append(manifest.Inputs, model.Input{Name: c.Name})
		}
		m, err := model.New(manifest, s)
		if err != nil {
			t.Errorf("%s: %v", k.Name, err)
			continue
		}
		var b bytes.Buffer
		if err := m.Write(&b, k.Codec); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
		if _, err := model.Read(&b, kinds.Codec); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
	}
}
