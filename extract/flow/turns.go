package flow

// Turns divides the packets with payload into turns: runs of one direction, however
// long the pauses within. A request is a forward turn, a response a backward one.
type Turns struct {
	N     [2]uint64  // turns of each direction
	Max   [2]uint64  // largest turn, payload bytes
	First [2]uint64  // first turn, payload bytes
	Wait  [2]Moments // time from the last packet of a turn to the first of the next, which goes in this direction, ns
	Data  [2]uint64  // packets with payload
	bytes uint64     // of the open turn
	last  int64      // time of the last packet with payload
	// start is the time of the first forward packet with payload, answer that of the
	// first backward one after it.
	start, answer     int64
	started, answered bool
	dir               int8
}

// Add counts one packet.
func (t *Turns) Add(in *In) {
	if in.P.Payload == 0 {
		return
	}
	d, first := in.Dir&1, t.N[0]+t.N[1] == 0
	if first || d != int(t.dir) {
		if !first {
			t.Wait[d].Add(uint64(max(0, in.Time-t.last)))
		}
		t.N[d]++
		t.dir, t.bytes = int8(d), 0
	}
	t.Data[d]++
	t.bytes += uint64(in.P.Payload)
	t.Max[d] = max(t.Max[d], t.bytes)
	if t.N[d] == 1 {
		t.First[d] = t.bytes
	}
	if d == 0 && !t.started {
		t.start, t.started = in.Time, true
	}
	if d == 1 && t.started && !t.answered {
		t.answer, t.answered = in.Time, true
	}
	t.last = in.Time
}

// Response is the time from the first forward packet with payload to the first backward
// one after it, ns; ok is false if there is none.
func (t *Turns) Response() (ns int64, ok bool) { return max(0, t.answer-t.start), t.answered }
