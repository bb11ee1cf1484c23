package logistic

import (
	"math"
	"sync"
	"sync/atomic"

	"fm/dataset"
)

// clip bounds standardised values: sizes and times of flows have tails of hundreds of
// deviations, and one flow must not outweigh thousands. It also makes infinities finite.
const clip = 10

// scaling is how columns become the columns of the matrix that is fitted. A missing
// value becomes the mean, 0 after scaling; a mark of its own says so for each distinct
// set of rows that lack values (the early packets of short flows are missing together).
type scaling struct {
	mean, scale []float64 // of each input; scale is 1/deviation, 0 for a column that does not vary
	mark        []int     // of each input, the matrix column that marks its missing values; -1: none
	markMean    []float64 // of each mark
	markScale   []float64
	columns     []int // inputs that vary, in the order of the matrix; marks follow
}

// width is the number of columns of the matrix.
func (s *scaling) width() int { return len(s.columns) + len(s.markMean) }

func standardise(f *dataset.Frame, rows []int, workers int) *scaling {
	n := len(f.Cols)
	s := &scaling{mean: make([]float64, n), scale: make([]float64, n), mark: make([]int, n)}
	missing, pattern := make([]int, n), make([]uint64, n)
	parallel(n, workers, func(c int) {
		s.mean[c], s.scale[c], missing[c], pattern[c] = moments(f.Cols[c].Values, rows)
	})
	type key struct {
		n    int
		hash uint64
	}
	seen := map[key]bool{}
	for c := range n {
		s.mark[c] = -1
		if s.scale[c] != 0 {
			s.columns = append(s.columns, c)
		}
		k := key{missing[c], pattern[c]}
		if missing[c] == 0 || missing[c] == len(rows) || seen[k] {
			continue
		}
		seen[k] = true
		share := float64(missing[c]) / float64(len(rows))
		s.mark[c] = len(s.markMean)
		s.markMean = append(s.markMean, share)
		s.markScale = append(s.markScale, 1/math.Sqrt(share*(1-share)))
	}
	return s
}

// moments returns mean and 1/deviation of the finite values, how many are missing, and a
// hash of which rows these are.
func moments(values []float64, rows []int) (mean, scale float64, missing int, pattern uint64) {
	unit, n := 0.0, 0 // values are divided by the largest, so that squares stay finite
	for i, r := range rows {
		v := values[r]
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
	for _, r := range rows {
		if v := values[r]; v == v && !math.IsInf(v, 0) {
			sum += v / unit
		}
	}
	m := sum / float64(n)
	squares := 0.0
	for _, r := range rows {
		if v := values[r]; v == v && !math.IsInf(v, 0) {
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
	parallel((len(rows)+block-1)/block, workers, func(b int) {
		start, end := b*block, min(len(rows), (b+1)*block)
		for j, c := range s.columns {
			values, mean, scale := f.Cols[c].Values, s.mean[c], s.scale[c]
			for i := start; i < end; i++ {
				x[i*w+j] = scaled(values[rows[i]], mean, scale)
			}
		}
		for c, k := range s.mark {
			if k < 0 {
				continue
			}
			values := f.Cols[c].Values
			for i := start; i < end; i++ {
				v := values[rows[i]]
				mark := 0.0
				if v != v {
					mark = 1
				}
				x[i*w+len(s.columns)+k] = (mark - s.markMean[k]) * s.markScale[k]
			}
		}
	})
	return x
}

// linear turns weights of the matrix, output by output with the bias at the end, into a scorer.
func (s *scaling) linear(w []float64, outputs int) *Linear {
	n := len(s.mean)
	l := &Linear{bias: make([]float64, outputs), mean: s.mean, scale: s.scale, weight: make([]float64, n*outputs), missing: make([]float64, n*outputs)}
	width := s.width()
	for o := range outputs {
		row := w[o*(width+1) : (o+1)*(width+1)]
		l.bias[o] = row[width]
		for j, c := range s.columns {
			l.weight[c*outputs+o] = row[j]
		}
		for c, k := range s.mark {
			if k >= 0 {
				v := row[len(s.columns)+k] * s.markScale[k]
				l.missing[c*outputs+o] = v
				l.bias[o] -= float64(v * s.markMean[k])
			}
		}
	}
	return l
}

// parallel calls do for 0 to n-1 from several goroutines.
func parallel(n, workers int, do func(i int)) {
	if workers <= 1 || n <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, workers) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	wg.Wait()
}
