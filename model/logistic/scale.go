package logistic

import (
	"math"
	"slices"

	"fm/dataset"
)

// clip bounds standardised values: sizes and times of flows have tails of hundreds of
// deviations, and one flow must not outweigh thousands. It also makes infinities finite.
const clip = 10

// scaling is how columns become the columns of the matrix that is fitted. A missing
// value becomes the mean, 0 after scaling; a mark of its own says so for each distinct
// set of rows that lack values (the early packets of short flows are missing together).
// A column of words becomes marks, one a word; its rare words count as missing.
type scaling struct {
	mean, scale []float64 // of each input; scale is 1/deviation, 0 for a column that does not vary
	marks       []mark    // in the order of the matrix, behind columns
	columns     []int     // inputs that vary, in the order of the matrix
	words       [][]bool  // of each input nil or, of words: those that have a mark
}

// mark is a matrix column that is 1, before scaling, where an input has a word or is missing.
type mark struct {
	input int
	word  int     // -1: missing
	share float64 // of the rows
	scale float64 // 1/deviation
}

func newMark(input, word, n, rows int) mark {
	share := float64(n) / float64(rows)
	return mark{input, word, share, 1 / math.Sqrt(share*(1-share))}
}

// width is the number of columns of the matrix.
func (s *scaling) width() int { return len(s.columns) + len(s.marks) }

const (
	mostWords  = 100 // marks of one column of words
	fewestRows = 10  // of a word with a mark
)

func standardise(f *dataset.Frame, rows []int, workers int) *scaling {
	n := len(f.Cols)
	s := &scaling{mean: make([]float64, n), scale: make([]float64, n), words: make([][]bool, n)}
	missing, pattern, counts := make([]int, n), make([]uint64, n), make([][]int, n)
	dataset.Each(n, workers, func(c int) {
		values := make([]float64, len(rows))
		f.Cols[c].Take(values, rows)
		if words := f.Cols[c].Words; words != nil {
			counts[c], s.words[c] = frequent(values, len(words))
		}
		s.mean[c], s.scale[c], missing[c], pattern[c] = moments(values)
	})
	type key struct {
		n    int
		hash uint64
	}
	seen := map[key]bool{}
	for c := range n {
		if s.words[c] != nil {
			s.mean[c], s.scale[c] = 0, 0
			for w, ok := range s.words[c] {
				if ok && counts[c][w] < len(rows) {
					s.marks = append(s.marks, newMark(c, w, counts[c][w], len(rows)))
				}
			}
		}
		if s.scale[c] != 0 {
			s.columns = append(s.columns, c)
		}
		k := key{missing[c], pattern[c]}
		if missing[c] == 0 || missing[c] == len(rows) || seen[k] {
			continue
		}
		seen[k] = true
		s.marks = append(s.marks, newMark(c, -1, missing[c], len(rows)))
	}
	return s
}

// frequent counts words and chooses those that get a mark; the others become missing in values.
func frequent(values []float64, words int) (counts []int, marked []bool) {
	counts, marked = make([]int, words), make([]bool, words)
	for _, v := range values {
		if v == v {
			counts[int(v)]++
		}
	}
	order := make([]int, words)
	for w := range order {
		order[w] = w
	}
	slices.SortStableFunc(order, func(x, y int) int { return counts[y] - counts[x] })
	for _, w := range order[:min(words, mostWords)] {
		marked[w] = counts[w] >= fewestRows
	}
	for i, v := range values {
		if v == v && !marked[int(v)] {
			values[i] = math.NaN()
		}
	}
	return counts, marked
}

// moments returns mean and 1/deviation of the finite values, how many are missing, and a
// hash of which rows these are.
func moments(values []float64) (mean, scale float64, missing int, pattern uint64) {
	unit, n := 0.0, 0 // values are divided by the largest, so that squares stay finite
	for i, v := range values {
		switch {
		case v != v:
			missing++
			pattern += (uint64(i) + 1) * 0x9e3779b97f4a7c15 >> 7 * 0xd6e8feb86659fd93
		case !math.IsInf(v, 0):
			unit = max(unit, math.Abs(v))
			n++
		}
	}
	if n == 0 || unit == 0 {
		return 0, 0, missing, pattern
	}
	sum := 0.0
	for _, v := range values {
		if v == v && !math.IsInf(v, 0) {
			sum += v / unit
		}
	}
	m := sum / float64(n)
	squares := 0.0
	for _, v := range values {
		if v == v && !math.IsInf(v, 0) {
			d := v/unit - m
			squares += float64(d * d)
		}
	}
	deviation := math.Sqrt(squares/float64(n)) * unit
	mean = m * unit
	// A deviation of rounding errors only is none.
	if !(deviation > 1e-12*math.Abs(mean)) || math.IsInf(1/deviation, 0) {
		return mean, 0, missing, pattern
	}
	return mean, 1 / deviation, missing, pattern
}

// scaled is the standardised value; NaN is 0.
func scaled(v, mean, scale float64) float64 {
	z := (v - mean) * scale
	switch {
	case z > clip:
		return clip
	case z < -clip:
		return -clip
	case z != z:
		return 0
	}
	return z
}

// matrix makes the rows ready, row-major.
func (s *scaling) matrix(f *dataset.Frame, rows []int, workers int) []float64 {
	w := s.width()
	x := make([]float64, len(rows)*w)
	const block = 512
	dataset.Each((len(rows)+block-1)/block, workers, func(b int) {
		start, end := b*block, min(len(rows), (b+1)*block)
		values := make([]float64, end-start)
		x := x[start*w : end*w]
		for j, c := range s.columns {
			f.Cols[c].Take(values, rows[start:end])
			for i, v := range values {
				x[i*w+j] = scaled(v, s.mean[c], s.scale[c])
			}
		}
		taken := -1
		for k, m := range s.marks {
			if taken != m.input {
				f.Cols[m.input].Take(values, rows[start:end])
				taken = m.input
			}
			j := len(s.columns) + k
			for i, v := range values {
				x[i*w+j] = -m.share * m.scale
				if s.wordOf(m.input, v) == m.word {
					x[i*w+j] = (1 - m.share) * m.scale
				}
			}
		}
	})
	return x
}

// wordOf is the word that v is of input c, -1 if it counts as missing; of a number
// that is there it is none.
func (s *scaling) wordOf(c int, v float64) int {
	switch {
	case v != v:
		return -1
	case s.words[c] == nil:
		return math.MaxInt
	case !s.words[c][int(v)]:
		return -1
	}
	return int(v)
}

// linear turns weights of the matrix, output by output with the bias at the end, into a scorer.
func (s *scaling) linear(w []float64, outputs int) *Linear {
	n := len(s.mean)
	l := &Linear{bias: make([]float64, outputs), mean: s.mean, scale: s.scale, weight: make([]float64, n*outputs), missing: make([]float64, n*outputs), words: make([][]float64, n)}
	for c, words := range s.words {
		if words != nil {
			l.words[c] = make([]float64, len(words)*outputs)
		}
	}
	width := s.width()
	for o := range outputs {
		row := w[o*(width+1) : (o+1)*(width+1)]
		l.bias[o] = row[width]
		for j, c := range s.columns {
			l.weight[c*outputs+o] = row[j]
		}
		for k, m := range s.marks {
			v := row[len(s.columns)+k] * m.scale
			l.bias[o] -= float64(v * m.share)
			if m.word < 0 {
				l.missing[m.input*outputs+o] = v
			} else {
				l.words[m.input][m.word*outputs+o] = v
			}
		}
	}
	for c, words := range s.words { // what has no mark counts as missing
		for w, ok := range words {
			if !ok {
				copy(l.words[c][w*outputs:(w+1)*outputs], l.missing[c*outputs:(c+1)*outputs])
			}
		}
	}
	return l
}
