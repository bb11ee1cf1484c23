package main

import (
	"errors"
	"fmt"
	"io/fs"
)

// usageError is a wrong command line: exit status 2.
type usageError struct {
	text string
	hint string
}

func (e *usageError) Error() string   { return e.text }
func (e *usageError) exitStatus() int { return exitUsage }

// usagef returns a usageError with a text.
func usagef(format string, args ...any) *usageError {
	return &usageError{text: fmt.Sprintf(format, args...)}
}

// hinted is an error with advice for the user.
type hinted struct {
	error
	hint string
}

func (e *hinted) Unwrap() error { return e.error }

// quietError ends a command whose trouble was already told.
type quietError struct{ status int }

func (e *quietError) Error() string   { return "" }
func (e *quietError) exitStatus() int { return e.status }

// fileError names the file and takes away what the error of the system says of it.
func fileError(verb, path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("%s %s: %w", verb, path, err)
}
