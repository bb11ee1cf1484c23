package foreign

import (
	"errors"
	"math"
	"strconv"
)

var (
	errNumber = errors.New("not a number of JSON")
	errRange  = errors.New("beyond the range of float32")
)

// powers of ten that float64 holds exactly.
var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// decimal is a number of JSON: ±mantissa × 10^exponent.
type decimal struct {
	negative bool
	mantissa uint64
	exponent int
	digits   int  // of the mantissa; above 19 it has overflowed
	whole    bool // neither fraction nor exponent was written
}

// parseDecimal reads b by the grammar of JSON.
func parseDecimal(b []byte) (d decimal, ok bool) {
	i := 0
	if i < len(b) && b[i] == '-' {
		d.negative = true
		i++
	}
	first := i
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		d.mantissa = d.mantissa*10 + uint64(b[i]-'0')
		if d.mantissa > 0 {
			d.digits++
		}
	}
	if i == first || b[first] == '0' && i > first+1 {
		return d, false
	}
	d.whole = true
	if i < len(b) && b[i] == '.' {
		d.whole = false
		i++
		first = i
		for ; i < len(b) && b[i]-'0' <= 9; i++ {
			d.mantissa = d.mantissa*10 + uint64(b[i]-'0')
			if d.mantissa > 0 {
				d.digits++
			}
		}
		if i == first {
			return d, false
		}
		d.exponent = first - i
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		d.whole = false
		i++
		sign := 1
		if i < len(b) && (b[i] == '-' || b[i] == '+') {
			if b[i] == '-' {
				sign = -1
			}
			i++
		}
		first = i
		e := 0
		for ; i < len(b) && b[i]-'0' <= 9; i++ {
			if e < 1e6 {
				e = e*10 + int(b[i]-'0')
			}
		}
		if i == first {
			return d, false
		}
		d.exponent += sign * e
	}
	return d, i == len(b)
}

// parseFloat32 returns the float32 nearest to the number b of JSON, or what XGBoost
// writes for numbers that JSON has not: NaN, Infinity, -Infinity.
func parseFloat32(b []byte) (float32, error) {
	d, ok := parseDecimal(b)
	if !ok {
		switch string(b) {
		case "NaN":
			return float32(math.NaN()), nil
		case "Infinity":
			return float32(math.Inf(1)), nil
		case "-Infinity":
			return float32(math.Inf(-1)), nil
		}
		return 0, errNumber
	}
	if d.digits <= 15 && d.exponent >= -22 && d.exponent <= 22 {
		// Both are exact in float64, so the result is rounded once.
		v := float64(d.mantissa)
		if d.exponent < 0 {
			v /= powers[-d.exponent]
		} else {
			v *= powers[d.exponent]
		}
		if d.negative {
			v = -v
		}
		// Rounding again to float32 is right unless v lies half-way between two of them,
		// since then what the first rounding cut off decides.
		const half, below = 1 << 28, 1<<29 - 1
		f := float32(v)
		if d.mantissa == 0 || math.Float64bits(v)&below != half && math.Abs(v) >= 0x1p-126 && !math.IsInf(float64(f), 0) {
			return f, nil
		}
	}
	v, err := strconv.ParseFloat(string(b), 32)
	if err != nil {
		return 0, errRange
	}
	return float32(v), nil
}
