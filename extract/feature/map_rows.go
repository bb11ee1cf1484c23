package feature

// mapSection is a part of the map.
type mapSection struct {
	name string
	rows []mapRow
}

// What is said of many cells.
const (
	capped     = "of the first 83 packets at most"
	perNs      = "a nanosecond, " + capped
	onceMore   = "the first packet counts twice"
	firstOnly  = "of the flow's first packet only"
	atLeastMs  = "the duration counts as at least 1 ms"
	reversed   = "PyFlowMeter's names of flags are in reverse order"
	mixedGaps  = "gaps to the packet before in either direction, the first packet counts as 0"
	joinedGaps = "of the gaps of each direction together, not between neighbours"
	ownSpread  = "a deviation of Deepfence's own, that leaves out the first gap"
	ownLow     = "starts at 0: only a flow that begins backward has more"
	cutTimes   = "of times cut to milliseconds"
	padded     = "padding of Ethernet frames counts as payload"
	crossed    = "zeek-flowmeter's names CWR and ECE are crossed"
	noLast     = "without the last phase"
	atLeastOne = "a bulk has at least 5 packets, and its time is taken otherwise"
	bothWays   = "over the packets of both directions"
	withEnv    = "--with environment"
)

// mapSections are the rows of the map, after the published sources and outputs of the tools.
var mapSections = []mapSection{
	{"identity and time", []mapRow{
		{name: "flow identifier", fm: "~community_id", zeek: "uid", nf: "id", df: "fiveTuple", box: "~file, protocol and stream", cic: "Flow ID"},
		{name: "forward address", fm: "~src_ip", zeek: "~conn.log id.orig_h", nf: "src_ip", df: "dstIP?the names of source and destination are crossed", box: "src!of the larger port", cic: "Src IP", port: "src_ip"},
		{name: "backward address", fm: "~dst_ip", zeek: "~conn.log id.resp_h", nf: "dst_ip", df: "srcIP?the names of source and destination are crossed", box: "dst!of the smaller port", cic: "Dst IP", port: "dst_ip"},
		{name: "forward port", fm: "src_port?" + withEnv, zeek: "~conn.log id.orig_p", nf: "src_port", df: "dstPort?the names of source and destination are crossed", py: "src_port", box: "sport!the larger one", cic: "Src Port", port: "src_port"},
		{name: "backward port", fm: "dst_port?--with port", zeek: "~conn.log id.resp_p", nf: "dst_port", df: "srcPort?the names of source and destination are crossed", py: "dst_port", box: "dport!the smaller one", cic: "Dst Port", port: "dst_port"},
		{name: "protocol", fm: "~protocol", zeek: "~conn.log proto", nf: "protocol", df: "protocol?a word", py: "protocol?a word", box: "protocol?a word", cic: "Protocol!6, 17 or 0", fixed: "Protocol", port: "protocol!scapy's outermost"},
		{name: "IP version", nf: "ip_version"},
		{name: "source MAC", nf: "src_mac"}, {name: "destination MAC", nf: "dst_mac"},
		{name: "source OUI", nf: "src_oui"}, {name: "destination OUI", nf: "dst_oui"},
		{name: "VLAN", fm: "vlan_id?" + withEnv, zeek: "~conn.log with a policy", nf: "vlan_id"},
		{name: "tunnel", nf: "tunnel_id"},
		{name: "start", kind: mapTime, fm: "~start", zeek: "~conn.log ts", nf: "bidirectional_first_seen_ms", box: "time_start!of the first packet with payload", cic: "Timestamp!cut to seconds, local time", port: "timestamp"},
		{name: "start forward", kind: mapTime, nf: "src2dst_first_seen_ms"},
		{name: "start backward", kind: mapTime, nf: "dst2src_first_seen_ms!0 while there is none"},
		{name: "end", kind: mapTime, fm: "~end", nf: "bidirectional_last_seen_ms", box: "time_end!of the last packet with payload"},
		{name: "end forward", kind: mapTime, nf: "src2dst_last_seen_ms"},
		{name: "end backward", kind: mapTime, nf: "dst2src_last_seen_ms!0 while there is none"},
		{name: "duration", kind: mapTime, fm: "duration", zeek: "flow_duration[s]?packets that Zeek does not count in it are in the other columns", nf: "bidirectional_duration_ms?" + cutTimes,
			df: "flowDuration!" + capped, py: "duration", box: "~time_end - time_start", cic: "Flow Duration", port: "flow_duration"},
		{name: "duration forward", kind: mapTime, zeek: "fwd_iat.tot", nf: "src2dst_duration_ms?" + cutTimes, df: "fwdIATTotal!" + capped, cic: "Fwd IAT Total", port: "fwd_iat_tot"},
		{name: "duration backward", kind: mapTime, zeek: "bwd_iat.tot", nf: "dst2src_duration_ms?" + cutTimes, df: "bwdIATTotal!" + capped, cic: "Bwd IAT Total", port: "bwd_iat_tot"},
		{name: "duration of the connection", kind: mapTime, cic: "-", fixed: "Total Connection Flow Time", old: "-"},
		{name: "end reason", fm: "~end_reason", zeek: "~conn.log conn_state", nf: "expiration_id"},
		{name: "label", fm: "~label", cic: "Label"},
	}},
	{"counts, volumes, rates", []mapRow{
		{name: "packets", fm: "packets", zeek: "fwd_pkts_tot + bwd_pkts_tot", nf: "bidirectional_packets", df: "flowLength!" + capped, py: "fwd_tot_pkt + bwd_tot_pkt", box: "~length of ip_lengths",
			cic: "Total Fwd Packet + Total Bwd packets", port: "tot_fwd_pkts + tot_bwd_pkts!" + onceMore},
		{name: "packets forward", fm: "fwd_packets", zeek: "fwd_pkts_tot", nf: "src2dst_packets", df: "fwdFlowLength!" + capped, py: "fwd_tot_pkt", box: "~signs of ip_lengths",
			cic: "Total Fwd Packet", port: "tot_fwd_pkts = subflow_fwd_pkts!" + onceMore, old: "Total Fwd Packet = Subflow Fwd Packets?subflows are never told apart"},
		{name: "packets backward", fm: "bwd_packets", zeek: "bwd_pkts_tot", nf: "dst2src_packets", df: "bwdFlowLength!" + capped, py: "bwd_tot_pkt", box: "~signs of ip_lengths",
			cic: "Total Bwd packets", port: "tot_bwd_pkts = subflow_bwd_pkts", old: "Total Bwd packets = Subflow Bwd Packets?subflows are never told apart"},
		{name: "data packets forward", fm: "fwd_data_packets", zeek: "fwd_data_pkts_tot", box: "~signs of payload_lengths", cic: "Fwd Act Data Pkts!without the flow's first packet", fixed: "Fwd Act Data Pkts", port: "fwd_act_data_pkts!" + onceMore},
		{name: "data packets backward", fm: "bwd_data_packets", zeek: "bwd_data_pkts_tot", box: "~signs of payload_lengths", cic: "-", fixed: "Bwd Act Data Pkts", old: "-"},
		{name: "bytes", kind: mapSize, fm: "payload_bytes", ip: "ip_bytes", zeek: "flow_pkts_payload.tot", nf: "bidirectional_bytes", df: "packetSizeTotal!" + capped, py: "fwd_tot_byte + bwd_tot_byte", box: "~sum of ip_lengths",
			cic: "Total Length of Fwd Packet + Total Length of Bwd Packet", port: "totlen_fwd_pkts + totlen_bwd_pkts!" + onceMore},
		{name: "bytes forward", kind: mapSize, fm: "fwd_payload_bytes", ip: "fwd_ip_bytes", zeek: "fwd_pkts_payload.tot", nf: "src2dst_bytes", df: "fwdPacketSizeTotal!" + capped, py: "fwd_tot_byte", box: "~positive ip_lengths",
			cic: "Total Length of Fwd Packet", port: "totlen_fwd_pkts = subflow_fwd_byts!" + onceMore, old: "Total Length of Fwd Packet = Subflow Fwd Bytes"},
		{name: "bytes backward", kind: mapSize, fm: "bwd_payload_bytes", ip: "bwd_ip_bytes", zeek: "bwd_pkts_payload.tot", nf: "dst2src_bytes", df: "bwdPacketSizeTotal!" + capped, py: "bwd_tot_byte", box: "~negative ip_lengths",
			cic: "Total Length of Bwd Packet", port: "totlen_bwd_pkts = subflow_bwd_byts", old: "Total Length of Bwd Packet = Subflow Bwd Bytes"},
		{name: "bytes per second", kind: mapSize, zeek: "payload_bytes_per_second", df: "packetSizeTotalPerTime!" + perNs, cic: "Flow Bytes/s?NaN or Infinity without a duration", fixed: "Flow Bytes/s?-1 without a duration", port: "flow_byts_s!" + onceMore, ip: "ip_byte_rate!" + atLeastMs},
		{name: "bytes per second forward", kind: mapSize, ip: "fwd_ip_byte_rate!" + atLeastMs, df: "fwdPacketSizeTotalPerTime!" + perNs},
		{name: "bytes per second backward", kind: mapSize, ip: "bwd_ip_byte_rate!" + atLeastMs, df: "bwdPacketSizeTotalPerTime!" + perNs},
		{name: "packets per second", fm: "packet_rate!" + atLeastMs, zeek: "flow_pkts_per_sec", df: "flowLengthPerTime!" + perNs, cic: "Flow Packets/s?Infinity without a duration", fixed: "Flow Packets/s?-1 without a duration", port: "flow_pkts_s!" + onceMore},
		{name: "packets per second forward", fm: "fwd_packet_rate!" + atLeastMs, zeek: "fwd_pkts_per_sec", df: "fwdFlowLengthPerTime!" + perNs, cic: "Fwd Packets/s", port: "fwd_pkts_s!" + onceMore},
		{name: "packets per second backward", fm: "bwd_packet_rate!" + atLeastMs, zeek: "bwd_pkts_per_sec", df: "bwdFlowLengthPerTime!" + perNs, cic: "Bwd Packets/s", port: "bwd_pkts_s"},
		{name: "down/up", zeek: "down_up_ratio", cic: "Down/Up Ratio!divided as whole numbers", fixed: "Down/Up Ratio", port: "down_up_ratio!" + onceMore},
	}},
	{"size statistics", []mapRow{
		{name: "size min", kind: mapSize, fm: "payload_min", ip: "ip_min", zeek: "flow_pkts_payload.min", nf: "bidirectional_min_ps", df: "packetSizeMin!" + capped, cic: "Packet Length Min", port: "pkt_len_min"},
		{name: "size max", kind: mapSize, fm: "payload_max", ip: "ip_max", zeek: "flow_pkts_payload.max", nf: "bidirectional_max_ps", df: "packetSizeMax!" + capped, cic: "Packet Length Max", port: "pkt_len_max"},
		{name: "size mean", kind: mapSize, fm: "payload_mean", ip: "ip_mean", zeek: "flow_pkts_payload.avg", nf: "bidirectional_mean_ps", df: "packetSizeMean!" + capped,
			cic: "Packet Length Mean!" + onceMore, fixed: "Packet Length Mean", port: "pkt_len_mean!" + onceMore},
		{name: "bytes per packet", kind: mapSize, fm: "payload_mean", ip: "ip_mean", cic: "Average Packet Size!the first packet's size counts twice, the packet once", fixed: "Average Packet Size", port: "pkt_size_avg!" + onceMore},
		{name: "size deviation", kind: mapSize, std: true, fm: "payload_std", ip: "ip_std", zeek: "flow_pkts_payload.std", nf: "bidirectional_stddev_ps", df: "packetSizeStd!" + capped,
			cic: "Packet Length Std!" + onceMore, fixed: "Packet Length Std", port: "pkt_len_std!" + onceMore},
		{name: "size variance", kind: mapSize, std: true, cic: "Packet Length Variance!" + onceMore, fixed: "Packet Length Variance", port: "pkt_len_var!" + onceMore},
		{name: "size min forward", kind: mapSize, fm: "fwd_payload_min", ip: "fwd_ip_min", zeek: "fwd_pkts_payload.min", nf: "src2dst_min_ps", df: "fwdPacketSizeMin!" + capped, py: "fwd_pkt_size_min", cic: "Fwd Packet Length Min", port: "fwd_pkt_len_min"},
		{name: "size max forward", kind: mapSize, fm: "fwd_payload_max", ip: "fwd_ip_max", zeek: "fwd_pkts_payload.max", nf: "src2dst_max_ps", df: "fwdPacketSizeMax!" + capped, py: "fwd_pkt_size_max", cic: "Fwd Packet Length Max", port: "fwd_pkt_len_max"},
		{name: "size mean forward", kind: mapSize, fm: "fwd_payload_mean", ip: "fwd_ip_mean", zeek: "fwd_pkts_payload.avg", nf: "src2dst_mean_ps", df: "fwdPacketSizeMean!" + capped, py: "fwd_pkt_size_mean",
			cic: "Fwd Packet Length Mean = Fwd Segment Size Avg", port: "fwd_pkt_len_mean = fwd_seg_size_avg!" + onceMore},
		{name: "size deviation forward", kind: mapSize, std: true, fm: "fwd_payload_std", ip: "fwd_ip_std", zeek: "fwd_pkts_payload.std", nf: "src2dst_stddev_ps", df: "fwdPacketSizeStd!" + capped, py: "fwd_pkt_size_std", cic: "Fwd Packet Length Std", port: "fwd_pkt_len_std!" + onceMore},
		{name: "size skewness forward", kind: mapSize, py: "fwd_pkt_size_skewness"},
		{name: "size kurtosis forward", kind: mapSize, py: "fwd_pkt_size_kurtosis?-3 without two sizes that differ"},
		{name: "size min backward", kind: mapSize, fm: "bwd_payload_min", ip: "bwd_ip_min", zeek: "bwd_pkts_payload.min", nf: "dst2src_min_ps", df: "bwdPacketSizeMin!" + capped, py: "bwd_pkt_size_min", cic: "Bwd Packet Length Min", port: "bwd_pkt_len_min"},
		{name: "size max backward", kind: mapSize, fm: "bwd_payload_max", ip: "bwd_ip_max", zeek: "bwd_pkts_payload.max", nf: "dst2src_max_ps", df: "bwdPacketSizeMax!" + capped, py: "bwd_pkt_size_max", cic: "Bwd Packet Length Max", port: "bwd_pkt_len_max"},
		{name: "size mean backward", kind: mapSize, fm: "bwd_payload_mean", ip: "bwd_ip_mean", zeek: "bwd_pkts_payload.avg", nf: "dst2src_mean_ps", df: "bwdPacketSizeMean!" + capped, py: "bwd_pkt_size_mean",
			cic: "Bwd Packet Length Mean = Bwd Segment Size Avg", port: "bwd_pkt_len_mean = bwd_seg_size_avg"},
		{name: "size deviation backward", kind: mapSize, std: true, fm: "bwd_payload_std", ip: "bwd_ip_std", zeek: "bwd_pkts_payload.std", nf: "dst2src_stddev_ps", df: "bwdPacketSizeStd!" + capped, py: "bwd_pkt_size_std", cic: "Bwd Packet Length Std", port: "bwd_pkt_len_std"},
		{name: "size skewness backward", kind: mapSize, py: "bwd_pkt_size_skewness"},
		{name: "size kurtosis backward", kind: mapSize, py: "bwd_pkt_size_kurtosis?-3 without two sizes that differ"},
		{name: "transport headers forward", zeek: "fwd_header_size_tot", cic: "Fwd Header Length", port: "fwd_header_len!of IP headers", old: "Fwd Header Length = Fwd Header Length.1"},
		{name: "transport headers backward", zeek: "bwd_header_size_tot", cic: "Bwd Header Length", port: "bwd_header_len!of IP headers"},
		{name: "transport header min forward", zeek: "fwd_header_size_min", cic: "Fwd Seg Size Min", fixed: "Fwd Seg Size Min!0 if the flow begins backward", port: "fwd_seg_size_min!of IP headers"},
		{name: "transport header min backward", zeek: "bwd_header_size_min", cic: "-", fixed: "Bwd Seg Size Min!" + ownLow, old: "-"},
		{name: "transport header max forward", zeek: "fwd_header_size_max"},
		{name: "transport header max backward", zeek: "bwd_header_size_max"},
	}},
	{"inter-arrival times", []mapRow{
		{name: "gap min", kind: mapTime, fm: "gap_min", zeek: "flow_iat.min", nf: "bidirectional_min_piat_ms?" + cutTimes, df: "IATMin!" + joinedGaps, cic: "Flow IAT Min", port: "flow_iat_min!" + onceMore},
		{name: "gap max", kind: mapTime, fm: "gap_max", zeek: "flow_iat.max", nf: "bidirectional_max_piat_ms?" + cutTimes, df: "IATMax!" + joinedGaps, cic: "Flow IAT Max", port: "flow_iat_max"},
		{name: "gap mean", kind: mapTime, fm: "gap_mean", zeek: "flow_iat.avg", nf: "bidirectional_mean_piat_ms?" + cutTimes, df: "IATMean!" + joinedGaps, cic: "Flow IAT Mean", port: "flow_iat_mean!" + onceMore},
		{name: "gap deviation", kind: mapTime, std: true, fm: "gap_std", zeek: "flow_iat.std", nf: "bidirectional_stddev_piat_ms?" + cutTimes, df: "IATStd!" + joinedGaps, cic: "Flow IAT Std", port: "flow_iat_std!" + onceMore},
		{name: "gap total", kind: mapTime, zeek: "flow_iat.tot"},
		{name: "gap min forward", kind: mapTime, fm: "fwd_gap_min", zeek: "fwd_iat.min", nf: "src2dst_min_piat_ms?" + cutTimes, df: "fwdIATMin!" + capped, py: "fwd_iat_min!" + mixedGaps, cic: "Fwd IAT Min", port: "fwd_iat_min!" + onceMore},
		{name: "gap max forward", kind: mapTime, fm: "fwd_gap_max", zeek: "fwd_iat.max", nf: "src2dst_max_piat_ms?" + cutTimes, df: "fwdIATMax!" + capped, py: "fwd_iat_max!" + mixedGaps, cic: "Fwd IAT Max", port: "fwd_iat_max"},
		{name: "gap mean forward", kind: mapTime, fm: "fwd_gap_mean", zeek: "fwd_iat.avg", nf: "src2dst_mean_piat_ms?" + cutTimes, df: "fwdIATMean!" + capped, py: "fwd_iat_mean!" + mixedGaps, cic: "Fwd IAT Mean", port: "fwd_iat_mean!" + onceMore},
		{name: "gap deviation forward", kind: mapTime, std: true, fm: "fwd_gap_std", zeek: "fwd_iat.std", nf: "src2dst_stddev_piat_ms?" + cutTimes, df: "fwdIATStd!" + ownSpread, py: "fwd_iat_std!" + mixedGaps, cic: "Fwd IAT Std", port: "fwd_iat_std!" + onceMore},
		{name: "gap skewness forward", py: "fwd_iat_skewness!" + mixedGaps}, {name: "gap kurtosis forward", py: "fwd_iat_kurtosis!" + mixedGaps},
		{name: "gap min backward", kind: mapTime, fm: "bwd_gap_min", zeek: "bwd_iat.min", nf: "dst2src_min_piat_ms?" + cutTimes, df: "bwdIATMin!" + capped, py: "bwd_iat_min!" + mixedGaps, cic: "Bwd IAT Min", port: "bwd_iat_min"},
		{name: "gap max backward", kind: mapTime, fm: "bwd_gap_max", zeek: "bwd_iat.max", nf: "dst2src_max_piat_ms?" + cutTimes, df: "bwdIATMax!" + capped, py: "bwd_iat_max!" + mixedGaps, cic: "Bwd IAT Max", port: "bwd_iat_max"},
		{name: "gap mean backward", kind: mapTime, fm: "bwd_gap_mean", zeek: "bwd_iat.avg", nf: "dst2src_mean_piat_ms?" + cutTimes, df: "bwdIATMean!" + capped, py: "bwd_iat_mean!" + mixedGaps, cic: "Bwd IAT Mean", port: "bwd_iat_mean"},
		{name: "gap deviation backward", kind: mapTime, std: true, fm: "bwd_gap_std", zeek: "bwd_iat.std", nf: "dst2src_stddev_piat_ms?" + cutTimes, df: "bwdIATStd!" + ownSpread, py: "bwd_iat_std!" + mixedGaps, cic: "Bwd IAT Std", port: "bwd_iat_std"},
		{name: "gap skewness backward", py: "bwd_iat_skewness!" + mixedGaps}, {name: "gap kurtosis backward", py: "bwd_iat_kurtosis!" + mixedGaps},
	}},
	{"TCP flags and windows", []mapRow{
		{name: "FIN", fm: "fwd_fin + bwd_fin", zeek: "flow_FIN_flag_count", nf: "bidirectional_fin_packets", py: "fwd_ECE_cnt + bwd_ECE_cnt?" + reversed, cic: "FIN Flag Count", port: "fin_flag_cnt!" + onceMore, old: "URG Flag Count!" + firstOnly},
		{name: "FIN forward", fm: "fwd_fin", nf: "src2dst_fin_packets", py: "fwd_ECE_cnt?" + reversed}, {name: "FIN backward", fm: "bwd_fin", nf: "dst2src_fin_packets", py: "bwd_ECE_cnt?" + reversed},
		{name: "SYN", fm: "fwd_syn + bwd_syn", zeek: "flow_SYN_flag_count", nf: "bidirectional_syn_packets", py: "fwd_CWE_cnt + bwd_CWE_cnt?" + reversed, cic: "SYN Flag Count", port: "syn_flag_cnt!" + onceMore, old: "PSH Flag Count!" + firstOnly},
		{name: "SYN forward", fm: "fwd_syn", nf: "src2dst_syn_packets", py: "fwd_CWE_cnt?" + reversed}, {name: "SYN backward", fm: "bwd_syn", nf: "dst2src_syn_packets", py: "bwd_CWE_cnt?" + reversed},
		{name: "RST", fm: "fwd_rst + bwd_rst", zeek: "flow_RST_flag_count", nf: "bidirectional_rst_packets", py: "fwd_URG_cnt + bwd_URG_cnt?" + reversed, cic: "RST Flag Count", port: "rst_flag_cnt!" + onceMore, old: "FIN Flag Count!" + firstOnly},
		{name: "RST forward", fm: "fwd_rst", nf: "src2dst_rst_packets", py: "fwd_URG_cnt?" + reversed, cic: "-", fixed: "Fwd RST Flags", old: "-"}, {name: "RST backward", fm: "bwd_rst", nf: "dst2src_rst_packets", py: "bwd_URG_cnt?" + reversed, cic: "-", fixed: "Bwd RST Flags", old: "-"},
		{name: "PSH", fm: "fwd_psh + bwd_psh", zeek: "fwd_PSH_flag_count + bwd_PSH_flag_count", nf: "bidirectional_psh_packets", py: "fwd_ACK_cnt + bwd_ACK_cnt?" + reversed, cic: "PSH Flag Count", port: "psh_flag_cnt!" + onceMore, old: "SYN Flag Count!" + firstOnly},
		{name: "PSH forward", fm: "fwd_psh", zeek: "fwd_PSH_flag_count", nf: "src2dst_psh_packets", py: "fwd_ACK_cnt?" + reversed, cic: "Fwd PSH Flags!" + firstOnly, fixed: "Fwd PSH Flags", port: "fwd_psh_flags!" + onceMore},
		{name: "PSH backward", fm: "bwd_psh", zeek: "bwd_PSH_flag_count", nf: "dst2src_psh_packets", py: "bwd_ACK_cnt?" + reversed, cic: "@Bwd PSH Flags", fixed: "Bwd PSH Flags", port: "bwd_psh_flags"},
		{name: "ACK", fm: "fwd_ack + bwd_ack", zeek: "flow_ACK_flag_count", nf: "bidirectional_ack_packets", py: "fwd_PUSH_cnt + bwd_PUSH_cnt?" + reversed, cic: "ACK Flag Count", port: "ack_flag_cnt!" + onceMore, old: "ACK Flag Count!" + firstOnly},
		{name: "ACK forward", fm: "fwd_ack", nf: "src2dst_ack_packets", py: "fwd_PUSH_cnt?" + reversed}, {name: "ACK backward", fm: "bwd_ack", nf: "dst2src_ack_packets", py: "bwd_PUSH_cnt?" + reversed},
		{name: "URG", fm: "fwd_urg + bwd_urg", zeek: "fwd_URG_flag_count + bwd_URG_flag_count", nf: "bidirectional_urg_packets", py: "fwd_RST_cnt + bwd_RST_cnt?" + reversed, cic: "URG Flag Count", port: "urg_flag_cnt!" + onceMore, old: "CWR Flag Count!" + firstOnly},
		{name: "URG forward", fm: "fwd_urg", zeek: "fwd_URG_flag_count", nf: "src2dst_urg_packets", py: "fwd_RST_cnt?" + reversed, cic: "Fwd URG Flags!" + firstOnly, fixed: "Fwd URG Flags", port: "fwd_urg_flags = cwr_flag_count!" + onceMore},
		{name: "URG backward", fm: "bwd_urg", zeek: "bwd_URG_flag_count", nf: "dst2src_urg_packets", py: "bwd_RST_cnt?" + reversed, cic: "@Bwd URG Flags", fixed: "Bwd URG Flags", port: "bwd_urg_flags"},
		{name: "ECE", fm: "fwd_ece + bwd_ece", zeek: "flow_CWR_flag_count?" + crossed, nf: "bidirectional_ece_packets", py: "fwd_SYN_cnt + bwd_SYN_cnt?" + reversed, cic: "ECE Flag Count", port: "ece_flag_cnt!" + onceMore, old: "RST Flag Count!" + firstOnly},
		{name: "ECE forward", fm: "fwd_ece", nf: "src2dst_ece_packets", py: "fwd_SYN_cnt?" + reversed}, {name: "ECE backward", fm: "bwd_ece", nf: "dst2src_ece_packets", py: "bwd_SYN_cnt?" + reversed},
		{name: "CWR", fm: "fwd_cwr + bwd_cwr", zeek: "flow_ECE_flag_count?" + crossed, nf: "bidirectional_cwr_packets", py: "fwd_FIN_cnt + bwd_FIN_cnt?" + reversed, cic: "CWR Flag Count", old: "ECE Flag Count!" + firstOnly},
		{name: "CWR forward", fm: "fwd_cwr", nf: "src2dst_cwr_packets", py: "fwd_FIN_cnt?" + reversed}, {name: "CWR backward", fm: "bwd_cwr", nf: "dst2src_cwr_packets", py: "bwd_FIN_cnt?" + reversed},
		{name: "window of the first packet forward", fm: "fwd_init_window?" + withEnv, zeek: "fwd_init_window_size", cic: "FWD Init Win Bytes", fixed: "FWD Init Win Bytes!0 if the flow begins backward", port: "init_fwd_win_byts", old: "FWD Init Win Bytes{-1}!-1 without TCP"},
		{name: "window of the first packet backward", fm: "bwd_init_window?" + withEnv, zeek: "bwd_init_window_size", cic: "-", fixed: "Bwd Init Win Bytes!the first window above 0", port: "init_bwd_win_byts", old: "-"},
		{name: "window of the last packet forward", zeek: "fwd_last_window_size"},
		{name: "window of the last packet backward", zeek: "bwd_last_window_size", cic: "Bwd Init Win Bytes?not the first window, as its name says", fixed: "-", old: "Bwd Init Win Bytes{-1}!-1 without TCP"},
		{name: "retransmissions forward", fm: "fwd_retransmissions", cic: "-", fixed: "Fwd TCP Retrans. Count!duplicate ACKs and ordinary FINs count", old: "-"},
		{name: "retransmissions backward", fm: "bwd_retransmissions", cic: "-", fixed: "Bwd TCP Retrans. Count!duplicate ACKs and ordinary FINs count", old: "-"},
		{name: "retransmissions", fm: "fwd_retransmissions + bwd_retransmissions", cic: "-", fixed: "Total TCP Retrans. Count!duplicate ACKs and ordinary FINs count", old: "-"},
	}},
	{"subflow, bulk, active, idle", []mapRow{
		{name: "packets of a subflow forward", fm: "subflow_fwd_packets", zeek: "fwd_subflow_pkts", cic: "Subflow Fwd Packets!divided by the gaps, as whole numbers", fixed: "Subflow Fwd Packets!divided by the gaps", old: "-"},
		{name: "packets of a subflow backward", fm: "subflow_bwd_packets", zeek: "bwd_subflow_pkts", cic: "Subflow Bwd Packets!divided by the gaps, as whole numbers", fixed: "Subflow Bwd Packets!divided by the gaps", old: "-"},
		{name: "bytes of a subflow forward", kind: mapSize, fm: "subflow_fwd_payload_bytes", zeek: "fwd_subflow_bytes", cic: "Subflow Fwd Bytes!divided by the gaps, as whole numbers", fixed: "Subflow Fwd Bytes!divided by the gaps", old: "-"},
		{name: "bytes of a subflow backward", kind: mapSize, fm: "subflow_bwd_payload_bytes", zeek: "bwd_subflow_bytes", cic: "Subflow Bwd Bytes!divided by the gaps, as whole numbers", fixed: "Subflow Bwd Bytes!divided by the gaps", old: "-"},
		{name: "bytes of a bulk forward", kind: mapSize, fm: "fwd_bulk_bytes_mean", zeek: "fwd_bulk_bytes!" + atLeastOne, cic: "@Fwd Bytes/Bulk Avg", fixed: "Fwd Bytes/Bulk Avg?divided as whole numbers", port: "fwd_byts_b_avg!" + padded},
		{name: "bytes of a bulk backward", kind: mapSize, fm: "bwd_bulk_bytes_mean", zeek: "bwd_bulk_bytes!" + atLeastOne, cic: "Bwd Bytes/Bulk Avg!" + bothWays, fixed: "Bwd Bytes/Bulk Avg?divided as whole numbers", port: "bwd_byts_b_avg!" + padded, old: "@Bwd Bytes/Bulk Avg"},
		{name: "packets of a bulk forward", fm: "fwd_bulk_packets_mean", zeek: "fwd_bulk_packets!" + atLeastOne, cic: "@Fwd Packet/Bulk Avg", fixed: "Fwd Packet/Bulk Avg?divided as whole numbers", port: "fwd_pkts_b_avg!" + padded},
		{name: "packets of a bulk backward", fm: "bwd_bulk_packets_mean", zeek: "bwd_bulk_packets!" + atLeastOne, cic: "Bwd Packet/Bulk Avg!" + bothWays, fixed: "Bwd Packet/Bulk Avg?divided as whole numbers", port: "bwd_pkts_b_avg!" + padded, old: "@Bwd Packet/Bulk Avg"},
		{name: "bulk rate forward", kind: mapSize, fm: "fwd_bulk_rate!its time counts as at least 1 ms", zeek: "fwd_bulk_rate!" + atLeastOne, cic: "@Fwd Bulk Rate Avg", fixed: "Fwd Bulk Rate Avg?divided as whole numbers", port: "fwd_blk_rate_avg!" + padded},
		{name: "bulk rate backward", kind: mapSize, fm: "bwd_bulk_rate!its time counts as at least 1 ms", zeek: "bwd_bulk_rate!" + atLeastOne, cic: "Bwd Bulk Rate Avg!" + bothWays, fixed: "Bwd Bulk Rate Avg?divided as whole numbers", port: "bwd_blk_rate_avg!" + padded, old: "@Bwd Bulk Rate Avg"},
		{name: "active mean", kind: mapTime, fm: "active_mean", zeek: "active.avg", cic: "Active Mean!" + noLast, port: "@active_mean"},
		{name: "active deviation", kind: mapTime, std: true, fm: "active_std", zeek: "active.std", cic: "Active Std!" + noLast, port: "@active_std"},
		{name: "active max", kind: mapTime, fm: "active_max", zeek: "active.max", cic: "Active Max!" + noLast, port: "@active_max"},
		{name: "active min", kind: mapTime, fm: "active_min", zeek: "active.min", cic: "Active Min!" + noLast, port: "@active_min"},
		{name: "active total", kind: mapTime, zeek: "active.tot"},
		{name: "idle mean", kind: mapTime, fm: "idle_mean", zeek: "idle.avg", cic: "Idle Mean", port: "@idle_mean"},
		{name: "idle deviation", kind: mapTime, std: true, fm: "idle_std", zeek: "idle.std", cic: "Idle Std", port: "@idle_std"},
		{name: "idle max", kind: mapTime, fm: "idle_max", zeek: "idle.max", cic: "Idle Max", port: "@idle_max"},
		{name: "idle min", kind: mapTime, fm: "idle_min", zeek: "idle.min", cic: "Idle Min", port: "@idle_min"},
		{name: "idle total", kind: mapTime, zeek: "idle.tot"},
	}},
	{"sequences, applications, hosts", []mapRow{
		{name: "directions of packets", fm: "~signs of early_01_size …", nf: "~splt_direction", box: "~signs of ip_lengths, payload_lengths"},
		{name: "sizes of packets", fm: "~early_01_size … (payload)", nf: "~splt_ps", box: "~ip_lengths; payload_lengths (of UDP 8 more)"},
		{name: "times of packets", fm: "~early_02_gap … (gaps)", nf: "~splt_piat_ms (gaps)", box: "~ip_timestamps, payload_timestamps (since 1970)"},
		{name: "application", fm: "~looks_tls … (first bytes)", zeek: "~conn.log service", nf: "~application_name, application_category_name, application_is_guessed, application_confidence", box: "~ext_protocol"},
		{name: "server name", zeek: "~ssl.log, http.log, dns.log", nf: "~requested_server_name", box: "~extension"},
		{name: "fingerprints", zeek: "~packages", nf: "~client_fingerprint, server_fingerprint", box: "~extension"},
		{name: "user agent, content type", zeek: "~http.log", nf: "~user_agent, content_type", box: "~extension"},
		{name: "owning process", nf: "~system_process_pid, system_process_name (of the wrong socket at times)"},
		{name: "ICMP code", zeek: "~conn.log id.resp_p", cic: "-", fixed: "ICMP Code", box: "~extension", old: "-"},
		{name: "ICMP type", zeek: "~conn.log id.orig_p", cic: "-", fixed: "ICMP Type", box: "~extension", old: "-"},
	}},
}

// cicSpellings are the columns of CICFlowMeter in the order of its newest header, with their
// names in the tables of CIC-IDS2017, where blanks in front are left out, and of
// CSE-CIC-IDS2018; "" where a table has no such column.
var cicSpellings = [...][3]string{
	{"Flow ID", "Flow ID", "Flow ID"}, {"Src IP", "Source IP", "Src IP"}, {"Src Port", "Source Port", "Src Port"},
	{"Dst IP", "Destination IP", "Dst IP"}, {"Dst Port", "Destination Port", "Dst Port"}, {"Protocol", "Protocol", "Protocol"},
	{"Timestamp", "Timestamp", "Timestamp"}, {"Flow Duration", "Flow Duration", "Flow Duration"},
	{"Total Fwd Packet", "Total Fwd Packets", "Tot Fwd Pkts"}, {"Total Bwd packets", "Total Backward Packets", "Tot Bwd Pkts"},
	{"Total Length of Fwd Packet", "Total Length of Fwd Packets", "TotLen Fwd Pkts"}, {"Total Length of Bwd Packet", "Total Length of Bwd Packets", "TotLen Bwd Pkts"},
	{"Fwd Packet Length Max", "Fwd Packet Length Max", "Fwd Pkt Len Max"}, {"Fwd Packet Length Min", "Fwd Packet Length Min", "Fwd Pkt Len Min"},
	{"Fwd Packet Length Mean", "Fwd Packet Length Mean", "Fwd Pkt Len Mean"}, {"Fwd Packet Length Std", "Fwd Packet Length Std", "Fwd Pkt Len Std"},
	{"Bwd Packet Length Max", "Bwd Packet Length Max", "Bwd Pkt Len Max"}, {"Bwd Packet Length Min", "Bwd Packet Length Min", "Bwd Pkt Len Min"},
	{"Bwd Packet Length Mean", "Bwd Packet Length Mean", "Bwd Pkt Len Mean"}, {"Bwd Packet Length Std", "Bwd Packet Length Std", "Bwd Pkt Len Std"},
	{"Flow Bytes/s", "Flow Bytes/s", "Flow Byts/s"}, {"Flow Packets/s", "Flow Packets/s", "Flow Pkts/s"},
	{"Flow IAT Mean", "Flow IAT Mean", "Flow IAT Mean"}, {"Flow IAT Std", "Flow IAT Std", "Flow IAT Std"},
	{"Flow IAT Max", "Flow IAT Max", "Flow IAT Max"}, {"Flow IAT Min", "Flow IAT Min", "Flow IAT Min"},
	{"Fwd IAT Total", "Fwd IAT Total", "Fwd IAT Tot"}, {"Fwd IAT Mean", "Fwd IAT Mean", "Fwd IAT Mean"},
	{"Fwd IAT Std", "Fwd IAT Std", "Fwd IAT Std"}, {"Fwd IAT Max", "Fwd IAT Max", "Fwd IAT Max"}, {"Fwd IAT Min", "Fwd IAT Min", "Fwd IAT Min"},
	{"Bwd IAT Total", "Bwd IAT Total", "Bwd IAT Tot"}, {"Bwd IAT Mean", "Bwd IAT Mean", "Bwd IAT Mean"},
	{"Bwd IAT Std", "Bwd IAT Std", "Bwd IAT Std"}, {"Bwd IAT Max", "Bwd IAT Max", "Bwd IAT Max"}, {"Bwd IAT Min", "Bwd IAT Min", "Bwd IAT Min"},
	{"Fwd PSH Flags", "Fwd PSH Flags", "Fwd PSH Flags"}, {"Bwd PSH Flags", "Bwd PSH Flags", "Bwd PSH Flags"},
	{"Fwd URG Flags", "Fwd URG Flags", "Fwd URG Flags"}, {"Bwd URG Flags", "Bwd URG Flags", "Bwd URG Flags"},
	{"Fwd Header Length", "Fwd Header Length", "Fwd Header Len"}, {"Bwd Header Length", "Bwd Header Length", "Bwd Header Len"},
	{"Fwd Packets/s", "Fwd Packets/s", "Fwd Pkts/s"}, {"Bwd Packets/s", "Bwd Packets/s", "Bwd Pkts/s"},
	{"Packet Length Min", "Min Packet Length", "Pkt Len Min"}, {"Packet Length Max", "Max Packet Length", "Pkt Len Max"},
	{"Packet Length Mean", "Packet Length Mean", "Pkt Len Mean"}, {"Packet Length Std", "Packet Length Std", "Pkt Len Std"}, {"Packet Length Variance", "Packet Length Variance", "Pkt Len Var"},
	{"FIN Flag Count", "FIN Flag Count", "FIN Flag Cnt"}, {"SYN Flag Count", "SYN Flag Count", "SYN Flag Cnt"},
	{"RST Flag Count", "RST Flag Count", "RST Flag Cnt"}, {"PSH Flag Count", "PSH Flag Count", "PSH Flag Cnt"},
	{"ACK Flag Count", "ACK Flag Count", "ACK Flag Cnt"}, {"URG Flag Count", "URG Flag Count", "URG Flag Cnt"},
	{"CWR Flag Count", "CWE Flag Count", "CWE Flag Count"}, {"ECE Flag Count", "ECE Flag Count", "ECE Flag Cnt"},
	{"Down/Up Ratio", "Down/Up Ratio", "Down/Up Ratio"}, {"Average Packet Size", "Average Packet Size", "Pkt Size Avg"},
	{"Fwd Segment Size Avg", "Avg Fwd Segment Size", "Fwd Seg Size Avg"}, {"Bwd Segment Size Avg", "Avg Bwd Segment Size", "Bwd Seg Size Avg"},
	{"Fwd Header Length.1", "Fwd Header Length.1", ""},
	{"Fwd Bytes/Bulk Avg", "Fwd Avg Bytes/Bulk", "Fwd Byts/b Avg"}, {"Fwd Packet/Bulk Avg", "Fwd Avg Packets/Bulk", "Fwd Pkts/b Avg"}, {"Fwd Bulk Rate Avg", "Fwd Avg Bulk Rate", "Fwd Blk Rate Avg"},
	{"Bwd Bytes/Bulk Avg", "Bwd Avg Bytes/Bulk", "Bwd Byts/b Avg"}, {"Bwd Packet/Bulk Avg", "Bwd Avg Packets/Bulk", "Bwd Pkts/b Avg"}, {"Bwd Bulk Rate Avg", "Bwd Avg Bulk Rate", "Bwd Blk Rate Avg"},
	{"Subflow Fwd Packets", "Subflow Fwd Packets", "Subflow Fwd Pkts"}, {"Subflow Fwd Bytes", "Subflow Fwd Bytes", "Subflow Fwd Byts"},
	{"Subflow Bwd Packets", "Subflow Bwd Packets", "Subflow Bwd Pkts"}, {"Subflow Bwd Bytes", "Subflow Bwd Bytes", "Subflow Bwd Byts"},
	{"FWD Init Win Bytes", "Init_Win_bytes_forward", "Init Fwd Win Byts"}, {"Bwd Init Win Bytes", "Init_Win_bytes_backward", "Init Bwd Win Byts"},
	{"Fwd Act Data Pkts", "act_data_pkt_fwd", "Fwd Act Data Pkts"}, {"Fwd Seg Size Min", "min_seg_size_forward", "Fwd Seg Size Min"},
	{"Active Mean", "Active Mean", "Active Mean"}, {"Active Std", "Active Std", "Active Std"}, {"Active Max", "Active Max", "Active Max"}, {"Active Min", "Active Min", "Active Min"},
	{"Idle Mean", "Idle Mean", "Idle Mean"}, {"Idle Std", "Idle Std", "Idle Std"}, {"Idle Max", "Idle Max", "Idle Max"}, {"Idle Min", "Idle Min", "Idle Min"},
	{"Label", "Label", "Label"},
}

// spelled gives names of CICFlowMeter as the tables of a data set spell them.
func spelled(names []string, tool int) []string {
	var out []string
	for _, n := range names {
		for _, s := range cicSpellings {
			if to := s[1+tool-map2017]; s[0] == n && to != "" {
				out = append(out, to)
			}
		}
	}
	return out
}
