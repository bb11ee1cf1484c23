package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"fm/extract/feature"
)

// showMap prints the cross-tool map, or with --set what of it is about that set.
func (a *app) showMap(cmd *cobra.Command, s *setFlags, format string) error {
	tools, concepts := feature.MapTools(), feature.CrossMap()
	if s.given(cmd.Flags()) != "" {
		if other := s.given(cmd.Flags(), "set"); other != "" {
			return withHint(usagef("--%s changes nothing of --map", other), cmd)
		}
		i := slices.IndexFunc(tools, func(t feature.MapTool) bool { return t.Name == s.set })
		if i < 0 {
			return withHint(usagef("--map has no set %q (there are: %s)", s.set, toolNames(tools)), cmd)
		}
		tools, concepts = someTools(tools, concepts, i)
	}
	w := bufio.NewWriter(a.env.stdout)
	var err error
	switch format {
	case "json":
		err = mapJSON(w, tools, concepts)
	case "csv":
		err = mapCSV(w, tools, concepts)
	case "markdown":
		mapMarkdown(w, tools, concepts)
	default:
		mapText(w, tools, concepts)
	}
	if err != nil {
		return err
	}
	return w.Flush()
}

func toolNames(tools []feature.MapTool) string {
	var names []string
	for _, t := range tools {
		names = append(names, t.Name)
	}
	return strings.Join(names, " ")
}

// someTools leaves fm and tool i, and the concepts of which that one has something.
func someTools(tools []feature.MapTool, concepts []feature.Concept, i int) ([]feature.MapTool, []feature.Concept) {
	keep := []int{0}
	if i > 0 {
		keep = append(keep, i)
	}
	var left []feature.MapTool
	var out []feature.Concept
	for _, k := range keep {
		left = append(left, tools[k])
	}
	for _, c := range concepts {
		if empty(&c.Places[i]) && (i > 0 || empty(&c.IP)) {
			continue
		}
		places := c.Places
		c.Places = nil
		for _, k := range keep {
			c.Places = append(c.Places, places[k])
		}
		out = append(out, c)
	}
	return left, out
}

func empty(p *feature.Place) bool { return len(p.Names) == 0 && p.Text == "" }

// placeText is a place for people: `a` = `b` [ms, sample] ⚠ how it differs (what to know).
func placeText(p *feature.Place, quote string) string {
	if empty(p) {
		return ""
	}
	text := p.Text
	if len(p.Names) > 0 {
		by := " = "
		if p.Sum {
			by = " + "
		}
		text = quote + strings.Join(p.Names, quote+by+quote) + quote
	}
	var tags []string
	for _, tag := range []string{string(p.Unit), string(p.Layer), p.Divisor} {
		if tag != "" {
			tags = append(tags, tag)
		}
	}
	if tags != nil {
		text += " [" + strings.Join(tags, ", ") + "]"
	}
	if p.Differs != "" {
		text += " ⚠ " + p.Differs
	}
	if p.Note != "" {
		text += " (" + p.Note + ")"
	}
	return text
}

// places are those of a concept with what fm has besides in the first.
func places(c *feature.Concept, quote string) []string {
	var out []string
	for i := range c.Places {
		text := placeText(&c.Places[i], quote)
		if ip := placeText(&c.IP, quote); i == 0 && ip != "" {
			text = strings.TrimPrefix(text+", "+ip, ", ")
		}
		out = append(out, text)
	}
	return out
}

// mapLegend explains the marks.
const mapLegend = "Columns are named by what they hold, whatever they are called. [D] sizes of transport payload,\n" +
	"[L4] of transport segments, [L3] of IP packets, [L2] of frames, [cap] of captured bytes; \"sample\" and\n" +
	"\"population\": the divisor of deviations. ⚠: the content is not what the name, or the concept, says.\n" +
	"What is not listed a tool does not have. Columns with = between each hold it, with + their sum.\n"

func mapText(w io.Writer, tools []feature.MapTool, concepts []feature.Concept) {
	fmt.Fprint(w, mapLegend)
	wide := 0
	for _, t := range tools {
		wide = max(wide, len(t.Name))
	}
	section := ""
	for i := range concepts {
		c := &concepts[i]
		if c.Section != section {
			section = c.Section
			fmt.Fprintf(w, "\n%s\n", strings.ToUpper(section))
		}
		fmt.Fprintf(w, "\n%s\n", c.Name)
		for k, text := range places(c, "") {
			if text != "" {
				fmt.Fprintf(w, "  %-*s  %s\n", wide, tools[k].Name, text)
			}
		}
	}
}

func mapMarkdown(w io.Writer, tools []feature.MapTool, concepts []feature.Concept) {
	fmt.Fprint(w, mapLegend)
	section := ""
	for i := range concepts {
		c := &concepts[i]
		if c.Section != section {
			section = c.Section
			fmt.Fprintf(w, "\n### %s\n\n| concept |", section)
			for _, t := range tools {
				fmt.Fprintf(w, " %s |", t.Name)
			}
			fmt.Fprintf(w, "\n|%s\n", strings.Repeat(" --- |", len(tools)+1))
		}
		fmt.Fprintf(w, "| %s |", c.Name)
		for _, text := range places(c, "`") {
			if text == "" {
				text = "✗"
			}
			fmt.Fprintf(w, " %s |", text)
		}
		fmt.Fprintln(w)
	}
}

// mapCSV writes a line for each place, fm's second one included.
func mapCSV(w io.Writer, tools []feature.MapTool, concepts []feature.Concept) error {
	out := csv.NewWriter(w)
	out.Write([]string{"section", "concept", "tool", "columns", "sum", "zero", "text", "unit", "layer", "divisor", "differs", "note"})
	put := func(c *feature.Concept, tool string, p *feature.Place) {
		if !empty(p) {
			out.Write([]string{c.Section, c.Name, tool, strings.Join(p.Names, ";"), strconv.FormatBool(p.Sum), strconv.FormatBool(p.Zero), p.Text,
				string(p.Unit), string(p.Layer), p.Divisor, p.Differs, p.Note})
		}
	}
	for i := range concepts {
		c := &concepts[i]
		for k := range c.Places {
			put(c, tools[k].Name, &c.Places[k])
			if k == 0 {
				put(c, tools[k].Name, &c.IP)
			}
		}
	}
	out.Flush()
	return out.Error()
}

func mapJSON(w io.Writer, tools []feature.MapTool, concepts []feature.Concept) error {
	type row struct {
		Section string                     `json:"section"`
		Concept string                     `json:"concept"`
		Tools   map[string][]feature.Place `json:"tools"`
	}
	var rows []row
	for i := range concepts {
		c := &concepts[i]
		r := row{c.Section, c.Name, map[string][]feature.Place{}}
		for k, p := range c.Places {
			if !empty(&p) {
				r.Tools[tools[k].Name] = append(r.Tools[tools[k].Name], p)
			}
		}
		if !empty(&c.IP) {
			r.Tools["fm"] = append(r.Tools["fm"], c.IP)
		}
		rows = append(rows, r)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Tools    []feature.MapTool `json:"tools"`
		Concepts []row             `json:"concepts"`
	}{tools, rows})
}
