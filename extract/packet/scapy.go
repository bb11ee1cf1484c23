package packet

import "time"

// Scapy reads frames as the Python port of CICFlowMeter does, which lets tcpdump choose them
// by "ip and (tcp or udp)", until that gives up, and takes them apart with scapy 2.8: untagged IPv4 with a whole
// TCP or UDP header, on links whose layers it has loaded (Ethernet, Linux cooked, null and
// raw IP). Lengths are of what was captured, times whole microseconds.
type Scapy struct{}

// scapyMost is how many bytes of a frame scapy reads.
const scapyMost = 0xffff

func (Scapy) read(d *Decoder, p *Packet, c *Cold, f *Frame, data []byte, _ int) Outcome {
	data, ok := f.pcap(p, c, data)
	if !ok || f.BehindUnlike {
		return LeftOut
	}
	data = data[:min(len(data), scapyMost)]
	p.CapLen = uint32(len(data))
	p.Time -= p.Time % int64(time.Microsecond)
	at, ok := scapyLink(data, f.Link)
	if !ok || len(data)-at < 20 {
		return LeftOut
	}
	if f.Link == linkEthernet {
		c.MACs = Span{d.base, 12}
	}
	h := data[at:]
	proto, header, total := h[9], int(h[0]&15)*4, int(be16(h[2:]))
	if proto != ProtoTCP && proto != ProtoUDP || be16(h[6:])&0x1fff != 0 || header > len(h) {
		return LeftOut
	}
	behind := header
	if header < 20 { // a slice of options with a negative length leaves its last bytes for the segment
		behind = max(20, len(h)-(20-header))
	}
	segment := h[behind:]
	if total >= header { // what lies behind the packet is padding, but counts as payload all the same
		segment = segment[:min(len(segment), total-header)]
	}
	padding := len(h) - behind - len(segment)
	least := 8
	if proto == ProtoTCP {
		least = 20
	}
	if len(segment) < least {
		return LeftOut
	}
	transport := 8
	if proto == ProtoTCP {
		transport = min(max(int(segment[12]>>4)*4, 20), len(segment))
		p.Flags, p.Window = segment[13], be16(segment[14:])
	}
	p.IPLen, p.IPHeader, p.TTL = uint32(header+len(segment)), uint16(header), h[8]
	p.L4Header, p.Payload = uint16(transport), uint32(len(segment)-transport+padding)
	p.Key.Proto = proto
	d.key(p, c, &net{data: data, end: len(data), src: at + 12, size: 4}, be16(segment), be16(segment[2:]))
	return Admitted
}

// scapyLink finds the IPv4 header of a frame that passes the filter's "ip".
func scapyLink(data []byte, link uint16) (at int, ok bool) {
	switch link {
	case linkEthernet:
		return 14, len(data) >= 14 && carried(be16(data[12:])) == etherIPv4
	case linkSLL:
		return 16, len(data) >= 16 && carried(be16(data[14:])) == etherIPv4
	case linkSLL2:
		return 20, len(data) >= 20 && carried(be16(data)) == etherIPv4
	case linkNull, linkLoop:
		const inet = 2
		return 4, len(data) >= 4 && (be32(data) == inet || link == linkNull && le32(data) == inet)
	case linkRaw12, linkRaw:
		return 0, len(data) > 0 && data[0]>>4 == 4
	case linkIPv4:
		return 0, true
	}
	return 0, false
}

// Cooked tells whether the link type is that of Linux cooked captures, whose header scapy
// takes for the first that names a protocol.
func Cooked(link uint16) bool { return link == linkSLL || link == linkSLL2 }
