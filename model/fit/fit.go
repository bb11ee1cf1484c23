// Package fit is the honest way from rows to a model: draw, hold out whole captures,
// train, choose the threshold on held-out rows, and refit on all; and the way to a
// threshold for another network.
//
// It works on frames and knows neither packets nor flags nor any kind of model. Start
// with [Train] and [Adapt].
package fit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"

	"fm/dataset"
	"fm/model"
	"fm/model/eval"
)

// Options of [Train].
type Options struct {
	Trainer    model.Trainer
	Kind       string
	Version    string   // of the program, for the manifest
	MaxFPR     float64  // share of benign flows that may be called malicious; 0 means 1e-3
	PerCapture int      // most rows drawn from one group; 0: all
	Drawn      int      // most rows of a group that were kept before, if drawn by the caller; for the report
	Folds      int      // 0 means 5, and 2 of more than a million rows
	Seed       uint64   // of drawing and splitting
	Keep       []string // columns trained on although their role is not feature
	Progress   func(done, steps int)
}

// Default values of [Options].
const (
	DefaultMaxFPR = 1e-3
	DefaultFolds  = 5
)

// manyRows is the number of rows above which half of them are enough to train a model
// that says how good the final one is, and the other half more than enough to say it on.
const manyRows = 1_000_000

// Result is a trained model and what is known about it.
type Result struct {
	Model  *model.Model
	Report *Report
}

// Train fits a model on the rows of f that have a class. The split holds out whole
// groups; where a side has one group only, host pairs; where there are none, rows, which
// the report warns of. The result depends on f and o only.
func Train(ctx context.Context, f *dataset.Frame, o Options) (*Result, error) {
	if o.MaxFPR <= 0 {
		o.MaxFPR = DefaultMaxFPR
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	view, inputs, err := selectColumns(f, o.Keep)
	if err != nil {
		return nil, err
	}
	if c, ok := o.Trainer.(interface{ Check(*dataset.Frame) error }); ok { // before any fold is trained on
		if err := c.Check(view); err != nil {
			return nil, err
		}
	}
	rows := draw(f, o.PerCapture, o.Seed)
	if err := model.CheckRows(view, rows); err != nil {
		return nil, err
	}
	if err := bothSides(f, rows); err != nil {
		return nil, err
	}
	if o.Folds <= 0 {
		o.Folds = DefaultFolds
		if len(rows) > manyRows {
			o.Folds = 2
		}
	}
	r := &Report{Left: f.Left, Kind: o.Kind, Columns: len(inputs), Available: available(f), Rows: len(rows), PerCapture: o.PerCapture, MaxFPR: o.MaxFPR, Seed: o.Seed}
	if r.PerCapture == 0 {
		r.PerCapture = o.Drawn
	}
	r.count(f, rows)
	if labels := secondLabels(f.Left); labels != "" {
		r.Warnings = append(r.Warnings, fmt.Errorf("left out because they look like labels too: %s", labels))
	}
	folds, by, warning := split(f, rows, o.Folds, o.Seed)
	r.Split, r.Folds = by, len(folds)
	if warning != nil {
		r.Warnings = append(r.Warnings, warning)
	}
	steps := len(folds) + 1
	if len(folds) > 0 {
		held, err := crossFit(ctx, view, rows, folds, o, func(i int) { o.Progress(i, steps) })
		if err != nil {
			return nil, err
		}
		r.Permutation = held.permutation.result(view)
		if err := r.judge(f, held, o.MaxFPR); err != nil {
			return nil, err
		}
		if r.OneRule, err = oneRule(ctx, view, rows, folds); err != nil {
			return nil, err
		}
		r.compare()
	} else {
		r.Threshold = eval.Choice{Threshold: 0.5, Budget: o.MaxFPR, FPR: eval.NewRatio(0, 0)}
	}
	scorer, err := o.Trainer.Train(ctx, view, rows)
	if err != nil {
		return nil, err
	}
	o.Progress(steps, steps)
	m, err := manifest(f, view, rows, inputs, o, r)
	if err != nil {
		return nil, err
	}
	made, err := model.New(*m, scorer)
	if err != nil {
		return nil, err
	}
	if view.Binned() {
		r.Notes = append(r.Notes, errors.New("the table is large: every column is held in at most 255 bins, and a value stands for each"))
	}
	r.Notes, r.Warnings = append(r.Notes, made.Notes()...), append(r.Warnings, made.Warnings()...)
	return &Result{Model: made, Report: r}, nil
}

// secondLabels names the columns that say what the label says.
func secondLabels(left []dataset.LeftOut) string {
	var names []string
	for _, l := range left {
		if l.Why == dataset.LeftLabel {
			names = append(names, l.Name)
		}
	}
	return strings.Join(names, ", ")
}

// selectColumns returns f with the columns to learn from, and their places in f.
func selectColumns(f *dataset.Frame, keep []string) (*dataset.Frame, []int, error) {
	if f.Schema == nil || len(f.Schema.Columns) != len(f.Cols) {
		return nil, nil, errors.New("train: the frame's columns are not those of its schema")
	}
	for _, name := range keep {
		if f.Schema.Index(name) < 0 {
			return nil, nil, fmt.Errorf("train: keep column %q: there is none of that name", name)
		}
	}
	view, schema, places := *f, *f.Schema, []int(nil)
	view.Cols, schema.Columns = nil, nil
	for i, c := range f.Schema.Columns {
		if c.Role == dataset.Feature || slices.Contains(keep, c.Name) {
			view.Cols, schema.Columns, places = append(view.Cols, f.Cols[i]), append(schema.Columns, c), append(places, i)
		}
	}
	view.Schema = &schema
	return &view, places, nil
}

func available(f *dataset.Frame) int {
	n := 0
	for _, s := range f.Sources {
		n += s.Flows
	}
	return max(n, f.Rows())
}

// draw returns the rows with a class, at most most of each group, drawn with the seed.
func draw(f *dataset.Frame, most int, seed uint64) []int {
	members := make([][]int, max(1, len(f.Groups)))
	for i, y := range f.Y {
		if y >= 0 {
			g := int32(0)
			if f.Group != nil {
				g = f.Group[i]
			}
			members[g] = append(members[g], i)
		}
	}
	var rows []int
	for g, m := range members {
		if most > 0 && len(m) > most && f.Group != nil {
			rng := rand.New(rand.NewPCG(seed, uint64(g)))
			for i := range most {
				j := i + rng.IntN(len(m)-i)
				m[i], m[j] = m[j], m[i]
			}
			m = m[:most]
		}
		rows = append(rows, m...)
	}
	slices.Sort(rows)
	return rows
}

// bothSides refuses rows that are all malicious: of several classes, but none benign.
func bothSides(f *dataset.Frame, rows []int) error {
	for _, r := range rows {
		if f.Y[r] == 0 {
			return nil
		}
	}
	return fmt.Errorf("train: none of %d rows is of class %q: %w", len(rows), f.Classes[0], model.ErrOneClass)
}

// split deals rows into at most k folds; by says in words what was kept together.
// Classes are taken as benign or not, so that an attack seen in one capture only is
// held out too. Without folds nothing can be held out.
func split(f *dataset.Frame, rows []int, k int, seed uint64) (folds [][]int, by string, warning error) {
	sides := *f
	sides.Y, sides.Classes = make([]int32, f.Rows()), []string{"benign", "malicious"}
	for i := range sides.Y {
		sides.Y[i] = -1
	}
	for _, r := range rows {
		sides.Y[r] = min(1, f.Y[r])
	}
	for _, how := range []dataset.By{dataset.ByGroup, dataset.ByPair} {
		for n := k; n >= 2; n-- {
			folds, err := dataset.Folds(&sides, n, how, seed)
			if err != nil || !usable(&sides, folds) {
				continue
			}
			if how == dataset.ByGroup {
				return folds, "whole captures", nil
			}
			return folds, "host pairs within captures", errors.New(
				"one side has a single capture: held-out rows are of other host pairs but of the same capture, so the figures are better than on a capture never seen")
		}
	}
	order := slices.Clone(rows)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for n := k; n >= 2; n-- {
		folds := make([][]int, n)
		at := [2]int{}
		for _, r := range order { // both sides dealt in turn
			side := sides.Y[r]
			folds[at[side]%n] = append(folds[at[side]%n], r)
			at[side]++
		}
		for i := range folds {
			slices.Sort(folds[i])
		}
		if usable(&sides, folds) {
			return folds, "single rows", errors.New("rows have neither several captures nor several host pairs a side: single rows are held out, whose twins were trained on, so the figures are far too good")
		}
	}
	return nil, "nothing", errors.New("too few rows to hold any out: nothing is known about the model, and the threshold is 0.5")
}

// usable reports whether every fold leaves both sides to train on.
func usable(sides *dataset.Frame, folds [][]int) bool {
	total, held := [2]int{}, make([][2]int, len(folds))
	for i, fold := range folds {
		if len(fold) == 0 {
			return false
		}
		for _, r := range fold {
			held[i][sides.Y[r]]++
			total[sides.Y[r]]++
		}
	}
	for _, h := range held {
		if h[0] == total[0] || h[1] == total[1] {
			return false
		}
	}
	return true
}

// heldOut is the rows that were scored by models that have not seen them.
type heldOut struct {
	rows        []int
	fold        []int
	score       []float64
	predictions []float64 // rows × outputs
	outputs     int
	permutation permutation
}

// crossFit trains without each fold in turn and scores it.
func crossFit(ctx context.Context, view *dataset.Frame, rows []int, folds [][]int, o Options, done func(int)) (*heldOut, error) {
	h := &heldOut{}
	var sides [2]int
	for _, r := range rows {
		sides[min(1, view.Y[r])]++
	}
	for i, fold := range folds {
		s, err := o.Trainer.Train(ctx, view, dataset.Rest(folds, i))
		if err != nil {
			return nil, fmt.Errorf("hold out part %d of %d: %w", i+1, len(folds), err)
		}
		h.outputs = s.Outputs()
		score, predictions := scoreRows(s, view, fold)
		h.permutation.fold(s, view, fold, score, sides, o.Seed, i)
		h.rows, h.score, h.predictions = append(h.rows, fold...), append(h.score, score...), append(h.predictions, predictions...)
		for range fold {
			h.fold = append(h.fold, i)
		}
		done(i + 1)
	}
	return h, nil
}

// scorer is what model.Scorer and *model.Bound have in common.
type scorer interface {
	Margins(dst, rows []float64)
	Link(dst, margins []float64)
	Outputs() int
	Task() model.Task
}

// block rows are scored at a time by each goroutine.
const block = 256

// scoreRows scores rows of f: one score, and Outputs() predictions, a row.
func scoreRows(s scorer, f *dataset.Frame, rows []int) (score, predictions []float64) {
	outputs, width := s.Outputs(), len(f.Cols)
	score, predictions = make([]float64, len(rows)), make([]float64, len(rows)*outputs)
	dataset.Deal((len(rows)+block-1)/block, runtime.GOMAXPROCS(0), func() func(int) {
		flat := make([]float64, block*width)
		return func(b int) {
			start := b * block
			end := min(start+block, len(rows))
			for i, r := range rows[start:end] {
				f.Row(flat[i*width:(i+1)*width], r)
			}
			p := predictions[start*outputs : end*outputs]
			s.Margins(p, flat[:(end-start)*width])
			s.Link(p, p)
			for i := start; i < end; i++ {
				score[i] = predictions[i*outputs]
				if s.Task() == model.Classes {
					score[i] = 1 - score[i]
				}
			}
		}
	})
	return score, predictions
}

// Score scores the given rows of f, which b was bound to: one score, and Outputs()
// predictions, a row.
func Score(b *model.Bound, f *dataset.Frame, rows []int) (score, predictions []float64) {
	return scoreRows(b, f, rows)
}

// Judge scores the rows of f that have a class and puts them side by side with the truth.
func Judge(b *model.Bound, f *dataset.Frame, threshold float64) eval.Data {
	rows := draw(f, 0, 0)
	score, predictions := scoreRows(b, f, rows)
	return data(f, rows, score, predictions, b.Outputs(), threshold)
}

// JudgeScored is [Judge] for rows that were scored already, all rows of f: one score and,
// with several outputs, so many predictions a row. Of f only classes and groups are looked
// at, so that it need not hold the columns.
func JudgeScored(f *dataset.Frame, score, predictions []float64, outputs int, threshold float64) eval.Data {
	rows := draw(f, 0, 0)
	if len(rows) == f.Rows() {
		return data(f, rows, score, predictions, outputs, threshold)
	}
	var s, p []float64
	for _, r := range rows {
		s = append(s, score[r])
		if predictions != nil {
			p = append(p, predictions[r*outputs:(r+1)*outputs]...)
		}
	}
	return data(f, rows, s, p, outputs, threshold)
}

func data(f *dataset.Frame, rows []int, score, predictions []float64, outputs int, threshold float64) eval.Data {
	d := eval.Data{Score: score, Threshold: threshold, Classes: f.Classes}
	if f.Group != nil {
		d.Groups, d.Group = f.Groups, make([]int32, len(rows))
	}
	d.Truth, d.Class = make([]bool, len(rows)), make([]int32, len(rows))
	if outputs > 1 && outputs == len(f.Classes) {
		d.Predicted = make([]int32, len(rows))
	}
	for i, r := range rows {
		d.Truth[i], d.Class[i] = f.Y[r] > 0, f.Y[r]
		if d.Group != nil {
			d.Group[i] = f.Group[r]
		}
		if d.Predicted != nil {
			p := predictions[i*outputs : (i+1)*outputs]
			for k := range p {
				if p[k] > p[d.Predicted[i]] {
					d.Predicted[i] = int32(k)
				}
			}
		}
	}
	return d
}

// manifest describes the model.
func manifest(f, view *dataset.Frame, rows, inputs []int, o Options, r *Report) (*model.Manifest, error) {
	settings, err := json.Marshal(o.Trainer)
	if err != nil {
		return nil, fmt.Errorf("describe trainer: %w", err)
	}
	t := r.Threshold
	reason := fmt.Sprintf("lowest threshold that at most %g of %d held-out benign flows reach", o.MaxFPR, t.FPR.N)
	rule := "max-fpr"
	if r.Folds == 0 {
		rule, reason = "default", "nothing could be held out to choose one on"
	}
	m := &model.Manifest{
		FM: o.Version, Kind: o.Kind, Classes: f.Classes, Schema: *f.Schema,
		Trainer: settings, Seed: o.Seed, PerCapture: r.PerCapture, Sources: f.Sources,
		Thresholds: []model.Threshold{{Value: t.Threshold, Rule: rule, Reason: reason, Budget: o.MaxFPR,
			Realised: finite(float64(t.FPR.Value)), Lo: t.FPR.Lo, Hi: t.FPR.Hi, Rows: t.FPR.N}},
		Inputs: summaries(view, rows),
	}
	if h := r.HeldOut; h != nil {
		m.HeldOut = &model.HeldOut{Split: r.Split, Folds: r.Folds, Rows: h.Rows, Positive: h.Positive, AUC: model.Number(h.AUC),
			AveragePrecision: model.Number(h.AveragePrecision), Threshold: h.Threshold,
			TN: h.Confusion.TN, FP: h.Confusion.FP, FN: h.Confusion.FN, TP: h.Confusion.TP, Permutation: r.Permutation}
	}
	return m, nil
}

func finite(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// summaries describes every column of the rows trained on.
func summaries(view *dataset.Frame, rows []int) []model.Input {
	out := make([]model.Input, len(view.Cols))
	dataset.Each(len(view.Cols), runtime.GOMAXPROCS(0), func(c int) {
		col := &view.Cols[c]
		values := make([]float64, len(rows))
		col.Take(values, rows)
		all, benign, nBenign := make([]float64, 0, len(rows)), []float64(nil), 0
		for i, v := range values {
			y := view.Y[rows[i]]
			if y == 0 {
				nBenign++
			}
			if v != v {
				continue
			}
			all = append(all, v)
			if y == 0 {
				benign = append(benign, v)
			}
		}
		in := model.Input{Name: view.Schema.Columns[c].Name, Words: col.Words, Missing: float64(len(rows)-len(all)) / float64(len(rows))}
		if col.Words == nil {
			dataset.SortValues(all)
			dataset.SortValues(benign)
			in.All, in.Benign = model.Summarise(all, len(rows)), model.Summarise(benign, nBenign)
		}
		out[c] = in
	})
	return out
}
