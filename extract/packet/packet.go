package packet

// Packet is the hot part of a decoded packet: at most two cache lines, no pointers. Addresses,
// ports and lengths are those of the innermost IP packet that the view lets the decoder reach;
// WireLen and CapLen are those of the frame around it all. IPHeader + L4Header + Payload is at
// most IPLen, and less only where a UDP length says so.
type Packet struct {
	Time int64  // what the view makes of the capture time, ns since 1970
	Now  int64  // the input's clock: the highest time admitted so far in this epoch, ns
	Seq  uint64 // position among the admitted packets of the whole input, from 0
	Hash uint64 // Key.Hash()
	Key  Key

	WireLen    uint32 // frame on the wire, bytes
	CapLen     uint32 // frame as captured, bytes
	IPLen      uint32 // IP packet by its header, bytes: by the wire length where the header says 0 or more than that
	Payload    uint32 // transport payload by the headers, bytes; fragments: the rest of the IP packet
	CapPayload uint32 // of these captured

	IPHeader uint16 // IP header with options or extension headers, bytes
	L4Header uint16 // transport header, bytes: TCP, DCCP by data offset; UDP, UDP-Lite, ICMP 8; SCTP 12; else 0
	Window   uint16 // TCP window as sent
	Flags    uint8  // TCP flags, FIN 1 … CWR 128
	TTL      uint8  // or hop limit
	FromA    bool   // sent by Key's endpoint A
	Head     Span   // captured payload in the batch's buffer; empty at 0 without any
}

// TCP flags.
const (
	FIN uint8 = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// Cold lies beside a Packet for what few columns need.
type Cold struct {
	Frame     uint64    // number of the frame in its input, from 1
	Since     int64     // how long after the first frame of the run it came, ns, if the view's reading asks
	Input     uint32    // index of the input
	Seq32     uint32    // TCP sequence number
	Ack       uint32    // TCP acknowledgement number
	SnapLen   uint32    // snapshot length of the interface, 0 unknown
	FlowLabel uint32    // IPv6 flow label
	Link      uint16    // link type
	VLAN      [4]uint16 // VLAN ids, outermost first
	VLANs     uint8     // how many of VLAN are set
	IPID      uint16    // IPv4 identification
	FragOff   uint16    // fragment offset, bytes / 8
	MSS       uint16    // TCP option, valid with OptMSS
	Sample    uint16    // bytes of Head that lie within the first SampleIP bytes of the outermost IP packet and SampleFrame of the frame
	WScale    uint8     // TCP option, valid with OptWScale
	Options   uint8     // OptMSS | OptWScale | OptSACK | OptTimestamp
	Bits      uint8     // BitFragment …; a fragment around a tunnel sets it for the packet inside
	ICMPType  uint8
	ICMPCode  uint8
	Tunnels   uint8 // how many tunnels were opened
	TOS       uint8 // IPv4 type of service or IPv6 traffic class
	MACs      Span  // destination and source MAC where the link has them (12 bytes), else empty
}

// TCP options seen.
const (
	OptMSS uint8 = 1 << iota
	OptWScale
	OptSACK
	OptTimestamp
)

// Properties of a packet.
const (
	BitFragment    uint8 = 1 << iota // more fragments follow or the offset is not 0
	BitLater                         // not the first fragment: ports come from the first
	BitDontFrag                      // IPv4 DF
	BitZeroLen                       // IP total length 0: taken from the wire length
	BitTruncated                     // the transport header is cut
	BitSourceFirst                   // MACs are source and destination
	BitChecksum                      // the transport checksum is wrong; set where a reading looks at it
	BitBadHeader                     // the TCP header's length contradicts that of the packet; the same
)

// How far columns may look into a packet, so that no row changes when captures are
// cut to 128 bytes a packet.
const (
	SampleIP    = 104
	SampleFrame = 128
)
