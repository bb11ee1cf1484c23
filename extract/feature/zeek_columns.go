package feature

import (
	"fmt"
	"strconv"

	"fm/dataset"
	"fm/extract/flow"
)

// Words of faults that several columns share.
const (
	zeekDurationFault = "rests on a duration that leaves out packets which the other columns include: those behind the end of both sides, mostly the last ACK, and those with a wrong checksum"
	zeekPayloadFault  = "IPv6 extension headers and the headers of ICMP messages of fewer than 28 bytes count as payload"
	zeekHeaderFault   = "the header of an ICMP message of fewer than 28 bytes counts as 0 bytes"
	zeekBulkFault     = "the last run of a direction counts twice if the other direction ended it, and time counts from the last packet of the direction of any kind, not from that with payload"
)

// zeekWays are the two directions.
var zeekWays = ways[:2]

func (z *zeekFlowmeter) volume() {
	z.group = "volume"
	z.faulty("leaves out packets that all other columns include: those behind the end of both sides, mostly the last ACK, and those with a wrong checksum", "duration", func() {
		z.column("flow_duration", dataset.Seconds, "From the first to the last packet that Zeek counts for the connection, s; below 0 where a capture runs backwards.", func(v *flow.View) float64 { return printed(zeekDuration(v)) })
	})
	z.cell("flow_duration", TypeInterval, func(dst []byte, v *flow.View) []byte { return strconv.AppendFloat(dst, zeekDuration(v), 'f', 6, 64) })
	for _, w := range zeekWays {
		z.count(w.prefix+"pkts_tot", dataset.Count, "Number of "+w.word+".", func(g *flow.Zeek) uint64 { return uint64(g.Pkts[w.dir]) })
	}
	for _, w := range zeekWays {
		z.faulty(zeekPayloadFault, w.prefix+"data_packets", func() {
			z.count(w.prefix+"data_pkts_tot", dataset.Count, "Number of "+w.word+" with payload.", func(g *flow.Zeek) uint64 { return uint64(g.Data[w.dir]) })
		})
	}
	for _, w := range zeekWays {
		z.faulty(zeekDurationFault, w.prefix+"packet_rate", func() {
			z.double(w.prefix+"pkts_per_sec", dataset.PerSec, "Number of "+w.word+" by flow_duration, 1/s; 0 without a duration.", func(v *flow.View) float64 { return zeekRate(v, uint64(v.Zeek.Pkts[w.dir])) })
		})
	}
	z.faulty(zeekDurationFault, "packet_rate", func() {
		z.double("flow_pkts_per_sec", dataset.PerSec, "Number of packets by flow_duration, 1/s; 0 without a duration.", func(v *flow.View) float64 {
			return zeekRate(v, uint64(v.Zeek.Pkts[0])+uint64(v.Zeek.Pkts[1]))
		})
	})
	z.double("down_up_ratio", dataset.None, "Backward by forward packets; 0 without forward ones.", func(v *flow.View) float64 {
		return ratio(float64(v.Zeek.Pkts[1]), float64(v.Zeek.Pkts[0]))
	})
	for _, w := range zeekWays {
		d, of := w.dir, "transport header of "+w.word+" (TCP by its data offset, UDP and ICMP 8, others 0), bytes; 0 without one."
		z.faulty(zeekHeaderFault, "", func() {
			z.count(w.prefix+"header_size_tot", dataset.Bytes, "Sum of the "+of, func(g *flow.Zeek) uint64 { return g.Header[d] })
		})
		z.faulty(zeekHeaderFault+", and a header of 0 bytes gives way to any other", "", func() {
			z.count(w.prefix+"header_size_min", dataset.Bytes, "Smallest "+of, func(g *flow.Zeek) uint64 { return uint64(g.HeaderMin[d]) })
		})
		z.faulty(zeekHeaderFault, "", func() {
			z.count(w.prefix+"header_size_max", dataset.Bytes, "Largest "+of, func(g *flow.Zeek) uint64 { return uint64(g.HeaderMax[d]) })
		})
	}
}

func (z *zeekFlowmeter) flags() {
	z.group = "flag"
	all := func(name string, bit int) {
		z.count("flow_"+name+"_flag_count", dataset.Count, "TCP packets with "+name+", both directions.", func(g *flow.Zeek) uint64 { return uint64(g.Flags[bit]) })
	}
	each := func(name string, of func(*flow.Zeek) *[2]uint32) {
		for _, w := range zeekWays {
			z.count(w.prefix+name+"_flag_count", dataset.Count, "Number of "+w.word+" with the TCP flag "+name+".", func(g *flow.Zeek) uint64 { return uint64(of(g)[w.dir]) })
		}
	}
	all("FIN", 0)
	all("SYN", 1)
	all("RST", 2)
	each("PSH", func(g *flow.Zeek) *[2]uint32 { return &g.PSH })
	all("ACK", 4)
	each("URG", func(g *flow.Zeek) *[2]uint32 { return &g.URG })
	for _, c := range []struct {
		name, holds string
		bit         int
		right       string
	}{{"CWR", "ECE", 6, "fwd_cwr"}, {"ECE", "CWR", 7, "fwd_ece"}} {
		z.faulty("holds the packets with "+c.holds+", because the script crosses the two; "+c.right+" and b"+c.right[1:]+" of set fm are right by direction", c.right, func() {
			z.count("flow_"+c.name+"_flag_count", dataset.Count, "Said to be the TCP packets with "+c.name+", both directions.", func(g *flow.Zeek) uint64 { return uint64(g.Flags[c.bit]) })
		})
	}
}

// zeekNumbers are the statistics of a record of the script, in its order: min, max, tot,
// avg, std. Most are 0 in short flows, so each cell works out no more than its own.
type zeekNumbers [5]func(*flow.View) float64

// record adds the columns of a record. right is the prefix of the columns of set fm that
// are right where there is a fault.
func (z *zeekFlowmeter) record(name string, unit dataset.Unit, of, right string, values zeekNumbers) {
	for i, c := range []struct{ name, doc, right string }{
		{"min", "Smallest " + of + "; 0 without one.", "_min"},
		{"max", "Largest " + of + "; 0 without one.", "_max"},
		{"tot", "Sum of the " + of + ".", "_bytes"},
		{"avg", "Mean " + of + "; 0 without one.", "_mean"},
		{"std", "Sample standard deviation of the " + of + "; 0 with fewer than two.", "_std"},
	} {
		if z.fault != "" {
			z.right = right + c.right
		}
		z.double(name+"."+c.name, unit, c.doc, values[i])
	}
}

func (z *zeekFlowmeter) sizes() {
	z.group = "payload"
	for _, w := range ways {
		name := w.prefix
		if name == "" {
			name = "flow_"
		}
		z.faulty(zeekPayloadFault, "", func() {
			z.record(name+"pkts_payload", dataset.Bytes, "payload of "+w.word+", those without included, bytes", w.prefix+"payload", zeekSizes(w.dir))
		})
	}
}

// zeekSizes are the statistics of the payload of one direction, or of both.
func zeekSizes(dir int) zeekNumbers {
	of := func(v *flow.View) (s flow.ZeekSizes, n uint64) {
		g := v.Zeek
		if dir != flow.Both {
			return g.Payload[dir], uint64(g.Pkts[dir])
		}
		s, n = g.Payload[0], uint64(g.Pkts[0])+uint64(g.Pkts[1])
		switch b := g.Payload[1]; {
		case g.Pkts[0] == 0:
			s = b
		case g.Pkts[1] > 0:
			s = flow.ZeekSizes{Sum: s.Sum + b.Sum, Squares: s.Squares + b.Squares, Min: min(s.Min, b.Min), Max: max(s.Max, b.Max)}
		}
		return s, n
	}
	return zeekNumbers{
		func(v *flow.View) float64 { s, _ := of(v); return float64(s.Min) },
		func(v *flow.View) float64 { s, _ := of(v); return float64(s.Max) },
		func(v *flow.View) float64 { s, _ := of(v); return float64(s.Sum) },
		func(v *flow.View) float64 { s, n := of(v); return ratio(float64(s.Sum), float64(n)) },
		func(v *flow.View) float64 { s, n := of(v); return s.Std(n) },
	}
}

func (z *zeekFlowmeter) times() {
	z.group = "time"
	for _, w := range ways {
		name := w.prefix
		if name == "" {
			name = "flow_"
		}
		z.record(name+"iat", dataset.Micros, "gap between consecutive "+w.word+", by the clock of the capture, which never goes back, microseconds", "",
			zeekTimes(func(g *flow.Zeek) (*flow.ZeekTimes, uint32) {
				n := [3]uint32{g.Pkts[0], g.Pkts[1], g.Pkts[0] + g.Pkts[1]}[w.dir]
				return &g.IAT[w.dir], n - min(n, 1)
			}))
	}
}

// zeekTimes are the statistics of times, and how many there are.
func zeekTimes(of func(*flow.Zeek) (*flow.ZeekTimes, uint32)) zeekNumbers {
	return zeekNumbers{
		func(v *flow.View) float64 { t, _ := of(v.Zeek); return t.Min },
		func(v *flow.View) float64 { t, _ := of(v.Zeek); return t.Max },
		func(v *flow.View) float64 { t, _ := of(v.Zeek); return t.Tot },
		func(v *flow.View) float64 { t, n := of(v.Zeek); return t.Avg(n) },
		func(v *flow.View) float64 { t, n := of(v.Zeek); return t.Std(n) },
	}
}

func (z *zeekFlowmeter) rates() {
	z.group = "volume"
	z.faulty(zeekDurationFault+"; "+zeekPayloadFault, "", func() {
		z.double("payload_bytes_per_second", dataset.BPerSec, "Payload of all packets by flow_duration, B/s; 0 without a duration.", func(v *flow.View) float64 {
			return zeekRate(v, v.Zeek.Payload[0].Sum+v.Zeek.Payload[1].Sum)
		})
	})
	z.group = "subflow"
	parts := " by the number of subflows: 1 and one for each gap above subflow_max_iat"
	for _, w := range zeekWays {
		z.double(w.prefix+"subflow_pkts", dataset.Count, "Number of "+w.word+parts+".", func(v *flow.View) float64 {
			return float64(v.Zeek.Pkts[w.dir]) / float64(v.Zeek.Subflows)
		})
	}
	for _, w := range zeekWays {
		z.faulty(zeekPayloadFault, "subflow_"+w.prefix+"payload_bytes", func() {
			z.double(w.prefix+"subflow_bytes", dataset.Bytes, "Payload of "+w.word+parts+", bytes.", func(v *flow.View) float64 {
				return float64(v.Zeek.Payload[w.dir].Sum) / float64(v.Zeek.Subflows)
			})
		})
	}
	z.group = "bulk"
	run := ": runs of at least bulk_min_length packets with payload, with gaps below bulk_timeout"
	for _, b := range []struct {
		name, doc, right string
		unit             dataset.Unit
		value            func(g *flow.Zeek, d int) float64
	}{
		{"bulk_bytes", "Payload of %s in bulks by the number of bulks, bytes", "bulk_bytes_mean", dataset.Bytes, func(g *flow.Zeek, d int) float64 { return ratio(float64(g.BulkBytes[d]), float64(g.Bulks[d])) }},
		{"bulk_packets", "Number of %s in bulks by the number of bulks", "bulk_packets_mean", dataset.Count, func(g *flow.Zeek, d int) float64 { return ratio(float64(g.BulkPkts[d]), float64(g.Bulks[d])) }},
		{"bulk_rate", "Payload of %s in bulks by the time that these took, B/s", "bulk_rate", dataset.BPerSec, func(g *flow.Zeek, d int) float64 { return ratio(float64(g.BulkBytes[d]), g.BulkTime[d]) }},
	} {
		for _, w := range zeekWays {
			z.faulty(zeekBulkFault, w.prefix+b.right, func() {
				z.double(w.prefix+b.name, b.unit, fmt.Sprintf(b.doc, w.word)+run+"; 0 without one.", func(v *flow.View) float64 { return b.value(v.Zeek, w.dir) })
			})
		}
	}
}

func (z *zeekFlowmeter) activity() {
	z.group = "activity"
	z.record("active", dataset.Micros, "time from the first to the last packet of a phase without a gap above active_timeout, of phases with more than one packet, microseconds", "",
		zeekTimes(func(g *flow.Zeek) (*flow.ZeekTimes, uint32) { return &g.Active, g.Actives }))
	z.record("idle", dataset.Micros, "gap above active_timeout, microseconds", "",
		zeekTimes(func(g *flow.Zeek) (*flow.ZeekTimes, uint32) { return &g.Idle, g.Idles }))
}

func (z *zeekFlowmeter) windows() {
	z.group = "window"
	for _, w := range zeekWays {
		z.count(w.prefix+"init_window_size", dataset.Bytes, "TCP window of the first of the "+w.word+", as sent; 0 without one.", func(g *flow.Zeek) uint64 { return uint64(g.Init[w.dir]) })
	}
	for _, w := range zeekWays {
		z.count(w.prefix+"last_window_size", dataset.Bytes, "TCP window of the last of the "+w.word+", as sent; 0 without one.", func(g *flow.Zeek) uint64 { return uint64(g.LastWindow[w.dir]) })
	}
}

// zeekDuration is the duration of the connection, s.
func zeekDuration(v *flow.View) float64 {
	return flow.ZeekSeconds(v.ZeekConn.Last) - flow.ZeekSeconds(v.Start)
}

// zeekRate is n by the second, 0 without a duration.
func zeekRate(v *flow.View, n uint64) float64 {
	if d := zeekDuration(v); d > 0 {
		return float64(n) / d
	}
	return 0
}

// ratio is a/b, 0 where b is.
func ratio(a, b float64) float64 {
	if b > 0 {
		return a / b
	}
	return 0
}
