package foreign

import (
	"fmt"
	"strconv"
	"strings"
)

// document reads a tree of objects, arrays and values from front to back, without
// holding it: what JSON and UBJSON have in common. Each method reads one value and fails
// if the next one is of another kind; errors name byte and path.
type document interface {
	// object calls each for every key, which must read its value. No key comes twice.
	object(each func(key string) error) error
	// array calls each for every element, which must read it.
	array(each func(i int) error) error
	// ints, longs and floats read an array of numbers, at most limit, into dst[:0].
	ints(dst []int32, limit int) ([]int32, error)
	longs(dst []int64, limit int) ([]int64, error)
	floats(dst []float32, limit int) ([]float32, error)
	// flags reads an array of 0 and 1, or false and true.
	flags(dst []uint8, limit int) ([]uint8, error)
	integer() (int32, error)
	// text reads a string of at most maxText bytes of UTF-8.
	text() (string, error)
	// skip passes over a value of any kind.
	skip() error
	// fail is an error at the place that was read last.
	fail(format string, args ...any) error
}

// Limits on documents.
const (
	maxDepth  = 64      // of nested objects and arrays
	maxText   = 1 << 16 // bytes of a string that is kept
	maxBlanks = 1 << 20 // in a row
	maxKeys   = 1 << 12 // of an object
	maxKey    = 1 << 10 // bytes of a key
	maxPassed = 1 << 26 // bytes of a string that is passed over
)

// path is the way from the root of a document to what is being read.
type path struct {
	steps []pathStep
	keys  map[string]string // each key that was met, so that the next one like it costs nothing
}

type pathStep struct {
	key   string // of an object, or
	index int    // of an array
}

func (p *path) String() string {
	var b strings.Builder
	for i, s := range p.steps {
		if i == 12 {
			return b.String() + "…"
		}
		switch {
		case s.key == "":
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case i > 0:
			b.WriteString("." + shown(s.key))
		default:
			b.WriteString(shown(s.key))
		}
	}
	return b.String()
}

// shown is a key as it stands in messages: quoted if it is odd, cut if it is long.
func shown(key string) string {
	const most = 64
	if len(key) > most {
		key = key[:most] + "…"
	}
	if q := strconv.Quote(key); q != `"`+key+`"` {
		return q
	}
	return key
}

// key returns b as a string.
func (p *path) key(b []byte) string {
	if k, ok := p.keys[string(b)]; ok {
		return k
	}
	k := string(b)
	if p.keys == nil {
		p.keys = map[string]string{}
	}
	if len(p.keys) < 256 {
		p.keys[k] = k
	}
	return k
}

// at is an error at a byte of the document.
func (p *path) at(offset int64, format string, args ...any) error {
	where := "byte " + strconv.FormatInt(offset, 10)
	if len(p.steps) > 0 {
		where += ", " + p.String()
	}
	return fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...))
}

// keySet finds keys that come twice.
type keySet struct {
	few  []string
	many map[string]bool
}

// add reports whether key is new, and false if there are too many.
func (s *keySet) add(key string) (isNew, ok bool) {
	const few = 32
	if s.many != nil {
		if s.many[key] {
			return false, true
		}
		s.many[key] = true
		return true, len(s.many) <= maxKeys
	}
	for _, k := range s.few {
		if k == key {
			return false, true
		}
	}
	if s.few = append(s.few, key); len(s.few) == few {
		s.many = map[string]bool{}
		for _, k := range s.few {
			s.many[k] = true
		}
	}
	return true, true
}
