package foreign

import (
	"encoding/binary"
	"errors"
	"math"
)

// lengthSize is the number of bytes of an integer of a type, 0 for other types.
func lengthSize(kind byte) int {
	switch kind {
	case 'U', 'i':
		return 1
	case 'I':
		return 2
	case 'l':
		return 4
	case 'L':
		return 8
	}
	return 0
}

// numberSize is the number of bytes of a number of a type, 0 for other types.
func numberSize(kind byte) int {
	switch kind {
	case 'd':
		return 4
	case 'D':
		return 8
	}
	return lengthSize(kind)
}

// whole decodes an integer of a type.
func whole(kind byte, b []byte) int64 {
	switch kind {
	case 'U':
		return int64(b[0])
	case 'i':
		return int64(int8(b[0]))
	case 'I':
		return int64(int16(binary.BigEndian.Uint16(b)))
	case 'l':
		return int64(int32(binary.BigEndian.Uint32(b)))
	default:
		return int64(binary.BigEndian.Uint64(b))
	}
}

// real decodes a number of a type as float32.
func real(kind byte, b []byte) float32 {
	switch kind {
	case 'd':
		return math.Float32frombits(binary.BigEndian.Uint32(b))
	case 'D':
		return float32(math.Float64frombits(binary.BigEndian.Uint64(b)))
	default:
		return float32(whole(kind, b))
	}
}

// head reads type and count of an array, if they are there: kind 0 and count -1 if not.
func (d *ubjsonDocument) head(limit int) (kind byte, count int, err error) {
	if err := d.fill(); err != nil {
		return 0, 0, d.wrap(err)
	}
	if d.buf[d.pos] == '$' {
		d.pos++
		if kind, err = d.marker(); err != nil {
			return 0, 0, err
		}
		if numberSize(kind) == 0 {
			return 0, 0, d.fail("an array of type %q", kind)
		}
		if err := d.fill(); err != nil {
			return 0, 0, d.wrap(err)
		}
		if d.buf[d.pos] != '#' {
			return 0, 0, d.fail("an array of a type without a count")
		}
	}
	if d.buf[d.pos] != '#' {
		return 0, -1, nil
	}
	d.pos++
	count, err = d.length("an array", limit)
	return kind, count, err
}

// numbers calls each with every run of numbers of an array; a run is of one type.
func (d *ubjsonDocument) numbers(limit int, each func(kind byte, run []byte) error) error {
	if err := d.expect('[', "array"); err != nil {
		return err
	}
	kind, count, err := d.head(limit)
	if err != nil {
		return err
	}
	if kind == 0 {
		return d.mixed(limit, count, each)
	}
	size := numberSize(kind)
	for count > 0 {
		if err := d.fill(); err != nil {
			return d.wrap(err)
		}
		n := min(count, max(1, (len(d.buf)-d.pos)/size))
		run, err := d.take(n * size)
		if err != nil {
			return d.wrap(err)
		}
		if err := each(kind, run); err != nil {
			return d.fail("%v", err)
		}
		count -= n
	}
	return nil
}

// mixed reads numbers that each have a type of their own.
func (d *ubjsonDocument) mixed(limit, count int, each func(kind byte, run []byte) error) error {
	for i := 0; i != count; i++ {
		if count < 0 {
			if end, err := d.closed(); err != nil || end {
				return err
			}
		}
		if i == limit {
			return d.fail("more than %d elements", limit)
		}
		kind, err := d.marker()
		if err != nil {
			return err
		}
		size := numberSize(kind)
		switch kind {
		case 'T', 'F':
			if err := each('U', []byte{map[byte]byte{'T': 1, 'F': 0}[kind]}); err != nil {
				return d.fail("element %d: %v", i, err)
			}
			continue
		}
		if size == 0 {
			return d.fail("marker %q where a number belongs", kind)
		}
		b, err := d.take(size)
		if err != nil {
			return d.wrap(err)
		}
		if err := each(kind, b); err != nil {
			return d.fail("element %d: %v", i, err)
		}
	}
	return nil
}

func (d *ubjsonDocument) floats(dst []float32, limit int) ([]float32, error) {
	dst = dst[:0]
	err := d.numbers(limit, func(kind byte, run []byte) error {
		for size := numberSize(kind); len(run) > 0; run = run[size:] {
			dst = append(dst, real(kind, run))
		}
		return nil
	})
	return dst, err
}

func (d *ubjsonDocument) ints(dst []int32, limit int) ([]int32, error) {
	dst = dst[:0]
	err := d.numbers(limit, func(kind byte, run []byte) error {
		size := lengthSize(kind)
		if size == 0 {
			return errInteger
		}
		for ; len(run) > 0; run = run[size:] {
			v := whole(kind, run)
			if v != int64(int32(v)) {
				return errInteger
			}
			dst = append(dst, int32(v))
		}
		return nil
	})
	return dst, err
}

func (d *ubjsonDocument) longs(dst []int64, limit int) ([]int64, error) {
	dst = dst[:0]
	err := d.numbers(limit, func(kind byte, run []byte) error {
		size := lengthSize(kind)
		if size == 0 {
			return errors.New("not an integer")
		}
		for ; len(run) > 0; run = run[size:] {
			dst = append(dst, whole(kind, run))
		}
		return nil
	})
	return dst, err
}

func (d *ubjsonDocument) flags(dst []uint8, limit int) ([]uint8, error) {
	dst = dst[:0]
	err := d.numbers(limit, func(kind byte, run []byte) error {
		size := lengthSize(kind)
		if size == 0 {
			return errInteger
		}
		for ; len(run) > 0; run = run[size:] {
			v := whole(kind, run)
			if v != 0 && v != 1 {
				return errors.New("a flag that is neither 0 nor 1")
			}
			dst = append(dst, uint8(v))
		}
		return nil
	})
	return dst, err
}

func (d *ubjsonDocument) integer() (int32, error) {
	kind, err := d.marker()
	if err != nil {
		return 0, err
	}
	size := lengthSize(kind)
	if size == 0 {
		return 0, d.fail("no integer: its marker is %q", kind)
	}
	b, err := d.take(size)
	if err != nil {
		return 0, d.wrap(err)
	}
	v := whole(kind, b)
	if v != int64(int32(v)) {
		return 0, d.fail("%d: %v", v, errInteger)
	}
	return int32(v), nil
}
