package fit

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"

	"fm/dataset"
	"fm/model/eval"
)

// OneRule is the baseline: the best single question about a single column. A model that
// does not clearly beat it has learned one rule, and perhaps one that tells captures
// apart rather than behaviour.
type OneRule struct {
	Rule   string     `json:"rule"` // fitted on all rows
	Column string     `json:"column"`
	Recall eval.Ratio `json:"recall"` // held out: the rule was chosen without the fold
	FPR    eval.Ratio `json:"fpr"`
	AUC    float64    `json:"auc"` // of the held-out yes or no: the mean of recall and 1 - FPR
}

// stump is "value > at" (or, not above, "value <= at"), or "value is one of these words",
// means malicious. Missing values count as lowest, or as a word of their own.
type stump struct {
	column  int
	at      float64
	all     bool // at is below every value: only missing ones are not above
	above   bool
	words   []bool // of a column of words: those that mean malicious
	missing bool   // and whether a missing one does
	gain    float64
}

func (s *stump) says(v float64) bool {
	if s.words != nil {
		if v != v {
			return s.missing
		}
		return s.words[int(v)]
	}
	high := v > s.at || s.all && v == v
	return high == s.above
}

// text is the rule in words.
func (s *stump) text(name string, words []string) string {
	switch {
	case s.words != nil:
		var in []string
		for w, yes := range s.words {
			if yes {
				in = append(in, words[w])
			}
		}
		if s.missing {
			in = append(in, "missing")
		}
		if len(in) == 1 {
			return name + " is " + in[0]
		}
		more := ""
		if len(in) > 5 {
			in, more = in[:5], fmt.Sprintf(" and %d more", len(in)-5)
		}
		return name + " is one of " + strings.Join(in, ", ") + more
	case s.all && s.above:
		return name + " has a value"
	case s.all:
		return name + " has no value"
	case s.above:
		return fmt.Sprintf("%s > %.6g", name, s.at)
	}
	return fmt.Sprintf("%s <= %.6g or missing", name, s.at)
}

// ruleRows is the largest number of rows among whose single values rules are looked for;
// of more rows the values are cut into bins first.
const ruleRows = 100_000

// oneRule chooses the stump with the largest difference between recall and false
// positive rate without each fold in turn, and measures it on the fold.
func oneRule(ctx context.Context, view *dataset.Frame, rows []int, folds [][]int) (*OneRule, error) {
	foldOf := make([]int32, view.Rows())
	for i, fold := range folds {
		for _, r := range fold {
			foldOf[r] = int32(i)
		}
	}
	var bins []dataset.Bins
	if len(rows) > ruleRows || view.Binned() {
		var err error
		if bins, err = dataset.Bin(ctx, view, rows, dataset.MaxBins, runtime.GOMAXPROCS(0)); err != nil {
			return nil, err
		}
	}
	n := len(folds)
	best := make([][]stump, len(view.Cols)) // of each column: without fold i, and at last on all rows
	dataset.Each(len(view.Cols), runtime.GOMAXPROCS(0), func(c int) {
		if ctx.Err() != nil {
			return
		}
		var h histogram
		if col := &view.Cols[c]; bins != nil && col.Words == nil {
			h.binned(&bins[c])
		} else {
			h.exact(col, rows)
		}
		h.count(view, rows, foldOf, n)
		for skip := range n + 1 {
			s := h.stump(skip, len(view.Cols[c].Words))
			s.column = c
			best[c] = append(best[c], s)
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	pick := func(skip int) *stump {
		top := &best[0][skip]
		for c := range best {
			if best[c][skip].gain > top.gain {
				top = &best[c][skip]
			}
		}
		return top
	}
	tp, fp, p, q := 0, 0, 0, 0
	for i, fold := range folds {
		s := pick(i)
		for _, r := range fold {
			yes := s.says(view.Cols[s.column].At(r))
			if view.Y[r] > 0 {
				p++
				if yes {
					tp++
				}
			} else {
				q++
				if yes {
					fp++
				}
			}
		}
	}
	s := pick(n)
	name := view.Schema.Columns[s.column].Name
	o := &OneRule{Column: name, Recall: eval.NewRatio(tp, p), FPR: eval.NewRatio(fp, q), Rule: s.text(name, view.Cols[s.column].Words)}
	o.AUC = (float64(o.Recall.Value) + 1 - float64(o.FPR.Value)) / 2
	return o, nil
}

// histogram counts the rows of one column by value, fold and side.
type histogram struct {
	code   []int32   // of each row: 0 is missing, k+1 the value or word k
	values []float64 // ascending; of words the index of each
	cuts   []float64 // of a binned column
	counts []int32   // (code × folds + fold) × 2 + side
	folds  int
}

func (h *histogram) exact(col *dataset.Col, rows []int) {
	values := make([]float64, len(rows))
	col.Take(values, rows)
	sorted := make([]float64, 0, len(rows))
	for _, v := range values {
		if v == v {
			sorted = append(sorted, v)
		}
	}
	dataset.SortValues(sorted)
	h.values = slices.Compact(sorted)
	h.code = make([]int32, len(rows))
	for i, v := range values {
		if v == v {
			k, _ := slices.BinarySearch(h.values, v)
			h.code[i] = int32(k) + 1
		}
	}
}

func (h *histogram) binned(b *dataset.Bins) {
	h.values, h.cuts = b.Tops, b.Cuts
	h.code = make([]int32, len(b.Codes))
	for i, k := range b.Codes {
		if k != dataset.MissingBin {
			h.code[i] = int32(k) + 1
		}
	}
}

func (h *histogram) count(view *dataset.Frame, rows []int, foldOf []int32, folds int) {
	h.folds = folds
	h.counts = make([]int32, 2*folds*(len(h.values)+1))
	for i, r := range rows {
		h.counts[(int(h.code[i])*folds+int(foldOf[r]))*2+int(min(1, view.Y[r]))]++
	}
}

// rows counts the benign and the malicious rows of a code without those of fold skip.
func (h *histogram) rows(code, skip int) (benign, malicious float64) {
	var n [2]int32
	at := code * h.folds * 2
	for f := range h.folds {
		if f != skip {
			n[0] += h.counts[at+2*f]
			n[1] += h.counts[at+2*f+1]
		}
	}
	return float64(n[0]), float64(n[1])
}

// stump is the best rule without fold skip; words is the number of words, 0 for numbers.
func (h *histogram) stump(skip, words int) stump {
	var benign, malicious float64 // of all codes
	for k := range len(h.values) + 1 {
		b, m := h.rows(k, skip)
		benign, malicious = benign+b, malicious+m
	}
	if words > 0 {
		return h.subset(skip, words, benign, malicious)
	}
	best := stump{above: true, gain: -1}
	var b, m float64 // of the codes up to last
	last := -1       // the last code with rows
	for k := range len(h.values) + 1 {
		x, y := h.rows(k, skip)
		if x+y == 0 {
			continue
		}
		if last >= 0 {
			gain := b/benign - m/malicious // of "above": recall - fpr
			s := stump{above: true, gain: gain}
			if gain < 0 {
				s.above, s.gain = false, -gain
			}
			switch {
			case last == 0:
				s.all, s.at = true, h.values[k-1]
			case h.cuts != nil:
				s.at = h.cuts[last-1]
			default:
				s.at = dataset.Between(h.values[last-1], h.values[k-1])
			}
			if s.gain > best.gain {
				best = s
			}
		}
		b, m, last = b+x, m+y, k
	}
	return best
}

// subset is the best rule about words: those that make up more of the malicious rows
// than of the benign ones.
func (h *histogram) subset(skip, words int, benign, malicious float64) stump {
	s := stump{words: make([]bool, words), gain: 0}
	for k := range len(h.values) + 1 {
		b, m := h.rows(k, skip)
		excess := m/malicious - b/benign
		if !(excess > 0) {
			continue
		}
		s.gain += excess
		if k == 0 {
			s.missing = true
		} else {
			s.words[int(h.values[k-1])] = true
		}
	}
	if math.IsNaN(s.gain) {
		s.gain = -1
	}
	return s
}
