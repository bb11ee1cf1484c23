package feature

import (
	"math"
	"net/netip"
	"strconv"
	"time"

	"fm/extract/flow"
	"fm/extract/packet"
)

// The texts of original layouts: numbers as the languages of the tools print them.

// appendPython writes x as Python's repr does: the shortest text that reads back, with a
// point where it is whole, with an exponent below 1e-4 and from 1e16 on.
func appendPython(dst []byte, x float64) []byte {
	// Most are whole, and so it is several times as fast; -0 goes the long way.
	if n := int64(x); float64(n) == x && n > -1e15 && n < 1e15 && (n != 0 || !math.Signbit(x)) {
		return append(strconv.AppendInt(dst, n, 10), ".0"...)
	}
	switch a := math.Abs(x); {
	case math.IsNaN(x):
		return append(dst, "nan"...)
	case math.IsInf(x, 0):
		if x < 0 {
			dst = append(dst, '-')
		}
		return append(dst, "inf"...)
	case a != 0 && (a < 1e-4 || a >= 1e16):
		return strconv.AppendFloat(dst, x, 'e', -1, 64)
	}
	n := len(dst)
	dst = strconv.AppendFloat(dst, x, 'f', -1, 64)
	for _, b := range dst[n:] {
		if b == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}

// printed is the number that x's text with six decimals reads back as, so that a table and
// packets give the same one.
func printed(x float64) float64 {
	// From 2^33 on neighbours lie further apart than the text is off, so it is x that reads
	// back. Below, the millionths are whole numbers that a double holds, of which division
	// gives the nearest quotient.
	if !(math.Abs(x) < 1<<33) || math.Trunc(x) == x {
		return x
	}
	y := float64(x * 1e6)
	n := math.RoundToEven(y)
	// Where y is half-way, what it lost in rounding decides.
	if d := y - n; d == 0.5 || d == -0.5 {
		if lost := math.FMA(x, 1e6, -y); lost != 0 && lost > 0 == (d > 0) {
			n += 2 * d
		}
	}
	return n / 1e6
}

// appendClock writes t, which is in UTC, as 2006-01-02 15:04:05: by way of the one layout
// that package time has a fast path for.
func appendClock(dst []byte, t time.Time) []byte {
	n := len(dst)
	dst = t.AppendFormat(dst, time.RFC3339)[:n+len(time.DateTime)]
	dst[n+len(time.DateOnly)] = ' '
	return dst
}

// appendMAC writes an address of a link, or its first bytes, as 00:1b:21:…
func appendMAC(dst []byte, mac []byte) []byte {
	const digits = "0123456789abcdef"
	for i, b := range mac {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, digits[b>>4], digits[b&15])
	}
	return dst
}

// endpoints are initiator and responder of a flow.
func endpoints(v *flow.View) (src, dst netip.AddrPort) {
	a, b := v.Key.Ports()
	src, dst = netip.AddrPortFrom(v.Key.AddrA(), a), netip.AddrPortFrom(v.Key.AddrB(), b)
	if !v.FromA {
		src, dst = dst, src
	}
	return src, dst
}

// ipVersion is 4 or 6.
func ipVersion(v *flow.View) int64 {
	if v.Key.Kind&packet.KindIPv6 != 0 {
		return 6
	}
	return 4
}
