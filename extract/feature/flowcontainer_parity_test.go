package feature_test

var flowcontainerParities = []parity{
	{name: "default", golden: "flowcontainer/flows.csv.gz", set: "flowcontainer", least: 0.999,
		pair: []string{"protocol", "src", "sport", "dst", "dport", "n_payload"}, skip: []string{"key_stream", "ext_protocol"},
		broke: map[string]string{
			"corner/corner_6in4__6527f021bc.pcap":            emptyLength,
			"corner/corner_bad-ihl__725eae7b76.pcap":         emptyLength,
			"corner/corner_bad-ihl__7ea578c624.pcap":         emptyLength,
			"corner/corner_ipv4-frag__4a98df5af2.pcap":       noPorts,
			"corner/corner_ipv4-frag__83146f2ff4.pcap":       noPorts,
			"corner/corner_ipv4-frag__d61715cd97.pcap":       noPorts,
			"corner/corner_ts-out-of-order__d3d87988cf.pcap": noPorts,
			"corner/corner_ts-out-of-order__d8ad0aec8a.pcap": noPorts,
		},
		reasons: []reason{
			{"corner/corner_short-l4__8a6355a484.pcap", "ip_lengths", "flowcontainer joins the digits of the lengths of two IP headers, of which the inner one is cut; fm takes the outer length"},
			{"corner/corner_tcp-reassembly_retrans_overlap__e70f8bd701.pcap", "", sampled},
		}},
	{name: "own", golden: "flowcontainer.csv.gz", own: true, set: "flowcontainer", least: 0.999,
		pair: []string{"protocol", "src", "sport", "dst", "dport", "n_payload"}, skip: []string{"key_stream", "ext_protocol"}},
}

const (
	emptyLength = "the tool ends with an error, without rows: a packet without a length"
	noPorts     = "the tool ends with an error, without rows: a fragment without ports"
	sampled     = "tshark shows the IP headers of packets that sFlow reports, so that the report has several and is left out; fm does not read sFlow"
)
