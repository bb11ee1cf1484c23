package dataset

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"unsafe"
)

// exact powers of ten.
var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// wholeTens are the powers of ten that fit into 64 bits.
var wholeTens = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// parseNumber reads a cell: decimal text; empty, nan and the other words of [IsMissing]
// as missing; inf and infinity with a sign; case does not count. Hexadecimal numbers,
// underscores and what float64 cannot hold (1e999) are none. The value is that of
// [strconv.ParseFloat] to the last bit.
func parseNumber(b []byte) (float64, bool) {
	i, negative := 0, false
	if len(b) > 0 && b[0] == '-' {
		i, negative = 1, true
	}
	first := i
	m := uint64(0)
	for len(b)-i >= 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		if !eightDigits(w) {
			break
		}
		m = m*1e8 + eight(w)
		i += 8
	}
	for i < len(b) && b[i]-'0' <= 9 {
		m = m*10 + uint64(b[i]-'0')
		i++
	}
	digits, exp := i-first, 0
	if i < len(b) && b[i] == '.' {
		i++
		point := i
		for len(b)-i >= 8 {
			w := binary.LittleEndian.Uint64(b[i:])
			if !eightDigits(w) {
				break
			}
			m = m*1e8 + eight(w)
			i += 8
		}
		for i < len(b) && b[i]-'0' <= 9 {
			m = m*10 + uint64(b[i]-'0')
			i++
		}
		exp = point - i
		digits -= exp
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') && len(b)-i <= 5 && digits > 0 {
		e, ok := exponent(b[i+1:])
		if !ok {
			return parseOther(b)
		}
		exp += e
		i = len(b)
	}
	if i != len(b) || digits == 0 || digits > 19 { // 19 digits fit into 64 bits
		return parseOther(b)
	}
	v, ok := scaled(m, exp)
	if !ok {
		return parseOther(b)
	}
	if negative {
		v = -v
	}
	return v, true
}

// eightDigits tells whether the eight bytes of w are decimal digits.
func eightDigits(w uint64) bool {
	return (w&0xf0f0f0f0f0f0f0f0)|((w+0x0606060606060606)&0xf0f0f0f0f0f0f0f0)>>4 == 0x3333333333333333
}

// eight is the number of eight digits, the first one in the lowest byte: neighbours are
// joined into pairs, these into fours, these into all.
func eight(w uint64) uint64 {
	w -= 0x3030303030303030
	w = w*10 + w>>8
	return ((w&0x000000ff000000ff)*(100+1000000<<32) + (w>>16&0x000000ff000000ff)*(1+10000<<32)) >> 32
}

// exponent reads up to three digits with a sign.
func exponent(b []byte) (int, bool) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 3 {
		return 0, false
	}
	e := 0
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		}
		e = e*10 + int(c)
	}
	if negative {
		e = -e
	}
	return e, true
}

// scaled is m × 10^exp rounded to the nearest float64, ties to even, where one exact
// step can do it: both factors exact floats (Clinger, "How to read floating point
// numbers accurately", PLDI 1990), or one division of whole numbers whose remainder
// says on which side of a tie the quotient lies.
func scaled(m uint64, exp int) (float64, bool) {
	switch {
	case m < 1<<53 && exp <= 0 && exp >= -22:
		return float64(m) / tens[-exp], true
	case m < 1<<53 && exp > 0 && exp <= 22:
		return float64(m) * tens[exp], true
	case exp == 0:
		return float64(m), true
	case exp > 0 || exp < -19 || m == 0:
		return 0, false
	}
	d := wholeTens[-exp]
	s, t := bits.LeadingZeros64(m), bits.LeadingZeros64(d)
	m <<= s
	// Both have 64 bits now, so the quotient of m·2^63 and d has 63 or 64: ten more than
	// a float64 keeps, and what is left over only has to be known not to be nothing.
	q, r := bits.Div64(m>>1, m<<63, d<<t)
	if r != 0 {
		q |= 1
	}
	return float64(q) * math.Float64frombits(uint64(1023+t-s-63)<<52), true
}

// parseOther reads what parseNumber has no short way for.
func parseOther(b []byte) (float64, bool) {
	b = trim(b)
	if IsMissing(b) {
		return math.NaN(), true
	}
	for _, c := range b {
		if c == 'x' || c == 'X' || c == 'p' || c == 'P' || c == '_' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(unsafe.String(&b[0], len(b)), 64) // which keeps nothing of its argument
	return v, err == nil
}

// IsMissing tells whether a cell is one of those that say that there is no value: empty,
// or one of the words that pandas reads so, nan in any case.
func IsMissing(cell []byte) bool {
	switch string(cell) {
	case "", "NA", "N/A", "n/a", "#N/A", "#NA", "#N/A N/A", "<NA>", "NULL", "null", "None", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN":
		return true
	}
	if len(cell) == 4 && cell[0] == '-' {
		cell = cell[1:]
	}
	return len(cell) == 3 && cell[0]|0x20 == 'n' && cell[1]|0x20 == 'a' && cell[2]|0x20 == 'n'
}
