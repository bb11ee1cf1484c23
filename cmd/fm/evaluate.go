package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"fm/classify"
	"fm/dataset"
	"fm/extract"
	"fm/extract/output"
	"fm/model/eval"
)

// evaluateFlags are the flags of fm evaluate that are not shared.
type evaluateFlags struct {
	model     string
	threshold float64
	gates     []string
	bound     string
	format    string
	out       string

	opts   classify.Options
	parsed []eval.Gate
}

func (a *app) evaluateCommand() *cobra.Command {
	var d dataFlags
	var e evaluateFlags
	var bounds meterFlags
	cmd := &cobra.Command{
		Use: "evaluate --benign FILE... --malicious FILE... | --flows FILE --label COLUMN [-m model.fm] [FLAGS]", Short: "how right a model is, and gates for CI", Args: noArgs,
		Long: evaluateText, Example: evaluateExample,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := e.check(cmd, &d); err != nil {
				return err
			}
			if err := bounds.check(cmd); err != nil {
				return err
			}
			return a.unfinished(a.evaluate(&d, &e, bounds))
		},
	}
	d.add(cmd.Flags())
	modelFlag(cmd, &e.model)
	g := flagGroup{cmd.Flags(), "Model"}
	g.value(&number{&e.threshold, -1e300, 1e300}, "threshold", "", "call a flow malicious from this score `X` on, 0 to 1, of a regression any number (default: the model's)")
	cmd.Flags().Lookup("threshold").DefValue = ""
	g = flagGroup{cmd.Flags(), "Gates"}
	g.repeat(&e.gates, "gate", "condition `METRIC OP NUMBER` whose failure gives exit status 3, as in 'recall>=0.95'; METRIC is recall, fpr, precision, f1, accuracy, auc, ap or recall@fpr=X", notEmpty)
	g.value(&choice{&e.bound, []string{"lower"}}, "gate-bound", "", "compare the worse end of the exact interval, not the point")
	g = flagGroup{cmd.Flags(), "Output"}
	e.format = "text"
	g.value(&choice{&e.format, []string{"text", "json", "markdown", "junit"}}, "format", "", "format of the report")
	g.text(&e.out, "output", "o", "-", "write the report to `FILE`, - is standard output")
	bounds.add(cmd.Flags())
	return cmd
}

func (e *evaluateFlags) check(cmd *cobra.Command, d *dataFlags) error {
	if err := checkModel(cmd, e.model); err != nil {
		return err
	}
	if err := d.check(cmd, false); err != nil {
		return err
	}
	for _, text := range e.gates {
		g, err := eval.ParseGate(text)
		if err != nil {
			return withHint(usagef("%v", err), cmd)
		}
		e.parsed = append(e.parsed, g)
	}
	switch {
	case e.bound != "" && len(e.gates) == 0:
		return withHint(usagef("--gate-bound is for --gate"), cmd)
	case e.out == "":
		return withHint(usagef("-o needs a name"), cmd)
	}
	e.opts = classify.Options{Threshold: e.threshold, HasThreshold: cmd.Flags().Changed("threshold")}
	return nil
}

func (a *app) evaluate(d *dataFlags, e *evaluateFlags, bounds meterFlags) error {
	m, err := readModel(e.model)
	if err != nil {
		return err
	}
	if err := m.checkThreshold(e.opts); err != nil {
		return err
	}
	rules, err := readLabels(d.labels)
	if err != nil {
		return err
	}
	out, err := output.CreateFile(e.out)
	if err != nil {
		return err
	}
	defer out.Drop()
	var data *eval.Data
	var run *metering
	files, tables := []labelledFile(nil), len(d.tables) > 0
	var o dataset.TableOptions
	if tables {
		files, o, err = a.tableFiles(d)
	} else {
		files, tables, err = a.gather(d.sides())
	}
	switch {
	case err != nil:
		return err
	case tables && rules != nil:
		return usagef("--labels is for captures: the rows of a table have the class of their file or their column label")
	case tables:
		data, err = a.judgeTables(m, files, o, d, e)
	default:
		var j *judgements
		if j, run, err = a.judge(m, files, e.opts, rules, bounds); err == nil {
			data = &j.data
		}
	}
	if err != nil {
		return err
	}
	if run != nil {
		a.caveats(run)
	}
	report, err := eval.Evaluate(*data, e.parsed, e.bound != "")
	if err != nil {
		return err
	}
	write := map[string]func(io.Writer) error{"text": report.Text, "json": report.JSON, "markdown": report.Markdown, "junit": report.JUnit}[e.format]
	if err := finish(out, write); err != nil {
		return err
	}
	for _, w := range report.Warnings {
		a.ui.warn("%v", w)
	}
	a.ui.say("%s at threshold %.6g", m.name, data.Threshold)
	if err := a.gates(report); err != nil {
		return err
	}
	if run != nil {
		return errCut(run)
	}
	return nil
}

// gates prints every gate with value and verdict; a failing one ends with status 3.
func (a *app) gates(r *eval.Report) error {
	failed := 0
	for _, g := range r.Gates {
		verdict, of := "met", ""
		if !g.Pass {
			verdict = "NOT met"
			failed++
		}
		if g.Bound != "" {
			of = map[string]string{"lo": " (lower end)", "hi": " (upper end)"}[g.Bound]
		}
		note := ""
		if g.Note != "" {
			note = " (" + g.Note + ")"
		}
		a.ui.line("fm: ", "gate %s: %.6g%s: %s%s", []any{g.Gate, float64(g.Value), of, verdict, note})
	}
	if failed > 0 {
		return &gateError{failed, len(r.Gates)}
	}
	return nil
}

// gateError is a gate that was not met: exit status 3.
type gateError struct{ failed, all int }

func (e *gateError) Error() string {
	return fmt.Sprintf("%d of %s not met", e.failed, plural(e.all, "gate"))
}
func (e *gateError) exitStatus() int { return exitGate }

// judgements collects what is needed of each judged flow, and no more.
type judgements struct {
	data       eval.Data
	group      int32
	class      string
	bytes      func(*extract.Record) uint64
	starts     []int64 // of the flows, ns
	background int
	ignored    int
}

// Renderer implements [extract.Sink].
func (j *judgements) Renderer() extract.Renderer { return nil }

// Write implements [extract.Sink].
func (j *judgements) Write(recs []extract.Record) error {
	for i := range recs {
		r := &recs[i]
		label := r.Label
		if label == "" {
			label = j.class
		}
		switch label {
		case dataset.Background:
			j.background++
			continue
		case dataset.Ignore:
			j.ignored++
			continue
		}
		class, err := dataset.ClassOf(j.data.Classes, label)
		if err != nil {
			return &hinted{err, "the model knows these classes only"}
		}
		d := &j.data
		d.Truth, d.Score = append(d.Truth, class > 0), append(d.Score, r.Score)
		d.Class, d.Predicted = append(d.Class, class), append(d.Predicted, int32(r.Class))
		d.Group = append(d.Group, j.group)
		d.Packets, d.Bytes = append(d.Packets, float64(r.Flow.Packets())), append(d.Bytes, float64(j.bytes(r)))
		j.starts = append(j.starts, r.Flow.Start)
	}
	return nil
}

// judge scores all flows of the captures, each a stream of its own.
func (a *app) judge(m *loaded, files []labelledFile, o classify.Options, rules *dataset.Labels, bounds meterFlags) (*judgements, *metering, error) {
	p, err := m.pipeline()
	if err != nil {
		return nil, nil, err
	}
	c, err := a.classifier(m, p.schema, "this fm", o)
	if err != nil {
		return nil, nil, err
	}
	j := &judgements{bytes: bytesOf(p.schema)}
	j.data.Classes, j.data.Threshold = c.Classes(), c.Threshold()
	run := &metering{set: p.set, bounds: bounds}
	stage := classify.NewStage(c)
	var paths []string
	var before judgements
	err = a.eachCapture(run, files, func(i int, f labelledFile) extract.Sink {
		paths = append(paths, f.path)
		run.stages = append([]extract.Stage{stage}, rulesFor(rules, f.path)...)
		j.group, j.class = int32(len(j.data.Groups)), f.class
		j.data.Groups = append(j.data.Groups, f.path)
		before = *j
		return j
	}, func(_ int, _ labelledFile, _ string, twin bool) {
		if twin {
			j.truncate(&before)
			return
		}
		j.data.Hours += covered(slices.Clone(j.starts[len(before.starts):]))
	})
	if err != nil {
		return nil, run, err
	}
	a.unmatched(rules, paths)
	if j.background+j.ignored > 0 {
		a.ui.say("left out by --labels: %d flows of background, %d to ignore", j.background, j.ignored)
	}
	if len(c.Classes()) == 2 {
		j.data.Predicted = nil
	}
	if byteColumn(p.schema) < 0 {
		j.data.Bytes = nil
	}
	return j, run, nil
}

// covered is how many hours lie between the first and the last of times, which it sorts.
// Gaps of more than a day are left out: a capture whose clock jumps covers no years.
func covered(times []int64) float64 {
	slices.Sort(times)
	sum := 0.0
	for i := 1; i < len(times); i++ {
		if gap := float64(times[i] - times[i-1]); gap <= 24*3.6e12 {
			sum += gap
		}
	}
	return sum / 3.6e12
}

// truncate takes back what came after before, and the last group.
func (j *judgements) truncate(before *judgements) {
	d, n := &j.data, len(before.starts)
	j.background, j.ignored = before.background, before.ignored
	d.Truth, d.Score, d.Class, d.Predicted, d.Group = d.Truth[:n], d.Score[:n], d.Class[:n], d.Predicted[:n], d.Group[:n]
	d.Packets, d.Bytes, j.starts = d.Packets[:n], d.Bytes[:n], j.starts[:n]
	d.Groups = d.Groups[:len(d.Groups)-1]
}
