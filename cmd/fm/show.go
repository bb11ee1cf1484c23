package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"fm/dataset"
	"fm/extract/output"
	"fm/model"
)

func (a *app) showCommand() *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use: "show [model.fm]", Short: "what a model is, expects, was trained on and how it scored",
		Long: showText, Example: showExample,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return withHint(usagef("unexpected argument %q", args[1]), cmd)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			path := ""
			if len(args) == 1 {
				if path = args[0]; path == "" {
					return withHint(usagef("the model's name is empty"), cmd)
				}
			}
			if err := a.stop.atOnce(true); err != nil {
				return err
			}
			m, err := readModel(path)
			if err != nil {
				return err
			}
			if format == "json" {
				e := json.NewEncoder(a.env.stdout)
				e.SetIndent("", "  ")
				return e.Encode(m.Manifest)
			}
			return showModel(a.env.stdout, m)
		},
	}
	g := flagGroup{cmd.Flags(), "Output"}
	g.value(&choice{&format, []string{"text", "json"}}, "format", "", "how to print; json is the manifest")
	return cmd
}

// showModel prints the manifest for people. Its words come from a file that anybody may
// have made: nothing of them can move a terminal's cursor.
func showModel(w io.Writer, m *loaded) error {
	b := &bytes.Buffer{}
	line := func(name, format string, args ...any) {
		fmt.Fprintf(b, "%-11s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("model", "%s: %s, made by fm %s", m.name, m.Kind, m.FM)
	line("task", "%s: %s", m.Task, strings.Join(m.Classes, ", "))
	set := "a table"
	if m.Schema.Set != "" {
		set = fmt.Sprintf("%s/%d", m.Schema.Set, m.Schema.Version)
	}
	line("rows", "%s, %d columns, of which the model reads %d; fingerprint %.12s", set, len(m.Schema.Columns), len(m.Inputs), m.Fingerprint)
	if m.Schema.Options != "" {
		line("rules", "%s", m.Schema.Options)
	}
	for _, s := range m.Schema.Stages {
		line("stage", "%s", s)
	}
	for i, t := range m.Thresholds {
		name := "threshold"
		if i < len(m.Thresholds)-1 {
			name = "formerly"
		}
		line(name, "%.6g (%s): %s", t.Value, t.Rule, t.Reason)
		if t.Rows > 0 {
			line("", "realised %.3g, 95 %% interval %.3g to %.3g, of %d benign flows", t.Realised, t.Lo, t.Hi, t.Rows)
		}
	}
	if h := m.HeldOut; h != nil {
		line("held out", "%s in %d parts: %d flows, %d malicious", h.Split, h.Folds, h.Rows, h.Positive)
		line("", "AUC %.4f, average precision %.4f", float64(h.AUC), float64(h.AveragePrecision))
		line("", "at %.6g: %d of %d attacks found, %d of %d benign flows called malicious", h.Threshold, h.TP, h.TP+h.FN, h.FP, h.FP+h.TN)
	}
	if len(m.Trainer) > 0 {
		line("trainer", "%s, seed %d", m.Trainer, m.Seed)
	}
	if m.Imported != nil {
		showImported(line, m.Imported)
		showColumns(b, m.Model)
	} else {
		showSources(b, line, m)
		showInputs(b, m.Model)
	}
	showImportance(b, m.Model)
	_, err := w.Write(bytes.Map(func(c rune) rune {
		if c == '\n' {
			return c
		}
		return output.Printable(c)
	}, b.Bytes()))
	return err
}

// showImported prints where an imported model came from and what speaks for it.
func showImported(line func(name, format string, args ...any), i *model.Imported) {
	line("imported", "%s of %s %s (%s), objective %s", i.File, i.Library, i.Version, i.Format, i.Objective)
	line("", "SHA-256 %s", i.SHA256)
	line("columns", "%s", i.Columns)
	for n, r := range i.Renamed {
		if n == 8 {
			line("", "and %d more of another name", len(i.Renamed)-n)
			break
		}
		line("", "%s is column %s", r.Feature, r.Column)
	}
	for _, n := range i.Notes {
		line("note", "%s", n)
	}
	for _, p := range i.Proofs {
		line("proof", "%s: %s of %d rows, largest difference %.3g", p.With, p.What, p.Rows, p.Largest)
	}
	if i.Proofs == nil {
		line("proof", "none: fm import --probe compares with the library's own numbers")
	}
}

// showSources prints what a model was trained on.
func showSources(b io.Writer, line func(name, format string, args ...any), m *loaded) {
	rows, flows := 0, 0
	for _, s := range m.Sources {
		rows, flows = rows+s.Rows, flows+s.Flows
	}
	drawn := ""
	if m.PerCapture > 0 {
		drawn = fmt.Sprintf(", at most %d of each", m.PerCapture)
	}
	line("trained on", "%d of %d flows of %s%s", rows, flows, plural(len(m.Sources), "source"), drawn)
	for _, s := range m.Sources {
		fmt.Fprintf(b, "  %-10s %8d of %8d  %.12s  %s\n", s.Label, s.Rows, s.Flows, s.SHA256, s.Path)
	}
}

// showColumns prints the columns that an imported model reads: nothing is known of what
// they held in training.
func showColumns(w io.Writer, m *model.Model) {
	fmt.Fprintf(w, "\ncolumns read, in order:\n")
	places := m.Schema.Places()
	for _, in := range m.Inputs {
		if in.Made != nil {
			fmt.Fprintf(w, "  %s: %s\n", in.Name, madeWords(in.Made, &m.Schema))
			continue
		}
		c := m.Schema.Columns[places[in.Name]]
		fmt.Fprintf(w, "  %s", in.Name)
		if c.Unit != dataset.None {
			fmt.Fprintf(w, " (%s)", c.Unit)
		}
		if in.Words != nil {
			fmt.Fprintf(w, ": %s: %s", plural(len(in.Words), "word"), some(in.Words))
		}
		fmt.Fprintln(w)
	}
}

// showInputs prints what the columns held in training: the 5th, 50th and 95th of 100.
func showInputs(w io.Writer, m *model.Model) {
	units := map[string]dataset.Unit{}
	wide := len("column")
	for _, c := range m.Schema.Columns {
		units[c.Name] = c.Unit
	}
	for _, in := range m.Inputs {
		wide = max(wide, len(in.Name))
	}
	fmt.Fprintf(w, "\n%-*s  %-5s  %8s  %s\n%-*s  %-5s  %8s  %10s %10s %10s   %10s %10s %10s\n", wide, "", "", "", "benign in training                 all in training",
		wide, "column", "unit", "missing", "5 %", "median", "95 %", "5 %", "median", "95 %")
	for _, in := range m.Inputs {
		if in.Words != nil {
			fmt.Fprintf(w, "%-*s  %-5s  %7.1f%%  %d words\n", wide, in.Name, units[in.Name], 100*in.Missing, len(in.Words))
			continue
		}
		fmt.Fprintf(w, "%-*s  %-5s  %7.1f%%  %s   %s\n", wide, in.Name, units[in.Name], 100*in.Missing, quantiles(in.Benign), quantiles(in.All))
	}
}

// quantiles prints three of a summary's quantiles.
func quantiles(s *model.Summary) string {
	text := make([]string, 3)
	for i, q := range []float64{0.05, 0.5, 0.95} {
		v := usual(s, q)
		if text[i] = fmt.Sprintf("%10.4g", v); math.IsNaN(v) {
			text[i] = fmt.Sprintf("%10s", "–")
		}
	}
	return strings.Join(text, " ")
}
