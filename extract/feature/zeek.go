package feature

import (
	"math"
	"strconv"

	"fm/dataset"
	"fm/extract/flow"
	"fm/extract/packet"
)

const zeekDoc = "The columns of zeek-flowmeter (commit 047f297) on connections as Zeek makes them: counts, flags, payload, gaps in microseconds, bulks, activity; forward is what the originator's address sends, whatever the port. Numbers are as printed, with six decimals."

var zeekOptions = []Option{
	{"subflow_max_iat", "1sec", "a longer gap begins a subflow (an interval as Zeek writes it, 500msec or 1.5min, or a duration)"},
	{"active_timeout", "5sec", "a longer gap ends an active phase; it cuts no flow"},
	{"bulk_timeout", "1sec", "a gap so long ends a bulk"},
	{"bulk_min_length", "5", "packets with payload that make a bulk at least"},
	{"ignore_checksums", "false", "packets with wrong checksums count in full, as with zeek -C; else one in the IPv4 header keeps a packet out, and one of TCP, UDP or ICMP keeps it out of duration and state"},
	{"likely_server_ports", "true", "a connection seen in its midst has its responder at the port of a known server, as with Zeek's scripts; false: no port is known as a server's, as without them"},
	{"slice", "off", "a packet so long after a row's first begins another row (an interval or a duration, to the nanosecond): its columns, uid, duration, bytes and packets are of its own packets alone, gaps start anew; originator, state, history and the end are the connection's; off: one row a connection, as Zeek has it"},
	faithful("Zeek"),
}

// zeekElsewhere are settings of Zeek that are the business of the meter.
var zeekElsewhere = map[string]string{
	"active":                  "Zeek cuts no long connections; slice does, and active_timeout is about phases within one",
	"idle":                    "fm ends connections by Zeek's default timeouts",
	"tcp_inactivity_timeout":  "fm ends connections by Zeek's default timeouts",
	"udp_inactivity_timeout":  "fm ends connections by Zeek's default timeouts",
	"icmp_inactivity_timeout": "fm ends connections by Zeek's default timeouts",
	"snaplen":                 "no flag of fm does it yet",
}

// zeekFlowmeter is a set in the making.
type zeekFlowmeter struct {
	group        string // of the columns that follow
	fault, right string // of the columns that follow
	set          *Set
}

func buildZeek(o *options) (*Set, error) {
	z := zeekFlowmeter{set: &Set{Name: "zeek-flowmeter", Version: 1, Doc: zeekDoc, Tool: "Zeek"}}
	s := z.set
	for _, i := range []struct {
		name     string
		standard float64
		at       *float64
	}{{"subflow_max_iat", 1, &s.Limits.Subflow}, {"active_timeout", 5, &s.Limits.Active}, {"bulk_timeout", 1, &s.Limits.Bulk}} {
		var err error
		if *i.at, err = o.interval(i.name, i.standard); err != nil {
			return nil, err
		}
	}
	least, err := o.whole("bulk_min_length", 5, 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	s.Limits.BulkMin = uint32(least)
	ignore, err := o.yes("ignore_checksums")
	if err != nil {
		return nil, err
	}
	ports, err := o.choice("likely_server_ports", true)
	if err != nil {
		return nil, err
	}
	slice, err := o.span("slice")
	if err != nil {
		return nil, err
	}
	exact, err := o.yes(Faithful)
	if err != nil {
		return nil, err
	}
	s.Life = &flow.ZeekLife{Slice: slice, Bare: !ports}
	s.View = packet.View{Micros: true, KeepEpoch: true, RefusedMoves: true, Read: packet.Zeek{Faithful: exact, Checksums: !ignore}}
	s.Original = &Layout{End: "\n", Log: "flowmeter", Beside: zeekConnLog()}
	s.Original.Cells = []Cell{{Name: "uid", Type: TypeString, Append: appendUID}}
	z.volume()
	z.flags()
	z.sizes()
	z.times()
	z.rates()
	z.activity()
	z.windows()
	s.Original.Table = append(zeekIdentity(), s.Original.Cells[1:]...)
	return s, nil
}

// count adds a column of whole numbers.
func (z *zeekFlowmeter) count(name string, unit dataset.Unit, doc string, value func(*flow.Zeek) uint64) {
	z.column(name, unit, doc, func(v *flow.View) float64 { return float64(value(v.Zeek)) })
	z.cell(name, TypeCount, func(dst []byte, v *flow.View) []byte { return strconv.AppendUint(dst, value(v.Zeek), 10) })
}

// double adds a column that Zeek prints as a double, and that has the number printed.
func (z *zeekFlowmeter) double(name string, unit dataset.Unit, doc string, value func(*flow.View) float64) {
	z.column(name, unit, doc, func(v *flow.View) float64 { return printed(value(v)) })
	z.cell(name, TypeDouble, func(dst []byte, v *flow.View) []byte { return appendZeek(dst, value(v)) })
}

func (z *zeekFlowmeter) column(name string, unit dataset.Unit, doc string, value func(*flow.View) float64) {
	z.set.Columns = append(z.set.Columns, Column{Name: name, Unit: unit, Group: z.group, Needs: flow.NeedZeek, Doc: doc,
		Fault: z.fault, Right: z.right, Value: value})
}

func (z *zeekFlowmeter) cell(name string, typ CellType, write func(dst []byte, v *flow.View) []byte) {
	z.set.Original.Cells = append(z.set.Original.Cells, Cell{Name: name, Type: typ, Append: write})
}

// faulty says what is wrong with the columns that f adds.
func (z *zeekFlowmeter) faulty(fault, right string, f func()) {
	z.fault, z.right = fault, right
	f()
	z.fault, z.right = "", ""
}
