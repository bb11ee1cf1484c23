package tree

import (
	"cmp"
	"math"
	"slices"

	"fm/dataset"
)

// ordered makes a column of words ready: its codes are numbered anew so that words of
// like rows are neighbours, and a split is a cut in that order. For two classes the
// order is the share of class 1, in which the best of all subsets is a cut (Breiman and
// others, Classification and Regression Trees, 1984, theorem 4.5); for more it is the
// place along the first principal component of the class shares (Coppersmith, Hong and
// Hosking, 1999). It is found once, on all rows. all is the number of words.
func (d *Data) ordered(b *dataset.Bins, all int) (col column, ok bool) {
	n := len(b.Categories)
	if n == 0 || n == 1 && !slices.Contains(b.Codes, dataset.MissingBin) {
		return col, false
	}
	place := d.places(b.Codes, n)
	order := make([]int, n)
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(x, y int) int {
		return cmp.Or(cmp.Compare(place[x], place[y]), cmp.Compare(b.Categories[x], b.Categories[y]))
	})
	col = column{cuts: make([]float64, n-1), codes: make([]uint8, len(b.Codes)), words: make([]int32, n), all: all}
	var code [256]uint8
	code[dataset.MissingBin] = dataset.MissingBin
	for to, from := range order {
		code[from] = uint8(to)
		col.words[to] = b.Categories[from]
	}
	for i, k := range b.Codes {
		col.codes[i] = code[k]
	}
	return col, true
}

// places gives each of n words its place in the order.
func (d *Data) places(codes []uint8, n int) []float64 {
	k := d.classes
	shares, rows := make([]float64, n*k), make([]float64, n)
	for i, c := range codes {
		if c != dataset.MissingBin {
			w := 1.0
			if d.weight != nil {
				w = d.weight[i]
			}
			shares[int(c)*k+int(d.y[i])] += w
			rows[c] += w
		}
	}
	total := make([]float64, k)
	sum := 0.0
	for c := range n {
		for j := range k {
			total[j] += shares[c*k+j]
			if rows[c] > 0 {
				shares[c*k+j] /= rows[c]
			}
		}
		sum += rows[c]
	}
	axis := make([]float64, k)
	axis[k-1] = 1
	if k > 2 && sum > 0 {
		for j := range total {
			total[j] /= sum
		}
		axis = principal(shares, rows, total)
	}
	place := make([]float64, n)
	for c := range n {
		for j, a := range axis {
			place[c] += float64(a * shares[c*k+j])
		}
	}
	return place
}

// principal is the first principal component of points with the given weights and mean,
// by power iteration. With equal eigenvalues any axis among them does.
func principal(points, weight, mean []float64) []float64 {
	k := len(mean)
	cov := make([]float64, k*k)
	for c, w := range weight {
		for i := range k {
			di := points[c*k+i] - mean[i]
			for j := range k {
				cov[i*k+j] += float64(float64(w*di) * (points[c*k+j] - mean[j]))
			}
		}
	}
	axis, next := make([]float64, k), make([]float64, k)
	for i := range axis {
		axis[i] = 1 / float64(i+1) // not across any axis in particular
	}
	for range 100 {
		length := 0.0
		for i := range next {
			next[i] = 0
			for j, a := range axis {
				next[i] += float64(cov[i*k+j] * a)
			}
			length += float64(next[i] * next[i])
		}
		if length = math.Sqrt(length); length == 0 || math.IsInf(length, 0) {
			return axis
		}
		for i := range next {
			axis[i] = next[i] / length
		}
	}
	return axis
}

// mostSets is how many sets a node can name.
const mostSets = 1 << 16

// set returns the number of the set of words of the codes up to at. Words that training
// did not see, or too rarely for a bin, go where missing values go.
func (g *Grower) set(column, at int32, missingLeft bool) uint16 {
	key := setKey{column, at, missingLeft}
	if i, ok := g.sets[key]; ok {
		return i
	}
	col := &g.d.columns[column]
	s := Set{Bits: make([]uint64, (col.all+63)/64), Above: missingLeft}
	put := func(w int32, left bool) {
		s.Bits[w/64] &^= 1 << (w % 64)
		if left {
			s.Bits[w/64] |= 1 << (w % 64)
		}
	}
	if missingLeft {
		for w := range int32(col.all) {
			put(w, true)
		}
	}
	for k, w := range col.words {
		put(w, int32(k) <= at)
	}
	i := uint16(len(g.tree.Sets))
	g.tree.Sets = append(g.tree.Sets, s)
	g.sets[key] = i
	return i
}

type setKey struct {
	column, at  int32
	missingLeft bool
}
