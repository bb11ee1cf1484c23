package dataset

import "bytes"

// delimiters are those that are found out by themselves, the likelier ones first.
const delimiters = ",;\t|"

// sniffed is how much of a text is looked at to find its delimiter.
const sniffed = 64 << 10

// delimiterOf finds what separates the cells of a text: the delimiter that cuts the most
// of the first lines into as many cells as the header has, at least two; among equals the
// one that makes the most cells. Delimiters inside quotes do not count. A comma if there
// is none.
func delimiterOf(text []byte) byte {
	best, bestLines, bestCells := byte(','), 0, 1
	for _, d := range []byte(delimiters) {
		cells, lines := 0, 0
		for n, rest := 0, text; n < 20 && len(rest) > 0; {
			var line []byte
			line, rest, _ = bytes.Cut(rest, []byte{'\n'})
			if len(rest) == 0 && n > 0 && len(text) >= sniffed {
				break // cut in its middle
			}
			if line = bytes.TrimSuffix(line, []byte{'\r'}); len(line) == 0 {
				continue
			}
			c := countCells(line, d)
			if n == 0 {
				cells = c
			}
			if c == cells {
				lines++
			}
			n++
		}
		if cells > 1 && (lines > bestLines || lines == bestLines && cells > bestCells) {
			best, bestLines, bestCells = d, lines, cells
		}
	}
	return best
}

// countCells counts the cells of a line with the delimiter d.
func countCells(line []byte, d byte) int {
	n, quoted := 1, false
	for _, b := range line {
		switch {
		case b == '"':
			quoted = !quoted
		case b == d && !quoted:
			n++
		}
	}
	return n
}
