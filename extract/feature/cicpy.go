package feature

import (
	"strconv"
	"strings"
	"time"

	"fm/dataset"
	"fm/extract/flow"
	"fm/extract/packet"
)

const cicpyDoc = "The columns of the Python port of CICFlowMeter (hieulw/cicflowmeter 0.5.0): frame lengths, gaps in seconds, flags and bulks; not those of the Java tool under nearly the same names."

var cicpyOptions = []Option{
	{"expired_update", "240", "seconds of silence after which the collector takes a flow"},
	{"packets_per_gc", "1000", "packets after which the collector runs (it also does after a packet of a flow longer than 120 s)"},
	{"bulk_bound", "4", "packets with payload that make a bulk"},
	{"clump_timeout", "1", "seconds between two packets of a bulk at most"},
	faithful("the Python port of CICFlowMeter"),
}

// cicpyElsewhere are settings of the port that are no option of the set.
var cicpyElsewhere = map[string]string{
	"active_timeout": "it has no effect in the port, whose active and idle columns are always 0",
	"gc_interval":    "the port's timer compares the time of day with that of packets; fm leaves it out",
	"fields":         "--columns chooses columns",
	"merge":          "-r takes several captures",
}

// cicpySequence is of how many packets a flow keeps the list that the last digits of its
// statistics depend on.
const cicpySequence = 1 << 16

// cicpy is a set in the making.
type cicpy struct {
	group string
	exact bool // read as the port does
	set   *Set
}

func buildCICPy(o *options) (*Set, error) {
	s := &Set{Name: "cicflowmeter-py", Version: 1, Doc: cicpyDoc, Tool: "the Python port of CICFlowMeter", Measure: flow.CapturedLength}
	expired, err := o.seconds("expired_update", 240)
	if err != nil {
		return nil, err
	}
	every, err := o.whole("packets_per_gc", 1000, 1, 1<<30)
	if err != nil {
		return nil, err
	}
	bound, err := o.whole("bulk_bound", 4, 1, 1<<30)
	if err != nil {
		return nil, err
	}
	clump, err := o.seconds("clump_timeout", 1)
	if err != nil {
		return nil, err
	}
	exact, err := o.yes(Faithful)
	if err != nil {
		return nil, err
	}
	s.View = packet.View{KeepEpoch: true}
	if exact {
		s.View.Read = packet.Scapy{}
	} else {
		s.View.OnlyPorts, s.View.NoICMPQuery = true, true
	}
	s.Life = &flow.CICPyLife{Expired: expired, Every: uint64(every), Bound: uint64(bound), Clump: clump}
	s.Sequence = cicpySequence
	s.Original = &Layout{End: "\r\n"}
	c := cicpy{exact: exact, set: s}
	c.identity()
	c.rates()
	c.volume()
	c.lengths()
	c.headers()
	c.gaps()
	c.flags()
	c.windows()
	c.activity()
	c.bulks()
	c.copies()
	return s, nil
}

func (c *cicpy) cell(name string, kind CellType, write func(dst []byte, v *flow.View) []byte) {
	c.set.Original.Cells = append(c.set.Original.Cells, Cell{Name: name, Append: write, Type: kind})
}

func (c *cicpy) column(name string, unit dataset.Unit, role dataset.Role, about remark, value func(*flow.View) float64) {
	if about.fault == "" {
		about.right = ""
	}
	c.set.Columns = append(c.set.Columns, Column{Name: name, Unit: unit, Group: c.group, Role: role, Needs: flow.NeedSequence | flow.NeedCICPy,
		Doc: about.doc, Fault: strings.TrimSpace(about.fault), Right: about.right, Value: value})
}

// remark is what is to say of a column.
type remark struct{ doc, fault, right string }

// whole adds a column of integers.
func (c *cicpy) whole(name string, unit dataset.Unit, about remark, value func(*flow.View) int64) {
	c.column(name, unit, dataset.Feature, about, func(v *flow.View) float64 { return float64(value(v)) })
	c.cell(name, TypeCount, func(dst []byte, v *flow.View) []byte { return strconv.AppendInt(dst, value(v), 10) })
}

// real adds a column of floats; where there is none, the port writes the integer 0.
func (c *cicpy) real(name string, unit dataset.Unit, about remark, value func(*flow.View) (float64, bool)) {
	c.column(name, unit, dataset.Feature, about, func(v *flow.View) float64 {
		x, _ := value(v)
		return x
	})
	c.cell(name, TypeDouble, func(dst []byte, v *flow.View) []byte {
		x, ok := value(v)
		if !ok {
			return append(dst, '0')
		}
		return appendPython(dst, x)
	})
}

// cicpyWay is a direction as the port names it, or both.
type cicpyWay struct {
	dir                 int
	name, words, native string
	count, length       string // what is wrong with its numbers of packets, and with lengths
}

var cicpyWays = [2]cicpyWay{
	{0, "fwd", "forward packets", "fwd_", twice, twiceFrame},
	{1, "bwd", "backward packets", "bwd_", "", framed},
}

const (
	twice       = "The first packet of a flow is counted twice."
	twiceFrame  = "The first packet of a flow is counted twice, and lengths are of frames as captured."
	framed      = "Lengths are of frames as captured."
	twiceGap    = "The list of gaps begins with a 0, because the first packet is counted twice."
	alwaysZero  = "It is 0 in every row, because the time of the last packet is overwritten before it is compared."
	withPadding = "Padding of Ethernet frames counts as payload."
)

func (c *cicpy) identity() {
	c.group = "flow"
	c.cell("src_ip", TypeAddr, func(dst []byte, v *flow.View) []byte { src, _ := endpoints(v); return src.Addr().AppendTo(dst) })
	c.cell("dst_ip", TypeAddr, func(dst []byte, v *flow.View) []byte { _, d := endpoints(v); return d.Addr().AppendTo(dst) })
	c.cell("src_port", TypePort, func(dst []byte, v *flow.View) []byte {
		src, _ := endpoints(v)
		return strconv.AppendUint(dst, uint64(src.Port()), 10)
	})
	c.cell("dst_port", TypePort, func(dst []byte, v *flow.View) []byte {
		_, d := endpoints(v)
		return strconv.AppendUint(dst, uint64(d.Port()), 10)
	})
	protocol := func(v *flow.View) uint64 {
		if c.exact && packet.Cooked(v.CICPy.Link) {
			return 0x0800
		}
		return uint64(v.Key.Proto)
	}
	c.column("protocol", dataset.None, dataset.Identity, remark{doc: "IP protocol number.", fault: "It is the first field called proto: on Linux cooked captures the EtherType, 2048 (with faithful only)."},
		func(v *flow.View) float64 { return float64(protocol(v)) })
	c.cell("protocol", TypeCount, func(dst []byte, v *flow.View) []byte { return strconv.AppendUint(dst, protocol(v), 10) })
	c.cell("timestamp", TypeString, func(dst []byte, v *flow.View) []byte {
		return appendClock(dst, time.Unix(0, v.Start).UTC())
	})
}

// span is the duration in seconds.
func span(v *flow.View) float64 { return flow.Seconds(v.Last - v.Start) }

// over divides by the duration; there is no rate without one.
func over(v *flow.View, x int64) (float64, bool) {
	if v.Last == v.Start {
		return 0, false
	}
	return float64(x) / span(v), true
}

func (c *cicpy) rates() {
	c.real("flow_duration", dataset.Seconds, remark{doc: "Time from the first packet to the latest."}, func(v *flow.View) (float64, bool) { return span(v), true })
	c.real("flow_byts_s", dataset.BPerSec, remark{"Captured frame bytes per second; 0 without duration.", twiceFrame, "ip_byte_rate"},
		func(v *flow.View) (float64, bool) { return over(v, v.CICPyStats.Sizes[flow.Both].Total) })
	c.real("flow_pkts_s", dataset.PerSec, remark{"Packets per second; 0 without duration.", twice, "packet_rate"},
		func(v *flow.View) (float64, bool) { return over(v, int64(v.CICPyStats.Sizes[flow.Both].N)) })
	for _, w := range cicpyWays {
		c.real(w.name+"_pkts_s", dataset.PerSec, remark{"Number of " + w.words + " per second of the flow; 0 without duration.", w.count, w.native + "packet_rate"},
			func(v *flow.View) (float64, bool) { return over(v, int64(v.CICPyStats.Sizes[w.dir].N)) })
	}
}

func (c *cicpy) volume() {
	c.group = "volume"
	for _, w := range cicpyWays {
		c.whole("tot_"+w.name+"_pkts", dataset.Count, remark{"Number of " + w.words + ".", w.count, w.native + "packets"},
			func(v *flow.View) int64 { return int64(v.CICPyStats.Sizes[w.dir].N) })
	}
	for _, w := range cicpyWays {
		c.whole("totlen_"+w.name+"_pkts", dataset.Bytes, remark{"Sum of the captured frame lengths of " + w.words + ".", w.length, w.native + "ip_bytes"},
			func(v *flow.View) int64 { return v.CICPyStats.Sizes[w.dir].Total })
	}
}

func (c *cicpy) lengths() {
	c.group = "size"
	for _, w := range append(cicpyWays[:], cicpyWay{flow.Both, "", "all packets", "", twice, twiceFrame}) {
		prefix := w.name
		if prefix != "" {
			prefix += "_"
		}
		c.whole(prefix+"pkt_len_max", dataset.Bytes, remark{"Largest captured frame length of " + w.words + "; 0 without one.", w.length, w.native + "ip_max"},
			func(v *flow.View) int64 { return v.CICPyStats.Sizes[w.dir].Max })
		c.whole(prefix+"pkt_len_min", dataset.Bytes, remark{"Smallest captured frame length of " + w.words + "; 0 without one.", w.length, w.native + "ip_min"},
			func(v *flow.View) int64 { return v.CICPyStats.Sizes[w.dir].Min })
		c.real(prefix+"pkt_len_mean", dataset.Bytes, remark{"Mean captured frame length of " + w.words + "; 0 without one.", w.length, w.native + "ip_mean"},
			func(v *flow.View) (float64, bool) {
				return v.CICPyStats.Sizes[w.dir].Mean, v.CICPyStats.Sizes[w.dir].N > 0
			})
		c.real(prefix+"pkt_len_std", dataset.Bytes, remark{"Population standard deviation (divisor n) of the captured frame lengths of " + w.words + "; 0 without one.", w.length, w.native + "ip_std"},
			func(v *flow.View) (float64, bool) { return v.CICPyStats.Sizes[w.dir].Std, true })
	}
	c.real("pkt_len_var", dataset.None, remark{"Population variance (divisor n) of the captured frame lengths, in square bytes.", twiceFrame, "ip_std"},
		func(v *flow.View) (float64, bool) { return v.CICPyStats.Sizes[flow.Both].Var, true })
}

func (c *cicpy) headers() {
	c.group = "header"
	for _, w := range cicpyWays {
		c.whole(w.name+"_header_len", dataset.Bytes, remark{"Sum of the IP header lengths of " + w.words + ".", "It leaves out the transport header. " + w.count, ""},
			func(v *flow.View) int64 { return int64(v.CICPy.Headers[w.dir]) })
	}
	c.whole("fwd_seg_size_min", dataset.Bytes, remark{"Smallest IP header length of forward packets; 0 without one (the port: an error that loses all open flows).", "It is no segment size.", ""},
		func(v *flow.View) int64 { return int64(v.CICPy.HeaderMin) })
	c.whole("fwd_act_data_pkts", dataset.Count, remark{"Number of forward packets with payload.", withPadding + " " + twice, "fwd_data_packets"},
		func(v *flow.View) int64 { return int64(v.CICPy.Data) })
}

func (c *cicpy) gaps() {
	c.group = "gap"
	gap := func(name string, at int, about remark, value func(*flow.CICPyGaps) float64) {
		c.real(name, dataset.Seconds, about, func(v *flow.View) (float64, bool) {
			g := &v.CICPyStats.Gaps[at]
			return value(g), g.N > 1
		})
	}
	total := func(g *flow.CICPyGaps) float64 { return g.Total }
	high := func(g *flow.CICPyGaps) float64 { return g.Max }
	low := func(g *flow.CICPyGaps) float64 { return g.Min }
	mean := func(g *flow.CICPyGaps) float64 { return g.Mean }
	std := func(g *flow.CICPyGaps) float64 { return g.Std }
	const flowGaps = " gap between a packet and the latest one before it; 0 with one packet."
	gap("flow_iat_mean", flow.Both, remark{"Mean" + flowGaps, twiceGap, "gap_mean"}, mean)
	gap("flow_iat_max", flow.Both, remark{"Largest" + flowGaps, "", ""}, high)
	gap("flow_iat_min", flow.Both, remark{"Smallest" + flowGaps, twiceGap, "gap_min"}, low)
	gap("flow_iat_std", flow.Both, remark{"Population standard deviation (divisor n) of the" + flowGaps, twiceGap, "gap_std"}, std)
	for _, w := range cicpyWays {
		of := " between consecutive " + w.words + "; 0 with fewer than two gaps."
		fault := ""
		if w.dir == 0 {
			fault = twiceGap
		}
		gap(w.name+"_iat_tot", w.dir, remark{doc: "Sum of the gaps" + of}, total)
		gap(w.name+"_iat_max", w.dir, remark{doc: "Largest gap" + of}, high)
		gap(w.name+"_iat_min", w.dir, remark{"Smallest gap" + of, fault, w.native + "gap_min"}, low)
		gap(w.name+"_iat_mean", w.dir, remark{"Mean gap" + of, fault, w.native + "gap_mean"}, mean)
		gap(w.name+"_iat_std", w.dir, remark{"Population standard deviation (divisor n) of the gaps" + of, fault, w.native + "gap_std"}, std)
	}
}

// cicpyFlags are the TCP flags that the port counts over both directions, with their bits.
var cicpyFlags = [...]struct {
	name string
	bit  int
}{{"fin", 0}, {"syn", 1}, {"rst", 2}, {"psh", 3}, {"ack", 4}, {"urg", 5}, {"ece", 6}}

func (c *cicpy) flags() {
	c.group = "flags"
	for _, f := range [...]struct {
		name string
		bit  int
	}{{"psh", 3}, {"urg", 5}} {
		for _, w := range cicpyWays {
			c.whole(w.name+"_"+f.name+"_flags", dataset.Count, remark{"Number of " + w.words + " with the TCP flag " + f.name + ".", w.count, w.native + f.name},
				func(v *flow.View) int64 { return int64(v.CICPy.Flags[w.dir][f.bit]) })
		}
	}
	for _, f := range cicpyFlags {
		c.whole(f.name+"_flag_cnt", dataset.Count, remark{"Number of packets with the TCP flag " + f.name + ".", twice, ""},
			func(v *flow.View) int64 { return int64(v.CICPy.Flags[0][f.bit] + v.CICPy.Flags[1][f.bit]) })
	}
}

// per divides, if there is something to divide by.
func per(x, n uint64) (float64, bool) {
	if n == 0 {
		return 0, false
	}
	return float64(x) / float64(n), true
}

func (c *cicpy) windows() {
	c.group = "volume"
	c.real("down_up_ratio", dataset.None, remark{"Backward packets per forward packet; 0 without a forward one.", twice, ""},
		func(v *flow.View) (float64, bool) { return per(v.CICPyStats.Sizes[1].N, v.CICPyStats.Sizes[0].N) })
	c.real("pkt_size_avg", dataset.Bytes, remark{"Mean captured frame length, once more.", twiceFrame, "ip_mean"},
		func(v *flow.View) (float64, bool) { return v.CICPyStats.Sizes[flow.Both].Mean, true })
	c.group = "window"
	for _, w := range cicpyWays {
		c.whole("init_"+w.name+"_win_byts", dataset.Bytes, remark{doc: "TCP window of the first of the " + w.words + " that has one above 0, as sent; 0 without one."},
			func(v *flow.View) int64 { return int64(v.CICPy.Window[w.dir]) })
	}
}

func (c *cicpy) activity() {
	c.group = "activity"
	for _, name := range [...]string{"active", "idle"} {
		for _, s := range [...]struct{ name, doc string }{{"max", "Longest"}, {"min", "Shortest"}, {"mean", "Mean"}, {"std", "Spread of the"}} {
			c.whole(name+"_"+s.name, dataset.Seconds, remark{s.doc + " " + name + " phase, in intention.", alwaysZero, name + "_" + s.name},
				func(*flow.View) int64 { return 0 })
		}
	}
}

func (c *cicpy) bulks() {
	c.group = "bulk"
	for _, w := range cicpyWays {
		c.real(w.name+"_byts_b_avg", dataset.Bytes, remark{"Payload bytes per bulk of " + w.words + "; 0 without a bulk.", withPadding, w.native + "bulk_bytes_mean"},
			func(v *flow.View) (float64, bool) { b := &v.CICPy.Bulks[w.dir]; return per(b.Bytes, b.Count) })
		c.real(w.name+"_pkts_b_avg", dataset.Count, remark{"Packets per bulk of " + w.words + "; 0 without a bulk.", withPadding, w.native + "bulk_packets_mean"},
			func(v *flow.View) (float64, bool) { b := &v.CICPy.Bulks[w.dir]; return per(b.Packets, b.Count) })
	}
	for _, w := range cicpyWays {
		c.column(w.name+"_blk_rate_avg", dataset.BPerSec, dataset.Feature, remark{"Payload bytes of the bulks of " + w.words + " per second in them; 0 without a bulk, or one without duration.", withPadding, w.native + "bulk_rate"},
			func(v *flow.View) float64 {
				var room [64]byte
				x, _ := strconv.ParseFloat(string(appendBulkRate(room[:0], &v.CICPy.Bulks[w.dir])), 64) // not of two doubles, which can be another
				return x
			})
		c.cell(w.name+"_blk_rate_avg", TypeDouble, func(dst []byte, v *flow.View) []byte { return appendBulkRate(dst, &v.CICPy.Bulks[w.dir]) })
	}
}

// appendBulkRate writes the bytes of bulks by the second, a quotient of Python's decimals.
func appendBulkRate(dst []byte, b *flow.CICPyBulk) []byte {
	switch {
	case b.Duration == 0:
		return append(dst, '0')
	case b.Duration%1000 == 0:
		return appendDecimal(dst, b.Bytes, b.Duration/1000, 6)
	}
	return appendDecimal(dst, b.Bytes, b.Duration, 9)
}

// copies adds the columns that repeat others.
func (c *cicpy) copies() {
	c.group = "copies"
	for _, w := range cicpyWays {
		c.real(w.name+"_seg_size_avg", dataset.Bytes, remark{"Mean captured frame length of " + w.words + ", once more.", w.length, w.native + "payload_mean"},
			func(v *flow.View) (float64, bool) {
				return v.CICPyStats.Sizes[w.dir].Mean, v.CICPyStats.Sizes[w.dir].N > 0
			})
	}
	c.whole("cwr_flag_count", dataset.Count, remark{"Number of forward packets with the TCP flag urg.", "It repeats fwd_urg_flags instead of counting the flag CWR.", "fwd_cwr"},
		func(v *flow.View) int64 { return int64(v.CICPy.Flags[0][5]) })
	const totals = "It is the total of the flow, not divided by subflows."
	for _, w := range cicpyWays {
		c.whole("subflow_"+w.name+"_pkts", dataset.Count, remark{"Number of " + w.words + ", once more.", totals, "subflow_" + w.native + "packets"},
			func(v *flow.View) int64 { return int64(v.CICPyStats.Sizes[w.dir].N) })
	}
	for _, w := range cicpyWays {
		c.whole("subflow_"+w.name+"_byts", dataset.Bytes, remark{"Sum of the captured frame lengths of " + w.words + ", once more.", totals, "subflow_" + w.native + "payload_bytes"},
			func(v *flow.View) int64 { return v.CICPyStats.Sizes[w.dir].Total })
	}
}
