package eval

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Gate is a condition on a report, written METRIC OP NUMBER.
type Gate struct {
	Text   string // as given
	Metric string // recall, fpr, precision, f1, accuracy, auc, ap or recall@fpr
	AtFPR  float64
	Op     string
	Number float64
}

// GateResult is a gate held against a report.
type GateResult struct {
	Gate  string `json:"gate"`
	Value Number `json:"value"`           // what was compared; undefined fails
	Bound string `json:"bound,omitempty"` // lo or hi if an end of the exact interval was compared
	Pass  bool   `json:"pass"`
	Note  string `json:"note,omitempty"`
}

const gateForm = `want METRIC OP NUMBER, as in "recall>=0.95": METRIC is recall, fpr, precision, f1, accuracy, auc, ap or recall@fpr=X, OP is >= <= > < or ==`

// ParseGate reads a gate.
func ParseGate(text string) (Gate, error) {
	g := Gate{Text: text}
	s := strings.ReplaceAll(text, " ", "")
	at := strings.IndexAny(s, "<>")
	if at < 0 {
		at = strings.Index(s, "==")
	}
	if at < 0 {
		return g, fmt.Errorf("gate %q: no operator: %s", text, gateForm)
	}
	g.Metric, g.Op = s[:at], s[at:at+1]
	rest := s[at+1:]
	if strings.HasPrefix(rest, "=") {
		g.Op, rest = g.Op+"=", rest[1:]
	}
	var err error
	if g.Number, err = strconv.ParseFloat(rest, 64); err != nil || math.IsNaN(g.Number) {
		return g, fmt.Errorf("gate %q: not a number: %q: %s", text, rest, gateForm)
	}
	if x, ok := strings.CutPrefix(g.Metric, "recall@fpr="); ok {
		g.Metric = "recall@fpr"
		if g.AtFPR, err = strconv.ParseFloat(x, 64); err != nil || !(g.AtFPR >= 0 && g.AtFPR <= 1) {
			return g, fmt.Errorf("gate %q: not a rate: %q: %s", text, x, gateForm)
		}
		return g, nil
	}
	switch g.Metric {
	case "recall", "fpr", "precision", "f1", "accuracy", "auc", "ap":
		return g, nil
	}
	return g, fmt.Errorf("gate %q: unknown metric %q: %s", text, g.Metric, gateForm)
}

// Check holds g against r. With bound set, the end of the exact interval that is worse
// for the gate is compared; auc and ap have no exact interval, so their point is.
func (g Gate) Check(r *Report, bound bool) GateResult {
	out := GateResult{Gate: g.Text}
	ratio, exact := Ratio{}, true
	switch g.Metric {
	case "recall":
		ratio = r.Recall
	case "fpr":
		ratio = r.FPR
	case "precision":
		ratio = r.Precision
	case "f1":
		ratio = r.F1
	case "accuracy":
		ratio = r.Accuracy
	case "auc":
		ratio, exact = Ratio{Value: r.AUC}, false
	case "ap":
		ratio, exact = Ratio{Value: r.AveragePrecision}, false
	case "recall@fpr":
		ratio = r.recallAt(g.AtFPR)
		exact = ratio.N > 0
	}
	out.Value = ratio.Value
	if bound && g.Op != "==" && !math.IsNaN(float64(ratio.Value)) {
		switch {
		case !exact:
			out.Note = "no exact interval: the point is compared"
		case g.Op[0] == '>':
			out.Value, out.Bound = Number(ratio.Lo), "lo"
		default:
			out.Value, out.Bound = Number(ratio.Hi), "hi"
		}
	}
	v := float64(out.Value)
	switch g.Op {
	case ">=":
		out.Pass = v >= g.Number
	case "<=":
		out.Pass = v <= g.Number
	case ">":
		out.Pass = v > g.Number
	case "<":
		out.Pass = v < g.Number
	case "==":
		out.Pass = v == g.Number
	}
	if math.IsNaN(v) {
		out.Note = "undefined on these rows"
	}
	return out
}
