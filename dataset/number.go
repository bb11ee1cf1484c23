package dataset

import (
	"errors"
	"math"
	"strconv"
)

// exact powers of ten.
var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parseNumber reads a cell: decimal text, empty and nan as missing, inf and infinity
// with a sign; case does not count. Hexadecimal numbers and underscores are none.
//
// Up to 15 digits without an exponent are read here: digits and power of ten are
// exact, so one division rounds as the definition asks (Clinger, "How to read
// floating point numbers accurately", PLDI 1990).
func parseNumber(b []byte) (float64, bool) {
	if b = trim(b); len(b) == 0 {
		return math.NaN(), true
	}
	i, negative := 0, false
	if b[0] == '-' {
		i, negative = 1, true
	}
	if n := len(b) - i; n > 0 && n <= 16 {
		digits, point, v := 0, -1, int64(0)
		for ; i < len(b); i++ {
			if d := b[i] - '0'; d <= 9 {
				v = v*10 + int64(d)
				digits++
			} else if b[i] == '.' && point < 0 {
				point = digits
			} else {
				break
			}
		}
		if i == len(b) && digits > 0 && digits <= 15 {
			f := float64(v)
			if point >= 0 {
				f /= tens[digits-point]
			}
			if negative {
				f = -f
			}
			return f, true
		}
	}
	for _, c := range b {
		if c == 'x' || c == 'X' || c == 'p' || c == 'P' || c == '_' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return v, err == nil
}
