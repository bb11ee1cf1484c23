package main

import (
	"fmt"
	"os"
	"strings"

	"fm/dataset"
	"fm/extract"
)

// readLabels reads the rules of --labels; "" is none.
func readLabels(path string) (*dataset.Labels, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError("read", path, err)
	}
	defer f.Close()
	return dataset.ReadLabels(f, path)
}

// labelStage gives records their label: the first rule that matches, else a fixed one.
type labelStage struct {
	fixed string
	rules *dataset.Labels
	path  func(input uint32) string
	files map[uint32]*dataset.FileLabels
}

// Pure implements [extract.Stage]. With rules it is not: it remembers those of a file.
func (s *labelStage) Pure() bool { return s.rules == nil }

// Process implements [extract.Stage].
func (s *labelStage) Process(recs []extract.Record) error {
	for i := range recs {
		r := &recs[i]
		r.Label = s.fixed
		if s.rules == nil {
			continue
		}
		rules, ok := s.files[r.Flow.Input]
		if !ok {
			rules = s.rules.File(s.path(r.Flow.Input))
			s.files[r.Flow.Input] = rules
		}
		if rules == nil {
			continue
		}
		k := &r.Flow.Key
		ap, bp := k.Ports()
		if label, ok := rules.Match(k.Proto, k.AddrA(), k.AddrB(), ap, bp); ok {
			r.Label = label
		}
	}
	return nil
}

// unmatched warns of rules whose file was not among the captures.
func (a *app) unmatched(rules *dataset.Labels, paths []string) {
	if rules == nil {
		return
	}
	if files := rules.Unmatched(paths); len(files) > 0 {
		const most = 5
		more := ""
		if len(files) > most {
			files, more = files[:most:most], fmt.Sprintf(" and %d more", len(files)-most)
		}
		for i, f := range files {
			files[i] = a.anon.name(f)
		}
		a.ui.say("labels for files that were not read: %s%s", strings.Join(files, ", "), more)
	}
}
