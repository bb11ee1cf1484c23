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

// TestCaptures decodes every frame of every capture: each has one outcome, and what is
// admitted is sound and as gopacket reads it. To a view that looks at the first 128 bytes
// of a frame, a capture cut there is the same.
func TestCaptures(t *testing.T) {
	src, err := capture.Open([]string{*captures}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	d := packet.NewDecoder(packet.View{})
	short := packet.View{Look: packet.SampleFrame}
	whole, cut := packet.NewDecoder(short), packet.NewDecoder(short)
	var outcomes [packet.NumOutcomes]uint64
	var frames, longer, beyond uint64
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
			data := b.Bytes(f.Data)
			frames++
			r := decodeIn(d, &b, f)
			outcomes[r.o]++ // panics where there is no such outcome
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

			w := decodeIn(whole, &b, f)
			if w.o != r.o || w.p.Key != r.p.Key || w.p.Payload != r.p.Payload {
				beyond++
			}
			f.Data.Len = min(f.Data.Len, packet.SampleFrame)
			c := decodeIn(cut, &b, f)
			if len(data) <= packet.SampleFrame || w.o != packet.Admitted && c.o == w.o || len(data) > int(f.WireLen) {
				continue // equal, or a record whose wire length is a lie
			}
			longer++
			if c.p.Head.Len < uint32(c.c.Sample) || c.p.Head.Len > w.p.Head.Len {
				t.Fatalf("frame %d of %s: head %+v, cut %+v", f.Number, src.Inputs()[f.Input].Path, w.p.Head, c.p.Head)
			}
			c.p.CapLen, c.p.CapPayload, c.p.Head = w.p.CapLen, w.p.CapPayload, w.p.Head
			if c != w {
				t.Fatalf("frame %d of %s cut to %d bytes: %v\n%+v\n%+v, whole %v\n%+v\n%+v", f.Number, src.Inputs()[f.Input].Path,
					packet.SampleFrame, c.o, c.p, c.c, w.o, w.p, w.c)
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
	t.Logf("%8d frames, %d longer than %d bytes, %d with headers beyond and so another reading", frames, longer, packet.SampleFrame, beyond)
	t.Logf("%+v", d.Notes())
	if sum != frames {
		t.Errorf("%d outcomes of %d frames", sum, frames)
	}
}

func decodeIn(d *packet.Decoder, b *packet.Batch, f packet.Frame) (r decoded) {
	r.o = d.Decode(&r.p, &r.c, &f, b.Buf)
	return r
}
