package dataset

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// PairHash is the seeded hash of two hosts, the same for both orders. IPv4 addresses
// are in their IPv4-mapped form. It depends on nothing but its arguments, so that
// frames made elsewhere or later agree.
func PairHash(seed uint64, a, b [16]byte) uint64 {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	h := seed ^ 0x9e3779b97f4a7c15
	for _, half := range [][]byte{a[:8], a[8:], b[:8], b[8:]} {
		hi, lo := bits.Mul64(h^binary.LittleEndian.Uint64(half), 0xd6e8feb86659fd93)
		h = hi ^ lo + 0xa0761d6478bd642f
	}
	return h ^ h>>32
}

// ClassOf is the number of the class that a label means: its place in classes, where
// 0 is benign. With two classes every other label is an attack, so it is 1. The empty
// label, background and ignore are -1.
func ClassOf(classes []string, label string) (int32, error) {
	switch label {
	case "", Background, Ignore:
		return -1, nil
	}
	if i := slices.Index(classes, label); i >= 0 {
		return int32(i), nil
	}
	if label == Benign {
		return 0, nil
	}
	if len(classes) == 2 {
		return 1, nil
	}
	return -1, fmt.Errorf("label %q is none of the classes %q", label, classes)
}
