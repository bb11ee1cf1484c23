package packet

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// secret differs in every process, so that nobody can prepare flows that collide in
// a table. No row may depend on it.
var secret = secrets{rand.Uint64(), rand.Uint64(), rand.Uint64(), rand.Uint64(), rand.Uint64(), rand.Uint64()}

// fixed is secret's public twin, for what must be the same in every run.
var fixed = secrets{0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9, 0xd6e8feb86659fd93, 0xa0761d6478bd642f, 0xe7037ed1a0b428db}

type secrets [6]uint64

// Hash returns a hash of k for tables in memory. Both directions of a flow have the
// same key and so the same hash. It differs from process to process: nothing that is
// written may depend on it; see [Key.Shard].
func (k *Key) Hash() uint64 { return k.hash(&secret) }

// Shard returns which of n workers k belongs to, from 0 to n-1: the same in every run, so
// that even evictions, which are made by worker, can be repeated.
func (k *Key) Shard(n int) int {
	hi, _ := bits.Mul64(k.hash(&fixed), uint64(n))
	return int(hi)
}

// hash multiplies the words in pairs to 128 bits and folds these, as wyhash does. The
// words are taken whole, so a key costs three multiplications.
func (k *Key) hash(s *secrets) uint64 {
	// The ports lie apart: else the compiler loads both at once, and the load has to wait for
	// the two stores that have just made them.
	last := uint64(k.APort) | uint64(k.BPort)<<32 | uint64(k.VLAN)<<16 | uint64(k.Proto)<<48 | uint64(k.Kind)<<56
	a := fold(binary.LittleEndian.Uint64(k.A[:8])^s[0], binary.LittleEndian.Uint64(k.A[8:])^s[1])
	b := fold(binary.LittleEndian.Uint64(k.B[:8])^s[2], binary.LittleEndian.Uint64(k.B[8:])^s[3])
	return fold(a^s[4], b^last^s[5])
}

func fold(x, y uint64) uint64 {
	hi, lo := bits.Mul64(x, y)
	return hi ^ lo
}
