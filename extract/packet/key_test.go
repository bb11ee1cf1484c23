package packet_test

import (
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"testing"

	"fm/extract/packet"
)

// keyOf makes the key of a packet from a to b, as the decoder does.
func keyOf(a, b string, aPort, bPort uint16, proto uint8) (k packet.Key, fromA bool) {
	x, y := netip.MustParseAddr(a), netip.MustParseAddr(b)
	k = packet.Key{A: x.As16(), B: y.As16(), APort: aPort, BPort: bPort, Proto: proto}
	if x.Is6() {
		k.Kind = packet.KindIPv6
	}
	if x.Compare(y) > 0 || x == y && aPort > bPort {
		k.A, k.B, k.APort, k.BPort = k.B, k.A, bPort, aPort
		return k, false
	}
	return k, true
}

// Values of the Python package communityid 1.5.0, e.g.
// CommunityID(seed=0).calc(FlowTuple.make_tcp('128.232.110.120', '66.35.250.204', 34855, 80)).
func TestCommunityID(t *testing.T) {
	for _, c := range communityIDs {
		k, fromA := keyOf(c.src, c.dst, c.sport, c.dport, c.proto)
		if c.proto == packet.ProtoICMP || c.proto == packet.ProtoICMPv6 {
			k.APort, k.BPort = 0, 0
		}
		got := string(k.AppendCommunityID([]byte("x"), c.seed, fromA, uint8(c.sport), uint8(c.dport)))
		if got != "x"+c.want {
			t.Errorf("%s %d > %s %d protocol %d seed %d: %s, want %s", c.src, c.sport, c.dst, c.dport, c.proto, c.seed, got[1:], c.want)
		}
	}
}

func TestKeyDoesNotAllocate(t *testing.T) {
	k, _ := keyOf("128.232.110.120", "66.35.250.204", 34855, 80, 6)
	dst := make([]byte, 0, 64)
	var sum uint64
	if n := testing.AllocsPerRun(100, func() {
		dst = k.AppendCommunityID(dst[:0], 0, true, 0, 0)
		sum += k.Hash() + uint64(k.Shard(4))
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Every field moves the hash, and every bit of the input about half of its bits.
func TestHashSpreads(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var worst float64 = 32
	for bit := range 40 * 8 {
		flipped := 0
		const rounds = 200
		for range rounds {
			var k packet.Key
			for i := range k.A {
				k.A[i], k.B[i] = byte(r.Uint32()), byte(r.Uint32())
			}
			k.APort, k.BPort, k.VLAN = uint16(r.Uint32()), uint16(r.Uint32()), uint16(r.Uint32())
			k.Proto, k.Kind = uint8(r.Uint32()), uint8(r.Uint32())
			other := k
			switch i := bit / 8; {
			case i < 16:
				other.A[i] ^= 1 << (bit % 8)
			case i < 32:
				other.B[i-16] ^= 1 << (bit % 8)
			case i < 34:
				other.APort ^= 1 << (bit % 16)
			case i < 36:
				other.BPort ^= 1 << (bit % 16)
			case i < 38:
				other.VLAN ^= 1 << (bit % 16)
			case i < 39:
				other.Proto ^= 1 << (bit % 8)
			default:
				other.Kind ^= 1 << (bit % 8)
			}
			flipped += bits.OnesCount64(k.Hash() ^ other.Hash())
		}
		worst = min(worst, float64(flipped)/rounds)
	}
	if worst < 28 {
		t.Errorf("one bit of a key changes only %.1f of the 64 bits of its hash on average", worst)
	}
}

// A scan's keys, which differ in little, fall evenly into tables and workers.
func TestHashOfScans(t *testing.T) {
	const n, buckets = 1 << 16, 1 << 12
	var low, high [buckets]int
	var shards [3]int
	for i := range n {
		a := netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
		k, _ := keyOf("192.0.2.1", a.String(), 40000, 80, 6)
		h := k.Hash()
		low[h%buckets]++
		high[h>>52]++
		shards[k.Shard(3)]++
	}
	for _, counts := range [][]int{low[:], high[:]} {
		var chi float64
		for _, c := range counts {
			d := float64(c) - n/buckets
			chi += d * d / (n / buckets)
		}
		// Chi squared with 4095 degrees: mean 4095, standard deviation 90.5. Eight of these
		// happen by chance once in about 1e15 runs; the seed differs in each.
		if chi > 4095+8*90.5 {
			t.Errorf("keys of a scan are spread badly: chi squared %.0f of 4095", chi)
		}
	}
	for i, c := range shards {
		if c < n/3-n/50 || c > n/3+n/50 {
			t.Errorf("worker %d of 3 gets %d of %d flows", i, c, n)
		}
	}
}

// The same in every run and on every machine: computed once from its definition.
func TestShardIsFixed(t *testing.T) {
	k, _ := keyOf("192.0.2.1", "198.51.100.2", 40000, 80, 6)
	if got := k.Shard(1 << 20); got != shardOfExample {
		t.Errorf("shard %d, want %d", got, shardOfExample)
	}
	if k.Shard(1) != 0 {
		t.Error("the only worker is not number 0")
	}
}
