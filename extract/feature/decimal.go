package feature

import (
	"math/bits"
	"strconv"
)

// decimalDigits is how many digits a quotient of Python's decimals has by default.
const decimalDigits = 28

// appendDecimal writes n / (d / 10^scale) as Python writes the quotient of an integer and a
// decimal of so many places: 28 digits, rounded half to even, or fewer where the quotient is
// exact, without zeros at its end but for those that the places of d ask for. d is not 0.
func appendDecimal(dst []byte, n uint64, d int64, scale int) []byte {
	by := uint64(d)
	if d < 0 {
		dst, by = append(dst, '-'), -by
	}
	var room [decimalDigits + 1]byte // the last digit decides about rounding
	digits := room[:0]
	if n >= by {
		digits = strconv.AppendUint(digits, n/by, 10)
	}
	exp := scale
	rest := n % by
	for ; rest > 0 && len(digits) <= decimalDigits; exp-- {
		hi, lo := bits.Mul64(rest, 10)
		var digit uint64
		if digit, rest = bits.Div64(hi, lo, by); digit > 0 || len(digits) > 0 {
			digits = append(digits, byte('0'+digit))
		}
	}
	if len(digits) == 0 {
		digits = append(digits, '0')
	}
	if len(digits) > decimalDigits {
		last := digits[decimalDigits]
		digits = digits[:decimalDigits]
		exp++
		if last > '5' || last == '5' && (rest > 0 || (digits[decimalDigits-1]-'0')&1 == 1) {
			up := decimalDigits - 1
			for ; up >= 0 && digits[up] == '9'; up-- {
				digits[up] = '0'
			}
			if up < 0 { // 99…9 becomes 10…0
				digits[0] = '1'
				exp++
			} else {
				digits[up]++
			}
		}
	}
	return appendScientific(dst, digits, exp)
}

// appendScientific writes digits × 10^exp as Python writes a decimal: with an exponent only
// where there would be zeros that mean nothing, or more than five behind the point.
func appendScientific(dst []byte, digits []byte, exp int) []byte {
	point := exp + len(digits) // places in front of the point
	left := point
	if exp > 0 || left <= -6 {
		point = 1
	}
	switch {
	case point <= 0:
		dst = append(dst, "0."...)
		for range -point {
			dst = append(dst, '0')
		}
		dst = append(dst, digits...)
	case point >= len(digits):
		dst = append(dst, digits...)
	default:
		dst = append(append(append(dst, digits[:point]...), '.'), digits[point:]...)
	}
	if left != point {
		dst = append(dst, 'E')
		if left > point {
			dst = append(dst, '+')
		}
		dst = strconv.AppendInt(dst, int64(left-point), 10)
	}
	return dst
}
