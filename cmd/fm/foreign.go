package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"fm/dataset"
	"fm/extract/feature"
	"fm/model"
	"fm/model/foreign"
	"fm/model/kinds"
)

// foreignFile is a model file of another library.
type foreignFile struct {
	path string
	sum  string // SHA-256 of the file
	*foreign.Model
}

// readForeign reads the model of another library from r, the file at path.
func readForeign(r io.Reader, path string) (*foreignFile, error) {
	h := sha256.New()
	in := io.TeeReader(r, h)
	m, err := foreign.Read(in, path)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		return nil, fileError("read", path, err)
	}
	return &foreignFile{path: path, sum: hex.EncodeToString(h.Sum(nil)), Model: m}, nil
}

// readFolder reads a model that lies in several files of a folder.
func readFolder(path string) (*foreignFile, error) {
	h := sha256.New()
	m, err := foreign.ReadFolder(os.DirFS(path), path, h)
	if err != nil {
		return nil, err
	}
	return &foreignFile{path: path, sum: hex.EncodeToString(h.Sum(nil)), Model: m}, nil
}

// isFolder tells whether path is a folder, whose files together are the model.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// openModel opens a model file and tells whether it begins as those of fm do.
func openModel(path string) (f *os.File, r *bufio.Reader, own bool, err error) {
	f, err = os.Open(path)
	if err != nil {
		return nil, nil, false, fileError("read", path, err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, nil, false, fmt.Errorf("read %s: is a directory", path)
	}
	r = bufio.NewReader(f)
	begin, err := r.Peek(9)
	if err != nil && err != io.EOF {
		f.Close()
		return nil, nil, false, fileError("read", path, err)
	}
	return f, r, string(begin) == "fm model ", nil
}

// classNames are the classes of the model: those given, or benign and what is not.
func (f *foreignFile) classNames(given []string) ([]string, error) {
	n := 2
	if f.Scorer.Task() == model.Classes {
		n = f.Scorer.Outputs()
	}
	if given == nil {
		names := []string{dataset.Benign}
		if n == 2 {
			return append(names, dataset.Malicious), nil
		}
		for i := 1; i < n; i++ {
			names = append(names, fmt.Sprintf("class_%d", i))
		}
		return names, nil
	}
	switch {
	case f.Scorer.Task() == model.Regression:
		return nil, &usageError{text: "--classes: the model gives numbers, no classes"}
	case len(given) != n:
		return nil, &usageError{text: fmt.Sprintf("--classes: %d names, the model has %d classes", len(given), n)}
	case given[0] != dataset.Benign:
		return nil, &usageError{text: fmt.Sprintf("--classes: the first class is %q", given[0]), hint: "verdicts need a model whose class 0 is " + dataset.Benign}
	}
	return given, nil
}

// imported makes the model of f with its features bound as b says.
func (f *foreignFile) imported(b *binding, classes []string, proofs []model.Proof) (*model.Model, error) {
	names, err := f.classNames(classes)
	if err != nil {
		return nil, err
	}
	m := model.Manifest{FM: release, Kind: f.Kind(), Classes: names, Schema: b.schema, Inputs: b.inputs,
		Imported: &model.Imported{File: filepath.Base(f.path), SHA256: f.sum, Library: f.Library, Version: f.Version, Format: f.Format,
			Objective: f.Objective, Columns: b.how, Renamed: b.renamed, Notes: f.Notes, Proofs: proofs}}
	if f.Scorer.Task() != model.Regression {
		m.Thresholds = []model.Threshold{{Value: 0.5, Rule: "default", Reason: "half: the file names no threshold"}}
	}
	if kinds.Codec(m.Kind) == nil {
		return nil, fmt.Errorf("import %s: no kind %q", f.path, m.Kind)
	}
	return model.New(m, f.Scorer)
}

// readOnTheFly reads the model file of another library as a model of its own columns.
func readOnTheFly(r io.Reader, path string) (*loaded, error) {
	f, err := readForeign(r, path)
	if err != nil {
		return nil, err
	}
	b, err := bindFeatures(f.Model, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	m, err := f.imported(b, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return &loaded{Model: m, name: path}, nil
}

// errNoSet is the cause when no feature set has the columns of an imported model.
var errNoSet = errors.New("no feature set has these columns")

// setOf finds the feature set whose columns an imported model reads by name, the
// default one first.
func setOf(m *model.Model) (*pipeline, error) {
	names := []string{defaultSet}
	for _, d := range feature.Sets() {
		if d.Name != defaultSet {
			names = append(names, d.Name)
		}
	}
	for _, name := range names {
		values := map[string]string{}
		if name != defaultSet {
			values[feature.Faithful] = "true" // it was trained on what the tool wrote
		}
		set, err := feature.Build(name, values)
		if err != nil {
			return nil, err
		}
		p := newPipeline(set)
		if hasInputs(p.schema, m.Inputs) {
			return p, nil
		}
	}
	return nil, errNoSet
}

func hasInputs(s *dataset.Schema, inputs []model.Input) bool {
	for _, in := range inputs {
		if len(s.Alike(in.Name)) != 1 || in.Words != nil {
			return false
		}
	}
	return true
}
