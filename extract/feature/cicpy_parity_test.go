package feature_test

var cicpyParities = []parity{
	{name: "flows", golden: "cicflowmeter-py/flows.csv.gz", set: "cicflowmeter-py", least: 1, pair: cicpyPair, broke: map[string]string{
		"corner/corner_snaplen-cut__efe46f83bc.pcapng":   "a flow without forward packet ends the port with an error, and all flows not yet written are lost",
		"corner/corner_ts-out-of-order__d5d4009a4a.pcap": "the same",
		"corner/corner_linktype-IPV6__d660965cc2.pcap":   "its filter cannot be compiled for the link type, so the port reads nothing",
		"corner/corner_snaplen-cut__84b982f434.pcap":     "the same: the header's link type has bits set that libpcap passes over, but scapy does not",
		"corner/corner_zero-packets__e0ec71c997.pcapng":  "a file without an interface ends the port with an error",
	}},
	{name: "own", golden: "cicflowmeter-py.csv.gz", own: true, set: "cicflowmeter-py", least: 1, pair: cicpyPair},
}

var cicpyPair = []string{"src_ip", "src_port", "dst_ip", "dst_port", "protocol", "timestamp", "tot_fwd_pkts"}
