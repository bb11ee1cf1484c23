package extract

import (
	"context"
	"errors"
	"io"
	"math"
	"time"

	"fm/extract/packet"
)

// The input's clock steps back after stepBack packets in a row that are more than
// stepBehind ns older than it.
const (
	stepBack   = 64
	stepBehind = int64(10e9)
)

// farTime bounds times, so that the difference of two never overflows: years 1824 to 2116.
const farTime = 1<<62 - 1

// dispatcher reads batches, decodes them, keeps the clock and deals packets to workers.
type dispatcher struct {
	r    *run
	opt  *Meter
	src  Source
	live Live // nil for files
	view packet.View
	dec  *packet.Decoder
	free chan *job

	clock   int64 // highest time admitted in this epoch; math.MinInt64 before the first
	epoch   uint32
	behind  int  // packets in a row far behind the clock
	stepped bool // the clock was given up: the next packet begins an epoch
	seq     uint64
	end     int64 // time at which Duration is over
	ended   bool  // Count or Duration was reached
	err     error

	frames   uint64
	outcomes [packet.NumOutcomes]uint64
	links    []unknownLink
	told     time.Time // when OnStats was called last
}

func newDispatcher(r *run, m *Meter, src Source, free chan *job) *dispatcher {
	d := &dispatcher{r: r, opt: m, src: src, view: m.Set.View, dec: packet.NewDecoder(m.Set.View), free: free,
		clock: math.MinInt64, end: math.MaxInt64, told: r.start}
	d.live, _ = src.(Live)
	return d
}

// run reads until the input ends, a limit is reached, ctx is cancelled or the run has failed.
func (d *dispatcher) run(ctx context.Context) {
	for {
		if ctx.Err() != nil {
			d.err = &Interrupted{context.Cause(ctx)}
			return
		}
		if d.ended || d.r.stop.Load() {
			return
		}
		j := <-d.free
		j.Reset()
		err := d.src.Fill(&j.Batch)
		d.deal(j)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				d.err = err
			}
			return
		}
		d.tell()
	}
}

// deal decodes a batch and sends it to all workers. Where the clock steps back inside it,
// what lies behind goes in a batch of its own: a batch has one epoch.
func (d *dispatcher) deal(j *job) {
	for j != nil {
		var rest *job
		if n := d.decode(&j.Batch); n < len(j.Frames) && !d.ended {
			rest = <-d.free
			rest.Reset()
			move(&rest.Batch, &j.Batch, n)
		}
		d.send(j)
		if d.behind == stepBack {
			d.clock, d.behind, d.stepped = math.MinInt64, 0, true
		}
		j = rest
	}
}

// send hands a batch to all workers, if it tells them anything.
func (d *dispatcher) send(j *job) {
	if len(j.Packets) == 0 {
		if d.live == nil && len(j.Clocks) == 0 {
			d.free <- j
			return
		}
		if d.live != nil {
			d.clock = max(d.clock, d.time(d.live.Clock())) // as exact as packets
		}
		d.ended = d.ended || d.clock > d.end
	}
	if d.stepped {
		d.epoch++
		d.stepped = false
	}
	j.Clock, j.Epoch = d.clock, d.epoch
	j.holders.Store(int32(len(d.r.workers)))
	for _, w := range d.r.workers {
		w.in <- j
	}
}

// decode fills Packets, Cold and Shards from Frames and returns how many frames it took.
func (d *dispatcher) decode(b *packet.Batch) int {
	if n := len(b.Frames); cap(b.Packets) < n || cap(b.Cold) < n {
		n = max(n, packet.BatchPackets)
		b.Packets, b.Cold = make([]packet.Packet, 0, n), make([]packet.Cold, 0, n)
	}
	workers := len(d.r.workers)
	for i := range b.Frames {
		if d.ended {
			return i
		}
		n := len(b.Packets)
		b.Packets, b.Cold = b.Packets[:n+1], b.Cold[:n+1]
		p, f := &b.Packets[n], &b.Frames[i]
		outcome := d.dec.Decode(p, &b.Cold[n], f, b.Buf)
		if outcome == packet.Admitted && !d.admit(p) {
			b.Packets, b.Cold = b.Packets[:n], b.Cold[:n]
			return i
		}
		d.frames++
		d.outcomes[outcome]++
		if outcome != packet.Admitted {
			b.Packets, b.Cold = b.Packets[:n], b.Cold[:n]
			if outcome == packet.UnknownLink {
				d.unknown(f)
			}
			if d.view.RefusedMoves {
				d.clock = max(d.clock, d.time(f.Time))
				b.Clocks = append(b.Clocks, d.clock)
			}
			continue
		}
		if d.view.RefusedMoves {
			b.Clocks = append(b.Clocks, d.clock)
		}
		s := 0
		if workers > 1 {
			s = p.Key.Shard(workers)
		}
		b.Shards[s] = append(b.Shards[s], uint32(n))
		if d.behind == stepBack {
			return i + 1
		}
	}
	return len(b.Frames)
}

// time is what the view makes of a capture time.
func (d *dispatcher) time(t int64) int64 {
	if d.view.Read != nil && !d.view.Before1970 {
		t = max(t, 0) // most readings bring no time before 1970, and may put some behind all others
	} else {
		t = min(max(t, -farTime), farTime)
	}
	unit := int64(1)
	switch {
	case d.view.Millis:
		unit = 1e6
	case d.view.Micros:
		unit = 1e3
	default:
		return t
	}
	r := t % unit
	if r < 0 { // before 1970: down, too
		r += unit
	}
	return t - r
}

// admit gives a packet its time, clock and place, and moves the clock. It refuses the
// packet that lies beyond the limits of the run.
func (d *dispatcher) admit(p *packet.Packet) bool {
	p.Time = d.time(p.Time)
	if d.seq == 0 && d.opt.Duration > 0 {
		d.end = p.Time + min(int64(min(d.opt.Duration, farTime)), math.MaxInt64-max(p.Time, 0))
	}
	if p.Time > d.end {
		d.ended = true
		return false
	}
	if d.view.KeepEpoch || p.Time >= d.clock-stepBehind || d.clock == math.MinInt64 {
		d.behind = 0
	} else {
		d.behind++
	}
	d.clock = max(d.clock, p.Time)
	if d.view.ClampTime {
		p.Time = d.clock
	}
	p.Now, p.Seq = d.clock, d.seq
	d.seq++
	d.ended = d.seq == d.opt.Count
	return true
}

// move appends the frames of b from the nth on to dst, which is empty, and takes them from b.
func move(dst, b *packet.Batch, n int) {
	for _, f := range b.Frames[n:] {
		data := b.Bytes(f.Data)
		f.Data.Off = uint32(len(dst.Buf))
		dst.Buf = append(dst.Buf, data...)
		dst.Frames = append(dst.Frames, f)
	}
	b.Frames = b.Frames[:n]
}

// tell calls OnStats if it is time.
func (d *dispatcher) tell() {
	if d.opt.OnStats == nil || d.opt.Every <= 0 {
		return
	}
	if now := time.Now(); now.Sub(d.told) >= d.opt.Every {
		d.told = now
		d.opt.OnStats(d.stats())
	}
}
