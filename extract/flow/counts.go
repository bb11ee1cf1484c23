package flow

// Counts are packets and bytes of each direction; index 0 is forward.
type Counts struct {
	Packets [2]uint64 // packets that entered columns
	Wire    [2]uint64 // frames on the wire, bytes
	IP      [2]uint64 // IP packets by their headers, bytes
	Payload [2]uint64 // transport payload by the headers, bytes
	Last    [2]int64  // time of the last packet, ns; 0 without one
	First   [2]int64  // time of the first packet, ns; 0 without one
}

// Add counts one packet.
func (c *Counts) Add(in *In) {
	d := in.Dir & 1
	if c.Packets[d] == 0 {
		c.First[d] = in.Time
	}
	c.Packets[d]++
	c.Wire[d] += uint64(in.P.WireLen)
	c.IP[d] += uint64(in.P.IPLen)
	c.Payload[d] += uint64(in.P.Payload)
	c.Last[d] = in.Time
}
