package dataset

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// columnNames makes the names of columns from the cells of a header, as pandas does: the
// second column called name becomes name.1, the third name.2, names that the header has
// itself left out; one without a name, such as the index that pandas writes, becomes
// Unnamed: 0 by its place. Blanks around names do not count. Bytes that are no UTF-8
// become U+FFFD.
func columnNames(cells []string) []string {
	names := make([]string, len(cells))
	has := make(map[string]bool, len(cells))
	for i, name := range cells {
		name = strings.ToValidUTF8(strings.TrimSpace(name), "\ufffd")
		if name == "" {
			name = "Unnamed: " + strconv.Itoa(i)
		}
		names[i], has[name] = name, true
	}
	count := make(map[string]int, len(cells))
	for i, first := range names {
		for n := count[first]; n > 0; n++ {
			if name := first + "." + strconv.Itoa(n); !has[name] {
				names[i], has[name], count[first] = name, true, n
				break
			}
		}
		count[first]++
	}
	return names
}

// numberedNames are the names of the columns of a table without a header: f0, f1 and so on.
func numberedNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = "f" + strconv.Itoa(i)
	}
	return names
}

// looksHeadless tells whether a header holds values rather than names: most of them are
// numbers, and not just the places that pandas writes for a table without names (0, 1, 2).
func looksHeadless(names []string) bool {
	numbers, places := 0, 0
	for i, name := range names {
		if v, ok := parseNumber([]byte(name)); ok && v == v {
			numbers++
			if v == float64(i) || v == float64(i+1) {
				places++
			}
		}
	}
	return 2*numbers > len(names) && places < len(names)
}

// valid gives text as UTF-8; what is none becomes U+FFFD in a copy.
func valid(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	return bytes.ToValidUTF8(text, []byte("\ufffd"))
}
