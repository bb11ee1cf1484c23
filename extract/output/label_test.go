package output

import (
	"strings"
	"testing"

	"fm/dataset"
)

func TestLabeler(t *testing.T) {
	rules, err := dataset.ReadLabels(strings.NewReader("file\tproto\tip\tport\tlabel\n*\t*\t2001:db8::/32\t*\tbackground\nb.pcap\t1\t*\t*\tignore\na.pcap\t6\t66.35.250.204\t80\tscan\n"), "r")
	if err != nil {
		t.Fatal(err)
	}
	recs := testRecords()
	for i := range recs {
		recs[i].Label = "from before"
	}
	l := &Labeler{Labels: rules, Mark: "benign", Source: func(i uint32) string { return []string{"x/a.pcap", "x/b.pcap"}[i] }}
	if err := l.Process(recs); err != nil {
		t.Fatal(err)
	}
	if got := recs[0].Label + " " + recs[1].Label + " " + recs[2].Label; got != "scan background benign" {
		t.Errorf("labels %s", got)
	}
	recs[2].Flow.Input = 1
	if err := (&Labeler{Mark: "malicious"}).Process(recs[:1]); err != nil || recs[0].Label != "malicious" {
		t.Errorf("without rules: %q, %v", recs[0].Label, err)
	}
	if n := testing.AllocsPerRun(100, func() {
		if err := l.Process(recs); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if recs[2].Label != "ignore" {
		t.Errorf("ICMP of b.pcap is %q", recs[2].Label)
	}
}
