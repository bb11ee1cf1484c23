package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"fm/dataset"
	"fm/extract/feature"
)

// optionsOf are the set options that the flags of s ask for, by the names of
// [feature.Build].
func (s *setFlags) optionsOf(cmd *cobra.Command) (map[string]string, error) {
	values := map[string]string{}
	for _, o := range s.options {
		name, v, _ := strings.Cut(o, "=")
		if _, twice := values[name]; twice {
			return nil, withHint(usagef("--set-option %s is given twice", name), cmd)
		}
		values[name] = v
	}
	if _, given := values[feature.Faithful]; (s.layout == original || s.asTool) && !given && s.set != defaultSet {
		values[feature.Faithful] = "true"
	}
	for _, f := range []struct{ flag, option, value string }{
		{"idle", "idle", s.idle.String()}, {"active", "active", s.active.String()}, {"first-packets", "first-packets", strconv.Itoa(s.first)},
		{"max-sequence", "max_sequence", strconv.Itoa(s.sequence)}, {"outer", "outer", strconv.FormatBool(s.outer)},
		{"with", "with", strings.Join(s.with, ",")}, {"without", "without", strings.Join(s.without, ",")},
	} {
		if !cmd.Flags().Changed(f.flag) {
			continue
		}
		if _, twice := values[f.option]; twice {
			return nil, withHint(usagef("--%s and --set-option %s say the same twice", f.flag, f.option), cmd)
		}
		values[f.option] = f.value
	}
	return values, nil
}

// original is the layout in which a set writes its rows as its tool does.
const original = "original"

// build makes the set that the flags name. What is wrong with it is wrong usage.
func (s *setFlags) build(cmd *cobra.Command) (*feature.Set, error) {
	values, err := s.optionsOf(cmd)
	if err != nil {
		return nil, err
	}
	set, err := feature.Build(s.set, values)
	if err != nil {
		return nil, &usageError{text: err.Error(), hint: `"fm features" lists the sets, "fm features --set NAME" the columns and options of one`}
	}
	if s.layout == original && set.Original == nil {
		return nil, withHint(usagef("--layout original: set %s is no tool's", s.set), cmd)
	}
	return set, nil
}

// pipeline is what makes rows under one schema: the same for extracting, training,
// evaluating, adapting and classifying, so that what was trained is what serves.
type pipeline struct {
	set    *feature.Set
	schema *dataset.Schema
	// assumed says that packets are read as by the tool because rows are said to be its own,
	// not because a flag says so.
	assumed bool
}

// newPipeline is the one place where a set becomes a schema and its stages.
func newPipeline(set *feature.Set) *pipeline { return &pipeline{set: set, schema: set.Schema()} }

// pipelineOf makes the pipeline that a model or a table was made with.
func pipelineOf(sc *dataset.Schema) (*pipeline, error) {
	set, err := feature.FromSchema(sc)
	if err != nil {
		return nil, err
	}
	return newPipeline(set), nil
}

// assumes tells whether it follows from what rows are read, not from flags, that packets are
// read as by the tool.
func (s *setFlags) assumes() bool {
	return s.asTool && !slices.ContainsFunc(s.options, func(o string) bool { return strings.HasPrefix(o, feature.Faithful+"=") })
}

// sayRules tells that the rules are not the set's own, since rows then fit other models.
func (a *app) sayRules(p *pipeline) {
	if p.schema.Options != "" {
		a.ui.say("rules that differ from the set's own: %s; rows have the schema %s/%d %.12s", p.schema.Options, p.schema.Set, p.schema.Version, p.schema.Fingerprint())
	}
}
