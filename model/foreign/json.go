package foreign

import (
	"bufio"
	"errors"
	"io"
	"strconv"
)

// jsonDocument is a document in JSON, strictly by RFC 8259 but for the words NaN and
// Infinity, which XGBoost writes.
type jsonDocument struct {
	source
	path
	depth   int
	last    int64  // offset of the value that was read last
	scratch []byte // of tokens across two pieces, and of strings
}

func isJSON(prefix []byte) bool {
	i := 0
	for i < len(prefix) && blank(prefix[i]) {
		i++
	}
	if i == len(prefix) || prefix[i] != '{' {
		return false
	}
	for i++; i < len(prefix) && blank(prefix[i]); i++ {
	}
	return i == len(prefix) || prefix[i] == '"' || prefix[i] == '}'
}

func blank(b byte) bool { return b == ' ' || b == '\n' || b == '\r' || b == '\t' }

func readJSON(r *bufio.Reader) (*Model, error) {
	d := &jsonDocument{source: source{r: r}}
	x, err := readXGBoostDocument(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.peek(); err == nil {
		return nil, d.fail("the file goes on behind the model")
	} else if !errors.Is(err, io.EOF) {
		return nil, d.wrap(err)
	}
	return x.model()
}

func (d *jsonDocument) fail(format string, args ...any) error { return d.at(d.last, format, args...) }

func (d *jsonDocument) wrap(err error) error {
	d.last = d.offset()
	return d.fail("%v", ended(err))
}

// peek passes over blanks and returns the byte behind them without taking it.
func (d *jsonDocument) peek() (byte, error) {
	for blanks := 0; blanks <= maxBlanks; {
		for d.pos < len(d.buf) {
			b := d.buf[d.pos]
			if !blank(b) {
				d.last = d.offset()
				return b, nil
			}
			d.pos++
			blanks++
		}
		if err := d.fill(); err != nil {
			d.last = d.offset()
			return 0, err
		}
	}
	return 0, errors.New("too many blanks")
}

// begin takes the byte that begins a value of a kind.
func (d *jsonDocument) begin(want byte, kind string) error {
	b, err := d.peek()
	if err != nil {
		return d.wrap(err)
	}
	if b != want {
		return d.fail("no %s: it begins with %q", kind, b)
	}
	d.pos++
	return nil
}

// more reports whether element i of an array or object follows, and takes the comma
// before it or the bracket behind the last one.
func (d *jsonDocument) more(i int, closing byte) (bool, error) {
	b, err := d.peek()
	if err != nil {
		return false, d.wrap(err)
	}
	if b == closing {
		d.pos++
		return false, nil
	}
	if i == 0 {
		return true, nil
	}
	if b != ',' {
		return false, d.fail("%q where a comma or %q belongs", b, closing)
	}
	d.pos++
	return true, nil
}

func (d *jsonDocument) enter() error {
	if d.depth++; d.depth > maxDepth {
		return d.fail("nested more than %d deep", maxDepth)
	}
	return nil
}

func (d *jsonDocument) object(each func(key string) error) error {
	if err := d.begin('{', "object"); err != nil {
		return err
	}
	if err := d.enter(); err != nil {
		return err
	}
	var keys keySet
	for i := 0; ; i++ {
		ok, err := d.more(i, '}')
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		b, err := d.chars(maxKey)
		if err != nil {
			return err
		}
		key := d.key(b)
		if isNew, ok := keys.add(key); !isNew {
			return d.fail("key %s stands twice", shown(key))
		} else if !ok {
			return d.fail("more than %d keys", maxKeys)
		}
		if err := d.begin(':', "colon behind a key"); err != nil {
			return err
		}
		d.steps = append(d.steps, pathStep{key: key})
		if err := each(key); err != nil {
			return err
		}
		d.steps = d.steps[:len(d.steps)-1]
	}
	d.depth--
	return nil
}

func (d *jsonDocument) array(each func(i int) error) error {
	if err := d.begin('[', "array"); err != nil {
		return err
	}
	if err := d.enter(); err != nil {
		return err
	}
	d.steps = append(d.steps, pathStep{})
	for i := 0; ; i++ {
		ok, err := d.more(i, ']')
		if err != nil {
			return err
		}
		if !ok {
			break
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

// words calls each for every element of an array of numbers or bare words.
func (d *jsonDocument) words(limit int, each func(word []byte) error) error {
	if err := d.begin('[', "array"); err != nil {
		return err
	}
	for i := 0; ; i++ {
		var word []byte
		if i > 0 {
			word = d.nextWord()
		}
		if word == nil {
			ok, err := d.more(i, ']')
			if err != nil || !ok {
				return err
			}
			if word, err = d.word(); err != nil {
				return err
			}
		}
		if i == limit {
			return d.fail("more than %d elements", limit)
		}
		if err := each(word); err != nil {
			d.last = d.offset() - int64(len(word))
			return d.fail("element %d is %s: %v", i, shown(string(word)), err)
		}
	}
}

// nextWord takes a comma and the word right behind it, as most elements lie in files;
// nil means to look closer.
func (d *jsonDocument) nextWord() []byte {
	if d.pos >= len(d.buf) || d.buf[d.pos] != ',' {
		return nil
	}
	for i := d.pos + 1; i < len(d.buf); i++ {
		if !wordBytes[d.buf[i]] {
			word := d.buf[d.pos+1 : i]
			if len(word) == 0 {
				return nil
			}
			d.pos = i
			return word
		}
	}
	return nil
}

// word takes a number or a bare word.
func (d *jsonDocument) word() ([]byte, error) {
	if _, err := d.peek(); err != nil {
		return nil, d.wrap(err)
	}
	for i := d.pos; i < len(d.buf); i++ {
		if !wordBytes[d.buf[i]] {
			word := d.buf[d.pos:i]
			d.pos = i
			if len(word) == 0 {
				return nil, d.fail("%q where a number belongs", d.buf[i])
			}
			return word, nil
		}
	}
	d.scratch = d.scratch[:0] // the word goes on in the next piece
	for {
		if err := d.fill(); err != nil {
			return nil, d.wrap(err)
		}
		b := d.buf[d.pos]
		if !wordBytes[b] {
			return d.scratch, nil
		}
		if d.scratch = append(d.scratch, b); len(d.scratch) > 256 {
			return nil, d.fail("a number of more than 256 characters")
		}
		d.pos++
	}
}

// wordBytes are those of numbers and bare words.
var wordBytes = func() (set [256]bool) {
	for _, b := range []byte("0123456789+-.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		set[b] = true
	}
	return set
}()

func (d *jsonDocument) floats(dst []float32, limit int) ([]float32, error) {
	dst = dst[:0]
	err := d.words(limit, func(word []byte) error {
		v, err := parseFloat32(word)
		dst = append(dst, v)
		return err
	})
	return dst, err
}

var errInteger = errors.New("not an integer of 32 bits")

func parseInt32(word []byte) (int32, error) {
	v, ok := parseDecimal(word)
	if !ok || !v.whole || v.digits > 10 || v.mantissa > 1<<31-1 {
		return 0, errInteger
	}
	if v.negative {
		return -int32(v.mantissa), nil
	}
	return int32(v.mantissa), nil
}

func (d *jsonDocument) ints(dst []int32, limit int) ([]int32, error) {
	dst = dst[:0]
	err := d.words(limit, func(word []byte) error {
		v, err := parseInt32(word)
		dst = append(dst, v)
		return err
	})
	return dst, err
}

func (d *jsonDocument) longs(dst []int64, limit int) ([]int64, error) {
	dst = dst[:0]
	err := d.words(limit, func(word []byte) error {
		if v, ok := parseDecimal(word); !ok || !v.whole {
			return errors.New("not an integer")
		}
		v, err := strconv.ParseInt(string(word), 10, 64)
		dst = append(dst, v)
		return err
	})
	return dst, err
}

func (d *jsonDocument) flags(dst []uint8, limit int) ([]uint8, error) {
	dst = dst[:0]
	err := d.words(limit, func(word []byte) error {
		switch string(word) {
		case "0", "false":
			dst = append(dst, 0)
		case "1", "true":
			dst = append(dst, 1)
		default:
			return errors.New("neither 0 nor 1")
		}
		return nil
	})
	return dst, err
}

func (d *jsonDocument) integer() (int32, error) {
	word, err := d.word()
	if err != nil {
		return 0, err
	}
	v, err := parseInt32(word)
	if err != nil {
		return 0, d.fail("%s: %v", shown(string(word)), err)
	}
	return v, nil
}

func (d *jsonDocument) skip() error {
	b, err := d.peek()
	if err != nil {
		return d.wrap(err)
	}
	switch b {
	case '{':
		return d.object(func(string) error { return d.skip() })
	case '[':
		return d.array(func(int) error { return d.skip() })
	case '"':
		return d.skipChars()
	}
	word, err := d.word()
	if err != nil {
		return err
	}
	switch string(word) {
	case "true", "false", "null":
		return nil
	}
	if _, err := parseFloat32(word); err != nil && !errors.Is(err, errRange) {
		return d.fail("%s: %v", shown(string(word)), err)
	}
	return nil
}
