package feature

import (
	"strconv"
	"strings"

	"fm/dataset"
	"fm/extract/flow"
	"fm/extract/packet"
)

const pyflowmeterDoc = "The columns of PyFlowMeter (Kihy, commit 84a2d93): TCP and UDP by Wireshark's streams, sizes of frames and gaps with skewness and kurtosis, flags."

var pyflowmeterOptions = []Option{
	{"timeout", "600", "seconds of silence behind which a flow is over, once it is looked at (-t)"},
	{"check_interval", "1000", "packets of the input after which flows are looked at (-i)"},
	{"check_flows", "1000", "how many of the longest silent flows are looked at (-l)"},
	faithful("PyFlowMeter on tshark 4.0.17"),
}

var pyflowmeterElsewhere = map[string]string{
	"pcap_file":   "-r says what is read",
	"output_file": "-o says where rows go",
	"recursive":   "-r takes folders, and --per-file ends all flows at the end of each file",
	"interval":    "it is called check_interval",
	"last":        "it is called check_flows",
}

// pyflowmeter is a set in the making.
type pyflowmeter struct {
	group string // of the columns that follow
	set   *Set
}

func buildPyFlowMeter(o *options) (*Set, error) {
	m := pyflowmeter{set: &Set{Name: "pyflowmeter", Version: 1, Doc: pyflowmeterDoc, Tool: "PyFlowMeter"}}
	timeout, err := o.seconds("timeout", 600)
	if err != nil {
		return nil, err
	}
	interval, err := o.whole("check_interval", 1000, 1, 1<<31-1)
	if err != nil {
		return nil, err
	}
	flows, err := o.whole("check_flows", 1000, 1, 1<<31-1)
	if err != nil {
		return nil, err
	}
	exact, err := o.yes(Faithful)
	if err != nil {
		return nil, err
	}
	s := m.set
	s.Life = &flow.PyFlowMeterLife{Timeout: float64(timeout) / 1e9, CheckInterval: interval, CheckFlows: flows}
	s.View = packet.View{KeepEpoch: true, Read: packet.Wireshark{Exact: exact, Loose: exact}}
	s.Measure = flow.WireLength
	s.Original = &Layout{End: "\n"}
	m.core()
	for dir, way := range pyWays {
		m.moments(way.prefix+"pkt_size_", dataset.Bytes, "sizes of "+way.words+" on the wire", func(v *flow.View) *flow.PyMoments { return &v.PyFlowMeter.Ways[dir].Sizes })
	}
	for dir, way := range pyWays {
		m.moments(way.prefix+"iat_", dataset.Seconds, "gaps before "+way.words+", back to the packet before in either direction and 0 for the first of the flow", func(v *flow.View) *flow.PyMoments { return &v.PyFlowMeter.Ways[dir].Gaps })
	}
	for dir := range pyWays {
		m.flags(dir)
	}
	return s, nil
}

var pyWays = [2]struct{ prefix, words string }{{"fwd_", "forward packets"}, {"bwd_", "backward packets"}}

// add adds a column and its cell.
func (m *pyflowmeter) add(c Column, typ CellType, write func(dst []byte, v *flow.View) []byte) {
	c.Group, c.Needs = m.group, flow.NeedPyFlowMeter
	m.set.Columns = append(m.set.Columns, c)
	m.set.Original.Cells = append(m.set.Original.Cells, Cell{Name: c.Name, Type: typ, Append: write})
}

// whole adds a column of whole numbers.
func (m *pyflowmeter) whole(c Column, typ CellType, value func(v *flow.View) int64) {
	c.Value = func(v *flow.View) float64 { return float64(value(v)) }
	m.add(c, typ, func(dst []byte, v *flow.View) []byte { return strconv.AppendInt(dst, value(v), 10) })
}

func (m *pyflowmeter) core() {
	m.group = "core"
	duration := func(v *flow.View) float64 { return v.PyFlowMeter.Last - v.PyFlowMeter.First }
	m.add(Column{Name: "duration", Unit: dataset.Seconds, Value: duration, Right: "duration",
		Fault: "The difference of two doubles counted from the start of the capture has noise behind the microseconds.",
		Doc:   "From the first to the last packet of the flow."},
		TypeInterval, func(dst []byte, v *flow.View) []byte { return appendPython(dst, duration(v)) })
	m.add(Column{Name: "protocol", Role: dataset.Identity, Value: func(v *flow.View) float64 { return float64(v.Key.Proto) }, Doc: "Number of the protocol, which PyFlowMeter writes as TCP or UDP."},
		TypeString, func(dst []byte, v *flow.View) []byte { return append(dst, protocolText(v.Key.Proto)...) })
	m.port("src_port", "Port of the sender of the first packet.", true)
	m.port("dst_port", "Port of the receiver of the first packet.", false)
	for dir, way := range pyWays {
		which := [2]string{"the source port of the first packet", "another source port than the first packet"}[dir]
		m.whole(Column{Name: way.prefix + "tot_pkt", Unit: dataset.Count, Doc: "Number of " + way.words + ": those with " + which + ".",
			Fault: "Between equal ports every packet counts as forward.", Right: way.prefix + "packets"},
			TypeCount, func(v *flow.View) int64 { return int64(v.PyFlowMeter.Ways[dir].Sizes.N) })
		m.whole(Column{Name: way.prefix + "tot_byte", Unit: dataset.Bytes, Doc: "Sum of the sizes of " + way.words + " on the wire, link headers and padding included."},
			TypeCount, func(v *flow.View) int64 { return int64(v.PyFlowMeter.Ways[dir].Bytes) })
	}
}

// protocolText is a protocol as Wireshark and PyFlowMeter write it.
func protocolText(proto uint8) string {
	if proto == packet.ProtoTCP {
		return "TCP"
	}
	return "UDP"
}

func (m *pyflowmeter) port(name, doc string, src bool) {
	value := func(v *flow.View) int64 {
		a, b := ports(v)
		if src {
			return int64(a)
		}
		return int64(b)
	}
	m.add(Column{Name: name, Role: dataset.Identity, Value: func(v *flow.View) float64 { return float64(value(v)) }, Doc: doc},
		TypePort, func(dst []byte, v *flow.View) []byte {
			if s, d, ok := v.LoosePorts(); v.Key.Kind&packet.KindNoStream != 0 {
				switch {
				case !ok: // fragments
					return dst
				case src:
					return strconv.AppendInt(dst, int64(s), 10)
				}
				return strconv.AppendInt(dst, int64(d), 10)
			}
			return strconv.AppendInt(dst, value(v), 10)
		})
}

// pyStatistics are PyFlowMeter's statistics, in its order.
var pyStatistics = [6]struct {
	name, doc string
	plain     bool // without a unit
	value     func(*flow.PyMoments) float64
}{
	{"mean", "Mean, by an online update,", false, func(s *flow.PyMoments) float64 { return s.Mean }},
	{"std", "Population standard deviation", false, (*flow.PyMoments).Std},
	{"skewness", "Skewness (population moments; 0 of equal ones)", true, (*flow.PyMoments).Skewness},
	{"kurtosis", "Excess kurtosis (population moments; -3 of equal ones)", true, (*flow.PyMoments).Kurtosis},
	{"min", "Smallest", false, func(s *flow.PyMoments) float64 { return s.Min }},
	{"max", "Largest", false, func(s *flow.PyMoments) float64 { return s.Max }},
}

// moments adds the statistics of some numbers: sizes in bytes, which are whole, or gaps.
func (m *pyflowmeter) moments(prefix string, unit dataset.Unit, what string, of func(v *flow.View) *flow.PyMoments) {
	way := prefix[:len("fwd_")]
	m.group = strings.TrimSuffix(prefix[len(way):], "_")
	for _, q := range pyStatistics {
		c := Column{Name: prefix + q.name, Unit: unit, Doc: q.doc + " of the " + what + "; 0 without any.", Value: func(v *flow.View) float64 { return q.value(of(v)) }}
		typ, none, whole := TypeDouble, "0", unit == dataset.Bytes && (q.name == "min" || q.name == "max")
		if unit == dataset.Seconds {
			c.Fault = "A gap after a packet of the other direction counts, and the first packet of the flow adds a gap of 0."
			typ = TypeInterval
		}
		switch {
		case q.plain:
			c.Unit, typ = dataset.None, TypeDouble
		case c.Fault != "":
			c.Right = way + "gap_" + q.name
		case whole:
			typ = TypeCount
		}
		if q.name == "kurtosis" {
			none = "-3"
			c.Doc = q.doc + " of the " + what + "; -3 without any."
			c.Fault = strings.TrimSpace(c.Fault + " It is -3 without a packet, too, so that one can't tell none from equal ones.")
		}
		m.add(c, typ, func(dst []byte, v *flow.View) []byte {
			switch s := of(v); {
			case s.N == 0:
				return append(dst, none...)
			case q.name == "skewness" && s.Equal():
				return append(dst, '0')
			case whole:
				return strconv.AppendInt(dst, int64(q.value(s)), 10)
			default:
				return appendPython(dst, q.value(s))
			}
		})
	}
}

// pyFlags are PyFlowMeter's names of the TCP flags, in its order, and what it counts under
// them: it reads the flags from the other end.
var pyFlags = [8]struct {
	name, counted string
	bit           int
	right         string // the column of set fm that counts what the name says
}{
	{"FIN", "CWR", 7, "fin"}, {"SYN", "ECE", 6, "syn"}, {"RST", "URG", 5, "rst"}, {"PUSH", "ACK", 4, "psh"},
	{"ACK", "PSH", 3, "ack"}, {"URG", "RST", 2, "urg"}, {"CWE", "SYN", 1, "cwr"}, {"ECE", "FIN", 0, "ece"},
}

func (m *pyflowmeter) flags(dir int) {
	m.group = "flags"
	way := pyWays[dir]
	for _, f := range pyFlags {
		m.whole(Column{Name: way.prefix + f.name + "_cnt", Unit: dataset.Count, Right: way.prefix + f.right,
			Doc:   "Number of " + way.words + " with the TCP flag " + f.counted + ", whatever the name says.",
			Fault: "The names are in reverse: this is the number of packets with " + f.counted + "."},
			TypeCount, func(v *flow.View) int64 { return int64(v.PyFlowMeter.Ways[dir].Flags[f.bit]) })
	}
}
