package capture

import (
	"math"
	"math/bits"

	"fm/extract/packet"
)

// resolution turns the time stamps of a pcapng interface into ns since 1970.
type resolution struct {
	power  uint8 // of 10 or, with binary, of 2: a tick is base^-power seconds
	binary bool
	offset int64  // seconds to add
	scale  uint64 // ns of a tick where that is a whole number, else 0
	divide uint64 // ticks of a ns where that is a whole number above 1, else 0
}

// newResolution reads the value of if_tsresol and if_tsoffset.
func newResolution(resol uint8, offset int64) resolution {
	r := resolution{power: resol & 0x7f, binary: resol&0x80 != 0, offset: offset}
	switch {
	case r.binary && r.power == 0:
		r.scale = 1e9
	case r.binary:
	case r.power <= 9:
		r.scale = pow10(9 - r.power)
	case r.power <= 28:
		r.divide = pow10(r.power - 9)
	}
	return r
}

func pow10(n uint8) uint64 {
	p := uint64(1)
	for ; n > 0; n-- {
		p *= 10
	}
	return p
}

// nanos converts ticks. It reports false if the time lies outside 0 … maxTime and was
// moved to that limit or, if it is a negative one in microseconds, to what stands for it:
// see [packet.WrappedTime].
func (r *resolution) nanos(ticks uint64) (int64, bool) {
	if before := -ticks; r.scale == 1e3 && r.offset == 0 && ticks != 0 && before <= (packet.WrappedTime-packet.FirstWrapped)/1000 {
		return packet.WrappedTime - int64(before*1e3), false
	}
	var ns uint64
	switch {
	case r.scale != 0:
		hi, lo := bits.Mul64(ticks, r.scale)
		if hi != 0 {
			lo = math.MaxUint64
		}
		ns = lo
	case r.divide != 0:
		ns = ticks / r.divide
	case !r.binary:
		ns = 0 // the power is above 28: all the ticks that 64 bits can count are less than 1 ns
	default: // ticks × 10⁹ / 2^power in 128 bits
		hi, lo := bits.Mul64(ticks, 1e9)
		switch n := uint(r.power); {
		case n >= 64:
			ns = hi >> (n - 64)
		case hi>>n != 0:
			ns = math.MaxUint64
		default:
			ns = hi<<(64-n) | lo>>n
		}
	}
	return r.shift(ns)
}

// shift adds the offset.
func (r *resolution) shift(ns uint64) (int64, bool) {
	if r.offset == 0 {
		if ns > maxTime {
			return maxTime, false
		}
		return int64(ns), true
	}
	// float64 tells a sum that may leave int64; any other is then made exactly.
	switch about := float64(ns) + float64(r.offset)*1e9; {
	case about > 1.5*maxTime:
		return maxTime, false
	case about < -1.5*maxTime:
		return 0, false
	}
	sum := int64(ns + uint64(r.offset)*1e9) // the true sum fits int64, so wrapping is exact
	if sum < 0 {
		return 0, false
	}
	if sum > maxTime {
		return maxTime, false
	}
	return sum, true
}
