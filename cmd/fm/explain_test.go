package main

import (
	"encoding/csv"
	"math"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// sums checks that the columns contribution_… of each row sum to the score, or its log-odds.
func sums(ts *testscript.TestScript, _ bool, args []string) {
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[0]))).ReadAll()
	ts.Check(err)
	if len(rows) < 2 {
		ts.Fatalf("%s has no rows", args[0])
	}
	for n, row := range rows[1:] {
		sum, want, parts := 0.0, math.NaN(), 0
		for i, name := range rows[0] {
			switch {
			case strings.HasPrefix(name, "contribution_"):
				v, err := strconv.ParseFloat(row[i], 64)
				ts.Check(err)
				sum += v
				parts++
			case name == "score":
				want, err = strconv.ParseFloat(row[i], 64)
				ts.Check(err)
			}
		}
		if args[1] == "log-odds" {
			want = math.Log(want / (1 - want))
		}
		if parts < 2 || !(math.Abs(sum-want) < 1e-9*(1+math.Abs(want))) {
			ts.Fatalf("%s: row %d: %d contributions sum to %v, want %v", args[0], n+1, parts, sum, want)
		}
	}
}
