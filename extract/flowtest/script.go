package flowtest

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Start is the time of 0s in scripts: 2024-01-01 00:00 UTC, ns.
const Start = int64(1704067200e9)

// script is a parsed script.
type script struct {
	packets []Packet
	checks  []check
}

// Packet is a packet to be built; the zero value of most fields is the usual one.
type Packet struct {
	At       time.Duration
	Src, Dst netip.AddrPort
	Proto    uint8
	Flags    uint8 // TCP, FIN 1 … CWR 128
	Payload  []byte
	Set      map[string]uint64 // settings by the names of scripts
}

// check is an end line with what follows it.
type check struct {
	line    int
	set     string
	options map[string]string
	flows   int // -1: not checked
	wants   []want
}

// want is a flow line.
type want struct {
	line, flow int
	values     [][2]string
}

var protocols = map[string]uint8{"icmp": 1, "tcp": 6, "udp": 17, "icmp6": 58, "sctp": 132}

var settings = []string{"len", "seq", "ack", "win", "mss", "wscale", "sackok", "tstamp", "type", "code", "id",
	"ttl", "tos", "ipid", "df", "frag", "more", "vlan", "pad", "cap", "badsum"}

func parse(text string) (*script, error) {
	s := &script{}
	for i, line := range strings.Split(text, "\n") {
		words, err := fields(line)
		if err == nil && len(words) > 0 {
			err = s.add(i+1, words)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if len(s.checks) == 0 {
		return nil, fmt.Errorf("no line starts with end")
	}
	return s, nil
}

// fields splits a line at blanks outside quotes, and drops the comment.
func fields(line string) ([]string, error) {
	var words []string
	for {
		line = strings.TrimLeft(line, " \t\r")
		if line == "" || line[0] == '#' {
			return words, nil
		}
		n := strings.IndexAny(line, " \t\r\"")
		if n >= 0 && line[n] == '"' {
			quoted, err := strconv.QuotedPrefix(line[n:])
			if err != nil {
				return nil, fmt.Errorf("quote without end")
			}
			n += len(quoted)
		}
		if n < 0 {
			n = len(line)
		}
		words = append(words, line[:n])
		line = line[n:]
	}
}

func (s *script) add(line int, words []string) error {
	switch words[0] {
	case "at":
		p, err := parsePacket(words[1:])
		s.packets = append(s.packets, p)
		return err
	case "end":
		c := check{line: line, set: "fm", options: map[string]string{}, flows: -1}
		for _, w := range words[1:] {
			name, value, ok := strings.Cut(w, "=")
			if !ok {
				return fmt.Errorf("want NAME=VALUE, got %q", w)
			}
			if name == "set" {
				c.set = value
			} else {
				c.options[name] = value
			}
		}
		s.checks = append(s.checks, c)
		return nil
	case "flows", "flow":
		if len(s.checks) == 0 || len(words) < 2 {
			return fmt.Errorf("%s stands behind an end line and has a number", words[0])
		}
		n, err := strconv.Atoi(words[1])
		if err != nil || n < 0 {
			return fmt.Errorf("not a number: %q", words[1])
		}
		c := &s.checks[len(s.checks)-1]
		if words[0] == "flows" {
			c.flows = n
			return nil
		}
		w := want{line: line, flow: n}
		for _, v := range words[2:] {
			name, value, ok := strings.Cut(v, "=")
			if !ok {
				return fmt.Errorf("want NAME=VALUE, got %q", v)
			}
			w.values = append(w.values, [2]string{name, value})
		}
		c.wants = append(c.wants, w)
		return nil
	}
	return fmt.Errorf("unknown word %q", words[0])
}

func parsePacket(words []string) (p Packet, err error) {
	if len(words) < 5 || words[2] != ">" {
		return p, fmt.Errorf("want at TIME SENDER > RECEIVER PROTOCOL")
	}
	if p.At, err = time.ParseDuration(words[0]); err != nil {
		return p, err
	}
	if p.Src, err = endpoint(words[1]); err != nil {
		return p, err
	}
	if p.Dst, err = endpoint(words[3]); err != nil {
		return p, err
	}
	proto, ok := protocols[words[4]]
	if !ok {
		n, err := strconv.ParseUint(words[4], 10, 8)
		if err != nil {
			return p, fmt.Errorf("unknown protocol %q", words[4])
		}
		proto = uint8(n)
	}
	p.Proto = proto
	words = words[5:]
	if proto == 6 {
		if len(words) == 0 {
			return p, fmt.Errorf("tcp without flags")
		}
		for _, c := range words[0] {
			n := strings.IndexRune("FSRPAUEC", c)
			if n < 0 && c != '.' {
				return p, fmt.Errorf("unknown TCP flag %q", c)
			}
			if n >= 0 {
				p.Flags |= 1 << n
			}
		}
		words = words[1:]
	}
	return p, p.set(words)
}

func (p *Packet) set(words []string) error {
	p.Set = map[string]uint64{}
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			return fmt.Errorf("want NAME=VALUE, got %q", w)
		}
		if name == "data" {
			data, err := strconv.Unquote(value)
			if err != nil {
				return fmt.Errorf("data is not a quoted string: %s", value)
			}
			p.Payload = []byte(data)
			continue
		}
		known := false
		for _, s := range settings {
			known = known || s == name
		}
		n, err := strconv.ParseUint(value, 0, 32)
		if !known || err != nil {
			return fmt.Errorf("unknown setting or not a number: %q", w)
		}
		if p.Set[name] = n; name == "len" {
			p.Payload = []byte(strings.Repeat("x", int(min(n, 65535))))
		}
	}
	return nil
}

// endpoint reads ADDR:PORT, [ADDR]:PORT or a bare address.
func endpoint(s string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.AddrPortFrom(a, 0), nil
	}
	return netip.ParseAddrPort(s)
}
