package main

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"fm/extract"
)

// bar shows on a terminal how far reading has come. A nil bar shows nothing.
type bar struct {
	in  *input
	pb  *progressbar.ProgressBar
	ui  *ui
	max int64
}

// progress starts a bar for in, if stderr is a terminal that may be written to. onScreen
// says that rows go to a terminal: they and a bar would fight for it.
func (a *app) progress(in *input, onScreen bool) *bar {
	if !a.ui.tty || a.ui.quiet || onScreen {
		return nil
	}
	b := &bar{in: in, ui: a.ui, max: -1}
	if in.files != nil {
		_, b.max = in.files.Progress()
	}
	b.pb = progressbar.NewOptions64(b.max, progressbar.OptionSetWriter(a.env.stderr), progressbar.OptionShowBytes(b.max >= 0),
		progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(30), progressbar.OptionSetPredictTime(b.max >= 0))
	a.ui.clear = func() { b.pb.Clear() }
	return b
}

func (b *bar) show(s *extract.Stats) {
	if b == nil {
		return
	}
	b.ui.mu.Lock()
	defer b.ui.mu.Unlock()
	b.pb.Describe(fmt.Sprintf("%d packets, %d flows", s.Packets, s.Records))
	if b.max < 0 {
		b.pb.Set64(int64(s.Packets))
		return
	}
	done, _ := b.in.files.Progress()
	b.pb.Set64(min(done, b.max))
}

func (b *bar) close() {
	if b == nil {
		return
	}
	b.ui.mu.Lock()
	defer b.ui.mu.Unlock()
	b.pb.Clear()
	b.ui.clear = nil
}

// steps shows how many of some long steps are done.
func (a *app) steps(what string) *steps {
	s := &steps{ui: a.ui, what: what}
	if a.ui.tty && !a.ui.quiet {
		s.pb = progressbar.NewOptions64(1, progressbar.OptionSetWriter(a.env.stderr), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetDescription(what), progressbar.OptionSetWidth(30))
		a.ui.clear = func() { s.pb.Clear() }
	}
	return s
}

type steps struct {
	ui   *ui
	what string
	pb   *progressbar.ProgressBar
}

func (s *steps) step(done, all int) {
	if s.pb == nil {
		return
	}
	s.ui.mu.Lock()
	defer s.ui.mu.Unlock()
	s.pb.ChangeMax(all)
	s.pb.Set(done)
}

func (s *steps) close() {
	if s.pb == nil {
		return
	}
	s.ui.mu.Lock()
	defer s.ui.mu.Unlock()
	s.pb.Clear()
	s.ui.clear = nil
}
