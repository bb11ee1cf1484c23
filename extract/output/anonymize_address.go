package output

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// cryptoPAn is the scheme of Xu, Fan, Ammar and Moon ("Prefix-Preserving IP Address
// Anonymization: Measurement-Based Security Evaluation and a New Cryptography-Based Scheme",
// ICNP 2002): bit i of an address is flipped by the first bit of AES-128 of the i bits before
// it, filled up to 128 with a secret pad. So two addresses that share their first k bits, and
// not the next one, still do. The first half of the key is that of AES, the second, encrypted,
// the pad, as in the authors' program. IPv6 addresses go the same way with 128 bits.
type cryptoPAn struct {
	block  cipher.Block
	hi, lo uint64 // the pad
}

func newCryptoPAn(key *[KeyBytes]byte) *cryptoPAn {
	block, err := aes.NewCipher(key[:16])
	if err != nil { // other lengths of keys only
		panic("output: AES refuses a key of 16 bytes")
	}
	var pad [16]byte
	block.Encrypt(pad[:], key[16:])
	return &cryptoPAn{block, binary.BigEndian.Uint64(pad[:8]), binary.BigEndian.Uint64(pad[8:])}
}

// addresses hides addresses for one goroutine. An address costs a run of AES for each of its
// bits, so those seen lately are remembered, and of others the prefix that they share.
type addresses struct {
	crypto  *cryptoPAn
	in, out [16]byte // of AES
	whole   [1 << 12]hidden
	prefix  [1 << 11]hidden
}

// hidden is an address, or the first bits of one, and which of its bits are flipped.
type hidden struct {
	hi, lo         uint64
	flipHi, flipLo uint64
	bits           uint8 // 32 or 128, of an address; 0: nothing is here
}

// Bits of the prefixes that are remembered.
const prefix4, prefix6 = 16, 64

// address hides an address in the form of keys.
func (a *addresses) address(from [16]byte, six bool) [16]byte {
	if !six {
		n := binary.BigEndian.Uint32(from[12:])
		flip, _ := a.of(uint64(n)<<32, 0, 32, prefix4)
		binary.BigEndian.PutUint32(from[12:], n^uint32(flip>>32))
		return from
	}
	hi, lo := binary.BigEndian.Uint64(from[:8]), binary.BigEndian.Uint64(from[8:])
	flipHi, flipLo := a.of(hi, lo, 128, prefix6)
	binary.BigEndian.PutUint64(from[:8], hi^flipHi)
	binary.BigEndian.PutUint64(from[8:], lo^flipLo)
	return from
}

// of says which bits are flipped of the address in the first bits of hi and lo.
func (a *addresses) of(hi, lo uint64, bits uint8, prefix int) (flipHi, flipLo uint64) {
	e := &a.whole[mix(hi, lo)%uint64(len(a.whole))]
	if e.bits != bits || e.hi != hi || e.lo != lo {
		first := hi &^ (1<<(64-prefix) - 1)
		p := &a.prefix[mix(first, uint64(bits))%uint64(len(a.prefix))]
		if p.bits != bits || p.hi != first {
			*p = hidden{hi: first, bits: bits}
			p.flipHi, _ = a.flips(first, 0, 0, prefix)
		}
		*e = hidden{hi: hi, lo: lo, bits: bits}
		e.flipHi, e.flipLo = a.flips(hi, lo, prefix, int(bits))
		e.flipHi |= p.flipHi
	}
	return e.flipHi, e.flipLo
}

// mix spreads an address over the places where it may be remembered.
func mix(hi, lo uint64) uint64 {
	x := (hi ^ lo*0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd
	return x>>32 ^ x>>51
}

// flips says which of the bits from one place to another are flipped.
func (a *addresses) flips(hi, lo uint64, from, to int) (flipHi, flipLo uint64) {
	for i := from; i < to; i++ {
		maskHi, maskLo := ^uint64(0), uint64(0) // of the first i bits
		if i < 64 {
			maskHi = ^(^uint64(0) >> i)
		} else {
			maskLo = ^(^uint64(0) >> (i - 64))
		}
		binary.BigEndian.PutUint64(a.in[:8], hi&maskHi|a.crypto.hi&^maskHi)
		binary.BigEndian.PutUint64(a.in[8:], lo&maskLo|a.crypto.lo&^maskLo)
		a.crypto.block.Encrypt(a.out[:], a.in[:])
		bit := uint64(a.out[0] >> 7)
		if i < 64 {
			flipHi |= bit << (63 - i)
		} else {
			flipLo |= bit << (127 - i)
		}
	}
	return flipHi, flipLo
}
