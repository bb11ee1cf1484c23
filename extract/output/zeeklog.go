package output

import (
	"strings"
	"unicode/utf8"

	"fm/extract/feature"
)

// zeekLog is the style of Zeek's ASCII logs: lines that start with # say what the columns
// are, cells have a tab between, elements of lists a comma. Cells write their own "-" for
// what does not exist and "(empty)" for an empty text.
//
// Zeek writes the wall clock at #open and #close. The same input is to give the same bytes
// here, so they are times of the packets: #open that of the last packet of the file's first
// flow, #close that of the last packet of all its flows; 1970 in a log without rows. Both
// in UTC, where Zeek writes its local time.
type zeekLog struct {
	path  string // as #path names the log
	types []feature.CellType
}

func (z zeekLog) first(dst []byte, names []string, t int64) []byte {
	dst = append(dst, "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t"...)
	dst = append(append(dst, z.path...), "\n#open\t"...)
	dst = append(append(appendZeekTime(dst, t), "\n#fields\t"...), strings.Join(names, "\t")...)
	dst = append(dst, "\n#types"...)
	for _, typ := range z.types {
		if typ == feature.TypeNumber {
			typ = feature.TypeDouble
		}
		dst = append(append(dst, '\t'), typ...)
	}
	return append(dst, '\n')
}

// appendZeekTime writes t as 2026-01-02-03-04-05, cut to seconds.
func appendZeekTime(dst []byte, t int64) []byte {
	n := len(dst)
	dst = appendTime(dst, t)[:n+len("2026-01-02-03-04-05")]
	dst[n+10], dst[n+13], dst[n+16] = '-', '-', '-'
	return dst
}

func (z zeekLog) begin(dst []byte, i int) []byte {
	if i > 0 {
		dst = append(dst, '\t')
	}
	return dst
}

func (z zeekLog) value(dst []byte, at int, typ feature.CellType) ([]byte, bool) {
	if typ == feature.TypeList && string(dst[at:]) != "-" {
		dst = appendNumbers(dst, at, ',')
	}
	if len(dst) == at {
		if typ == feature.TypeString || typ == feature.TypeList {
			return append(dst, "(empty)"...), true
		}
		return append(dst, '-'), true
	}
	for _, b := range dst[at:] {
		if b < ' ' { // would end the cell
			n := len(dst)
			dst = appendZeek(dst, string(dst[at:]))
			return append(dst[:at], dst[n:]...), true
		}
	}
	return dst, true
}

func (z zeekLog) word(dst []byte, label string) []byte {
	switch label {
	case "":
		return append(dst, '-')
	case "-", "(empty)": // as text
		const hex = "0123456789abcdef"
		return append(append(dst, '\\', 'x', hex[label[0]>>4], hex[label[0]&15]), label[1:]...)
	}
	return appendZeek(dst, label)
}

func (z zeekLog) close(dst []byte, _ int) []byte { return append(dst, '\n') }

// appendZeek writes s with \x and two digits for bytes that are no printable text, and two
// backslashes for one.
func appendZeek(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	for i := 0; i < len(s); {
		if b := s[i]; b < utf8.RuneSelf {
			i++
			switch {
			case b == '\\':
				dst = append(dst, '\\', '\\')
			case b < ' ' || b == 0x7f:
				dst = append(dst, '\\', 'x', hex[b>>4], hex[b&15])
			default:
				dst = append(dst, b)
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			dst = append(dst, '\\', 'x', hex[s[i]>>4], hex[s[i]&15])
		} else {
			dst = append(dst, s[i:i+n]...)
		}
		i += n
	}
	return dst
}

// zeekText is a log in that style.
type zeekText struct{ *toolText }

func (z zeekText) footer(dst []byte, t int64) []byte {
	return append(appendZeekTime(append(dst, "#close\t"...), t), '\n')
}

// appendNumbers turns the numbers of a list, dst from at on, into ones with sep between:
// tools write blanks or commas, and brackets or quotes around.
func appendNumbers(dst []byte, at int, sep byte) []byte {
	n, between := at, false
	for _, b := range dst[at:] {
		switch {
		case b <= ' ' || b == ',' || b == ';' || b == '[' || b == ']' || b == '"':
			between = true
		default:
			if between && n > at {
				dst[n] = sep // at most as many as there were
				n++
			}
			between = false
			dst[n] = b
			n++
		}
	}
	return dst[:n]
}
