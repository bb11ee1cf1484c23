package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"fm/dataset"
	"fm/extract/output"
	"fm/model"
	"fm/model/foreign"
)

// importFlags are the flags of fm import.
type importFlags struct {
	schema  string
	set     setFlags
	rename  string
	mapped  string
	classes string
	probe   string
	expect  string
	out     string

	differing bool
	tool      mapFlag // of --map
}

func (a *app) importCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use: "import FILE -o model.fm [FLAGS]", Short: "a model of LightGBM, XGBoost or Deepfence FlowMeter as a model of fm",
		Args: oneArg("the model file"), Long: importText, Example: importExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd, args[0]); err != nil {
				return err
			}
			return a.importModel(cmd, args[0], &f)
		},
	}
	g := flagGroup{cmd.Flags(), "Columns"}
	g.text(&f.schema, "schema", "", "", "bind the features to the columns of a table that fm wrote: its card, `FILE.card.json`, or the table itself")
	g.text(&f.rename, "rename", "", "", "`FILE` of two columns, the feature's name and the column's")
	g.text(&f.mapped, "map", "", "", "the features are columns of `TOOL`, see \"fm features --map\": bind them to those columns of the set (--set, default fm) that mean the same, with units converted")
	g.yes(&f.differing, "allow-differing", "with --map, take columns too whose definition differs")
	g.text(&f.classes, "classes", "", "", "names of the model's classes in its order, benign first: `benign,B,C`")
	f.set.add(cmd.Flags())
	cmd.Flags().Lookup("set").DefValue = ""
	cmd.Flags().Lookup("set").Usage = "bind the features to the columns of feature set `NAME`, see \"fm features\""
	g = flagGroup{cmd.Flags(), "Proof"}
	g.text(&f.probe, "probe", "", "", "table of rows, `FILE`, with what the library itself predicts for them")
	g.text(&f.expect, "expect", "", "", "the column of the probe table that holds it, `COLUMN`; one for each output: A,B,C")
	g = flagGroup{cmd.Flags(), "Output"}
	g.text(&f.out, "output", "o", "", "write the model to `FILE`, - is standard output")
	return cmd
}

// check enforces the rules among the flags.
func (f *importFlags) check(cmd *cobra.Command, path string) error {
	given := f.set.given(cmd.Flags())
	switch {
	case path == "":
		return withHint(usagef("the model's name is empty"), cmd)
	case f.out == "":
		return withHint(usagef("no output: give -o model.fm"), cmd)
	case f.schema != "" && given != "":
		return withHint(usagef("--schema and --%s exclude each other", given), cmd)
	case (f.probe == "") != (f.expect == ""):
		return withHint(usagef("--probe FILE and --expect COLUMN go together"), cmd)
	}
	switch {
	case f.schema != "" && f.mapped != "":
		return withHint(usagef("--schema and --map exclude each other"), cmd)
	case f.differing && f.mapped == "":
		return withHint(usagef("--allow-differing is for --map"), cmd)
	case f.mapped != "":
		var err error
		if f.tool, err = parseMap(f.mapped); err != nil {
			return withHint(usagef("--map: %v", err), cmd)
		}
	}
	for _, n := range []string{"schema", "rename", "map", "classes", "probe", "expect"} {
		if l := cmd.Flags().Lookup(n); l.Changed && l.Value.String() == "" {
			return withHint(usagef("--%s is empty", n), cmd)
		}
	}
	return nil
}

// importModel reads, binds, proves and writes.
func (a *app) importModel(cmd *cobra.Command, path string, f *importFlags) error {
	if err := a.stop.atOnce(true); err != nil {
		return err
	}
	folder := isFolder(path)
	schema, p, err := f.schemaOf(cmd, folder)
	if err != nil {
		return err
	}
	file, err := importedFile(path, folder)
	if err != nil {
		return err
	}
	for _, n := range file.Notes {
		a.ui.say("%s: %s", path, n)
	}
	renames, err := readRenames(f.rename)
	if err != nil {
		return err
	}
	b, err := a.bind(file, f, schema, p, renames)
	if err != nil {
		return err
	}
	a.ui.say("features are bound %s", b.how)
	var proofs []model.Proof
	second, err := a.compare(file)
	if err != nil {
		return err
	}
	if second != nil {
		proofs = append(proofs, *second)
	}
	var classes []string
	if f.classes != "" {
		classes = strings.Split(f.classes, ",")
	}
	m, err := file.imported(b, classes, proofs)
	if err != nil {
		return err
	}
	if f.probe != "" {
		asIs := m
		if f.mapped != "" { // the table has the columns that the model was trained on
			own, err := bindFeatures(file.Model, nil, renames)
			if err != nil {
				return err
			}
			if asIs, err = file.imported(own, classes, nil); err != nil {
				return err
			}
		}
		proof, err := a.prove(&loaded{Model: asIs, name: path}, f.probe, strings.Split(f.expect, ","))
		if err != nil {
			return err
		}
		if m, err = file.imported(b, classes, append(proofs, *proof)); err != nil {
			return err
		}
	}
	if err := a.stop.atOnce(false); err != nil {
		return err
	}
	out, err := output.CreateFile(f.out)
	if err != nil {
		return err
	}
	defer out.Drop()
	if err := writeModel(out, m); err != nil {
		return err
	}
	if f.out != "-" {
		a.ui.say("wrote %s", f.out)
	}
	return nil
}

// importedFile reads what is to be imported: a file, or a folder of several.
func importedFile(path string, folder bool) (*foreignFile, error) {
	if folder {
		return readFolder(path)
	}
	in, r, own, err := openModel(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if own {
		return nil, &hinted{fmt.Errorf("import %s: it is a model of fm already", path), "fm export writes it for other libraries"}
	}
	return readForeign(r, path)
}

// bind finds the columns of the features of file.
func (a *app) bind(file *foreignFile, f *importFlags, schema *dataset.Schema, p *pipeline, renames []model.Rename) (*binding, error) {
	if f.mapped != "" {
		a.sayRules(p)
		return a.bindMapped(file, f, p, renames)
	}
	b, err := bindFeatures(file.Model, schema, renames)
	if err != nil {
		if tool := toolOf(file.Names); p != nil && tool != "" && tool != p.set.Name {
			hint := fmt.Sprintf("its names are those of %s: --map %s binds them to columns that mean the same", tool, tool)
			var h *hinted
			if errors.As(err, &h) {
				hint = h.hint + "\n" + hint
			}
			err = &hinted{err, hint}
		}
		return nil, err
	}
	if p != nil {
		a.sayRules(p)
		a.published(p, mapFlag{})
		b.asTool(p.set)
	}
	return b, nil
}

// schemaOf is the schema that features are bound to, nil if none is named, and where it is
// that of a set, the set. A folder's features are those of set deepfence unless another is named.
func (f *importFlags) schemaOf(cmd *cobra.Command, folder bool) (*dataset.Schema, *pipeline, error) {
	if folder && f.schema == "" && f.mapped == "" && !cmd.Flags().Changed("set") {
		f.set.set = "deepfence"
	}
	switch {
	case f.set.given(cmd.Flags()) != "" || f.mapped != "" || folder && f.schema == "":
		f.set.asTool = true // the model was trained on what the tool wrote
		set, err := f.set.build(cmd)
		if err != nil {
			return nil, nil, err
		}
		p := newPipeline(set)
		return p.schema, p, nil
	case strings.HasSuffix(f.schema, dataset.CardSuffix):
		in, err := os.Open(f.schema)
		if err != nil {
			return nil, nil, fileError("read", f.schema, err)
		}
		defer in.Close()
		card, err := dataset.ReadCard(in)
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", f.schema, err)
		}
		return card.Schema, nil, nil
	case f.schema != "":
		t, err := dataset.OpenTable(f.schema)
		if err != nil {
			return nil, nil, err
		}
		defer t.Close()
		if t.Tool != nil {
			return t.Tool.Schema, nil, nil
		}
		return t.Schema, nil, nil
	}
	return nil, nil, nil
}

// compare asks leaves for a second opinion. Where it has none, it is nil.
func (a *app) compare(file *foreignFile) (*model.Proof, error) {
	in, err := os.Open(file.path)
	if err != nil {
		return nil, fileError("read", file.path, err)
	}
	defer in.Close()
	rows, largest, err := foreign.Compare(in, file.Model)
	switch {
	case errors.Is(err, foreign.ErrNotCompared):
		if file.Library == "lightgbm" {
			a.ui.say("%s: %v", file.path, err)
		}
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("import %s: a second reader (leaves) disagrees: %w", file.path, err)
	}
	a.ui.say("leaves gives the same margins and leaves for %d probe rows", rows)
	return &model.Proof{With: "leaves", What: "margins", Rows: rows, Largest: largest}, nil
}

// proofTolerance is how far, relative to numbers above 1, a prediction may lie from the
// library's: the seventh digit that tables are often cut to.
const proofTolerance = 1e-6

// prove scores the rows of a table and holds the predictions, or the margins, against what
// the table says that the library gave.
func (a *app) prove(m *loaded, path string, expect []string) (*model.Proof, error) {
	t, err := dataset.OpenTable(path)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	cells := make([]int, len(expect))
	for i, name := range expect {
		if cells[i] = t.Column(name); cells[i] < 0 {
			return nil, &hinted{fmt.Errorf("read %s: no column %q to compare with", path, name), "it has: " + someQuoted(t.Header)}
		}
	}
	t.Take(m.wanted(t)) // what is missing is told when the model is bound
	b, err := m.Bind(t.Schema)
	if err != nil {
		return nil, m.misfit(err, path)
	}
	outputs := b.Outputs()
	row, margins, predictions := make([]float64, b.Width()), make([]float64, outputs), make([]float64, outputs)
	if n := b.Predictions(); len(expect) != n && len(expect) != outputs {
		return nil, fmt.Errorf("read %s: --expect names %s, the model has %s", path, plural(len(expect), "column"), plural(n, "prediction"))
	}
	found := []*distance{{what: "predictions"}, {what: "margins"}}
	rows := 0
	for {
		err := t.Next(row)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, badRows(err)
		}
		if rows++; rows%4096 == 0 && a.stop.stopped() {
			return nil, a.stop.ctx.Err()
		}
		b.Margins(margins, row)
		values := [][]float64{b.Predict(predictions, margins), margins}
		for i, cell := range cells {
			want, ok := t.Number(cell)
			if !ok {
				return nil, fmt.Errorf("read %s:%s: column %q: not a number: %.40q", path, t.Place(), expect[i], t.Cell(cell))
			}
			for k, v := range values {
				if len(v) != len(expect) {
					found[k].bad++
					continue
				}
				if m.Imported.Library == "xgboost" { // its numbers are of float32
					want = float64(float32(want))
				}
				found[k].add(v[i], want, t.Place())
			}
		}
	}
	if rows == 0 {
		return nil, fmt.Errorf("read %s: no rows to compare", path)
	}
	best := found[0]
	if best.bad > 0 && found[1].bad == 0 {
		best = found[1]
	}
	if best.bad > 0 {
		return nil, &hinted{fmt.Errorf("import %s: %d of %d numbers of %s differ from the library's by more than %g, the first in row %s: %v, not %v", m.name, best.bad, rows*len(expect), path, proofTolerance, best.place, best.got, best.want),
			"are the columns those that the model was trained on, in their units? --rename FILE says which is which"}
	}
	a.ui.say("%s of %s: %s agree, the largest difference is %.3g", plural(rows, "row"), path, best.what, best.largest)
	a.unseen(t)
	return &model.Proof{With: path + ": " + strings.Join(expect, ","), What: best.what, Rows: rows, Largest: best.largest}, nil
}

// distance is how far one kind of numbers lies from the expected ones.
type distance struct {
	what      string
	largest   float64
	bad       int
	place     string // of the first bad one
	got, want float64
}

func (d *distance) add(got, want float64, place string) {
	if got == want || got != got && want != want {
		return
	}
	diff := max(got-want, want-got)
	if !(diff <= proofTolerance*max(1, want, -want)) {
		if d.bad++; d.bad == 1 {
			d.place, d.got, d.want = place, got, want
		}
		return
	}
	d.largest = max(d.largest, diff)
}
