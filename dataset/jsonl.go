package dataset

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// jsonRows reads JSON Lines as fm writes them: one object a line whose members are
// words, numbers, true, false or null, and objects of such (features), whose members
// count as the row's own. The columns are those of the first line; a later line may
// leave some out but add none. Arrays (explanations) are passed over.
type jsonRows struct {
	lines *lineReader
	first []byte // the first line, until next has given it
	names []string
	where map[string]int
	cells []jsonCell
	words []byte // unquoted words of the row
	hint  int    // column behind the last one found
	at    int
}

type jsonCell struct {
	text []byte // without quotes
	word bool   // was quoted, or true or false
}

func openJSON(lines *lineReader) (*jsonRows, error) {
	j := &jsonRows{lines: lines, where: map[string]int{}}
	line, err := lines.next(false)
	if err != nil {
		return nil, err
	}
	j.at = lines.line
	j.first = bytes.Clone(line)
	p := jsonParser{b: line}
	if err := p.object(0, func(name []byte, _ jsonCell) error {
		if _, twice := j.where[string(name)]; twice {
			return fmt.Errorf("member %q twice", name)
		}
		if len(j.names) == MaxColumns {
			return fmt.Errorf("more than %d columns", MaxColumns)
		}
		j.where[string(name)] = len(j.names)
		j.names = append(j.names, string(name))
		return nil
	}); err != nil {
		return nil, &placed{j.at, err}
	}
	j.cells = make([]jsonCell, len(j.names))
	return j, nil
}

func (j *jsonRows) header() []string  { return j.names }
func (j *jsonRows) place() string     { return strconv.Itoa(j.at) }
func (j *jsonRows) text(i int) []byte { return j.cells[i].text }

func (j *jsonRows) number(i int) (float64, bool) {
	if j.cells[i].word && len(j.cells[i].text) > 0 {
		return 0, false
	}
	return parseNumber(j.cells[i].text)
}

func (j *jsonRows) next() error {
	line := j.first
	for j.first = nil; len(trim(line)) == 0; {
		var err error
		if line, err = j.lines.next(false); err != nil {
			return err
		}
		j.at = j.lines.line
	}
	clear(j.cells)
	j.hint = 0
	p := jsonParser{b: line, free: j.words[:0]}
	err := p.object(0, func(name []byte, c jsonCell) error {
		i := j.hint
		if i >= len(j.names) || j.names[i] != string(name) {
			var ok bool
			if i, ok = j.where[string(name)]; !ok {
				return fmt.Errorf("member %q is not in the first line", name)
			}
		}
		j.hint = i + 1
		j.cells[i] = c
		return nil
	})
	if j.words = p.free; err != nil {
		return &placed{j.at, err}
	}
	return nil
}

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
				if err := p.skip(); err != nil {
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

// skip passes over an array of anything.
func (p *jsonParser) skip() error {
	d := json.NewDecoder(bytes.NewReader(p.b[p.i:]))
	var raw json.RawMessage
	if d.Decode(&raw) != nil {
		return errJSON
	}
	p.i += int(d.InputOffset())
	return nil
}

func (p *jsonParser) value() (jsonCell, error) {
	if p.b[p.i] == '"' {
		w, err := p.word()
		return jsonCell{w, true}, err
	}
	start := p.i
	for p.i < len(p.b) && !strings.ContainsRune(",}] \t\r{[\"", rune(p.b[p.i])) {
		p.i++
	}
	b := p.b[start:p.i]
	switch string(b) {
	case "null":
		return jsonCell{}, nil
	case "true", "false":
		return jsonCell{b, true}, nil
	}
	if !json.Valid(b) {
		return jsonCell{}, errJSON
	}
	return jsonCell{text: b}, nil
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
