package dataset

import (
	"errors"
	"fmt"
	"strings"
)

// Cause is what can be wrong with one row while the next one is still readable.
type Cause uint8

// Causes, in the order in which they are reported.
const (
	NotNumber  Cause = iota + 1 // a word in a column of numbers
	WrongCells                  // more or fewer cells than columns
	BadQuotes                   // quotes that do not fit together
	BadObject                   // a line of JSON Lines that is no object
	TooLong                     // longer than MaxLine
	causes
)

// String is the cause in words.
func (c Cause) String() string {
	return [...]string{"", "not a number", "wrong number of cells", "bad quotes", "not an object", "too long"}[c]
}

// BadRows counts the rows that were left out because of what was wrong with them.
type BadRows struct {
	Rows  uint64
	By    [causes]uint64 // by Cause
	First []error        // the first three, each with file, line and column
}

const namedBad = 3

func (b *BadRows) add(c Cause, err error) {
	b.Rows++
	b.By[c]++
	if len(b.First) < namedBad {
		b.First = append(b.First, err)
	}
}

// String counts the causes: "3 not a number, 1 too long".
func (b *BadRows) String() string {
	var parts []string
	for c, n := range b.By {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, Cause(c)))
		}
	}
	return strings.Join(parts, ", ")
}

// placed is an error at a line of a text table.
type placed struct {
	line  int
	cause Cause // 0: what follows cannot be read either
	err   error
}

func (p *placed) Error() string { return p.err.Error() }
func (p *placed) Unwrap() error { return p.err }

// badRow wraps an error of a row behind which reading goes on.
type badRow struct {
	cause Cause
	err   error
}

func (b *badRow) Error() string { return b.err.Error() }
func (b *badRow) Unwrap() error { return b.err }

// CauseOf tells what is wrong with the row that err names, and 0 if err is not about one row.
func CauseOf(err error) Cause {
	var b *badRow
	if errors.As(err, &b) {
		return b.cause
	}
	return 0
}
