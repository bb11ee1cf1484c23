package feature

import (
	"fmt"
	"strconv"

	"fm/dataset"
	"fm/extract/flow"
	"fm/extract/packet"
)

const nfstreamDoc = "The columns of NFStream 6.6.0: sizes, gaps in whole milliseconds and flags of both directions, early packets."

var nfstreamOptions = []Option{
	{"idle_timeout", "120", "seconds of silence after which a flow is over"},
	{"active_timeout", "1800", "seconds after which a flow is cut"},
	{"accounting_mode", "0", "what sizes count: 0 the frame, 1 the IP packet, 2 the transport segment, 3 its payload"},
	{"decode_tunnels", "true", "GTP-U, CAPWAP and TZSP are opened, and tunnel_id is a column"},
	{"statistical_analysis", "true", "the 48 statistical columns (NFStream's own default is false)"},
	{"splt_analysis", "0", "first packets whose direction, size and gap are columns, 0 to 255"},
	{"n_dissections", "0", "packets of a flow that are searched for the application: none until fm reads application data (NFStream's own default is 20)"},
	faithful("NFStream"),
}

// nfstreamElsewhere are options of NFStream that are the business of the meter.
var nfstreamElsewhere = map[string]string{
	"source":                 "-r or -i says what is read",
	"n_meters":               "--workers says how many work",
	"max_nflows":             "--count-flows ends a run after so many flows",
	"performance_report":     "--stats-every reports",
	"promiscuous_mode":       "no flag of fm does it yet",
	"snapshot_length":        "no flag of fm does it yet",
	"bpf_filter":             "no flag of fm does it yet",
	"system_visibility_mode": "no flag of fm does it yet",
	"udps":                   "no flag of fm does it yet",
}

// nfstream is a set in the making.
type nfstream struct {
	mode       int
	tunnels    bool
	statistics bool
	splt       int
	exact      bool   // read as NFStream does
	group      string // of the columns that follow
	set        *Set
}

func buildNFStream(o *options) (*Set, error) {
	n := nfstream{set: &Set{Name: "nfstream", Version: 1, Doc: nfstreamDoc, Tool: "NFStream"}}
	idle, err := o.seconds("idle_timeout", 120)
	if err != nil {
		return nil, err
	}
	active, err := o.seconds("active_timeout", 1800)
	if err != nil {
		return nil, err
	}
	if n.mode, err = o.whole("accounting_mode", 0, 0, 3); err != nil {
		return nil, err
	}
	if n.tunnels, err = o.choice("decode_tunnels", true); err != nil {
		return nil, err
	}
	if n.statistics, err = o.choice("statistical_analysis", true); err != nil {
		return nil, err
	}
	if n.splt, err = o.whole("splt_analysis", 0, 0, 255); err != nil {
		return nil, err
	}
	if v := o.values["n_dissections"]; v != "" && v != "0" {
		return nil, o.bad("n_dissections", "fm does not read application data yet, so only 0")
	}
	if n.exact, err = o.yes(Faithful); err != nil {
		return nil, err
	}
	s := n.set
	s.Life = &flow.NFStreamLife{TwoTimeouts: flow.TwoTimeouts{Idle: idle, Active: active}}
	s.View = packet.View{KeyVLAN: true, KeyTunnel: true, OnlyPorts: true, NoICMPQuery: true, DropFragments: true,
		Millis: true, ClampTime: true, KeepEpoch: true, Tunnels: 1 << packet.TunnelIP}
	if n.tunnels {
		s.View.Tunnels |= 1<<packet.TunnelGTPU | 1<<packet.TunnelCAPWAP | 1<<packet.TunnelTZSP
	}
	if n.exact {
		s.View.Read = packet.NFStream{Tunnels: n.tunnels}
	}
	s.Measure = [...]flow.Measure{flow.WireLength, flow.IPLength, flow.TransportLength, flow.PayloadLength}[n.mode]
	s.Sequence = n.splt
	s.Original = &Layout{Number: "id", End: "\r\n"}
	n.core()
	if n.statistics {
		n.statistic()
	}
	if n.splt > 0 {
		n.early()
	}
	return s, nil
}

// nfScopes are NFStream's names of both directions and of each, in its order.
var nfScopes = [3]struct {
	at     int
	prefix string
	words  string
	own    string // how columns of set fm begin
}{{flow.Both, "bidirectional_", "both directions", ""}, {0, "src2dst_", "the source", "fwd_"}, {1, "dst2src_", "the destination", "bwd_"}}

// sizeWords say what sizes count, by accounting_mode.
var sizeWords = [4]string{
	"length of the frame (on the wire, with padding and outer headers)",
	"length of the IP packet by its header",
	"length of the transport segment (by the IP header; 0 but for TCP, UDP and ICMP)",
	"length of the transport payload (by the headers; 0 but for TCP, UDP and ICMP)",
}

// whole adds a column of whole numbers.
func (n *nfstream) whole(name string, unit dataset.Unit, role dataset.Role, doc string, value func(*flow.View) int64) {
	n.set.Columns = append(n.set.Columns, Column{Name: name, Unit: unit, Group: n.group, Role: role, Needs: flow.NeedNFStream, Doc: doc,
		Value: func(v *flow.View) float64 { return float64(value(v)) }})
	n.cell(name, TypeCount, func(dst []byte, v *flow.View) []byte { return strconv.AppendInt(dst, value(v), 10) })
}

// fault says what is wrong with the column added last, and which one of fm is right.
func (n *nfstream) fault(what, right string) {
	c := &n.set.Columns[len(n.set.Columns)-1]
	c.Fault, c.Right = what, right
}

// What is wrong with columns of NFStream 6.6.0.
const (
	nfCut = "Times are cut to milliseconds before they are subtracted, so that shorter ones count as 0."
	nfEra = "0, the start of 1970, where the destination sent nothing."
)

// wrongSize is what is wrong with sizes.
func (n *nfstream) wrongSize() string {
	text := "A size is kept in 16 bits, so that packets above 65,535 bytes, as network cards join them, count 65,536 less."
	if n.mode == 2 {
		text += " Before NFStream 6.5.4 the base header of the segment was left out."
	}
	return text
}

// sized is the column of set fm that counts what the set does: of frames and segments the
// one of IP packets.
func (n *nfstream) sized(prefix, name string) string {
	layer := "ip_"
	if n.mode == 3 {
		layer = "payload_"
	}
	return prefix + layer + name
}

// moment adds a time in milliseconds since 1970, which NFStream keeps without a sign.
func (n *nfstream) moment(name, doc string, value func(*flow.View) int64) {
	unsigned := func(v *flow.View) uint64 {
		t := value(v)
		if n.exact && t > packet.WrappedTime/1e6-1<<31*1000 {
			t -= packet.WrappedTime / 1e6
		}
		return uint64(t)
	}
	n.set.Columns = append(n.set.Columns, Column{Name: name, Unit: dataset.Millis, Group: n.group, Role: dataset.TimeRole, Needs: flow.NeedNFStream,
		Doc: doc + ", milliseconds since 1970, cut; 0 without one.", Value: func(v *flow.View) float64 { return float64(unsigned(v)) }})
	n.cell(name, TypeCount, func(dst []byte, v *flow.View) []byte { return strconv.AppendUint(dst, unsigned(v), 10) })
}

// real adds a column that NFStream prints as a float.
func (n *nfstream) real(name string, unit dataset.Unit, doc string, value func(*flow.View) float64) {
	n.set.Columns = append(n.set.Columns, Column{Name: name, Unit: unit, Group: n.group, Needs: flow.NeedNFStream, Doc: doc, Value: value})
	n.cell(name, TypeDouble, func(dst []byte, v *flow.View) []byte { return appendPython(dst, value(v)) })
}

func (n *nfstream) cell(name string, typ CellType, write func(dst []byte, v *flow.View) []byte) {
	n.set.Original.Cells = append(n.set.Original.Cells, Cell{Name: name, Type: typ, Append: write})
}

func (n *nfstream) core() {
	n.group = "core"
	n.whole("expiration_id", dataset.None, dataset.Identity, "0: idle or end of input, 1: cut by active_timeout.", func(v *flow.View) int64 {
		if v.Reason == flow.Active {
			return 1
		}
		return 0
	})
	n.cell("src_ip", TypeAddr, func(dst []byte, v *flow.View) []byte { src, _ := endpoints(v); return src.Addr().AppendTo(dst) })
	n.cell("src_mac", TypeString, func(dst []byte, v *flow.View) []byte { return appendMAC(dst, v.NFStream.Src[:]) })
	n.cell("src_oui", TypeString, func(dst []byte, v *flow.View) []byte { return appendMAC(dst, v.NFStream.Src[:3]) })
	n.whole("src_port", dataset.None, dataset.Identity, "Port of the sender of the first packet, TCP and UDP only.", func(v *flow.View) int64 { src, _ := ports(v); return int64(src) })
	n.cell("dst_ip", TypeAddr, func(dst []byte, v *flow.View) []byte { _, d := endpoints(v); return d.Addr().AppendTo(dst) })
	n.cell("dst_mac", TypeString, func(dst []byte, v *flow.View) []byte { return appendMAC(dst, v.NFStream.Dst[:]) })
	n.cell("dst_oui", TypeString, func(dst []byte, v *flow.View) []byte { return appendMAC(dst, v.NFStream.Dst[:3]) })
	n.whole("dst_port", dataset.None, dataset.Identity, "Port of the receiver of the first packet, TCP and UDP only.", func(v *flow.View) int64 { _, d := ports(v); return int64(d) })
	n.whole("protocol", dataset.None, dataset.Identity, "IP protocol number.", func(v *flow.View) int64 { return int64(v.Key.Proto) })
	n.whole("ip_version", dataset.None, dataset.Feature, "Version of IP, 4 or 6.", ipVersion)
	n.whole("vlan_id", dataset.None, dataset.Identity, "Innermost VLAN id, 0 without.", func(v *flow.View) int64 { return int64(v.Key.VLAN) })
	if n.tunnels {
		n.whole("tunnel_id", dataset.None, dataset.Feature, "Tunnel that was opened: 0 none, 1 GTP-U, 2 CAPWAP, 3 TZSP.", func(v *flow.View) int64 {
			switch packet.Tunnel(v.Key.Kind >> packet.KindTunnelShift) {
			case packet.TunnelGTPU:
				return 1
			case packet.TunnelCAPWAP:
				return 2
			case packet.TunnelTZSP:
				return 3
			}
			return 0
		})
	}
	for _, s := range nfScopes {
		at := s.at
		n.moment(s.prefix+"first_seen_ms", "First packet of "+s.words, func(v *flow.View) int64 { return v.NFStream.Scopes[at].First })
		if at == 1 {
			n.fault(nfEra, "")
		}
		n.moment(s.prefix+"last_seen_ms", "Last packet of "+s.words, func(v *flow.View) int64 { return v.NFStream.Scopes[at].Last })
		if at == 1 {
			n.fault(nfEra, "")
		}
		n.whole(s.prefix+"duration_ms", dataset.Millis, dataset.Feature, "From the first to the last packet of "+s.words+".", func(v *flow.View) int64 { return v.NFStream.Scopes[at].Last - v.NFStream.Scopes[at].First })
		if at == flow.Both {
			n.fault(nfCut, "duration")
		} else {
			n.fault(nfCut, "")
		}
		n.whole(s.prefix+"packets", dataset.Count, dataset.Feature, "Packets of "+s.words+".", func(v *flow.View) int64 { return int64(v.NFStream.Scopes[at].N) })
		n.whole(s.prefix+"bytes", dataset.Bytes, dataset.Feature, "Sum over the packets of "+s.words+" of the "+sizeWords[n.mode]+", each modulo 65,536.", func(v *flow.View) int64 { return int64(v.NFStream.Scopes[at].Bytes) })
		n.fault(n.wrongSize(), n.sized(s.own, "bytes"))
	}
}

// nfFlags are NFStream's names of the TCP flags in its order, with their bits.
var nfFlags = [8]struct {
	name string
	bit  int
}{{"syn", 1}, {"cwr", 7}, {"ece", 6}, {"urg", 5}, {"ack", 4}, {"psh", 3}, {"rst", 2}, {"fin", 0}}

func (n *nfstream) statistic() {
	n.group = "statistical"
	size := sizeWords[n.mode]
	for _, s := range nfScopes {
		at, of := s.at, " of the packets of "+s.words
		n.whole(s.prefix+"min_ps", dataset.Bytes, dataset.Feature, "Smallest "+size+of+"; 0 without one.", func(v *flow.View) int64 { return int64(v.NFStream.Scopes[at].Min) })
		n.fault(n.wrongSize(), n.sized(s.own, "min"))
		n.real(s.prefix+"mean_ps", dataset.Bytes, "Mean "+size+of+", as a running mean; 0 without one.", func(v *flow.View) float64 { return v.NFStream.Scopes[at].Mean })
		n.fault(n.wrongSize(), n.sized(s.own, "mean"))
		n.real(s.prefix+"stddev_ps", dataset.Bytes, "Sample standard deviation of the "+size+of+" (Welford); 0 with fewer than two.", func(v *flow.View) float64 { return v.NFStream.Scopes[at].Std() })
		n.fault(n.wrongSize(), n.sized(s.own, "std"))
		n.whole(s.prefix+"max_ps", dataset.Bytes, dataset.Feature, "Largest "+size+of+"; 0 without one.", func(v *flow.View) int64 { return int64(v.NFStream.Scopes[at].Max) })
		n.fault(n.wrongSize(), n.sized(s.own, "max"))
	}
	for _, s := range nfScopes {
		at, of := s.at, " between consecutive packets of "+s.words
		n.whole(s.prefix+"min_piat_ms", dataset.Millis, dataset.Feature, "Smallest gap"+of+", of times cut to milliseconds; 0 without one.", func(v *flow.View) int64 { return v.NFStream.Scopes[at].GapMin })
		n.fault(nfCut, s.own+"gap_min")
		n.real(s.prefix+"mean_piat_ms", dataset.Millis, "Mean gap"+of+", as a running mean; 0 without one.", func(v *flow.View) float64 { return v.NFStream.Scopes[at].GapMean })
		n.fault(nfCut, s.own+"gap_mean")
		n.real(s.prefix+"stddev_piat_ms", dataset.Millis, "Sample standard deviation of the gaps"+of+" (Welford); 0 with fewer than two.", func(v *flow.View) float64 { return v.NFStream.Scopes[at].GapStd() })
		n.fault(nfCut, s.own+"gap_std")
		n.whole(s.prefix+"max_piat_ms", dataset.Millis, dataset.Feature, "Largest gap"+of+"; 0 without one.", func(v *flow.View) int64 { return v.NFStream.Scopes[at].GapMax })
		n.fault(nfCut, s.own+"gap_max")
	}
	for _, s := range nfScopes {
		for _, f := range nfFlags {
			at, bit := s.at, f.bit
			n.whole(s.prefix+f.name+"_packets", dataset.Count, dataset.Feature, "Packets of "+s.words+" with the TCP flag "+f.name+".", func(v *flow.View) int64 { return int64(v.NFStream.Scopes[at].Flags[bit]) })
		}
	}
}

// early adds the first packets: lists in the original layout, a column a place else.
func (n *nfstream) early() {
	n.group = "splt"
	direction := func(steps []flow.Step, i int) int64 {
		if steps[i].Back {
			return 1
		}
		return 0
	}
	size := func(steps []flow.Step, i int) int64 { return int64(uint16(steps[i].Size)) }
	gap := func(steps []flow.Step, i int) int64 {
		if i == 0 {
			return 0
		}
		return steps[i].Time/1e6 - steps[i-1].Time/1e6
	}
	faults := map[dataset.Unit]string{dataset.Bytes: n.wrongSize(), dataset.Millis: nfCut}
	for _, l := range []struct {
		name, doc, list string
		unit            dataset.Unit
		value           func([]flow.Step, int) int64
	}{
		{"splt_direction", "Direction of packet %d: 0 from the source, 1 from the destination", "Direction of", dataset.None, direction},
		{"splt_ps", "Of packet %d, " + sizeWords[n.mode], "Size of", dataset.Bytes, size},
		{"splt_piat_ms", "Gap before packet %d, in either direction, of times cut to milliseconds", "Gap before", dataset.Millis, gap},
	} {
		for i := range n.splt {
			n.set.Columns = append(n.set.Columns, Column{Name: l.name + "_" + strconv.Itoa(i), Unit: l.unit, Group: n.group, Needs: flow.NeedSequence, Filler: -1, Fault: faults[l.unit],
				Doc: fmt.Sprintf(l.doc, i) + "; missing where the flow has no such packet (NFStream: -1).",
				Value: func(v *flow.View) float64 {
					if i >= len(v.Steps) {
						return missing()
					}
					return float64(l.value(v.Steps, i))
				}})
		}
		n.set.Lists = append(n.set.Lists, List{Name: l.name, Unit: l.unit, Group: n.group, Needs: flow.NeedSequence,
			Doc: fmt.Sprintf("%s each of the first %d packets that the flow has: the columns %s_0 and on as one list.", l.list, n.splt, l.name),
			Append: func(dst []float64, v *flow.View) []float64 {
				for i := range v.Steps {
					dst = append(dst, float64(l.value(v.Steps, i)))
				}
				return dst
			}})
		n.cell(l.name, TypeList, func(dst []byte, v *flow.View) []byte {
			dst = append(dst, `"[`...)
			for i := range n.splt {
				if i > 0 {
					dst = append(dst, ", "...)
				}
				if i < len(v.Steps) {
					dst = strconv.AppendInt(dst, l.value(v.Steps, i), 10)
				} else {
					dst = append(dst, "-1"...)
				}
			}
			return append(dst, `]"`...)
		})
	}
}
