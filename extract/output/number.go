package output

import (
	"math"
	"strconv"
)

// appendFloat writes v in the shortest form that reads back to the same float64,
// the form of encoding/json: without exponent from 1e-6 to below 1e21, with one
// outside; whole numbers without a point. NaN and infinities write nothing.
//
// Most numbers of rows are whole or have few decimals (times in ms, ratios of small
// counts): n = v × 10^d rounded, |n| < 10^15, with float64(n)/10^d == v proves that
// the decimal n/10^d reads back to v, and since two decimals of at most 15 digits
// never share a float64 it is the only one that short, so trimming its zeros gives
// the shortest. That is several times faster than the general search.
func appendFloat(dst []byte, v float64) []byte {
	if n := int64(v); float64(n) == v && n < 1e15 && n > -1e15 {
		if n == 0 && math.Signbit(v) {
			return append(dst, '-', '0')
		}
		return appendInt(dst, n)
	}
	a := math.Abs(v)
	if a < 1e15/1e6 && a >= 1e-6 {
		if n := math.RoundToEven(a * 1e3); n/1e3 == a {
			return appendMillis(dst, v < 0, uint64(n))
		}
		if n := math.RoundToEven(a * 1e6); n/1e6 == a {
			return appendMicros(dst, v < 0, uint64(n))
		}
	}
	switch {
	case v-v != 0: // NaN, infinities
		return dst
	case a >= 1e-6 && a < 1e21:
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, v, 'e', -1, 64)
	if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' { // e-09 is e-9
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

// appendMillis writes n/1000 without the zeros at its end. n is not a multiple of 1000.
func appendMillis(dst []byte, negative bool, n uint64) []byte {
	if negative {
		dst = append(dst, '-')
	}
	frac := n % 1000
	return trimZeros(append(appendUint(dst, n/1000), '.', byte('0'+frac/100), byte('0'+frac/10%10), byte('0'+frac%10)))
}

// appendMicros writes n/10^6 without the zeros at its end. n is not a multiple of 1000.
func appendMicros(dst []byte, negative bool, n uint64) []byte {
	if negative {
		dst = append(dst, '-')
	}
	milli, micro := n/1000%1000, n%1000
	return trimZeros(append(appendUint(dst, n/1e6), '.', byte('0'+milli/100), byte('0'+milli/10%10), byte('0'+milli%10),
		byte('0'+micro/100), byte('0'+micro/10%10), byte('0'+micro%10)))
}

func trimZeros(b []byte) []byte {
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

func appendInt(dst []byte, n int64) []byte {
	if n < 0 {
		dst = append(dst, '-')
		n = -n
	}
	return appendUint(dst, uint64(n))
}

// appendUint is strconv.AppendUint with a shorter way for the small numbers that most cells hold.
func appendUint(dst []byte, n uint64) []byte {
	switch {
	case n < 10:
		return append(dst, byte('0'+n))
	case n < 100:
		return append(dst, byte('0'+n/10), byte('0'+n%10))
	case n < 1000:
		return append(dst, byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
	case n < 10000:
		return append(dst, byte('0'+n/1000), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
	}
	return strconv.AppendUint(dst, n, 10)
}
