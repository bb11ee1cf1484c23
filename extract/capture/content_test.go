package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// zip compresses parts as one gzip member each.
func zip(parts ...[]byte) []byte {
	var b bytes.Buffer
	for _, p := range parts {
		w := gzip.NewWriter(&b)
		w.Write(p)
		w.Close()
	}
	return b.Bytes()
}

// zst compresses parts as one zstd frame each, behind a frame to be passed over.
func zst(parts ...[]byte) []byte {
	b := []byte("\x50\x2a\x4d\x18\x03\x00\x00\x00abc")
	for _, p := range parts {
		w, _ := zstd.NewWriter(nil)
		b = w.EncodeAll(p, b)
		w.Close()
	}
	return b
}

func TestPacked(t *testing.T) {
	want := samples(5000)
	for _, content := range [][]byte{plainPcap(want), plainPcapng(want)} {
		half := len(content)/2 + 1
		for _, packed := range [][]byte{zip(content), zip(content[:half], content[half:]), zst(content)[11:], zst(content[:half], content[half:])} {
			got, files, err := read(t, packed)
			if err != io.EOF {
				t.Fatal(err)
			}
			same(t, got, want)
			if done, total := files.Progress(); done != int64(len(packed)) || total != done {
				t.Errorf("progress %d of %d, want %d", done, total, len(packed))
			}
		}
	}
}

// A broken tail gives the frames before it and names the compression.
func TestPackedBroken(t *testing.T) {
	frames := samples(5000)
	content := plainPcap(frames)
	z, s := zip(content), zst(content)
	flipped := bytes.Clone(z)
	flipped[len(z)-5] ^= 1 // in the checksum
	for _, c := range []struct {
		name, cause string
		packed      []byte
		all         bool
	}{
		{"gzip cut", "gzip: unexpected EOF", z[:len(z)/2], false},
		{"gzip checksum", "gzip: invalid checksum", flipped, true},
		{"gzip and garbage", "gzip: invalid header", append(bytes.Clone(z), "garbage behind it"...), true},
		{"zstd cut", "inside a record: zstd: unexpected EOF", s[:len(s)/2], false},
		{"zstd and garbage", "zstd: ", append(bytes.Clone(s), "garbage behind it"...), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _, err := read(t, c.packed)
			var cut *CutError
			if !errors.As(err, &cut) || !strings.Contains(err.Error(), c.cause) {
				t.Fatalf("error %v, want %s", err, c.cause)
			}
			if c.all != (len(got) == len(frames)) || len(got) == 0 {
				t.Errorf("%d frames", len(got))
			}
			same(t, got, frames[:len(got)])
			if cut.Frame != uint64(len(got)+1) {
				t.Errorf("frame %d, want %d", cut.Frame, len(got)+1)
			}
		})
	}
}

// Compressed captures cut anywhere never panic, never invent frames, and always say so.
func TestPackedCutEverywhere(t *testing.T) {
	frames := samples(40)
	for name, packed := range map[string][]byte{"gzip": zip(plainPcap(frames)), "zstd": zst(plainPcapng(frames))} {
		path := file(t, name, packed)
		for n := min(len(packed)-1, 2048); n >= 0; n-- {
			if err := os.Truncate(path, int64(n)); err != nil {
				t.Fatal(err)
			}
			f, err := Open([]string{path}, Options{})
			if err == nil {
				var got []sample
				got, _, err = drain(t, f)
				same(t, got, frames[:len(got)])
				f.Close()
			}
			if err == nil || err == io.EOF {
				t.Fatalf("%s cut at %d of %d: no error", name, n, len(packed))
			}
		}
	}
}

// Gigabytes of nothing in a small file cost time, not memory.
func TestPackedBomb(t *testing.T) {
	if testing.Short() {
		t.Skip("decompresses 1 GiB")
	}
	var f pcapngFile
	f.section(binary.LittleEndian)
	f.iface(linkEthernet, 0)
	f.Write(f.words(99, 1<<30, 0))
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	w.Write(f.Bytes())
	zero := make([]byte, 1<<20)
	for range 1 << 10 {
		w.Write(zero)
	}
	w.Close()
	var before, after runtime.MemStats
	path := file(t, "bomb", b.Bytes())
	runtime.ReadMemStats(&before)
	src, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := drain(t, src); err == io.EOF || len(got) != 0 {
		t.Errorf("%d frames, %v", len(got), err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
		t.Errorf("%d bytes allocated", n)
	}
}

// A zstd frame that asks for a window of 1 GiB is refused, as the zstd tool does (RFC 8878,
// 3.1.1.1.2: exponent 20 above 1 kB).
func TestZstdWindow(t *testing.T) {
	head := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 1, 0, 0}
	_, err := Open([]string{file(t, "x", head)}, Options{})
	if err == nil || !strings.Contains(err.Error(), "window size exceeded") {
		t.Errorf("error %v", err)
	}
}
