package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"testing"

	"fm/extract/packet"
)

// TestNotPcap checks what frames say of their file: the original CICFlowMeter refuses
// pcapng and big-endian files with nanoseconds, and takes the others.
func TestNotPcap(t *testing.T) {
	frames := samples(3)
	files := map[string][]byte{"pcapng": plainPcapng(frames)}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, magic := range []uint32{magicMicro, magicNano} {
			f := newPcap(order, magic, 2, 4, 65535, linkEthernet)
			for _, s := range frames {
				f.record(s)
			}
			files[fmt.Sprintf("%v %x", order, magic)] = f.Bytes()
		}
	}
	notPcap := map[string]bool{"pcapng": true, "BigEndian a1b23c4d": true}
	for name, content := range files {
		var b packet.Batch
		src, err := Open([]string{file(t, "x", content)}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := src.Fill(&b); err != nil && err != io.EOF {
			t.Fatalf("%s: %v", name, err)
		}
		src.Close()
		if len(b.Frames) != 3 {
			t.Fatalf("%s: %d frames, want 3", name, len(b.Frames))
		}
		for _, f := range b.Frames {
			if f.NotPcap != notPcap[name] {
				t.Errorf("%s: not pcap: %v", name, f.NotPcap)
			}
		}
	}
}
