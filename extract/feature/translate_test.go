package feature

import (
	"slices"
	"strings"
	"testing"

	"fm/dataset"
)

func TestTranslate(t *testing.T) {
	for _, c := range []struct {
		from, sizes, to, toSizes, name string
		want                           string // columns, with + where summed
		unit                           dataset.Unit
		differs                        string // part of one reason; "": none
	}{
		{"zeek-flowmeter", "", "fm", "", "flow_iat.avg", "gap_mean", "us", ""},
		{"zeek-flowmeter", "", "fm", "", "flow_duration", "duration", "s", ""},
		{"zeek-flowmeter", "", "fm", "", "flow_CWR_flag_count", "fwd_ece+bwd_ece", "", ""}, // by what it holds
		{"zeek-flowmeter", "", "fm", "", "fwd_bulk_bytes", "fwd_bulk_bytes_mean", "", "at least 5 packets"},
		{"zeek-flowmeter", "", "fm", "", "flow_pkts_per_sec", "packet_rate", "", "here the duration counts as at least 1 ms"},
		{"nfstream", "", "fm", "", "src2dst_mean_ps", "fwd_ip_mean", "", "sizes of frames, not of IP packets"},
		{"nfstream", "L3", "fm", "", "src2dst_mean_ps", "fwd_ip_mean", "", ""},
		{"nfstream", "D", "fm", "", "src2dst_mean_ps", "fwd_payload_mean", "", ""},
		{"nfstream", "L4", "fm", "", "src2dst_mean_ps", "fwd_ip_mean", "", "sizes of transport segments, not of IP packets"},
		{"cicflowmeter", "", "nfstream", "D", "Fwd Packet Length Mean", "src2dst_mean_ps", "", ""},
		{"cicflowmeter", "", "nfstream", "L2", "Fwd Packet Length Mean", "src2dst_mean_ps", "", "sizes of payload, not of frames"},
		{"cicflowmeter", "", "zeek-flowmeter", "", "PSH Flag Count", "fwd_PSH_flag_count+bwd_PSH_flag_count", "", ""},
		{"cicflowmeter-py", "", "fm", "", "bwd_iat_std", "bwd_gap_std", "s", "deviation of the population, not of the sample"},
		{"cic-ids2017", "", "fm", "", "_Flow_Duration", "duration", "us", ""}, // as LightGBM writes " Flow Duration"
		{"cic-ids2017", "", "fm", "", " Flow IAT Mean", "gap_mean", "us", ""}, // as published
		{"cic-ids2017", "", "fm", "", "PSH Flag Count", "fwd_syn+bwd_syn", "", "first packet only"},
		{"cic-ids2017", "", "fm", "", "Fwd Packet Length Max", "fwd_payload_max", "", "padding"},
		{"cic-ids2017", "", "cicflowmeter", "", "Subflow Fwd Packets", "Total Fwd Packet", "", ""},
		{"cse-cic-ids2018", "", "cicflowmeter", "", "Init Fwd Win Byts", "FWD Init Win Bytes", "", "-1 without TCP"},
		{"cicflowmeter", "", "fm", "", "Fwd Header Length", "", "", ""}, // fm has none
	} {
		tr, err := Translate(c.from, Layer(c.sizes), c.to, Layer(c.toSizes))
		if err != nil {
			t.Fatal(err)
		}
		m, ok := tr.Find(c.name)
		if !ok {
			t.Errorf("%s of %s is not found", c.name, c.from)
			continue
		}
		got := ""
		if m.To.Names != nil {
			got = m.To.Names[0]
			if m.To.Sum {
				got = strings.Join(m.To.Names, "+")
			}
		}
		if got != c.want || m.From.Unit != c.unit {
			t.Errorf("%s of %s is %q of %s in %q, want %q in %q", c.name, c.from, got, c.to, m.From.Unit, c.want, c.unit)
		}
		if has := slices.ContainsFunc(m.Differs, func(d string) bool { return c.differs != "" && strings.Contains(d, c.differs) }); has != (c.differs != "") || c.differs == "" && m.Differs != nil {
			t.Errorf("%s of %s as %s differs in %q, want %q", c.name, c.from, got, m.Differs, c.differs)
		}
	}
	if tr, err := Translate("nfstream", "", "fm", ""); err != nil {
		t.Error(err)
	} else if _, ok := tr.Find("no such column"); ok {
		t.Error("a column is found that is none")
	}
	for _, pair := range [][2]string{{"nosuch", "fm"}, {"fm", "nosuch"}} {
		if _, err := Translate(pair[0], "", pair[1], ""); err == nil || !strings.Contains(err.Error(), "there are: fm zeek-flowmeter") {
			t.Errorf("%v: %v", pair, err)
		}
	}
}

// A model of the published tables can be served under the rules of CICFlowMeter: every column
// that they have of a flow's behaviour is one of the set, or always 0.
func TestTranslatePublished(t *testing.T) {
	for i, tool := range []string{"cic-ids2017", "cse-cic-ids2018"} {
		tr, err := Translate(tool, "", "cicflowmeter", "")
		if err != nil {
			t.Fatal(err)
		}
		set, _ := everyColumn(t, "cicflowmeter")
		schema := set.Schema()
		for _, s := range cicSpellings {
			name := s[1+i]
			if at := schema.Index(s[0]); name == "" || at >= 0 && schema.Columns[at].Role != dataset.Feature || s[0] == "Label" || s[0] == "Flow ID" || s[0] == "Timestamp" || strings.HasSuffix(s[0], " IP") {
				continue
			}
			if m, ok := tr.Find(name); !ok || !m.From.Zero && (len(m.To.Names) == 0 || schema.Index(m.To.Names[0]) < 0) {
				t.Errorf("%s: column %q is %+v of the set", tool, name, m)
			}
		}
	}
}
