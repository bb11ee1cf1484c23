package foreign

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"unicode/utf8"
)

// ubjsonDocument is a document in UBJSON (draft 12), of which XGBoost writes: objects
// without count, arrays of one type with count, strings, integers, floats, booleans.
// Numbers are big endian.
type ubjsonDocument struct {
	source
	path
	depth int
	last  int64 // offset of the value that was read last
}

func isUBJSON(prefix []byte) bool {
	return len(prefix) >= 2 && prefix[0] == '{' && (prefix[1] == '}' || lengthSize(prefix[1]) > 0)
}

func readUBJSON(r *bufio.Reader) (*Model, error) {
	d := &ubjsonDocument{source: source{r: r}}
	x, err := readXGBoostDocument(d)
	if err != nil {
		return nil, err
	}
	d.last = d.offset()
	if _, err := d.next(); err == nil {
		return nil, d.fail("the file goes on behind the model")
	} else if !errors.Is(err, io.EOF) {
		return nil, d.wrap(err)
	}
	return x.model()
}

func (d *ubjsonDocument) fail(format string, args ...any) error { return d.at(d.last, format, args...) }

func (d *ubjsonDocument) wrap(err error) error {
	d.last = d.offset()
	return d.fail("%v", ended(err))
}

// marker takes the byte that says what kind of value follows.
func (d *ubjsonDocument) marker() (byte, error) {
	d.last = d.offset()
	b, err := d.next()
	if err != nil {
		return 0, d.wrap(err)
	}
	return b, nil
}

// expect takes a marker that must be want.
func (d *ubjsonDocument) expect(want byte, kind string) error {
	b, err := d.marker()
	if err == nil && b != want {
		err = d.fail("no %s: its marker is %q", kind, b)
	}
	return err
}

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

// length takes a length of what, at most limit.
func (d *ubjsonDocument) length(what string, limit int) (int, error) {
	kind, err := d.marker()
	if err != nil {
		return 0, err
	}
	size := lengthSize(kind)
	if size == 0 {
		return 0, d.fail("length of %s is of type %q", what, kind)
	}
	b, err := d.take(size)
	if err != nil {
		return 0, d.wrap(err)
	}
	n := whole(kind, b)
	if n < 0 || n > int64(limit) {
		return 0, d.fail("%s of length %d, allowed are 0 to %d", what, n, limit)
	}
	return int(n), nil
}

// chars takes n bytes, at most maxText, valid until the next call.
func (d *ubjsonDocument) chars(n int) ([]byte, error) {
	part, err := d.take(n)
	if err != nil {
		return nil, d.wrap(err)
	}
	if !utf8.Valid(part) {
		return nil, d.fail("a string that is not UTF-8")
	}
	return part, nil
}

func (d *ubjsonDocument) object(each func(key string) error) error {
	if err := d.expect('{', "object"); err != nil {
		return err
	}
	return d.members(each)
}

func (d *ubjsonDocument) enter() error {
	if d.depth++; d.depth > maxDepth {
		return d.fail("nested more than %d deep", maxDepth)
	}
	return nil
}

func (d *ubjsonDocument) members(each func(key string) error) error {
	if err := d.enter(); err != nil {
		return err
	}
	var keys keySet
	for {
		if err := d.fill(); err != nil {
			return d.wrap(err)
		}
		d.last = d.offset()
		if d.buf[d.pos] == '}' {
			d.pos++
			d.depth--
			return nil
		}
		n, err := d.length("a key", maxKey)
		if err != nil {
			return err
		}
		b, err := d.chars(n)
		if err != nil {
			return err
		}
		key := d.key(b)
		if isNew, ok := keys.add(key); !isNew {
			return d.fail("key %s stands twice", shown(key))
		} else if !ok {
			return d.fail("more than %d keys", maxKeys)
		}
		d.steps = append(d.steps, pathStep{key: key})
		if err := each(key); err != nil {
			return err
		}
		d.steps = d.steps[:len(d.steps)-1]
	}
}

func (d *ubjsonDocument) array(each func(i int) error) error {
	if err := d.expect('[', "array"); err != nil {
		return err
	}
	return d.elements(each)
}

// elements reads what follows the marker of an array without a type.
func (d *ubjsonDocument) elements(each func(i int) error) error {
	if err := d.enter(); err != nil {
		return err
	}
	kind, count, err := d.head(math.MaxInt32)
	if err != nil {
		return err
	}
	if kind != 0 {
		return d.fail("an array of numbers where one of other values belongs")
	}
	d.steps = append(d.steps, pathStep{})
	for i := 0; i != count; i++ {
		if count < 0 {
			end, err := d.closed()
			if err != nil {
				return err
			}
			if end {
				break
			}
		}
		d.steps[len(d.steps)-1].index = i
		if err := each(i); err != nil {
			return err
		}
	}
	d.steps = d.steps[:len(d.steps)-1]
	d.depth--
	return nil
}

// closed takes the bracket behind an array without count, if it is next.
func (d *ubjsonDocument) closed() (bool, error) {
	if err := d.fill(); err != nil {
		return false, d.wrap(err)
	}
	if d.buf[d.pos] != ']' {
		return false, nil
	}
	d.pos++
	return true, nil
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

func (d *ubjsonDocument) text() (string, error) {
	if err := d.expect('S', "string"); err != nil {
		return "", err
	}
	n, err := d.length("a string", maxText)
	if err != nil {
		return "", err
	}
	b, err := d.chars(n)
	return string(b), err
}

func (d *ubjsonDocument) skip() error {
	kind, err := d.marker()
	if err != nil {
		return err
	}
	switch kind {
	case '{':
		return d.members(func(string) error { return d.skip() })
	case '[':
		return d.skipArray()
	case 'S':
		n, err := d.length("a string", maxPassed)
		if err != nil {
			return err
		}
		return d.pass(int64(n))
	case 'T', 'F', 'Z':
		return nil
	}
	size := numberSize(kind)
	if size == 0 {
		return d.fail("unknown marker %q", kind)
	}
	return d.pass(int64(size))
}

func (d *ubjsonDocument) skipArray() error {
	if err := d.fill(); err != nil {
		return d.wrap(err)
	}
	if d.buf[d.pos] != '$' {
		return d.elements(func(int) error { return d.skip() })
	}
	kind, count, err := d.head(math.MaxInt32)
	if err != nil {
		return err
	}
	return d.pass(int64(numberSize(kind)) * int64(count))
}

// pass passes over n bytes.
func (d *ubjsonDocument) pass(n int64) error {
	for n > 0 {
		if err := d.fill(); err != nil {
			return d.wrap(err)
		}
		part := min(n, int64(len(d.buf)-d.pos))
		d.pos += int(part)
		n -= part
	}
	return nil
}
