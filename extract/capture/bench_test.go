package capture

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fm/extract/packet"
)

// realTraffic repeats the Ethernet frames of dir until there are n, as pcap or pcapng.
func realTraffic(tb testing.TB, dir string, n int, blocks bool) []byte {
	tb.Helper()
	src, err := Open([]string{dir}, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	frames, _, _ := drain(tb, src)
	var p *pcapFile
	var ng pcapngFile
	if blocks {
		ng.section(binary.LittleEndian)
		ng.iface(linkEthernet, 262144)
	} else {
		p = newPcap(binary.LittleEndian, magicMicro, 2, 4, 262144, linkEthernet)
	}
	for count := 0; count < n; {
		before := count
		for _, s := range frames {
			if s.Link != linkEthernet || count == n {
				continue
			}
			count++
			if blocks {
				ng.enhanced(0, uint64(s.Time/1000), s.Data, s.WireLen)
			} else {
				p.record(s)
			}
		}
		if count == before {
			tb.Fatal("no Ethernet frames in " + dir)
		}
	}
	if blocks {
		return ng.Bytes()
	}
	return p.Bytes()
}

// benchmarkDir is where the benchmarks take their traffic from: -captures DIR stands for its
// folder of ordinary traffic.
func benchmarkDir() string {
	if *capturesDir != "" {
		return filepath.Join(*capturesDir, "benign")
	}
	return "../../testdata/captures"
}

// benchmarkRead reads a cached file of a million frames. each, if not nil, sees every batch.
//
//	taskset -c 1 go test ./extract/capture -run '^$' -bench Pcap -cpu 1
func benchmarkRead(b *testing.B, blocks bool, each func(*packet.Batch)) {
	const n = 1_000_000
	content := realTraffic(b, benchmarkDir(), n, blocks)
	path := filepath.Join(b.TempDir(), "traffic")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.Fatal(err)
	}
	size := int64(len(content))
	content = nil
	var batch packet.Batch
	b.SetBytes(size)
	b.ReportAllocs()
	frames, begun := 0, cpuTime()
	for b.Loop() {
		src, err := Open([]string{path}, Options{})
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			batch.Reset()
			if err = src.Fill(&batch); err == nil && each != nil {
				each(&batch)
			}
			frames += len(batch.Frames)
		}
		if err != io.EOF {
			b.Fatal(err)
		}
		src.Close()
	}
	if frames != b.N*n {
		b.Fatalf("%d frames", frames)
	}
	report(b, frames, cpuTime()-begun)
}

func BenchmarkPcap(b *testing.B)   { benchmarkRead(b, false, nil) }
func BenchmarkPcapng(b *testing.B) { benchmarkRead(b, true, nil) }

// BenchmarkPcapDecode and BenchmarkPcapngDecode are reading and decoding together.
func BenchmarkPcapDecode(b *testing.B)   { benchmarkRead(b, false, decode()) }
func BenchmarkPcapngDecode(b *testing.B) { benchmarkRead(b, true, decode()) }

func decode() func(*packet.Batch) {
	d := packet.NewDecoder(packet.View{})
	packets := make([]packet.Packet, packet.BatchPackets)
	colds := make([]packet.Cold, packet.BatchPackets)
	return func(b *packet.Batch) {
		for i := range b.Frames {
			d.Decode(&packets[i], &colds[i], &b.Frames[i], b.Buf)
		}
	}
}

// BenchmarkGzip and BenchmarkZstd read compressed captures.
func BenchmarkGzip(b *testing.B) { benchmarkPacked(b, zip) }
func BenchmarkZstd(b *testing.B) { benchmarkPacked(b, zst) }

func benchmarkPacked(b *testing.B, pack func(...[]byte) []byte) {
	const n = 100_000
	content := realTraffic(b, benchmarkDir(), n, false)
	packed := pack(content)
	var batch packet.Batch
	var counts Counters
	b.SetBytes(int64(len(content)))
	frames, begun := 0, cpuTime()
	for b.Loop() {
		r, free, err := unpack(bytes.NewReader(packed), packingOf(packed))
		if err != nil {
			b.Fatal(err)
		}
		in := newInput(r, false)
		for err == nil {
			batch.Reset()
			err = in.fill(&batch, &counts)
			frames += len(batch.Frames)
		}
		free()
	}
	if frames != b.N*n {
		b.Fatalf("%d frames", frames)
	}
	report(b, frames, cpuTime()-begun)
}

// report gives the rate by the clock and by the time that this process used, which other
// work on the machine disturbs less.
func report(b *testing.B, frames int, used time.Duration) {
	b.ReportMetric(float64(frames)/b.Elapsed().Seconds()/1e6, "Mpkt/s")
	b.ReportMetric(float64(frames)/used.Seconds()/1e6, "Mpkt/CPU-s")
}
