package output

import (
	"cmp"

	"fm/dataset"
	"fm/extract"
)

// Labeler is a stage that gives records their label: by the rules of Labels for the
// record's input, else Mark. It must come before stages and sinks that read labels.
type Labeler struct {
	Labels *dataset.Labels           // nil: no rules
	Mark   string                    // label of every flow without a rule; "" none
	Source func(input uint32) string // path of an input

	files []*dataset.FileLabels // by input
	known []bool
}

// Pure implements [extract.Stage]: rules are looked up once an input, in order.
func (l *Labeler) Pure() bool { return false }

// Process implements [extract.Stage].
func (l *Labeler) Process(recs []extract.Record) error {
	for i := range recs {
		r := &recs[i]
		k := &r.Flow.Key
		pa, pb := k.Ports()
		label, _ := l.file(r.Flow.Input).Match(k.Proto, k.AddrA(), k.AddrB(), pa, pb)
		r.Label = cmp.Or(label, l.Mark)
	}
	return nil
}

func (l *Labeler) file(input uint32) *dataset.FileLabels {
	if l.Labels == nil {
		return nil
	}
	for int(input) >= len(l.known) {
		l.files, l.known = append(l.files, nil), append(l.known, false)
	}
	if !l.known[input] {
		l.files[input], l.known[input] = l.Labels.File(l.Source(input)), true
	}
	return l.files[input]
}
