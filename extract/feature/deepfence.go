package feature

import (
	"strconv"
	"strings"

	"fm/dataset"
	"fm/extract/flow"
	"fm/extract/packet"
)

const deepfenceDoc = "The columns of Deepfence FlowMeter: packets, frame sizes and gaps in nanoseconds of the first 83 packets of flows with 15 or more, and the six rates that its model reads too."

var deepfenceOptions = []Option{
	{"local_ip", "", "address whose packets are forward, all others backward (the tool: -localIP); without, the sender of the first packet is forward"},
	{"min_packets", "15", "flows of fewer packets have no row (the tool: MinPacketsPerFlow)"},
	{"max_packets", "82", "a flow that has more packets takes no further one, so that 83 count (the tool: MaxPacketsPerFlow)"},
	{"idle", "off", "a flow silent for longer is over (the tool: never)"},
	faithful("Deepfence FlowMeter"),
}

// deepfenceElsewhere are flags of Deepfence FlowMeter that are the business of the meter.
var deepfenceElsewhere = map[string]string{
	"fname":          "-r says what is read",
	"ifLiveCapture":  "-i reads from an interface",
	"maxNumPackets":  "--count ends a run after so many packets",
	"ifLocalIPKnown": "local_ip says which address it is",
	"localIP":        "it is called local_ip here",
}

// deepfence is a set in the making.
type deepfence struct {
	group string // of the columns that follow
	set   *Set
}

func buildDeepfence(o *options) (*Set, error) {
	s := &Set{Name: "deepfence", Version: 1, Doc: deepfenceDoc, Tool: "Deepfence FlowMeter", Measure: flow.CapturedLength}
	local, err := o.address("local_ip")
	if err != nil {
		return nil, err
	}
	least, err := o.whole("min_packets", 15, 1, 1<<16)
	if err != nil {
		return nil, err
	}
	most, err := o.whole("max_packets", 82, 1, 1<<16)
	if err != nil {
		return nil, err
	}
	idle, err := o.duration("idle", flow.Never)
	if err != nil {
		return nil, err
	}
	exact, err := o.yes(Faithful)
	if err != nil {
		return nil, err
	}
	s.View = packet.View{Local: local, KeepEpoch: true}
	if exact {
		s.View.Read = packet.Deepfence{}
	} else {
		s.View.OnlyPorts, s.View.NoICMPQuery = true, true
	}
	s.Sequence = most + 1
	s.Life = &flow.DeepfenceLife{Local: local, Most: uint64(most) + 1, Idle: idle}
	s.Keep = func(v *flow.View) bool { return v.Packets() >= uint64(least) && v.Deepfence.Duration >= 0 }
	s.Original = &Layout{End: "\n"}
	d := deepfence{set: s}
	d.identity()
	d.features()
	return s, nil
}

// identity adds the cells that name a flow. The tool takes the endpoints of its own key the
// wrong way round in all but the first.
func (d *deepfence) identity() {
	text := func(name string, kind CellType, write func(dst []byte, v *flow.View) []byte) {
		d.set.Original.Cells = append(d.set.Original.Cells, Cell{Name: name, Append: write, Type: kind})
	}
	address := func(dst []byte, v *flow.View, responder bool) []byte {
		end, other := endpoints(v)
		if responder {
			end = other
		}
		return end.Addr().Unmap().AppendTo(dst)
	}
	port := func(dst []byte, v *flow.View, responder bool) []byte {
		end, other := endpoints(v)
		if responder {
			end = other
		}
		return appendGopacketPort(dst, end.Port(), v.Key.Proto == packet.ProtoUDP)
	}
	protocol := func(dst []byte, v *flow.View) []byte { return append(dst, gopacketProtocol(v.Key.Proto)...) }
	text("fiveTuple", TypeString, func(dst []byte, v *flow.View) []byte {
		dst = append(address(dst, v, false), "--"...)
		dst = append(address(dst, v, true), "--"...)
		dst = append(protocol(dst, v), "--"...)
		dst = append(port(dst, v, false), "--"...)
		return port(dst, v, true)
	})
	text("srcIP", TypeAddr, func(dst []byte, v *flow.View) []byte { return address(dst, v, true) })
	text("dstIP", TypeAddr, func(dst []byte, v *flow.View) []byte { return address(dst, v, false) })
	text("protocol", TypeEnum, protocol)
	text("srcPort", TypeString, func(dst []byte, v *flow.View) []byte { return port(dst, v, true) })
	text("dstPort", TypeString, func(dst []byte, v *flow.View) []byte { return port(dst, v, false) })
}

// add adds a column and its cell, with six decimals as fmt's %f.
func (d *deepfence) add(name string, unit dataset.Unit, doc, fault, right string, value func(*flow.View) float64) {
	d.model(name, unit, doc, fault, right, value)
	d.set.Original.Cells = append(d.set.Original.Cells, Cell{Name: name, Type: TypeDouble,
		Append: func(dst []byte, v *flow.View) []byte { return strconv.AppendFloat(dst, value(v), 'f', 6, 64) }})
}

// model adds a column that the tool's model reads, but its file does not have.
func (d *deepfence) model(name string, unit dataset.Unit, doc, fault, right string, value func(*flow.View) float64) {
	d.set.Columns = append(d.set.Columns, Column{Name: name, Unit: unit, Group: d.group, Needs: flow.NeedSequence | flow.NeedDeepfence,
		Doc: doc, Fault: fault, Right: right, Value: value})
}

// deepfenceScope is one direction, or both.
type deepfenceScope struct {
	at                   int
	prefix, words, right string // of the tool's names, of docs, of the names of set fm
}

var (
	deepfenceBoth = []deepfenceScope{{flow.Both, "", "all packets", ""}}
	deepfenceWays = []deepfenceScope{{0, "fwd", "forward packets", "fwd_"}, {1, "bwd", "backward packets", "bwd_"}}
)

// name puts the scope in front of a name as the tool does: fwdFlowLength.
func (s *deepfenceScope) name(base string) string {
	if s.prefix == "" {
		return base
	}
	return s.prefix + strings.ToUpper(base[:1]) + base[1:]
}

// deepfenceKind is a kind of column that several scopes have; doc and right are completed
// by the words and the prefix of the scope.
type deepfenceKind struct {
	name, doc, fault, right string
	value                   func(f *flow.Deepfence, at int) float64
}

// family adds the columns of several kinds, each for all scopes.
func (d *deepfence) family(unit dataset.Unit, scopes []deepfenceScope, kinds []deepfenceKind) {
	for _, k := range kinds {
		for _, s := range scopes {
			right := k.right
			if right != "" {
				right = s.right + right
			}
			d.add(s.name(k.name), unit, strings.ReplaceAll(k.doc, "PACKETS", s.words), k.fault, right,
				func(v *flow.View) float64 { return k.value(v.Deepfence, s.at) })
		}
	}
}

func (d *deepfence) features() {
	const first = "It stands still behind the first 83 packets of a flow (max_packets)."
	d.group = "flow"
	d.add("flowDuration", dataset.Nanos, "Time from the first to the last packet that counts.", first, "duration",
		func(v *flow.View) float64 { return float64(v.Deepfence.Duration) })
	length := []deepfenceKind{{"flowLength", "Number of PACKETS that count.", first, "packets",
		func(f *flow.Deepfence, at int) float64 { return float64(f.Packets[at]) }}}
	d.family(dataset.Count, deepfenceBoth, length)
	d.family(dataset.Count, deepfenceWays, length)

	d.group = "size"
	const framed = "It counts frames as captured, so it depends on link, padding and snapshot length."
	sizes := []deepfenceKind{
		{"packetSizeTotal", "Sum of the captured frame lengths of PACKETS.", framed, "ip_bytes", func(f *flow.Deepfence, at int) float64 { return float64(f.Sizes[at].Total) }},
		{"packetSizeMean", "Mean captured frame length of PACKETS; 0 without one.", framed, "ip_mean", func(f *flow.Deepfence, at int) float64 { return f.Sizes[at].Mean }},
		{"packetSizeStd", "Population standard deviation (divisor n) of the captured frame lengths of PACKETS; 0 without one.", framed, "ip_std", func(f *flow.Deepfence, at int) float64 { return f.Sizes[at].Std }},
		{"packetSizeMin", "Smallest captured frame length of PACKETS; 0 without one.", framed, "ip_min", func(f *flow.Deepfence, at int) float64 { return float64(f.Sizes[at].Min) }},
		{"packetSizeMax", "Largest captured frame length of PACKETS; 0 without one.", framed, "ip_max", func(f *flow.Deepfence, at int) float64 { return float64(f.Sizes[at].Max) }},
	}
	d.family(dataset.Bytes, deepfenceBoth, sizes)
	d.family(dataset.Bytes, deepfenceWays, sizes)

	d.group = "gap"
	const union = "It is made of the gaps within each direction, the forward ones and then the backward ones, not of those between neighbouring packets."
	const skipped = "The first gap is left out of the sum of squares, but counted in its divisor."
	d.family(dataset.Nanos, deepfenceBoth, []deepfenceKind{
		{"IATMean", "Mean of the forward and the backward gaps, cut to whole microseconds; 0 without one.", union, "gap_mean", gapMean},
		{"IATStd", "Spread of the forward and the backward gaps around their mean (divisor n), cut to whole microseconds; 0 without one.", union + " " + skipped, "gap_std", gapStd},
		{"IATMin", "Smallest of the forward and the backward gaps; 0 without one.", union, "gap_min", gapMin},
		{"IATMax", "Largest of the forward and the backward gaps; 0 without one.", union, "gap_max", gapMax},
	})
	d.family(dataset.Nanos, deepfenceWays, []deepfenceKind{
		{"IATTotal", "Sum of the gaps between PACKETS; 0 without one.", "", "", func(f *flow.Deepfence, at int) float64 { return float64(f.Gaps[at].Total) }},
		{"IATMean", "Mean gap between PACKETS, cut to whole microseconds; 0 without one.", "", "", gapMean},
		{"IATStd", "Spread of the gaps between PACKETS around their mean (divisor n), cut to whole microseconds; 0 without one.", skipped, "gap_std", gapStd},
		{"IATMin", "Smallest gap between PACKETS; 0 without one.", "", "", gapMin},
		{"IATMax", "Largest gap between PACKETS; 0 without one.", "", "", gapMax},
	})

	d.group = "rate"
	for _, k := range []deepfenceKind{
		{"flowLength", "Number of PACKETS", "", "", length[0].value},
		{"packetSizeTotal", "Captured frame bytes of PACKETS", "", "", sizes[0].value},
	} {
		for _, s := range append(deepfenceBoth, deepfenceWays...) {
			d.model(s.name(k.name)+"PerTime", dataset.None, strings.ReplaceAll(k.doc, "PACKETS", s.words)+" per nanosecond of flowDuration; missing if that is 0 (the tool: Inf or NaN, and the verdict Benign); read by the tool's model, not in its file.", "", "",
				func(v *flow.View) float64 {
					if v.Deepfence.Duration == 0 {
						return missing()
					}
					return k.value(v.Deepfence, s.at) / float64(v.Deepfence.Duration)
				})
		}
	}
}

func gapMean(f *flow.Deepfence, at int) float64 { return float64(f.Gaps[at].Mean) }
func gapStd(f *flow.Deepfence, at int) float64  { return float64(f.Gaps[at].Std) }
func gapMin(f *flow.Deepfence, at int) float64  { return float64(f.Gaps[at].Min) }
func gapMax(f *flow.Deepfence, at int) float64  { return float64(f.Gaps[at].Max) }

// gopacketProtocol is gopacket's name of an IP protocol that carries TCP or UDP there (in an
// IPv6 packet inside an IPv4 one the outer one counts), or may be met without the option
// faithful.
func gopacketProtocol(proto uint8) string {
	switch proto {
	case packet.ProtoTCP:
		return "TCP"
	case packet.ProtoUDP:
		return "UDP"
	case packet.ProtoICMP:
		return "ICMPv4"
	case packet.ProtoICMPv6:
		return "ICMPv6"
	case packet.ProtoSCTP:
		return "SCTP"
	case 0:
		return "IPv6HopByHop"
	case 41:
		return "IPv6"
	}
	return strconv.Itoa(int(proto))
}

// appendGopacketPort writes a port and, in brackets, gopacket's name of it.
func appendGopacketPort(dst []byte, port uint16, udp bool) []byte {
	dst = strconv.AppendUint(dst, uint64(port), 10)
	if name := gopacketPort(port, udp); name != "" {
		dst = append(append(append(dst, '('), name...), ')')
	}
	return dst
}

// gopacketPort finds the line of a port in the text of all names: by halving it, since its
// lines are in the order of ports.
func gopacketPort(port uint16, udp bool) string {
	low, high := 0, len(gopacketPorts)
	for low < high {
		at := strings.LastIndexByte(gopacketPorts[:(low+high)/2], '\n') + 1 // of the line in the middle
		n, next := 0, at+strings.IndexByte(gopacketPorts[at:], '\n')+1
		line := gopacketPorts[at : next-1]
		for line[0] >= '0' && line[0] <= '9' {
			n, line = 10*n+int(line[0]-'0'), line[1:]
		}
		switch {
		case n < int(port) || n == int(port) && line[0] == 't' && udp:
			low = next
		case n > int(port) || line[0] == 'u' && !udp:
			high = at
		default:
			return line[strings.IndexByte(line, ' ')+1:]
		}
	}
	return ""
}
