package main

import (
	"context"
	"os"
	"sync"
)

// stopper turns interrupts into two wishes: the first asks for a clean end (the input
// ends here, what is open is written), the second gives up at once by cancelling ctx.
type stopper struct {
	ctx    context.Context
	cancel context.CancelFunc
	first  chan struct{} // closed by the first interrupt
	done   chan struct{} // closed by close
	once   sync.Once
}

func newStopper(ctx context.Context, signals <-chan os.Signal) *stopper {
	s := &stopper{first: make(chan struct{}), done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(ctx)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-signals:
			case <-s.done:
				return
			}
			if n == 0 {
				close(s.first)
				continue
			}
			s.cancel()
			if n > 1 { // somebody means it
				os.Exit(exitInterrupted)
			}
		}
	}()
	return s
}

// stopped tells whether an interrupt came.
func (s *stopper) stopped() bool {
	select {
	case <-s.first:
		return true
	default:
		return false
	}
}

func (s *stopper) close() {
	s.once.Do(func() { close(s.done) })
	s.cancel()
}
