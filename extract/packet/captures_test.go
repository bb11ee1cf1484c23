package packet_test

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"fm/extract/capture"
	"fm/extract/packet"
)

var (
	captures = flag.String("captures", "../../testdata/captures", "folder whose captures are decoded")
	write    = flag.String("write", "", "folder to write what is read to, for testdata/crosscheck.py")
)

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
	out := writer{dir: *write}
	defer out.close(t)
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
			out.add(t, src.Inputs()[f.Input].Path, f.Number, &r)
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

// writer writes one file for each capture with one line for each frame.
type writer struct {
	dir, path string
	file      *os.File
	buf       *bufio.Writer
}

func (w *writer) add(t *testing.T, path string, frame uint64, r *decoded) {
	if w.dir == "" {
		return
	}
	if w.path != path {
		w.close(t)
		file, err := os.Create(filepath.Join(w.dir, filepath.Base(path)+".tsv"))
		if err != nil {
			t.Fatal(err)
		}
		w.path, w.file, w.buf = path, file, bufio.NewWriter(file)
	}
	p, c := &r.p, &r.c
	src, dst, sport, dport := sent(p)
	fmt.Fprintf(w.buf, "%d\t%v", frame, r.o)
	if r.o == packet.Admitted {
		fmt.Fprintf(w.buf, "\tsrc=%s\tdst=%s\tproto=%d\tsport=%d\tdport=%d\tiplen=%d\theader=%d\tl4=%d\tpayload=%d\tflags=%d\twindow=%d",
			src, dst, p.Key.Proto, sport, dport, p.IPLen, p.IPHeader, p.L4Header, p.Payload, p.Flags, p.Window)
		fmt.Fprintf(w.buf, "\tseq=%d\tack=%d\tttl=%d\ttos=%d\tid=%d\toffset=%d\tvlans=%v\ttype=%d\tcode=%d\tmss=%d\twscale=%d\toptions=%d\tlabel=%d\ttunnels=%d\tbits=%d",
			c.Seq32, c.Ack, p.TTL, c.TOS, c.IPID, c.FragOff, c.VLAN[:c.VLANs], c.ICMPType, c.ICMPCode, c.MSS, c.WScale, c.Options, c.FlowLabel, c.Tunnels, c.Bits)
	}
	fmt.Fprintln(w.buf)
}

func (w *writer) close(t *testing.T) {
	if w.file == nil {
		return
	}
	if err := errors.Join(w.buf.Flush(), w.file.Close()); err != nil {
		t.Error(err)
	}
}
