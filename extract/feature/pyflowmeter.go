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
		fault, right := "", ""
		if dir == 0 {
			fault, right = "Between equal ports every packet counts as forward.", "fwd_packets"
		}
		m.whole(Column{Name: way.prefix + "tot_pkt", Unit: dataset.Count, Doc: "Number of " + way.words + ": those whose source port is that of the first packet, and all others.", Fault: fault, Right: right},
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

// moments adds the six statistics of some numbers: bytes are whole.
func (m *pyflowmeter) moments(prefix string, unit dataset.Unit, what string, of func(v *flow.View) *flow.PyMoments) {
	m.group = strings.TrimSuffix(prefix[len("fwd_"):], "_")
	typ, right, fault := TypeDouble, "", ""
	if unit == dataset.Seconds {
		typ = TypeInterval
		fault, right = "A gap after a packet of the other direction counts, and the first packet of the flow adds a gap of 0.", prefix[:len("fwd_")]+"gap_"
	}
	// real adds a statistic that is 0, or none, without numbers.
	real := func(name, doc string, typ CellType, none string, right string, value func(*flow.PyMoments) float64) {
		c := Column{Name: prefix + name, Doc: doc + " of the " + what + "; " + none + " without any.", Fault: fault}
		if fault != "" {
			c.Right = right
		}
		if typ != TypeDouble || name == "mean" || name == "std" {
			c.Unit = unit
		}
		c.Value = func(v *flow.View) float64 { return value(of(v)) }
		m.add(c, typ, func(dst []byte, v *flow.View) []byte {
			s := of(v)
			switch {
			case s.N == 0:
				return append(dst, none...)
			case name == "skewness" && s.Equal():
				return append(dst, '0')
			case unit == dataset.Bytes && (name == "min" || name == "max"):
				return strconv.AppendInt(dst, int64(value(s)), 10)
			}
			return appendPython(dst, value(s))
		})
	}
	real("mean", "Mean, by an online update,", typ, "0", right+"mean", func(s *flow.PyMoments) float64 { return s.Mean })
	real("std", "Population standard deviation", typ, "0", right+"std", func(s *flow.PyMoments) float64 { return s.Std() })
	real("skewness", "Skewness (population moments; 0 of equal ones)", TypeDouble, "0", "", func(s *flow.PyMoments) float64 { return s.Skewness() })
	real("kurtosis", "Excess kurtosis (population moments; -3 of equal ones)", TypeDouble, "-3", "", func(s *flow.PyMoments) float64 {
		if s.N == 0 {
			return missing()
		}
		return s.Kurtosis()
	})
	kurtosis := &m.set.Columns[len(m.set.Columns)-1]
	kurtosis.Filler = -3
	kurtosis.Doc = "Excess kurtosis (population moments; -3 of equal ones) of the " + what + "; missing without any."
	if kurtosis.Fault == "" {
		kurtosis.Fault = "PyFlowMeter writes -3 where there is no packet."
	}
	if unit == dataset.Bytes {
		typ = TypeCount
	}
	real("min", "Smallest", typ, "0", right+"min", func(s *flow.PyMoments) float64 { return s.Min })
	real("max", "Largest", typ, "0", right+"max", func(s *flow.PyMoments) float64 { return s.Max })
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
