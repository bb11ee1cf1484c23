package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"fm/dataset"
	"fm/extract/output"
	"fm/model"
	"fm/model/kinds"
	"fm/models"
)

// loaded is a model and the name by which messages call it.
type loaded struct {
	*model.Model
	name  string
	known bool // the rows at hand are of the model's set by their card
}

// readModel reads a model file, or the built-in one if path is empty. A model file of
// another library becomes a model of the columns that it names.
func readModel(path string) (*loaded, error) {
	var r io.Reader
	name := path
	if path == "" {
		b, err := models.Default()
		if err != nil {
			return nil, errors.New("no model is built into this binary: name one with -m")
		}
		name, r = models.Name, bytes.NewReader(b)
	} else {
		f, in, own, err := openModel(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if !own {
			return readOnTheFly(in, path)
		}
		r = in
	}
	m, err := model.Read(r, kinds.Codec)
	if err != nil {
		return nil, fmt.Errorf("read %s: %s", name, strings.TrimPrefix(err.Error(), "read model: "))
	}
	return &loaded{Model: m, name: name}, nil
}

// pipeline makes the rows that the model was trained on.
func (l *loaded) pipeline() (*pipeline, error) {
	if l.Schema.Set == "" && l.Imported != nil {
		p, err := setOf(l.Model)
		if errors.Is(err, errNoSet) {
			err = &hinted{fmt.Errorf("%s: %w", l.name, err), "\"fm import\" binds a model's features to the columns of a set: --set NAME, --rename FILE"}
		}
		return p, err
	}
	if l.Schema.Set == "" {
		return nil, &hinted{fmt.Errorf("%s was trained on a table, not on flows of a feature set", l.name), "it can judge rows of such a table: --flows FILE\nto judge packets, train with --set NAME, the set of the tool that wrote the table"}
	}
	p, err := pipelineOf(&l.Schema)
	if err != nil {
		return nil, &hinted{fmt.Errorf("%s does not fit this fm: %w", l.name, err), "retrain it, or use the fm that made it (" + l.FM + ")"}
	}
	return p, nil
}

// misfit explains why rows of what do not fit the model.
func (l *loaded) misfit(err error, what string) error {
	var se *dataset.SchemaError
	if !errors.As(err, &se) {
		return err
	}
	hints := se.Hints()
	if l.Imported != nil && len(se.Missing) > 0 {
		hints = append(hints, "fm import --rename FILE binds features to columns of other names: old,new")
	}
	return &hinted{fmt.Errorf("%s expects %d columns of %s, %s has %d of %s", l.name, len(se.Want.Columns), se.Want.Title(), what, len(se.Got.Columns), se.Got.Title()), strings.Join(hints, "\n")}
}

// modelFlag adds -m.
func modelFlag(cmd *cobra.Command, p *string) {
	g := flagGroup{cmd.Flags(), "Model"}
	g.text(p, "model", "m", "", "the model `FILE` (default: the one built in)")
}

// checkModel refuses an empty name.
func checkModel(cmd *cobra.Command, path string) error {
	if path == "" && cmd.Flags().Changed("model") {
		return withHint(usagef("-m needs a name"), cmd)
	}
	return nil
}

// finish has write fill f and gives f its name.
func finish(f *output.File, write func(io.Writer) error) error {
	if err := write(f); err != nil {
		return err
	}
	return f.Commit()
}

// writeModel writes m to f.
func writeModel(f *output.File, m *model.Model) error {
	return finish(f, func(w io.Writer) error {
		err := m.Write(w, kinds.Codec(m.Kind))
		if cause := errors.Unwrap(err); cause != nil {
			return cause // names the file, as "write model" does not
		}
		return err
	})
}
