package flow

import "fm/extract/packet"

// FlowContainer counts what flowcontainer's lists hold (commit cae4173), and decides what
// they do.
type FlowContainer struct {
	Ways        [2]FlowContainerWay // sent by the source, by the destination
	First, Last int64               // earliest and latest packet with payload, ns
	analysis    analysis
}

// FlowContainerWay is what one endpoint sent.
type FlowContainerWay struct {
	Packets, Payloads     uint64 // those with payload
	IPBytes, PayloadBytes uint64 // by [IPLength] and [PayloadLength] of flowcontainer
}

// counts takes in one packet, if it counts.
func (s *FlowContainer) counts(in *In) bool {
	p := in.P
	if p.Key.Proto == packet.ProtoTCP && in.C.Bits&(packet.BitFragment|packet.BitLater) == 0 {
		if s.analysis.retransmission(p, in.C) && in.Flow.Life[1]&countsOnce != 0 {
			return false
		}
	}
	ip, payload := FlowContainerLengths(&p.Key, p.IPLen, p.Payload)
	w := &s.Ways[in.Dir&1]
	w.Packets++
	w.IPBytes += uint64(ip)
	if payload == 0 {
		return true
	}
	if s.Ways[0].Payloads+s.Ways[1].Payloads == 0 {
		s.First, s.Last = p.Time, p.Time
	}
	s.First, s.Last = min(s.First, p.Time), max(s.Last, p.Time)
	w.Payloads++
	w.PayloadBytes += uint64(payload)
	return true
}

// FlowContainerLengths are the lengths of a packet as flowcontainer has them: IPv6 without
// its header, and the payload of UDP with the header.
func FlowContainerLengths(k *packet.Key, ip, payload uint32) (uint32, uint32) {
	if k.Kind&packet.KindIPv6 != 0 {
		ip -= min(ip, 40)
	}
	if k.Proto == packet.ProtoUDP {
		payload += 8
	}
	return ip, payload
}
