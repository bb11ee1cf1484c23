package packet

// Notes counts what a decoder met that is no outcome of its own. All but
// LostFirsts count admitted packets.
type Notes struct {
	WireShort    uint64 // captured more than the wire length of the record: the captured length holds
	ZeroLength   uint64 // IP length 0, taken from the wire length
	LongIP       uint64 // IP length beyond its frame or tunnel, cut to it
	CutTransport uint64 // transport header cut by the snapshot length or the IP length
	BadTransport uint64 // TCP or DCCP data offset or UDP length that contradicts the IP length
	BadOptions   uint64 // TCP options damaged: those before the damage are used
	Fragments    uint64 // first and later fragments
	Credited     uint64 // later fragments credited to the flow of their first
	Tunnelled    uint64 // packets from inside a tunnel
	Closed       uint64 // packets of a tunnel whose inside could not be decoded: outer flow
	Subframes    uint64 // 802.11 frames with more than one packet: the first is used
	Checksums    uint64 // transport checksum wrong, where a reading looks at it
	LostFirsts   uint64 // first fragments, or incomplete datagrams of a reading, that had no room in the full table
}

// mark is the set of notes of one frame.
type mark uint16

const (
	markWire mark = 1 << iota
	markZero
	markLong
	markCut
	markBad
	markOptions
	markFragment
	markCredited
	markTunnel
	markClosed
	markSubframes
	markChecksum
)

func (n *Notes) add(m mark) {
	for i, c := range [...]*uint64{&n.WireShort, &n.ZeroLength, &n.LongIP, &n.CutTransport, &n.BadTransport,
		&n.BadOptions, &n.Fragments, &n.Credited, &n.Tunnelled, &n.Closed, &n.Subframes, &n.Checksums} {
		*c += uint64(m >> i & 1)
	}
}
