// Package flow keeps the state of flows in progress.
//
// It owns the flows, the groups of statistics kept beside them, the lives that say
// when a flow starts, is cut and ends, and the table that finds, cuts, ends and
// evicts. It does not know column names, files or goroutines: see packages feature
// and extract. Start with [Table].
package flow

import "fm/extract/packet"

// Never is the Due of a flow that no silence ends.
const Never = int64(1<<63 - 1)

// Flow is what every flow has: at most 160 bytes, no pointers. Index 0 of pairs is
// forward (sent by the initiator), 1 backward.
type Flow struct {
	Key        packet.Key
	Start      int64     // Time of the first packet, ns
	Last       int64     // Time of the last packet, ns, never before Start
	LastNow    int64     // the input's clock at the last packet, ns
	Due        int64     // clock at which the life wants Fire; Never without
	FirstSeq   uint64    // Seq of the first packet
	FirstFrame uint64    // number of the first frame in its input
	Life       [4]uint64 // state of the life, read through its own struct
	Seen       [2]uint32 // packets of each direction, later ones than --first-packets included
	Input      uint32    // input of the first frame
	VLAN       uint16    // innermost VLAN id of the first frame + 1; 0 none
	FromA      bool      // the initiator is the key's endpoint A
	Reason     Reason    // why it was over, once it is
	State      ConnState // connection state so far, 0 where it means nothing
	ICMPType   uint8     // of the first packet, for the Community ID
	ICMPCode   uint8
}

// Packets is the number of packets seen in both directions.
func (f *Flow) Packets() uint64 { return uint64(f.Seen[0]) + uint64(f.Seen[1]) }

// Reason says why a flow was over.
type Reason uint8

// Reasons, in the words of rows.
const (
	Open    Reason = iota
	Idle           // silent for longer than the idle timeout
	Active         // longer than the active timeout; what follows is a new row
	Fin            // both sides finished
	Rst            // reset
	Syn            // the same endpoints started a new connection
	Input          // open when the input ended
	Evicted        // pushed out by the cap on flows
)

// String returns the word that rows carry.
func (r Reason) String() string {
	return [...]string{"open", "idle", "active", "fin", "rst", "syn", "input", "evicted"}[r]
}

// IPFIX maps the reason to flowEndReason of RFC 5102: 1 idle, 2 active, 3 end of flow, 4 forced, 5 lack of resources.
func (r Reason) IPFIX() uint8 { return [...]uint8{0, 1, 2, 3, 3, 3, 4, 5}[r] }

// ConnState is the state of a connection in the words of Zeek's conn.log.
type ConnState uint8

// Connection states (Zeek, base/protocols/conn: conn_state).
const (
	NoState ConnState = iota
	S0                // attempt seen, no reply
	S1                // established, not closed
	SF                // established and closed by both
	REJ               // attempt rejected
	S2                // established, close attempt by the originator, no reply to it
	S3                // the same by the responder
	RSTO              // established, originator aborted
	RSTR              // responder aborted
	RSTOS0            // originator sent SYN, then RST, no SYN-ACK seen
	RSTRH             // responder sent SYN-ACK, then RST, no SYN seen
	SH                // originator sent SYN, then FIN, no SYN-ACK seen
	SHR               // responder sent SYN-ACK, then FIN, no SYN seen
	OTH               // no SYN seen: midstream
)

// String returns Zeek's word, or "" without a state.
func (s ConnState) String() string {
	return [...]string{"", "S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"}[s]
}
