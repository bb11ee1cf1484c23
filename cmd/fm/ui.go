package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// ui writes messages. Data never passes through it.
type ui struct {
	w     io.Writer
	tty   bool // progress may be shown
	quiet bool // warnings and errors only
	mu    sync.Mutex
	clear func() // takes the progress line away before a message; nil for none
}

func (u *ui) line(prefix, format string, args []any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.clear != nil {
		u.clear()
	}
	text := fmt.Sprintf(format, args...)
	for l := range strings.Lines(strings.TrimRight(text, "\n")) {
		fmt.Fprintf(u.w, "%s%s\n", prefix, strings.TrimRight(l, "\n"))
	}
}

// say tells what was done; -q silences it.
func (u *ui) say(format string, args ...any) {
	if !u.quiet {
		u.line("fm: ", format, args)
	}
}

// warn tells of something that may make results wrong.
func (u *ui) warn(format string, args ...any) { u.line("fm: warning: ", format, args) }

// hint advises.
func (u *ui) hint(format string, args ...any) { u.line("fm: hint: ", format, args) }

// raw writes a line for machines (--stats-every).
func (u *ui) raw(line []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.clear != nil {
		u.clear()
	}
	u.w.Write(append(line, '\n'))
}

// fail prints the error that ends the command.
func (u *ui) fail(err error) {
	var quiet *quietError
	if errors.As(err, &quiet) {
		return
	}
	u.line("fm: error: ", "%s", []any{err.Error()})
	var h *hinted
	if errors.As(err, &h) && h.hint != "" {
		u.hint("%s", h.hint)
	}
	var us *usageError
	if errors.As(err, &us) && us.hint != "" {
		u.hint("%s", us.hint)
	}
}
