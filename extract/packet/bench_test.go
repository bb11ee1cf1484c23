package packet_test

import (
	"testing"

	"fm/extract/capture"
	"fm/extract/packet"
)

// BenchmarkDecode decodes TCP, UDP and IPv6 packets of one batch over and over, so all lie
// in the cache, and reports packets per second.
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"tcp", "tcp timestamp", "udp", "qinq", "hop by hop", "vxlan"} {
		b.Run(name, func(b *testing.B) {
			batch := batchOf(b, name)
			d := packet.NewDecoder(packet.View{})
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				j := i % len(batch.Frames)
				if o := d.Decode(&batch.Packets[j], &batch.Cold[j], &batch.Frames[j], batch.Buf); o != packet.Admitted {
					b.Fatal(o)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "packets/s")
		})
	}
}

// batchOf returns a full batch of one built packet, or of all if name is empty, which
// decoders of the zero view admit.
func batchOf(tb testing.TB, name string) *packet.Batch {
	batch := &packet.Batch{Packets: make([]packet.Packet, packet.BatchPackets), Cold: make([]packet.Cold, packet.BatchPackets)}
	for len(batch.Frames) < packet.BatchPackets {
		n := len(batch.Frames)
		for _, p := range builtPackets(tb) {
			if name != "" && p.name != name || len(batch.Frames) == packet.BatchPackets {
				continue
			}
			batch.Frames = append(batch.Frames, packet.Frame{Link: p.link, WireLen: uint32(len(p.data)),
				Data: packet.Span{Off: uint32(len(batch.Buf)), Len: uint32(len(p.data))}})
			batch.Buf = append(batch.Buf, p.data...)
		}
		if len(batch.Frames) == n {
			tb.Fatalf("no packet %q", name)
		}
		if len(batch.Frames) < 50 { // repeat without reading the file again
			for len(batch.Frames) < packet.BatchPackets {
				batch.Frames = append(batch.Frames, batch.Frames[:min(n+1, packet.BatchPackets-len(batch.Frames))]...)
			}
		}
	}
	return batch
}

func BenchmarkHash(b *testing.B) {
	keys := make([]packet.Key, 64)
	for i := range keys {
		keys[i].A[15], keys[i].BPort = byte(i), uint16(i)
	}
	var sum uint64
	for i := 0; b.Loop(); i++ {
		sum += keys[i%len(keys)].Hash()
	}
	if sum == 0 {
		b.Fatal("no hash")
	}
}

// BenchmarkCaptures decodes the first 4 MiB of the captures that -captures names over and
// over: like a batch that has just been read, they lie in the outer cache.
func BenchmarkCaptures(b *testing.B) {
	src, err := capture.Open([]string{*captures}, capture.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	var batches []*packet.Batch
	for bytes := 0; err == nil && bytes < 4<<20; {
		batch := new(packet.Batch)
		err = src.Fill(batch)
		if len(batch.Frames) > 0 {
			batches = append(batches, batch)
			bytes += len(batch.Buf)
		}
	}
	if len(batches) == 0 {
		b.Fatal("no frames: ", err)
	}
	packets, cold := make([]packet.Packet, packet.BatchPackets), make([]packet.Cold, packet.BatchPackets)
	d := packet.NewDecoder(packet.View{})
	b.ReportAllocs()
	for i, j := 0, 0; b.Loop(); {
		batch := batches[i]
		d.Decode(&packets[j], &cold[j], &batch.Frames[j], batch.Buf)
		if j++; j == len(batch.Frames) {
			i, j = (i+1)%len(batches), 0
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "packets/s")
}
