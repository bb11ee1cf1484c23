package feature_test

import (
	"math"
	"strings"
	"testing"

	"fm/dataset"
	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/flowtest"
)

// again is a connection with segments that come again. tshark 4.0.17 calls the packets 6
// (fast or not), 8 and 9 retransmissions, not 5 (out of order) and 10 (keeps alive).
const again = `
	at 0ms    10.0.0.1:5000 > 10.0.0.2:80 tcp S  win=100
	at 50ms   10.0.0.2:80 > 10.0.0.1:5000 tcp SA win=100
	at 100ms  10.0.0.1:5000 > 10.0.0.2:80 tcp A  win=100
	at 200ms  10.0.0.1:5000 > 10.0.0.2:80 tcp PA win=100 seq=1101 len=100
	at 210ms  10.0.0.1:5000 > 10.0.0.2:80 tcp PA win=100 seq=1001 len=100   # out of order
	at 900ms  10.0.0.1:5000 > 10.0.0.2:80 tcp PA win=100 seq=1101 len=100   # again
	at 950ms  10.0.0.2:80 > 10.0.0.1:5000 tcp A  win=100 ack=1201
	at 951ms  10.0.0.1:5000 > 10.0.0.2:80 tcp PA win=100 seq=1101 len=100   # though acknowledged
	at 1951ms 10.0.0.2:80 > 10.0.0.1:5000 tcp SA win=100 seq=1000 ack=1001
	at 9s     10.0.0.1:5000 > 10.0.0.2:80 tcp A  win=100 seq=1200 len=1     # keeps alive
`

// TestFlowContainerRules shows the rules on roles, lengths and what does not count.
func TestFlowContainerRules(t *testing.T) {
	flowtest.RunText(t, "retransmissions", again+`
		end set=flowcontainer
		flows 1
		flow 1 n_payload=3 src_payload_bytes=201 src_ip_packets=5 dst_ip_packets=2 seen=7+3
		flow 1 payload_length_0=100 payload_length_1=100 payload_length_2=1 payload_gap_1=0.01
		end set=flowcontainer faithful=true
		flow 1 n_payload=5 src_ip_packets=7 dst_ip_packets=3
		end set=flowcontainer filter=udp
		flows 0
		end set=flowcontainer filter=udp faithful=true
		flows 1`, feature.Build)
	flowtest.RunText(t, "over IPv6 retransmissions do not count", strings.NewReplacer("10.0.0.1:", "[fd00::1]:", "10.0.0.2:", "[fd00::2]:").Replace(again)+`
		end set=flowcontainer
		flow 1 n_payload=3 src_ip_packets=5 dst_ip_packets=2 ip_length_0=20 src_ip_bytes=301
		end set=flowcontainer faithful=true
		flow 1 n_payload=3 src_ip_packets=5 dst_ip_packets=2`, feature.Build)
	flowtest.RunText(t, "UDP", `
		at 0s  10.0.0.9:53 > 10.0.0.1:5000 udp len=30      # the larger port is the source
		at 1s  10.0.0.1:5000 > 10.0.0.9:53 udp             # 8 without payload
		at 2s  10.0.0.1:123 > 10.0.0.2:123 udp len=48      # the receiver is the source
		at 3s  10.0.0.2:123 > 10.0.0.1:123 udp len=48
		at 4s  10.0.0.1:7 > 10.0.0.1:7 udp len=1           # both
		at 5s  10.0.0.1:5353 > 224.0.0.251:5353 udp len=9  # mDNS
		at 6s  10.0.0.1:4000 > 10.0.0.1:80 tcp S           # no payload
		at 7s  10.0.0.1:4000 > 10.0.0.2:1900 udp           # SSDP has some
		end set=flowcontainer
		flows 4
		flow 1 src=10.0.0.1:5000 payload_length_0=-38 payload_length_1=8 ip_length_0=-58 n_payload=2 payload_gap_1=1
		flow 2 src=10.0.0.2:123 payload_length_0=-56 payload_length_1=56
		flow 3 src=10.0.0.1:7 ip_length_0=29 payload_duration=0 payload_gap_1=none
		end set=flowcontainer faithful=true
		flows 5`, feature.Build)
	flowtest.RunText(t, "max_sequence", again+`
		end set=flowcontainer max_sequence=4
		flow 1 n_payload=3 src_ip_packets=5 ip_length_3=140 ip_length_4=none`, feature.Build)
}

func TestFlowContainerFilter(t *testing.T) {
	for text, want := range map[string]string{
		"(tcp or udp or gre)": "", "gre or (udp || (tcp))": "", "tcp or udp or gre or tcp": "",
		"udp or tcp": "filter=tcp||udp", "((gre))": "filter=gre", "tcp||gre": "filter=tcp||gre",
	} {
		set, err := feature.Build("flowcontainer", map[string]string{"filter": text})
		if err != nil || set.Options != want {
			t.Errorf("%q: options %q, want %q: %v", text, set.Options, want, err)
			continue
		}
		if _, err := feature.FromSchema(set.Schema()); err != nil {
			t.Errorf("%q: its schema: %v", text, err)
		}
	}
	for _, text := range []string{"ip", "tcp and udp", "(tcp", "tcp)", "tcp or", "or tcp", "tcp udp", "()", "tcp (udp)", "not tcp"} {
		if _, err := feature.Build("flowcontainer", map[string]string{"filter": text}); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	for _, name := range []string{"split_flag", "ip_layer", "extension"} {
		if _, err := feature.Build("flowcontainer", map[string]string{name: "x"}); err == nil || !strings.Contains(err.Error(), "does not take option") {
			t.Errorf("option %s: %v", name, err)
		}
	}
}

// TestFlowContainerLists holds the lists against the columns of the same places.
func TestFlowContainerLists(t *testing.T) {
	set, err := feature.Build("flowcontainer", nil)
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, c := range set.Columns {
		at[c.Name] = i
	}
	var flows int
	check := *set
	check.Keep = func(v *flow.View) bool {
		if !set.Keep(v) {
			return false
		}
		flows++
		row := set.Row(nil, v)
		lists := map[string][]float64{}
		for _, l := range set.Lists {
			lists[l.Name] = l.Append(nil, v)
			if l.Unit != dataset.Bytes && l.Unit != dataset.Seconds {
				t.Errorf("list %s: unit %q", l.Name, l.Unit)
			}
		}
		if n := row[at["n_payload"]]; n != float64(len(lists["payload_lengths"])) || n != float64(len(lists["payload_timestamps"])) {
			t.Errorf("%v packets with payload, %d in the list", n, len(lists["payload_lengths"]))
		}
		for place, n := range lists["ip_lengths"] {
			if place < 20 && row[at["ip_length_0"]+place] != n {
				t.Errorf("place %d: %v, in the list %v", place, row[at["ip_length_0"]+place], n)
			}
		}
		for i, c := range set.Columns { // alone and in a run
			if one := c.Value(v); one != row[i] && !(math.IsNaN(one) && math.IsNaN(row[i])) {
				t.Errorf("column %s: %v alone, %v in the row", c.Name, one, row[i])
			}
		}
		return true
	}
	mustRun(t, &check, &flowtest.Source{Packets: oddFlows()})
	if flows != 2 {
		t.Errorf("%d flows with payload, want 2", flows)
	}
}
