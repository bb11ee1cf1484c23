package dataset

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// leaf is a column of values in a Parquet file.
type leaf struct {
	kind kind // of one value
	list bool
	def  int  // definition level from which on a list has an element
	raw  bool // values are text as they are

	unit     time.Duration // of a tick, where values are times
	date     bool          // days since 1970
	unsigned bool
	decimal  bool
	scale    int32 // digits behind the point of a decimal
	half     bool  // two bytes are a float
	hex      bool  // bytes that are no text
}

// newLeaf takes the logical type from the schema where the library knows none.
func newLeaf(c *parquet.Column, written format.LogicalType) (leaf, error) {
	l := leaf{kind: numbers}
	switch c.Type().Kind() {
	case parquet.ByteArray, parquet.FixedLenByteArray:
		l.kind, l.raw = text, true
	case parquet.Int96:
		l.kind = words
	}
	if known := c.Type().LogicalType(); known != nil {
		written = *known
	}
	switch t := written.Value.(type) {
	case *format.TimestampType:
		if t.Unit.Value == nil {
			return l, errors.New("a time without a unit")
		}
		l.kind, l.unit = words, t.Unit.Value.Duration()
	case *format.DateType:
		l.kind, l.date = words, true
	case *format.IntType:
		l.unsigned = !t.IsSigned
	case *format.DecimalType:
		if t.Scale < 0 || t.Scale > 1000 {
			return l, fmt.Errorf("a decimal of scale %d", t.Scale)
		}
		l.kind, l.raw, l.decimal, l.scale = numbers, false, true, t.Scale
	case *format.Float16Type:
		l.kind, l.raw, l.half = numbers, false, true
	case *format.UUIDType:
		l.kind, l.raw, l.hex = words, false, true
	}
	return l, nil
}

// append writes a value that is not null as text.
func (l *leaf) append(b []byte, v *parquet.Value) []byte {
	switch v.Kind() {
	case parquet.ByteArray, parquet.FixedLenByteArray:
		raw := v.ByteArray()
		switch {
		case l.decimal:
			return appendDecimal(b, signed(raw), l.scale)
		case l.half && len(raw) == 2:
			return strconv.AppendFloat(b, half(uint16(raw[0])|uint16(raw[1])<<8), 'g', -1, 64)
		case l.hex:
			return fmt.Appendf(b, "%x", raw)
		}
		return append(b, raw...)
	case parquet.Double:
		return strconv.AppendFloat(b, v.Double(), 'g', -1, 64)
	case parquet.Float:
		return strconv.AppendFloat(b, float64(v.Float()), 'g', -1, 64)
	case parquet.Boolean:
		if v.Boolean() {
			return append(b, '1')
		}
		return append(b, '0')
	case parquet.Int96:
		return int96Time(v.Int96()).AppendFormat(b, time.RFC3339Nano)
	}
	n := v.Int64()
	if v.Kind() == parquet.Int32 {
		n = int64(v.Int32())
	}
	switch {
	case l.unit == time.Nanosecond:
		return time.Unix(0, n).UTC().AppendFormat(b, time.RFC3339Nano)
	case l.unit == time.Microsecond:
		return time.UnixMicro(n).UTC().AppendFormat(b, time.RFC3339Nano)
	case l.unit != 0:
		return time.UnixMilli(n).UTC().AppendFormat(b, time.RFC3339Nano)
	case l.date:
		return time.Unix(86400*n, 0).UTC().AppendFormat(b, time.DateOnly)
	case l.decimal:
		return appendDecimal(b, big.NewInt(n), l.scale)
	case l.unsigned && v.Kind() == parquet.Int32:
		return strconv.AppendUint(b, uint64(v.Uint32()), 10)
	case l.unsigned:
		return strconv.AppendUint(b, v.Uint64(), 10)
	}
	return strconv.AppendInt(b, n, 10)
}

// int96Time is the time that Impala and Spark write: nanoseconds of a day, and the day
// as a Julian one (1970-01-01 is 2440588).
func int96Time(v deprecated.Int96) time.Time {
	ns := int64(v[1])<<32 | int64(v[0])
	return time.Unix(86400*(int64(v[2])-2440588), 0).Add(time.Duration(ns)).UTC()
}

// signed reads a number in two's complement, the highest byte first.
func signed(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

// appendDecimal writes n with a point before its last digits.
func appendDecimal(b []byte, n *big.Int, scale int32) []byte {
	b = n.Append(b, 10)
	if scale > 0 {
		b = strconv.AppendInt(append(b, 'e'), -int64(scale), 10)
	}
	return b
}

// half is a float of 16 bits (IEEE 754 binary16).
func half(bits uint16) float64 {
	exp, frac := int(bits>>10&31), float64(bits&1023)
	v := 0.0
	switch exp {
	case 0:
		v = math.Ldexp(frac, -24)
	case 31:
		if v = math.Inf(1); frac != 0 {
			return math.NaN()
		}
	default:
		v = math.Ldexp(1024+frac, exp-25)
	}
	if bits>>15 != 0 {
		v = -v
	}
	return v
}
