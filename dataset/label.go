package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Labels that are not names of classes of attacks.
const (
	Benign     = "benign"
	Malicious  = "malicious"
	Background = "background" // ordinary traffic of an attacking or infected host: neither trained on nor counted
	Ignore     = "ignore"     // neither side: neither trained on nor counted
)

const (
	// MaxRules is the largest number of rules that a file of labels may hold.
	MaxRules = 1 << 20
	maxRule  = 1 << 16 // bytes of a line
)

// Labels are rules that give flows a label of their own. They come from tab
// separated text with the header
//
//	file	proto	ip	port	label
//
// in any order, further columns (evidence) are passed over; empty lines and lines
// that start with # too. The first rule of the file that matches a flow wins:
//
//   - file: the end of the capture's path, whole path elements: b.pcap and a/b.pcap
//     match x/a/b.pcap, ab.pcap does not. * is every file.
//   - proto: the IP protocol's number, or tcp, udp, icmp, icmp6, sctp. * is any.
//   - ip: an address or a network in CIDR notation; either end may lie in it. * is any.
//   - port: either end has it. * is any.
//
// A rule for every file applies to benign captures as well as to malicious ones: who
// wants ordinary traffic left out of malicious captures only names these files.
type Labels struct {
	byFile map[string][]rule // by the whole text of file
	any    []rule            // of every file
	rules  int
	names  []string
}

type rule struct {
	line    int // for order
	proto   int // -1 any
	port    int // -1 any
	network netip.Prefix
	label   string
}

// FileLabels are the rules that concern one capture, in order.
type FileLabels struct{ rules []rule }

var labelColumns = [...]string{"file", "proto", "ip", "port", "label"}

var protocols = map[string]int{"tcp": 6, "udp": 17, "icmp": 1, "icmp6": 58, "icmpv6": 58, "sctp": 132, "igmp": 2, "gre": 47, "dccp": 33}

// ReadLabels reads rules; name is that of the file, for errors.
func ReadLabels(r io.Reader, name string) (*Labels, error) {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 4096), maxRule)
	l := &Labels{byFile: map[string][]rule{}}
	var at [len(labelColumns)]int
	line, width := 0, 0
	for s.Scan() {
		line++
		text := strings.TrimSuffix(s.Text(), "\r")
		if line == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		if strings.TrimSpace(text) == "" || text[0] == '#' {
			continue
		}
		fields := strings.Split(text, "\t")
		if width == 0 {
			width = len(fields)
			for i, c := range labelColumns {
				if at[i] = slices.Index(fields, c); at[i] < 0 {
					return nil, fmt.Errorf("read %s:%d: no column %q: the header is %s, tab separated", name, line, c, strings.Join(labelColumns[:], " "))
				}
			}
			continue
		}
		var cells [len(labelColumns)]string
		for i, k := range at {
			if k >= len(fields) || fields[k] == "" {
				return nil, fmt.Errorf("read %s:%d: column %q: empty; * means any", name, line, labelColumns[i])
			}
			cells[i] = fields[k]
		}
		if len(fields) > width {
			return nil, fmt.Errorf("read %s:%d: %d cells under %d columns", name, line, len(fields), width)
		}
		if l.rules++; l.rules > MaxRules {
			return nil, fmt.Errorf("read %s:%d: more than %d rules", name, line, MaxRules)
		}
		if err := l.add(line, cells); err != nil {
			return nil, fmt.Errorf("read %s:%d: %w", name, line, err)
		}
	}
	if err := s.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("read %s:%d: line longer than %d bytes", name, line+1, maxRule)
	} else if err != nil {
		return nil, fmt.Errorf("read %s:%d: %w", name, line+1, err)
	}
	if width == 0 {
		return nil, fmt.Errorf("read %s: empty, a header is expected: %s", name, strings.Join(labelColumns[:], " "))
	}
	return l, nil
}

func (l *Labels) add(line int, cells [len(labelColumns)]string) error {
	r := rule{line: line, proto: -1, port: -1, label: strings.TrimSpace(cells[4])}
	if p := cells[1]; p != "*" {
		n, ok := protocols[strings.ToLower(p)]
		if !ok {
			v, err := strconv.ParseUint(p, 10, 8)
			if err != nil {
				return fmt.Errorf("column \"proto\": neither a protocol's number nor its name: %q", p)
			}
			n = int(v)
		}
		r.proto = n
	}
	if a := cells[2]; a != "*" {
		if strings.Contains(a, "/") {
			p, err := netip.ParsePrefix(a)
			if err != nil {
				return fmt.Errorf("column \"ip\": not a network: %q", a)
			}
			if p != p.Masked() {
				return fmt.Errorf("column \"ip\": %q has bits behind its length: %s is meant?", a, p.Masked())
			}
			r.network = p
		} else {
			ip, err := netip.ParseAddr(a)
			if err != nil || ip.Zone() != "" {
				return fmt.Errorf("column \"ip\": not an address: %q", a)
			}
			ip = ip.Unmap()
			r.network = netip.PrefixFrom(ip, ip.BitLen())
		}
	}
	if p := cells[3]; p != "*" {
		v, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return fmt.Errorf("column \"port\": not a port: %q", p)
		}
		r.port = int(v)
	}
	if r.label == "" || r.label == "*" {
		return fmt.Errorf("column \"label\": not a label: %q", cells[4])
	}
	if !slices.Contains(l.names, r.label) {
		l.names = append(l.names, r.label)
	}
	if cells[0] == "*" {
		l.any = append(l.any, r)
		return nil
	}
	file := filepath.ToSlash(cells[0])
	l.byFile[file] = append(l.byFile[file], r)
	return nil
}

// Rules is the number of rules.
func (l *Labels) Rules() int { return l.rules }

// Names lists the labels that rules give, in order of their first rule.
func (l *Labels) Names() []string { return l.names }

// Unmatched lists the rules' files that match none of paths, sorted, so that a
// misspelled file does not pass in silence.
func (l *Labels) Unmatched(paths []string) []string {
	hit := map[string]bool{}
	for _, p := range paths {
		for end := range ends(p) {
			if _, ok := l.byFile[end]; ok {
				hit[end] = true
			}
		}
	}
	var out []string
	for f := range l.byFile {
		if !hit[f] {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return out
}

// File gathers the rules that concern the capture called path; nil if none does.
func (l *Labels) File(path string) *FileLabels {
	rules := slices.Clone(l.any)
	for end := range ends(path) {
		rules = append(rules, l.byFile[end]...)
	}
	if len(rules) == 0 {
		return nil
	}
	slices.SortFunc(rules, func(a, b rule) int { return a.line - b.line })
	return &FileLabels{rules}
}

// ends yields path and what is left of it behind each slash.
func ends(path string) func(func(string) bool) {
	return func(yield func(string) bool) {
		path := filepath.ToSlash(path)
		for {
			if !yield(path) {
				return
			}
			_, rest, ok := strings.Cut(path, "/")
			if !ok {
				return
			}
			path = rest
		}
	}
}

// Match gives the label of a flow between a and b. It does not allocate; l may be nil.
func (l *FileLabels) Match(proto uint8, a, b netip.Addr, aport, bport uint16) (label string, ok bool) {
	if l == nil {
		return "", false
	}
	for i := range l.rules {
		r := &l.rules[i]
		if (r.proto < 0 || r.proto == int(proto)) && (r.port < 0 || r.port == int(aport) || r.port == int(bport)) &&
			(!r.network.IsValid() || r.network.Contains(a) || r.network.Contains(b)) {
			return r.label, true
		}
	}
	return "", false
}

// Match is [Labels.File] and [FileLabels.Match] for a single flow.
func (l *Labels) Match(file string, proto uint8, a, b netip.Addr, aport, bport uint16) (label string, ok bool) {
	return l.File(file).Match(proto, a, b, aport, bport)
}
