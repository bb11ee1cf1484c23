package feature_test

import (
	"testing"

	"fm/extract/feature"
	"fm/extract/flowtest"
)

// TestNFStreamRules shows the rules on clock, cuts and direction on packets made by hand;
// parity_test.go holds them against NFStream 6.6.0.
func TestNFStreamRules(t *testing.T) {
	flowtest.RunText(t, "idle", `
		at 0s           10.0.0.1:5000 > 10.0.0.2:53 udp
		at 120.0009s    10.0.0.2:53 > 10.0.0.1:5000 udp   # 120,000 ms later: a new row, the other way round
		at 240.0008s    10.0.0.2:53 > 10.0.0.1:5000 udp   # by whole milliseconds 120,000, too
		at 359.9999s    10.0.0.1:5000 > 10.0.0.2:53 udp   # 119,999 ms
		end set=nfstream
		flows 3
		flow 1 reason=idle src=10.0.0.1:5000 src2dst_packets=1
		flow 2 reason=idle src=10.0.0.2:53 start=2m0s
		flow 3 reason=input src=10.0.0.2:53 src2dst_packets=1`, feature.Build)
	flowtest.RunText(t, "no end", `
		at 10s   10.0.0.2:80 > 10.0.0.1:5000 tcp SA
		at 10s   10.0.0.1:5000 > 10.0.0.2:80 tcp R
		at 7s    10.0.0.1:5000 > 10.0.0.2:80 tcp S      # counts at 10 s
		end set=nfstream
		flows 1
		flow 1 src=10.0.0.2:80 end=10s dst2src_packets=2 dst2src_first_seen_ms=1704067210000`, feature.Build)
}
