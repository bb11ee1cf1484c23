package feature_test

import (
	"strings"
	"testing"

	"fm/extract/feature"
	"fm/extract/flowtest"
)

// reusedPorts are connections between the same endpoints. tshark 4.0.17 numbers their
// streams 0 0 0 1 1 1 2.
const reusedPorts = `
	at 0s   10.0.0.1:5000 > 10.0.0.2:80 tcp S  seq=100
	at 1s   10.0.0.2:80 > 10.0.0.1:5000 tcp SA seq=900
	at 2s   10.0.0.1:5000 > 10.0.0.2:80 tcp S  seq=100           # the same again
	at 3s   10.0.0.1:5000 > 10.0.0.2:80 tcp S  seq=200           # another connection
	at 4s   10.0.0.2:80 > 10.0.0.1:5000 tcp SA seq=300
	at 5s   10.0.0.2:80 > 10.0.0.1:5000 tcp S  seq=300           # begins with what its sender began with
	at 6s   10.0.0.2:80 > 10.0.0.1:5000 tcp S  seq=301
`

// TestStreams shows what opens another stream in both sets that take Wireshark's.
func TestStreams(t *testing.T) {
	flowtest.RunText(t, "reused ports", reusedPorts+`
		end set=pyflowmeter
		flows 3
		flow 1 reason=syn seen=2+1 fwd_tot_pkt=2 bwd_tot_pkt=1
		flow 2 reason=syn seen=1+2 src=10.0.0.1:5000
		flow 3 reason=input seen=1+0 src=10.0.0.2:80
		end set=pyflowmeter faithful=true
		flows 3
		flow 2 seen=1+2`, feature.Build)
	// From the middle: a SYN of the side whose sequence numbers were only acknowledged.
	// tshark 4.0.17: streams 0 0 1.
	flowtest.RunText(t, "from the middle", `
		at 0s 10.0.0.1:5000 > 10.0.0.2:80 tcp A seq=500 ack=800 len=10
		at 1s 10.0.0.2:80 > 10.0.0.1:5000 tcp S seq=799
		at 2s 10.0.0.2:80 > 10.0.0.1:5000 tcp S seq=800
		end set=pyflowmeter
		flows 2
		flow 1 seen=1+1
		end set=flowcontainer
		flows 1
		flow 1 seen=1+1`, feature.Build)
}

// TestPyFlowMeterRules shows the rules on directions, timeouts and odd packets; the parity
// tests hold them against PyFlowMeter itself.
func TestPyFlowMeterRules(t *testing.T) {
	flowtest.RunText(t, "equal ports", `
		at 0s 10.0.0.1:123 > 10.0.0.2:123 udp len=48
		at 1s 10.0.0.2:123 > 10.0.0.1:123 udp len=48
		end set=pyflowmeter
		flows 1
		flow 1 fwd_tot_pkt=2 bwd_tot_pkt=0 fwd_iat_min=0 fwd_iat_max=1 bwd_iat_kurtosis=-3 bwd_iat_mean=0`, feature.Build)
	flowtest.RunText(t, "one packet, no duration, no payload", `
		at 0s 10.0.0.1:5000 > 10.0.0.2:80 tcp S
		at 0s 10.0.0.3:5000 > 10.0.0.2:80 udp
		at 0s 10.0.0.2:80 > 10.0.0.3:5000 udp
		at 0s 10.0.0.4 > 10.0.0.2 icmp type=8
		end set=pyflowmeter
		flows 2
		flow 1 duration=0 fwd_pkt_size_mean=54 fwd_pkt_size_std=0 fwd_pkt_size_skewness=0 fwd_pkt_size_kurtosis=-3 bwd_pkt_size_kurtosis=-3 bwd_pkt_size_max=0 fwd_iat_kurtosis=-3
		flow 2 duration=0 bwd_tot_pkt=1 bwd_tot_byte=42 bwd_iat_kurtosis=-3 bwd_iat_min=0`, feature.Build)
	// Looked at behind the packets 1, 3 and 5 of the input, one flow each time. A flow that
	// is over but not looked at goes on.
	flowtest.RunText(t, "timeout", `
		at 0s    10.0.0.1:5000 > 10.0.0.9:53 udp
		at 1s    10.0.0.2:5000 > 10.0.0.9:53 udp
		at 9s    10.0.0.3:5000 > 10.0.0.9:53 udp   # ends the first
		at 10s   10.0.0.2:5000 > 10.0.0.9:53 udp   # 9 s late
		at 11s   10.0.0.1:5000 > 10.0.0.9:53 udp   # a new flow; 9 s is no more than 8 s of the third's
		end set=pyflowmeter timeout=8 check_interval=2 check_flows=1
		flows 4
		flow 1 reason=idle src=10.0.0.1:5000 over=9s seen=1+0
		flow 2 reason=input src=10.0.0.2:5000 seen=2+0 fwd_iat_max=9
		flow 3 src=10.0.0.3:5000
		flow 4 src=10.0.0.1:5000 start=11s`, feature.Build)
	flowtest.RunText(t, "by the clock of the capture", `
		at 5s    10.0.0.9 > 10.0.0.8 icmp type=8
		at 5.1s  10.0.0.1:5000 > 10.0.0.9:53 udp
		at 5.3s  10.0.0.1:5000 > 10.0.0.9:53 udp
		at 5.2s  10.0.0.1:5000 > 10.0.0.9:53 udp   # earlier than the one before
		end set=pyflowmeter faithful=true
		flow 1 duration=0.1 fwd_iat_min=-0.1 fwd_iat_max=0.2`, feature.Build)
}

// TestPyFlowMeterFragments: without all of a datagram tshark has no ports. What it shows
// for these packets is in the comments.
func TestPyFlowMeterFragments(t *testing.T) {
	const packets = `
		at 0s  10.0.0.1:5000 > 10.0.0.2:53 udp len=16 ipid=7 more=1   # no ports
		at 1s  10.0.0.1:5000 > 10.0.0.2:53 udp len=24 ipid=7 frag=48  # none, a gap
		at 2s  10.0.0.1:5000 > 10.0.0.2:53 udp len=24 ipid=7 frag=24 more=1  # 5000 > 53
		at 3s  10.0.0.1:5000 > 10.0.0.2:53 udp len=24 ipid=8 more=1 cap=50   # cut: 5000 > 53
		at 4s  10.0.0.1:5000 > 10.0.0.2:53 udp len=24 ipid=8 frag=32 cap=50  # cut: none
	`
	flowtest.RunText(t, "faithful", packets+`
		end set=pyflowmeter faithful=true
		flows 2
		flow 1 seen=3+0 fwd_tot_byte=174 duration=4
		flow 2 seen=2+0 src=10.0.0.1:5000`, feature.Build)
	flowtest.RunText(t, "all", packets+`
		end set=pyflowmeter
		flows 1
		flow 1 seen=5+0`, feature.Build)
}

func TestPyFlowMeterOptions(t *testing.T) {
	set, err := feature.Build("pyflowmeter", map[string]string{"idle": "10m", "check_flows": "5"})
	if err != nil || set.Options != "check_flows=5" {
		t.Errorf("idle=10m is the default: options %q, %v", set.Options, err)
	}
	for option, want := range map[string]string{"interval=5": "check_interval", "recursive=true": "--per-file", "timeout=0": "not a whole number", "check_flows=-1": "not a whole number"} {
		name, value, _ := strings.Cut(option, "=")
		if _, err := feature.Build("pyflowmeter", map[string]string{name: value}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", option, err, want)
		}
	}
	// The names of flags are in reverse, and every one says so.
	faults := 0
	for _, c := range set.Columns {
		if strings.HasSuffix(c.Name, "_cnt") && strings.Contains(c.Fault, "reverse") && c.Right != "" {
			faults++
		}
	}
	if faults != 16 {
		t.Errorf("%d of 16 columns of flags name their fault", faults)
	}
}
