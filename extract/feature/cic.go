package feature

import (
	"math"
	"strconv"
	"time"

	"fm/dataset"
	"fm/extract/flow"
	"fm/extract/packet"
)

const cicDoc = "The columns of CICFlowMeter as published (V4, commit 98a5eba), its faults included: payload sizes, gaps in microseconds, flags, bulks, subflows."

var cicOptions = []Option{
	{"flow_timeout", "120", "seconds after its start at which a flow is cut"},
	{"activity_timeout", "5", "seconds without packets after which a flow is idle"},
	{"header", "V4", "names of the columns: V4, or V3 as in CIC-IDS2017 (only the names; what V3 counted otherwise is not imitated)"},
	{Faithful, "false", "leave out and misread packets as CICFlowMeter does, leave out flows of one packet, end silent flows only with their next packet (the original layout: true)"},
}

// cicTimeouts are the durations of CICFlowMeter that fm has by another name: its timeout
// counts from the start of a flow.
var cicTimeouts = map[string]string{"active": "flow_timeout"}

// cic is a set in the making.
type cic struct {
	set   *Set
	needs flow.Needs
	fixed bool
	core  func(*flow.View) *flow.CICCore
	v3    bool
	group string // of the columns that follow
}

func buildCIC(o *options) (*Set, error) {
	c := cic{needs: flow.NeedCIC, core: func(v *flow.View) *flow.CICCore { return &v.CIC.CICCore }}
	c.set = &Set{Name: "cicflowmeter", Version: 1, Doc: cicDoc, Tool: "CICFlowMeter"}
	header, err := o.word("header", "V4", "V3")
	if err != nil {
		return nil, err
	}
	c.v3 = header == "V3"
	if err := c.rules(o); err != nil {
		return nil, err
	}
	c.columns()
	return c.set, nil
}

// rules set how packets are read and flows live.
func (c *cic) rules(o *options) error {
	timeout, err := o.seconds("flow_timeout", 120)
	if err != nil {
		return err
	}
	activity, err := o.seconds("activity_timeout", 5)
	if err != nil {
		return err
	}
	exact, err := o.yes(Faithful)
	if err != nil {
		return err
	}
	s := c.set
	s.Life = &flow.CICLife{Timeout: timeout / 1000, Activity: activity / 1000, Fork: c.fixed, Forget: !exact}
	s.View = packet.View{NoICMPQuery: true, OnlyPorts: !c.fixed, KeepEpoch: true, Before1970: true}
	if exact {
		s.View.Read = packet.JNetPcap{Fork: c.fixed}
		if !c.fixed {
			s.Keep = func(v *flow.View) bool { return v.Packets() > 1 }
		}
	}
	s.Original = &Layout{End: "\n"}
	return nil
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

// wrong says what is wrong with the column added last, and which of fm's is right.
func (c *cic) wrong(right, fault string) {
	last := &c.set.Columns[len(c.set.Columns)-1]
	last.Fault, last.Right = fault, right
}

func (c *cic) column(name string, unit dataset.Unit, role dataset.Role, doc string, value func(*flow.View) float64) {
	name = c.name(name)
	if name[0] == ' ' { // of the file, not of the column
		name = name[1:]
	}
	c.set.Columns = append(c.set.Columns, Column{Name: name, Unit: unit, Group: c.group, Role: role, Needs: c.needs, Doc: doc, Value: value})
}

func (c *cic) cell(name string, typ CellType, write func(dst []byte, v *flow.View) []byte) {
	c.set.Original.Cells = append(c.set.Original.Cells, Cell{Name: c.name(name), Append: write, Type: typ})
}

// whole adds a column of whole numbers.
func (c *cic) whole(name string, unit dataset.Unit, doc string, value func(*flow.View) int64) {
	c.column(name, unit, dataset.Feature, doc, func(v *flow.View) float64 { return float64(value(v)) })
	c.cell(name, TypeCount, func(dst []byte, v *flow.View) []byte { return strconv.AppendInt(dst, value(v), 10) })
}

// real adds a column that is printed as a double; not finite, it is missing outside the
// original layout.
func (c *cic) real(name string, unit dataset.Unit, doc string, value func(*flow.View) float64) {
	c.column(name, unit, dataset.Feature, doc, func(v *flow.View) float64 {
		x := value(v)
		if math.IsInf(x, 0) {
			return missing()
		}
		return x
	})
	c.cell(name, TypeDouble, func(dst []byte, v *flow.View) []byte { return appendJava(dst, value(v)) })
}

// guarded adds a column that is printed as a double, or as a whole number for flows that
// have no such value.
func (c *cic) guarded(name string, unit dataset.Unit, doc string, none int64, has func(*flow.View) bool, value func(*flow.View) float64) {
	c.column(name, unit, dataset.Feature, doc, func(v *flow.View) float64 {
		if !has(v) {
			return float64(none)
		}
		return value(v)
	})
	c.cell(name, TypeDouble, func(dst []byte, v *flow.View) []byte {
		if !has(v) {
			return strconv.AppendInt(dst, none, 10)
		}
		return appendJava(dst, value(v))
	})
}

// cicWays are CICFlowMeter's names of the directions.
var cicWays = [2]struct{ prefix, word string }{{"Fwd", "forward"}, {"Bwd", "backward"}}

// columns adds all columns in the tool's order. Where its fork differs, fixed says so.
func (c *cic) columns() {
	c.group = "identity"
	c.identity()
	c.group = "volume"
	c.volume()
	c.group = "time"
	c.times()
	c.group = "flags"
	c.directedFlags()
	c.group = "volume"
	c.lengths()
	c.group = "flags"
	c.flagCounts()
	c.group = "volume"
	c.sizes()
	c.group = "bulk"
	c.bulks()
	c.group = "subflow"
	c.subflows()
	c.group = "tcp"
	c.segments()
	c.group = "activity"
	c.activity()
	if c.fixed {
		c.group = "connection"
		c.connection()
	}
	c.cell("Label", TypeString, func(dst []byte, _ *flow.View) []byte { return append(dst, "NeedManualLabel"...) })
}

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
		if flow.CICName(v.Flow) != v.FromA {
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
			switch us := t.Nanosecond() / 1000; {
			case us == 0:
				return t.AppendFormat(dst, "2006-01-02 15:04:05")
			case us%1000 == 0:
				return t.AppendFormat(dst, "2006-01-02 15:04:05.000")
			}
			return t.AppendFormat(dst, "2006-01-02 15:04:05.000000")
		}
		return time.UnixMilli(t.UnixMicro()/1000).UTC().AppendFormat(dst, "02/01/2006 03:04:05 PM")
	})
}

func (c *cic) port(name, doc string, value func(*flow.View) uint16) {
	c.column(name, dataset.None, dataset.Identity, doc, func(v *flow.View) float64 { return float64(value(v)) })
	c.cell(name, TypePort, func(dst []byte, v *flow.View) []byte { return strconv.AppendUint(dst, uint64(value(v)), 10) })
}

// duration is the tool's flow duration, µs.
func (c *cic) duration(v *flow.View) int64 { return c.core(v).Last - flow.Micros(v.Start) }

// backward is what is wrong with times.
const backward = "It is negative where the capture's clock ran back."

func (c *cic) volume() {
	c.whole("Flow Duration", dataset.Micros, "From the first to the last packet; negative where the clock ran back.", func(v *flow.View) int64 { return c.duration(v) })
	c.wrong("duration", backward)
	for d, w := range cicWays {
		c.whole([2]string{"Total Fwd Packet", "Total Bwd packets"}[d], dataset.Count, "Number of "+w.word+" packets.", func(v *flow.View) int64 { return int64(c.core(v).Ways[d].N) })
	}
	for d, w := range cicWays {
		c.real("Total Length of "+w.prefix+" Packet", dataset.Bytes, "Sum of the payload of "+w.word+" packets.", func(v *flow.View) float64 { return float64(c.core(v).Ways[d].Bytes) })
	}
	for d, w := range cicWays {
		way := func(v *flow.View) *flow.CICWay { return &c.core(v).Ways[d] }
		has := func(v *flow.View) bool { return way(v).N > 0 }
		doc := " payload of a " + w.word + " packet; 0 without one."
		c.guarded(w.prefix+" Packet Length Max", dataset.Bytes, "Largest"+doc, 0, has, func(v *flow.View) float64 { return float64(way(v).Max) })
		c.guarded(w.prefix+" Packet Length Min", dataset.Bytes, "Smallest"+doc, 0, has, func(v *flow.View) float64 { return float64(way(v).Min) })
		c.guarded(w.prefix+" Packet Length Mean", dataset.Bytes, "Mean"+doc, 0, has, func(v *flow.View) float64 { return way(v).Sizes.Mean })
		c.guarded(w.prefix+" Packet Length Std", dataset.Bytes, "Sample standard deviation of the payload of "+w.word+" packets; 0 with fewer than two.", 0, has,
			func(v *flow.View) float64 { return math.Sqrt(way(v).Sizes.Variance(way(v).N)) })
	}
}

// rate is n in a second of the flow.
func (c *cic) rate(v *flow.View, n float64) float64 {
	return n / (float64(c.duration(v)) / 1e6)
}

func (c *cic) times() {
	total := func(v *flow.View) float64 { return float64(c.core(v).Ways[0].Bytes + c.core(v).Ways[1].Bytes) }
	for _, r := range []struct {
		name, doc, right string
		unit             dataset.Unit
		value            func(*flow.View) float64
	}{
		{"Flow Bytes/s", "Payload of all packets divided by the duration; ", "", dataset.BPerSec, total},
		{"Flow Packets/s", "Number of packets divided by the duration; ", "packet_rate", dataset.PerSec, func(v *flow.View) float64 { return float64(v.Packets()) }},
	} {
		if c.fixed {
			c.guarded(r.name, r.unit, r.doc+"-1 without a duration.", -1, func(v *flow.View) bool { return c.duration(v) != 0 }, func(v *flow.View) float64 { return c.rate(v, r.value(v)) })
			c.wrong(r.right, "A flow without a duration has -1.")
			continue
		}
		c.real(r.name, r.unit, r.doc+"missing without a duration (the tool: Infinity or NaN).", func(v *flow.View) float64 { return c.rate(v, r.value(v)) })
		c.wrong(r.right, "A flow without a duration has the text Infinity, or NaN.")
	}
	c.gaps("Flow IAT", "between neighbours, whatever their direction", func(v *flow.View) *flow.CICRange { return &c.core(v).Gaps })
	for d, w := range cicWays {
		gaps := func(v *flow.View) *flow.CICRange { return &c.core(v).Ways[d].Gaps }
		c.guarded(w.prefix+" IAT Total", dataset.Micros, "Sum of the gaps between "+w.word+" packets; 0 with fewer than two.", 0,
			func(v *flow.View) bool { return gaps(v).N > 0 }, func(v *flow.View) float64 { return float64(c.core(v).Ways[d].Total) })
		c.ranges(w.prefix+" IAT", "gap between "+w.word+" packets; 0 with fewer than two packets", gaps)
		c.wrong([2]string{"fwd_gap_min", "bwd_gap_min"}[d], backward)
	}
}

// gaps adds mean, deviation, largest and smallest of the gaps between all packets, which a
// flow of one packet lacks: the tool then prints NaN, its fork 0.0.
func (c *cic) gaps(name, what string, r func(*flow.View) *flow.CICRange) {
	none, doc := missing(), "; missing without one (the tool: NaN)."
	if c.fixed {
		none, doc = 0, "; 0 without one."
	}
	add := func(name, first string, value func(*flow.View) float64) {
		c.real(name, dataset.Micros, first+" gap "+what+doc, func(v *flow.View) float64 {
			if r(v).N == 0 {
				return none
			}
			return value(v)
		})
	}
	add(name+" Mean", "Mean", func(v *flow.View) float64 { return r(v).Mean })
	add(name+" Std", "Sample standard deviation of the", func(v *flow.View) float64 { return r(v).Std() })
	add(name+" Max", "Largest", func(v *flow.View) float64 { return float64(r(v).Max) })
	add(name+" Min", "Smallest", func(v *flow.View) float64 { return float64(r(v).Min) })
	c.wrong("gap_min", backward)
}

// ranges adds the same of values that are a whole 0 where there are none.
func (c *cic) ranges(name, what string, r func(*flow.View) *flow.CICRange) {
	has := func(v *flow.View) bool { return r(v).N > 0 }
	c.guarded(name+" Mean", dataset.Micros, "Mean "+what+".", 0, has, func(v *flow.View) float64 { return r(v).Mean })
	c.guarded(name+" Std", dataset.Micros, "Sample standard deviation of the "+what+".", 0, has, func(v *flow.View) float64 { return r(v).Std() })
	c.guarded(name+" Max", dataset.Micros, "Largest "+what+".", 0, has, func(v *flow.View) float64 { return float64(r(v).Max) })
	c.guarded(name+" Min", dataset.Micros, "Smallest "+what+".", 0, has, func(v *flow.View) float64 { return float64(r(v).Min) })
}
