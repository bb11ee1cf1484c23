package feature

import (
	"fmt"
	"slices"
	"strings"

	"fm/extract/flow"
	"fm/extract/packet"
)

// NativeVersion grows when a column of the set fm changes its meaning, or a rule that makes flows.
const NativeVersion = 1

const nativeDoc = `Flows as fm sees them, described by behaviour: volumes, sizes, times, early packets, TCP,
and the first bytes of payload. No column of the default groups tells where a capture was made:
none reads ports, TTL, sizes of windows, IP identification, VLANs, captured length or the time of
day, and none changes when packets are cut to 128 bytes.`

// columnGroup is a part of the native set that can be switched.
type columnGroup struct {
	name    string
	off     bool // not in the default set
	doc     string
	columns func() []Column
}

// nativeGroups are the groups in the order of their columns.
var nativeGroups = [...]columnGroup{
	{"volume", false, "protocol, packets and bytes of each direction, and how they are divided", volume},
	{"size", false, "statistics of IP and payload lengths", size},
	{"time", false, "duration, rates, and statistics of the gaps between packets", timing},
	{"activity", false, "phases of activity, pauses, subflows, bursts", activity},
	{"bulk", false, "long runs of data in one direction", bulk},
	{"turn", false, "who talks when: requests, responses, and the waits between", turns},
	{"tcp", false, "flags, retransmissions, handshake times, who closed", tcp},
	{"state", false, "connection state in Zeek's words, one column each", states},
	{"early", false, "size, gap and flags of each of the first 16 packets", early},
	{"payload", false, "byte statistics of the first packets with payload", payload},
	{"application", false, "what the first client bytes look like", application},
	{"port", true, "port of the responder", port},
	{"environment", true, "what tells networks, hosts and captures apart, for the audit of leaks", environment},
}

// buildNative makes the set fm.
func buildNative(o *options) (*Set, error) {
	idle, err := o.duration("idle", flow.DefaultIdle)
	if err != nil {
		return nil, err
	}
	active, err := o.duration("active", flow.DefaultActive)
	if err != nil {
		return nil, err
	}
	first, err := o.count("first-packets")
	if err != nil {
		return nil, err
	}
	outer, err := o.yes("outer")
	if err != nil {
		return nil, err
	}
	s := &Set{
		Name: "fm", Version: NativeVersion, Doc: nativeDoc,
		View: packet.View{Outer: outer, Look: packet.SampleFrame}, Life: flow.NewNative(idle, active), First: first,
	}
	if s.Columns, err = o.columns(nativeGroups[:]); err != nil {
		return nil, err
	}
	s.steps = plan(s.Columns)
	return s, nil
}

// columns are those of the groups, switched by the options with and without: a word is
// the name of a group or of a column; a column named counts for more than its group,
// and without for more than with.
func (o *options) columns(groups []columnGroup) ([]Column, error) {
	with, without := o.list("with"), o.list("without")
	for _, name := range with {
		if slices.Contains(without, name) {
			return nil, fmt.Errorf("%q is both in with and in without of set %s", name, o.set)
		}
	}
	var columns, all []Column
	known, changed := map[string]bool{}, false
	for _, g := range groups {
		known[g.name] = true
		for _, c := range g.columns() {
			known[c.Name] = true
			all = append(all, c)
			keep := !g.off
			for _, name := range []string{g.name, c.Name} {
				if slices.Contains(with, name) {
					keep = true
				}
				if slices.Contains(without, name) {
					keep = false
				}
			}
			changed = changed || keep == g.off
			if keep {
				columns = append(columns, c)
			}
		}
	}
	for _, name := range slices.Concat(with, without) {
		if known[name] {
			continue
		}
		var b strings.Builder
		for _, g := range groups {
			fmt.Fprintf(&b, " %s", g.name)
		}
		return nil, fmt.Errorf("no group or column %q in set %s (groups:%s)%s", name, o.set, &b, near(name, all))
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("set %s has no columns left", o.set)
	}
	if !changed {
		o.unsay("with", "without") // the default columns have one text
	}
	return columns, nil
}

// near names columns that contain name or start like it.
func near(name string, all []Column) string {
	var found []string
	for _, c := range all {
		if len(found) < 5 && name != "" && (strings.Contains(c.Name, name) || len(name) >= 5 && strings.HasPrefix(c.Name, name[:5])) {
			found = append(found, c.Name)
		}
	}
	if found == nil {
		return ""
	}
	return "; columns like it: " + strings.Join(found, " ")
}
