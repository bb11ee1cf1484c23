package foreign

import (
	"unicode/utf16"
	"unicode/utf8"
)

func (d *jsonDocument) text() (string, error) {
	b, err := d.chars(maxText)
	return string(b), err
}

// chars takes a string of at most limit bytes; it is valid until the next call.
func (d *jsonDocument) chars(limit int) ([]byte, error) {
	if err := d.begin('"', "string"); err != nil {
		return nil, err
	}
	out := d.scratch[:0]
	for {
		b, err := d.next()
		if err != nil {
			return nil, d.wrap(err)
		}
		switch {
		case b == '"':
			d.scratch = out
			if !utf8.Valid(out) {
				return nil, d.fail("a string that is not UTF-8")
			}
			return out, nil
		case b < ' ':
			return nil, d.fail("a control character in a string")
		case b == '\\':
			if out, err = d.escape(out); err != nil {
				return nil, err
			}
		default:
			out = append(out, b)
		}
		if len(out) > limit {
			return nil, d.fail("a string of more than %d bytes", limit)
		}
	}
}

// escape appends what follows a backslash.
func (d *jsonDocument) escape(out []byte) ([]byte, error) {
	b, err := d.next()
	if err != nil {
		return nil, d.wrap(err)
	}
	switch b {
	case '"', '\\', '/':
		return append(out, b), nil
	case 'b':
		return append(out, '\b'), nil
	case 'f':
		return append(out, '\f'), nil
	case 'n':
		return append(out, '\n'), nil
	case 'r':
		return append(out, '\r'), nil
	case 't':
		return append(out, '\t'), nil
	case 'u':
		r, err := d.hex4()
		if err != nil {
			return nil, err
		}
		if !utf16.IsSurrogate(r) {
			return utf8.AppendRune(out, r), nil
		}
		if pair, err := d.take(2); err != nil || pair[0] != '\\' || pair[1] != 'u' {
			return nil, d.fail("half a surrogate pair in a string")
		}
		low, err := d.hex4()
		if err != nil {
			return nil, err
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return nil, d.fail("half a surrogate pair in a string")
		}
		return utf8.AppendRune(out, r), nil
	}
	return nil, d.fail(`\%c in a string`, b)
}

func (d *jsonDocument) hex4() (rune, error) {
	digits, err := d.take(4)
	if err != nil {
		return 0, d.wrap(err)
	}
	r := rune(0)
	for _, b := range digits {
		switch {
		case b >= '0' && b <= '9':
			r = r<<4 | rune(b-'0')
		case b|0x20 >= 'a' && b|0x20 <= 'f':
			r = r<<4 | rune(b|0x20-'a'+10)
		default:
			return 0, d.fail(`\u without four digits in a string`)
		}
	}
	return r, nil
}

// skipChars passes over a string.
func (d *jsonDocument) skipChars() error {
	d.pos++
	for range maxPassed {
		b, err := d.next()
		if err != nil {
			return d.wrap(err)
		}
		switch b {
		case '"':
			return nil
		case '\\':
			if _, err := d.next(); err != nil {
				return d.wrap(err)
			}
		}
	}
	return d.fail("a string of more than %d bytes", maxPassed)
}
