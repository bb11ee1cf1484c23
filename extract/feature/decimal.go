package feature

import (
	"math/big"
	"strconv"
)

// decimalDigits is how many digits a quotient of Python's decimals has by default.
const decimalDigits = 28

// appendDecimal writes n / (d / 10^scale) as Python writes the quotient of an integer and a
// decimal of so many places: 28 digits, rounded half to even, or fewer where the quotient is
// exact, without zeros at its end but for those that the places of d ask for. d is not 0.
func appendDecimal(dst []byte, n uint64, d int64, scale int) []byte {
	num, den := new(big.Int).SetUint64(n), big.NewInt(d)
	if d < 0 {
		dst = append(dst, '-')
		den.Neg(den)
	}
	// One digit more than wanted, and a mark in it if there is a remainder.
	shift := len(den.String()) - len(num.String()) + decimalDigits + 1
	exp := scale - shift
	if shift >= 0 {
		num.Mul(num, power(shift))
	} else {
		den.Mul(den, power(-shift))
	}
	rest := new(big.Int)
	num.QuoRem(num, den, rest)
	digit := new(big.Int)
	if rest.Sign() == 0 {
		for ten, q := big.NewInt(10), new(big.Int); exp < scale; exp++ {
			if q.QuoRem(num, ten, digit); digit.Sign() != 0 {
				break
			}
			num.Set(q)
		}
	} else if digit.Rem(num, big.NewInt(5)).Sign() == 0 {
		num.Add(num, big.NewInt(1))
	}
	text := num.String()
	if more := len(text) - decimalDigits; more > 0 {
		half := new(big.Int).Mul(power(more-1), big.NewInt(5))
		num.QuoRem(num, power(more), digit)
		if c := digit.Cmp(half); c > 0 || c == 0 && num.Bit(0) == 1 {
			num.Add(num, big.NewInt(1))
		}
		exp += more
		if text = num.String(); len(text) > decimalDigits {
			text = text[:decimalDigits]
			exp++
		}
	}
	return appendScientific(dst, text, exp)
}

// power is 10^n.
func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// appendScientific writes digits × 10^exp as Python writes a decimal: with an exponent only
// where there would be zeros that mean nothing, or more than five behind the point.
func appendScientific(dst []byte, digits string, exp int) []byte {
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
