package feature_test

import (
	"testing"

	"fm/extract/feature"
	"fm/extract/flowtest"
)

// TestZeekRules shows the rules on ends, roles and what counts on packets made by hand;
// TestZeekConnections holds them against Zeek's own logs.
func TestZeekRules(t *testing.T) {
	for name, script := range map[string]string{
		"silence of UDP": `
			at 0s           10.0.0.1:5000 > 10.0.0.2:9 udp len=1
			at 59.999999s   10.0.0.1:5000 > 10.0.0.2:9 udp len=1
			at 119.999999s  10.0.0.1:5000 > 10.0.0.2:9 udp len=1   # a minute later, to the microsecond
			end set=zeek-flowmeter
			flows 2
			flow 1 reason=idle over=1m59.999999s flow_duration=59.999999
			flow 2 reason=input fwd_pkts_tot=1 flow_duration=0`,
		"a SYN that nobody answers": `
			at 0s   10.0.0.1:5000 > 10.0.0.2:80 tcp S
			at 4s   10.0.0.1:5000 > 10.0.0.2:80 tcp S seq=1000     # the same again
			at 5s   10.0.0.3:1 > 10.0.0.4:2 udp                    # timers run at packets
			at 6s   10.0.0.1:5000 > 10.0.0.2:80 tcp S seq=1000
			end set=zeek-flowmeter
			flows 3
			flow 1 reason=idle over=5s fwd_pkts_tot=2 state=S0`,
		"closing": `
			at 0s     10.0.0.1:5000 > 10.0.0.2:80 tcp S
			at 0.1s   10.0.0.2:80 > 10.0.0.1:5000 tcp SA
			at 0.2s   10.0.0.1:5000 > 10.0.0.2:80 tcp A
			at 0.3s   10.0.0.1:5000 > 10.0.0.2:80 tcp FA
			at 0.4s   10.0.0.2:80 > 10.0.0.1:5000 tcp FA
			at 0.5s   10.0.0.1:5000 > 10.0.0.2:80 tcp A            # counts in the columns, not for Zeek
			at 5.3s   10.0.0.2:80 > 10.0.0.1:5000 tcp R
			at 5.4s   10.0.0.2:80 > 10.0.0.1:5000 tcp R            # too late
			end set=zeek-flowmeter
			flows 2
			flow 1 reason=fin over=5.4s flow_duration=0.4 fwd_pkts_tot=4 bwd_pkts_tot=3 state=SF
			flow 2 src=10.0.0.1:5000 fwd_pkts_tot=0 bwd_pkts_tot=1`, // 80 is a server's port
		"a hole defers closing": `
			at 0s     10.0.0.1:5000 > 10.0.0.2:80 tcp S seq=1000
			at 0.1s   10.0.0.2:80 > 10.0.0.1:5000 tcp SA seq=5000 ack=1001
			at 0.2s   10.0.0.1:5000 > 10.0.0.2:80 tcp A seq=1001 ack=5001
			at 0.3s   10.0.0.1:5000 > 10.0.0.2:80 tcp FA seq=1101 ack=5001 len=10  # 100 bytes are missing
			at 20s    10.0.0.1:5000 > 10.0.0.2:80 tcp A seq=1001 ack=5001 len=100  # here they are
			at 20.5s  10.0.0.2:80 > 10.0.0.1:5000 tcp FA seq=5001 ack=1112
			at 30s    10.0.0.3:1 > 10.0.0.4:2 udp
			end set=zeek-flowmeter
			flows 2
			flow 1 reason=fin over=25.5s flow_duration=20.5 fwd_pkts_tot=4 bwd_pkts_tot=2`,
		"silence of TCP": `
			at 0s     10.0.0.1:5000 > 10.0.0.2:80 tcp S
			at 0.1s   10.0.0.2:80 > 10.0.0.1:5000 tcp SA
			at 300s   10.0.0.1:5000 > 10.0.0.2:80 tcp A
			at 600s   10.0.0.1:5000 > 10.0.0.2:80 tcp A
			end set=zeek-flowmeter
			flows 2
			flow 1 dst=10.0.0.2:80 reason=idle fwd_pkts_tot=2
			flow 2 dst=10.0.0.2:80 fwd_pkts_tot=1`,
		"port 22 may be silent for an hour": `
			at 0s      10.0.0.1:5000 > 10.0.0.2:22 tcp S
			at 0.1s    10.0.0.2:22 > 10.0.0.1:5000 tcp SA
			at 3600s   10.0.0.1:5000 > 10.0.0.2:22 tcp A
			at 7200s   10.0.0.1:5000 > 10.0.0.2:22 tcp A
			end set=zeek-flowmeter
			flows 2
			flow 1 reason=idle fwd_pkts_tot=2 bwd_pkts_tot=1`,
		"ports used again": `
			at 0s     10.0.0.1:5000 > 10.0.0.2:80 tcp S seq=1000
			at 0.1s   10.0.0.2:80 > 10.0.0.1:5000 tcp SA
			at 0.2s   10.0.0.1:5000 > 10.0.0.2:80 tcp S seq=1000   # the same SYN
			at 0.3s   10.0.0.1:5000 > 10.0.0.2:80 tcp S seq=9000   # another
			end set=zeek-flowmeter
			flows 2
			flow 1 reason=syn over=300ms fwd_pkts_tot=2 bwd_pkts_tot=1
			flow 2 fwd_pkts_tot=1`,
		"a handshake in the wrong order": `
			at 0s     10.0.0.2:9999 > 10.0.0.1:5000 tcp SA
			at 0.1s   10.0.0.1:5000 > 10.0.0.2:9999 tcp A          # now the roles turn round; what was counted stays
			at 0.2s   10.0.0.2:9999 > 10.0.0.1:5000 tcp A          
			at 0.3s   10.0.0.2:9999 > 10.0.0.1:5000 tcp A len=3
			end set=zeek-flowmeter
			flows 1
			flow 1 src=10.0.0.1:5000 fwd_pkts_tot=2 bwd_pkts_tot=2 state=OTH`,
		"a SYN-ACK alone, then data": `
			at 0s     10.0.0.2:9999 > 10.0.0.1:5000 tcp SA
			at 0.2s   10.0.0.2:9999 > 10.0.0.1:5000 tcp A          # the roles turn round
			end set=zeek-flowmeter
			flows 1
			flow 1 src=10.0.0.1:5000 fwd_pkts_tot=1 bwd_pkts_tot=1`,
		"ports of servers": `
			at 0s   10.0.0.2:80 > 10.0.0.1:5000 tcp A
			at 0s   10.0.0.2:53 > 10.0.0.1:5000 udp
			at 0s   10.0.0.2:5000 > 10.0.0.1:5001 udp
			end set=zeek-flowmeter
			flows 3
			flow 1 src=10.0.0.1:5000 bwd_pkts_tot=1 fwd_pkts_tot=0
			flow 2 src=10.0.0.2:5000 fwd_pkts_tot=1
			flow 3 src=10.0.0.1:5000 bwd_pkts_tot=1`, // TCP last: silence ends UDP first
		"checksums": `
			at 0s    10.0.0.1:5000 > 10.0.0.2:9 udp len=1
			at 10s   10.0.0.1:5000 > 10.0.0.2:9 udp len=1 badsum=1
			at 65s   10.0.0.1:5000 > 10.0.0.2:9 udp len=1
			end set=zeek-flowmeter
			flows 2
			flow 1 flow_duration=0 fwd_pkts_tot=2 over=1m0s fwd_iat.tot=10000000
			flow 2 fwd_pkts_tot=1
			end set=zeek-flowmeter ignore_checksums=true
			flows 1
			flow 1 flow_duration=65 fwd_pkts_tot=3`,
		"refused packets move the clock": `
			at 0s   10.0.0.1:5000 > 10.0.0.2:9 tcp A badsum=1
			at 5s   10.0.0.3 > 10.0.0.4 50 len=20              # left out; 5 s are not more than 5 s: the next check is at 11 s
			at 7s   10.0.0.1:5000 > 10.0.0.2:9 tcp A badsum=1
			at 12s  10.0.0.1:5000 > 10.0.0.2:9 tcp A badsum=1
			end set=zeek-flowmeter faithful=true
			flows 2
			flow 1 reason=idle over=11s fwd_pkts_tot=2 flow_duration=0
			end set=zeek-flowmeter faithful=false
			flows 3`,
		"ICMP": `
			at 0s   10.0.0.1 > 10.0.0.2 icmp type=8 id=7 len=56
			at 1s   10.0.0.2 > 10.0.0.1 icmp type=0 id=7 len=56
			at 2s   10.0.0.1 > 10.0.0.2 icmp type=8 id=8 len=56
			at 3s   10.0.0.1 > 10.0.0.2 icmp type=3 code=1 len=28
			at 4s   10.0.0.2 > 10.0.0.1 icmp type=3 code=1 len=28
			end set=zeek-flowmeter
			flows 3
			flow 1 src=10.0.0.1:8 fwd_pkts_tot=2 bwd_pkts_tot=1 fwd_header_size_tot=16 fwd_pkts_payload.tot=112
			flow 2 src=10.0.0.1:3 dst=10.0.0.2:1
			flow 3 src=10.0.0.2:3 dst=10.0.0.1:1`,
		"a host with itself": `
			at 0s   127.0.0.1:5000 > 127.0.0.1:9 udp len=1
			at 1s   127.0.0.1:9 > 127.0.0.1:5000 udp len=1
			end set=zeek-flowmeter
			flows 1
			flow 1 fwd_pkts_tot=2 bwd_pkts_tot=0`,
		"faults": `
			at 0s     10.0.0.1:5000 > 10.0.0.2:9 tcp AE len=10 win=7
			at 0.1s   10.0.0.1:5000 > 10.0.0.2:9 tcp A len=10
			at 0.2s   10.0.0.1:5000 > 10.0.0.2:9 tcp A len=10
			at 0.3s   10.0.0.2:9 > 10.0.0.1:5000 tcp A len=5       # ends the bulk, and it is counted
			at 0.4s   10.0.0.1:5000 > 10.0.0.2:9 tcp A len=1
			at 0.5s   10.0.0.1:5000 > 10.0.0.2:9 tcp A len=1
			at 0.6s   10.0.0.1:5000 > 10.0.0.2:9 tcp A len=1
			at 0.7s   10.0.0.2:9 > 10.0.0.1:5000 tcp A len=5       # ends the other, which is counted here and at the end
			end set=zeek-flowmeter bulk_min_length=3
			flows 1
			flow 1 flow_CWR_flag_count=1 flow_ECE_flag_count=0 fwd_bulk_packets=3 fwd_bulk_bytes=12 fwd_init_window_size=7 fwd_last_window_size=0
			end set=zeek-flowmeter bulk_min_length=4
			flow 1 fwd_bulk_packets=0 fwd_bulk_bytes=0 fwd_bulk_rate=0`,
		"thresholds are strict": `
			at 0s    10.0.0.1:5000 > 10.0.0.2:9 udp len=1
			at 1s    10.0.0.1:5000 > 10.0.0.2:9 udp len=1
			at 6s    10.0.0.1:5000 > 10.0.0.2:9 udp len=1
			at 7.5s  10.0.0.1:5000 > 10.0.0.2:9 udp len=1
			end set=zeek-flowmeter
			flow 1 fwd_subflow_pkts=1.333333 active.tot=7500000 idle.tot=0
			end set=zeek-flowmeter active_timeout=4999msec subflow_max_iat=1.5s
			flow 1 fwd_subflow_pkts=2 active.min=1000000 active.max=1500000 idle.tot=5000000`,
		"likely_server_ports": `
			at 0s   10.0.0.2:80 > 10.0.0.1:5000 tcp A len=1        # in the midst, the server first
			at 0s   10.0.0.2:53 > 10.0.0.1:5000 udp len=1
			end set=zeek-flowmeter
			flows 2
			flow 1 src=10.0.0.1:5000 bwd_pkts_tot=1
			flow 2 src=10.0.0.1:5000 bwd_pkts_tot=1
			end set=zeek-flowmeter likely_server_ports=false
			flows 2
			flow 1 src=10.0.0.2:53 fwd_pkts_tot=1
			flow 2 src=10.0.0.2:80 fwd_pkts_tot=1`,
		"slices": `
			at 0s    10.0.0.1:5000 > 10.0.0.2:80 tcp S seq=10 win=1
			at 1s    10.0.0.2:80 > 10.0.0.1:5000 tcp SA seq=20 ack=11 win=2
			at 9s    10.0.0.1:5000 > 10.0.0.2:80 tcp A seq=11 ack=21 len=5 win=3
			at 10s   10.0.0.2:80 > 10.0.0.1:5000 tcp A seq=21 ack=16 len=5 win=4   # the second slice: roles and state go on
			at 12s   10.0.0.1:5000 > 10.0.0.2:80 tcp FA seq=16 ack=26
			at 21s   10.0.0.2:80 > 10.0.0.1:5000 tcp FA seq=26 ack=17              # the third
			at 30s   10.0.0.3:1 > 10.0.0.4:2 udp
			end set=zeek-flowmeter slice=10s
			flows 4
			flow 1 src=10.0.0.1:5000 reason=active over=10s flow_duration=9 fwd_pkts_tot=2 bwd_pkts_tot=1 flow_SYN_flag_count=2
			flow 2 src=10.0.0.1:5000 start=10s reason=active flow_duration=2 fwd_pkts_tot=1 bwd_pkts_tot=1 flow_iat.tot=2000000 fwd_iat.tot=0 bwd_init_window_size=4 active.tot=2000000
			flow 3 src=10.0.0.1:5000 start=21s reason=fin over=26s fwd_pkts_tot=0 bwd_pkts_tot=1 state=SF
			end set=zeek-flowmeter slice=10sec
			flows 4
			end set=zeek-flowmeter slice=0.25mins
			flows 3
			end set=zeek-flowmeter slice=off
			flows 2
			flow 1 flow_duration=21 fwd_pkts_tot=3 bwd_pkts_tot=3 state=SF`,
	} {
		t.Run(name, func(t *testing.T) { flowtest.RunText(t, name, script, feature.Build) })
	}
}
