package flow

import (
	"testing"

	"fm/extract/packet"
)

// tcpIn is a TCP packet of a connection.
func tcpIn(seq uint32, fromA bool) *In {
	p := &packet.Packet{FromA: fromA, Window: 500}
	p.Key.Proto, p.Key.B[15] = protoTCP, 1
	return &In{Flow: &Flow{}, P: p, C: &packet.Cold{Seq32: seq, Ack: 7}}
}

func TestSeen(t *testing.T) {
	var all seenSet
	var one, two Seen
	for i := range uint32(5000) {
		if all.add(&one, tcpIn(i, true), 10) || all.add(&two, tcpIn(i, true), 10) {
			t.Fatalf("packet %d is known", i)
		}
	}
	again := tcpIn(17, true)
	if !all.add(&one, again, 10) {
		t.Error("a packet sent twice is not known")
	}
	for name, known := range map[string]bool{
		"other size":   all.add(&one, again, 11),
		"other sender": all.add(&one, tcpIn(17, false), 10),
	} {
		if known {
			t.Errorf("%s: a packet that is another is known", name)
		}
	}
	all.free(&one)
	if all.add(&one, again, 10) || !all.add(&two, again, 10) {
		t.Error("freeing one connection touches the other, or not its own packets")
	}
	all.free(&one)
	all.free(&two)
	if all.used != 0 {
		t.Errorf("%d entries in use, want 0", all.used)
	}
}

// TestSeenIsBounded checks that the oldest packets of a connection are forgotten first, and
// that all together stay within the limit.
func TestSeenIsBounded(t *testing.T) {
	var all seenSet
	var s Seen
	for i := range uint32(seenMost + 10) {
		all.add(&s, tcpIn(i, true), 0)
	}
	if s.n != seenMost || all.lost != 10 || all.used != seenMost {
		t.Errorf("%d kept, %d forgotten, want %d and 10", s.n, all.lost, seenMost)
	}
	if !all.add(&s, tcpIn(10, true), 0) || all.add(&s, tcpIn(9, true), 0) {
		t.Error("not the oldest were forgotten")
	}
	all = seenSet{limit: 4}
	var other Seen
	s = Seen{}
	for i := range uint32(4) {
		all.add(&s, tcpIn(i, true), 0)
	}
	if all.add(&other, tcpIn(1, true), 0) || all.add(&s, tcpIn(4, true), 0) {
		t.Error("a packet is known that was not seen")
	}
	if all.used != 4 || all.lost != 2 || other.n != 0 {
		t.Errorf("%d in use, %d forgotten, want 4 and 2", all.used, all.lost)
	}
}
