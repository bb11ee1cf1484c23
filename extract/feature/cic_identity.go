package feature

import (
	"strconv"
	"time"

	"fm/dataset"
	"fm/extract/flow"
	"fm/extract/packet"
)

// protocol is the number that the tool gives a flow.
func (c *cic) protocol(v *flow.View) int64 {
	switch p := v.Key.Proto; {
	case p == packet.ProtoTCP, p == packet.ProtoUDP:
		return int64(p)
	case c.fixed && (p == packet.ProtoICMP || p == 2 || p == packet.ProtoSCTP || p == packet.ProtoICMPv6 && ipVersion(v) == 6):
		return int64(p)
	}
	return 0
}

func (c *cic) identity() {
	c.cell("Flow ID", TypeString, func(dst []byte, v *flow.View) []byte {
		from, to := endpoints(v)
		if flow.CICTurned(v.Flow) {
			from, to = to, from
		}
		dst = from.Addr().AppendTo(dst)
		dst = to.Addr().AppendTo(append(dst, '-'))
		dst = strconv.AppendUint(append(dst, '-'), uint64(from.Port()), 10)
		dst = strconv.AppendUint(append(dst, '-'), uint64(to.Port()), 10)
		return strconv.AppendInt(append(dst, '-'), c.protocol(v), 10)
	})
	c.cell("Src IP", TypeAddr, func(dst []byte, v *flow.View) []byte { src, _ := endpoints(v); return src.Addr().AppendTo(dst) })
	c.port("Src Port", "Port of the initiator; 0 but for protocols whose ports the tool reads.", func(v *flow.View) uint16 { src, _ := endpoints(v); return src.Port() })
	c.cell("Dst IP", TypeAddr, func(dst []byte, v *flow.View) []byte { _, to := endpoints(v); return to.Addr().AppendTo(dst) })
	c.port("Dst Port", "Port of the responder; 0 but for protocols whose ports the tool reads.", func(v *flow.View) uint16 { _, to := endpoints(v); return to.Port() })
	if c.fixed {
		c.whole("Protocol", dataset.None, "6 TCP, 17 UDP, 1 ICMP, 2 IGMP, 132 SCTP, 0 all else.", c.protocol)
	} else {
		c.whole("Protocol", dataset.None, "6 TCP, 17 UDP, 0 all else.", c.protocol)
		c.wrong("is_icmp", "ICMP and all else have protocol 0.")
	}
	c.cell("Timestamp", TypeString, func(dst []byte, v *flow.View) []byte {
		t := time.UnixMicro(flow.Micros(v.Start)).UTC()
		if c.fixed {
			dst = appendClock(dst, t)
			us, n := int64(t.Nanosecond()/1000), len(dst)
			switch {
			case us == 0:
				return dst
			case us%1000 == 0:
				dst = strconv.AppendInt(dst, 1000+us/1000, 10)
			default:
				dst = strconv.AppendInt(dst, 1_000_000+us, 10)
			}
			dst[n] = '.' // for the 1 that keeps the zeros
			return dst
		}
		return time.UnixMilli(t.UnixMicro()/1000).UTC().AppendFormat(dst, "02/01/2006 03:04:05 PM")
	})
}

func (c *cic) port(name, doc string, value func(*flow.View) uint16) {
	c.column(name, dataset.None, dataset.Identity, doc, func(v *flow.View) float64 { return float64(value(v)) })
	c.cell(name, TypePort, func(dst []byte, v *flow.View) []byte { return strconv.AppendUint(dst, uint64(value(v)), 10) })
}

// cicV3 are the names of CIC-IDS2017 where they differ from those of V4.
var cicV3 = map[string]string{
	"Src IP": " Source IP", "Src Port": " Source Port", "Dst IP": " Destination IP", "Dst Port": " Destination Port",
	"Total Fwd Packet": " Total Fwd Packets", "Total Bwd packets": " Total Backward Packets",
	"Total Length of Fwd Packet": "Total Length of Fwd Packets", "Total Length of Bwd Packet": " Total Length of Bwd Packets",
	"Bwd Packet Length Max": "Bwd Packet Length Max", "Flow Bytes/s": "Flow Bytes/s", "Fwd IAT Total": "Fwd IAT Total", "Bwd IAT Total": "Bwd IAT Total",
	"Fwd PSH Flags": "Fwd PSH Flags", "Fwd Packets/s": "Fwd Packets/s", "Packet Length Min": " Min Packet Length", "Packet Length Max": " Max Packet Length",
	"FIN Flag Count": "FIN Flag Count", "CWR Flag Count": " CWE Flag Count",
	"Fwd Segment Size Avg": " Avg Fwd Segment Size", "Bwd Segment Size Avg": " Avg Bwd Segment Size",
	"Fwd Bytes/Bulk Avg": "Fwd Avg Bytes/Bulk", "Fwd Packet/Bulk Avg": " Fwd Avg Packets/Bulk", "Fwd Bulk Rate Avg": " Fwd Avg Bulk Rate",
	"Bwd Bytes/Bulk Avg": " Bwd Avg Bytes/Bulk", "Bwd Packet/Bulk Avg": " Bwd Avg Packets/Bulk", "Bwd Bulk Rate Avg": "Bwd Avg Bulk Rate",
	"Subflow Fwd Packets": "Subflow Fwd Packets", "FWD Init Win Bytes": "Init_Win_bytes_forward", "Bwd Init Win Bytes": " Init_Win_bytes_backward",
	"Fwd Act Data Pkts": " act_data_pkt_fwd", "Fwd Seg Size Min": " min_seg_size_forward", "Active Mean": "Active Mean", "Idle Mean": "Idle Mean",
	"Flow ID": "Flow ID",
}

// name is how a column is called in the header in force.
func (c *cic) name(name string) string {
	if !c.v3 {
		return name
	}
	if v3, ok := cicV3[name]; ok {
		return v3
	}
	return " " + name
}
