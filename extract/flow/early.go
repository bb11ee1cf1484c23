package flow

// EarlyPackets is how many packets of a flow are kept one by one.
const EarlyPackets = 16

// Early keeps the first packets of a flow in the order they came.
type Early struct {
	Gap   [EarlyPackets]int64 // time since the packet before, ns; of the first one 0
	Size  [EarlyPackets]int32 // payload in bytes, negative if sent backward
	Flags [EarlyPackets]uint8 // TCP flags, 0 for other protocols
	N     int                 // how many are kept
	last  int64
}

// Add keeps one packet if there is room.
func (e *Early) Add(in *In) {
	i := e.N
	if i >= EarlyPackets {
		return
	}
	if i > 0 {
		e.Gap[i] = max(0, in.Time-e.last)
	}
	sign := int32(1 - 2*(in.Dir&1))
	e.Size[i] = sign * int32(min(in.P.Payload, 1<<31-1))
	e.Flags[i] = in.P.Flags
	e.last = in.Time
	e.N = i + 1
}
