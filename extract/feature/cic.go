package feature

import (
	"math"
	"strconv"

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

// packets is how many entered the columns.
func (c *cic) packets(v *flow.View) uint32 { return c.core(v).Ways[0].N + c.core(v).Ways[1].N }

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
			func(v *flow.View) float64 { return way(v).Sizes.Std(way(v).N) })
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
		{"Flow Packets/s", "Number of packets divided by the duration; ", "packet_rate", dataset.PerSec, func(v *flow.View) float64 { return float64(c.packets(v)) }},
	} {
		if c.fixed {
			c.guarded(r.name, r.unit, r.doc+"-1 without a duration.", -1, func(v *flow.View) bool { return c.duration(v) != 0 }, func(v *flow.View) float64 { return c.rate(v, r.value(v)) })
			c.wrong(r.right, "A flow without a duration has -1.")
			continue
		}
		c.real(r.name, r.unit, r.doc+"missing without a duration (the tool: Infinity or NaN).", func(v *flow.View) float64 { return c.rate(v, r.value(v)) })
		c.wrong(r.right, "A flow without a duration has the text Infinity, or NaN.")
	}
	c.gaps("Flow IAT", "between neighbours, whatever their direction", func(v *flow.View) (*flow.CICRange, uint32) { return &c.core(v).Gaps, c.packets(v) - 1 })
	for d, w := range cicWays {
		gaps := func(v *flow.View) (*flow.CICRange, uint32) {
			way := &c.core(v).Ways[d]
			return &way.Gaps, max(way.N, 1) - 1
		}
		c.guarded(w.prefix+" IAT Total", dataset.Micros, "Sum of the gaps between "+w.word+" packets; 0 with fewer than two.", 0,
			func(v *flow.View) bool { return c.core(v).Ways[d].N > 1 }, func(v *flow.View) float64 { return float64(c.core(v).Ways[d].Total) })
		c.ranges(w.prefix+" IAT", "gap between "+w.word+" packets; 0 with fewer than two packets", gaps)
		c.wrong([2]string{"fwd_gap_min", "bwd_gap_min"}[d], backward)
	}
}

// gaps adds mean, deviation, largest and smallest of the gaps between all packets, which a
// flow of one packet lacks: the tool then prints NaN, its fork 0.0.
func (c *cic) gaps(name, what string, r func(*flow.View) (values *flow.CICRange, n uint32)) {
	none, doc := missing(), "; missing without one (the tool: NaN)."
	if c.fixed {
		none, doc = 0, "; 0 without one."
	}
	for _, s := range cicStatistics {
		c.real(name+s.name, dataset.Micros, s.doc+" gap "+what+doc, func(v *flow.View) float64 {
			values, n := r(v)
			if n == 0 {
				return none
			}
			return s.value(values, n)
		})
	}
	c.wrong("gap_min", backward)
}

// ranges adds the same of values that are a whole 0 where there are none.
func (c *cic) ranges(name, what string, r func(*flow.View) (values *flow.CICRange, n uint32)) {
	for _, s := range cicStatistics {
		c.guarded(name+s.name, dataset.Micros, s.doc+" "+what+".", 0, func(v *flow.View) bool { _, n := r(v); return n > 0 },
			func(v *flow.View) float64 { return s.value(r(v)) })
	}
}

// cicStatistics are the columns that times have.
var cicStatistics = [4]struct {
	name, doc string
	value     func(r *flow.CICRange, n uint32) float64
}{
	{" Mean", "Mean", func(r *flow.CICRange, _ uint32) float64 { return r.Mean }},
	{" Std", "Sample standard deviation of the", func(r *flow.CICRange, n uint32) float64 { return r.Std(n) }},
	{" Max", "Largest", func(r *flow.CICRange, _ uint32) float64 { return float64(r.Max) }},
	{" Min", "Smallest", func(r *flow.CICRange, _ uint32) float64 { return float64(r.Min) }},
}
