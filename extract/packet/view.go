package packet

// View is how a feature set reads packets. The zero value is the view of fm's own set.
type View struct {
	Outer         bool   // keep the outer 5-tuple of tunnelled packets
	KeyVLAN       bool   // the innermost VLAN id is part of the key
	KeyTunnel     bool   // the kind of tunnel is part of the key
	NoICMPQuery   bool   // ICMP identifiers are not part of the key: one flow for all ICMP of two hosts
	Tunnels       uint32 // which tunnels to open: a set of 1 << Tunnel; 0 means all
	DropFragments bool   // later fragments are left out instead of credited to their flow
	Millis        bool   // times are cut to whole milliseconds (via microseconds)
	ClampTime     bool   // a packet older than the clock gets the clock's time
	KeepEpoch     bool   // the clock never steps back, whatever the capture does
	RefusedMoves  bool   // refused frames move the clock too
}
