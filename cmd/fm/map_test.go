package main

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A model of CICFlowMeter's columns that is imported by the map gives packets the scores that
// it gives the same flows in the tool's units: microseconds where fm has milliseconds, sums
// of both directions, 0 where fm has no value, what is always 0, and one column twice.
func TestMapServes(t *testing.T) {
	dir := t.TempDir()
	var stderr strings.Builder
	fm := func(args ...string) string {
		t.Helper()
		stderr.Reset()
		cmd := exec.Command("fm", args...)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("fm %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
		}
		return string(out)
	}
	captures, err := filepath.Abs("../../testdata/captures")
	if err != nil {
		t.Fatal(err)
	}
	path := func(name string) string { return filepath.Join(dir, name) }
	malicious := []string{"-r", captures + "/malicious_dos_slow_http-body.pcap", captures + "/malicious_bruteforce_brute_ssh-fast.pcap"}
	benign := []string{"-r", captures + "/benign_web_web_browse-plain.pcap", captures + "/benign_dns_dns_browse-calm.pcap"}

	// The columns of the tool, made of fm's.
	micros := func(get func(string) float64, name string) float64 { return math.RoundToEven(get(name)*1e6) / 1e3 }
	columns := []struct {
		name string
		of   func(get func(string) float64) float64
	}{
		{"Flow Duration", func(get func(string) float64) float64 { return micros(get, "duration") }},
		{"Flow IAT Mean", func(get func(string) float64) float64 { return micros(get, "gap_mean") }},
		{"Bwd IAT Std", func(get func(string) float64) float64 { return micros(get, "bwd_gap_std") }},
		{"Total Fwd Packet", func(get func(string) float64) float64 { return get("fwd_packets") }},
		{"Fwd Packet Length Mean", func(get func(string) float64) float64 { return get("fwd_payload_mean") }},
		{"Fwd Segment Size Avg", func(get func(string) float64) float64 { return get("fwd_payload_mean") }},
		{"Bwd Packet Length Std", func(get func(string) float64) float64 { return get("bwd_payload_std") }},
		{"PSH Flag Count", func(get func(string) float64) float64 { return get("fwd_psh") + get("bwd_psh") }},
		{"ACK Flag Count", func(get func(string) float64) float64 { return get("fwd_ack") + get("bwd_ack") }},
		{"Bwd PSH Flags", func(func(string) float64) float64 { return 0 }},
		{"Idle Max", func(get func(string) float64) float64 { return micros(get, "idle_max") }},
	}
	var text strings.Builder
	for _, c := range columns {
		text.WriteString(c.name + ",")
	}
	text.WriteString("Label\n")
	rows := map[string][]string{}
	for label, of := range map[string][]string{"BENIGN": benign, "DoS": malicious} {
		table := cellsOf(t, fm(append([]string{"extract", "-q"}, of...)...))
		place := map[string]int{}
		for i, n := range table[0] {
			place[n] = i
		}
		for _, row := range table[1:] {
			get := func(name string) float64 {
				v, err := strconv.ParseFloat(row[place[name]], 64)
				if err != nil {
					return 0 // as the tool writes for no value
				}
				return v
			}
			line := ""
			for _, c := range columns {
				line += strconv.FormatFloat(c.of(get), 'g', -1, 64) + ","
			}
			rows[label] = append(rows[label], line+label+"\n")
		}
	}
	for _, label := range []string{"BENIGN", "DoS"} {
		text.WriteString(strings.Join(rows[label], ""))
	}
	head := text.String()[:strings.Index(text.String(), "\n")+1]
	for name, content := range map[string]string{"all.csv": text.String(), "dos.csv": head + strings.Join(rows["DoS"], "")} {
		if err := os.WriteFile(path(name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	fm("train", "-q", "--flows", path("all.csv"), "--label", "Label", "-o", path("table.fm"))
	for _, library := range []string{"lightgbm", "xgboost"} {
		file := path(map[string]string{"lightgbm": "m.txt", "xgboost": "m.json"}[library])
		fm("export", "-q", path("table.fm"), "--to", library, "-o", file)
		fm("import", file, "--map", "cicflowmeter", "-o", path("mapped.fm"))
		said := stderr.String()
		for _, want := range []string{"fm: Flow_Duration: duration, ms put into us", "PSH_Flag_Count: fwd_psh + bwd_psh", "never read by the model, so bound to nothing: ", "Bwd_PSH_Flags"} {
			if !strings.Contains(strings.ReplaceAll(said, " ", "_"), strings.ReplaceAll(want, " ", "_")) {
				t.Errorf("%s: import says\n%s\nwithout %q", library, said, want)
			}
		}
		// A probe has the columns that the model was trained on, not those that it is bound to.
		predictions := strings.Fields(fm("classify", "-q", "-m", file, "--flows", path("dos.csv"), "--raw", "--columns", "prediction"))
		probe := strings.TrimSuffix(head, "\n") + ",p\n"
		for i, row := range rows["DoS"] {
			probe += strings.TrimSuffix(row, "\n") + "," + predictions[i+1] + "\n"
		}
		if err := os.WriteFile(path("probe.csv"), []byte(probe), 0o666); err != nil {
			t.Fatal(err)
		}
		fm("import", file, "--map", "cicflowmeter", "--probe", path("probe.csv"), "--expect", "p", "-o", path("mapped.fm"))
		if said := stderr.String(); !strings.Contains(said, "predictions agree, the largest difference is 0") {
			t.Errorf("%s: the probe says\n%s", library, said)
		}
		live := fm(append([]string{"classify", "-q", "-m", path("mapped.fm"), "--columns", "score"}, malicious...)...)
		want := fm("classify", "-q", "-m", file, "--flows", path("dos.csv"), "--columns", "score")
		if live != want || strings.Count(want, "\n") < 30 {
			t.Errorf("%s: packets have scores\n%.300s\nthe rows of the table\n%.300s", library, live, want)
		}
		if lines := strings.Fields(live); len(slices.Compact(slices.Sorted(slices.Values(lines)))) < 4 {
			t.Errorf("%s: scores are too much alike to tell: %.300s", library, live)
		}
	}
}
