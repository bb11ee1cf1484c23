package dataset

import (
	"fmt"
	"strconv"
)

// jsonRows reads JSON Lines as fm and Zeek write them: one object a line whose members are
// words, numbers, true, false, null or lists of such, and objects of them (features),
// whose members count as the row's own. Lists of objects (explanations) are passed over.
//
// The columns of a table with a card are those of the first line; of a foreign one those
// of the first [Lookahead] lines, for Zeek leaves out what has no value. A later line may
// leave some out. New members in it are an error of a table with a card; of a foreign one
// they are passed over and counted.
type jsonRows struct {
	lines   *lineReader
	begin   mark
	foreign bool
	names   []string
	where   map[string]int
	cells   []jsonCell
	words   []byte // unquoted words of the row
	hint    int    // column behind the last one found
	late    uint64 // members passed over
	lateTo  string // name of the first of them
}

type jsonCell struct {
	text []byte // without quotes
	word bool   // was quoted, or true, false or a list
	seen bool
}

func openJSON(lines *lineReader, foreign bool) (*jsonRows, error) {
	j := &jsonRows{lines: lines, foreign: foreign, where: map[string]int{}, begin: lines.mark()}
	p := jsonParser{}
	for n := 0; n < Lookahead && lines.holds() <= MaxLine; n++ {
		line, err := lines.next()
		if n == 0 && err != nil {
			return nil, err
		} else if err != nil {
			break // it comes back when the rows are read
		}
		if len(trim(line)) == 0 {
			continue
		}
		first := n == 0
		p = jsonParser{b: line, free: p.free[:0]}
		err = p.object(0, func(name []byte, _ jsonCell) error {
			if _, ok := j.where[string(name)]; ok {
				if first {
					return fmt.Errorf("member %q twice", name)
				}
				return nil
			}
			if len(j.names) == MaxColumns {
				return fmt.Errorf("more than %d columns", MaxColumns)
			}
			j.where[string(name)] = len(j.names)
			j.names = append(j.names, string(name))
			return nil
		})
		if first && err != nil {
			return nil, &placed{line: lines.line, err: err}
		}
		if !foreign {
			break
		}
	}
	lines.back(j.begin)
	j.cells = make([]jsonCell, len(j.names))
	return j, nil
}

func (j *jsonRows) header() []string  { return j.names }
func (j *jsonRows) kinds() []kind     { return nil }
func (j *jsonRows) place() string     { return strconv.Itoa(j.lines.first) }
func (j *jsonRows) text(i int) []byte { return j.cells[i].text }
func (j *jsonRows) release()          { j.lines.free() }
func (j *jsonRows) held() int         { return j.lines.holds() }

func (j *jsonRows) back() {
	j.lines.back(j.begin)
	j.late = 0
}

func (j *jsonRows) number(i int) (float64, bool) {
	if j.cells[i].word && len(j.cells[i].text) > 0 {
		return 0, false
	}
	return parseNumber(j.cells[i].text)
}

func (j *jsonRows) next() error {
	for {
		line, err := j.lines.next()
		if err != nil {
			return err
		}
		if len(trim(line)) > 0 {
			return j.parse(line)
		}
	}
}

func (j *jsonRows) parse(line []byte) error {
	clear(j.cells)
	j.hint = 0
	p := jsonParser{b: line, free: j.words[:0]}
	err := p.object(0, j.member)
	if j.words = p.free; err != nil {
		return &placed{line: j.lines.first, cause: BadObject, err: err}
	}
	return nil
}

func (j *jsonRows) member(name []byte, c jsonCell) error {
	i := j.hint
	if i >= len(j.names) || j.names[i] != string(name) {
		var ok bool
		if i, ok = j.where[string(name)]; !ok {
			if !j.foreign {
				return fmt.Errorf("member %q is not in the first line", name)
			}
			if j.late == 0 {
				j.lateTo = string(name)
			}
			j.late++
			return nil
		}
	}
	if j.cells[i].seen {
		return fmt.Errorf("member %q twice", name)
	}
	j.hint = i + 1
	c.seen = true
	j.cells[i] = c
	return nil
}
