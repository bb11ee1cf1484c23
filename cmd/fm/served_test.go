package main

import (
	"math"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"fm/dataset"
	"fm/extract/feature"
)

// A model that was trained on a tool's table serves packets only if their columns are the
// table's. Of every set, each number of the native layout is the one that the original
// layout prints, as exactly as it prints; and where there is none, that prints nothing, NaN,
// an infinity, or the column's filler.
func TestServedNumbers(t *testing.T) {
	const captures = "../../testdata/captures/"
	for _, d := range feature.Sets() {
		set, err := feature.Build(d.Name, map[string]string{feature.Faithful: "true"})
		if d.Name == defaultSet || err != nil || set.Original == nil {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			table := func(layout string) [][]string {
				args := []string{"extract", "-q", "--set", d.Name, "--set-option", "faithful=true", "--layout", layout, "--format", "csv", "-r",
					captures + "benign_web_web_browse-plain.pcap", captures + "benign_dns_dns_browse-calm.pcap", captures + "benign_monitoring_icmp_monitor-checks.pcap",
					captures + "malicious_bruteforce_brute_ssh-fast.pcap", captures + "malicious_dos_flood_syn-ports.pcap"}
				var stderr strings.Builder
				cmd := exec.Command("fm", args...)
				cmd.Stderr = &stderr
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("fm %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
				}
				return cellsOf(t, string(out))
			}
			native, original := table("native"), table("original")
			if len(native) != len(original) || len(native) < 5 {
				t.Fatalf("%d rows, %d in the original layout", len(native), len(original))
			}
			place := map[string]int{}
			for i, n := range original[0] {
				place[n] = i
			}
			compared := 0
			for c, name := range native[0] {
				at, both := place[name]
				i := set.Schema().Index(name)
				if !both || i < 0 || set.Columns[i].Role != dataset.Feature {
					continue
				}
				for r := 1; r < len(native); r++ {
					if why := sameServed(native[r][c], original[r][at], set.Columns[i].Filler); why != "" {
						t.Errorf("row %d: column %s is %q, in the original layout %q: %s", r, name, native[r][c], original[r][at], why)
						break
					}
					compared++
				}
			}
			if compared < 20*len(native) && d.Name != "flowcontainer" {
				t.Errorf("only %d numbers compared", compared)
			}
		})
	}
}

// sameServed says how a cell of the native layout is not what one of the original layout says.
func sameServed(native, original string, filler float64) string {
	want, err := strconv.ParseFloat(original, 64)
	if native == "" {
		if err != nil || math.IsInf(want, 0) || math.IsNaN(want) || want == filler && filler != 0 {
			return ""
		}
		return "a number that is no filler"
	}
	got, nativeErr := strconv.ParseFloat(native, 64)
	if err != nil || nativeErr != nil {
		return "not two numbers"
	}
	digits := 0 // behind the point, as printed
	if _, part, ok := strings.Cut(strings.ToLower(original), "."); ok {
		part, _, _ = strings.Cut(part, "e")
		digits = len(part)
	}
	if math.Abs(got-want) <= 0.51*math.Pow10(-digits) || math.Abs(got-want) <= 1e-12*math.Abs(want) {
		return ""
	}
	return "another number"
}
