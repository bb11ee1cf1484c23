package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"fm/extract/feature"
	"fm/model/foreign"
)

var goldensDir = flag.String("goldens", "", "folder of what the original tools wrote for the reference captures (with -captures)")

// written is what a run of the program that succeeds writes.
func written(t *testing.T, args ...string) string {
	t.Helper()
	r := fm(t, nil, args...)
	if r.status != 0 {
		t.Fatalf("fm %s: status %d\n%s", strings.Join(args, " "), r.status, r.stderr)
	}
	return r.stdout
}

// Deepfence FlowMeter's parameters, imported, give its verdicts and its probabilities on the
// flows of captures, and come out again as they were.
func TestDeepfenceVerdicts(t *testing.T) {
	own := "testdata/deepfence"
	type run struct {
		parameters, verdicts, captures string
		options                        []string
		unknown                        int // flows without duration, whose probability is no number
	}
	runs := []run{{own, own + "/verdicts.csv", "../../testdata/captures", nil, 0}}
	if *goldensDir != "" {
		dir := filepath.Join(*goldensDir, "deepfence")
		known := []string{"--set-option", "local_ip=143.198.72.237"}
		runs = append(runs,
			run{filepath.Join(dir, "parameters"), filepath.Join(dir, "verdicts.csv.gz"), *capturesDir, nil, 1},
			run{filepath.Join(dir, "parameters"), filepath.Join(dir, "verdicts_documented_command.csv.gz"), *capturesDir, known, 1})
	}
	for _, r := range runs {
		t.Run(filepath.Base(r.verdicts), func(t *testing.T) {
			m := filepath.Join(t.TempDir(), "m.fm")
			written(t, append([]string{"import", "-q", r.parameters, "-o", m}, r.options...)...)
			flows, unknown := 0, 0
			for file, rows := range verdictsOf(t, r.verdicts) {
				got := map[string][2]string{}
				// A damaged capture ends with status 1, and rows as far as the damage.
				judged := fm(t, nil, "classify", "-q", "-m", m, "--format", "csv", "--columns", "src_ip,dst_ip,protocol,src_port,dst_port,score,verdict", "-r", filepath.Join(r.captures, file))
				for _, row := range cellsOf(t, judged.stdout)[1:] {
					protocol := map[string]string{"6": "TCP", "17": "UDP"}[row[2]]
					got[strings.Join([]string{row[0], row[1], protocol, row[3], row[4]}, "--")] = [2]string{row[5], row[6]}
				}
				if len(got) != len(rows) {
					t.Errorf("%s: %d flows, the tool has %d", file, len(got), len(rows))
				}
				for tuple, want := range rows {
					flows++
					if want[1] == "NaN" {
						unknown++
						want[1] = "0"
					}
					score, err := strconv.ParseFloat(got[tuple][0], 64)
					probability, _ := strconv.ParseFloat(want[1], 64)
					near := math.Abs(score-probability) <= 1e-12*probability
					if runtime.GOARCH == "amd64" {
						near = score == probability // the same exponential function
					}
					if err != nil || !near || got[tuple][1] != strings.ToLower(want[0]) {
						t.Errorf("%s %s: %v, the tool %v", file, tuple, got[tuple], want)
					}
				}
			}
			if flows < 50 || unknown != r.unknown {
				t.Errorf("%d flows, %d of them without a probability, want %d", flows, unknown, r.unknown)
			}
			back := t.TempDir()
			written(t, "export", "-q", m, "--to", "deepfence", "-o", back)
			for _, name := range []string{"mean.txt", "std.txt", "weights.txt", "intercept.txt"} {
				want, err := os.ReadFile(filepath.Join(r.parameters, name))
				if err != nil {
					t.Fatal(err)
				}
				if got, err := os.ReadFile(filepath.Join(back, name)); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s comes out otherwise than it came in (%v)", name, err)
				}
			}
		})
	}
}

// verdictsOf reads verdict and probability of flows, by capture and by the tool's key
// without the names of ports.
func verdictsOf(t *testing.T, path string) map[string]map[string][2]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string][2]string{}
	for _, r := range rows[1:] {
		if out[r[0]] == nil {
			out[r[0]] = map[string][2]string{}
		}
		parts := strings.Split(r[1], "--")
		for i, p := range parts {
			parts[i], _, _ = strings.Cut(p, "(")
		}
		out[r[0]][strings.Join(parts, "--")] = [2]string{r[2], r[3]}
	}
	return out
}

// The columns of the set are the inputs of the tool's model, in its order.
func TestDeepfenceInputs(t *testing.T) {
	set, err := feature.Build("deepfence", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := foreign.ReadFolder(os.DirFS("testdata/deepfence"), "testdata", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range set.Columns {
		names = append(names, c.Name)
	}
	if got, want := strings.Join(m.Names, " "), strings.Join(names, " "); got != want {
		t.Errorf("inputs %s, columns %s", got, want)
	}
}
