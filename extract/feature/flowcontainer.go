package feature

import (
	"fmt"
	"strconv"

	"fm/dataset"
	"fm/extract/flow"
	"fm/extract/packet"
)

const flowcontainerDoc = "The sequences of flowcontainer (commit cae4173): signed lengths and times of a stream's IP packets and of those with payload."

var flowcontainerOptions = []Option{
	{"filter", "(tcp or udp or gre)", "what counts: tcp, udp and gre joined by or"},
	{"max_sequence", "100000", "packets of a flow that lists hold at most (flowcontainer: all)"},
	{"places", "20", "first packets of each list that are columns, 0 to 255"},
	faithful("flowcontainer on tshark 4.0.17"),
}

var flowcontainerElsewhere = map[string]string{
	"infile":        "-r says what is read",
	"split_flag":    "files of any size are read at once, and streams are not numbered by parts",
	"ip_layer":      "flowcontainer merges all packets into one flow without payload then, and drops it",
	"extension":     "fm does not read application data yet",
	"cmd_parameter": "fm reads packets itself, without tshark",
	"verbose":       "--quiet says less",
}

// flowcontainer is a set in the making.
type flowcontainer struct {
	group string // of the columns that follow
	set   *Set
}

func buildFlowContainer(o *options) (*Set, error) {
	filter, err := o.filter("filter")
	if err != nil {
		return nil, err
	}
	most, err := o.whole("max_sequence", 100000, 1, 1<<24)
	if err != nil {
		return nil, err
	}
	places, err := o.whole("places", 20, 0, 255)
	if err != nil {
		return nil, err
	}
	exact, err := o.yes(Faithful)
	if err != nil {
		return nil, err
	}
	f := flowcontainer{set: &Set{Name: "flowcontainer", Version: 1, Doc: flowcontainerDoc, Tool: "flowcontainer"}}
	s := f.set
	s.Life = &flow.FlowContainerLife{Once: !exact}
	s.View = packet.View{KeepEpoch: true, Read: packet.Wireshark{Exact: exact, IPv6: true, Skip: filter | packet.SkipMDNS | packet.SkipSSDP}}
	s.Measure = flow.IPLength
	s.Sequence = most
	s.Original = &Layout{End: "\n"}
	s.Keep = func(v *flow.View) bool { return payloads(v) > 0 }
	f.cells()
	f.counts()
	f.places(places)
	f.lists()
	s.steps = plan(s.Columns)
	return s, nil
}

// payloads are a flow's packets with payload.
func payloads(v *flow.View) uint64 {
	return v.FlowContainer.Ways[0].Payloads + v.FlowContainer.Ways[1].Payloads
}

// A sequence is the lengths and times of some of a flow's packets.
type sequence struct {
	name, what string
	// length is that of a packet, and whether it is in the sequence.
	length func(v *flow.View, s *flow.Step) (uint32, bool)
}

var sequences = [2]sequence{
	{"ip", "IP packets", func(v *flow.View, s *flow.Step) (uint32, bool) {
		n, _ := flow.FlowContainerLengths(&v.Key, s.IP, s.Payload)
		return n, true
	}},
	{"payload", "packets with payload", func(v *flow.View, s *flow.Step) (uint32, bool) {
		_, n := flow.FlowContainerLengths(&v.Key, s.IP, s.Payload)
		return n, n != 0
	}},
}

// lengthWords say what lengths count, and lengthFaults what is wrong with it.
var (
	lengthWords  = [2]string{"length of the IPv4 packet or of what follows the fixed IPv6 header, by the header", "length of the TCP payload or of the UDP datagram with its header"}
	lengthFaults = [2]string{"IPv6 packets are 40 bytes short, and the source is the endpoint with the larger port, which need not be the client.",
		"UDP payloads are 8 bytes too long, empty ones count, and the source is the endpoint with the larger port, which need not be the client."}
)

// signed is a length with the sign of its direction.
func signed(n uint32, back bool) int64 {
	if back {
		return -int64(n)
	}
	return int64(n)
}

// cells are the attributes of flowcontainer's objects.
func (f *flowcontainer) cells() {
	add := func(name string, typ CellType, write func(dst []byte, v *flow.View) []byte) {
		f.set.Original.Cells = append(f.set.Original.Cells, Cell{Name: name, Type: typ, Append: write})
	}
	protocol := func(dst []byte, v *flow.View) []byte {
		if v.Key.Proto == packet.ProtoTCP {
			return append(dst, "tcp"...)
		}
		return append(dst, "udp"...)
	}
	number := func(value func(v *flow.View) uint64) func([]byte, *flow.View) []byte {
		return func(dst []byte, v *flow.View) []byte { return strconv.AppendUint(dst, value(v), 10) }
	}
	add("key_protocol", TypeString, protocol)
	// A number that no other flow has and that grows as Wireshark's does.
	add("key_stream", TypeCount, number(func(v *flow.View) uint64 { return v.FirstSeq }))
	add("src", TypeAddr, func(dst []byte, v *flow.View) []byte { s, _ := endpoints(v); return s.Addr().AppendTo(dst) })
	add("sport", TypePort, number(func(v *flow.View) uint64 { s, _ := ports(v); return uint64(s) }))
	add("dst", TypeAddr, func(dst []byte, v *flow.View) []byte { _, d := endpoints(v); return d.Addr().AppendTo(dst) })
	add("dport", TypePort, number(func(v *flow.View) uint64 { _, d := ports(v); return uint64(d) }))
	add("protocol", TypeString, protocol)
	add("ext_protocol", TypeString, func(dst []byte, _ *flow.View) []byte { return dst }) // needs application data
	add("time_start", TypeTime, func(dst []byte, v *flow.View) []byte {
		return appendPython(dst, flow.Epoch(v.FlowContainer.First))
	})
	add("time_end", TypeTime, func(dst []byte, v *flow.View) []byte {
		return appendPython(dst, flow.Epoch(v.FlowContainer.Last))
	})
	add("n_payload", TypeCount, number(payloads))
	for i := range sequences {
		q := &sequences[i]
		each := func(write func(dst []byte, s *flow.Step, n uint32) []byte) func(dst []byte, v *flow.View) []byte {
			return func(dst []byte, v *flow.View) []byte {
				from := len(dst)
				for k := range v.Steps {
					if n, ok := q.length(v, &v.Steps[k]); ok {
						if len(dst) > from {
							dst = append(dst, ' ')
						}
						dst = write(dst, &v.Steps[k], n)
					}
				}
				return dst
			}
		}
		add(q.name+"_lengths", TypeList, each(func(dst []byte, s *flow.Step, n uint32) []byte {
			return strconv.AppendInt(dst, signed(n, s.Back), 10)
		}))
		add(q.name+"_timestamps", TypeList, each(func(dst []byte, s *flow.Step, _ uint32) []byte {
			return appendPython(dst, flow.Epoch(s.Time))
		}))
	}
}

// column adds a column.
func (f *flowcontainer) column(c Column) {
	c.Group = f.group
	c.Needs |= flow.NeedFlowContainer | flow.NeedSequence // which the first decides upon
	f.set.Columns = append(f.set.Columns, c)
}

// counts adds times, numbers and sums.
func (f *flowcontainer) counts() {
	f.group = "core"
	f.column(Column{Name: "protocol", Role: dataset.Identity, Value: func(v *flow.View) float64 { return float64(v.Key.Proto) }, Doc: "Number of the protocol, which flowcontainer writes as tcp or udp."})
	for _, c := range [...]struct {
		name, doc string
		value     func(s *flow.FlowContainer) int64
	}{
		{"time_start", "Earliest packet with payload, seconds since 1970.", func(s *flow.FlowContainer) int64 { return s.First }},
		{"time_end", "Latest packet with payload, seconds since 1970.", func(s *flow.FlowContainer) int64 { return s.Last }},
	} {
		f.column(Column{Name: c.name, Unit: dataset.Seconds, Role: dataset.TimeRole, Doc: c.doc, Value: func(v *flow.View) float64 { return flow.Epoch(c.value(v.FlowContainer)) },
			Fault: "Packets without payload do not count, though flowcontainer calls it that of the flow."})
	}
	f.column(Column{Name: "payload_duration", Unit: dataset.Seconds, Doc: "From the earliest to the latest packet with payload.", Value: func(v *flow.View) float64 { return flow.Seconds(v.FlowContainer.Last - v.FlowContainer.First) }})
	f.column(Column{Name: "n_payload", Unit: dataset.Count, Doc: "Packets with payload, the length of flowcontainer's object.", Value: func(v *flow.View) float64 { return float64(payloads(v)) }})
	for dir, way := range [2]struct{ prefix, words string }{{"src_", "sent by the source"}, {"dst_", "sent by the destination"}} {
		for _, c := range [...]struct {
			name, doc, fault string
			unit             dataset.Unit
			value            func(s *flow.FlowContainerWay) uint64
		}{
			{"ip_packets", "IP packets " + way.words, "", dataset.Count, func(s *flow.FlowContainerWay) uint64 { return s.Packets }},
			{"ip_bytes", "Sum over the IP packets " + way.words + " of the " + lengthWords[0], lengthFaults[0], dataset.Bytes, func(s *flow.FlowContainerWay) uint64 { return s.IPBytes }},
			{"payload_packets", "Packets with payload " + way.words, "", dataset.Count, func(s *flow.FlowContainerWay) uint64 { return s.Payloads }},
			{"payload_bytes", "Sum over the packets with payload " + way.words + " of the " + lengthWords[1], lengthFaults[1], dataset.Bytes, func(s *flow.FlowContainerWay) uint64 { return s.PayloadBytes }},
		} {
			f.column(Column{Name: way.prefix + c.name, Unit: c.unit, Doc: c.doc + ".", Fault: c.fault, Value: func(v *flow.View) float64 { return float64(c.value(&v.FlowContainer.Ways[dir])) }})
		}
	}
}

// places adds the first packets of each sequence, a column each.
func (f *flowcontainer) places(n int) {
	for i := range sequences {
		q := &sequences[i]
		f.group = q.name
		f.columns(n, Column{Name: q.name + "_length_", Unit: dataset.Bytes, Fault: lengthFaults[i],
			Doc: "Of number %d of the " + q.what + ", the " + lengthWords[i] + ", negative if sent by the destination; missing without it."},
			q, func(s, _ *flow.Step, length uint32) float64 { return float64(signed(length, s.Back)) })
		f.columns(n, Column{Name: q.name + "_gap_", Unit: dataset.Seconds,
			Doc: "Time before number %d of the " + q.what + " since the one before, 0 for the first; missing without it."},
			q, func(s, before *flow.Step, _ uint32) float64 {
				if before == nil {
					return 0
				}
				return flow.Seconds(s.Time - before.Time)
			})
	}
}

// columns adds a column like c for each of the first n places of a sequence, in runs.
func (f *flowcontainer) columns(n int, c Column, q *sequence, value func(s, before *flow.Step, length uint32) float64) {
	for from := 0; from < n; from += maxRun {
		r := &run{columns: min(maxRun, n-from)}
		r.fill = func(dst []float64, v *flow.View) {
			allMissing(dst)
			var before *flow.Step
			place := -from
			for k := range v.Steps {
				s := &v.Steps[k]
				length, ok := q.length(v, s)
				if !ok {
					continue
				}
				if place >= 0 {
					dst[place] = value(s, before, length)
				}
				if place++; place == len(dst) {
					return
				}
				before = s
			}
		}
		for at := range r.columns {
			one := c
			one.Name = c.Name + strconv.Itoa(from+at)
			one.Doc = fmt.Sprintf(c.Doc, from+at)
			one.run, one.at = r, at
			one.Value = func(v *flow.View) float64 {
				dst := make([]float64, r.columns)
				r.fill(dst, v)
				return dst[at]
			}
			f.column(one)
		}
	}
}

// lists adds the whole sequences.
func (f *flowcontainer) lists() {
	for i := range sequences {
		q := &sequences[i]
		add := func(name string, unit dataset.Unit, doc string, value func(s *flow.Step, n uint32) float64) {
			f.set.Lists = append(f.set.Lists, List{Name: name, Unit: unit, Group: q.name, Needs: flow.NeedFlowContainer | flow.NeedSequence, Doc: doc,
				Append: func(dst []float64, v *flow.View) []float64 {
					for k := range v.Steps {
						if n, ok := q.length(v, &v.Steps[k]); ok {
							dst = append(dst, value(&v.Steps[k], n))
						}
					}
					return dst
				}})
		}
		add(q.name+"_lengths", dataset.Bytes, "Of each of the "+q.what+" in order, up to max_sequence packets of the flow, the "+lengthWords[i]+", negative if sent by the destination.",
			func(s *flow.Step, n uint32) float64 { return float64(signed(n, s.Back)) })
		add(q.name+"_timestamps", dataset.Seconds, "Times of the "+q.what+" in order, up to max_sequence packets of the flow, seconds since 1970.",
			func(s *flow.Step, _ uint32) float64 { return flow.Epoch(s.Time) })
	}
}
