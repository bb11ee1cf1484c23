package eval

import (
	"errors"
	"fmt"
	"math"
)

// Data is rows with verdicts to be judged. Slices that are not nil have one entry a row.
type Data struct {
	Truth     []bool    // malicious
	Score     []float64 // malicious if at least Threshold
	Threshold float64
	Weight    []float64 // for AUC, average precision and recall at FPR only; nil: 1 each

	Class     []int32  // true class of each row, an index into Classes
	Predicted []int32  // likeliest class of each row; nil if there are but two
	Classes   []string // index 0 is benign

	Group  []int32 // capture of each row, an index into Groups
	Groups []string

	Packets, Bytes []float64 // of each flow
	Hours          float64   // time that the rows cover; 0: unknown
}

// Report is what an evaluation found. Its JSON names are part of the command's contract.
type Report struct {
	Rows             int             `json:"rows"`
	Positive         int             `json:"positive"`
	Threshold        float64         `json:"threshold"`
	Confusion        Confusion       `json:"confusion"`
	Recall           Ratio           `json:"recall"`
	FPR              Ratio           `json:"fpr"`
	Precision        Ratio           `json:"precision"`
	F1               Ratio           `json:"f1"`
	Accuracy         Ratio           `json:"accuracy"`
	AUC              Number          `json:"auc"`
	AveragePrecision Number          `json:"average_precision"`
	RecallAtFPR      RecallAtFPR     `json:"recall_at_fpr"`
	Weighted         bool            `json:"weighted,omitempty"` // AUC, average precision, recall at FPR
	BaseRates        []BaseRate      `json:"base_rates"`
	FlowsPerDay      float64         `json:"flows_per_day"`
	FlowsAssumed     bool            `json:"flows_per_day_assumed,omitempty"`
	JudgedBenign     Shares          `json:"judged_benign"`
	PerClass         []ClassResult   `json:"per_class,omitempty"`
	PerCapture       []CaptureResult `json:"per_capture,omitempty"`
	Gates            []GateResult    `json:"gates,omitempty"`
	Warnings         Warnings        `json:"warnings"`

	curve *Curve
	truth []bool
	score []float64
}

// Confusion counts verdicts. With more than two classes, Matrix[t][p] is the number of
// rows of class t whose likeliest class is p.
type Confusion struct {
	TN      int      `json:"tn"`
	FP      int      `json:"fp"`
	FN      int      `json:"fn"`
	TP      int      `json:"tp"`
	Classes []string `json:"classes,omitempty"`
	Matrix  [][]int  `json:"matrix,omitempty"`
}

// RecallAtFPR is the recall at the lowest threshold that keeps the false positive rate.
type RecallAtFPR struct {
	E2 Number `json:"1e-2"`
	E3 Number `json:"1e-3"`
	E4 Number `json:"1e-4"`
}

// BaseRate is what the measured rates mean where only Rate of the flows are malicious.
type BaseRate struct {
	Rate        float64 `json:"rate"`
	Precision   Number  `json:"precision"`    // share of the alerts that are right
	PrecisionLo Number  `json:"precision_lo"` // at the bad ends of both intervals
	Alerts      Number  `json:"alerts_per_day"`
	FalseAlerts Number  `json:"false_alerts_per_day"`
}

// Shares are the parts of the rows judged benign, which need no deeper look.
type Shares struct {
	Flows   Number  `json:"flows"`
	Packets *Number `json:"packets,omitempty"`
	Bytes   *Number `json:"bytes,omitempty"`
}

// ClassResult is one true class.
type ClassResult struct {
	Class string `json:"class"`
	Rows  int    `json:"rows"`
	Alert Ratio  `json:"alert"`           // called malicious
	Right *Ratio `json:"right,omitempty"` // likeliest class is the true one
}

// CaptureResult is one group of rows.
type CaptureResult struct {
	Capture  string `json:"capture"`
	Rows     int    `json:"rows"`
	Positive int    `json:"positive"`
	FP       int    `json:"fp"`
	TP       int    `json:"tp"`
	AUC      Number `json:"auc"`
}

// Warnings print as texts in JSON, an empty list if there are none.
type Warnings []error

// Rates are the base rates of a report.
var rates = [...]float64{1e-2, 1e-3, 1e-4, 1e-5}

// assumedFlows are the flows a day of a report that knows no time.
const assumedFlows = 1e6

// Evaluate judges d and holds the gates against the result; bound makes the gates
// compare the worse end of the exact interval. The report keeps references to d's slices.
func Evaluate(d Data, gates []Gate, bound bool) (*Report, error) {
	n := len(d.Score)
	if len(d.Truth) != n || d.Weight != nil && len(d.Weight) != n || d.Class != nil && len(d.Class) != n ||
		d.Predicted != nil && len(d.Predicted) != n || d.Group != nil && len(d.Group) != n ||
		d.Packets != nil && len(d.Packets) != n || d.Bytes != nil && len(d.Bytes) != n {
		return nil, errors.New("evaluate: columns differ in length")
	}
	r := &Report{Rows: n, Threshold: d.Threshold, Weighted: d.Weight != nil, truth: d.Truth, score: d.Score}
	c := &r.Confusion
	undefined := 0
	for i, s := range d.Score {
		if s != s {
			undefined++
		}
		switch alert := s >= d.Threshold; {
		case alert && d.Truth[i]:
			c.TP++
		case alert:
			c.FP++
		case d.Truth[i]:
			c.FN++
		default:
			c.TN++
		}
	}
	r.Positive = c.TP + c.FN
	r.Recall, r.FPR = NewRatio(c.TP, c.TP+c.FN), NewRatio(c.FP, c.FP+c.TN)
	r.Precision, r.Accuracy = NewRatio(c.TP, c.TP+c.FP), NewRatio(c.TP+c.TN, n)
	r.F1 = f1(*c)
	r.curve = NewCurve(d.Truth, d.Score, d.Weight)
	r.AUC, r.AveragePrecision = Number(r.curve.AUC()), Number(r.curve.AveragePrecision())
	r.RecallAtFPR = RecallAtFPR{
		Number(r.curve.AtFPR(1e-2).Recall), Number(r.curve.AtFPR(1e-3).Recall), Number(r.curve.AtFPR(1e-4).Recall),
	}
	r.classes(d)
	r.captures(d)
	r.baseRates(d.Hours)
	r.judgedBenign(d)
	r.warn(undefined)
	for _, g := range gates {
		r.Gates = append(r.Gates, g.Check(r, bound))
	}
	return r, nil
}

// f1 is 2TP / (2TP+FP+FN) as K of N. Its interval is that of J = TP / (TP+FP+FN), which
// is a binomial rate among rows that are positive on either side, mapped by F1 = 2J/(1+J).
func f1(c Confusion) Ratio {
	r := Ratio{K: 2 * c.TP, N: 2*c.TP + c.FP + c.FN}
	r.Value = Number(float64(r.K) / float64(r.N))
	lo, hi := Interval(c.TP, c.TP+c.FP+c.FN)
	r.Lo, r.Hi = 2*lo/(1+lo), 2*hi/(1+hi)
	return r
}

// recallAt is the recall at the lowest threshold whose false positive rate is at most
// budget; with weights it has no counts.
func (r *Report) recallAt(budget float64) Ratio {
	p := r.curve.AtFPR(budget)
	if r.Weighted {
		return Ratio{Value: Number(p.Recall)}
	}
	k := 0
	for i, s := range r.score {
		if r.truth[i] && s >= p.Threshold {
			k++
		}
	}
	return NewRatio(k, r.Positive)
}

func (r *Report) classes(d Data) {
	if d.Class == nil {
		return
	}
	k := len(d.Classes)
	rows, alerts, right := make([]int, k), make([]int, k), make([]int, k)
	multi := d.Predicted != nil && k > 2
	if multi {
		r.Confusion.Classes, r.Confusion.Matrix = d.Classes, make([][]int, k)
		for t := range r.Confusion.Matrix {
			r.Confusion.Matrix[t] = make([]int, k)
		}
	}
	for i, t := range d.Class {
		if t < 0 || int(t) >= k {
			continue
		}
		rows[t]++
		if d.Score[i] >= d.Threshold {
			alerts[t]++
		}
		if multi {
			r.Confusion.Matrix[t][d.Predicted[i]]++
			if d.Predicted[i] == t {
				right[t]++
			}
		}
	}
	for t, name := range d.Classes {
		if rows[t] == 0 {
			continue
		}
		one := ClassResult{Class: name, Rows: rows[t], Alert: NewRatio(alerts[t], rows[t])}
		if multi {
			ratio := NewRatio(right[t], rows[t])
			one.Right = &ratio
		}
		r.PerClass = append(r.PerClass, one)
	}
}

func (r *Report) captures(d Data) {
	if d.Group == nil {
		return
	}
	members := make([][]int, len(d.Groups))
	for i, g := range d.Group {
		members[g] = append(members[g], i)
	}
	for g, name := range d.Groups {
		if len(members[g]) == 0 {
			continue
		}
		one := CaptureResult{Capture: name, Rows: len(members[g])}
		truth, score := make([]bool, 0, one.Rows), make([]float64, 0, one.Rows)
		for _, i := range members[g] {
			alert := d.Score[i] >= d.Threshold
			if d.Truth[i] {
				one.Positive++
				if alert {
					one.TP++
				}
			} else if alert {
				one.FP++
			}
			truth, score = append(truth, d.Truth[i]), append(score, d.Score[i])
		}
		one.AUC = Number(NewCurve(truth, score, nil).AUC())
		r.PerCapture = append(r.PerCapture, one)
	}
}

// baseRates applies Bayes' rule to recall and false positive rate: of all flows
// rate·recall are right alerts and (1-rate)·fpr false ones.
func (r *Report) baseRates(hours float64) {
	r.FlowsPerDay, r.FlowsAssumed = assumedFlows, true
	if hours > 0 {
		r.FlowsPerDay, r.FlowsAssumed = float64(r.Rows)/hours*24, false
	}
	for _, rate := range rates {
		b := BaseRate{Rate: rate}
		right, wrong := float64(rate*float64(r.Recall.Value)), float64((1-rate)*float64(r.FPR.Value)) // no product is fused with a sum: the same bits on every CPU
		b.Precision = Number(right / (right + wrong))
		low := float64(rate * r.Recall.Lo)
		b.PrecisionLo = Number(low / (low + float64((1-rate)*r.FPR.Hi)))
		b.Alerts, b.FalseAlerts = Number((right+wrong)*r.FlowsPerDay), Number(wrong*r.FlowsPerDay)
		r.BaseRates = append(r.BaseRates, b)
	}
}

func (r *Report) judgedBenign(d Data) {
	r.JudgedBenign.Flows = Number(float64(r.Confusion.TN+r.Confusion.FN) / float64(r.Rows))
	share := func(amounts []float64) *Number {
		if amounts == nil {
			return nil
		}
		sum, benign := 0.0, 0.0
		for i, a := range amounts {
			if a != a {
				continue
			}
			sum += a
			if !(d.Score[i] >= d.Threshold) {
				benign += a
			}
		}
		n := Number(benign / sum)
		return &n
	}
	r.JudgedBenign.Packets, r.JudgedBenign.Bytes = share(d.Packets), share(d.Bytes)
}

func (r *Report) warn(undefined int) {
	negative := r.Rows - r.Positive
	if undefined > 0 {
		r.Warnings = append(r.Warnings, fmt.Errorf("%d rows have no score and count as judged benign", undefined))
	}
	switch {
	case r.Rows == 0:
		r.Warnings = append(r.Warnings, errors.New("no rows: nothing is measured"))
	case r.Positive == 0:
		r.Warnings = append(r.Warnings, errors.New("no malicious rows: recall, precision and AUC are not measured"))
	case negative == 0:
		r.Warnings = append(r.Warnings, errors.New("no benign rows: the false positive rate and AUC are not measured"))
	}
	for _, budget := range []float64{1e-2, 1e-3, 1e-4} {
		if negative > 0 && negative < Needed(budget) {
			r.Warnings = append(r.Warnings, fmt.Errorf("%d benign rows are too few to measure a false positive rate of %g: at least %d are needed", negative, budget, Needed(budget)))
			break
		}
	}
	if r.Rows > 0 && negative > 0 && math.IsInf(r.curve.AtFPR(1e-2).Threshold, 1) {
		r.Warnings = append(r.Warnings, errors.New("more than 1 % of the benign rows share the highest score: no threshold keeps a false positive rate of 0.01"))
	}
}
