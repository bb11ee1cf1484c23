package output

import (
	"bytes"
	"math"
	"strconv"

	"fm/extract/feature"
)

// members is the style of JSON Lines: an object a line, whose members are the tool's columns
// by its names. Numbers are numbers, lists of numbers arrays, all else strings. As in Zeek's
// JSON logs, a member whose cell is "-" is left out. Infinities and NaN, for which JSON has
// no word, and empty cells are null.
type members struct {
	keys [][]byte // ,"name": of each column
}

func newMembers(names []string) style {
	m := members{}
	for _, name := range names {
		m.keys = append(m.keys, append(appendJSON([]byte{','}, name), ':'))
	}
	return m
}

func (m members) first(dst []byte, _ []string, _ int64) []byte { return dst }
func (m members) begin(dst []byte, i int) []byte               { return append(dst, m.keys[i]...) }

func (m members) value(dst []byte, at int, typ feature.CellType) ([]byte, bool) {
	text := dst[at:]
	if len(text) == 1 && text[0] == '-' {
		return dst, false
	}
	if typ == feature.TypeList {
		dst = appendNumbers(dst, at, ',')
		return appendArray(dst, at), true
	}
	if n := len(text); n > 1 && text[0] == '"' && text[n-1] == '"' { // quoted for CSV
		dst = append(dst[:at], bytes.ReplaceAll(text[1:n-1], []byte(`""`), []byte(`"`))...)
		text = dst[at:]
	}
	word := typ == feature.TypeString || typ == feature.TypeAddr || typ == feature.TypeEnum
	switch {
	case string(text) == "(empty)" && word:
		return append(dst[:at], `""`...), true
	case len(text) == 0:
		return append(dst, "null"...), true
	case typ == feature.TypeBool && len(text) == 1:
		return strconv.AppendBool(dst[:at], text[0] == 'T' || text[0] == '1'), true
	case !word && plainNumber(text):
		return dst, true
	}
	if !word {
		if x, err := strconv.ParseFloat(string(text), 64); err == nil || math.IsInf(x, 0) {
			return appendNumber(dst[:at], x), true
		}
	}
	n := len(dst)
	dst = appendJSON(dst, string(text))
	return append(dst[:at], dst[n:]...), true
}

// plainNumber tells whether text is a number as JSON writes it, without an exponent.
func plainNumber(text []byte) bool {
	if text[0] == '-' {
		text = text[1:]
	}
	digits := func() (n int) {
		for n < len(text) && text[n] >= '0' && text[n] <= '9' {
			n++
		}
		return n
	}
	n := digits()
	if n == 0 || n > 1 && text[0] == '0' {
		return false
	}
	if text = text[n:]; len(text) == 0 {
		return true
	}
	if text[0] != '.' {
		return false
	}
	text = text[1:]
	n = digits()
	return n > 0 && n == len(text)
}

// appendNumber writes x, null if it is none for JSON.
func appendNumber(dst []byte, x float64) []byte {
	if x-x != 0 {
		return append(dst, "null"...)
	}
	return appendFloat(dst, x)
}

// appendArray makes an array of the numbers in dst from at on, which have commas between.
func appendArray(dst []byte, at int) []byte {
	n := len(dst)
	dst = append(dst, '[')
	for from := at; from < n; {
		to := n
		if i := bytes.IndexByte(dst[from:n], ','); i >= 0 {
			to = from + i
		}
		if from > at {
			dst = append(dst, ',')
		}
		if plainNumber(dst[from:to]) {
			dst = append(dst, dst[from:to]...)
		} else if x, err := strconv.ParseFloat(string(dst[from:to]), 64); err == nil {
			dst = appendNumber(dst, x)
		} else {
			dst = append(dst, "null"...)
		}
		from = to + 1
	}
	dst = append(dst, ']')
	return append(dst[:at], dst[n:]...)
}

func (m members) word(dst []byte, label string) []byte {
	if label == "" {
		return append(dst, "null"...)
	}
	return appendJSON(dst, label)
}

// close puts the brace in the place of the first comma.
func (m members) close(dst []byte, from int) []byte {
	if len(dst) == from {
		dst = append(dst, '{')
	}
	dst[from] = '{'
	return append(dst, '}', '\n')
}
