package output

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"fm/dataset"
	"fm/extract"
)

// explained are test records with reasons: one of every kind of value.
func explained() ([]extract.Record, *Explain) {
	e := &Explain{Largest: 2, Outputs: 1, Inputs: []Input{
		{Name: "fwd_packets", Unit: dataset.Count, Low: 1, High: 3},
		{Name: "gap\x1b", Unit: dataset.Millis, Low: -2, High: 12345.6, Missing: 0.254},
		{Name: "proto,\"x\"", Low: math.NaN(), High: math.NaN(), Words: []string{"tcp", "u,dp"}},
		{Name: "ratio", Low: 0.5, High: 0.5},
	}}
	recs := testRecords()
	recs[0].Reasons = []extract.Reason{{Input: 0, Value: 412, Contribution: 0.3125}, {Input: 1, Value: math.NaN(), Contribution: -0.25}}
	recs[2].Reasons = []extract.Reason{{Input: 2, Value: 1, Contribution: -1e-7}}
	for i := range recs {
		recs[i].Scores, recs[i].Class = nil, min(1, recs[i].Class)
	}
	return recs, e
}

func explainOptions(e *Explain, columns ...string) Options {
	o := testOptions()
	o.Explain, o.Columns, o.Classes = e, columns, []string{"benign", "malicious"}
	return o
}

func TestExplainCSV(t *testing.T) {
	recs, e := explained()
	got := string(written(t, filepath.Join(t.TempDir(), "x.csv"), explainOptions(e, "verdict"), recs))
	want := `verdict,explain_1_feature,explain_1_value,explain_1_usual_low,explain_1_usual_high,explain_1_contribution,explain_2_feature,explain_2_value,explain_2_usual_low,explain_2_usual_high,explain_2_contribution
malicious,fwd_packets,412,1,3,0.3125,gap` + "\x1b" + `,,-2,12345.6,-0.25
,,,,,,,,,,
benign,"proto,""x""","u,dp",,,-1e-7,,,,,
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	got = string(written(t, filepath.Join(t.TempDir(), "x.csv"), explainOptions(e, "explain_1_contribution", "verdict"), recs))
	if want := "explain_1_contribution,verdict\n0.3125,malicious\n,\n-1e-7,benign\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// All contributions of two outputs: the bias comes last in each.
func TestExplainAll(t *testing.T) {
	recs, e := explained()
	e.Largest, e.Outputs, e.Inputs = 0, 2, e.Inputs[:2]
	recs[0].Parts = []float64{1, 2, 3, -1, -2, 0.5}
	for path, want := range map[string]string{
		"x.csv":   "verdict,contribution_0_fwd_packets,contribution_0_gap\x1b,contribution_0_bias,contribution_1_fwd_packets,contribution_1_gap\x1b,contribution_1_bias\nmalicious,1,2,3,-1,-2,0.5\n",
		"x.jsonl": `{"verdict":"malicious","explain":[{"feature":"fwd_packets","value":412,"usual":[1,3],"contribution":0.3125},{"feature":"gap\u001b","value":null,"usual":[-2,12345.6],"contribution":-0.25}],"contribution_0_fwd_packets":1,"contribution_0_gap\u001b":2,"contribution_0_bias":3,"contribution_1_fwd_packets":-1,"contribution_1_gap\u001b":-2,"contribution_1_bias":0.5}` + "\n",
	} {
		if got := string(written(t, filepath.Join(t.TempDir(), path), explainOptions(e, "verdict"), recs[:1])); got != want {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
	}
	e.Outputs = 1
	if names := strings.Join(e.Columns(), " "); names != "contribution_fwd_packets contribution_gap\x1b contribution_bias" {
		t.Errorf("columns of one output: %q", names)
	}
}

func TestExplainJSONL(t *testing.T) {
	recs, e := explained()
	got := string(written(t, filepath.Join(t.TempDir(), "x.jsonl"), explainOptions(e, "verdict"), recs))
	want := `{"verdict":"malicious","explain":[{"feature":"fwd_packets","value":412,"usual":[1,3],"contribution":0.3125},{"feature":"gap\u001b","value":null,"usual":[-2,12345.6],"contribution":-0.25}]}
{"verdict":null,"explain":null}
{"verdict":"benign","explain":[{"feature":"proto,\"x\"","value":"u,dp","contribution":-1e-7}]}
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestExplainTable(t *testing.T) {
	recs, e := explained()
	o := explainOptions(e)
	o.Format = Table
	recs[2].Reasons = append(recs[2].Reasons, extract.Reason{Input: 3, Value: 1e-7})
	got := string(written(t, filepath.Join(t.TempDir(), "x"), o, recs))
	want := `start (UTC)          from                   to                     proto   packets  ended      score  verdict    why
2023-11-14 22:13:20  128.232.110.120:34855  66.35.250.204:80       tcp           5  fin       0.7500  malicious  fwd packets 412 (usual 1–3) +0.31; gap` + "\ufffd" + ` missing (usual -2 to 12346; missing in 25 %) -0.25
1969-12-31 23:59:59  [2001:db8::2]:5353     [2001:db8::1]:53       udp           1  idle
2023-11-14 22:13:22  192.168.0.89           192.168.0.1            icmp          2  input     0.0000  benign     proto,"x" u,dp -1e-07; ratio 1e-07 (usual 0.5) +0
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestExplainParquet(t *testing.T) {
	recs, e := explained()
	path := filepath.Join(t.TempDir(), "x.parquet")
	w, err := Create(path, explainOptions(e, "verdict"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(recs), w.Close(nil)); err != nil {
		t.Fatal(err)
	}
	type row struct {
		Feature *string  `parquet:"explain_1_feature,optional"`
		Value   *string  `parquet:"explain_1_value,optional"` // words, since one of the inputs has words
		Low     *float64 `parquet:"explain_1_usual_low,optional"`
		Part    *float64 `parquet:"explain_2_contribution,optional"`
	}
	rows, err := parquet.ReadFile[row](path)
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if r := rows[0]; *r.Feature != "fwd_packets" || *r.Value != "412" || *r.Low != 1 || *r.Part != -0.25 {
		t.Errorf("row 1: %v %v %v %v", *r.Feature, *r.Value, *r.Low, *r.Part)
	}
	if r := rows[1]; r.Feature != nil || r.Value != nil || r.Low != nil || r.Part != nil {
		t.Errorf("row 2 has reasons")
	}
	if r := rows[2]; *r.Value != "u,dp" || r.Low != nil || r.Part != nil {
		t.Errorf("row 3: %v", r)
	}
}
