package feature_test

var nfstreamParities = []parity{
	nfstreamParity("nodissect", nil),
	nfstreamParity("default", map[string]string{"accounting_mode": "1", "splt_analysis": "20"}),
	nfstreamParity("acct0", map[string]string{"splt_analysis": "20"}),
	nfstreamParity("acct2", map[string]string{"accounting_mode": "2", "splt_analysis": "20"}),
	nfstreamParity("acct3", map[string]string{"accounting_mode": "3", "splt_analysis": "20"}),
	nfstreamParity("short", map[string]string{"idle_timeout": "10", "active_timeout": "30"}),
	nfstreamParity("notunnel", map[string]string{"decode_tunnels": "false"}),
	nfstreamParity("splt255", map[string]string{"splt_analysis": "255"}),
	nfstreamOwn("own", "nfstream.csv.gz", nil),
	nfstreamOwn("own, payload", "nfstream_payload.csv.gz", map[string]string{"accounting_mode": "3", "splt_analysis": "10"}),
}

func nfstreamOwn(name, file string, options map[string]string) parity {
	p := nfstreamParity(name, options)
	p.golden, p.own, p.reasons = file, true, nil
	return p
}

func nfstreamParity(name string, options map[string]string) parity {
	return parity{name: name, golden: "nfstream/" + name + ".csv.gz", set: "nfstream", options: options, least: 0.9999,
		reasons: []reason{
			{"corner/corner_truncated-file__*", "", "NFStream reads on behind a record whose length is damaged; fm ends the capture there, with a warning"},
			{"corner/corner_caplen_len__001c892890.pcap", "", "a record whose microseconds are above 2^31: NFStream takes them for negative"},
			{"corner/corner_pcapng-be__c893578ad1.pcapng", "", "times beyond the year 2262, which 64 bits of nanoseconds do not hold"},
		},
		pair: []string{"src_ip", "src_port", "dst_ip", "dst_port", "protocol", "vlan_id", "bidirectional_first_seen_ms"}}
}
