package main

import (
	"context"
	"errors"
	"io"
	"slices"

	"fm/extract"
	"fm/extract/capture"
	"fm/extract/packet"
)

// input is where the packets of one run come from.
type input struct {
	extract.Source
	files *capture.Files // nil: live
	fault error          // what ended it before its end
}

// Fill implements [extract.Source] and keeps the error apart from those of the sink.
func (i *input) Fill(b *packet.Batch) error {
	err := i.Source.Fill(b)
	if err != nil && err != io.EOF {
		i.fault = err
	}
	return err
}

// failed tells whether err, which ended a run, comes from the input and not from the sink.
func (i *input) failed(err error) bool { return i.fault != nil && errors.Is(err, i.fault) }

// noticed is what files counted and what was wrong with them. Of a source whose read still
// waits it is what was known before that read.
func (i *input) noticed() (capture.Counters, []error) {
	if d, ok := i.Source.(*detached); ok {
		return d.last.counts, d.last.cuts
	}
	return i.files.Counters(), i.files.Warnings()
}

// live is an input with a clock.
type live struct {
	*input
	extract.Live
}

// openFiles opens captures as one stream.
func (a *app) openFiles(paths []string, hash bool) (*input, error) {
	f, err := capture.Open(paths, capture.Options{Hash: hash})
	if err != nil {
		return nil, err
	}
	if skipped := f.Skipped(); len(skipped) > 0 {
		a.skipped(skipped)
	}
	if _, total := f.Progress(); total < 0 { // a pipe is among them
		return &input{Source: detach(a.stop.ctx, f), files: f}, nil
	}
	return &input{Source: f, files: f}, nil
}

// skipped names in one warning the files below folders that are no captures.
func (a *app) skipped(all []capture.Skipped) {
	const most = 5
	names := ""
	for i, s := range all {
		if i == most {
			names += ", …"
			break
		}
		if i > 0 {
			names += ", "
		}
		names += a.anon.name(s.Path)
	}
	a.ui.warn("%s passed over, no captures: %s", plural(len(all), "file"), names)
}

// detached reads a source in a goroutine of its own, so that an interrupt is heard while
// a read waits: a pipe may be silent for long, or have no writer yet. After the interrupt that
// goroutine is left to its read, which ends with the process.
type detached struct {
	extract.Source
	ctx   context.Context
	ask   chan *packet.Batch
	reply chan filled
	last  filled // the last reply that was heard
	own   packet.Batch
}

// filled is how one Fill ended and what the files had noticed by then.
type filled struct {
	err    error
	counts capture.Counters
	cuts   []error
}

func detach(ctx context.Context, src *capture.Files) *detached {
	d := &detached{Source: src, ctx: ctx, ask: make(chan *packet.Batch), reply: make(chan filled, 1)}
	go func() {
		for b := range d.ask {
			err := src.Fill(b)
			d.reply <- filled{err, src.Counters(), slices.Clone(src.Warnings())}
		}
	}()
	return d
}

// Fill implements [extract.Source].
func (d *detached) Fill(b *packet.Batch) error {
	if d.ctx.Err() != nil {
		return io.EOF
	}
	d.own.Reset()
	d.ask <- &d.own
	select {
	case d.last = <-d.reply:
		b.Buf, d.own.Buf = d.own.Buf, b.Buf
		b.Frames, d.own.Frames = d.own.Frames, b.Frames
		return d.last.err
	case <-d.ctx.Done():
		return io.EOF
	}
}

// Close implements [extract.Source]. A read that still waits keeps its file.
func (d *detached) Close() error {
	if d.ctx.Err() != nil {
		return nil
	}
	close(d.ask)
	return d.Source.Close()
}
