package feature_test

import "strings"

// The rows of zeek-flowmeter in the goldens come from a reference implementation, because
// Zeek could not be run; see TestZeekPublished and TestZeekConnections for what Zeek wrote.
var zeekParities = []parity{
	zeekParity("reference", "reference_flows.csv.gz", map[string]string{"ignore_checksums": "true"}),
	zeekParity("reference-checksums", "reference_flows_checksums.csv.gz", nil),
}

func zeekParity(name, file string, options map[string]string) parity {
	return parity{name: name, golden: "zeek-flowmeter/" + file, set: "zeek-flowmeter", options: options, least: 0.999, except: zeekExcept,
		pair: strings.Fields("ts id.orig_h id.orig_p id.resp_h id.resp_p proto")}
}

// zeekExcept are captures for which the reference is no measure, as it says itself.
var zeekExcept = map[string]string{
	"corner/corner_6in4__6527f021bc.pcap":                  "the reference is not sure of IP length 0 and of tunnels",
	"corner/corner_6in4__7b6af55e37.pcapng":                "the reference is not sure of tunnels",
	"corner/corner_ipip__13da9fe548.pcap":                  "the reference is not sure of tunnels",
	"corner/corner_gre__1b36438718.pcapng":                 "the reference is not sure of GRE",
	"corner/corner_gre__7d99103ef5.pcap":                   "the reference is not sure of GRE",
	"corner/corner_geneve__60a11a9df7.pcap":                "the reference does not open UDP tunnels",
	"corner/corner_gtpu__8279e3e9c6.pcapng":                "the reference does not open UDP tunnels",
	"corner/corner_sctp__0b570925c9.pcap":                  "the reference does not open UDP tunnels",
	"corner/corner_short-l4__8a6355a484.pcap":              "the reference does not open UDP tunnels",
	"corner/corner_teredo__3fb83c4aa6.pcap":                "the reference does not open UDP tunnels",
	"corner/corner_vxlan__7cf8b60cf0.pcap":                 "the reference does not open UDP tunnels",
	"corner/corner_ip-total-len-0_TSO___9ad64580d5.pcapng": "the reference is not sure of IP length 0",
	"corner/corner_ip-total-len-0_TSO___d3660e7970.pcapng": "the reference is not sure of IP length 0",
}
