package foreign

import (
	"bufio"
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
