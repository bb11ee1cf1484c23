package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fm/dataset"
	"fm/extract"
	"fm/extract/capture"
	"fm/extract/output"
)

// dataFlags name labelled traffic: captures or tables by class, or tables with a label column.
type dataFlags struct {
	benign, malicious []string
	classes           []string // NAME=PATH
	tables            []string
	label             string
	benignValue       string
	labels            string
	reading           tableFlags
}

func (d *dataFlags) add(fs *pflag.FlagSet) {
	g := flagGroup{fs, "Data"}
	g.files(&d.benign, "benign", "", "captures of benign traffic: `FILE...` or folders, or tables of flows that fm wrote")
	g.files(&d.malicious, "malicious", "", "captures of attacks: `FILE...` or folders, or tables of flows that fm wrote")
	fs.Var(&list{p: &d.classes, check: checkClass}, "class", "captures of one class of attack, `NAME=FILE...`, for more than two classes")
	g.note("class", noteWords)
	g.files(&d.tables, "flows", "", "tables of labelled flows, `FILE...` or folders: CSV, TSV, logs of Zeek, JSON Lines, Parquet, also gzip, zstd or zip")
	g.text(&d.label, "label", "", "", "label column of the tables, `COLUMN` (default: label, in any case)")
	g.text(&d.benignValue, "benign-value", "", "", "what that column says of benign flows, `V` (default: benign, normal or 0, the first that occurs); case, blanks around and a full stop behind do not count")
	g.text(&d.labels, "labels", "", "", "rules that overrule a capture's label: `FILE` of file, proto, ip, port, label, tab separated")
	d.reading.add(fs)
}

func checkClass(v string) error {
	name, path, ok := strings.Cut(v, "=")
	switch {
	case !ok || name == "" || path == "":
		return errors.New("not NAME=FILE")
	case name == dataset.Background || name == dataset.Ignore:
		return fmt.Errorf("%s is no class: flows of that label are left out", name)
	}
	return nil
}

// side is the files of one class.
type side struct {
	class string
	paths []string
}

// sides are the classes with their files, benign first.
func (d *dataFlags) sides() []side {
	var out []side
	put := func(class, path string) {
		i := slices.IndexFunc(out, func(s side) bool { return s.class == class })
		if i < 0 {
			i = len(out)
			out = append(out, side{class: class})
		}
		out[i].paths = append(out[i].paths, path)
	}
	for _, p := range d.benign {
		put(dataset.Benign, p)
	}
	for _, p := range d.malicious {
		put(dataset.Malicious, p)
	}
	for _, c := range d.classes {
		name, path, _ := strings.Cut(c, "=")
		put(name, path)
	}
	slices.SortStableFunc(out, func(a, b side) int {
		switch dataset.Benign {
		case a.class:
			return -1
		case b.class:
			return 1
		}
		return 0
	})
	return out
}

// classNames are the classes that the model tells apart; nil: those of the model at hand.
func (d *dataFlags) classNames() []string {
	if len(d.classes) == 0 {
		return []string{dataset.Benign, dataset.Malicious}
	}
	names := []string{dataset.Benign}
	for _, s := range d.sides() {
		if s.class != dataset.Benign {
			names = append(names, s.class)
		}
	}
	if len(names) == 1 {
		names = append(names, dataset.Malicious)
	}
	return names
}

// check enforces the rules among the flags. both says that benign and malicious
// traffic are needed.
func (d *dataFlags) check(cmd *cobra.Command, both bool) error {
	captures := len(d.benign)+len(d.malicious)+len(d.classes) > 0
	switch {
	case len(d.tables) > 0 && captures:
		return withHint(usagef("--flows brings its labels: it excludes --benign, --malicious and --class"), cmd)
	case len(d.tables) == 0 && !captures:
		return withHint(usagef("no data: give --benign and --malicious, or --flows"), cmd)
	case len(d.tables) == 0 && (d.label != "" || d.benignValue != ""):
		return withHint(usagef("--label and --benign-value are for --flows"), cmd)
	case len(d.tables) > 0 && d.labels != "":
		return withHint(usagef("--labels is for captures, --label names the column of a table"), cmd)
	case both && captures && d.labels == "" && len(d.sides()) < 2:
		return withHint(usagef("data of one class only: give --benign and --malicious (or --labels)"), cmd)
	}
	return d.reading.check(cmd, len(d.tables) > 0)
}

// labelledFile is one capture or table and the class it was given as.
type labelledFile struct {
	path, class string
}

// gather lists the files of all sides and tells whether they are tables. A file given
// for two classes is an error; one given twice for the same class too.
func (a *app) gather(sides []side) (files []labelledFile, tables bool, err error) {
	captures := 0
	for _, s := range sides {
		for _, p := range s.paths {
			if isTable(p) {
				tables = true
				files = append(files, labelledFile{p, s.class})
				continue
			}
			found, err := a.listCaptures([]string{p})
			if err != nil {
				return nil, false, err
			}
			for _, f := range found {
				files = append(files, labelledFile{f.path, s.class})
				captures++
			}
		}
	}
	if tables && captures > 0 {
		return nil, false, errors.New("captures and tables of flows are mixed: give one kind")
	}
	seen := map[string]labelledFile{}
	for _, f := range files {
		key := f.path
		if real, err := filepath.EvalSymlinks(f.path); err == nil {
			key = real
		}
		if abs, err := filepath.Abs(key); err == nil && f.path != capture.Stdin {
			key = abs
		}
		if o, twice := seen[key]; twice {
			return nil, false, sameFile(o, f, "the same file")
		}
		seen[key] = f
	}
	return files, tables, nil
}

// sameFile says that two files that must differ do not.
func sameFile(a, b labelledFile, how string) error {
	if a.path == b.path {
		if a.class == b.class {
			return fmt.Errorf("read %s: given twice as %s", a.path, a.class)
		}
		return fmt.Errorf("read %s: given as %s and as %s", a.path, a.class, b.class)
	}
	return fmt.Errorf("read %s: %s as %s: given as %s and as %s", b.path, how, a.path, a.class, b.class)
}

// isTable tells whether path is a table of flows with a card, which only fm writes.
func isTable(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	if _, _, err := capture.List([]string{path}); err == nil {
		return false
	}
	t, err := dataset.OpenTable(path)
	if err != nil {
		return false
	}
	defer t.Close()
	return t.Card != nil || t.Tool != nil
}

// eachCapture meters every file as a stream of its own and hands its records to the
// sink that begin returns; done is called behind each. Files of equal bytes with
// different classes are an error, of one class they are read once.
func (a *app) eachCapture(m *metering, files []labelledFile, begin func(i int, f labelledFile) extract.Sink, done func(i int, f labelledFile, sum string, twin bool)) error {
	sums := map[string]labelledFile{}
	for i, f := range files {
		if a.stop.stopped() {
			return context.Canceled
		}
		in, err := a.openFiles([]string{f.path}, true)
		if err != nil {
			return err
		}
		err = a.meter(m, in, begin(i, f))
		inputs := in.Inputs()
		in.Close()
		if err != nil {
			return err
		}
		sum := ""
		if len(inputs) > 0 {
			sum = inputs[0].SHA256
		}
		other, twin := sums[sum]
		twin = twin && sum != ""
		if twin && other.class != f.class {
			return sameFile(other, f, "the same bytes")
		}
		if twin {
			a.ui.warn("%s has the same bytes as %s and is left out", f.path, other.path)
		} else {
			sums[sum] = f
		}
		done(i, f, sum, twin)
	}
	if a.stop.stopped() {
		return context.Canceled
	}
	return nil
}

// rulesFor makes the stage of --labels for one file, nil without rules.
func rulesFor(rules *dataset.Labels, path string) []extract.Stage {
	if rules == nil {
		return nil
	}
	return []extract.Stage{&labelStage{rules: rules, path: func(uint32) string { return path }, files: map[uint32]*dataset.FileLabels{}}}
}

// framing is what turns labelled data into a frame.
type framing struct {
	pipe    *pipeline // of captures
	classes []string
	rules   *dataset.Labels
	limit   int // rows kept of a capture; 0 all
	seed    uint64
	bounds  meterFlags
}

// frame reads captures, each a group, into one frame.
func (a *app) frame(files []labelledFile, o *framing) (*dataset.Frame, *metering, error) {
	m := &metering{set: o.pipe.set, bounds: o.bounds}
	var samples []*output.Sample
	var paths []string
	background, ignored := 0, 0
	err := a.eachCapture(m, files, func(i int, f labelledFile) extract.Sink {
		s := output.NewSample(len(o.pipe.schema.Columns))
		s.Path, s.Label, s.Limit, s.Seed, s.Index = f.path, f.class, o.limit, o.seed, uint64(i)
		samples, paths = append(samples, s), append(paths, f.path)
		m.stages = rulesFor(o.rules, f.path)
		return s
	}, func(_ int, _ labelledFile, sum string, twin bool) {
		s := samples[len(samples)-1]
		s.SHA256 = sum
		if twin {
			samples = samples[:len(samples)-1]
			return
		}
		background, ignored = background+s.Counts.Background, ignored+s.Counts.Ignored
	})
	if err != nil {
		return nil, m, err
	}
	a.unmatched(o.rules, paths)
	if background+ignored > 0 {
		a.ui.say("left out by --labels: %d flows of background, %d to ignore", background, ignored)
	}
	f, err := output.Join(o.pipe.schema, o.classes, samples)
	return f, m, err
}

// tableFiles are the files of --flows, whose rows bring their class, and how they are read.
func (a *app) tableFiles(d *dataFlags) ([]labelledFile, dataset.TableOptions, error) {
	o, err := a.tableOptions(&d.reading)
	if err != nil {
		return nil, o, err
	}
	paths, err := a.findTables(d.tables, o)
	if err != nil {
		return nil, o, err
	}
	var out []labelledFile
	for _, p := range paths {
		for _, o := range out {
			if o.path == p {
				return nil, dataset.TableOptions{}, fmt.Errorf("read %s: given twice", p)
			}
		}
		out = append(out, labelledFile{path: p})
	}
	return out, o, nil
}
