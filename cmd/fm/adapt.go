package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"fm/classify"
	"fm/dataset"
	"fm/extract/output"
	"fm/model"
	"fm/model/fit"
)

func (a *app) adaptCommand() *cobra.Command {
	var benign []string
	var labels, out, format string
	var bounds meterFlags
	budget := fit.DefaultMaxFPR
	cmd := &cobra.Command{
		Use: "adapt model.fm --benign FILE... -o site.fm [FLAGS]", Short: "the threshold that suits this network's own traffic",
		Args: oneArg("the model"), Long: adaptText, Example: adaptExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(benign) == 0:
				return withHint(usagef("no traffic: give --benign"), cmd)
			case out == "":
				return withHint(usagef("no output: give -o site.fm"), cmd)
			}
			if err := bounds.check(cmd); err != nil {
				return err
			}
			return a.unfinished(a.adapt(args[0], &dataFlags{benign: benign, labels: labels}, out, format, budget, bounds))
		},
	}
	g := flagGroup{cmd.Flags(), "Data"}
	g.files(&benign, "benign", "", "captures of this network's benign traffic, `FILE...` or folders, or tables of flows that fm wrote; the model stands before this flag or behind --")
	g.text(&labels, "labels", "", "", "rules that leave flows out: `FILE` of file, proto, ip, port, label, tab separated")
	g = flagGroup{cmd.Flags(), "Threshold"}
	g.value(&number{&budget, 1e-9, 1}, "max-fpr", "", "at most this share `X` of benign flows is to be called malicious")
	g = flagGroup{cmd.Flags(), "Output"}
	g.text(&out, "output", "o", "", "write the adapted model to `FILE`, - is standard output")
	format = "text"
	g.value(&choice{&format, []string{"text", "json"}}, "format", "", "format of the report")
	bounds.add(cmd.Flags())
	return cmd
}

func (a *app) adapt(path string, d *dataFlags, outPath, format string, budget float64, bounds meterFlags) error {
	m, err := readModel(path)
	if err != nil {
		return err
	}
	rules, err := readLabels(d.labels)
	if err != nil {
		return err
	}
	out, err := output.CreateFile(outPath)
	if err != nil {
		return err
	}
	defer out.Drop()
	files, tables, err := a.gather(d.sides())
	if err != nil {
		return err
	}
	var adapted *fit.Adapted
	var run *metering
	switch {
	case tables && rules != nil:
		return usagef("--labels is for captures: the rows of a table have their column label")
	case tables:
		s, err := a.scoreTables(m, files, dataset.TableOptions{}, d, classify.Options{Threshold: 1, HasThreshold: true})
		if err != nil {
			return err
		}
		if m.Task == model.Regression.String() {
			return fmt.Errorf("adapt: %s: a regression has no threshold", m.name)
		}
		if adapted, err = fit.AdaptScored(m.Model, s.frame, s.score, budget); err != nil {
			return err
		}
	default:
		var j *judgements
		if j, run, err = a.judge(m, files, classify.Options{Threshold: 1, HasThreshold: true}, rules, bounds); err != nil {
			return err
		}
		a.caveats(run)
		if m.Task == model.Regression.String() {
			return fmt.Errorf("adapt: %s: a regression has no threshold", m.name)
		}
		f := &dataset.Frame{Classes: j.data.Classes, Y: j.data.Class, Group: j.data.Group, Groups: j.data.Groups, Time: j.starts}
		f.SetRows(len(j.data.Score))
		if adapted, err = fit.AdaptScored(m.Model, f, j.data.Score, budget); err != nil {
			return err
		}
	}
	if err := writeModel(out, adapted.Model); err != nil {
		return err
	}
	report := a.env.stdout
	if outPath == "-" {
		report = a.env.stderr
		if a.ui.quiet {
			report = io.Discard
		}
	}
	if format == "json" {
		e := json.NewEncoder(report)
		e.SetIndent("", "  ")
		err = e.Encode(adapted)
	} else {
		err = adapted.Text(report)
	}
	if err != nil {
		return err
	}
	for _, w := range adapted.Warnings {
		a.ui.warn("%v", w)
	}
	if outPath != "-" {
		a.ui.say("wrote %s", outPath)
	}
	if run != nil {
		return errCut(run)
	}
	return nil
}
