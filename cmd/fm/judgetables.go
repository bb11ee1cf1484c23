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
	if e := run.w.close(); e != nil { // after an interrupt the rows judged so far are complete ones
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
	err = cl.Table(a.stop.ctx, t, run.w.cells, func(r *classify.Row) error {
		run.rows++
		if r.Verdict {
			run.alerts++
		} else if run.c.only == "malicious" {
			return nil
		}
		return run.w.write(r)
	})
	if err == nil {
		a.readNotes(t)
		a.unseen(t)
	}
	return err
}
