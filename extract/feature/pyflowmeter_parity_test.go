package feature_test

var pyflowmeterParities = []parity{
	pyflowmeterParity("default", "pyflowmeter-kihy/flows.csv.gz", nil),
	pyflowmeterOwn("own", "pyflowmeter.csv.gz", nil),
	pyflowmeterOwn("own, timeouts", "pyflowmeter_timeout.csv.gz", map[string]string{"timeout": "2", "check_interval": "7", "check_flows": "3"}),
}

func pyflowmeterParity(name, golden string, options map[string]string) parity {
	return parity{name: name, golden: golden, set: "pyflowmeter", options: options, least: 0.999, alone: 3,
		pair:  []string{"protocol", "src_port", "dst_port"},
		broke: map[string]string{"corner/corner_truncated-file__6d3fc61b8e.pcap": "the tool ends with an error, without rows: the last record is cut"},
		reasons: []reason{
			{"corner/corner_bad-ihl__7ea578c624.pcap", "", "SIP announces a media stream, and Wireshark takes packets of other addresses with the same ports for it; fm does not read SIP"},
			{"corner/corner_ts-out-of-order__*", "*", "a record whose microseconds are above 2^31: tshark takes them for negative"},
			{"corner/corner_tcp-reassembly_retrans_overlap__e70f8bd701.pcap", "", sampled},
			{"*/*", "*_skewness", powers},
			{"*/*", "*_kurtosis", powers},
		}}
}

func pyflowmeterOwn(name, golden string, options map[string]string) parity {
	p := pyflowmeterParity(name, golden, options)
	p.own, p.broke, p.reasons = true, nil, nil
	return p
}

// powers explains the last digit of higher moments.
const powers = "the tool squares with pow of the machine's C library, which once in a thousand is not the nearest double; fm's is"
