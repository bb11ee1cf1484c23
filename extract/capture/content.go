package capture

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is the largest zstd window that is accepted, bytes: what the zstd tool accepts
// without being asked (--long=27).
const maxWindow = 128 << 20

// strangers are formats that people hand to a reader of captures, with the way out.
var strangers = []struct{ magic, what string }{
	{"\xfd7zXZ\x00", "compressed by xz: decompress it first (xz -d)"},
	{"BZh", "compressed by bzip2: decompress it first (bzip2 -d)"},
	{"\x04\x22\x4d\x18", "compressed by lz4: decompress it first (lz4 -d)"},
	{"PK\x03\x04", "a zip archive: unpack it first"},
	{"snoop\x00\x00\x00", "a snoop capture: convert it first (editcap -F pcapng)"},
	{"GMBU", "a Network Monitor capture: convert it first (editcap -F pcapng)"},
	{"RTSS", "a Network Monitor capture: convert it first (editcap -F pcapng)"},
	{"TRSNIFF", "a Sniffer capture: convert it first (editcap -F pcapng)"},
	{"XCP\x00", "a NetXRay capture: convert it first (editcap -F pcapng)"},
}

// packing is the compression around a capture.
type packing uint8

const (
	plain packing = iota
	gzipped
	zstandard
)

func (p packing) String() string { return [...]string{"", "gzip", "zstd"}[p] }

// packingOf decides by the first bytes.
func packingOf(head []byte) packing {
	switch {
	case len(head) >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8:
		return gzipped
	case len(head) >= 4 && bytes.Equal(head[:4], []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return zstandard
	case len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18}):
		return zstandard // a frame to be passed over, as pzstd writes it
	}
	return plain
}

// unpack wraps r. The second value frees what the decoder holds; it is never nil.
func unpack(r io.Reader, p packing) (io.Reader, func(), error) {
	switch p {
	case gzipped:
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, func() {}, fmt.Errorf("gzip: %w", err)
		}
		return named{z, "gzip"}, func() {}, nil
	case zstandard:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(1<<62))
		if err != nil {
			return nil, func() {}, fmt.Errorf("zstd: %w", err)
		}
		return named{z, "zstd"}, z.Close, nil
	}
	return r, func() {}, nil
}

// named puts the decompressor's name before its errors.
type named struct {
	r    io.Reader
	name string
}

func (n named) Read(p []byte) (int, error) {
	k, err := n.r.Read(p)
	if err != nil && err != io.EOF && !strings.HasPrefix(err.Error(), n.name) {
		err = fmt.Errorf("%s: %w", n.name, err)
	}
	return k, err
}

// stranger says what the first bytes of a file are when they begin no capture.
func stranger(head []byte) string {
	if len(head) == 0 {
		return "the file is empty"
	}
	for _, s := range strangers {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return s.what
		}
	}
	return fmt.Sprintf("no capture: it begins with %q, not as pcap or pcapng do", head[:min(len(head), 12)])
}
