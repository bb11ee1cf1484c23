package feature

import (
	"fm/dataset"
	"fm/extract/flow"
	"fm/extract/packet"
)

// port: what a service calls itself. Off by default: a port is an identifier.
func port() []Column {
	b := builder{group: "port"}
	b.add("dst_port", dataset.None, "Port of the responder; 0 for protocols without ports.", func(v *flow.View) float64 {
		_, dst := ports(v)
		return float64(dst)
	})
	return b.columns
}

// ports are those of initiator and responder.
func ports(v *flow.View) (src, dst uint16) {
	a, b := v.Key.Ports()
	if v.FromA {
		return a, b
	}
	return b, a
}

// environment: what tells networks, hosts and captures apart. Off by default, for the
// audit of leaks: a model that does well on these columns alone has learnt where a
// capture was made.
func environment() []Column {
	b := builder{group: "environment", needs: flow.NeedEnvironment}
	b.add("src_port", dataset.None, "Port of the initiator; 0 for protocols without ports.", func(v *flow.View) float64 {
		src, _ := ports(v)
		return float64(src)
	})
	for _, w := range ways[:2] {
		d := w.dir
		seen := func(value func(*flow.Environment) float64) func(*flow.View) float64 {
			return func(v *flow.View) float64 {
				if v.Environment.N[d] == 0 {
					return missing()
				}
				return value(v.Environment)
			}
		}
		b.add(w.prefix+"ttl", dataset.Count, "TTL or hop limit of the first of "+w.word+"; missing without one.", seen(func(e *flow.Environment) float64 { return float64(e.TTL[d]) }))
		b.add(w.prefix+"ttl_min", dataset.Count, "Smallest TTL or hop limit of "+w.word+"; missing without one.", seen(func(e *flow.Environment) float64 { return float64(e.TTLMin[d]) }))
		b.add(w.prefix+"ttl_max", dataset.Count, "Largest TTL or hop limit of "+w.word+"; missing without one.", seen(func(e *flow.Environment) float64 { return float64(e.TTLMax[d]) }))
		b.add(w.prefix+"init_window", dataset.Bytes, "TCP window of the first of "+w.word+", not scaled; missing without TCP.", func(v *flow.View) float64 {
			if !v.Environment.TCP[d] {
				return missing()
			}
			return float64(v.Environment.Window[d])
		})
		option := func(name string, unit dataset.Unit, bit uint8, doc string, value func(*flow.Environment) float64) {
			b.add(w.prefix+name, unit, doc+" in the first TCP packet of this direction; missing without it.", func(v *flow.View) float64 {
				if v.Environment.Options[d]&bit == 0 {
					return missing()
				}
				return value(v.Environment)
			})
		}
		option("mss", dataset.Bytes, packet.OptMSS, "Maximum segment size option", func(e *flow.Environment) float64 { return float64(e.MSS[d]) })
		option("window_scale", dataset.Bits, packet.OptWScale, "Window scale option", func(e *flow.Environment) float64 { return float64(e.WScale[d]) })
		b.add(w.prefix+"tcp_options", dataset.None, "TCP options of the first TCP packet: 1 MSS, 2 window scale, 4 SACK, 8 time stamps; missing without TCP.", func(v *flow.View) float64 {
			if !v.Environment.TCP[d] {
				return missing()
			}
			return float64(v.Environment.Options[d])
		})
		b.add(w.prefix+"ip_id_zero", dataset.None, "Share with IPv4 identification 0 of "+w.word+"; missing without IPv4.", func(v *flow.View) float64 {
			return share(uint64(v.Environment.IPIDZero[d]), uint64(v.Environment.IPID[d]))
		})
		b.add(w.prefix+"ip_id_next", dataset.None, "Share of "+w.word+" whose IPv4 identification follows the one before by 1; missing with fewer than two.", func(v *flow.View) float64 {
			if v.Environment.IPID[d] < 2 {
				return missing()
			}
			return share(uint64(v.Environment.IPIDNext[d]), uint64(v.Environment.IPID[d]-1))
		})
	}
	b.add("vlan_id", dataset.None, "Innermost VLAN id of the first frame; missing without one.", func(v *flow.View) float64 {
		if v.VLAN == 0 {
			return missing()
		}
		return float64(v.VLAN - 1)
	})
	b.add("vlan_tags", dataset.Count, "VLAN tags of the first frame.", func(v *flow.View) float64 { return float64(v.Environment.VLANs) })
	b.add("snap_length", dataset.Bytes, "Snapshot length of the interface; missing if unknown.", func(v *flow.View) float64 {
		if v.Environment.SnapLen == 0 {
			return missing()
		}
		return float64(v.Environment.SnapLen)
	})
	b.add("link_type", dataset.None, "Link type of the first frame, a LINKTYPE_ number.", func(v *flow.View) float64 { return float64(v.Environment.Link) })
	b.add("hour", dataset.Hours, "Hour of the day of the first packet, UTC, 0 to 23.", func(v *flow.View) float64 {
		const hour = 3600 * 1_000_000_000
		return float64((v.Start/hour%24 + 24) % 24)
	})
	return b.columns
}
