package eval

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// MarshalJSON implements json.Marshaler.
func (w Warnings) MarshalJSON() ([]byte, error) {
	texts := make([]string, len(w))
	for i, e := range w {
		texts[i] = e.Error()
	}
	return json.Marshal(texts)
}

// JSON writes the report as one indented object.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// percent prints a rate with as many digits as it needs to differ from 0 and 1.
func percent(v Number) string {
	f := float64(v)
	if math.IsNaN(f) {
		return "–"
	}
	digits := 1
	if p := math.Min(f, 1-f); p > 0 && p < 0.01 {
		digits = 3
	}
	return strconv.FormatFloat(100*f, 'f', digits, 64) + " %"
}

func plain(v Number) string {
	if math.IsNaN(float64(v)) {
		return "–"
	}
	return strconv.FormatFloat(float64(v), 'f', 4, 64)
}

func amount(v Number) string {
	if math.IsNaN(float64(v)) {
		return "–"
	}
	return strconv.FormatFloat(float64(v), 'f', 0, 64)
}

// rate is one line of the table of rates.
type rate struct {
	name string
	Ratio
}

func (r *Report) rates() []rate {
	return []rate{{"recall", r.Recall}, {"fpr", r.FPR}, {"precision", r.Precision}, {"f1", r.F1}, {"accuracy", r.Accuracy}}
}

func (r *Report) flows() string {
	if r.FlowsAssumed {
		return fmt.Sprintf("%.0f flows a day, assumed", r.FlowsPerDay)
	}
	return fmt.Sprintf("%.0f flows a day, as here", r.FlowsPerDay)
}

// maxCaptures bounds the table of captures in text and Markdown, worst first; JSON has
// all, in the order of the inputs.
const maxCaptures = 40

// worst lists the captures with the most wrong verdicts first.
func (r *Report) worst() []CaptureResult {
	sorted := slices.Clone(r.PerCapture)
	slices.SortStableFunc(sorted, func(a, b CaptureResult) int {
		return (b.FP + b.Positive - b.TP) - (a.FP + a.Positive - a.TP)
	})
	return sorted
}

// Text writes the report for a terminal.
func (r *Report) Text(w io.Writer) error {
	b := bufio.NewWriter(w)
	c := r.Confusion
	fmt.Fprintf(b, "rows %d, malicious %d, benign %d, threshold %.6g\n\n", r.Rows, r.Positive, r.Rows-r.Positive, r.Threshold)
	fmt.Fprintf(b, "%-18s %12s %12s\n", "", "said benign", "said malicious")
	fmt.Fprintf(b, "%-18s %12d %12d\n", "is benign", c.TN, c.FP)
	fmt.Fprintf(b, "%-18s %12d %12d\n\n", "is malicious", c.FN, c.TP)
	for _, x := range r.rates() {
		fmt.Fprintf(b, "%-18s %10s   %d of %d, 95 %% interval %s to %s\n", x.name, percent(x.Value), x.K, x.N, percent(Number(x.Lo)), percent(Number(x.Hi)))
	}
	fmt.Fprintf(b, "%-18s %10s\n%-18s %10s\n", "AUC", plain(r.AUC), "average precision", plain(r.AveragePrecision))
	fmt.Fprintf(b, "%-18s %10s at 1e-2, %s at 1e-3, %s at 1e-4\n", "recall at FPR", percent(r.RecallAtFPR.E2), percent(r.RecallAtFPR.E3), percent(r.RecallAtFPR.E4))
	fmt.Fprintf(b, "%-18s %10s of the flows", "judged benign", percent(r.JudgedBenign.Flows))
	if r.JudgedBenign.Packets != nil {
		fmt.Fprintf(b, ", %s of the packets", percent(*r.JudgedBenign.Packets))
	}
	if r.JudgedBenign.Bytes != nil {
		fmt.Fprintf(b, ", %s of the bytes", percent(*r.JudgedBenign.Bytes))
	}
	fmt.Fprintf(b, "\n\nif this share is malicious   right alerts   at worst   alerts a day   false ones (%s)\n", r.flows())
	for _, x := range r.BaseRates {
		fmt.Fprintf(b, "%26s %14s %10s %14s %12s\n", strconv.FormatFloat(x.Rate, 'g', -1, 64), percent(x.Precision), percent(x.PrecisionLo), amount(x.Alerts), amount(x.FalseAlerts))
	}
	if len(r.PerClass) > 0 {
		fmt.Fprintf(b, "\n%-24s %8s %12s   %s\n", "class", "rows", "alerts", "95 % interval")
		for _, x := range r.PerClass {
			fmt.Fprintf(b, "%-24s %8d %12s   %s to %s", x.Class, x.Rows, percent(x.Alert.Value), percent(Number(x.Alert.Lo)), percent(Number(x.Alert.Hi)))
			if x.Right != nil {
				fmt.Fprintf(b, ", class right %s", percent(x.Right.Value))
			}
			fmt.Fprintln(b)
		}
	}
	if c.Matrix != nil {
		fmt.Fprintf(b, "\n%-24s", "is \\ said")
		for _, name := range c.Classes {
			fmt.Fprintf(b, " %10s", name)
		}
		fmt.Fprintln(b)
		for t, name := range c.Classes {
			fmt.Fprintf(b, "%-24s", name)
			for _, n := range c.Matrix[t] {
				fmt.Fprintf(b, " %10d", n)
			}
			fmt.Fprintln(b)
		}
	}
	if len(r.PerCapture) > 1 {
		fmt.Fprintf(b, "\n%8s %10s %8s %8s  %s\n", "rows", "malicious", "found", "false", "capture")
		for i, x := range r.worst() {
			if i == maxCaptures {
				fmt.Fprintf(b, "%8s and %d captures more, see --format json\n", "", len(r.PerCapture)-i)
				break
			}
			fmt.Fprintf(b, "%8d %10d %8d %8d  %s\n", x.Rows, x.Positive, x.TP, x.FP, x.Capture)
		}
	}
	if len(r.Gates) > 0 {
		fmt.Fprintln(b)
	}
	for _, g := range r.Gates {
		fmt.Fprintf(b, "gate %-28s %s\n", g.Gate, g.verdict())
	}
	return b.Flush()
}

func (g GateResult) verdict() string {
	s := "FAIL"
	if g.Pass {
		s = "pass"
	}
	s += ": " + strings.ReplaceAll(fmt.Sprintf("%.6g", float64(g.Value)), "NaN", "undefined")
	if g.Bound != "" {
		s += " (" + g.Bound + " end of the 95 % interval)"
	}
	if g.Note != "" {
		s += " (" + g.Note + ")"
	}
	return s
}

// Markdown writes the report as tables.
func (r *Report) Markdown(w io.Writer) error {
	b := bufio.NewWriter(w)
	c := r.Confusion
	fmt.Fprintf(b, "%d rows, %d malicious, threshold %.6g\n\n", r.Rows, r.Positive, r.Threshold)
	fmt.Fprintf(b, "| | said benign | said malicious |\n| --- | ---: | ---: |\n| is benign | %d | %d |\n| is malicious | %d | %d |\n\n", c.TN, c.FP, c.FN, c.TP)
	fmt.Fprint(b, "| metric | value | of | 95 % interval |\n| --- | ---: | ---: | --- |\n")
	for _, x := range r.rates() {
		fmt.Fprintf(b, "| %s | %s | %d of %d | %s to %s |\n", x.name, percent(x.Value), x.K, x.N, percent(Number(x.Lo)), percent(Number(x.Hi)))
	}
	fmt.Fprintf(b, "| AUC | %s | | |\n| average precision | %s | | |\n", plain(r.AUC), plain(r.AveragePrecision))
	fmt.Fprintf(b, "| recall at FPR 1e-2 | %s | | |\n| recall at FPR 1e-3 | %s | | |\n| recall at FPR 1e-4 | %s | | |\n", percent(r.RecallAtFPR.E2), percent(r.RecallAtFPR.E3), percent(r.RecallAtFPR.E4))
	fmt.Fprintf(b, "| flows judged benign | %s | | |\n", percent(r.JudgedBenign.Flows))
	fmt.Fprintf(b, "\n| share malicious | right alerts | at worst | alerts a day (%s) | false ones |\n| ---: | ---: | ---: | ---: | ---: |\n", r.flows())
	for _, x := range r.BaseRates {
		fmt.Fprintf(b, "| %g | %s | %s | %s | %s |\n", x.Rate, percent(x.Precision), percent(x.PrecisionLo), amount(x.Alerts), amount(x.FalseAlerts))
	}
	if len(r.PerClass) > 0 {
		fmt.Fprint(b, "\n| class | rows | alerts | 95 % interval |\n| --- | ---: | ---: | --- |\n")
		for _, x := range r.PerClass {
			fmt.Fprintf(b, "| %s | %d | %s | %s to %s |\n", cell(x.Class), x.Rows, percent(x.Alert.Value), percent(Number(x.Alert.Lo)), percent(Number(x.Alert.Hi)))
		}
	}
	if len(r.PerCapture) > 1 {
		fmt.Fprint(b, "\n| capture | rows | malicious | found | false |\n| --- | ---: | ---: | ---: | ---: |\n")
		for i, x := range r.worst() {
			if i == maxCaptures {
				fmt.Fprintf(b, "| and %d captures more | | | | |\n", len(r.PerCapture)-i)
				break
			}
			fmt.Fprintf(b, "| %s | %d | %d | %d | %d |\n", cell(x.Capture), x.Rows, x.Positive, x.TP, x.FP)
		}
	}
	if len(r.Gates) > 0 {
		fmt.Fprint(b, "\n| gate | verdict |\n| --- | --- |\n")
		for _, g := range r.Gates {
			fmt.Fprintf(b, "| `%s` | %s |\n", cell(g.Gate), g.verdict())
		}
	}
	for i, e := range r.Warnings {
		if i == 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintf(b, "- warning: %s\n", e)
	}
	return b.Flush()
}

// cell keeps a text inside its Markdown cell.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", " ").Replace(s)
}

// JUnit writes the gates as test cases, which CI systems show; without gates it has one
// case that passes. The text report is its output.
func (r *Report) JUnit(w io.Writer) error {
	type message struct {
		Message string `xml:"message,attr"`
	}
	type testcase struct {
		Name    string   `xml:"name,attr"`
		Class   string   `xml:"classname,attr"`
		Failure *message `xml:"failure"`
		Output  string   `xml:"system-out,omitempty"`
	}
	type testsuite struct {
		XMLName  xml.Name   `xml:"testsuite"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testcase `xml:"testcase"`
		Output   string     `xml:"system-out"`
	}
	s := testsuite{Name: "fm evaluate"}
	for _, g := range r.Gates {
		c := testcase{Name: g.Gate, Class: "gate", Output: g.verdict()}
		if !g.Pass {
			c.Failure = &message{g.verdict()}
			s.Failures++
		}
		s.Cases = append(s.Cases, c)
	}
	if len(s.Cases) == 0 {
		s.Cases = []testcase{{Name: "evaluate", Class: "report"}}
	}
	s.Tests = len(s.Cases)
	var text strings.Builder
	if err := r.Text(&text); err != nil {
		return err
	}
	s.Output = text.String()
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
