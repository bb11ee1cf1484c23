package feature_test

var pyflowmeterParities = []parity{
	{name: "default", golden: "pyflowmeter-kihy/flows.csv.gz", set: "pyflowmeter", least: 0.999, pair: []string{"protocol", "src_port", "dst_port"}, reasons: []reason{
		{"corner/corner_bad-ihl__7ea578c624.pcap", "", "SIP announces a media stream, and Wireshark takes packets of other addresses with the same ports for it; fm does not read SIP"},
		{"corner/corner_snaplen-cut__efe46f83bc.pcapng", "*", "times beyond the year 2262, which 64 bits of nanoseconds do not hold"},
		{"corner/corner_ts-out-of-order__*", "*", "a record whose microseconds are above 2^31: tshark takes them for negative"},
		{"corner/corner_tcp-reassembly_retrans_overlap__e70f8bd701.pcap", "", sampled},
		{"*/*", "*_skewness", powers},
		{"*/*", "*_kurtosis", powers},
	}},
}

// powers explains the last digit of higher moments.
const powers = "the tool squares with pow of the machine's C library, which once in a thousand is not the nearest double; fm's is"
