package capture

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fm/extract/packet"
)

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// single is a capture of one frame at the given second.
func single(second int64) []byte {
	return plainPcap([]sample{{Time: second * 1e9, Data: []byte{1}, WireLen: 1}})
}

func TestList(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	write(t, in("z/first"), single(1))
	write(t, in("b.pcap"), zip(single(2)))
	write(t, in("a.pcap"), single(3))
	write(t, in("z/late.zst"), zst(single(4)))
	write(t, in("none.pcap"), plainPcap(nil))
	write(t, in("README"), []byte("read me"))
	write(t, in("empty.pcap"), nil)
	write(t, in("page.html.gz"), zip([]byte("<html>no capture</html>")))
	if err := os.Symlink("..", in("z/up")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", in("z/broken")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../a.pcap", in("z/again")); err != nil {
		t.Fatal(err)
	}
	one := file(t, "single", single(9))

	found, skipped, err := List([]string{one, dir, one})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range found {
		names = append(names, strings.TrimPrefix(f.Path, dir+"/"))
	}
	if got, want := strings.Join(names, " "), one+" z/first b.pcap a.pcap z/again z/late.zst none.pcap "+one; got != want {
		t.Errorf("found %s\nwant  %s", got, want)
	}
	if found[1].First != 1e9 || found[1].Size != int64(len(single(1))) || found[6].First != maxTime {
		t.Errorf("%+v", found)
	}
	var reasons []string
	for _, s := range skipped {
		reasons = append(reasons, strings.ReplaceAll(s.Reason.Error(), dir+"/", ""))
	}
	if got, want := strings.Join(reasons, "\n"), `read README: no capture: it begins with "read me", not as pcap or pcapng do
read empty.pcap: the file is empty
read page.html.gz: gzip around what is no capture: it begins with "<html>no cap", not as pcap or pcapng do
read z/broken: no such file or directory
read z/up: not a regular file`; got != want {
		t.Errorf("skipped\n%s\nwant\n%s", got, want)
	}
}

func TestListErrors(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "notes.txt"), []byte("text"))
	text := file(t, "text.pcap", []byte("this is text, whatever its name says"))
	for _, c := range []struct {
		paths []string
		want  string
	}{
		{[]string{"nowhere.pcap"}, "read nowhere.pcap: no such file or directory"},
		{[]string{dir}, "read " + dir + ": no capture in this folder (files of other kinds: 1)"},
		{[]string{text}, "read " + text + `: no capture: it begins with "this is text", not as pcap or pcapng do`},
		{[]string{"-", "-"}, "read -: standard input is named twice"},
	} {
		if _, err := Open(c.paths, Options{}); err == nil || err.Error() != c.want {
			t.Errorf("%v: %v, want %s", c.paths, err, c.want)
		}
	}
	for content, want := range map[string]string{
		"":                            "the file is empty",
		"\xa1\xb2":                    `no capture: it begins with "\xa1\xb2"`,
		"\xfd7zXZ\x00\x00\x04":        "compressed by xz: decompress it first (xz -d)",
		"snoop\x00\x00\x00\x00\x00":   "a snoop capture: convert it first (editcap -F pcapng)",
		"\x1f\x8b\x08\x00":            "gzip: unexpected EOF",
		"\x28\xb5\x2f\xfd":            "zstd: ",
		string(zip(nil)):              "gzip around nothing",
		string(zip(zip(single(1)))):   `gzip around what is no capture: it begins with "\x1f\x8b`,
		string(zst([]byte("BZh91A"))): "zstd around what is compressed by bzip2",
	} {
		path := file(t, "x.pcap", []byte(content))
		_, err := Open([]string{path}, Options{})
		var other *FormatError
		if !errors.As(err, &other) || !strings.HasPrefix(err.Error(), "read "+path+": "+want) {
			t.Errorf("%q: %v, want %s", content, err, want)
		}
	}
}

// Several files are one stream; a cut one does not take the others with it.
func TestFiles(t *testing.T) {
	frames := samples(3000)
	a, b, c := plainPcap(frames), plainPcapng(frames[:2000]), zip(plainPcap(frames[:10]))
	paths := []string{file(t, "a", a), file(t, "b", b[:len(b)-1]), file(t, "c", c)}
	f, err := Open(paths, Options{Hash: true})
	if err != nil {
		t.Fatal(err)
	}
	got, numbers, err := drain(t, f)
	var cut *CutError
	if !errors.As(err, &cut) || cut.Path != paths[1] || cut.Frame != 2000 || len(f.Warnings()) != 1 {
		t.Fatalf("error %v, warnings %v", err, f.Warnings())
	}
	same(t, got, append(append(append([]sample(nil), frames...), frames[:1999]...), frames[:10]...))
	if numbers[2999] != 3000 || numbers[3000] != 1 || numbers[len(numbers)-1] != 10 {
		t.Error("frames are not numbered within their input")
	}
	var bytes uint64
	for _, s := range frames[:10] {
		bytes += uint64(len(s.Data))
	}
	in := f.Inputs()
	if len(in) != 3 || in[0].Frames != 3000 || in[1].Frames != 1999 || in[2] != (packet.Input{Path: paths[2], Frames: 10, Bytes: bytes, SHA256: sha(c)}) {
		t.Errorf("inputs %+v", in)
	}
	if in[1].SHA256 != sha(b[:len(b)-1]) {
		t.Error("a cut file has another hash than its bytes")
	}
	if err2 := f.Fill(&packet.Batch{}); err2 == nil || err2.Error() != err.Error() {
		t.Errorf("Fill after the end: %v", err2)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// A file that is gone when its turn comes is named, and the others are read.
func TestFileVanishes(t *testing.T) {
	a, b := file(t, "a", single(1)), file(t, "b", single(2))
	f, err := Open([]string{a, b}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(a)
	got, _, err := drain(t, f)
	if len(got) != 1 || err == nil || err.Error() != "read "+a+": no such file or directory" {
		t.Errorf("%d frames, %v", len(got), err)
	}
}

// Close in the middle ends the source.
func TestCloseEarly(t *testing.T) {
	f, err := Open([]string{file(t, "a", plainPcap(samples(5000)))}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b packet.Batch
	if err := f.Fill(&b); err != nil || len(b.Frames) != packet.BatchPackets {
		t.Fatal(len(b.Frames), err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	b.Reset()
	if err := f.Fill(&b); err != io.EOF {
		t.Errorf("Fill after Close: %v", err)
	}
}

// A pipe is read as it fills: what is whole is delivered while the writer pauses, and a
// silent pipe does not hold Fill for long.
func TestPipe(t *testing.T) {
	for _, c := range []struct {
		name    string
		content []byte
	}{{"pcap", plainPcap(samples(100))}, {"pcapng", plainPcapng(samples(100))}} {
		t.Run(c.name, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			saved := os.Stdin
			os.Stdin = r
			defer func() { os.Stdin = saved; r.Close() }()
			half := len(c.content)/2 + 3
			w.Write(c.content[:half])
			f, err := Open([]string{Stdin}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			var b packet.Batch
			got := 0
			for range 3 {
				b.Reset()
				if err := f.Fill(&b); err != nil {
					t.Fatal(err)
				}
				got += len(b.Frames)
			}
			if got < 40 || got > 60 {
				t.Errorf("%d frames of half a capture", got)
			}
			w.Write(c.content[half:])
			w.Close()
			rest, _, err := drain(t, f)
			if err != io.EOF || got+len(rest) != 100 {
				t.Errorf("%d and %d frames, %v", got, len(rest), err)
			}
			if in := f.Inputs(); in[0].Path != "-" || in[0].Frames != 100 {
				t.Errorf("inputs %+v", in)
			}
			if done, total := f.Progress(); done != int64(len(c.content)) || total != -1 {
				t.Errorf("progress %d of %d", done, total)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// What a source delivers can be recorded and read again.
func TestRecord(t *testing.T) {
	want := samples(3000)
	for i := range want {
		want[i].Time += int64(i % 1000)
	}
	f := newPcap(binary.BigEndian, magicNano, 2, 4, 65535, 101)
	for i, s := range want {
		want[i].Link = 101
		f.record(s)
	}
	src, err := Open([]string{file(t, "x", f.Bytes())}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	rec := Record(src, &out)
	if _, ok := rec.(live); ok {
		t.Error("the record of a file claims to be live")
	}
	first, _, err := drain(t, rec)
	if err != io.EOF {
		t.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	same(t, first, want)
	again, _, err := read(t, out.Bytes())
	if err != io.EOF {
		t.Fatal(err)
	}
	same(t, again, want)

	out.Reset()
	src, _ = Open([]string{file(t, "none", plainPcap(nil))}, Options{})
	rec = Record(src, &out)
	drain(t, rec)
	rec.Close()
	if again, _, err := read(t, out.Bytes()); err != io.EOF || len(again) != 0 {
		t.Errorf("record of nothing: %d frames, %v", len(again), err)
	}

	src, _ = Open([]string{file(t, "a", single(1)), file(t, "b", f.Bytes())}, Options{})
	if _, _, err := drain(t, Record(src, &out)); err == nil || err.Error() != "record frame 1: link type 101 among frames of link type 1" {
		t.Errorf("two link types: %v", err)
	}
	src, _ = Open([]string{file(t, "a", single(1))}, Options{})
	if _, _, err := drain(t, Record(src, full{})); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("full disk: %v", err)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func sha(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
