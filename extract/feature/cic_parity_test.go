package feature_test

import "slices"

var cicParities = []parity{
	{name: "own", golden: "cicflowmeter.csv.gz", own: true, set: "cicflowmeter", only: known(true), least: 1, pair: cicPair},
	cicParity("cicflowmeter", "ports", "cicflowmeter/flows.csv.gz", known(true), 0.999),
	cicParity("cicflowmeter", "rest", "cicflowmeter/flows.csv.gz", known(false), 0.9),
	cicParity("cicflowmeter-fixed", "flows", "cicflowmeter-engelen/flows.csv.gz", nil, 0.999),
}

var cicPair = []string{"Flow ID", "Src IP", "Timestamp", "Flow Duration", "Total Fwd Packet", "Total Bwd packets"}

func cicParity(set, name, golden string, only func(head, row []string) bool, least float64) parity {
	return parity{name: name, golden: golden, set: set, only: only, least: least, pair: cicPair}
}

// known picks rows of TCP and UDP, or all others.
func known(yes bool) func(head, row []string) bool {
	return func(head, row []string) bool {
		p := row[slices.Index(head, "Protocol")]
		return (p == "6" || p == "17") == yes
	}
}
