// Command fm turns packets into flows, flows into features and features into verdicts.
//
// This package owns flags, wiring, the text on stderr and the exit status; every
// algorithm lives below it. Start with [run]: main only hands it the process.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

// Exit statuses.
const (
	exitDone        = 0
	exitError       = 1
	exitUsage       = 2
	exitGate        = 3
	exitInterrupted = 130
)

// env is what a command gets from the process.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	outTTY, errTTY bool             // stdout, stderr are terminals
	signals        <-chan os.Signal // interrupts; nil for none
}

func main() {
	// A reader of stdout that goes away is an error of the write, not the end of the process.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(run(context.Background(), os.Args[1:], env{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		outTTY: term.IsTerminal(int(os.Stdout.Fd())), errTTY: term.IsTerminal(int(os.Stderr.Fd())),
		signals: signals,
	}))
}

// run is the whole program: it reads args, runs one command and returns the exit status.
func run(ctx context.Context, args []string, e env) int {
	out := &stdout{w: e.stdout}
	e.stdout = out
	a := &app{env: e, ui: &ui{w: e.stderr, tty: e.errTTY}, stop: newStopper(ctx, e.signals)}
	defer a.stop.close()
	err := a.anon.error(a.execute(args))
	if out.closed || gone(err) {
		return exitDone // nobody reads on: that is how `| head` ends
	}
	var status interface{ exitStatus() int }
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &status):
		a.ui.fail(err)
		return status.exitStatus()
	case errors.Is(err, context.Canceled) && a.stop.stopped():
		return exitInterrupted
	}
	a.ui.fail(err)
	return exitError
}

// stdout notes that the reader of the standard output has gone.
type stdout struct {
	w      io.Writer
	closed bool
}

func (o *stdout) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		o.closed = true
	}
	return n, err
}
