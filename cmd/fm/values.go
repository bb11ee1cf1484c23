package main

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// flagGroup adds flags under one heading of the help text.
type flagGroup struct {
	fs   *pflag.FlagSet
	name string
}

func (g flagGroup) note(name string, notes ...string) {
	for _, n := range append(notes, noteGroup) {
		g.fs.SetAnnotation(name, n, []string{g.name})
	}
}

func (g flagGroup) text(p *string, name, short, preset, usage string) {
	g.fs.StringVarP(p, name, short, preset, usage)
	g.note(name)
}

func (g flagGroup) yes(p *bool, name, usage string) {
	g.fs.BoolVar(p, name, false, usage)
	g.note(name)
}

func (g flagGroup) value(v pflag.Value, name, short, usage string) {
	g.fs.VarP(v, name, short, usage)
	g.note(name)
}

// files adds a flag that takes files, as many as there are words.
func (g flagGroup) files(p *[]string, name, short, usage string) {
	g.fs.VarP(&list{p: p, check: notEmpty}, name, short, usage)
	g.note(name, noteWords)
}

// repeat adds a flag that may be given several times.
func (g flagGroup) repeat(p *[]string, name, usage string, check func(string) error) {
	g.fs.Var(&list{p: p, check: check}, name, usage)
	g.note(name, noteRepeat)
}

// list is a flag that collects values.
type list struct {
	p     *[]string
	check func(string) error // nil: anything
}

func (l *list) String() string { return "" }
func (l *list) Type() string   { return "value" }
func (l *list) Set(s string) error {
	if l.check != nil {
		if err := l.check(s); err != nil {
			return err
		}
	}
	*l.p = append(*l.p, s)
	return nil
}

func notEmpty(s string) error {
	if s == "" {
		return errors.New("empty name")
	}
	return nil
}

// count is a whole number from least on.
type count struct {
	p     *int
	least int
}

func (c *count) String() string {
	if c.p == nil {
		return ""
	}
	return strconv.Itoa(*c.p)
}
func (c *count) Type() string { return "N" }
func (c *count) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil {
		return errors.New("not a whole number")
	}
	if n < c.least {
		return errors.New("less than " + strconv.Itoa(c.least))
	}
	*c.p = n
	return nil
}

// number is a number between lo and hi, both allowed.
type number struct {
	p      *float64
	lo, hi float64
}

func (n *number) String() string {
	if n.p == nil || math.IsNaN(*n.p) {
		return ""
	}
	return strconv.FormatFloat(*n.p, 'g', -1, 64)
}
func (n *number) Type() string { return "X" }
func (n *number) Set(s string) error {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(x) {
		return errors.New("not a number")
	}
	if x < n.lo || x > n.hi {
		return errors.New("not between " + strconv.FormatFloat(n.lo, 'g', -1, 64) + " and " + strconv.FormatFloat(n.hi, 'g', -1, 64))
	}
	*n.p = x
	return nil
}

// span is a time like 90s, 1h30m or 0.5 (seconds); zero is not allowed.
type span struct{ p *time.Duration }

func (d *span) String() string {
	if d.p == nil || *d.p == 0 {
		return ""
	}
	return d.p.String()
}
func (d *span) Type() string { return "D" }
func (d *span) Set(s string) error {
	v, err := time.ParseDuration(s)
	if err != nil {
		x, numErr := strconv.ParseFloat(s, 64)
		if numErr != nil || math.IsNaN(x) || math.Abs(x) > 1e9 {
			return errors.New("not a time such as 90s, 5m or 1h30m")
		}
		v = time.Duration(x * float64(time.Second))
	}
	if v <= 0 {
		return errors.New("not above zero")
	}
	*d.p = v
	return nil
}

// size is a number of bytes like 512M or 2G.
type size struct{ p *int64 }

func (z *size) String() string {
	if z.p == nil || *z.p == 0 {
		return ""
	}
	return strconv.FormatInt(*z.p, 10)
}
func (z *size) Type() string { return "SIZE" }
func (z *size) Set(s string) error {
	text := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(s), "B"), "I")
	unit := int64(1)
	if i := strings.IndexByte("KMGT", lastByte(text)); i >= 0 {
		unit <<= 10 * (i + 1)
		text = text[:len(text)-1]
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || x <= 0 || x*float64(unit) > 1<<50 {
		return errors.New("not a size such as 512M or 2G")
	}
	*z.p = int64(x * float64(unit))
	return nil
}

// lastByte returns the last byte of s, 0 of an empty one.
func lastByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[len(s)-1]
}

// choice is one word of a fixed list.
type choice struct {
	p    *string
	from []string
}

func (c *choice) String() string {
	if c.p == nil {
		return ""
	}
	return *c.p
}
func (c *choice) Type() string { return strings.Join(c.from, "|") }
func (c *choice) Set(s string) error {
	for _, w := range c.from {
		if w == s {
			*c.p = s
			return nil
		}
	}
	return errors.New("not one of " + strings.Join(c.from, ", "))
}
