package dataset

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// By says what a split keeps together.
type By uint8

// What is kept together.
const (
	ByGroup By = iota // rows of one group: a capture or a table
	ByPair            // rows of one host pair, within a group
)

// String returns the word that reports use.
func (b By) String() string { return [...]string{"group", "host pair"}[b] }

// Folds deals the rows of f with a known class into k parts so that rows of one group
// (or host pair) stay together and every class is spread as evenly as the groups
// allow. It returns the row indexes of each part in ascending order. The same frame,
// k, by and seed give the same folds. It is an error if a class has fewer groups than
// two, or if there are fewer groups than parts.
//
// Groups are dealt from the largest to the smallest, equal ones in an order drawn
// with the seed, each to the fold that lacks most of the group's main class.
func Folds(f *Frame, k int, by By, seed uint64) ([][]int, error) {
	if k < 2 {
		return nil, fmt.Errorf("split rows: %d parts asked for, at least 2 are needed", k)
	}
	units, err := units(f, by)
	if err != nil {
		return nil, err
	}
	if len(units) < k {
		return nil, fmt.Errorf("split rows: %d parts asked for, there are %d of the kind %s", k, len(units), by)
	}
	classes := len(f.Classes)
	holders := make([]int, classes) // units that hold rows of a class
	for _, u := range units {
		for c, n := range u.count {
			if n > 0 {
				holders[c]++
			}
		}
	}
	for c, n := range holders {
		if n == 1 {
			return nil, fmt.Errorf("split rows: all rows of class %q are of one %s", f.Classes[c], by)
		}
	}
	r := rand.New(rand.NewPCG(seed, 0))
	r.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
	slices.SortStableFunc(units, func(a, b *unit) int {
		if d := cmp.Compare(a.main, b.main); d != 0 {
			return d
		}
		return cmp.Compare(len(b.rows), len(a.rows))
	})
	folds := make([][]int, k)
	held := make([][]int, k)   // rows of each class in a fold
	number := make([][]int, k) // units of each main class in a fold
	for i := range folds {
		held[i], number[i] = make([]int, classes), make([]int, classes)
	}
	for _, u := range units {
		best := 0
		for i := 1; i < k; i++ {
			// Rows first would put all small groups beside one large one, so that a fold
			// would rest on one group: the number of groups comes first.
			d := cmp.Or(cmp.Compare(number[i][u.main], number[best][u.main]),
				cmp.Compare(held[i][u.main], held[best][u.main]), cmp.Compare(len(folds[i]), len(folds[best])))
			if d < 0 {
				best = i
			}
		}
		folds[best] = append(folds[best], u.rows...)
		number[best][u.main]++
		for c, n := range u.count {
			held[best][c] += n
		}
	}
	for i := range folds {
		slices.Sort(folds[i])
	}
	return folds, nil
}

// unit is what is never cut: the rows of a group or of a host pair.
type unit struct {
	rows  []int
	count []int // rows of each class
	main  int   // the class with most rows, the later one of equals
}

func units(f *Frame, by By) ([]*unit, error) {
	switch {
	case f.Y == nil:
		return nil, fmt.Errorf("split rows: the classes of the rows are not known")
	case by == ByPair && f.Pair == nil:
		return nil, fmt.Errorf("split rows: the host pairs of the rows are not known")
	case f.Group == nil && by == ByGroup:
		return nil, fmt.Errorf("split rows: the groups of the rows are not known")
	}
	type key struct {
		group int32
		pair  uint64
	}
	at := map[key]int{}
	var out []*unit
	for row := range f.Rows() {
		if f.Y[row] < 0 {
			continue
		}
		var k key
		if f.Group != nil {
			k.group = f.Group[row]
		}
		if by == ByPair {
			k.pair = f.Pair[row]
		}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, &unit{count: make([]int, len(f.Classes))})
		}
		out[i].rows = append(out[i].rows, row)
		out[i].count[f.Y[row]]++
	}
	for _, u := range out {
		for c, n := range u.count {
			if n >= u.count[u.main] {
				u.main = c
			}
		}
	}
	return out, nil
}

// Rest returns the rows of all folds but number i, ascending.
func Rest(folds [][]int, i int) []int {
	var out []int
	for j, f := range folds {
		if j != i {
			out = append(out, f...)
		}
	}
	slices.Sort(out)
	return out
}
