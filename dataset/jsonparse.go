package dataset

import (
	"encoding/json"
	"errors"
	"strings"
)

// jsonParser reads one object.
type jsonParser struct {
	b    []byte
	i    int
	free []byte // words that had escapes
}

var errJSON = errors.New("not a JSON object of words, numbers and objects of these")

func (p *jsonParser) blank() {
	for p.i < len(p.b) && (p.b[p.i] == ' ' || p.b[p.i] == '\t' || p.b[p.i] == '\r') {
		p.i++
	}
}

func (p *jsonParser) is(c byte) bool {
	p.blank()
	if p.i < len(p.b) && p.b[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *jsonParser) object(depth int, member func(name []byte, c jsonCell) error) error {
	if !p.is('{') {
		return errJSON
	}
	if !p.is('}') {
		for {
			p.blank()
			name, err := p.word()
			if err != nil || !p.is(':') {
				return errJSON
			}
			p.blank()
			if p.i == len(p.b) {
				return errJSON
			}
			switch c := p.b[p.i]; {
			case c == '{' && depth == 0:
				if err := p.object(1, member); err != nil {
					return err
				}
			case c == '[':
				list, flat, err := p.array()
				if err != nil {
					return err
				}
				if !flat {
					break
				}
				if err := member(name, jsonCell{text: list, word: true}); err != nil {
					return err
				}
			default:
				cell, err := p.value()
				if err != nil {
					return err
				}
				if err := member(name, cell); err != nil {
					return err
				}
			}
			if p.is(',') {
				continue
			}
			if p.is('}') {
				break
			}
			return errJSON
		}
	}
	if p.blank(); depth == 0 && p.i != len(p.b) {
		return errJSON
	}
	return nil
}

// array passes over an array of anything and returns its text; flat means that no array
// or object is in it.
func (p *jsonParser) array() (text []byte, flat bool, err error) {
	start, depth := p.i, 0
	flat = true
	for ; p.i < len(p.b); p.i++ {
		switch p.b[p.i] {
		case '"':
			for p.i++; p.i < len(p.b) && p.b[p.i] != '"'; p.i++ {
				if p.b[p.i] == '\\' {
					p.i++
				}
			}
		case '[', '{':
			flat = flat && depth == 0
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				p.i++
				if text = p.b[start:p.i]; json.Valid(text) {
					return text, flat, nil
				}
				return nil, false, errJSON
			}
		}
	}
	return nil, false, errJSON
}

// value reads a word, a number, true, false or null; also NaN and Infinity, which Python writes.
func (p *jsonParser) value() (jsonCell, error) {
	if p.b[p.i] == '"' {
		w, err := p.word()
		return jsonCell{text: w, word: true}, err
	}
	start := p.i
	for p.i < len(p.b) && strings.IndexByte(",}] \t\r{[\"", p.b[p.i]) < 0 {
		p.i++
	}
	b := p.b[start:p.i]
	switch string(b) {
	case "null":
		return jsonCell{}, nil
	case "true", "false":
		return jsonCell{text: b, word: true}, nil
	case "NaN", "Infinity", "-Infinity":
		return jsonCell{text: b}, nil
	}
	if !isJSONNumber(b) {
		return jsonCell{}, errJSON
	}
	return jsonCell{text: b}, nil
}

// isJSONNumber checks the grammar of RFC 8259, section 6.
func isJSONNumber(b []byte) bool {
	digits := func() bool {
		n := 0
		for n < len(b) && b[n]-'0' <= 9 {
			n++
		}
		b = b[n:]
		return n > 0
	}
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	if len(b) > 0 && b[0] == '0' {
		b = b[1:]
	} else if !digits() {
		return false
	}
	if len(b) > 0 && b[0] == '.' {
		if b = b[1:]; !digits() {
			return false
		}
	}
	if len(b) > 0 && b[0]|0x20 == 'e' {
		if b = b[1:]; len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		return digits() && len(b) == 0
	}
	return len(b) == 0
}

// word reads a quoted string; with escapes it is copied.
func (p *jsonParser) word() ([]byte, error) {
	if p.i == len(p.b) || p.b[p.i] != '"' {
		return nil, errJSON
	}
	start := p.i
	for p.i++; p.i < len(p.b); p.i++ {
		switch p.b[p.i] {
		case '"':
			p.i++
			return p.b[start+1 : p.i-1], nil
		case '\\':
			for p.i += 2; p.i < len(p.b) && p.b[p.i] != '"'; p.i++ {
				if p.b[p.i] == '\\' {
					p.i++
				}
			}
			if p.i >= len(p.b) {
				return nil, errJSON
			}
			p.i++
			var s string
			if json.Unmarshal(p.b[start:p.i], &s) != nil {
				return nil, errJSON
			}
			n := len(p.free)
			p.free = append(p.free, s...)
			return p.free[n:len(p.free):len(p.free)], nil
		}
	}
	return nil, errJSON
}
