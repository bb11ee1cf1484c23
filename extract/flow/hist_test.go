package flow

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"fm/extract/packet"
)

// TestBuckets checks that buckets cover the numbers without gaps, and how far a middle is off.
func TestBuckets(t *testing.T) {
	if got := bucket(1<<62, sizeBuckets); got != sizeBuckets-1 {
		t.Errorf("huge number in bucket %d", got)
	}
	last := 0
	for x := uint64(0); x < 1<<16; x++ {
		b := bucket(x, sizeBuckets)
		if b != last && b != last+1 {
			t.Fatalf("%d is in bucket %d, the number before in %d", x, b, last)
		}
		last = b
		if m := middle(b); math.Abs(float64(m)-float64(x)) > float64(x)/8 {
			t.Fatalf("%d stands for %d: more than an eighth off", m, x)
		}
	}
	if last != sizeBuckets-1 {
		t.Errorf("65535 is in bucket %d of %d", last, sizeBuckets)
	}
	// By hand: 2^28 units of 1,024 ns is the end of the last octave, 104 to 107.
	if got := bucket(1<<28-1, timeBuckets); got != timeBuckets-1 {
		t.Errorf("2^28-1 units in bucket %d", got)
	}
}

func TestQuartiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for n := 1; n < 300; n++ {
		var s Sizes
		var got SizeStats
		var all [3][]uint64
		for range n {
			d, x := rng.IntN(2), rng.Uint64N(1<<rng.UintN(17))
			s.Add(&In{Dir: d, P: &packet.Packet{IPLen: uint32(x)}})
			all[d], all[Both] = append(all[d], x), append(all[Both], x)
		}
		s.Stats(&got)
		for d, xs := range all {
			slices.Sort(xs)
			for k, q := range got.IPQuartiles[d] {
				want := uint64(0)
				if len(xs) > 0 {
					want = xs[(len(xs)*(k+1)+3)/4-1] // nearest rank
				}
				if math.Abs(float64(q)-float64(want)) > float64(want)/8 {
					t.Fatalf("%d numbers: quartile %d is %d, want %d", len(xs), k+1, q, want)
				}
			}
		}
	}
}

// TestFullCounter checks that quartiles survive more numbers than a counter holds.
func TestFullCounter(t *testing.T) {
	var s Sizes
	for i := range 400_000 {
		x := uint64(40)
		if i%5 == 4 {
			x = 1400
		}
		s.Add(&In{P: &packet.Packet{IPLen: uint32(x)}})
	}
	var got SizeStats
	s.Stats(&got)
	// Four of five are 40, in the bucket 40 to 47.
	if want := [3]uint64{43, 43, 43}; got.IPQuartiles[0] != want {
		t.Errorf("quartiles %v, want %v", got.IPQuartiles[0], want)
	}
	if got.IP[0].N != 400_000 {
		t.Errorf("%d numbers", got.IP[0].N)
	}
}

// TestLongLengths checks that lengths which only a forged packet can claim do not overflow.
func TestLongLengths(t *testing.T) {
	var s Sizes
	for range 1000 {
		s.Add(&In{P: &packet.Packet{IPLen: math.MaxUint32}})
		s.Add(&In{P: &packet.Packet{IPLen: 40}})
	}
	var got SizeStats
	s.Stats(&got)
	if m := got.IP[0]; m.Max != math.MaxUint32 || m.Sum != 1000*(math.MaxUint32+40) || m.SqLo != 1000*(1<<40+1600) {
		t.Errorf("%+v", m)
	}
	if std := got.IP[0].Std(); std < 0 || std != std {
		t.Errorf("deviation %v", std)
	}
}
