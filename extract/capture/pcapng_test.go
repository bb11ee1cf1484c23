package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fm/extract/packet"
)

// Several sections of both byte orders, interfaces of their own link type, snapshot length
// and resolution, every block that holds a packet, and blocks to be passed over.
func TestPcapng(t *testing.T) {
	var f pcapngFile
	f.section(binary.LittleEndian)
	f.iface(linkEthernet, 65535)
	f.iface(101, 96, f.option(2, []byte("tun0")), f.option(9, []byte{9}))
	f.block(5, make([]byte, 12)) // interface statistics
	f.enhanced(0, 1_700_000_000_000_001, []byte("abc"), 60, f.option(2, []byte{1, 0, 0, 0}))
	f.block(0x0bad, append([]byte("\x39\x30\x00\x00"), "custom"...))
	f.enhanced(1, 1_700_000_000_000_000_002, []byte("defg"), 4)
	f.block(4, make([]byte, 4)) // names
	f.block(blockSimple, append(f.words(9), "123456789"...))
	f.section(binary.BigEndian)
	f.iface(113, 4, f.option(9, []byte{3}), f.option(14, []byte{0, 0, 0, 0, 0, 0, 0, 10}))
	f.block(0x80000001, make([]byte, 40))
	f.block(blockSimple, append(f.words(9), "1234"...)) // cut to the snapshot length
	body := f.order.AppendUint16(nil, 0)                // interface
	body = f.order.AppendUint16(body, 7)                // drops
	f.block(blockPacket, append(append(body, f.words(0, 5000, 5, 1514)...), "hello"...))

	got, files, err := read(t, f.Bytes())
	if err != io.EOF {
		t.Fatal(err)
	}
	same(t, got, []sample{
		{1_700_000_000_000_001_000, []byte("abc"), 60, 1, 65535},
		{1_700_000_000_000_000_002, []byte("defg"), 4, 101, 96},
		{1_700_000_000_000_000_002, []byte("123456789"), 9, 1, 65535}, // no time: that of the frame before
		{1_700_000_000_000_000_002, []byte("1234"), 9, 113, 4},
		{15_000_000_000, []byte("hello"), 1514, 113, 4}, // 5000 ms + 10 s
	})
	if c := files.Counters(); c != (Counters{Timeless: 2}) {
		t.Errorf("counters %+v", c)
	}
}

// Resolutions against exact arithmetic.
func TestResolution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		resol := rapid.Byte().Draw(t, "resol")
		offset := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(-1<<33, 1<<33), rapid.Int64()).Draw(t, "offset")
		ticks := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 1<<40)).Draw(t, "ticks")
		r := newResolution(resol, offset)
		got, ok := r.nanos(ticks)

		power := big.NewInt(10)
		if resol&0x80 != 0 {
			power.SetInt64(2)
		}
		power.Exp(power, big.NewInt(int64(resol&0x7f)), nil)
		want := new(big.Int).SetUint64(ticks)
		want.Mul(want, big.NewInt(1e9)).Quo(want, power)
		if want.IsUint64() { // above, the time is out of range whatever the offset
			want.Add(want, new(big.Int).Mul(big.NewInt(offset), big.NewInt(1e9)))
		} else if offset < 0 {
			return
		}
		limit := big.NewInt(maxTime)
		inside := want.Sign() >= 0 && want.Cmp(limit) <= 0
		if want.Sign() < 0 {
			want.SetInt64(0)
		} else if want.Cmp(limit) > 0 {
			want = limit
		}
		if before := -int64(ticks); resol == 6 && offset == 0 && before > 0 && before <= 1<<61/1000 { // negative microseconds
			want, inside = big.NewInt(packet.WrappedTime-before*1000), false
		}
		if got != want.Int64() || ok != inside {
			t.Fatalf("resol %#x, offset %d, ticks %d: got %d %v, want %d %v", resol, offset, ticks, got, ok, want, inside)
		}
	})
}

// Times worked by hand.
func TestResolutionByHand(t *testing.T) {
	for _, c := range []struct {
		resol  uint8
		offset int64
		ticks  uint64
		want   int64
	}{
		{6, 0, 1_500_000, 1_500_000_000},
		{0, 0, 7, 7_000_000_000},
		{9, -1, 1_000_000_005, 5},
		{12, 0, 1_234_567, 1_234},           // ps
		{0x80 | 10, 0, 1536, 1_500_000_000}, // 1/1024 s
		{0x80 | 30, 0, 1 << 29, 500_000_000},
		{0x80, 2, 3, 5_000_000_000},
		{28, 0, 1 << 63, 0}, // 9.2·10¹⁸ · 10⁻²⁸ s
	} {
		r := newResolution(c.resol, c.offset)
		if got, ok := r.nanos(c.ticks); got != c.want || !ok {
			t.Errorf("resol %#x offset %d ticks %d: %d %v, want %d", c.resol, c.offset, c.ticks, got, ok, c.want)
		}
	}
}

// A negative time in 64 bits of microseconds is kept behind all others, and counted.
func TestWrappedTime(t *testing.T) {
	r := newResolution(6, 0)
	for ticks, want := range map[uint64]int64{
		math.MaxUint64:                   packet.WrappedTime - 1000,
		math.MaxUint64 - 505_426_560:     packet.WrappedTime - 505_426_561_000,
		math.MaxUint64 - 1<<61/1000 - 10: maxTime, // further back than that can be told
	} {
		if got, ok := r.nanos(ticks); got != want || ok {
			t.Errorf("%d ticks: %d %v, want %d false", ticks, got, ok, want)
		}
	}
}

// Damage ends the file where it is, after the frames before it.
func TestPcapngDamage(t *testing.T) {
	good := sample{5_000_000, []byte("abcd"), 4, 1, 65535}
	for _, c := range []struct {
		name   string
		damage func(f *pcapngFile)
		want   string
	}{
		{"length 0", func(f *pcapngFile) { f.Write(f.words(6, 0, 0)) }, "a block claims a length of 0 bytes"},
		{"length 11", func(f *pcapngFile) { f.Write(f.words(6, 11, 0)) }, "a block claims a length of 11 bytes"},
		{"lengths differ", func(f *pcapngFile) { f.Write(f.words(3, 20, 4, 0, 24)) }, "the two lengths of a block differ: 20 and 24"},
		{"4 GB packet block", func(f *pcapngFile) { f.Write(f.words(6, 0xfffffffc, 0, 0, 0)) }, "the data ends inside a block"},
		{"4 GB unknown block", func(f *pcapngFile) { f.Write(f.words(99, 0xfffffffc, 0, 0, 0)) }, "the data ends inside a block"},
		{"unknown interface", func(f *pcapngFile) { f.enhanced(1, 0, []byte("x"), 1) }, "a packet names interface 1, and the section describes 1"},
		{"no interface", func(f *pcapngFile) {
			f.section(binary.LittleEndian)
			f.block(blockSimple, f.words(4, 0))
		}, "a packet names interface 0, and the section describes none"},
		{"packet larger than its block", func(f *pcapngFile) { f.block(blockEnhanced, f.words(0, 0, 0, 9, 9, 0, 0)) },
			"a packet claims 9 captured bytes in a block that has room for 8"},
		{"short packet block", func(f *pcapngFile) { f.block(blockEnhanced, f.words(0, 0)) }, "an enhanced packet block is too short"},
		{"short old packet block", func(f *pcapngFile) { f.block(blockPacket, f.words(0, 0)) }, "a packet block is too short"},
		{"short simple block", func(f *pcapngFile) { f.block(blockSimple, nil) }, "a simple packet block is too short"},
		{"short interface", func(f *pcapngFile) { f.block(blockInterface, f.words(1)) }, "an interface description is too short"},
		{"short section", func(f *pcapngFile) { f.block(blockSection, f.words(byteOrderMagic)) }, "a section header is too short"},
		{"byte order", func(f *pcapngFile) { f.block(blockSection, f.words(1, 2, 3, 4)) }, "a section header has the unknown byte order mark 01000000"},
		{"version", func(f *pcapngFile) { f.block(blockSection, f.words(byteOrderMagic, 2, 0, 0)) }, "pcapng version 2.0 is not known"},
		{"option too long", func(f *pcapngFile) { f.block(blockInterface, f.words(1, 0, 9|200<<16, 0)) }, "an option of an interface is longer than its block"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var f pcapngFile
			f.section(binary.LittleEndian)
			f.iface(linkEthernet, 65535)
			f.enhanced(0, 5000, good.Data, good.WireLen)
			at := int64(f.Len())
			c.damage(&f)
			f.enhanced(0, 6000, good.Data, good.WireLen)
			got, _, err := read(t, f.Bytes())
			same(t, got, []sample{good})
			var cut *CutError
			if !errors.As(err, &cut) || cut.Err.Error() != c.want || cut.Frame != 2 {
				t.Fatalf("error %v, want %s", err, c.want)
			}
			if cut.Offset != at && c.name != "no interface" {
				t.Errorf("cut at %d, want %d", cut.Offset, at)
			}
		})
	}
}

// More interfaces than any machine has are a claim on memory.
func TestPcapngInterfaces(t *testing.T) {
	var f pcapngFile
	f.section(binary.LittleEndian)
	for range maxInterfaces + 1 {
		f.iface(linkEthernet, 0)
	}
	_, _, err := read(t, f.Bytes())
	if err == nil || !strings.HasSuffix(err.Error(), "a section describes more than 65536 interfaces") {
		t.Errorf("error %v", err)
	}
}

// Blocks larger than the window: a frame's beginning is kept, what is unknown passed over.
func TestPcapngLargeBlocks(t *testing.T) {
	var f pcapngFile
	f.section(binary.LittleEndian)
	f.iface(linkEthernet, 0)
	const size = packet.MaxFrame + 1_000_000
	f.enhanced(0, 1_000_000, make([]byte, size), size)
	f.block(77, make([]byte, 5_000_000))
	f.enhanced(0, 2_000_000, []byte("ab"), 2)
	f.enhanced(0, 3_000_000, make([]byte, packet.MaxFrame), packet.MaxFrame, f.option(1, make([]byte, 60_000)), f.option(1, make([]byte, 60_000)))
	f.enhanced(0, 4_000_000, []byte("cd"), 2)
	content := f.Bytes()
	got, files, err := read(t, content)
	if err != io.EOF {
		t.Fatal(err)
	}
	same(t, got, []sample{
		{1e9, make([]byte, packet.MaxFrame), size, 1, 0},
		{2e9, []byte("ab"), 2, 1, 0},
		{3e9, make([]byte, packet.MaxFrame), packet.MaxFrame, 1, 0},
		{4e9, []byte("cd"), 2, 1, 0},
	})
	if c := files.Counters(); c.Shortened != 1 {
		t.Errorf("counters %+v", c)
	}

	got, _, err = read(t, content[:size]) // inside the first frame
	var cut *CutError
	if len(got) != 0 || !errors.As(err, &cut) || cut.Frame != 1 || cut.Offset != 40+20 {
		t.Errorf("%d frames, %v", len(got), err)
	}
}

// Writers that do not count the padding in the length of a block, as some old ones.
func TestPcapngUnpaddedLength(t *testing.T) {
	var f pcapngFile
	f.section(binary.LittleEndian)
	f.iface(linkEthernet, 0)
	f.Write(f.words(6, 32+3, 0, 0, 1_000_000, 3, 3))
	f.WriteString("abc\x00")
	f.Write(f.words(32 + 3))
	f.enhanced(0, 2_000_000, []byte("d"), 1)
	got, _, err := read(t, f.Bytes())
	if err != io.EOF {
		t.Fatal(err)
	}
	same(t, got, []sample{{1e9, []byte("abc"), 3, 1, 0}, {2e9, []byte("d"), 1, 1, 0}})
}

// What libpcap 1.10.3 makes of interfaces that differ from the first, as NFStream 6.6.0 and
// tcpdump 4.99.3 have shown on captures of several: it does not count them, so that the
// number of a later one may be none to it.
func TestPcapngOtherInterfaces(t *testing.T) {
	var f pcapngFile
	f.section(binary.LittleEndian)
	f.iface(linkEthernet, 65535)
	f.enhanced(0, 1, []byte("a"), 1)
	f.iface(linkEthernet, 8192)
	f.iface(linkEthernet, 65535)
	f.iface(linkEthernet, 65535)
	for id := range uint32(4) {
		f.enhanced(id, 2, []byte("b"), 1)
	}
	f.section(binary.LittleEndian)
	f.iface(101, 65535)
	f.enhanced(0, 3, []byte("c"), 1)
	in := &reader{in: newInput(bytes.NewReader(f.Bytes()), true)}
	var b packet.Batch
	if err := in.Fill(&b); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	var got []string
	for _, f := range b.Frames {
		got = append(got, fmt.Sprint(f.UnlikeFirst, f.BehindUnlike))
	}
	want := []string{"false false", "false true", "true true", "false true", "true true", "true true"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
