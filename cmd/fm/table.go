package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fm/dataset"
)

// tableFlags say how tables of flows are read.
type tableFlags struct {
	delimiter byte
	noHeader  bool
	bad       string
	join, on  string
}

func (t *tableFlags) add(fs *pflag.FlagSet) {
	g := flagGroup{fs, "Tables"}
	g.value(&delimiter{&t.delimiter}, "delimiter", "", "what separates cells: comma, semicolon, tab, pipe or one `CHARACTER` (default: found out)")
	g.yes(&t.noHeader, "no-header", "the first line is a row: columns are called f0, f1, ...")
	g.value(&choice{&t.bad, []string{"skip"}}, "bad-rows", "", "leave out rows that cannot be read and count them (default: the first one is an error)")
	g.text(&t.join, "join", "", "", "add the columns of another table, `FILE`, which is held in memory")
	g.text(&t.on, "on", "", "", "join rows that have the same text in this `COLUMN` of both tables")
}

// check enforces the rules among the flags; tables says that tables are named.
func (t *tableFlags) check(cmd *cobra.Command, tables bool) error {
	for _, n := range []string{"delimiter", "no-header", "bad-rows", "join", "on"} {
		if !tables && cmd.Flags().Changed(n) {
			return withHint(usagef("--%s is for --flows", n), cmd)
		}
	}
	if (t.join == "") != (t.on == "") {
		return withHint(usagef("--join FILE and --on COLUMN go together"), cmd)
	}
	return nil
}

// delimiter is one ASCII character or the name of one.
type delimiter struct{ p *byte }

func (d *delimiter) String() string { return "" }
func (d *delimiter) Type() string   { return "CHARACTER" }
func (d *delimiter) Set(s string) error {
	switch s {
	case "comma":
		s = ","
	case "semicolon":
		s = ";"
	case "tab", `\t`:
		s = "\t"
	case "pipe":
		s = "|"
	}
	if len(s) != 1 || s[0] >= 0x80 || strings.Contains("\x00\r\n\"", s) {
		return errors.New("not comma, semicolon, tab, pipe or one ASCII character other than a quote")
	}
	*d.p = s[0]
	return nil
}

// tableOptions reads the table to join.
func (a *app) tableOptions(t *tableFlags) (dataset.TableOptions, error) {
	o := dataset.TableOptions{Delimiter: t.delimiter, NoHeader: t.noHeader, SkipBad: t.bad == "skip"}
	if t.join == "" {
		return o, nil
	}
	side, err := dataset.ReadSide(a.stop.ctx, t.join, t.on, o)
	if err != nil {
		return o, badRows(err)
	}
	a.leftOut(side.Path, &side.Bad, side.Rows())
	for _, n := range side.Notes {
		a.ui.warn("%s: %s", side.Path, n)
	}
	o.Join = side
	return o, nil
}

// findTables lists the tables below paths.
func (a *app) findTables(paths []string, o dataset.TableOptions) ([]string, error) {
	found, skipped, err := o.FindTables(paths)
	if err != nil {
		return nil, err
	}
	if n := len(skipped); n > 0 {
		more := ""
		if n > 5 {
			skipped, more = skipped[:5], ", …"
		}
		a.ui.warn("%s passed over, no tables: %s%s", plural(n, "file"), strings.Join(skipped, ", "), more)
	}
	return found, nil
}

// headless warns where the first row may have been taken for a header.
func (a *app) headless(t *dataset.Table) {
	if t.Headless() {
		a.ui.warn("%s: its header holds numbers: %s", t.Path, strings.Join(t.Header[:min(len(t.Header), 5)], ", "))
		a.ui.hint("--no-header reads the first line as a row")
	}
}

// readNotes says what of the rows of t was left out.
func (a *app) readNotes(t *dataset.Table) {
	a.leftOut(t.Path, &t.Bad, int(t.Row()))
	for _, n := range t.Notes() {
		a.ui.warn("%s: %s", t.Path, n)
	}
}

// unjoined says how many rows of the joined table no row of another wanted.
func (a *app) unjoined(o dataset.TableOptions) {
	if s := o.Join; s != nil && s.Unmatched() > 0 {
		a.ui.warn("%d of %d rows of %s have no partner: left out", s.Unmatched(), s.Rows(), s.Path)
	}
}

// leftOut says which of n rows --bad-rows left out.
func (a *app) leftOut(path string, bad *dataset.BadRows, n int) {
	if bad.Rows == 0 {
		return
	}
	a.ui.warn("%s: %d of %d rows left out: %s", path, bad.Rows, n, bad)
	for _, err := range bad.First {
		a.ui.line("fm:   ", "%v", []any{err})
	}
}

// badRows adds the hint that helps against an error of one row.
func badRows(err error) error {
	if err != nil && dataset.CauseOf(err) != 0 {
		return &hinted{err, "--bad-rows skip leaves such rows out and counts them"}
	}
	return err
}
