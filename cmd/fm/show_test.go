package main

import (
	"bytes"
	"strings"
	"testing"

	"fm/dataset"
	"fm/model"
)

// No word of a model file can move the terminal.
func TestShowHostile(t *testing.T) {
	const bad = "\x1b[2Jé\x9b31m\r\u009b\x07"
	m := &loaded{Model: &model.Model{Manifest: model.Manifest{Kind: bad, FM: bad, Task: bad, Classes: []string{bad},
		Thresholds: []model.Threshold{{Rule: bad, Reason: bad}}, Inputs: []model.Input{{Name: bad}},
		Sources: []dataset.Source{{Label: bad, Path: bad}}, HeldOut: &model.HeldOut{Split: bad}}}, name: bad}
	var b bytes.Buffer
	if err := showModel(&b, m); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(b.String(), func(c rune) bool { return c != '\n' && (c < ' ' || c >= 0x7f && c < 0xa0) }); i >= 0 {
		t.Errorf("%q", b.String()[max(0, i-20):])
	}
	if bytes.Contains(b.Bytes(), []byte{'m', 0x9b}) || !strings.Contains(b.String(), "model       \ufffd[2Jé\ufffd31m\ufffd\ufffd\ufffd: ") {
		t.Errorf("%q", b.String())
	}
}
