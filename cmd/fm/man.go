package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// writeMan writes the manual page of cmd in the macros of man(7), from the texts of its help.
func writeMan(w io.Writer, cmd *cobra.Command) error {
	var b strings.Builder
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"fm %s\"\n.SH NAME\n%s \\- %s\n.SH SYNOPSIS\n", strings.ToUpper(name), release, roff(name), roff(cmd.Short))
	if !cmd.HasParent() {
		fmt.Fprintf(&b, "\\fBfm\\fR COMMAND [FLAGS]\n.SH COMMANDS\n")
		for _, c := range cmd.Commands() {
			fmt.Fprintf(&b, ".TP\n\\fB%s\\fR\n%s\n", roff(c.Name()), roff(c.Short))
		}
		fmt.Fprintf(&b, ".SH DESCRIPTION\n.nf\n%s\n.fi\n", roff(strings.TrimSpace(overview)))
		_, err := io.WriteString(w, b.String())
		return err
	}
	fmt.Fprintf(&b, "%s\n.SH DESCRIPTION\n.nf\n%s\n.fi\n", roff("fm "+cmd.Use), roff(strings.TrimSpace(cmd.Long)))
	for _, g := range flagGroups(cmd) {
		fmt.Fprintf(&b, ".SH %s\n", strings.ToUpper(roff(g.name)))
		g.fs.VisitAll(func(f *pflag.Flag) {
			kind, text := pflag.UnquoteUsage(f)
			flag := "--" + f.Name
			if f.Shorthand != "" {
				flag = "-" + f.Shorthand + ", " + flag
			}
			fmt.Fprintf(&b, ".TP\n\\fB%s\\fR \\fI%s\\fR\n%s\n", roff(flag), roff(kind), roff(text))
		})
	}
	fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(strings.TrimSpace(cmd.Example)))
	_, err := io.WriteString(w, b.String())
	return err
}

// roff keeps text from being read as macros.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(s)
	var b strings.Builder
	for l := range strings.Lines(s) {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			b.WriteString(`\&`)
		}
		b.WriteString(l)
	}
	return b.String()
}
