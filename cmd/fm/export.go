package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"fm/extract/output"
	"fm/model/foreign"
)

func (a *app) exportCommand() *cobra.Command {
	var names []string
	for _, t := range foreign.Targets() {
		names = append(names, t.Name)
	}
	var to, out string
	cmd := &cobra.Command{
		Use: "export model.fm --to " + strings.Join(names, "|") + " [-o FILE]", Short: "a model of fm as a model of another library",
		Args: oneArg("the model"), Long: exportText, Example: exportExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case args[0] == "":
				return withHint(usagef("the model's name is empty"), cmd)
			case to == "":
				return withHint(usagef("no target: give --to %s", strings.Join(names, " or --to ")), cmd)
			case out == "":
				return withHint(usagef("-o needs a name"), cmd)
			}
			if t, _ := foreign.FindTarget(to); t.Files != nil && out == "-" {
				return withHint(usagef("--to %s writes several files: name a folder for them with -o", to), cmd)
			}
			return a.export(args[0], to, out)
		},
	}
	g := flagGroup{cmd.Flags(), "Output"}
	g.value(&choice{&to, names}, "to", "", "write it for this library")
	g.text(&out, "output", "o", "-", "write to `FILE`, - is standard output; a folder for deepfence")
	return cmd
}

func (a *app) export(path, to, outPath string) error {
	if err := a.stop.atOnce(true); err != nil {
		return err
	}
	m, err := readModel(path)
	if err != nil {
		return err
	}
	target, _ := foreign.FindTarget(to)
	x := &foreign.Exported{Scorer: m.Scorer()}
	for _, in := range m.Inputs {
		x.Names, x.Words = append(x.Names, in.Name), append(x.Words, in.Words)
	}
	if target.Files != nil {
		return a.exportFolder(m, target, x, outPath)
	}
	if err := a.stop.atOnce(false); err != nil {
		return err
	}
	out, err := output.CreateFile(outPath)
	if err != nil {
		return err
	}
	defer out.Drop()
	var notes []string
	err = finish(out, func(w io.Writer) (err error) {
		notes, err = target.Write(heeding{w, a.stop}, x)
		return err
	})
	if err != nil {
		err = fmt.Errorf("export %s: %w", m.name, err)
		if errors.Is(err, foreign.ErrNoWords) {
			err = &hinted{err, "--to lightgbm has words of any characters"}
		}
		return err
	}
	a.exported(m, notes, outPath)
	return nil
}

// exported says what a user should know of a model that was written.
func (a *app) exported(m *loaded, notes []string, outPath string) {
	for _, n := range notes {
		a.ui.say("%s", n)
	}
	if t, ok := m.InForce(); ok {
		a.ui.say("the threshold stays behind: %.6g", t.Value)
	}
	if outPath != "-" {
		a.ui.say("wrote %s", outPath)
	}
}

// exportFolder writes a model as several files. They get their names when all are complete.
func (a *app) exportFolder(m *loaded, target foreign.Target, x *foreign.Exported, folder string) error {
	files, notes, err := target.Files(x)
	if err != nil {
		return fmt.Errorf("export %s: %w", m.name, err)
	}
	if err := a.stop.atOnce(false); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fileError("write", folder, err)
	}
	outs := make([]*output.File, len(files))
	for i, f := range files {
		if outs[i], err = output.CreateFile(filepath.Join(folder, f.Name)); err != nil {
			return err
		}
		defer outs[i].Drop()
		if _, err := outs[i].Write(f.Data); err != nil {
			return err
		}
	}
	for _, out := range outs {
		if err := out.Commit(); err != nil {
			return err
		}
	}
	a.exported(m, notes, folder)
	return nil
}
