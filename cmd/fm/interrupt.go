package main

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"fm/extract"
)

// stopper turns interrupts into two wishes: the first cancels ctx and asks for a clean
// end (the input ends here, what is open is written), the second cancels hard as well
// and gives everything up.
type stopper struct {
	ctx, hard context.Context
	done      chan struct{} // closed by close
	once      sync.Once
	giveUp    atomic.Bool // the first interrupt ends the process
}

func newStopper(ctx context.Context, signals <-chan os.Signal) *stopper {
	s := &stopper{done: make(chan struct{})}
	var clean, hard context.CancelFunc
	s.hard, hard = context.WithCancel(ctx)
	s.ctx, clean = context.WithCancel(s.hard)
	go func() {
		defer hard()
		defer clean()
		var first time.Time
		for n := 0; ; n++ {
			select {
			case <-signals:
			case <-s.done:
				return
			}
			if s.giveUp.Load() {
				os.Exit(exitInterrupted)
			}
			if n > 0 && time.Since(first) < sameWish {
				n--
				continue
			}
			switch n {
			case 0:
				first = time.Now()
				clean()
			case 1:
				hard()
			default: // somebody means it
				os.Exit(exitInterrupted)
			}
		}
	}()
	return s
}

// sameWish is how long after the first interrupt another one is taken for the same:
// timeout(1) signals the process and then its group.
const sameWish = time.Second

// stopped tells whether an interrupt came.
func (s *stopper) stopped() bool { return s.ctx.Err() != nil }

// atOnce makes an interrupt end the process while work runs that has written nothing yet,
// and tells whether to go on: not if one came before. With on false, from where something
// is written, an interrupt is a wish again.
func (s *stopper) atOnce(on bool) error {
	s.giveUp.Store(on)
	return s.ctx.Err()
}

func (s *stopper) close() { s.once.Do(func() { close(s.done) }) }

// unfinished says of a command that writes only in the end that an interrupt left nothing.
func (a *app) unfinished(err error) error {
	if errors.Is(err, context.Canceled) && a.stop.stopped() {
		a.ui.line("fm: ", "interrupted: nothing was written", nil)
	}
	return err
}

// errGivenUp ends a run at the second interrupt.
var errGivenUp = errors.New("given up at the second interrupt")

// guarded is a sink that takes nothing after the second interrupt, so that a run with
// much still to write ends at once.
type guarded struct {
	extract.Sink
	hard context.Context
}

// Write implements [extract.Sink].
func (g guarded) Write(recs []extract.Record) error {
	if g.hard.Err() != nil {
		return errGivenUp
	}
	return g.Sink.Write(recs)
}

// Passed implements [extract.Clocked].
func (g guarded) Passed(clock int64) error {
	if c, ok := g.Sink.(extract.Clocked); ok {
		return c.Passed(clock)
	}
	return nil
}

// heeding is a writer that takes nothing after an interrupt, for what is written in one go.
type heeding struct {
	io.Writer
	stop *stopper
}

func (h heeding) Write(p []byte) (int, error) {
	if err := h.stop.ctx.Err(); err != nil {
		return 0, err
	}
	return h.Writer.Write(p)
}
