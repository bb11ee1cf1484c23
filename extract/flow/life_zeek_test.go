package flow

import (
	"math/rand/v2"
	"testing"

	"fm/extract/packet"
)

// TestZeekSpans enters random ranges at an end and compares what it says has arrived with
// a list of all bytes.
func TestZeekSpans(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		e := zeekEnd{got: 1, start: r.Uint32()}
		var have [400]bool
		for range 30 {
			// Whole blocks of 20, of which never more than four lie apart.
			from := e.got + int64(r.IntN(5))*20
			to := from + int64(1+r.IntN(3))*20
			if to >= int64(len(have)) {
				break
			}
			e.keep(from, to)
			e.advance()
			for i := from; i < to; i++ {
				have[i] = true
			}
			want := int64(1)
			for have[want] {
				want++
			}
			if e.got != want {
				t.Fatalf("all up to %d has arrived, the end says %d: %v of %d", want, e.got, e.spans, e.kept)
			}
			for k := range int(e.kept) {
				if a, b := e.span(k); a >= b || k > 0 && func() bool { _, before := e.span(k - 1); return before >= a }() {
					t.Fatalf("spans are not in order: %v of %d", e.spans, e.kept)
				}
			}
		}
	}
}

// TestZeekSpansAreBounded: of more than four ranges that lie apart the last are given up.
func TestZeekSpansAreBounded(t *testing.T) {
	e := zeekEnd{got: 1}
	for _, from := range []int64{900, 100, 500, 300, 700, 200} {
		e.keep(from, from+10)
	}
	want := [4]zeekSpan{{100, 110}, {200, 210}, {300, 310}, {500, 510}}
	if e.kept != 4 || e.spans != want {
		t.Errorf("kept %v of %d, want %v", e.spans, e.kept, want)
	}
}

// FuzzZeekLife lets a connection take any segments: nothing panics, timers move on, and
// the connection ends.
func FuzzZeekLife(f *testing.F) {
	f.Add([]byte{2, 0, 0, 0, 18, 1, 0, 1, 16, 0, 1, 1, 24, 0, 1, 9, 17, 0, 10, 1, 17, 1, 1, 11})
	f.Add([]byte{18, 0, 0, 0, 2, 1, 0, 0, 16, 1, 1, 1, 4, 0, 1, 0})
	f.Fuzz(follow)
}

// follow lets a connection take the segments that data describes, four bytes each.
func follow(t *testing.T, data []byte) {
	data = data[:min(len(data), 1<<12)]
	l := (&ZeekLife{Slice: 40 * second}).Own().(*ZeekLife)
	var fl Flow
	started := false
	now := int64(1e18)
	for ; len(data) >= 4; data = data[4:] {
		p := packet.Packet{Time: now, Now: now, FromA: data[1]&1 == 0, Flags: data[0], L4Header: 20, IPHeader: 20, Window: uint16(data[1] & 2),
			Key: packet.Key{A: [16]byte{15: 1}, B: [16]byte{15: 2}, APort: 22, BPort: 5000, Proto: packet.ProtoTCP}}
		c := packet.Cold{Seq32: uint32(data[2]) << (data[1] >> 3 & 24), Ack: uint32(data[3]) << (data[1] >> 3 & 24)}
		p.IPLen = 40 + uint32(data[1]&4)*300
		p.CapPayload = p.IPLen - 40
		if data[1]&8 != 0 {
			c.Bits = packet.BitChecksum
		}
		if started {
			// The clock of a silent line changes nothing, and sees the same end.
			was, conn := fl, *l.tcp(&fl)
			tick, end := l.Tick(&fl, now), l.Tick(&fl, Never)
			if fl != was || *l.tcp(&fl) != conn {
				t.Fatal("a tick changes the connection")
			}
			if end.Do != End || tick.Do == End && tick.At != end.At || tick.Do != End && end.At <= now {
				t.Fatalf("at %d silence says %v, in the end %v", now, tick, end)
			}
			if fire := l.Due(&fl) <= now; fire {
				copied := fl
				if a := l.Fire(&copied, now); a != tick {
					t.Fatalf("at %d a tick says %v, a packet %v", now, tick, a)
				}
				*l.tcp(&fl) = conn
			}
			for l.Due(&fl) <= now {
				if l.Fire(&fl, now).Do == End {
					l.Drop(&fl)
					started = false
					break
				}
				if l.Due(&fl) <= now {
					t.Fatalf("due at %d still, at %d", l.Due(&fl), now)
				}
			}
		}
		if started {
			switch a := l.Before(&fl, &p, &c); a.Do {
			case Cut:
				l.Drop(&fl)
				started = false
			case CutInherit:
				next := Flow{Key: p.Key, Start: now}
				l.Start(&next, &fl, &p, &c)
				l.Drop(&fl)
				fl = next
			}
		}
		if !started {
			fl = Flow{Key: p.Key, Start: now}
			l.Start(&fl, nil, &p, &c)
			started = true
		}
		l.Forward(&fl, &p, &c)
		l.After(&fl, &p, &c)
		var v View
		v.Flow = &fl
		l.Show(&v)
		for i, x := range v.ZeekConn.History {
			if x == 0 {
				t.Fatalf("letter %d of the history %q is missing", i, v.ZeekConn.History)
			}
		}
		now += int64(data[1]>>4) * second
	}
	if !started {
		return
	}
	for range 2000 { // at most an hour, checked every six seconds
		if due := l.Due(&fl); due != Never {
			now = max(now, due)
		}
		if l.Fire(&fl, now).Do == End {
			l.Drop(&fl)
			if l.used != 0 {
				t.Fatalf("%d connections kept behind the last", l.used)
			}
			return
		}
	}
	t.Fatal("the connection does not end")
}
