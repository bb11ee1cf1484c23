package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"fm/dataset"
	"fm/extract/feature"
)

func (a *app) featuresCommand() *cobra.Command {
	var s setFlags
	var format string
	var mapped bool
	cmd := &cobra.Command{
		Use: "features [--set NAME] [--map]", Short: "the feature sets, or the columns of one", Args: noArgs,
		Long: featuresText, Example: featuresExample,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if mapped {
				return a.showMap(cmd, &s, format)
			}
			if s.given(cmd.Flags()) == "" {
				return a.listSets(format)
			}
			set, err := s.build(cmd)
			if err != nil {
				return err
			}
			return a.listColumns(set, format)
		},
	}
	s.add(cmd.Flags())
	g := flagGroup{cmd.Flags(), "Output"}
	g.yes(&mapped, "map", "which columns of the tools mean the same, and how they differ; with --set, of that set and fm's own only")
	format = "text"
	g.value(&choice{&format, []string{"text", "json", "csv", "markdown"}}, "format", "", "how to print")
	return cmd
}

// columnLine is one column as it is printed.
type columnLine struct {
	Name  string       `json:"name"`
	Unit  dataset.Unit `json:"unit"`
	Group string       `json:"group"`
	Role  string       `json:"role"`
	Doc   string       `json:"doc"`
	Fault string       `json:"fault,omitempty"` // what is wrong with it in the set's tool
	Right string       `json:"right,omitempty"` // the column of set fm that is right
}

// mark says what is wrong with the column, "" if nothing is known.
func (l *columnLine) mark() string {
	if l.Fault == "" {
		return ""
	}
	text := "faulty: " + strings.TrimSuffix(l.Fault, ".") + ". "
	if l.Right == "" {
		return text + "fm has none of the kind."
	}
	return text + "Right in fm: " + l.Right + "."
}

func (a *app) listColumns(set *feature.Set, format string) error {
	sc := set.Schema()
	lines := make([]columnLine, len(set.Columns))
	for i, c := range set.Columns {
		lines[i] = columnLine{c.Name, c.Unit, c.Group, c.Role.String(), c.Doc, c.Fault, c.Right}
	}
	var sequences []columnLine
	for _, l := range set.Lists {
		sequences = append(sequences, columnLine{Name: l.Name, Unit: l.Unit, Group: l.Group, Role: "list", Doc: l.Doc})
	}
	w := bufio.NewWriter(a.env.stdout)
	switch format {
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		if err := e.Encode(struct {
			Set         string       `json:"set"`
			Version     int          `json:"version"`
			Options     string       `json:"options"`
			Fingerprint string       `json:"fingerprint"`
			Doc         string       `json:"doc"`
			Columns     []columnLine `json:"columns"`
			Lists       []columnLine `json:"lists,omitempty"`
		}{sc.Set, sc.Version, sc.Options, sc.Fingerprint(), set.Doc, lines, sequences}); err != nil {
			return err
		}
	case "csv":
		c := csv.NewWriter(w)
		c.Write([]string{"name", "unit", "group", "role", "doc", "fault", "right"})
		for _, l := range lines {
			c.Write([]string{l.Name, string(l.Unit), l.Group, l.Role, l.Doc, l.Fault, l.Right})
		}
		c.Flush()
		if err := c.Error(); err != nil {
			return err
		}
	case "markdown":
		fmt.Fprintf(w, "| column | unit | group | what |\n| --- | --- | --- | --- |\n")
		for _, l := range lines {
			fmt.Fprintf(w, "| `%s` | %s | %s | %s |\n", l.Name, l.Unit, l.Group, strings.TrimSpace(l.Doc+" "+l.mark()))
		}
	default:
		fmt.Fprintf(w, "%s/%d: %d columns, fingerprint %.12s\n", sc.Set, sc.Version, len(lines), sc.Fingerprint())
		if sc.Options != "" {
			fmt.Fprintf(w, "rules that differ from the set's own: %s\n", sc.Options)
		}
		fmt.Fprintf(w, "%s\n\noptions (--set-option NAME=VALUE):\n", set.Doc)
		wide, preset, group := 0, 0, 0
		for _, o := range optionsOf(sc.Set) {
			wide, preset = max(wide, len(o.Name)), max(preset, len(o.Default))
		}
		for _, o := range optionsOf(sc.Set) {
			fmt.Fprintf(w, "  %-*s %-*s %s\n", wide, o.Name, preset, o.Default, o.Doc)
		}
		fmt.Fprintln(w)
		wide = 0
		faults := 0
		for _, l := range lines {
			wide, group = max(wide, len(l.Name)), max(group, len(l.Group))
		}
		for _, l := range lines {
			fmt.Fprintf(w, "%-*s  %-5s  %-*s  %s\n", wide, l.Name, l.Unit, group, l.Group, l.Doc)
			if mark := l.mark(); mark != "" {
				faults++
				fmt.Fprintf(w, "%*s  ! %s\n", wide, "", mark)
			}
		}
		if len(sequences) > 0 {
			fmt.Fprintf(w, "\nlists, which JSON Lines and Parquet have and training does not see:\n")
			for _, l := range sequences {
				fmt.Fprintf(w, "%-*s  %-5s  %-*s  %s\n", wide, l.Name, l.Unit, group, l.Group, l.Doc)
			}
		}
		if faults > 0 {
			fmt.Fprintf(w, "\n%s of %s as the tool computes them: those marked with !\n", plural(faults, "faulty column"), plural(len(lines), "column"))
		}
	}
	return w.Flush()
}

// listSets prints the sets with their options and groups.
func (a *app) listSets(format string) error {
	all := feature.Sets()
	w := bufio.NewWriter(a.env.stdout)
	switch format {
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		if err := e.Encode(all); err != nil {
			return err
		}
	case "csv":
		c := csv.NewWriter(w)
		c.Write([]string{"set", "what", "default", "columns", "doc"})
		for _, d := range all {
			c.Write([]string{d.Name, "set", "", "", oneLine(d.Doc)})
			for _, o := range d.Options {
				c.Write([]string{d.Name, "option " + o.Name, o.Default, "", o.Doc})
			}
			for _, g := range d.Groups {
				c.Write([]string{d.Name, "group " + g.Name, onOff(g.Default), fmt.Sprint(g.Columns), g.Doc})
			}
		}
		c.Flush()
		if err := c.Error(); err != nil {
			return err
		}
	case "markdown":
		fmt.Fprintf(w, "| set | group | columns | default | what |\n| --- | --- | --- | --- | --- |\n")
		for _, d := range all {
			for _, g := range d.Groups {
				fmt.Fprintf(w, "| %s | %s | %d | %s | %s |\n", d.Name, g.Name, g.Columns, onOff(g.Default), g.Doc)
			}
		}
	default:
		fmt.Fprintf(w, "feature sets (fm features --set NAME shows options and columns of one):\n")
		for _, d := range all {
			first, _, _ := strings.Cut(oneLine(d.Doc), ". ")
			fmt.Fprintf(w, "  %-18s %s\n", d.Name, strings.TrimSuffix(first, "."))
		}
		fmt.Fprintf(w, "\ngroups of columns of %s (--with, --without):\n", defaultSet)
		for _, g := range all[0].Groups {
			fmt.Fprintf(w, "  %-14s %-4s %3d  %s\n", g.Name, onOff(g.Default), g.Columns, g.Doc)
		}
	}
	return w.Flush()
}

// optionsOf are the options of the set called name.
func optionsOf(name string) []feature.Option {
	for _, d := range feature.Sets() {
		if d.Name == name {
			return d.Options
		}
	}
	return nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
