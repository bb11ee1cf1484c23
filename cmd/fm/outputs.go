package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fm/dataset"
	"fm/extract/feature"
	"fm/extract/output"
)

// outputFlags say where rows go.
type outputFlags struct {
	out     string
	format  string
	columns string
	rotate  output.Rotation
	keep    int
}

func (o *outputFlags) add(fs *pflag.FlagSet, formats []string) {
	g := flagGroup{fs, "Output"}
	g.text(&o.out, "output", "o", "-", "write to `FILE`, whose name gives the format, or to a folder DIR/ (--per-file, or two logs); - is standard output")
	g.value(&choice{&o.format, formats}, "format", "", "format where the name does not tell")
	g.value(&rotationFlag{&o.rotate}, "rotate", "", "begin a new file after so many rows, bytes or so long a time: `SPEC` as in 1000000rows, 100MB or 1h")
	g.value(&count{&o.keep, 1}, "keep", "", "with --rotate, keep the newest `N` files of this run and remove older ones")
	g.text(&o.columns, "columns", "", "", "write these columns, in this order: `A,B,C`")
}

// isDir tells whether the output is to be a directory.
func (o *outputFlags) isDir() bool { return strings.HasSuffix(o.out, "/") }

// columnList splits --columns.
func (o *outputFlags) columnList(cmd *cobra.Command) ([]string, error) {
	if o.columns == "" {
		if cmd.Flags().Changed("columns") {
			return nil, withHint(usagef("--columns names no column"), cmd)
		}
		return nil, nil
	}
	names := strings.Split(o.columns, ",")
	seen := map[string]bool{}
	for _, n := range names {
		switch {
		case n == "":
			return nil, withHint(usagef("--columns has an empty name"), cmd)
		case seen[n]:
			return nil, withHint(usagef("--columns names %q twice", n), cmd)
		}
		seen[n] = true
	}
	return names, nil
}

// rotationFlag is when a file ends and the next one begins.
type rotationFlag struct{ p *output.Rotation }

func (r *rotationFlag) String() string {
	if r.p == nil {
		return ""
	}
	return r.p.String()
}
func (r *rotationFlag) Type() string { return "SPEC" }
func (r *rotationFlag) Set(s string) (err error) {
	*r.p, err = output.ParseRotation(s)
	return err
}

// checkRotation enforces the rules among the flags of rotation.
func (o *outputFlags) checkRotation(cmd *cobra.Command, format output.Format, perFile bool) error {
	switch given := cmd.Flags().Changed("rotate"); {
	case !given && cmd.Flags().Changed("keep"):
		return withHint(usagef("--keep is for --rotate"), cmd)
	case given && o.out == "-":
		return withHint(usagef("--rotate is for files: give -o FILE"), cmd)
	case given && format == output.Table:
		return withHint(usagef("--rotate is not for --format table"), cmd)
	case given && perFile && o.isDir():
		return withHint(usagef("--rotate and --per-file with a folder exclude each other"), cmd)
	}
	return nil
}

// rotation is that of the rows of x.
func (x *extraction) rotation() output.Rotation {
	r := x.out.rotate
	r.Keep = x.out.keep
	r.Card = func() *dataset.Card {
		c := &dataset.Card{Fm: release, Complete: true, Settings: x.settings()}
		x.anon.card(c)
		return c
	}
	return r
}

// resolve makes -o DIR a folder if there is one of that name.
func (o *outputFlags) resolve() {
	if info, err := os.Stat(o.out); err == nil && info.IsDir() && !strings.HasSuffix(o.out, "/") {
		o.out += "/"
	}
}

// makeFolder makes the folder that path names, if it names one; undo takes it away again
// while it is empty, if it was not there.
func makeFolder(path string) (undo func(), err error) {
	undo = func() {}
	if !strings.HasSuffix(path, "/") {
		return undo, nil
	}
	if _, err := os.Stat(path); err == nil {
		return undo, nil
	}
	if err := os.MkdirAll(path, 0o777); err != nil {
		return undo, fileError("write", path, err)
	}
	return func() { os.Remove(path) }, nil
}

// outputNames are the names of the outputs of captures below the folder of -o: files, or
// folders where the tool writes two logs. Errors call captures as shown does.
func outputNames(captures []namedCapture, f output.Format, l *feature.Layout, shown func(path string) string) ([]string, error) {
	ending := "." + f.String()
	switch {
	case l != nil && l.Beside != nil:
		ending = "/"
	case f == output.ByName && l != nil && l.Log != "":
		ending = ".log"
	case f == output.ByName:
		ending = ".csv"
	}
	names := make([]string, len(captures))
	from := map[string]string{}
	for i, c := range captures {
		names[i] = filepath.Clean(c.name) + ending
		if other, twice := from[names[i]]; twice {
			return nil, fmt.Errorf("write %s: %s and %s would both be written there", names[i], shown(other), shown(c.path))
		}
		from[names[i]] = c.path
	}
	return names, nil
}
