package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"fm/extract/packet"
)

func TestPcapMagics(t *testing.T) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, magic := range []uint32{magicMicro, magicNano, magicModified} {
			t.Run(fmt.Sprintf("%v %x", order, magic), func(t *testing.T) {
				want := samples(3000)
				if magic == magicNano {
					for i := range want {
						want[i].Time += int64(i % 1000)
					}
				}
				f := newPcap(order, magic, 2, 4, 65535, linkEthernet)
				for _, s := range want {
					f.record(s)
				}
				got, files, err := read(t, f.Bytes())
				if err != io.EOF {
					t.Fatal(err)
				}
				same(t, got, want)
				in := files.Inputs()[0]
				if in.Frames != 3000 || in.SHA256 != "" {
					t.Errorf("input %+v", in)
				}
			})
		}
	}
}

// What real writers do against the rules; libpcap and Wireshark read all of it.
func TestPcapQuirks(t *testing.T) {
	le := binary.LittleEndian
	for _, c := range []struct {
		name                 string
		minor                uint16
		snap, link           uint32
		sec, frac, cap, wire uint32
		want                 sample
	}{
		{"version 2.2 has the wire length first", 2, 96, 1, 7, 1, 70, 60, sample{Time: 7_000_001_000, Data: make([]byte, 60), WireLen: 70, Link: 1, SnapLen: 96}},
		{"version 2.3 with the captured length first", 3, 96, 1, 7, 1, 60, 70, sample{Time: 7_000_001_000, Data: make([]byte, 60), WireLen: 70, Link: 1, SnapLen: 96}},
		{"version 2.3 with the wire length first", 3, 96, 1, 7, 1, 70, 60, sample{Time: 7_000_001_000, Data: make([]byte, 60), WireLen: 70, Link: 1, SnapLen: 96}},
		{"snapshot length 0", 4, 0, 1, 7, 1, 60, 60, sample{Time: 7_000_001_000, Data: make([]byte, 60), WireLen: 60, Link: 1}},
		{"more captured than the snapshot length", 4, 20, 1, 7, 1, 60, 60, sample{Time: 7_000_001_000, Data: make([]byte, 60), WireLen: 60, Link: 1, SnapLen: 20}},
		{"more captured than was on the wire", 4, 96, 1, 7, 1, 60, 50, sample{Time: 7_000_001_000, Data: make([]byte, 60), WireLen: 60, Link: 1, SnapLen: 96}},
		{"microseconds above a million", 4, 96, 1, 7, 4_294_967_295, 60, 60, sample{Time: 4_301_967_295_000, Data: make([]byte, 60), WireLen: 60, Link: 1, SnapLen: 96}},
		{"the last second", 4, 96, 1, 4_294_967_295, 999_999, 60, 60, sample{Time: 4_294_967_295_999_999_000, Data: make([]byte, 60), WireLen: 60, Link: 1, SnapLen: 96}},
		{"length of the FCS above the link type", 4, 96, 0x4400_0001, 7, 1, 60, 60, sample{Time: 7_000_001_000, Data: make([]byte, 60), WireLen: 60, Link: 1, SnapLen: 96}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newPcap(le, magicMicro, 2, c.minor, c.snap, c.link)
			f.put(c.sec, c.frac, c.cap, c.wire)
			f.Write(make([]byte, 60))
			f.record(sample{Time: 9e9, Data: []byte{1}, WireLen: 1}) // the next record is found
			got, _, err := read(t, f.Bytes())
			if err != io.EOF {
				t.Fatal(err)
			}
			same(t, got, []sample{c.want, {Time: 9e9, Data: []byte{1}, WireLen: 1, Link: 1, SnapLen: c.snap}})
		})
	}
}

func TestPcapRefused(t *testing.T) {
	f := newPcap(binary.BigEndian, magicMicro, 3, 0, 65535, 1)
	_, files, err := read(t, f.Bytes())
	var other *FormatError
	if !errors.As(err, &other) || !strings.HasSuffix(err.Error(), "x: pcap version 3.0 is not known") {
		t.Errorf("error %v", err)
	}
	if len(files.Warnings()) != 1 {
		t.Errorf("warnings %v", files.Warnings())
	}
}

// A record that claims more than any frame holds ends the file there: the bytes behind it
// cannot be trusted to be records.
func TestPcapAbsurdLength(t *testing.T) {
	want := samples(2)
	f := newPcap(binary.LittleEndian, magicMicro, 2, 4, 65535, linkEthernet)
	for _, s := range want {
		f.record(s)
	}
	at := int64(f.Len())
	f.put(1, 1, packet.MaxFrame+1, 60)
	f.Write(make([]byte, 100))
	got, _, err := read(t, f.Bytes())
	same(t, got, want)
	var cut *CutError
	if !errors.As(err, &cut) || cut.Offset != at || cut.Frame != 3 {
		t.Fatalf("error %v, want a cut at %d", err, at)
	}
	if want := "x: cut at byte 1630, frame 3: a record claims 262145 captured bytes; the snapshot length is 65535"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error %q, want …%q", err, want)
	}
}

// Where the file header promises frames that large, their beginning is kept.
func TestPcapLargeFrames(t *testing.T) {
	const size = packet.MaxFrame + 1_000_000
	f := newPcap(binary.LittleEndian, magicMicro, 2, 4, 1<<30, linkEthernet)
	large := sample{Time: 1e9, Data: bytes.Repeat([]byte{7}, size), WireLen: size}
	for range 9 { // more than a batch holds
		f.record(large)
	}
	f.record(sample{Time: 2e9, Data: []byte{1}, WireLen: 1})
	kept := sample{1e9, large.Data[:packet.MaxFrame], size, linkEthernet, 1 << 30}
	want := append(repeat(kept, 9), sample{2e9, []byte{1}, 1, linkEthernet, 1 << 30})
	got, files, err := read(t, f.Bytes())
	if err != io.EOF {
		t.Fatal(err)
	}
	same(t, got, want)
	if n := files.Counters().Shortened; n != 9 {
		t.Errorf("%d shortened", n)
	}

	got, _, err = read(t, f.Bytes()[:24+16+packet.MaxFrame+500_000])
	var cut *CutError
	if !errors.As(err, &cut) || cut.Offset != 24 || cut.Frame != 1 || len(got) != 0 {
		t.Errorf("cut inside the part that is passed over: %d frames, %v", len(got), err)
	}
}

func repeat(s sample, n int) []sample {
	all := make([]sample, n)
	for i := range all {
		all[i] = s
	}
	return all
}

// However the bytes come, the frames are the same.
func TestReadSizes(t *testing.T) {
	want := samples(4000)
	for _, c := range []struct {
		name    string
		content []byte
		block   bool
	}{{"pcap", plainPcap(want), false}, {"pcapng", plainPcapng(want), true}} {
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"one byte": iotest.OneByteReader, "half": iotest.HalfReader, "data with the error": iotest.DataErrReader,
		} {
			t.Run(c.name+" "+name, func(t *testing.T) {
				got, _, err := readFrom(t, wrap(bytes.NewReader(c.content)), c.block)
				if err != io.EOF {
					t.Fatal(err)
				}
				same(t, got, want)
			})
		}
		t.Run(c.name+" failing read", func(t *testing.T) {
			_, _, err := readFrom(t, iotest.TimeoutReader(bytes.NewReader(c.content)), c.block)
			if !errors.Is(err, iotest.ErrTimeout) {
				t.Errorf("error %v", err)
			}
		})
		t.Run(c.name+" empty reads", func(t *testing.T) {
			_, _, err := readFrom(t, idle{}, c.block)
			if !errors.Is(err, io.ErrNoProgress) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// idle reads nothing for ever.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// Cut anywhere in its first 2 kB, a capture gives the frames that are whole, and says where
// and in which frame it is cut; between two records it just ends.
func TestCutEverywhere(t *testing.T) {
	frames := samples(9)
	for _, c := range []struct {
		name    string
		content []byte
		heads   []int // where records begin, and what belongs to the file header
	}{
		{"pcap", plainPcap(frames), pcapStarts(frames)},
		{"pcapng", plainPcapng(frames), pcapngStarts(plainPcapng(frames))},
	} {
		t.Run(c.name, func(t *testing.T) {
			if len(c.content) < 2048 {
				t.Fatalf("only %d bytes", len(c.content))
			}
			path := file(t, "cut.pcap", c.content)
			for n := 2048; n >= 0; n-- {
				if err := os.Truncate(path, int64(n)); err != nil {
					t.Fatal(err)
				}
				f, err := Open([]string{path}, Options{})
				var other *FormatError
				if n < 4 {
					if !errors.As(err, &other) {
						t.Fatalf("cut at %d: error %v", n, err)
					}
					continue
				}
				if err != nil {
					t.Fatalf("cut at %d: %v", n, err)
				}
				got, _, err := drain(t, f)
				start, complete := 0, 0
				for _, h := range c.heads {
					if h <= n {
						start = h
					}
				}
				for _, s := range got {
					if !bytes.Equal(s.Data, frames[complete].Data) {
						t.Fatalf("cut at %d: frame %d differs", n, complete+1)
					}
					complete++
				}
				if want := wholeFrames(c.name, c.heads, n); complete != want {
					t.Fatalf("cut at %d: %d frames, want %d", n, complete, want)
				}
				if start == n {
					if err != io.EOF {
						t.Fatalf("cut at %d, between records: %v", n, err)
					}
					continue
				}
				var cut *CutError
				if !errors.As(err, &cut) || cut.Offset != int64(start) || cut.Frame != uint64(complete+1) {
					t.Fatalf("cut at %d: %v, want byte %d, frame %d", n, err, start, complete+1)
				}
				f.Close()
			}
		})
	}
}

// pcapStarts is where the header and the records of plainPcap begin.
func pcapStarts(frames []sample) []int {
	at := []int{0, pcapHeader}
	for _, s := range frames {
		at = append(at, at[len(at)-1]+pcapRecord+len(s.Data))
	}
	return at
}

// pcapngStarts is where the blocks of a little-endian pcapng begin.
func pcapngStarts(content []byte) []int {
	at := []int{0}
	for at[len(at)-1] < len(content) {
		last := at[len(at)-1]
		at = append(at, last+int(binary.LittleEndian.Uint32(content[last+4:])))
	}
	return at
}

// wholeFrames is how many records end at or before n.
func wholeFrames(name string, heads []int, n int) int {
	first := 2 // heads[2] ends the first record of a pcap, heads[3] that of a pcapng
	if name == "pcapng" {
		first = 3
	}
	count := 0
	for _, h := range heads[first:] {
		if h <= n {
			count++
		}
	}
	return count
}

func TestNoAllocationPerBatch(t *testing.T) {
	want := samples(130_000)
	for _, c := range []struct {
		name    string
		content []byte
		block   bool
	}{{"pcap", plainPcap(want), false}, {"pcapng", plainPcapng(want), true}} {
		in := newInput(bytes.NewReader(c.content), c.block)
		var b packet.Batch
		var counts Counters
		fill := func() {
			b.Reset()
			if err := in.fill(&b, &counts); err != nil {
				t.Fatal(err)
			}
		}
		for range 20 {
			fill()
		}
		if n := testing.AllocsPerRun(100, fill); n != 0 {
			t.Errorf("%s: %v allocations per batch", c.name, n)
		}
	}
}
