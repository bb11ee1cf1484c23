package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"fm/classify"
	"fm/dataset"
	"fm/extract"
	"fm/extract/output"
	"fm/model"
)

// classifyFlags are the flags of fm classify that extract does not have.
type classifyFlags struct {
	model     string
	tables    []string
	reading   tableFlags
	threshold float64
	only      string
	opts      classify.Options
}

func (a *app) classifyCommand() *cobra.Command {
	var x extraction
	var c classifyFlags
	cmd := &cobra.Command{
		Use: "classify -r FILE... | -i IFACE | --flows FILE [-m model.fm] [FLAGS]", Short: "a score and a verdict for every flow", Args: noArgs,
		Long: classifyText, Example: classifyExample,
		RunE: func(cmd *cobra.Command, _ []string) error {
			x.out.resolve()
			if err := c.check(cmd, &x); err != nil {
				return err
			}
			c.opts.Threshold, c.opts.HasThreshold = c.threshold, cmd.Flags().Changed("threshold")
			c.opts.ExplainMalicious = c.only == "malicious"
			m, err := readModel(c.model)
			if err != nil {
				return err
			}
			if err := m.checkThreshold(c.opts); err != nil {
				return err
			}
			if len(c.tables) > 0 {
				return a.classifyTables(&x, &c, m)
			}
			return a.classify(&x, &c, m)
		},
	}
	x.in.add(cmd.Flags())
	g := flagGroup{cmd.Flags(), "Input"}
	g.files(&c.tables, "flows", "", "judge the rows of tables instead, `FILE...` or folders: CSV, TSV, logs of Zeek, JSON Lines, Parquet, also gzip, zstd or zip")
	c.reading.add(cmd.Flags())
	modelFlag(cmd, &c.model)
	g = flagGroup{cmd.Flags(), "Model"}
	g.value(&number{&c.threshold, -1e300, 1e300}, "threshold", "", "call a flow malicious from this score `X` on, 0 to 1, of a regression any number (default: the model's)")
	x.out.add(cmd.Flags(), []string{"csv", "jsonl", "parquet", "table"})
	g = flagGroup{cmd.Flags(), "Output"}
	g.value(&choice{&c.only, []string{"malicious"}}, "only", "", "write these flows only")
	g.value(&explainFlag{&c.opts.Explain}, "explain", "", "add the `K` columns that contribute most to each score, or all of them: all")
	g.yes(&c.opts.Raw, "raw", "add margins, and predictions as the model's own library gives them (with --flows)")
	g.yes(&c.opts.Leaves, "leaves", "add the leaf of each tree, as that library numbers it (with --flows)")
	x.anon.add(cmd.Flags())
	x.bounds.add(cmd.Flags())
	cmd.Flags().Lookup("threshold").DefValue = ""
	cmd.Flags().Lookup("workers").Usage += "; --flows is judged by one, whatever is given"
	return cmd
}

func (c *classifyFlags) check(cmd *cobra.Command, x *extraction) error {
	if err := checkModel(cmd, c.model); err != nil {
		return err
	}
	if err := c.reading.check(cmd, len(c.tables) > 0); err != nil {
		return err
	}
	if len(c.tables) == 0 {
		for _, n := range []string{"raw", "leaves"} {
			if cmd.Flags().Changed(n) {
				return withHint(usagef("--%s is for --flows", n), cmd)
			}
		}
		if len(x.in.read) == 0 && x.in.iface == "" {
			return withHint(usagef("no input: give -r FILE, -i IFACE or --flows FILE"), cmd)
		}
		if err := x.check(cmd); err != nil {
			return err
		}
		if err := x.checkOutput(cmd); err != nil {
			return err
		}
		return x.anon.checkRows(nil, x.columns)
	}
	for _, n := range []string{"read", "interface", "per-file", "count", "count-flows", "duration", "stats-every", "rotate", "keep", "max-flows", "max-memory", "anonymize", "anonymize-key"} {
		if cmd.Flags().Changed(n) {
			return withHint(usagef("--%s is for packets, not for --flows", n), cmd)
		}
	}
	if err := x.bounds.check(cmd); err != nil {
		return err
	}
	if f := x.out.format; f == "parquet" || f == "table" {
		return withHint(usagef("--format %s is for packets: rows of a table are written as csv or jsonl", f), cmd)
	}
	var err error
	if x.columns, err = x.out.columnList(cmd); err != nil {
		return err
	}
	if x.format, err = output.ParseFormat(x.out.format); err != nil {
		return err
	}
	if _, _, err := rowFormat(x.out.out, x.format); err != nil {
		return withHint(usagef("%v", err), cmd)
	}
	return nil
}

// checkThreshold refuses a threshold that no score of the model can be about.
func (l *loaded) checkThreshold(o classify.Options) error {
	if o.HasThreshold && l.Task != model.Regression.String() && (o.Threshold < 0 || o.Threshold > 1) {
		return usagef("--threshold %g: not between 0 and 1, as the scores of %s are", o.Threshold, l.name)
	}
	return nil
}

// classifier binds m to rows of schema s, which what names in messages.
func (a *app) classifier(m *loaded, s *dataset.Schema, what string, o classify.Options) (*classify.Classifier, error) {
	c, err := classify.New(m.Model, s, o)
	if errors.Is(err, classify.ErrNoVerdict) {
		return nil, &hinted{fmt.Errorf("%s: %w", m.name, classify.ErrNoVerdict), "--threshold X says from which number on a flow is malicious"}
	}
	if errors.Is(err, classify.ErrNoLeaves) {
		return nil, fmt.Errorf("--leaves: %s: %w", m.name, classify.ErrNoLeaves)
	}
	if err != nil {
		return nil, m.misfit(err, what)
	}
	for _, w := range c.Warnings() {
		if !m.known || !errors.Is(w, model.ErrByName) {
			a.ui.warn("%v", w)
		}
	}
	return c, nil
}

// classify judges packets.
func (a *app) classify(x *extraction, c *classifyFlags, m *loaded) error {
	p, err := m.pipeline()
	if err != nil {
		return err
	}
	if m.Schema.Set == "" {
		a.ui.say("%s has the columns of set %s, whose rules are taken; \"fm import --set\" says otherwise", m.name, p.set.Name)
	}
	cl, err := a.classifier(m, p.schema, "this fm", c.opts)
	if err != nil {
		return err
	}
	x.scores, x.classes, x.explain = true, cl.Classes(), m.explanation(cl.Outputs(), c.opts)
	if err := x.checkColumns(p); err != nil {
		return err
	}
	if err := a.anonymize(&x.anon); err != nil {
		return err
	}
	x.alerts = c.only == "malicious"
	if x.format == output.ByName && x.out.out == "-" && a.env.outTTY {
		x.format = output.Table
	}
	tally := classify.NewTally(bytesOf(p.schema))
	x.see = tally.Add
	metering, err := a.extract(x, p, classify.NewStage(cl))
	if metering != nil && metering.runs > 0 && !gone(err) {
		a.report(metering)
		a.verdicts(tally, cl, m)
	}
	return a.end(x, metering, err)
}

// bytesOf finds how many bytes the flow of a record had: in the first column of its row
// that says so.
func bytesOf(s *dataset.Schema) func(*extract.Record) uint64 {
	i := byteColumn(s)
	if i < 0 {
		return func(*extract.Record) uint64 { return 0 }
	}
	return func(r *extract.Record) uint64 {
		if v := r.Row[i]; v > 0 && v < 1<<63 {
			return uint64(v)
		}
		return 0
	}
}

// byteColumn is the place of the column with a flow's bytes, -1 without.
func byteColumn(s *dataset.Schema) int {
	if i := s.Index("ip_bytes"); i >= 0 {
		return i
	}
	return s.Index("payload_bytes")
}

// verdicts is the closing summary.
func (a *app) verdicts(t *classify.Tally, c *classify.Classifier, m *loaded) {
	flows, packets, bytes, ok := t.BenignShares()
	if !ok {
		return
	}
	all := t.Benign.Flows + t.Malicious.Flows
	a.ui.say("%s of %s at threshold %.6g of %s", plural64(t.Malicious.Flows, "alert"), plural64(all, "flow"), c.Threshold(), m.name)
	if top, n := t.Sources(5); n > 0 {
		var parts []string
		for _, s := range top {
			parts = append(parts, fmt.Sprintf("%s (%d)", s.Addr, s.Alerts))
		}
		more := ""
		if n > len(top) {
			more = fmt.Sprintf(" and %d more", n-len(top))
		}
		a.ui.say("sources of alerts: %s%s", strings.Join(parts, ", "), more)
	}
	if t.Unlisted > 0 {
		a.ui.say("%d alerts of further sources that were not kept apart", t.Unlisted)
	}
	text := fmt.Sprintf("judged benign, no deeper look needed: %.2f %% of the flows, %.2f %% of the packets", 100*flows, 100*packets)
	if t.Benign.Bytes+t.Malicious.Bytes > 0 {
		text += fmt.Sprintf(", %.2f %% of the bytes", 100*bytes)
	}
	a.ui.say("%s", text)
}
