package packet_test

import (
	"errors"
	"flag"
	"io"
	"testing"

	"fm/extract/capture"
	"fm/extract/packet"
)

var captures = flag.String("captures", "../../testdata/captures", "folder whose captures are decoded")

// TestCaptures decodes every frame of every capture: each has one outcome, what is admitted
// is sound and as gopacket reads it, and a snapshot length of 128 bytes changes
// nothing where the headers fit into it.
func TestCaptures(t *testing.T) {
	src, err := capture.Open([]string{*captures}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	whole, cut := packet.NewDecoder(packet.View{}), packet.NewDecoder(packet.View{})
	var outcomes [packet.NumOutcomes]uint64
	var frames, cutFrames, deep uint64
	var b packet.Batch
	for done := false; !done; {
		b.Reset()
		if err := src.Fill(&b); err != nil {
			var broken *capture.CutError
			if err != io.EOF && !errors.As(err, &broken) { // broken files are there on purpose
				t.Fatal(err)
			}
			done = true
		}
		for i := range b.Frames {
			f := b.Frames[i]
			frames++
			var r decoded
			r.o = whole.Decode(&r.p, &r.c, &f, b.Buf)
			outcomes[r.o]++ // panics where there is no such outcome
			data := b.Bytes(f.Data)
			if r.o == packet.Admitted {
				moved := r // to where sound expects the frame
				for _, s := range []*packet.Span{&moved.p.Head, &moved.c.MACs} {
					if s.Len > 0 {
						s.Off -= f.Data.Off - 3
					}
				}
				sound(t, &moved, len(data))
				if f.Net == 0 && r.c.Bits&packet.BitLater == 0 {
					agree(t, &r, f.Link, int(f.WireLen), data)
				}
			}
			f.Data.Len = min(f.Data.Len, 128)
			var c decoded
			c.o = cut.Decode(&c.p, &c.c, &f, b.Buf)
			if len(data) <= 128 {
				continue
			}
			cutFrames++
			headers := r.p.Head.Off - f.Data.Off // bytes before the payload, if there is one
			c.p.CapLen, c.p.CapPayload = r.p.CapLen, r.p.CapPayload
			if r.o == packet.Admitted && r.p.Head.Len > 0 && headers <= 128 {
				if c.p.Head.Len > 0 && c.p.Head.Off == r.p.Head.Off || headers == 128 {
					c.p.Head = r.p.Head
				}
				if c != r {
					t.Fatalf("frame %d of %s cut to 128 bytes: %v\n%+v\n%+v, whole %v\n%+v\n%+v", f.Number, src.Inputs()[f.Input].Path, c.o, c.p, c.c, r.o, r.p, r.c)
				}
			} else if c.o != r.o || c.p.Key != r.p.Key || c.p.Payload != r.p.Payload {
				deep++
			}
		}
	}
	if frames == 0 {
		t.Fatalf("no frame in %s", *captures)
	}
	var sum uint64
	for o, n := range outcomes {
		sum += n
		if n > 0 {
			t.Logf("%8d %v", n, packet.Outcome(o))
		}
	}
	t.Logf("%8d frames, %d cut to 128 bytes, of these %d with headers beyond and another reading", frames, cutFrames, deep)
	t.Logf("%+v", whole.Notes())
	if sum != frames {
		t.Errorf("%d outcomes of %d frames", sum, frames)
	}
}
