package packet

// Tunnel is a kind of tunnel.
type Tunnel uint8

// Tunnels. They fit into the four bits that a key has for them.
const (
	TunnelNone    Tunnel = iota
	TunnelIP             // IPv4 or IPv6 in IPv4 or IPv6
	TunnelGRE            // with whatever GRE carries, PPTP included, but ERSPAN
	TunnelERSPAN         // types I to III
	TunnelVXLAN          // and VXLAN-GPE
	TunnelGeneve         //
	TunnelGTPU           // version 1
	TunnelTeredo         //
	TunnelL2TP           // version 2 over UDP, version 3 over UDP and IP
	TunnelCAPWAP         // data channel
	TunnelTZSP           //
	TunnelEtherIP        //
	TunnelMPLS           // MPLS in IP or UDP
)

// String returns the name of t.
func (t Tunnel) String() string {
	return [...]string{"none", "ip", "gre", "erspan", "vxlan", "geneve", "gtp-u", "teredo", "l2tp", "capwap", "tzsp", "etherip", "mpls"}[t]
}

// inside is where a tunnel's passenger lies and what it is.
type inside struct {
	typ      carried
	off, end int
}

// open decodes the passenger of a tunnel of the kind in the packet n. It reports
// false, with p and c as before, if the view wants the tunnel closed or there is no IP
// packet in it that can be decoded.
func (d *Decoder) open(p *Packet, c *Cold, n *net, kind Tunnel, in inside) (Outcome, bool) {
	if d.view.Tunnels != 0 && d.view.Tunnels>>kind&1 == 0 {
		return 0, false
	}
	if c.Tunnels == maxTunnels {
		return TooDeep, true
	}
	sp, sc, sf := *p, *c, d.frame
	c.Tunnels++
	if kind != TunnelIP {
		d.tunnel = kind
	}
	data, end := within(n.data, n.end, in.end)
	switch o := d.network(p, c, data, in.typ, in.off, end); o {
	case Admitted:
		d.marks |= markTunnel
		if n.frag { // the rest of the outer datagram belongs to the inner flow
			c.Bits |= BitFragment
			d.first(p, n)
		}
		return o, true
	case LostFragment, DroppedFragment, TooDeep:
		return o, true
	}
	*p, *c, d.frame = sp, sc, sf
	d.marks |= markClosed
	return 0, false
}

// openIP finds the passenger of a tunnel that is an IP protocol of its own. The tunnel's
// header starts at off, the packet ends at end.
func openIP(proto uint8, data []byte, off, end int) (kind Tunnel, in inside, ok bool) {
	switch proto {
	case protoIPv4:
		return TunnelIP, inside{etherIPv4, off, end}, true
	case protoIPv6:
		return TunnelIP, inside{etherIPv6, off, end}, true
	case protoMPLS:
		return TunnelMPLS, inside{etherMPLS, off, end}, true
	case protoEtherIP: // RFC 3378: version 3 and twelve zero bits
		if len(data)-off >= 2 && be16(data[off:]) == 0x3000 {
			return TunnelEtherIP, inside{etherBridged, off + 2, end}, true
		}
	case protoGRE:
		return gre(data, off, end)
	case protoL2TP:
		// Session 0 is the control channel.
		if len(data)-off >= 4 && be32(data[off:]) != 0 {
			in, ok = l2tpSession(data, off+4, end)
			return TunnelL2TP, in, ok
		}
	}
	return 0, inside{}, false
}
