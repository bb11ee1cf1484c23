package fit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"fm/dataset"
	"fm/model"
	"fm/model/eval"
)

// Adapted is a model with a threshold of its own for a network, and what speaks for it.
type Adapted struct {
	Model    *model.Model  `json:"-"`
	Before   float64       `json:"before"` // threshold
	After    float64       `json:"after"`
	Budget   float64       `json:"budget"`
	FPR      eval.Ratio    `json:"fpr"`  // of all rows at the new threshold
	Old      eval.Ratio    `json:"old"`  // of all rows at the old one
	Left     eval.Ratio    `json:"left"` // parts left out in turn, together
	Parts    []Part        `json:"parts"`
	PartsBy  string        `json:"parts_by"`
	Flows    int           `json:"flows"`
	Warnings eval.Warnings `json:"warnings"`
}

// Part is a capture, or a tenth of the time of the only one: the share of its flows that
// reach the threshold chosen on all other parts.
type Part struct {
	Name      string     `json:"name"`
	Threshold float64    `json:"threshold"`
	FPR       eval.Ratio `json:"fpr"`
}

// tenths is the number of parts that the time of a single capture is cut into.
const tenths = 10

// Adapt chooses the threshold that at most the share maxFPR of f's benign rows reaches;
// rows without a class count as benign. The model stays what it is and keeps its old
// threshold in the list.
func Adapt(m *model.Model, f *dataset.Frame, maxFPR float64) (*Adapted, error) {
	if maxFPR <= 0 {
		maxFPR = DefaultMaxFPR
	}
	b, err := m.BindFrame(f)
	if err != nil {
		return nil, err
	}
	if b.Task() == model.Regression {
		return nil, errors.New("adapt: a regression has no threshold")
	}
	rows, others := benignRows(f)
	if len(rows) == 0 {
		return nil, errNoBenign
	}
	score, _ := scoreRows(b, f, rows)
	return adapt(m, f, rows, others, score, b.Warnings, maxFPR)
}

// AdaptScored is [Adapt] for flows that m has scored already, one score a row: of f only
// classes, groups and times are looked at, so that it need not hold the columns.
func AdaptScored(m *model.Model, f *dataset.Frame, scores []float64, maxFPR float64) (*Adapted, error) {
	if maxFPR <= 0 {
		maxFPR = DefaultMaxFPR
	}
	rows, others := benignRows(f)
	if len(rows) == 0 {
		return nil, errNoBenign
	}
	score := make([]float64, len(rows))
	for i, r := range rows {
		score[i] = scores[r]
	}
	return adapt(m, f, rows, others, score, nil, maxFPR)
}

var errNoBenign = errors.New("adapt: no benign flows")

// benignRows are the rows to adapt on; others is the number of malicious ones.
func benignRows(f *dataset.Frame) (rows []int, others int) {
	for i := range f.Rows() {
		if f.Y != nil && f.Y[i] > 0 {
			others++
			continue
		}
		rows = append(rows, i)
	}
	return rows, others
}

// adapt chooses the threshold for the scores of rows.
func adapt(m *model.Model, f *dataset.Frame, rows []int, others int, score []float64, warnings []error, maxFPR float64) (*Adapted, error) {
	choice := eval.Choose(score, nil, maxFPR)
	a := &Adapted{After: choice.Threshold, Budget: maxFPR, FPR: choice.FPR, Flows: len(rows), Warnings: append(slices.Clone(eval.Warnings(warnings)), choice.Warnings...)}
	before, ok := m.InForce()
	if !ok {
		before.Value = 0.5
	}
	a.Before, a.Old = before.Value, share(score, before.Value)
	if others > 0 {
		a.Warnings = append(a.Warnings, fmt.Errorf("%d flows are labelled malicious and are left out", others))
	}
	a.leaveOut(f, rows, score)
	reason := fmt.Sprintf("lowest threshold that at most %g of %d benign flows of the site reach; with each of %d %s left out in turn, %d of %d reach it",
		maxFPR, len(rows), len(a.Parts), a.PartsBy, a.Left.K, a.Left.N)
	a.Model = m.WithThreshold(model.Threshold{Value: choice.Threshold, Rule: "adapt", Reason: reason, Budget: maxFPR,
		Realised: finite(float64(a.Left.Value)), Lo: a.Left.Lo, Hi: a.Left.Hi, Rows: len(rows), Groups: len(a.Parts)})
	return a, nil
}

func share(score []float64, threshold float64) eval.Ratio {
	k := 0
	for _, s := range score {
		if s >= threshold {
			k++
		}
	}
	return eval.NewRatio(k, len(score))
}

// leaveOut chooses the threshold without each part and uses it on the part.
func (a *Adapted) leaveOut(f *dataset.Frame, rows []int, score []float64) {
	part, names := partsOf(f, rows)
	a.PartsBy = "captures"
	if names == nil {
		part, names = tenthsOf(f, rows)
		a.PartsBy = "tenths of the time"
	}
	k, n := 0, 0
	for p, name := range names {
		var in, out []float64
		for i, s := range score {
			if part[i] == p {
				out = append(out, s)
			} else {
				in = append(in, s)
			}
		}
		if len(out) == 0 || len(in) == 0 {
			continue
		}
		t := eval.Choose(in, nil, a.Budget).Threshold
		one := Part{Name: name, Threshold: t, FPR: share(out, t)}
		a.Parts = append(a.Parts, one)
		k, n = k+one.FPR.K, n+one.FPR.N
	}
	a.Left = eval.NewRatio(k, n)
	if len(a.Parts) < 2 {
		a.Warnings = append(a.Warnings, errors.New("the flows have no parts that could be left out: it is not known whether the threshold holds on other traffic"))
		return
	}
	bad := 0
	for _, p := range a.Parts {
		if disagrees(p, a.Budget) {
			bad++
			if bad <= 3 {
				a.Warnings = append(a.Warnings, fmt.Errorf("%s disagrees with the rest: %d of its %d flows reach the threshold that the others would choose, where %g was allowed", p.Name, p.FPR.K, p.FPR.N, a.Budget))
			}
		}
	}
	if bad > 3 {
		a.Warnings = append(a.Warnings, fmt.Errorf("%d of %d %s disagree with the rest", bad, len(a.Parts), a.PartsBy))
	}
	if a.Left.Lo > a.Budget {
		a.Warnings = append(a.Warnings, fmt.Errorf("left out in turn, %.2g of the flows reach the threshold, not %g: expect about that much, or adapt on more traffic of every kind", float64(a.Left.Value), a.Budget))
	}
}

// disagrees tells whether a part has over three times the budget, and not by chance.
func disagrees(p Part, budget float64) bool {
	return float64(p.FPR.Value) > 3*budget && p.FPR.Lo > budget
}

// partsOf numbers the groups of rows; names is nil if there is but one.
func partsOf(f *dataset.Frame, rows []int) (part []int, names []string) {
	if f.Group == nil {
		return nil, nil
	}
	part, used := make([]int, len(rows)), map[int]bool{}
	for i, r := range rows {
		part[i] = int(f.Group[r])
		used[part[i]] = true
	}
	if len(used) < 2 {
		return nil, nil
	}
	return part, f.Groups
}

// tenthsOf cuts the time from the first to the last row into ten equal parts.
func tenthsOf(f *dataset.Frame, rows []int) (part []int, names []string) {
	part = make([]int, len(rows))
	if f.Time == nil {
		return part, []string{"all"}
	}
	first, last := f.Time[rows[0]], f.Time[rows[0]]
	for _, r := range rows {
		first, last = min(first, f.Time[r]), max(last, f.Time[r])
	}
	width := float64(last-first)/tenths + 1
	for i, r := range rows {
		part[i] = min(tenths-1, int(float64(f.Time[r]-first)/width))
	}
	for t := range tenths {
		names = append(names, fmt.Sprintf("tenth %d of the time", t+1))
	}
	return part, names
}

// Text writes what adapting found. Warnings are left to the caller.
func (a *Adapted) Text(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "threshold %.6g, was %.6g: on %d benign flows %d reach it (were %d), budget %g\n", a.After, a.Before, a.Flows, a.FPR.K, a.Old.K, a.Budget)
	fmt.Fprintf(b, "%s left out in turn: %d of %d flows reach the threshold that the others choose: %.3g, 95 %% interval %.3g to %.3g\n",
		a.PartsBy, a.Left.K, a.Left.N, finite(float64(a.Left.Value)), a.Left.Lo, a.Left.Hi)
	worst := slices.Clone(a.Parts)
	slices.SortStableFunc(worst, func(x, y Part) int {
		switch d := float64(y.FPR.Value) - float64(x.FPR.Value); {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	})
	const most = 10
	hit := 0
	for _, p := range worst {
		if p.FPR.K == 0 {
			break
		}
		if hit++; hit <= most {
			fmt.Fprintf(b, "  %6d of %8d  %s\n", p.FPR.K, p.FPR.N, p.Name)
		}
	}
	if hit > most {
		fmt.Fprintf(b, "  and in %d more\n", hit-most)
	}
	if none := len(worst) - hit; none > 0 {
		fmt.Fprintf(b, "  none in %d of %d\n", none, len(worst))
	}
	return b.Flush()
}
