package output

import (
	"strconv"
	"unicode/utf8"

	"fm/dataset"
	"fm/extract"
	"fm/extract/flow"
)

// tableText writes records as aligned lines for people: start, both ends, protocol,
// packets, why the flow was over, score and verdict. Nothing that is written can move
// a terminal's cursor: all of it is numbers and our own words but class names, whose
// control characters are replaced.
type tableText struct {
	*layout
	scores bool // score and verdict are among the columns
}

// Widths of the columns; an IPv6 end may push its line to the right.
const (
	wideTime, wideEnd, wideProto, widePackets, wideReason, wideScore = 19, 21, 5, 8, 7, 7
)

func (t tableText) header(dst []byte, _ int64) []byte {
	dst = left(dst, 0, "start (UTC)", wideTime)
	dst = left(dst, 0, "from", wideEnd)
	dst = left(dst, 0, "to", wideEnd)
	dst = left(dst, 0, "proto", wideProto)
	dst = right(dst, "packets", widePackets)
	if !t.scores {
		return append(dst, "ended\n"...)
	}
	dst = left(dst, 0, "ended", wideReason)
	dst = right(dst, "score", wideScore)
	if t.explain == nil {
		return append(dst, "verdict\n"...)
	}
	return append(left(dst, 0, "verdict", t.wideVerdict()), "why\n"...)
}

// Append implements [extract.Renderer].
func (t tableText) Append(dst []byte, r *extract.Record, _ *flow.View) []byte {
	var b [64]byte
	stamp := appendTime(b[:0], r.Flow.Start)
	stamp[10] = ' '
	dst = append(append(dst, stamp[:wideTime]...), "  "...)
	addr, port := r.Src()
	dst = t.end(dst, addr, port, r)
	addr, port = r.Dst()
	dst = t.end(dst, addr, port, r)
	dst = left(dst, 0, protocol(r.Flow.Key.Proto), wideProto)
	n := len(dst)
	dst = appendUint(dst, r.Flow.Packets())
	dst = shift(dst, n, widePackets)
	return left(dst, 0, r.Flow.Reason.String(), wideReason)
}

func (t tableText) line(dst, text []byte, r *extract.Record) []byte {
	dst = append(dst, text...)
	if r.Scored {
		n := len(dst)
		dst = strconv.AppendFloat(dst, r.Score, 'f', 4, 64)
		dst = shift(dst, n, wideScore)
		n = len(dst)
		dst = append(dst, verdict(r)...)
		if len(t.classes) > 2 && r.Class > 0 {
			dst = append(appendPrintable(append(dst, " ("...), t.class(r)), ')')
		}
		if t.explain != nil {
			dst = left(dst, utf8.RuneCount(dst[n:]), "", t.wideVerdict())
			dst = t.explain.appendPhrases(dst, r.Reasons)
		}
	}
	for len(dst) > 0 && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	return append(dst, '\n')
}

// wideVerdict is how wide the column of verdicts is.
func (t tableText) wideVerdict() int {
	wide := 0
	if len(t.classes) > 2 {
		for _, c := range t.classes {
			wide = max(wide, utf8.RuneCountInString(c)+len(" ()"))
		}
	}
	return len(dataset.Malicious) + wide
}

func appendPrintable(dst []byte, s string) []byte {
	for _, c := range s {
		dst = utf8.AppendRune(dst, Printable(c))
	}
	return dst
}

// Printable is c, or the replacement character for what would move a terminal's cursor.
func Printable(c rune) rune {
	if c < ' ' || c >= 0x7f && c < 0xa0 {
		return utf8.RuneError
	}
	return c
}

// end is an address and its port: 10.0.0.1:80, [2001:db8::1]:80, without ports 10.0.0.1.
func (t tableText) end(dst []byte, addr [16]byte, port uint16, r *extract.Record) []byte {
	n := len(dst)
	ports := hasPorts(r.Flow.Key.Proto)
	six := ports && r.Flow.Key.Kind&1 != 0
	if six {
		dst = append(dst, '[')
	}
	dst = appendAddr(dst, addr, r.Flow.Key.Kind)
	if six {
		dst = append(dst, ']')
	}
	if ports {
		dst = appendUint(append(dst, ':'), uint64(port))
	}
	return left(dst, len(dst)-n, "", wideEnd)
}

// left appends s and blanks so that what has been written of the column so far, done
// bytes, and s fill width, and two more.
func left(dst []byte, done int, s string, width int) []byte {
	dst = append(dst, s...)
	for range max(0, width-done-len(s)) + 2 {
		dst = append(dst, ' ')
	}
	return dst
}

func right(dst []byte, s string, width int) []byte {
	n := len(dst)
	return shift(append(dst, s...), n, width)
}

// shift moves what stands in dst from n on to the right end of width bytes.
func shift(dst []byte, n, width int) []byte {
	for range width - (len(dst) - n) {
		dst = append(dst, 0)
		copy(dst[n+1:], dst[n:])
		dst[n] = ' '
	}
	return append(dst, "  "...)
}

func hasPorts(proto uint8) bool {
	switch proto {
	case 6, 17, 33, 132, 136:
		return true
	}
	return false
}

// protocol is the usual word for an IP protocol, its number where there is none.
func protocol(n uint8) string {
	switch n {
	case 1:
		return "icmp"
	case 2:
		return "igmp"
	case 6:
		return "tcp"
	case 17:
		return "udp"
	case 33:
		return "dccp"
	case 47:
		return "gre"
	case 50:
		return "esp"
	case 58:
		return "icmp6"
	case 89:
		return "ospf"
	case 132:
		return "sctp"
	case 136:
		return "udpl"
	}
	return strconv.Itoa(int(n))
}
