package feature

import (
	"fmt"
	"math"

	"fm/dataset"
	"fm/extract/flow"
)

// Values of the native set lie on a grid: times are whole nanoseconds written in
// milliseconds, all other fractions are rounded to six decimals. So a row has the same
// digits on every processor, and they can be written fast.

// missing is the value that does not exist.
func missing() float64 { return math.NaN() }

// grid rounds x, which is not negative, to six decimals, and to a whole number from
// 1e9 on. NaN stays NaN.
func grid(x float64) float64 {
	if x < 1e9 {
		return math.RoundToEven(x*1e6) / 1e6
	}
	return math.RoundToEven(x)
}

// millis is a time in ns as milliseconds.
func millis(ns int64) float64 { return float64(ns) / 1e6 }

// millisOf is a computed time in ns, rounded to a whole one, as milliseconds.
func millisOf(ns float64) float64 { return math.RoundToEven(ns) / 1e6 }

// share is part/whole, missing if whole is 0.
func share(part, whole uint64) float64 {
	if whole == 0 {
		return missing()
	}
	return grid(float64(part) / float64(whole))
}

// mark is 1 for true.
func mark(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// way is a direction as columns name it.
type way struct {
	dir    int
	prefix string
	word   string
}

// ways are the directions and both.
var ways = [3]way{{0, "fwd_", "forward packets"}, {1, "bwd_", "backward packets"}, {flow.Both, "", "all packets"}}

// builder collects columns of one group.
type builder struct {
	group   string
	needs   flow.Needs
	columns []Column
}

func (b *builder) add(name string, unit dataset.Unit, doc string, value func(*flow.View) float64) {
	b.columns = append(b.columns, Column{Name: name, Unit: unit, Group: b.group, Needs: b.needs, Doc: doc, Value: value})
}

// entry is a column of a run.
type entry struct {
	name string
	unit dataset.Unit
	doc  string
}

// run adds columns that fill computes together; fill sets all entries of its argument.
func (b *builder) run(entries []entry, fill func(dst []float64, v *flow.View)) {
	r := &run{len(entries), fill}
	for i, e := range entries {
		b.add(e.name, e.unit, e.doc, func(v *flow.View) float64 {
			dst := make([]float64, r.columns)
			fill(dst, v)
			return dst[i]
		})
		c := &b.columns[len(b.columns)-1]
		c.run, c.at = r, i
	}
}

// allMissing makes every value of a run missing.
func allMissing(dst []float64) {
	for i := range dst {
		dst[i] = missing()
	}
}

// statistics adds min, max, mean, std and quartiles of what moments and quartiles give.
// Numbers are bytes, or ns if unit is milliseconds.
func (b *builder) statistics(name string, unit dataset.Unit, what string, moments func(*flow.View) *flow.Moments, quartiles func(*flow.View) *[3]uint64) {
	entries := []entry{
		{name + "_min", unit, "Smallest " + what + "; missing without one."},
		{name + "_max", unit, "Largest " + what + "; missing without one."},
		{name + "_mean", unit, "Arithmetic mean of the " + what + "; missing without one."},
		{name + "_std", unit, "Sample standard deviation (divisor n − 1) of the " + what + "; missing with fewer than two."},
	}
	if quartiles != nil {
		for q := 25; q <= 75; q += 25 {
			entries = append(entries, entry{fmt.Sprintf("%s_q%d", name, q), unit,
				fmt.Sprintf("Value at nearest rank %d %% of the %s, from a logarithmic histogram: at most an eighth off, exact if all are equal; missing without one.", q, what)})
		}
	}
	time := unit == dataset.Millis
	whole := func(x uint64) float64 {
		if time {
			return millis(int64(x))
		}
		return float64(x)
	}
	real := grid
	if time {
		real = millisOf
	}
	b.run(entries, func(dst []float64, v *flow.View) {
		m := moments(v)
		if m.N == 0 {
			allMissing(dst)
			return
		}
		low := whole(m.Min)
		dst[0], dst[1], dst[2], dst[3] = low, low, low, missing()
		if m.N > 1 {
			dst[3] = 0
		}
		if m.Min != m.Max {
			dst[1], dst[2], dst[3] = whole(m.Max), real(m.Mean()), real(m.Std())
		}
		if quartiles != nil {
			for i, q := range quartiles(v) {
				dst[4+i] = whole(q)
			}
		}
	})
}
