package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fm/dataset"
	"fm/extract/output"
	"fm/model"
	"fm/model/boost"
	"fm/model/fit"
	"fm/model/kinds"
)

// trainFlags are the flags of fm train that are not shared.
type trainFlags struct {
	kind       string
	maxFPR     float64
	perCapture int
	seed       int
	split      string
	keep, drop []string
	mapped     string
	differing  bool
	tool       mapFlag // of --map
	cells      int
	out        string
	format     string
	settings   trainerFlags
}

const defaultPerCapture = 200

func (t *trainFlags) add(fs *pflag.FlagSet) {
	g := flagGroup{fs, "Training"}
	t.kind, t.maxFPR, t.perCapture, t.split, t.format = kinds.Default, fit.DefaultMaxFPR, defaultPerCapture, "group", "text"
	g.text(&t.kind, "kind", "", t.kind, "what to train, `KIND`: "+kinds.Names())
	g.value(&number{&t.maxFPR, 1e-9, 1}, "max-fpr", "", "choose the threshold so that at most this share `X` of benign flows is called malicious")
	g.value(&count{&t.perCapture, 0}, "per-capture", "", "draw at most `N` flows of a capture; 0 takes all, as --flows does if this is not given")
	g.value(&count{&t.seed, 0}, "seed", "", "seed `N` of drawing, splitting and training")
	g.value(&choice{&t.split, []string{"group", "capture"}}, "split", "", "what is held out together: whole captures, or (group) host pairs where a side has only one capture")
	g = flagGroup{fs, "Columns"}
	t.cells = dataset.ExactCells
	g.repeat(&t.keep, "keep", "train on this `COLUMN` too, which is left out by its name or content (identifiers, addresses, ports of clients, times, second labels)", notEmpty)
	g.repeat(&t.drop, "drop", "leave this `COLUMN` of the tables out", notEmpty)
	g.text(&t.mapped, "map", "", "", "the tables are those of `TOOL`, see \"fm features --map\": train on what means the same in the set (--set)")
	g.yes(&t.differing, "allow-differing", "with --map, train on columns too whose definition differs")
	g.value(&count{&t.cells, 1}, "exact-cells", "", "hold tables of up to `N` cells (rows x columns) with every value, larger ones in at most 255 bins a column")
	t.settings.add(fs)
	g = flagGroup{fs, "Output"}
	g.text(&t.out, "output", "o", "model.fm", "write the model to `FILE`, - is standard output")
	g.value(&choice{&t.format, []string{"text", "json"}}, "format", "", "format of the report")
}

// checkColumns enforces the rules among the flags about columns; tables says that --flows is given.
func (t *trainFlags) checkColumns(cmd *cobra.Command, tables bool) error {
	for _, n := range []string{"drop", "exact-cells"} {
		if !tables && cmd.Flags().Changed(n) {
			return withHint(usagef("--%s is for --flows", n), cmd)
		}
	}
	switch {
	case t.differing && t.mapped == "":
		return withHint(usagef("--allow-differing is for --map"), cmd)
	case cmd.Flags().Changed("map") && (!tables || !cmd.Flags().Changed("set")):
		return withHint(usagef("--map is for --flows and --set: it says which columns of the set those of the tables are"), cmd)
	case cmd.Flags().Changed("map"):
		var err error
		if t.tool, err = parseMap(t.mapped); err != nil {
			return withHint(usagef("--map: %v", err), cmd)
		}
	}
	for _, n := range t.keep {
		if slices.Contains(t.drop, n) {
			return withHint(usagef("--keep and --drop both name %s", n), cmd)
		}
	}
	return nil
}

func (a *app) trainCommand() *cobra.Command {
	var d dataFlags
	var s setFlags
	var t trainFlags
	var bounds meterFlags
	cmd := &cobra.Command{
		Use: "train --benign FILE... --malicious FILE... [-o model.fm] [FLAGS]", Short: "captures or tables to a model, with a report", Args: noArgs,
		Long: trainText + kindList(), Example: trainExample,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := d.check(cmd, true); err != nil {
				return err
			}
			if err := bounds.check(cmd); err != nil {
				return err
			}
			kind, ok := kinds.Find(t.kind)
			if !ok {
				return withHint(usagef("--kind %s: not one of %s", t.kind, kinds.Names()), cmd)
			}
			from := kinds.Flows
			if len(d.tables) > 0 {
				from = kinds.Table
			}
			trainer, err := t.settings.apply(cmd, kind.Trainer(from, uint64(t.seed), bounds.workers), t.kind)
			if err != nil {
				return err
			}
			if given := s.given(cmd.Flags()); given != "" && len(d.tables) > 0 {
				if !cmd.Flags().Changed("set") {
					return withHint(usagef("--%s is for captures, and for tables that --set names the set of", given), cmd)
				}
				s.asTool = true
			}
			if t.out == "" {
				return withHint(usagef("-o needs a name"), cmd)
			}
			if err := t.checkColumns(cmd, len(d.tables) > 0); err != nil {
				return err
			}
			if len(d.tables) > 0 && !cmd.Flags().Changed("per-capture") {
				t.perCapture = 0 // a table is no capture of which a few flows show the rest
			}
			set, err := s.build(cmd)
			if err != nil {
				return err
			}
			p := newPipeline(set)
			p.assumed = s.assumes()
			return a.unfinished(a.train(&d, &t, p, bounds, kind, trainer, s.given(cmd.Flags())))
		},
	}
	d.add(cmd.Flags())
	s.add(cmd.Flags())
	t.add(cmd.Flags())
	bounds.add(cmd.Flags())
	return cmd
}

func (a *app) train(d *dataFlags, t *trainFlags, p *pipeline, bounds meterFlags, kind kinds.Kind, trainer model.Trainer, setFlag string) error {
	rules, err := readLabels(d.labels)
	if err != nil {
		return err
	}
	out, err := output.CreateFile(t.out)
	if err != nil {
		return err
	}
	defer out.Drop()
	data, err := a.trainingData(d, t, p, bounds, rules, setFlag)
	if err != nil {
		return err
	}
	f, m := data.frame, data.run
	if m != nil {
		a.caveats(m)
	}
	if err := bothClasses(f); err != nil {
		return err
	}
	if t.split == "capture" {
		if err := manyCaptures(f); err != nil {
			return err
		}
	}
	o := fit.Options{Trainer: trainer, Kind: kind.Name, Version: release, MaxFPR: t.maxFPR, Seed: uint64(t.seed), PerCapture: t.perCapture, Keep: t.keep}
	if data.drawn {
		o.PerCapture, o.Drawn = 0, t.perCapture
	}
	bar := a.steps("training")
	o.Progress = bar.step
	result, err := fit.Train(a.stop.ctx, f, o)
	bar.close()
	if err != nil {
		return err
	}
	made := result.Model
	if whole := schemaOf(f, data.set); whole != nil {
		if made, err = served(made, whole); err != nil {
			return err
		}
	}
	if err := writeModel(out, made); err != nil {
		return err
	}
	report := a.env.stdout
	if t.out == "-" {
		report = a.env.stderr
		if a.ui.quiet {
			report = io.Discard
		}
	}
	if t.format == "json" {
		e := json.NewEncoder(report)
		e.SetIndent("", "  ")
		err = e.Encode(result.Report)
	} else {
		err = result.Report.Text(report)
	}
	if err != nil {
		return err
	}
	for _, n := range result.Report.Notes {
		if t.settings.patience > 0 && errors.Is(n, boost.ErrNoStopping) {
			a.ui.warn("--patience %d: %v", t.settings.patience, n)
		}
	}
	for _, w := range result.Report.Warnings {
		a.ui.warn("%v", w)
	}
	if t.out != "-" {
		a.ui.say("wrote %s", t.out)
	}
	if m != nil {
		return errCut(m)
	}
	return nil
}

// training is what a model is trained on.
type training struct {
	frame *dataset.Frame
	run   *metering // of captures
	set   *pipeline // whose rows tables are said to hold; nil: of captures, or not known
	drawn bool      // rows were drawn while reading
}

// trainingData reads what the flags name.
func (a *app) trainingData(d *dataFlags, t *trainFlags, p *pipeline, bounds meterFlags, rules *dataset.Labels, setFlag string) (*training, error) {
	r := t.reading(d.classNames())
	if len(d.tables) > 0 {
		files, o, err := a.tableFiles(d)
		if err != nil {
			return nil, err
		}
		from := &origin{mapped: t.tool.tool != ""}
		if setFlag != "" {
			from.p, from.named = p, true
			a.sayRules(p)
			a.published(p, t.tool)
		}
		return a.trainingTables(files, o, o.Open, d, t, r, from)
	}
	files, tables, err := a.gather(d.sides())
	if err != nil {
		return nil, err
	}
	if tables {
		if setFlag != "" {
			return nil, usagef("--%s is for captures: a table's columns are what they are", setFlag)
		}
		if rules != nil {
			return nil, usagef("--labels is for captures: the rows of a table have the class of their file or their column label")
		}
		return a.trainingTables(files, dataset.TableOptions{}, dataset.OpenTable, d, t, r, &origin{})
	}
	a.sayRules(p)
	f, m, err := a.frame(files, &framing{pipe: p, classes: r.Classes, rules: rules, limit: t.perCapture, seed: uint64(t.seed), bounds: bounds})
	return &training{frame: f, run: m, drawn: true}, err
}

// trainingTables reads tables from one origin.
func (a *app) trainingTables(files []labelledFile, o dataset.TableOptions, open func(string) (*dataset.Table, error), d *dataFlags, t *trainFlags, r dataset.ReadOptions, from *origin) (*training, error) {
	f, err := a.tableFrame(files, o, opener(open, from), d, r)
	if err != nil || from.p == nil {
		return &training{frame: f}, err
	}
	left, err := ofSet(f, from.p, t.tool, t.differing)
	if err != nil {
		return nil, err
	}
	if left != nil && from.named {
		a.ui.warn("left out, since they are none of set %s: %s", from.p.schema.Set, someQuoted(left))
		if t.tool.tool == "" {
			a.ui.hint("--set-option NAME=VALUE says how the tool was run: \"fm features --set %s\"", from.p.schema.Set)
		}
	}
	return &training{frame: f, set: from.p}, nil
}

// reading is how tables are read to train on.
func (t *trainFlags) reading(classes []string) dataset.ReadOptions {
	return dataset.ReadOptions{Classes: classes, Seed: uint64(t.seed), Keep: t.keep, Drop: t.drop, Cells: t.cells}
}

// perClass counts the rows of f by class.
func perClass(f *dataset.Frame) []int {
	n := make([]int, len(f.Classes))
	for _, y := range f.Y {
		if y >= 0 {
			n[y]++
		}
	}
	return n
}

// bothClasses refuses data in which a class has no flows.
func bothClasses(f *dataset.Frame) error {
	var empty []string
	for i, n := range perClass(f) {
		if n == 0 {
			empty = append(empty, f.Classes[i])
		}
	}
	if empty == nil {
		return nil
	}
	return errors.New("train: no flows of class " + strings.Join(empty, ", ") + ": every class needs some")
}

// manyCaptures refuses data in which a side has one capture, so that none can be held out.
func manyCaptures(f *dataset.Frame) error {
	var groups [2]map[int32]bool
	groups[0], groups[1] = map[int32]bool{}, map[int32]bool{}
	for i, y := range f.Y {
		if y >= 0 {
			groups[min(1, y)][f.Group[i]] = true
		}
	}
	for side, g := range groups {
		if len(g) < 2 {
			return &hinted{errors.New("train: --split capture needs two captures a side: " + [...]string{"benign", "malicious"}[side] + " has one"),
				"--split group holds out host pairs where a side has one capture"}
		}
	}
	return nil
}

// kindList is the part of the help text that names the kinds.
func kindList() string {
	var b strings.Builder
	b.WriteString("\n\nKinds:\n")
	for _, k := range kinds.All() {
		fmt.Fprintf(&b, "  %-14s %s\n", k.Name, k.Doc)
	}
	return b.String()
}
