package feature

import (
	"fm/dataset"
	"fm/extract/flow"
)

// volume: how much was sent each way.
func volume() []Column {
	b := builder{group: "volume", needs: flow.NeedSizes}
	b.add("is_tcp", dataset.None, "1 if the IP protocol is TCP (6), else 0.", func(v *flow.View) float64 { return mark(v.Key.Proto == 6) })
	b.add("is_udp", dataset.None, "1 if the IP protocol is UDP (17), else 0.", func(v *flow.View) float64 { return mark(v.Key.Proto == 17) })
	b.add("is_icmp", dataset.None, "1 if the IP protocol is ICMP (1) or ICMPv6 (58), else 0.", func(v *flow.View) float64 {
		return mark(v.Key.Proto == 1 || v.Key.Proto == 58)
	})
	for _, w := range ways {
		d := w.dir
		b.add(w.prefix+"packets", dataset.Count, "Number of "+w.word+".", func(v *flow.View) float64 { return float64(v.Sizes.IP[d].N) })
	}
	for _, w := range ways {
		d := w.dir
		b.add(w.prefix+"ip_bytes", dataset.Bytes, "Sum of the IP lengths of "+w.word+", by their headers.", func(v *flow.View) float64 { return float64(v.Sizes.IP[d].Sum) })
	}
	for _, w := range ways {
		d := w.dir
		b.add(w.prefix+"payload_bytes", dataset.Bytes, "Sum of the transport payload of "+w.word+", by their headers.", func(v *flow.View) float64 { return float64(v.Sizes.Payload[d].Sum) })
	}
	b.add("fwd_packet_share", dataset.None, "Forward packets divided by all packets.", func(v *flow.View) float64 {
		return share(v.Sizes.IP[0].N, v.Sizes.IP[flow.Both].N)
	})
	b.add("fwd_ip_byte_share", dataset.None, "Forward IP bytes divided by all IP bytes.", func(v *flow.View) float64 {
		return share(v.Sizes.IP[0].Sum, v.Sizes.IP[flow.Both].Sum)
	})
	b.add("fwd_payload_byte_share", dataset.None, "Forward payload bytes divided by all payload bytes; missing without payload.", func(v *flow.View) float64 {
		return share(v.Sizes.Payload[0].Sum, v.Sizes.Payload[flow.Both].Sum)
	})
	for _, w := range ways {
		d := w.dir
		b.add(w.prefix+"payload_of_ip", dataset.None, "Payload bytes divided by IP bytes of "+w.word+"; missing without one.", func(v *flow.View) float64 {
			return share(v.Sizes.Payload[d].Sum, v.Sizes.IP[d].Sum)
		})
	}
	for _, w := range ways {
		d := w.dir
		b.add(w.prefix+"empty_share", dataset.None, "Share without payload of "+w.word+"; missing without one.", func(v *flow.View) float64 {
			return share(v.Sizes.Empty[d], v.Sizes.IP[d].N)
		})
	}
	for _, w := range ways {
		d := w.dir
		b.add(w.prefix+"full_share", dataset.None, "Share with an IP length of at least 1,400 bytes of "+w.word+"; missing without one.", func(v *flow.View) float64 {
			return share(v.Sizes.Full[d], v.Sizes.IP[d].N)
		})
	}
	return b.columns
}

// size: how long packets were.
func size() []Column {
	b := builder{group: "size", needs: flow.NeedSizes}
	for _, w := range ways {
		d := w.dir
		b.statistics(w.prefix+"ip", dataset.Bytes, "IP length of "+w.word,
			func(v *flow.View) *flow.Moments { return &v.Sizes.IP[d] }, func(v *flow.View) *[3]uint64 { return &v.Sizes.IPQuartiles[d] })
	}
	for _, w := range ways {
		d := w.dir
		b.statistics(w.prefix+"payload", dataset.Bytes, "payload length of "+w.word,
			func(v *flow.View) *flow.Moments { return &v.Sizes.Payload[d] }, func(v *flow.View) *[3]uint64 { return &v.Sizes.PayloadQuartiles[d] })
	}
	return b.columns
}
