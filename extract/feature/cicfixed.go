package feature

import (
	"fm/dataset"
	"fm/extract/flow"
	"fm/extract/packet"
)

const cicFixedDoc = "The columns of the corrected CICFlowMeter of Engelen and others (commit 4dd5319): whole connections, flags and bulks by direction, ICMP, retransmissions."

var cicFixedOptions = []Option{cicOptions[0], cicOptions[1],
	{Faithful, "false", "leave out and misread packets as the corrected CICFlowMeter does, end silent flows only with their next packet (the original layout: true)"}}

func buildCICFixed(o *options) (*Set, error) {
	c := cic{fixed: true, needs: flow.NeedCICFixed, core: func(v *flow.View) *flow.CICCore { return &v.CICFixed.CICCore }}
	c.set = &Set{Name: "cicflowmeter-fixed", Version: 1, Doc: cicFixedDoc, Tool: "CICFlowMeter (Engelen et al.)"}
	if err := c.rules(o); err != nil {
		return nil, err
	}
	c.columns()
	return c.set, nil
}

// connection adds the columns that only the fork has.
func (c *cic) connection() {
	icmp := func(pick func(*flow.View) uint8) func(*flow.View) int64 {
		return func(v *flow.View) int64 {
			if v.Key.Proto != packet.ProtoICMP && v.Key.Proto != packet.ProtoICMPv6 {
				return -1
			}
			return int64(pick(v))
		}
	}
	c.whole("ICMP Code", dataset.None, "Code of the first packet if it is ICMP, else -1.", icmp(func(v *flow.View) uint8 { return v.ICMPCode }))
	c.whole("ICMP Type", dataset.None, "Type of the first packet if it is ICMP, else -1.", icmp(func(v *flow.View) uint8 { return v.ICMPType }))
	const fault = "Bare acknowledgements sent twice, and a FIN behind an acknowledgement, count too."
	const doc = "TCP packets whose sender, sequence and acknowledgement number, payload length and window the connection has had before"
	repeated := func(d int) func(*flow.View) int64 {
		return func(v *flow.View) int64 { return int64(v.CICFixed.Repeated[d]) }
	}
	c.whole("Fwd TCP Retrans. Count", dataset.Count, "Forward "+doc+".", repeated(0))
	c.wrong("fwd_retransmissions", fault)
	c.whole("Bwd TCP Retrans. Count", dataset.Count, "Backward "+doc+".", repeated(1))
	c.wrong("bwd_retransmissions", fault)
	c.whole("Total TCP Retrans. Count", dataset.Count, doc+".", func(v *flow.View) int64 { return int64(v.CICFixed.Repeated[0]) + int64(v.CICFixed.Repeated[1]) })
	c.wrong("", fault)
	c.whole("Total Connection Flow Time", dataset.Micros, "From the start of the connection, in rows before this one if it was cut, to the last packet; 0 but for TCP and UDP.",
		func(v *flow.View) int64 { return flow.CICConnection(v.Flow) })
}
