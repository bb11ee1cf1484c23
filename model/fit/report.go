package fit

import (
	"bufio"
	"fmt"
	"io"
	"math"

	"fm/dataset"
	"fm/model"
	"fm/model/eval"
)

// Report is what training found out. Figures are of rows that were held out.
type Report struct {
	Kind       string            `json:"kind"`
	Columns    int               `json:"columns"`
	Available  int               `json:"flows"`    // in the inputs, before drawing and labels
	Rows       int               `json:"rows"`     // trained on
	Positive   int               `json:"positive"` // of these, malicious
	Captures   int               `json:"captures"` // groups with rows
	PerCapture int               `json:"per_capture"`
	Seed       uint64            `json:"seed"`
	Split      string            `json:"split"` // what was held out together
	Folds      int               `json:"folds"`
	MaxFPR     float64           `json:"max_fpr"`
	Threshold  eval.Choice       `json:"-"`
	HeldOut    *eval.Report      `json:"held_out,omitempty"`
	Cross      *Cross            `json:"cross,omitempty"`
	OneRule    *OneRule          `json:"one_rule,omitempty"`
	Left       []dataset.LeftOut `json:"left_out,omitempty"` // columns of tables that were not trained on
	Warnings   eval.Warnings     `json:"warnings"`
	Notes      eval.Warnings     `json:"notes,omitempty"` // of the trainer

	Permutation *model.Permutation `json:"permutation,omitempty"` // what single columns are worth on held-out rows
}

// Cross is how the choice of a threshold carries over: for each fold it is chosen on
// the other folds and used on this one.
type Cross struct {
	FPR    eval.Ratio `json:"fpr"`
	Recall eval.Ratio `json:"recall"`
}

func (r *Report) count(f *dataset.Frame, rows []int) {
	seen := map[int32]bool{}
	for _, row := range rows {
		if f.Y[row] > 0 {
			r.Positive++
		}
		if f.Group != nil {
			seen[f.Group[row]] = true
		}
	}
	r.Captures = len(seen)
}

// judge chooses the threshold on the pooled held-out rows and measures with it.
func (r *Report) judge(f *dataset.Frame, h *heldOut, maxFPR float64) error {
	choose := func(without int) eval.Choice {
		var benign, malicious []float64
		for i, row := range h.rows {
			if h.fold[i] == without {
				continue
			}
			if f.Y[row] == 0 {
				benign = append(benign, h.score[i])
			} else {
				malicious = append(malicious, h.score[i])
			}
		}
		return eval.Choose(benign, malicious, maxFPR)
	}
	r.Threshold = choose(-1)
	r.Warnings = append(r.Warnings, r.Threshold.Warnings...)
	var tp, p, fp, q int
	for fold := range r.Folds {
		t := choose(fold).Threshold
		for i, row := range h.rows {
			if h.fold[i] != fold {
				continue
			}
			yes := h.score[i] >= t
			if f.Y[row] == 0 {
				q++
				if yes {
					fp++
				}
			} else {
				p++
				if yes {
					tp++
				}
			}
		}
	}
	r.Cross = &Cross{FPR: eval.NewRatio(fp, q), Recall: eval.NewRatio(tp, p)}
	if r.Cross.FPR.Lo > maxFPR {
		r.Warnings = append(r.Warnings, fmt.Errorf(
			"a threshold chosen on other captures lets through %.2g of the benign flows, not %g: choose it on the network's own traffic with fm adapt", float64(r.Cross.FPR.Value), maxFPR))
	}
	var err error
	r.HeldOut, err = eval.Evaluate(data(f, h.rows, h.score, h.predictions, h.outputs, r.Threshold.Threshold), nil, false)
	return err
}

// compare warns when the model is no better than one rule.
func (r *Report) compare() {
	auc := float64(r.HeldOut.AUC)
	if r.OneRule == nil || math.IsNaN(auc) {
		return
	}
	if r.OneRule.AUC >= auc {
		r.Warnings = append(r.Warnings, fmt.Errorf("the single rule %q does as well as the model (AUC %.3f against %.3f, held out)", r.OneRule.Rule, r.OneRule.AUC, auc))
	}
	if r.OneRule.AUC > 0.98 {
		r.Warnings = append(r.Warnings, fmt.Errorf("the single rule %q tells the sides apart almost alone: check that it is behaviour and not how the captures were made", r.OneRule.Rule))
	}
}

// Text writes the report for a terminal. Warnings are left to the caller.
func (r *Report) Text(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "trained %s on %d flows (%d malicious) of %d in %d captures, %d columns\n", r.Kind, r.Rows, r.Positive, r.Available, r.Captures, r.Columns)
	if r.PerCapture > 0 {
		fmt.Fprintf(b, "drawn: at most %d flows of a capture, seed %d\n", r.PerCapture, r.Seed)
	}
	if len(r.Left) > 0 {
		fmt.Fprintf(b, "left out: %s (--keep NAME trains on a column)\n", dataset.LeftString(r.Left))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(b, "trainer: %s\n", n)
	}
	if r.HeldOut == nil {
		fmt.Fprintf(b, "held out: nothing; threshold %.6g\n", r.Threshold.Threshold)
		return b.Flush()
	}
	fmt.Fprintf(b, "held out: %s, each once in %d parts; then refitted on all\n\n", r.Split, r.Folds)
	if err := b.Flush(); err != nil {
		return err
	}
	if err := r.HeldOut.Text(w); err != nil {
		return err
	}
	c := r.Cross
	fmt.Fprintf(b, "\nthe threshold is chosen on these rows for at most %g of the benign flows; chosen on the other parts\n", r.MaxFPR)
	fmt.Fprintf(b, "it gives recall %d of %d and calls %d of %d benign flows malicious\n", c.Recall.K, c.Recall.N, c.FPR.K, c.FPR.N)
	if o := r.OneRule; o != nil {
		fmt.Fprintf(b, "one rule for comparison: %s: recall %.3f, fpr %.3f, AUC %.3f (the model: %.3f)\n", o.Rule, float64(o.Recall.Value), float64(o.FPR.Value), o.AUC, float64(r.HeldOut.AUC))
	}
	return b.Flush()
}
