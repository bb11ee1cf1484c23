package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"fm/dataset"
	"fm/extract"
	"fm/extract/capture"
	"fm/extract/feature"
	"fm/extract/output"
	"fm/extract/packet"
)

// extraction is one run of fm extract or, with a classifier in stages, of fm classify.
type extraction struct {
	in     inputFlags
	bounds meterFlags
	out    outputFlags
	anon   anonymizeFlags
	labels string
	mark   string

	format   output.Format
	columns  []string
	rules    *dataset.Labels
	scores   bool
	classes  []string
	original *feature.Layout        // rows as a tool writes them; nil: the native layout
	explain  *output.Explain        // how reasons are written; nil: there are none
	alerts   bool                   // write only what is called malicious
	see      func([]extract.Record) // is shown all records, written or not; nil for none
}

func (a *app) extractCommand() *cobra.Command {
	var x extraction
	var s setFlags
	cmd := &cobra.Command{
		Use: "extract -r FILE... | -i IFACE [FLAGS]", Short: "packets to rows of features", Args: noArgs,
		Long: extractText, Example: extractExample,
		RunE: func(cmd *cobra.Command, _ []string) error {
			x.out.resolve()
			if err := x.check(cmd); err != nil {
				return err
			}
			set, err := s.build(cmd)
			if err != nil {
				return err
			}
			if err := x.layOut(cmd, &s, set); err != nil {
				return err
			}
			if err := x.anon.checkRows(x.original, x.columns); err != nil {
				return err
			}
			p := newPipeline(set)
			if err := x.checkColumns(p); err != nil {
				return err
			}
			if err := x.open(a); err != nil {
				return err
			}
			a.sayRules(p)
			m, err := a.extract(&x, p, nil)
			if m != nil && m.runs > 0 && !gone(err) {
				a.report(m)
			}
			return a.end(&x, m, err)
		},
	}
	x.in.add(cmd.Flags())
	s.add(cmd.Flags())
	x.bounds.add(cmd.Flags())
	x.out.add(cmd.Flags(), []string{"csv", "jsonl", "parquet", "table", "log"})
	g := flagGroup{cmd.Flags(), "Output"}
	g.value(&choice{&s.layout, []string{"native", original}}, "layout", "", "native, or original: rows as the tool writes them that the set is named after")
	x.anon.add(cmd.Flags())
	g = flagGroup{cmd.Flags(), "Labels"}
	g.text(&x.labels, "labels", "", "", "rules that label flows: `FILE` of file, proto, ip, port, label, tab separated")
	g.text(&x.mark, "mark", "", "", "write the column label with this `TEXT`; in the tool's own column Label where it has one")
	return cmd
}

// check enforces the rules among the flags before any file is opened.
func (x *extraction) check(cmd *cobra.Command) error {
	if err := x.in.check(cmd); err != nil {
		return err
	}
	if err := x.bounds.check(cmd); err != nil {
		return err
	}
	if err := x.anon.check(cmd); err != nil {
		return err
	}
	if x.anon.hidden&output.Names != 0 && x.in.perFile && x.out.isDir() {
		return withHint(usagef("--anonymize names: the files below %s are called as the captures are", x.out.out), cmd)
	}
	var err error
	if x.columns, err = x.out.columnList(cmd); err != nil {
		return err
	}
	if x.format, err = output.ParseFormat(x.out.format); err != nil {
		return withHint(usagef("%v", err), cmd)
	}
	switch {
	case x.out.out == "":
		return withHint(usagef("-o needs a name"), cmd)
	case x.out.isDir() && x.format == output.Table:
		return withHint(usagef("--format table is for one output, not for a folder"), cmd)
	case x.format == output.Table && x.columns != nil:
		return withHint(usagef("--format table has columns of its own: leave out --columns"), cmd)
	case cmd.Flags().Changed("mark") && x.mark == "":
		return withHint(usagef("--mark needs a text"), cmd)
	}
	return x.out.checkRotation(cmd, x.format, x.in.perFile)
}

// checkOutput refuses an output that cannot be in the format that its name or --format tells,
// or a folder where one file is written.
func (x *extraction) checkOutput(cmd *cobra.Command) error {
	o := output.Options{Format: x.format, Original: x.original, Rotate: x.out.rotate}
	if err := o.CheckFormat(x.out.out); err != nil {
		return withHint(usagef("%v", err), cmd)
	}
	if x.out.isDir() && !x.in.perFile && (x.original == nil || x.original.Beside == nil) {
		return withHint(usagef("-o %s is a folder: that needs --per-file", x.out.out), cmd)
	}
	return nil
}

// layOut chooses the layout of the rows of set.
func (x *extraction) layOut(cmd *cobra.Command, s *setFlags, set *feature.Set) error {
	if s.layout != original {
		if x.format == output.Log {
			return withHint(usagef("--format log is for --layout original"), cmd)
		}
		return x.checkOutput(cmd)
	}
	x.original = set.Original
	switch {
	case cmd.Flags().Changed("columns"):
		return withHint(usagef("--layout original has the tool's columns: leave out --columns"), cmd)
	case x.format == output.Parquet || x.format == output.Table:
		return withHint(usagef("--layout original is no %s: the native layout is", x.format), cmd)
	case x.format == output.Log && x.original.Log == "":
		return withHint(usagef("--format log: %s writes no logs of Zeek", set.Tool), cmd)
	}
	return x.checkOutput(cmd)
}

// open reads what is needed besides packets.
func (x *extraction) open(a *app) error {
	err := a.anonymize(&x.anon)
	if err != nil {
		return err
	}
	x.rules, err = readLabels(x.labels)
	return err
}

// options are those of the outputs of x.
func (x *extraction) options(p *pipeline) output.Options {
	return output.Options{Schema: p.schema, Format: x.format, Columns: x.columns, Label: x.mark != "" || x.labels != "", Scores: x.scores, Classes: x.classes, Explain: x.explain, Original: x.original,
		Lists: p.set.Lists, Rotate: x.rotation()}
}

// checkColumns refuses columns that do not exist.
func (x *extraction) checkColumns(p *pipeline) error {
	path, o := x.out.out, x.options(p)
	if x.in.perFile && x.out.isDir() {
		path = "-" // one file as good as another
	}
	return refused(o.Check(path), &o)
}

// extract writes the rows of all inputs; stage, if not nil, scores them. The metering is
// nil if nothing was begun.
func (a *app) extract(x *extraction, p *pipeline, stage extract.Stage) (*metering, error) {
	m := &metering{set: p.set, bounds: x.bounds, count: x.in.count, countFlows: x.in.countFlows, duration: x.in.duration, every: x.in.statsEvery,
		onScreen: a.env.outTTY && x.out.out == "-"}
	if x.original != nil {
		m.set = p.set.Bare()
	}
	if stage != nil {
		m.stages = append(m.stages, stage)
	}
	o := x.options(p)
	switch {
	case x.in.iface != "":
		return m, a.extractLive(x, m, o)
	case x.in.perFile:
		return m, a.extractEach(x, m, o)
	}
	in, err := a.openFiles(x.in.read, !output.IsStream(x.out.out)) // hashes are for the card
	if err != nil {
		return nil, err
	}
	defer in.Close()
	o.ManyInputs = len(in.files.Found()) > 1
	o.Source = func(i uint32) string { return inputPath(in, i) }
	return m, a.extractOne(x, m, in, x.out.out, o)
}

// inputPath is the path of input i as the user gave it. Workers call it too.
func inputPath(in *input, i uint32) string {
	if in.files != nil {
		if found := in.files.Found(); int(i) < len(found) {
			return found[i].Path
		}
	}
	if all := in.Inputs(); int(i) < len(all) {
		return all[i].Path
	}
	return ""
}

// extractOne writes the rows of one input to one output.
func (a *app) extractOne(x *extraction, m *metering, in *input, path string, o output.Options) error {
	undo, err := makeFolder(path)
	if err != nil {
		return err
	}
	w, err := create(path, x.anon.options(o))
	if err != nil {
		undo()
		return err
	}
	m.lists = w.Lists()
	before, cuts := m.total, len(m.cuts)
	err = a.labelled(x, m, in, w, &o)
	switch {
	case err == nil:
		err = w.Close(a.card(x, m, &before, cuts))
	case in.failed(err): // as of a damaged file, what came before is written
		card := a.card(x, m, &before, cuts)
		card.Complete = false
		err = errors.Join(err, w.Close(card))
	default:
		w.Abort()
	}
	if err != nil {
		undo()
	}
	return err
}

// extractEach makes every capture a stream of its own, with an output of its own where
// -o names a folder.
func (a *app) extractEach(x *extraction, m *metering, o output.Options) error {
	captures, err := a.listCaptures(x.in.read)
	if err != nil {
		return err
	}
	if dir := x.out.out; x.out.isDir() {
		if err := x.anon.checkFolder(captures); err != nil {
			return err
		}
		names, err := outputNames(captures, x.format, x.original, x.anon.name)
		if err != nil {
			return err
		}
		for i, c := range captures {
			if m.ended || a.stop.stopped() {
				break
			}
			path := dir + names[i]
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				return fileError("write", path, err)
			}
			in, err := a.openFiles([]string{c.path}, true)
			if err != nil {
				return err
			}
			o.Source = func(uint32) string { return c.path }
			err = a.extractOne(x, m, in, path, o)
			in.Close()
			if err != nil {
				return err
			}
		}
		return nil
	}
	path := "" // of the capture in hand; workers read it while their run lasts
	o.ManyInputs = len(captures) > 1
	o.Source = func(uint32) string { return path }
	w, err := create(x.out.out, x.anon.options(o))
	if err != nil {
		return err
	}
	m.lists = w.Lists()
	for _, c := range captures {
		if m.ended || a.stop.stopped() {
			break
		}
		path = c.path
		in, err := a.openFiles([]string{path}, !output.IsStream(x.out.out))
		if err == nil {
			err = a.labelled(x, m, in, w, &o)
			in.Close()
		}
		if err != nil {
			w.Abort()
			return err
		}
	}
	return w.Close(a.card(x, m, &extract.Stats{}, 0))
}

// extractLive writes the rows of an interface until it is stopped.
func (a *app) extractLive(x *extraction, m *metering, o output.Options) error {
	ring, err := capture.Listen(x.in.iface, capture.LiveOptions{})
	if err != nil {
		return err
	}
	defer ring.Close()
	o.Source = func(uint32) string { return x.in.iface }
	a.ui.say("listening on %s; Ctrl-C ends", a.anon.name(x.in.iface))
	return x.anon.listening(a.extractOne(x, m, &input{Source: ring}, x.out.out, o), x.in.iface)
}

// create starts an output.
func create(path string, o output.Options) (*output.Writer, error) {
	w, err := output.Create(path, o)
	return w, refused(err, &o)
}

// refused makes wrong usage of an error about a column that does not exist.
func refused(err error, o *output.Options) error {
	if errors.Is(err, output.ErrColumn) {
		return &usageError{text: err.Error(), hint: fmt.Sprintf(`"fm features --set %s" lists the columns`, o.Schema.Set)}
	}
	return err
}

// watched is an output whose records are counted, and of which some may be left out.
type watched struct {
	*output.Writer
	x *extraction
}

// Renderer implements [extract.Sink].
func (w watched) Renderer() extract.Renderer { return w.x.anon.renderer(w.Writer.Renderer()) }

// Write implements [extract.Sink]. Runs of alerts are handed on as they lie.
func (w watched) Write(recs []extract.Record) error {
	w.x.anon.records(recs)
	if w.x.see != nil {
		w.x.see(recs)
	}
	if !w.x.alerts {
		return w.Writer.Write(recs)
	}
	for i := 0; i < len(recs); {
		if !recs[i].Verdict {
			i++
			continue
		}
		end := i + 1
		for end < len(recs) && recs[end].Verdict {
			end++
		}
		if err := w.Writer.Write(recs[i:end]); err != nil {
			return err
		}
		i = end
	}
	return nil
}

// namedCapture is a capture and its place below what the user named.
type namedCapture struct {
	path string
	name string // relative to the folder named, or the file's own name
}

// listCaptures lists the captures of paths in the order in which they are read.
func (a *app) listCaptures(paths []string) ([]namedCapture, error) {
	var out []namedCapture
	for _, p := range paths {
		found, skipped, err := capture.List([]string{p})
		if err != nil {
			return nil, err
		}
		if len(skipped) > 0 {
			a.skipped(skipped)
		}
		for _, f := range found {
			name := filepath.Base(f.Path)
			if rel, err := filepath.Rel(p, f.Path); err == nil && f.Path != p {
				name = rel
			}
			if f.Path == capture.Stdin {
				name = "stdin"
			}
			out = append(out, namedCapture{f.Path, name})
		}
	}
	return out, nil
}

// labelled meters an input into w, with labels where x asks for them.
func (a *app) labelled(x *extraction, m *metering, in *input, w *output.Writer, o *output.Options) error {
	if !o.Label {
		return a.meter(m, in, watched{w, x})
	}
	stages := m.stages
	defer func() { m.stages = stages }()
	m.stages = append(stages[:len(stages):len(stages)], &labelStage{fixed: x.mark, rules: x.rules, path: o.Source, files: map[uint32]*dataset.FileLabels{}})
	return a.meter(m, in, watched{w, x})
}

// card says what the rows of an output were made from: m less what was before, and less
// the first cuts inputs that were not whole.
func (a *app) card(x *extraction, m *metering, before *extract.Stats, cuts int) *dataset.Card {
	t := &m.total
	c := &dataset.Card{Fm: release, Complete: !a.stop.stopped() && len(m.cuts) == cuts, Counters: map[string]uint64{}}
	for _, in := range t.Inputs[len(before.Inputs):] {
		c.Sources = append(c.Sources, dataset.CardSource{Path: in.Path, SHA256: in.SHA256, Frames: in.Frames, Bytes: in.Bytes})
	}
	put := func(name string, n uint64) {
		if n > 0 {
			c.Counters[name] = n
		}
	}
	c.Counters["frames"], c.Counters["packets"], c.Counters["flows"] = t.Frames-before.Frames, t.Packets-before.Packets, t.Records-before.Records
	put("dropped", t.Dropped-before.Dropped)
	put("flows left out", t.LeftOut-before.LeftOut)
	put("sequences cut", t.Unlisted-before.Unlisted)
	put("TCP packets forgotten", t.Forgotten-before.Forgotten)
	for i, n := range t.Outcomes {
		put("frames: "+m.outcome(packet.Outcome(i)), n-before.Outcomes[i])
	}
	for r, n := range reasons(t) {
		put("flows ended: "+r, n-reasons(before)[r])
	}
	c.Settings = x.settings()
	x.anon.card(c)
	return c
}

// settings are what of the flags shaped the rows and is no option of the set.
func (x *extraction) settings() map[string]string {
	s := map[string]string{}
	set := func(name, value string) {
		if value != "" {
			s[name] = value
		}
	}
	if x.in.perFile {
		set("per-file", "true")
	}
	if x.in.count > 0 {
		set("count", fmt.Sprint(x.in.count))
	}
	if x.in.countFlows > 0 {
		set("count-flows", fmt.Sprint(x.in.countFlows))
	}
	if x.in.duration > 0 {
		set("duration", x.in.duration.String())
	}
	if x.bounds.maxFlows > 0 {
		set("max-flows", fmt.Sprint(x.bounds.maxFlows))
	}
	if x.bounds.maxMemory > 0 {
		set("max-memory", fmt.Sprint(x.bounds.maxMemory))
	}
	set("labels", x.labels)
	set("mark", x.mark)
	set("rotate", x.out.rotate.String())
	return s
}

// gone tells whether nobody reads the output any more: such a run ends without a word.
func gone(err error) bool { return errors.Is(err, output.ErrClosedPipe) }

// end chooses what a run over packets returns.
func (a *app) end(x *extraction, m *metering, err error) error {
	switch {
	case err != nil || m == nil:
		return err
	case a.stop.stopped() && x.in.iface == "":
		return context.Canceled
	}
	if x.rules != nil {
		var paths []string
		for _, in := range m.total.Inputs {
			paths = append(paths, in.Path)
		}
		a.unmatched(x.rules, paths)
	}
	return errCut(m)
}
