package main

import (
	"context"
	"errors"
	"math"

	"fm/classify"
	"fm/dataset"
)

// tableRun is what fm classify has made of tables so far.
type tableRun struct {
	x            *extraction
	c            *classifyFlags
	m            *loaded
	opts         dataset.TableOptions
	many         bool       // more than one table: rows name theirs
	w            *rowWriter // nil before the first table
	alerts, rows uint64
	threshold    float64
	read         []dataset.CardSource
	left         uint64 // rows left out
}

// classifyTables judges the rows of tables, in their order.
func (a *app) classifyTables(x *extraction, c *classifyFlags, m *loaded) error {
	o, err := a.tableOptions(&c.reading)
	if err != nil {
		return err
	}
	paths, err := a.findTables(c.tables, o)
	if err != nil {
		return err
	}
	c.opts.Unjudged = c.only == "" // scores are of use by themselves
	run := &tableRun{x: x, c: c, m: m, opts: o, many: len(paths) > 1}
	for _, path := range paths {
		if err = a.classifyTable(run, path); err != nil {
			break
		}
	}
	if run.w == nil {
		return err
	}
	defer run.w.drop()
	if err != nil && !errors.Is(err, context.Canceled) {
		return badRows(err)
	}
	if e := run.w.close(x.out.out, run.card(err == nil)); e != nil { // after an interrupt the rows judged so far are complete ones
		return e
	}
	if err != nil {
		return err
	}
	a.unjoined(o)
	if math.IsNaN(run.threshold) {
		a.ui.say("%s without a verdict: %s is a regression, --threshold X says from which number on a row is malicious", plural64(run.rows, "row"), m.name)
		return nil
	}
	a.ui.say("%s of %s at threshold %.6g of %s", plural64(run.alerts, "alert"), plural64(run.rows, "row"), run.threshold, m.name)
	return nil
}

func (a *app) classifyTable(run *tableRun, path string) error {
	t, err := run.opts.Open(path)
	if err != nil {
		return badRows(err)
	}
	defer t.Close()
	a.headless(t)
	if err := run.m.rowsOf(t); err != nil {
		return err
	}
	t.Take(run.m.wanted(t)) // what is missing is told when the model is bound
	cl, err := a.classifier(run.m, t.Schema, path, run.c.opts)
	if err != nil {
		return err
	}
	run.threshold = cl.Threshold()
	if run.w == nil {
		run.w, err = newRowWriter(t, cl, run.x, run.m.explanation(cl.Outputs(), run.c.opts), run.many)
	} else {
		err = run.w.turn(t)
	}
	if err != nil {
		return err
	}
	before := run.rows
	err = cl.Table(a.stop.ctx, t, run.w.cells, func(r *classify.Row) error {
		run.rows++
		if r.Verdict {
			run.alerts++
		} else if run.c.only == "malicious" {
			return nil
		}
		return run.w.write(r)
	})
	source := dataset.CardSource{Path: path, Rows: run.rows - before}
	if err == nil {
		a.readNotes(t)
		a.unseen(t)
		source.SHA256, err = t.SHA256()
	}
	run.read, run.left = append(run.read, source), run.left+uint64(t.Bad.Rows)
	return err
}

// card says what the rows were made from.
func (run *tableRun) card(complete bool) *dataset.Card {
	c := &dataset.Card{Fm: release, Layout: "native", Complete: complete, Sources: run.read,
		Counters: map[string]uint64{"rows": run.rows, "alerts": run.alerts},
		Settings: map[string]string{"model": run.m.name}}
	if run.left > 0 {
		c.Counters["rows left out"] = run.left
	}
	if s := run.opts.Join; s != nil {
		c.Sources = append(c.Sources, dataset.CardSource{Path: s.Path, SHA256: s.SHA256, Rows: uint64(s.Rows())})
		c.Settings["join"], c.Settings["on"] = s.Path, run.c.reading.on
	}
	if !math.IsNaN(run.threshold) {
		c.Settings["threshold"] = numberText(run.threshold)
	}
	if run.c.only != "" {
		c.Settings["only"] = run.c.only
	}
	if run.c.reading.bad != "" {
		c.Settings["bad-rows"] = run.c.reading.bad
	}
	if run.c.reading.noHeader {
		c.Settings["no-header"] = "true"
	}
	return c
}
