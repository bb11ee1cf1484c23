package packet

import "net/netip"

// View is how a feature set reads packets. The zero value reads all that was captured
// and opens all tunnels; fm's own set looks at the first SampleFrame bytes, so that its
// rows are the same when a capture is cut there.
type View struct {
	Look          uint32  // headers are read from so many bytes of a frame at most, 0 all: a tunnel whose inner headers lie beyond stays closed
	Outer         bool    // keep the outer 5-tuple of tunnelled packets
	KeyVLAN       bool    // the innermost VLAN id is part of the key
	KeyTunnel     bool    // the kind of tunnel is part of the key
	NoICMPQuery   bool    // ICMP identifiers are not part of the key: one flow for all ICMP of two hosts
	Tunnels       uint32  // which tunnels to open: a set of 1 << Tunnel; 0 means all
	DropFragments bool    // later fragments are left out instead of credited to their flow
	Millis        bool    // times are cut to whole milliseconds (via microseconds)
	Micros        bool    // times are cut to whole microseconds
	ClampTime     bool    // a packet older than the clock gets the clock's time
	KeepEpoch     bool    // the clock never steps back, whatever the capture does
	RefusedMoves  bool    // refused frames move the clock too
	Before1970    bool    // a reading brings times before 1970, too
	OnlyPorts     bool    // only TCP and UDP have ports; all else between two hosts is one flow a protocol
	Read          Reading // how frames are read; nil: as the decoder does

	// Local, if valid, is a host: what passes between two others, or within it, is a flow for
	// each sender.
	Local netip.Addr
}

// Reading is how a tool finds the IP packet in a frame, where it refuses or misreads some
// that the decoder reads. Its values can be compared.
type Reading interface {
	// read works under the contract of [Decoder.Decode]: data is the frame as captured,
	// end its length on the wire; p and c are empty but for time, lengths and place.
	// What the tool leaves out has the outcome [LeftOut].
	read(d *Decoder, p *Packet, c *Cold, f *Frame, data []byte, end int) Outcome
}
