//go:build linux && !pcap

package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"fm/extract/capture/veth"
	"fm/extract/packet"
)

// The live tests make a network namespace and so need root:
//
//	go test ./extract/capture -run Live -live
var liveFlag = flag.Bool("live", false, "run the tests that capture live (as root)")

func needLive(t *testing.T) {
	t.Helper()
	if !*liveFlag {
		t.Skip("captures live as root: give -live")
	}
}

// cableFrames returns up to most frames of the Ethernet captures below dir that a cable can carry.
func cableFrames(t *testing.T, dir string, most int) [][]byte {
	t.Helper()
	src, err := Open([]string{dir}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var all [][]byte
	var b packet.Batch
	for len(all) < most {
		b.Reset()
		if err := src.Fill(&b); err != nil {
			break
		}
		for i := range b.Frames {
			if data := b.Bytes(b.Frames[i].Data); b.Frames[i].Link == linkEthernet && veth.Sendable(data) {
				all = append(all, bytes.Clone(data))
			}
		}
	}
	return all
}

// builtFrames are what captures seldom hold: tags of both kinds, one, two and of priority only,
// the shortest frame, and the long ones of segmentation offload.
func builtFrames() [][]byte {
	head := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}
	tag := func(tpid, tci uint16) []byte {
		return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, tpid), tci)
	}
	var all [][]byte
	for i, tags := range [][]byte{nil, tag(0x8100, 100), tag(0x88a8, 200), append(tag(0x88a8, 7), tag(0x8100, 4094)...),
		append(tag(0x8100, 1), tag(0x8100, 2)...), tag(0x8100, 0xe000), tag(0x9100, 5)} {
		for _, size := range []int{46, 1500, 60_000} {
			f := append(append(bytes.Clone(head), tags...), 0x08, 0x00)
			all = append(all, append(f, bytes.Repeat([]byte{byte(i)}, size)...))
		}
	}
	return append(all, append(bytes.Clone(head), 0x08, 0x00)) // a header and nothing behind it
}

// collect fills until n frames have come or the line has been silent for two seconds.
func collect(src Source, n int) ([]sample, error) {
	var got []sample
	var b packet.Batch
	for last := time.Now(); len(got) < n && time.Since(last) < 2*time.Second; {
		b.Reset()
		if err := src.Fill(&b); err != nil {
			return got, err
		}
		for i := range b.Frames {
			f := &b.Frames[i]
			got = append(got, sample{f.Time, bytes.Clone(b.Bytes(f.Data)), f.WireLen, f.Link, f.SnapLen})
			last = time.Now()
		}
	}
	return got, nil
}

// send replays frames into the left end in the background.
func send(frames [][]byte, rate int) (wait func() error, err error) {
	s, err := veth.NewSender(veth.Left)
	if err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() {
		defer s.Close()
		done <- veth.Replay(s, frames, rate)
	}()
	return func() error { return <-done }, nil
}

// What comes out of the ring is what went into the cable: every byte, in order, VLAN tags
// restored, with times that the kernel took meanwhile, and nothing dropped.
func TestLive(t *testing.T) {
	needLive(t)
	frames := append(builtFrames(), cableFrames(t, "../../testdata/captures", 30_000)...)
	if *capturesDir != "" {
		frames = append(frames, cableFrames(t, *capturesDir+"/corner", 100_000)...)
	}
	var recorded bytes.Buffer
	var got []sample
	begun := time.Now()
	err := veth.Do(func() error {
		ring, err := Listen(veth.Right, LiveOptions{})
		if err != nil {
			return err
		}
		defer ring.Close()
		rec := Record(ring, &recorded)
		if _, ok := rec.(live); !ok {
			return errors.New("the record of a live source is not live")
		}
		wait, err := send(frames, 50_000)
		if err != nil {
			return err
		}
		if got, err = collect(rec, len(frames)); err != nil {
			return err
		}
		if n := ring.Dropped(); n != 0 {
			t.Errorf("%d dropped", n)
		}
		in := ring.Inputs()
		if len(in) != 1 || in[0].Path != veth.Right || in[0].Frames != uint64(len(got)) {
			t.Errorf("inputs %+v", in)
		}
		return wait()
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(frames) {
		t.Fatalf("%d of %d frames", len(got), len(frames))
	}
	inOrder := 0
	for i, g := range got {
		if !bytes.Equal(g.Data, frames[i]) || g.WireLen != uint32(len(frames[i])) || g.Link != linkEthernet {
			t.Fatalf("frame %d: %d bytes of %d, link %d\ngot  %x\nsent %x", i+1, len(g.Data), g.WireLen, g.Link, g.Data[:min(len(g.Data), 64)], frames[i][:min(len(frames[i]), 64)])
		}
		if i == 0 || g.Time >= got[i-1].Time {
			inOrder++
		}
	}
	first, last := time.Unix(0, got[0].Time), time.Unix(0, got[len(got)-1].Time)
	if first.Before(begun) || last.After(time.Now()) || inOrder != len(got) {
		t.Errorf("times from %v to %v, %d of %d in order", first, last, inOrder, len(got))
	}
	micros := 0
	for _, g := range got {
		if g.Time%1000 == 0 {
			micros++
		}
	}
	if micros > len(got)/10 {
		t.Errorf("%d of %d times are whole microseconds", micros, len(got))
	}
	again, _, err := read(t, recorded.Bytes())
	if err != io.EOF {
		t.Fatal(err)
	}
	same(t, again, got)
	t.Logf("%d frames", len(got))
}

// "any" shows each frame as it leaves the left end and as it arrives at the right one, behind
// a cooked header that says so; what is not in the header is the frame without its own.
func TestLiveAny(t *testing.T) {
	needLive(t)
	frames := builtFrames()[:21] // without the bare header: the kernel does not show it on its way out
	var got []sample
	err := veth.Do(func() error {
		ring, err := Listen(Any, LiveOptions{})
		if err != nil {
			return err
		}
		defer ring.Close()
		wait, err := send(frames, 1000)
		if err != nil {
			return err
		}
		if got, err = collect(ring, 2*len(frames)); err != nil {
			return err
		}
		return wait()
	})
	if err != nil {
		t.Fatal(err)
	}
	var arrived, left [][]byte
	for _, g := range got {
		if g.Link != linkSLL2 || len(g.Data) < sll2Header || g.WireLen != uint32(len(g.Data)) {
			t.Fatalf("link %d, %d bytes of %d", g.Link, len(g.Data), g.WireLen)
		}
		if hardware, n := binary.BigEndian.Uint16(g.Data[8:]), g.Data[11]; hardware != unix.ARPHRD_ETHER || n != 6 || !bytes.Equal(g.Data[12:18], frames[0][6:12]) {
			t.Fatalf("cooked header %x", g.Data[:sll2Header])
		}
		rest := append(bytes.Clone(g.Data[:2]), g.Data[sll2Header:]...) // what an Ethernet frame has behind its addresses
		switch g.Data[10] {
		case unix.PACKET_OUTGOING:
			left = append(left, rest)
		case unix.PACKET_OTHERHOST, unix.PACKET_HOST:
			arrived = append(arrived, rest)
		default:
			t.Fatalf("packet type %d", g.Data[10])
		}
	}
	for side, all := range map[string][][]byte{"left": left, "arrived": arrived} {
		if len(all) != len(frames) {
			t.Fatalf("%d of %d %s", len(all), len(frames), side)
		}
		for i, rest := range all {
			if !bytes.Equal(rest, frames[i][12:]) {
				t.Errorf("frame %d (%d) %s: %x, want %x", i+1, len(rest), side, rest[:min(20, len(rest))], frames[i][12:][:min(20, len(frames[i])-12)])
			}
		}
	}
}

// A loopback interface shows every packet twice to a packet socket; it is delivered once.
func TestLiveLoopback(t *testing.T) {
	needLive(t)
	frames := builtFrames()[:3]
	var got []sample
	err := veth.Do(func() error {
		ring, err := Listen("lo", LiveOptions{})
		if err != nil {
			return err
		}
		defer ring.Close()
		s, err := veth.NewSender("lo")
		if err != nil {
			return err
		}
		defer s.Close()
		if err := veth.Replay(s, frames, 0); err != nil {
			return err
		}
		got, err = collect(ring, 2*len(frames))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(frames) {
		t.Fatalf("%d frames of %d", len(got), len(frames))
	}
	for i := range got {
		if !bytes.Equal(got[i].Data, frames[i]) {
			t.Errorf("frame %d differs", i+1)
		}
	}
}

// An interface without link headers delivers bare IP packets.
func TestLiveTun(t *testing.T) {
	needLive(t)
	err := veth.Do(func() error {
		if err := veth.IP("tuntap add name tun9 mode tun"); err != nil {
			return err
		}
		fd, err := openTun("tun9")
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		if err := veth.IP("link set tun9 up"); err != nil {
			return err
		}
		ring, err := Listen("tun9", LiveOptions{NoPromiscuous: true})
		if err != nil {
			return err
		}
		defer ring.Close()
		want := append([]byte{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}, make([]byte, 8)...)
		if _, err := unix.Write(fd, want); err != nil {
			return err
		}
		got, err := collect(ring, 1)
		if err != nil {
			return err
		}
		if len(got) != 1 || got[0].Link != linkRaw || !bytes.Equal(got[0].Data, want) {
			return fmt.Errorf("got %+v", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func openTun(name string) (int, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	req, err := unix.NewIfreq(name)
	if err != nil {
		return -1, err
	}
	req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	return fd, unix.IoctlIfreq(fd, unix.TUNSETIFF, req)
}

// A silent line: Fill comes back without frames, the clock follows the wall at 200 ms, and
// Close ends a Fill that waits.
func TestLiveSilence(t *testing.T) {
	needLive(t)
	err := veth.Do(func() error {
		ring, err := Listen(veth.Right, LiveOptions{Buffer: 1})
		if err != nil {
			return err
		}
		var b packet.Batch
		for range 5 {
			begun := time.Now()
			if err := ring.Fill(&b); err != nil || len(b.Frames) != 0 {
				return fmt.Errorf("%d frames, %v", len(b.Frames), err)
			}
			if took := time.Since(begun); took < 40*time.Millisecond || took > 150*time.Millisecond {
				t.Errorf("Fill took %v", took)
			}
			if behind := time.Since(time.Unix(0, ring.Clock())); behind < lag || behind > lag+150*time.Millisecond {
				t.Errorf("the clock is %v behind", behind)
			}
		}
		var ended atomic.Bool
		go func() {
			time.Sleep(10 * time.Millisecond)
			ring.Close()
			ended.Store(true)
		}()
		begun := time.Now()
		err = ring.Fill(&b)
		for err == nil {
			err = ring.Fill(&b)
		}
		if took := time.Since(begun); err != io.EOF || took > 45*time.Millisecond {
			t.Errorf("Fill ended %v after it began: %v", took, err)
		}
		for !ended.Load() {
			time.Sleep(time.Millisecond)
		}
		if err := ring.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}
		ring.Dropped()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What can be wrong with an interface is said in words that help.
func TestLiveErrors(t *testing.T) {
	needLive(t)
	err := veth.Do(func() error {
		_, err := Listen("eth77", LiveOptions{})
		if want := "listen on eth77: no such interface; there are: any, lo, right0, left0"; err == nil || !equalWords(err.Error(), want) {
			t.Errorf("unknown interface: %v", err)
		}
		ring, err := Listen(veth.Right, LiveOptions{})
		if err != nil {
			return err
		}
		defer ring.Close()
		if err := veth.IP("link set " + veth.Right + " down"); err != nil {
			return err
		}
		var b packet.Batch
		for range 5 {
			if err = ring.Fill(&b); err != nil {
				break
			}
		}
		if err == nil || err.Error() != "listen on right0: the interface went down" {
			t.Errorf("interface going down: %v", err)
		}
		_, err = Listen(veth.Right, LiveOptions{})
		if err == nil || err.Error() != "listen on right0: the interface is down (ip link set right0 up)" {
			t.Errorf("interface that is down: %v", err)
		}
		// The thread gives its rights up for good; it ends with the namespace.
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534); errno != 0 {
			return errno
		}
		_, err = Listen(veth.Left, LiveOptions{})
		var rights *RightsError
		if !errors.As(err, &rights) || !strings.Contains(err.Error(), "sudo setcap cap_net_raw,cap_net_admin=eip $(command -v fm)") {
			t.Errorf("without rights: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// equalWords compares two lists of words in any order.
func equalWords(a, b string) bool {
	sorted := func(s string) string {
		w := strings.Fields(strings.ReplaceAll(s, ",", ""))
		sort.Strings(w)
		return strings.Join(w, " ")
	}
	return sorted(a) == sorted(b)
}
