package feature_test

import (
	"strings"
	"testing"

	"fm/extract/feature"
	"fm/extract/flowtest"
)

// TestCICPyWorkedExample has the numbers that the port itself wrote for these packets.
func TestCICPyWorkedExample(t *testing.T) {
	flowtest.RunText(t, "worked example", workedScript+`
		end set=cicflowmeter-py faithful=true
		flows 1
		flow 1 src=10.0.0.1:40000 protocol=6 flow_duration=8.544 flow_byts_s=922.9868913857678 flow_pkts_s=2.340823970037453 fwd_pkts_s=1.0533707865168538 bwd_pkts_s=1.2874531835205991
		flow 1 tot_fwd_pkts=9 tot_bwd_pkts=11 totlen_fwd_pkts=800 totlen_bwd_pkts=7086 fwd_pkt_len_max=166 fwd_pkt_len_min=66 fwd_pkt_len_mean=88.88888888888889 fwd_pkt_len_std=32.51134654733617
		flow 1 bwd_pkt_len_std=671.7171777929673 pkt_len_mean=394.3 pkt_len_std=570.0478137840719 pkt_len_var=324954.50999999995
		flow 1 fwd_header_len=180 bwd_header_len=220 fwd_seg_size_min=20 fwd_act_data_pkts=3
		flow 1 flow_iat_mean=0.44968421052631574 flow_iat_max=7 flow_iat_min=0 flow_iat_std=1.5796108032520835
		flow 1 fwd_iat_tot=8.543000000000001 fwd_iat_max=7.009 fwd_iat_min=0 fwd_iat_mean=1.0678750000000001 fwd_iat_std=2.298197632792924
		flow 1 bwd_iat_tot=8.543 bwd_iat_max=7.01 bwd_iat_min=0.0001 bwd_iat_mean=0.8543 bwd_iat_std=2.1004975196367166
		flow 1 fwd_psh_flags=3 bwd_psh_flags=2 fin_flag_cnt=2 syn_flag_cnt=3 rst_flag_cnt=0 psh_flag_cnt=5 ack_flag_cnt=18 cwr_flag_count=0
		flow 1 down_up_ratio=1.2222222222222223 pkt_size_avg=394.3 init_fwd_win_byts=64240 init_bwd_win_byts=65160
		flow 1 active_max=0 idle_max=0 fwd_byts_b_avg=0 bwd_byts_b_avg=6292 bwd_pkts_b_avg=5 fwd_blk_rate_avg=0 bwd_blk_rate_avg=15730000
		flow 1 subflow_fwd_pkts=9 subflow_bwd_byts=7086`, feature.Build)
}

// TestCICPyRules shows when the collector takes flows, and which packets meet in one; the
// rules are read off the port's sources and held against its rows in parity_test.go.
func TestCICPyRules(t *testing.T) {
	flowtest.RunText(t, "beside", `
		at 0s     10.0.0.1:5000 > 10.0.0.2:53 udp
		at 241s   10.0.0.2:53 > 10.0.0.1:5000 udp   # beside the first, the same way round
		at 700s   10.0.0.1:5000 > 10.0.0.2:53 udp   # 459 s: the second puts up with 480
		end set=cicflowmeter-py
		flows 2
		flow 1 src=10.0.0.1:5000 tot_fwd_pkts=2 tot_bwd_pkts=0 reason=idle
		flow 2 src=10.0.0.1:5000 tot_fwd_pkts=1 tot_bwd_pkts=2 flow_duration=459 reason=active
		end set=cicflowmeter-py packets_per_gc=2   # the collector takes the first at 241 s: no packet finds the second any more
		flows 3
		flow 1 src=10.0.0.1:5000 tot_fwd_pkts=2 reason=idle
		flow 2 src=10.0.0.1:5000 tot_fwd_pkts=0 tot_bwd_pkts=2 fwd_seg_size_min=0 reason=input
		flow 3 src=10.0.0.1:5000 tot_fwd_pkts=2 start=700s reason=input
		end set=cicflowmeter-py expired_update=500   # one flow of 241 s, which the collector takes with its second packet
		flows 2
		flow 1 tot_fwd_pkts=2 tot_bwd_pkts=1 over=241s reason=active`, feature.Build)
	flowtest.RunText(t, "collector", `
		at 0s     10.0.0.1:1 > 10.0.0.2:53 udp
		at 50s    10.0.0.1:2 > 10.0.0.2:53 udp
		at 89s    10.0.0.1:1 > 10.0.0.2:53 udp
		at 100s   10.0.0.1:3 > 10.0.0.2:53 udp
		at 140s   10.0.0.1:2 > 10.0.0.2:53 udp      # 90 s, but the collector does not run
		at 221s   10.0.0.1:3 > 10.0.0.2:53 udp      # 121 s: it does
		end set=cicflowmeter-py
		flows 3
		flow 1 src=10.0.0.1:2 over=221s reason=active
		flow 2 src=10.0.0.1:3 over=221s reason=active
		flow 3 src=10.0.0.1:1 reason=input`, feature.Build)
	flowtest.RunText(t, "one packet", `
		at 0s     10.0.0.1:1 > 10.0.0.2:53 udp len=5
		end set=cicflowmeter-py
		flows 1
		flow 1 tot_fwd_pkts=2 totlen_fwd_pkts=94 flow_duration=0 flow_byts_s=0 flow_iat_mean=0 fwd_act_data_pkts=2 pkt_len_var=0 down_up_ratio=0`, feature.Build)
	flowtest.RunText(t, "bulk", `
		at 0s     10.0.0.1:1 > 10.0.0.2:53 udp len=10
		at 1s     10.0.0.1:1 > 10.0.0.2:53 udp len=10   # a pause of a second is none
		at 1500ms 10.0.0.1:1 > 10.0.0.2:53 udp len=10
		at 3501ms 10.0.0.1:1 > 10.0.0.2:53 udp len=10
		end set=cicflowmeter-py bulk_bound=3
		flows 1
		flow 1 fwd_byts_b_avg=30 fwd_pkts_b_avg=3 fwd_blk_rate_avg=20
		end set=cicflowmeter-py
		flow 1 fwd_byts_b_avg=0
		end set=cicflowmeter-py clump_timeout=3
		flow 1 fwd_byts_b_avg=40 fwd_pkts_b_avg=4`, feature.Build)
}

func TestCICPyOptions(t *testing.T) {
	for _, o := range []string{"expired_update=0", "packets_per_gc=0", "bulk_bound=x", "active_timeout=5", "fields=src_ip"} {
		name, value, _ := strings.Cut(o, "=")
		if _, err := feature.Build("cicflowmeter-py", map[string]string{name: value}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v, want one that names it", o, err)
		}
	}
}
