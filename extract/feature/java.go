package feature

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// appendJava writes x as Java's Double.toString does before version 19: always with a point,
// with an exponent below 1e-3 and from 1e7 on. Its digits are not always the shortest that
// read back (2e23 is 1.9999999999999998E23), so they are developed in Java's way.
func appendJava(dst []byte, x float64) []byte {
	switch {
	case math.IsNaN(x):
		return append(dst, "NaN"...)
	case math.Signbit(x):
		dst = append(dst, '-')
		x = -x
	}
	switch {
	case math.IsInf(x, 0):
		return append(dst, "Infinity"...)
	case x == 0:
		return append(dst, "0.0"...)
	case x < 1e7 && x == math.Trunc(x):
		return append(strconv.AppendUint(dst, uint64(x), 10), ".0"...)
	}
	var j javaDigits
	j.develop(x)
	d, e := j.digits[:j.n], j.exponent
	switch {
	case 0 < e && e < 8:
		whole := min(len(d), e)
		dst = append(dst, d[:whole]...)
		for range e - whole {
			dst = append(dst, '0')
		}
		dst = append(dst, '.')
		if whole == len(d) {
			return append(dst, '0')
		}
		return append(dst, d[whole:]...)
	case -3 < e && e <= 0:
		dst = append(dst, "0."...)
		for range -e {
			dst = append(dst, '0')
		}
		return append(dst, d...)
	}
	dst = append(dst, d[0], '.')
	if len(d) == 1 {
		dst = append(dst, '0')
	}
	dst = append(dst, d[1:]...)
	dst = append(dst, 'E')
	return strconv.AppendInt(dst, int64(e-1), 10)
}

// javaDigits are the decimal digits of a number, with a point before the first and a power of ten.
type javaDigits struct {
	digits   [32]byte
	n        int
	exponent int
}

// pow5 are the powers of five that fit into a signed word.
var pow5 = [...]int64{
	1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625, 1220703125, 6103515625,
	30517578125, 152587890625, 762939453125, 3814697265625, 19073486328125, 95367431640625, 476837158203125,
	2384185791015625, 11920928955078125, 59604644775390625, 298023223876953125, 1490116119384765625,
	7450580596923828125,
}

// bitsOf5 is how long the nth power of five is in Java's estimate.
func bitsOf5(n int) int {
	if n < len(pow5) {
		return bits.Len64(uint64(pow5[n]))
	}
	return 3 * n
}

// develop sets the digits of x, which is above 0 and finite.
func (j *javaDigits) develop(x float64) {
	b := math.Float64bits(x)
	exp, frac := int(b>>52), b&(1<<52-1) // exp: of two
	significant := 53
	if exp == 0 {
		shift := bits.LeadingZeros64(frac) - 11
		significant = 53 - shift
		frac <<= shift
		exp = 1 - shift
	} else {
		frac |= 1 << 52
	}
	exp -= 1023

	zeros := bits.TrailingZeros64(frac)
	long := 53 - zeros         // bits of the fraction
	tiny := max(0, long-exp-1) // those behind the point
	if tiny == 0 && exp <= 62 && exp >= -21 {
		j.whole(frac, exp, significant)
		return
	}
	dec := decimalExponent(frac, exp)
	b5 := max(0, -dec)
	b2 := b5 + tiny + exp
	s5 := max(0, dec)
	s2 := s5 + tiny
	m5 := b5
	m2 := b2 - significant
	frac >>= zeros
	b2 -= long - 1
	common := min(b2, s2)
	b2, s2, m2 = b2-common, s2-common, m2-common
	if long == 1 { // the next smaller number is only half as far away
		m2--
	}
	if m2 < 0 {
		b2, s2, m2 = b2-m2, s2-m2, 0
	}
	sizeB := long + b2 + bitsOf5(b5)
	size10S := s2 + 1 + bitsOf5(s5+1)
	switch {
	case sizeB < 32 && size10S < 32:
		javaShort(j, int32(frac)*int32(pow5[b5])<<b2, int32(pow5[s5])<<s2, int32(pow5[m5])<<m2, dec)
	case sizeB < 64 && size10S < 64:
		javaShort(j, int64(frac)*pow5[b5]<<b2, pow5[s5]<<s2, pow5[m5]<<m2, dec)
	default:
		j.big(frac, b5, b2, s5, s2, m5, m2, dec)
	}
}

// decimalExponent estimates the power of ten; it is right or one too high.
func decimalExponent(frac uint64, exp int) int {
	d := math.Float64frombits(1023<<52 | frac&(1<<52-1))
	return int(math.Floor(float64(float64((d-1.5)*0.289529654)+0.176091259) + float64(float64(exp)*0.301029995663981)))
}

// whole sets the digits of a whole number.
func (j *javaDigits) whole(frac uint64, exp, significant int) {
	n := frac >> max(0, 52-exp) << max(0, exp-52)
	j.exponent = 0
	if drop := exp - significant - 1; exp > significant && drop > 1 { // digits below the last bit
		count := int(float64(drop) * math.Log10(2))
		ten := uint64(1)
		for range count {
			ten *= 10
		}
		rest := n % ten
		n /= ten
		if count > 0 && rest >= ten>>1 {
			n++
		}
		j.exponent = count
	}
	var text [20]byte
	d := strconv.AppendUint(text[:0], n, 10)
	j.exponent += len(d)
	for len(d) > 1 && d[len(d)-1] == '0' {
		d = d[:len(d)-1]
	}
	j.n = copy(j.digits[:], d)
}

// javaShort sets the digits of b/s, to where the rest is below m, in 32 or 64 bits; tens of
// m overflow as Java's do.
func javaShort[T int32 | int64](j *javaDigits, b, s, m T, dec int) {
	tens := s * 10
	q := b / s
	b = 10 * (b % s)
	m *= 10
	low, high := b < m, b+m > tens
	low, high, dec = j.start(int(q), low, high, dec)
	for !low && !high {
		q = b / s
		b = 10 * (b % s)
		m *= 10
		if m > 0 {
			low, high = b < m, b+m > tens
		} else {
			low, high = true, true
		}
		j.put(int(q))
	}
	j.finish(low, high, int(b<<1-tens), dec)
}

// big is [javaShort] without a limit.
func (j *javaDigits) big(frac uint64, b5, b2, s5, s2, m5, m2, dec int) {
	power := func(five, two int) *big.Int {
		x := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(five)), nil)
		return x.Lsh(x, uint(two))
	}
	ten := big.NewInt(10)
	b := power(b5, b2)
	b.Mul(b, new(big.Int).SetUint64(frac))
	s, m, tens := power(s5, s2), power(m5+1, m2+1), power(s5+1, s2+1)
	var q, sum big.Int
	step := func() int {
		q.QuoRem(b, s, b)
		b.Mul(b, ten)
		return int(q.Int64())
	}
	digit := step()
	low, high := b.Cmp(m) < 0, tens.Cmp(sum.Add(b, m)) <= 0
	low, high, dec = j.start(digit, low, high, dec)
	for !low && !high {
		digit = step()
		m.Mul(m, ten)
		low, high = b.Cmp(m) < 0, tens.Cmp(sum.Add(b, m)) <= 0
		j.put(digit)
	}
	difference := 0
	if low && high {
		difference = b.Lsh(b, 1).Cmp(tens)
	}
	j.finish(low, high, difference, dec)
}

func (j *javaDigits) put(q int) {
	j.digits[j.n] = '0' + byte(q)
	j.n++
}

// start takes the first digit, which may be 0 because the exponent is an estimate. Numbers
// that are written with an exponent have two digits at least.
func (j *javaDigits) start(q int, low, high bool, dec int) (bool, bool, int) {
	if q == 0 && !high {
		dec--
	} else {
		j.put(q)
	}
	if dec < -3 || dec >= 8 {
		return false, false, dec
	}
	return low, high, dec
}

// finish rounds the last digit.
func (j *javaDigits) finish(low, high bool, difference, dec int) {
	j.exponent = dec + 1
	switch {
	case !high, low && difference < 0, low && difference == 0 && j.digits[j.n-1]&1 == 0:
		return
	}
	i := j.n - 1
	for i > 0 && j.digits[i] == '9' {
		j.digits[i] = '0'
		i--
	}
	if j.digits[i] == '9' {
		j.exponent++
		j.digits[0] = '1'
		return
	}
	j.digits[i]++
}
