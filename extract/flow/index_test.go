package flow

import (
	"math/rand/v2"
	"testing"

	"fm/extract/packet"
)

// TestIndexAgainstMap puts, removes and finds slots whose tags crowd in few places.
func TestIndexAgainstMap(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	x := newIndex()
	want := map[uint32]uint32{} // slot to tag
	find := func(tag, slot uint32) bool {
		mask := uint32(len(x.words) - 1)
		for i := tag & mask; x.words[i] != 0; i = (i + 1) & mask {
			if x.words[i] == uint64(tag)<<32|uint64(slot+1) {
				return true
			}
		}
		return false
	}
	for range 200_000 {
		slot := random.Uint32N(3000)
		if tag, ok := want[slot]; ok {
			x.remove(tag, slot)
			delete(want, slot)
			if find(tag, slot) {
				t.Fatalf("slot %d is there after its removal", slot)
			}
		} else {
			tag := random.Uint32N(40) - 20 // runs that cross the end of the table
			x.put(tag, slot)
			want[slot] = tag
		}
		if x.used != len(want) {
			t.Fatalf("%d entries, want %d", x.used, len(want))
		}
		if random.IntN(100) == 0 {
			for slot, tag := range want {
				if !find(tag, slot) {
					t.Fatalf("slot %d is lost", slot)
				}
			}
		}
	}
}

// BenchmarkIndex finds 100,000 flows at random, and lets one start and end for every
// sixteen found.
func BenchmarkIndex(b *testing.B) {
	const flows = 100_000
	keys, random := make([]packet.Key, 2*flows), rand.New(rand.NewPCG(1, 3))
	hashes := make([]uint64, len(keys))
	for i := range keys {
		keys[i] = packet.Key{APort: uint16(i), BPort: uint16(i >> 16), Proto: 17}
		hashes[i] = keys[i].Hash()
	}
	order := make([]uint32, 1<<16)
	for i := range order {
		order[i] = random.Uint32N(flows)
	}
	b.Run("index", func(b *testing.B) {
		t := Table{index: newIndex()}
		for i := range keys {
			if i&chunkMask == 0 {
				t.flows.grow()
			}
			if t.flows.at(uint32(i)).Key = keys[i]; i < flows {
				t.index.put(tag(hashes[i]), uint32(i))
			}
		}
		for n := 0; b.Loop(); n++ {
			i := order[n&(1<<16-1)]
			if t.find(tag(hashes[i]), &keys[i]) != i {
				b.Fatal("lost")
			}
			if n&15 == 0 {
				i += flows
				t.index.put(tag(hashes[i]), i)
				t.index.remove(tag(hashes[i]), i)
			}
		}
	})
	b.Run("map", func(b *testing.B) {
		m := map[packet.Key]uint32{}
		for i := range flows {
			m[keys[i]] = uint32(i)
		}
		for n := 0; b.Loop(); n++ {
			i := order[n&(1<<16-1)]
			if m[keys[i]] != i {
				b.Fatal("lost")
			}
			if n&15 == 0 {
				m[keys[i+flows]] = i
				delete(m, keys[i+flows])
			}
		}
	})
}
