package feature

import (
	"strconv"

	"fm/dataset"
	"fm/extract/flow"
)

// cicFlags are CICFlowMeter's names of the TCP flags in its order, with their bits.
var cicFlags = [8]struct {
	name string
	bit  int
}{{"FIN", 0}, {"SYN", 1}, {"RST", 2}, {"PSH", 3}, {"ACK", 4}, {"URG", 5}, {"CWR", 7}, {"ECE", 6}}

// directedFlags adds the flags by direction and what follows them.
func (c *cic) directedFlags() {
	for _, f := range []struct {
		name, right string
		bit         int // of the flag
		at          int // in flow.CICFixed
	}{{"PSH", "psh", 3, 1}, {"URG", "urg", 5, 2}, {"RST", "rst", 2, 0}} {
		if c.fixed {
			c.whole("Fwd "+f.name+" Flags", dataset.Count, "Forward packets with "+f.name+".", func(v *flow.View) int64 { return int64(v.CICFixed.Forward[f.at]) })
			c.whole("Bwd "+f.name+" Flags", dataset.Count, "Backward packets with "+f.name+".", func(v *flow.View) int64 { return int64(v.CICFixed.Flags[f.bit] - v.CICFixed.Forward[f.at]) })
			continue
		}
		if f.name == "RST" {
			continue // the fork's alone
		}
		c.whole("Fwd "+f.name+" Flags", dataset.Count, "1 if the flow's first packet has "+f.name+".", func(v *flow.View) int64 { return int64(v.CIC.Opens >> f.bit & 1) })
		c.wrong("fwd_"+f.right, "Only the flow's first packet is looked at.")
		c.whole("Bwd "+f.name+" Flags", dataset.Count, "0 for every flow.", func(*flow.View) int64 { return 0 })
		c.wrong("bwd_"+f.right, "Only the flow's first packet is looked at, and it always counts as forward.")
	}
	for d, w := range cicWays {
		c.whole(w.prefix+" Header Length", dataset.Bytes, "Sum of the transport headers of "+w.word+" packets, IP headers not counted.", func(v *flow.View) int64 { return int64(c.core(v).Ways[d].Headers) })
	}
	for d, w := range cicWays {
		c.real(w.prefix+" Packets/s", dataset.PerSec, "Number of "+w.word+" packets divided by the duration; 0 without a duration.", func(v *flow.View) float64 {
			if c.duration(v) <= 0 {
				return 0
			}
			return c.rate(v, float64(c.core(v).Ways[d].N))
		})
	}
}

// entered is how many sizes there are: the first packet's counts twice but in the fork.
func (c *cic) entered(v *flow.View) uint32 {
	if c.fixed {
		return c.packets(v)
	}
	return c.packets(v) + 1
}

// least and most are the extremes of both directions.
func (c *cic) extremes(v *flow.View) (least, most uint32) {
	a, b := &c.core(v).Ways[0], &c.core(v).Ways[1]
	switch {
	case a.N == 0:
		return b.Min, b.Max
	case b.N == 0:
		return a.Min, a.Max
	}
	return min(a.Min, b.Min), max(a.Max, b.Max)
}

func (c *cic) lengths() {
	const twice = "The flow's first packet is counted twice."
	c.real("Packet Length Min", dataset.Bytes, "Smallest payload of a packet.", func(v *flow.View) float64 { n, _ := c.extremes(v); return float64(n) })
	c.real("Packet Length Max", dataset.Bytes, "Largest payload of a packet.", func(v *flow.View) float64 { _, n := c.extremes(v); return float64(n) })
	doc := "; the first packet is counted twice."
	if c.fixed {
		doc = "."
	}
	for _, l := range []struct {
		name, doc, right string
		unit             dataset.Unit
		value            func(*flow.View) float64
	}{
		{"Mean", "Mean payload of a packet", "payload_mean", dataset.Bytes, func(v *flow.View) float64 { return c.core(v).Sizes.Mean }},
		{"Std", "Sample standard deviation of the payload of packets", "payload_std", dataset.Bytes, func(v *flow.View) float64 { return c.core(v).Sizes.Std(c.entered(v)) }},
		{"Variance", "Sample variance of the payload of packets, bytes squared", "", dataset.None, func(v *flow.View) float64 { return c.core(v).Sizes.Variance(c.entered(v)) }},
	} {
		c.real("Packet Length "+l.name, l.unit, l.doc+doc, l.value)
		if !c.fixed {
			c.wrong(l.right, twice)
		}
	}
}

func (c *cic) flagCounts() {
	for _, f := range cicFlags {
		c.whole(f.name+" Flag Count", dataset.Count, "Packets with the TCP flag "+f.name+".", func(v *flow.View) int64 { return int64(c.core(v).Flags[f.bit]) })
	}
}

func (c *cic) sizes() {
	c.real("Down/Up Ratio", dataset.None, "Backward packets divided by forward packets; 0 without forward ones.", func(v *flow.View) float64 {
		f, b := c.core(v).Ways[0].N, c.core(v).Ways[1].N
		switch {
		case f == 0:
			return 0
		case c.fixed:
			return float64(b) / float64(f)
		}
		return float64(b / f)
	})
	if !c.fixed {
		c.wrong("", "The quotient is cut to a whole number; fwd_packet_share says the same as a fraction.")
	}
	c.real("Average Packet Size", dataset.Bytes, "Sum of the payload of packets divided by their number.", func(v *flow.View) float64 {
		k := c.core(v)
		sum := k.Ways[0].Bytes + k.Ways[1].Bytes
		if !c.fixed {
			sum += uint64(k.First)
		}
		return float64(sum) / float64(c.packets(v))
	})
	if !c.fixed {
		c.wrong("payload_mean", "The payload of the flow's first packet is in the sum twice.")
	} else {
		c.wrong("payload_mean", "It says what Packet Length Mean says.")
	}
	for d, w := range cicWays {
		c.real(w.prefix+" Segment Size Avg", dataset.Bytes, "Sum of the payload of "+w.word+" packets divided by their number; 0 without one.", func(v *flow.View) float64 {
			way := &c.core(v).Ways[d]
			if way.N == 0 {
				return 0
			}
			return float64(way.Bytes) / float64(way.N)
		})
		c.wrong([2]string{"fwd_payload_mean", "bwd_payload_mean"}[d], "It says what "+w.prefix+" Packet Length Mean says.")
	}
	if c.v3 {
		value := func(v *flow.View) float64 { return float64(c.core(v).Ways[0].Headers) }
		c.set.Columns = append(c.set.Columns, Column{Name: "Fwd Header Length.1", Unit: dataset.Bytes, Group: c.group, Needs: c.needs,
			Doc: "Fwd Header Length once more, under the same name in the file.", Value: value})
		c.wrong("", "It is a copy of Fwd Header Length.")
		c.set.Original.Cells = append(c.set.Original.Cells, Cell{Name: " Fwd Header Length", Type: TypeCount,
			Append: func(dst []byte, v *flow.View) []byte { return strconv.AppendUint(dst, c.core(v).Ways[0].Headers, 10) }})
	}
}

func (c *cic) bulks() {
	const doc = " of a bulk: at least four data packets without data the other way or a gap above a second"
	right := [2][3]string{{"fwd_bulk_bytes_mean", "fwd_bulk_packets_mean", "fwd_bulk_rate"}, {"bwd_bulk_bytes_mean", "bwd_bulk_packets_mean", "bwd_bulk_rate"}}
	none := flow.CICBulk{}
	for d, w := range cicWays {
		names := [3]string{w.prefix + " Bytes/Bulk Avg", w.prefix + " Packet/Bulk Avg", w.prefix + " Bulk Rate Avg"}
		if c.fixed {
			bulk := func(v *flow.View) *flow.CICBulk { return &v.CICFixed.Bulks[d] }
			of := func(n uint64, b *flow.CICBulk) float64 {
				if b.Count == 0 {
					return 0
				}
				return float64(n) / float64(b.Count)
			}
			c.real(names[0], dataset.Bytes, "Mean payload"+doc+", "+w.word+"; 0 without one.", func(v *flow.View) float64 { return of(bulk(v).Bytes, bulk(v)) })
			c.real(names[1], dataset.Count, "Mean number of packets"+doc+", "+w.word+"; 0 without one.", func(v *flow.View) float64 { return of(uint64(bulk(v).Packets), bulk(v)) })
			c.real(names[2], dataset.BPerSec, "Payload of all bulks divided by their time, "+w.word+"; 0 without one.", func(v *flow.View) float64 {
				if bulk(v).Time == 0 {
					return 0
				}
				return float64(bulk(v).Bytes) / (float64(bulk(v).Time) / 1e6)
			})
			continue
		}
		bulk := func(v *flow.View) *flow.CICBulk { return &v.CIC.Bulk }
		fault := "Data packets of both directions count as backward, and quotients are cut to whole numbers."
		if d == 0 {
			bulk = func(*flow.View) *flow.CICBulk { return &none }
			fault = "Always 0: all data packets count as backward."
		}
		c.whole(names[0], dataset.Bytes, "Mean payload of a bulk, at least four data packets without a gap above a second; 0 without one.", func(v *flow.View) int64 {
			b := bulk(v)
			return int64(b.Bytes / uint64(max(b.Count, 1)))
		})
		c.wrong(right[d][0], fault)
		c.whole(names[1], dataset.Count, "Mean number of packets of a bulk; 0 without one.", func(v *flow.View) int64 { b := bulk(v); return int64(b.Packets / max(b.Count, 1)) })
		c.wrong(right[d][1], fault)
		c.whole(names[2], dataset.BPerSec, "Payload of all bulks divided by their time; 0 without one.", func(v *flow.View) int64 {
			if bulk(v).Time == 0 {
				return 0
			}
			return int64(float64(bulk(v).Bytes) / (float64(bulk(v).Time) / 1e6))
		})
		c.wrong(right[d][2], fault)
	}
}

func (c *cic) subflows() {
	for _, s := range []struct {
		name, doc, right string
		unit             dataset.Unit
		value            func(*flow.CICCore) uint64
	}{
		{"Subflow Fwd Packets", "Forward packets", "subflow_fwd_packets", dataset.Count, func(k *flow.CICCore) uint64 { return uint64(k.Ways[0].N) }},
		{"Subflow Fwd Bytes", "Forward payload", "subflow_fwd_payload_bytes", dataset.Bytes, func(k *flow.CICCore) uint64 { return k.Ways[0].Bytes }},
		{"Subflow Bwd Packets", "Backward packets", "subflow_bwd_packets", dataset.Count, func(k *flow.CICCore) uint64 { return uint64(k.Ways[1].N) }},
		{"Subflow Bwd Bytes", "Backward payload", "subflow_bwd_payload_bytes", dataset.Bytes, func(k *flow.CICCore) uint64 { return k.Ways[1].Bytes }},
	} {
		doc := s.doc + " divided by the number of gaps above a second; 0 without one."
		if c.fixed {
			c.real(s.name, s.unit, doc, func(v *flow.View) float64 {
				k := c.core(v)
				if k.Breaks == 0 {
					return 0
				}
				return float64(s.value(k)) / float64(k.Breaks)
			})
			c.wrong(s.right, "Gaps are counted instead of subflows: one too few, and none without a gap.")
			continue
		}
		c.whole(s.name, s.unit, doc, func(v *flow.View) int64 {
			k := c.core(v)
			if k.Breaks == 0 {
				return 0
			}
			return int64(s.value(k) / uint64(k.Breaks))
		})
		c.wrong(s.right, "Gaps are counted instead of subflows: one too few, and none without a gap; the quotient is cut to a whole number.")
	}
}

func (c *cic) segments() {
	window := func(d int) func(*flow.View) int64 {
		return func(v *flow.View) int64 { return int64(c.core(v).Ways[d].Window) }
	}
	if c.fixed {
		c.whole("FWD Init Win Bytes", dataset.Bytes, "TCP window of the flow's first packet if it is forward, not scaled; else 0.", window(0))
		c.wrong("fwd_init_window", "It is 0 if the flow's first packet is backward.")
		c.whole("Bwd Init Win Bytes", dataset.Bytes, "First TCP window of backward packets that is not 0, not scaled; else 0.", window(1))
		c.wrong("bwd_init_window", "A first window of 0 is passed over.")
	} else {
		c.whole("FWD Init Win Bytes", dataset.Bytes, "TCP window of the flow's first packet, not scaled; 0 without TCP.", window(0))
		c.whole("Bwd Init Win Bytes", dataset.Bytes, "TCP window of the last backward packet, not scaled; 0 without TCP.", window(1))
		c.wrong("bwd_init_window", "It is the window of the last backward packet, not of the first.")
	}
	data := func(d int) func(*flow.View) int64 {
		return func(v *flow.View) int64 { return int64(c.core(v).Ways[d].Data) }
	}
	segment := func(d int) func(*flow.View) int64 {
		return func(v *flow.View) int64 { return int64(c.core(v).Ways[d].Segment) }
	}
	const header = "It is a header length, not a segment size"
	if !c.fixed {
		c.whole("Fwd Act Data Pkts", dataset.Count, "Forward packets with payload, the flow's first packet not counted.", data(0))
		c.wrong("fwd_data_packets", "The flow's first packet is not counted.")
		c.whole("Fwd Seg Size Min", dataset.Bytes, "Shortest transport header of a forward packet.", segment(0))
		c.wrong("", header+".")
		return
	}
	for d, w := range cicWays {
		c.whole(w.prefix+" Act Data Pkts", dataset.Count, w.prefix[:1]+w.word[1:]+" packets with payload.", data(d))
	}
	for d, w := range cicWays {
		c.whole(w.prefix+" Seg Size Min", dataset.Bytes, "Shortest transport header of a "+w.word+" packet; 0 unless the flow's first packet is "+w.word+".", segment(d))
		c.wrong("", header+", and 0 unless the flow's first packet is "+w.word+".")
	}
}

func (c *cic) activity() {
	for _, a := range []struct {
		name, what, right string
		r                 func(*flow.CICCore) (*flow.CICRange, uint32)
	}{
		{"Active", "time of a phase without a gap above the activity timeout, the last one left out; 0 without one", "active_", func(k *flow.CICCore) (*flow.CICRange, uint32) { return &k.Active, k.Actives }},
		{"Idle", "gap above the activity timeout; 0 without one", "", func(k *flow.CICCore) (*flow.CICRange, uint32) { return &k.Idle, k.Idles }},
	} {
		from := len(c.set.Columns)
		c.ranges(a.name, a.what, func(v *flow.View) (*flow.CICRange, uint32) { return a.r(c.core(v)) })
		if a.right == "" {
			continue
		}
		for i, s := range []string{"mean", "std", "max", "min"} {
			c.set.Columns[from+i].Fault, c.set.Columns[from+i].Right = "The last phase of the flow is left out.", a.right+s
		}
	}
}
