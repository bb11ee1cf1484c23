package fit

import (
	"cmp"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"fm/dataset"
	"fm/model"
	"fm/model/eval"
)

// Bounds of what permutation importance costs.
const (
	importanceColumns = 20  // those with the largest gain in the first model
	importanceRows    = 400 // held-out rows of each side, about
)

// permutation measures how much worse held-out rows are judged when the values of one
// column are dealt out anew among them (Breiman, "Random forests", Machine Learning 45,
// 2001): what the model loses on captures not seen when the column says nothing. Values
// are dealt within a fold, whose model has seen none of it.
type permutation struct {
	columns  []int
	truth    []bool
	score    []float64   // as they were judged
	permuted [][]float64 // of each column, with its values dealt anew
}

// fold adds rows, which s has not seen and gave score, some of the held-out ones of all
// folds; sides is how many of these there are, benign and malicious. Results depend on
// seed and number, not on the goroutines at work.
func (p *permutation) fold(s model.Scorer, view *dataset.Frame, rows []int, score []float64, sides [2]int, seed uint64, number int) {
	if number == 0 {
		p.columns = largest(s, importanceColumns)
		p.permuted = make([][]float64, len(p.columns))
	}
	if len(p.columns) == 0 {
		return
	}
	picked := pick(view, rows, sides, rand.New(rand.NewPCG(seed, 1<<32+uint64(number))))
	width := len(view.Cols)
	flat := make([]float64, len(picked)*width)
	for i, k := range picked {
		view.Row(flat[i*width:(i+1)*width], rows[k])
		p.truth, p.score = append(p.truth, view.Y[rows[k]] > 0), append(p.score, score[k])
	}
	was := p.score[len(p.score)-len(picked):]
	dataset.Deal(len(p.columns), runtime.GOMAXPROCS(0), func() func(int) {
		dealt, margins := make([]float64, len(flat)), make([]float64, len(picked)*s.Outputs())
		changed := make([]int, 0, len(picked))
		return func(k int) {
			c := p.columns[k]
			order := rand.New(rand.NewPCG(seed, 2<<32+uint64(number)<<20+uint64(c))).Perm(len(picked))
			changed = changed[:0]
			for i, from := range order {
				v := flat[from*width+c]
				if math.Float64bits(v) == math.Float64bits(flat[i*width+c]) {
					continue // most columns of flows repeat few values
				}
				row := dealt[len(changed)*width:][:width]
				copy(row, flat[i*width:])
				row[c] = v
				changed = append(changed, i)
			}
			m := margins[:len(changed)*s.Outputs()]
			s.Margins(m, dealt[:len(changed)*width])
			s.Link(m, m)
			p.permuted[k] = append(p.permuted[k], was...)
			of := p.permuted[k][len(p.permuted[k])-len(was):]
			for j, i := range changed {
				of[i] = m[j*s.Outputs()]
				if s.Task() == model.Classes {
					of[i] = 1 - of[i]
				}
			}
		}
	})
}

// largest are the inputs with the largest importance to s, at most n.
func largest(s model.Scorer, n int) []int {
	i, ok := s.(model.Ranker)
	if !ok {
		return nil
	}
	sizes := i.Importance()
	var columns []int
	for c, v := range sizes {
		if v > 0 {
			columns = append(columns, c)
		}
	}
	slices.SortStableFunc(columns, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	return columns[:min(n, len(columns))]
}

// pick draws places in rows of both sides, by the share that rows have in each side.
func pick(view *dataset.Frame, rows []int, sides [2]int, rng *rand.Rand) []int {
	var of [2][]int
	for k, r := range rows {
		side := min(1, view.Y[r])
		of[side] = append(of[side], k)
	}
	var out []int
	for side, places := range of {
		if len(places) == 0 {
			continue
		}
		n := min(len(places), (importanceRows*len(places)+sides[side]-1)/sides[side])
		for i := range n {
			j := i + rng.IntN(len(places)-i)
			places[i], places[j] = places[j], places[i]
		}
		out = append(out, places[:n]...)
	}
	slices.Sort(out)
	return out
}

// result is the loss by column, the largest first.
func (p *permutation) result(view *dataset.Frame) *model.Permutation {
	if len(p.columns) == 0 {
		return nil
	}
	was := eval.NewCurve(p.truth, p.score, nil)
	out := &model.Permutation{Rows: len(p.truth)}
	for k, c := range p.columns {
		is := eval.NewCurve(p.truth, p.permuted[k], nil)
		out.Columns = append(out.Columns, model.Loss{Column: view.Schema.Columns[c].Name,
			AUC: model.Number(was.AUC() - is.AUC()), AveragePrecision: model.Number(was.AveragePrecision() - is.AveragePrecision())})
	}
	slices.SortStableFunc(out.Columns, func(a, b model.Loss) int { return cmp.Compare(b.AUC, a.AUC) })
	return out
}
