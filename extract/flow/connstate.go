package flow

import "fm/extract/packet"

// connection follows the two ends of a TCP connection far enough for Zeek's conn_state
// (zeek base/protocols/conn/main.zeek, and the endpoint states of its TCP analyser).
type connection struct {
	ends    [2]endState // index 0 is the initiator
	payload bool        // somebody sent payload
	fins    uint8       // who sent FIN: 1 << direction
}

// endState is the state of one end.
type endState uint8

const (
	silentEnd   endState = iota // nothing came from it
	partial                     // packets, but no SYN of its own
	synSent                     // SYN
	synAckSent                  // SYN-ACK, though no SYN was seen
	established                 // part of a handshake that both took part in
	closed                      // FIN
	reset                       // RST
)

// add moves the state by one packet of direction d and returns the connection's state.
func (c *connection) add(d int, p *packet.Packet) ConnState {
	c.payload = c.payload || p.Payload > 0
	if p.Flags&(packet.FIN|packet.RST) == packet.FIN {
		c.fins |= 1 << d
	}
	own, peer := &c.ends[d], &c.ends[1-d]
	switch {
	case c.fins == 3: // what follows, resets too, changes nothing
		*own, *peer = closed, closed
	case p.Flags&packet.RST != 0:
		*own = reset
	case *own == reset:
	case p.Flags&packet.FIN != 0:
		*own = closed
	case *own == closed:
	case p.Flags&packet.SYN != 0 && p.Flags&packet.ACK != 0:
		switch *peer {
		case synSent:
			*own, *peer = established, established
		case silentEnd, partial:
			*own = synAckSent
		default:
			*own = max(*own, established)
		}
	case p.Flags&packet.SYN != 0:
		if *peer == synAckSent {
			*own, *peer = established, established
		} else if *own == silentEnd {
			*own = synSent
		}
	case *own == silentEnd && *peer == synAckSent: // the answer to a SYN-ACK: the SYN was missed
		*own, *peer = established, established
	case *own == silentEnd:
		*own = partial
	}
	return c.state()
}

// state is Zeek's conn_state.
func (c *connection) state() ConnState {
	o, r := c.ends[0], c.ends[1]
	unheard := func(e endState) bool { return e == silentEnd || e == partial }
	switch {
	case r == reset && (o == synSent || o == synAckSent || o == reset && !c.payload):
		return REJ
	case r == reset && unheard(o):
		return RSTRH
	case r == reset:
		return RSTR
	case o == reset && unheard(r):
		return RSTOS0
	case o == reset:
		return RSTO
	case o == closed && r == closed:
		return SF
	case o == closed && unheard(r):
		return SH
	case o == closed:
		return S2
	case r == closed && unheard(o):
		return SHR
	case r == closed:
		return S3
	case o == synSent && r == silentEnd:
		return S0
	case o == established && r == established:
		return S1
	}
	return OTH
}
