package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fm/dataset"
	"fm/extract"
	"fm/extract/capture"
	"fm/extract/output"
	"fm/extract/packet"
)

// failing is a line that goes down behind its first batch.
type failing struct {
	extract.Source
	filled bool
}

var errDown = errors.New("the interface went down")

func (f *failing) Fill(b *packet.Batch) error {
	if f.filled {
		return errDown
	}
	f.filled = true
	return f.Source.Fill(b)
}

// ownPipeline is a pipeline of the default set.
func ownPipeline(t *testing.T) *pipeline {
	t.Helper()
	s := setFlags{set: defaultSet}
	set, err := s.build((&app{ui: &ui{}}).extractCommand())
	if err != nil {
		t.Fatal(err)
	}
	return newPipeline(set)
}

// A live run whose interface goes down keeps its rows, with a card that says they are not all.
func TestInterfaceDown(t *testing.T) {
	dir := t.TempDir()
	pcap, rows := filepath.Join(dir, "a.pcap"), filepath.Join(dir, "rows.csv")
	if err := os.WriteFile(pcap, udpCapture(20), 0o666); err != nil {
		t.Fatal(err)
	}
	files, err := capture.Open([]string{pcap}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	stop := newStopper(context.Background(), nil)
	defer stop.close()
	a := &app{ui: &ui{w: &bytes.Buffer{}}, stop: stop}
	p := ownPipeline(t)
	x := &extraction{}
	err = a.extractOne(x, &metering{set: p.set}, &input{Source: &failing{Source: files}}, rows, output.Options{Schema: p.schema})
	if !errors.Is(err, errDown) {
		t.Errorf("error %v", err)
	}
	text, err := os.ReadFile(rows)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n != 21 {
		t.Errorf("%d lines, want 20 flows and the header", n)
	}
	card, err := dataset.ReadCardBeside(rows)
	if err != nil {
		t.Fatal(err)
	}
	if card.Complete || card.Rows != 20 {
		t.Errorf("card: complete %v, %d rows", card.Complete, card.Rows)
	}
}

// After an interrupt the read of a silent pipe goes on by itself, and nothing looks at
// what it may be changing (the race detector watches).
func TestDetached(t *testing.T) {
	path := filepath.Join(t.TempDir(), "damaged.pcap")
	if err := os.WriteFile(path, udpCapture(3)[:150], 0o666); err != nil {
		t.Fatal(err)
	}
	files, err := capture.Open([]string{path}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	in := &input{Source: detach(ctx, files), files: files}
	var b packet.Batch
	if err := in.Fill(&b); err != nil || len(b.Frames) != 2 {
		t.Fatalf("%d frames, %v", len(b.Frames), err)
	}
	if _, cuts := in.noticed(); len(cuts) != 1 {
		t.Errorf("noticed %v", cuts)
	}
	cancel()
	if err := in.Fill(&b); err != io.EOF {
		t.Errorf("after the interrupt: %v", err)
	}
	if _, cuts := in.noticed(); len(cuts) != 1 {
		t.Errorf("noticed %v", cuts)
	}
}
