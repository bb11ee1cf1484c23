package feature

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"fm/dataset"
	"fm/extract/flow"
)

// Option is a setting of a set. Its value is text: a duration as time.ParseDuration
// reads it, a whole number, true or false, or names with commas between.
type Option struct {
	Name    string `json:"name"`
	Default string `json:"default"`
	Doc     string `json:"doc"`
}

// Build makes the set called name. The values of options are those of [Option]; one
// that is absent or empty has its default. The error for a name that does not exist
// lists what does.
func Build(name string, values map[string]string) (*Set, error) {
	i := slices.IndexFunc(sets[:], func(d definition) bool { return d.name == name })
	if i < 0 {
		var names []string
		for _, d := range sets {
			names = append(names, d.name)
		}
		return nil, fmt.Errorf("no feature set %q (there are: %s)", name, strings.Join(names, " "))
	}
	d := &sets[i]
	o := &options{set: name, values: values, defined: d.options, durations: d.durations}
	for _, k := range slices.Sorted(maps.Keys(values)) {
		flag, byFlag := flags[k]
		why, elsewhere := d.elsewhere[k]
		switch {
		case elsewhere && byFlag:
			return nil, fmt.Errorf("--%s: set %s does not take it: %s", flag.name, name, why)
		case elsewhere:
			return nil, fmt.Errorf("set %s does not take option %q: %s", name, k, why)
		case slices.ContainsFunc(d.options, func(p Option) bool { return p.Name == k || p.Name == d.durations[k] }):
		case byFlag:
			return nil, fmt.Errorf("--%s: set %s has no %s (%s)", flag.name, name, flag.what, d.list())
		default:
			return nil, fmt.Errorf("set %s has no option %q (%s)", name, k, d.list())
		}
	}
	s, err := d.build(o)
	var bad *valueError
	if errors.As(err, &bad) {
		return nil, fmt.Errorf("%w (%s)", err, d.list())
	}
	if err != nil {
		return nil, err
	}
	s.Options = o.text()
	return s, nil
}

// flags are options that flags of the same meaning give to every set, and what a set has not
// that has no such option.
var flags = map[string]struct{ name, what string }{
	"idle":          {"idle", "such time"},
	"active":        {"active", "such time"},
	"first-packets": {"first-packets", "such bound on the packets of a flow"},
	"max_sequence":  {"max-sequence", "such bound on lists"},
	"with":          {"with", "groups to add"},
	"without":       {"without", "groups to leave out"},
	"outer":         {"outer", "choice of the addresses of tunnels"},
}

// list names the options of d.
func (d *definition) list() string {
	var b strings.Builder
	b.WriteString("options and defaults:")
	for _, p := range d.options {
		fmt.Fprintf(&b, " %s=%s", p.Name, p.Default)
	}
	return b.String()
}

// valueError says that an option cannot have a value.
type valueError struct{ text string }

func (e *valueError) Error() string { return e.text }

func badValue(format string, args ...any) error {
	return &valueError{fmt.Sprintf(format, args...)}
}

// FromSchema makes the set that a schema names, with the rules that it states. It is
// an error if this program makes other columns or another version of the set.
func FromSchema(sc *dataset.Schema) (*Set, error) {
	values := map[string]string{}
	for word := range strings.FieldsSeq(sc.Options) {
		k, v, ok := strings.Cut(word, "=")
		if !ok {
			return nil, fmt.Errorf("read options of set %s: %q is not name=value", sc.Set, word)
		}
		values[k] = v
	}
	s, err := Build(sc.Set, values)
	if err != nil {
		return nil, err
	}
	if s.Version != sc.Version {
		return nil, fmt.Errorf("set %s has version %d here, the schema was made by version %d", sc.Set, s.Version, sc.Version)
	}
	return s, nil
}

// options are the values given to a set while it is built, and those in force.
type options struct {
	set       string
	values    map[string]string
	defined   []Option
	durations map[string]string // see definition
	said      []string          // name=value of what is not the default, in canonical form
}

// text is the canonical form: equal texts mean equal rules.
func (o *options) text() string {
	slices.Sort(o.said)
	return strings.Join(o.said, " ")
}

func (o *options) say(name, value string) { o.said = append(o.said, name+"="+value) }

// unsay takes back what was said of names.
func (o *options) unsay(names ...string) {
	o.said = slices.DeleteFunc(o.said, func(s string) bool {
		name, _, _ := strings.Cut(s, "=")
		return slices.Contains(names, name)
	})
}

func (o *options) bad(name, want string) error {
	return badValue("option %s of set %s: %s: %q", name, o.set, want, o.values[name])
}

// duration reads a time in ns; standard is its default. The word off means [flow.Never].
func (o *options) duration(name string, standard int64) (int64, error) {
	v := o.values[name]
	switch v {
	case "":
		return standard, nil
	case "off":
		o.say(name, v)
		return flow.Never, nil
	}
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		return 0, o.bad(name, "not a duration above 0 such as 90s, nor off")
	}
	if int64(d) != standard {
		o.say(name, d.String())
	}
	return int64(d), nil
}

// count reads a whole number that is not negative; 0 is the default.
func (o *options) count(name string) (uint64, error) {
	v := o.values[name]
	if v == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(v, 10, 63)
	if err != nil {
		return 0, o.bad(name, "not a whole number")
	}
	if n != 0 {
		o.say(name, strconv.FormatUint(n, 10))
	}
	return n, nil
}

// yes reads true or false; false is the default.
func (o *options) yes(name string) (bool, error) {
	switch o.values[name] {
	case "", "false":
		return false, nil
	case "true":
		o.say(name, "true")
		return true, nil
	}
	return false, o.bad(name, "neither true nor false")
}

// list reads names with commas between; none is the default. It may be called once a name.
func (o *options) list(name string) []string {
	var names []string
	for n := range strings.SplitSeq(o.values[name], ",") {
		if n = strings.TrimSpace(n); n != "" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > 0 {
		o.say(name, strings.Join(names, ","))
	}
	return names
}

// seconds reads a whole number of seconds above 0 as ns; or, by the name that fm gives to
// the same option, a duration of whole seconds.
func (o *options) seconds(name string, standardSeconds int) (int64, error) {
	for own, theirs := range o.durations {
		if v := o.values[own]; theirs == name && v != "" {
			if o.values[name] != "" {
				return 0, badValue("options %s and %s of set %s say the same twice", own, name, o.set)
			}
			d, err := time.ParseDuration(v)
			if err != nil || d < time.Second || d%time.Second != 0 || d > maxSeconds*time.Second {
				return 0, badValue("option %s of set %s: not a duration of whole seconds: %q", own, o.set, v)
			}
			if n := int(d / time.Second); n != standardSeconds {
				o.say(name, strconv.Itoa(n))
			}
			return int64(d), nil
		}
	}
	n, err := o.whole(name, standardSeconds, 1, maxSeconds)
	return int64(n) * int64(time.Second), err
}

// maxSeconds bounds times of tools: a hundred years.
const maxSeconds = 100 * 366 * 24 * 3600

// whole reads a whole number from low to high.
func (o *options) whole(name string, standard, low, high int) (int, error) {
	v := o.values[name]
	if v == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		return 0, o.bad(name, fmt.Sprintf("not a whole number from %d to %d", low, high))
	}
	if n != standard {
		o.say(name, strconv.Itoa(n))
	}
	return n, nil
}

// choice reads true or false, in the spelling of Python too.
func (o *options) choice(name string, standard bool) (bool, error) {
	b := standard
	switch o.values[name] {
	case "":
	case "true", "True", "1":
		b = true
	case "false", "False", "0":
		b = false
	default:
		return false, o.bad(name, "neither true nor false")
	}
	if b != standard {
		o.say(name, strconv.FormatBool(b))
	}
	return b, nil
}

// address reads an IP address; none is the default.
func (o *options) address(name string) (netip.Addr, error) {
	v := o.values[name]
	if v == "" {
		return netip.Addr{}, nil
	}
	a, err := netip.ParseAddr(v)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, o.bad(name, "not an IP address")
	}
	a = a.Unmap()
	o.say(name, a.String())
	return a, nil
}

// interval reads a time in seconds as Zeek writes it, a number with a unit such as 5sec or
// 1.5min; or a duration, or a number of seconds.
func (o *options) interval(name string, standard float64) (float64, error) {
	v := o.values[name]
	if v == "" {
		return standard, nil
	}
	x, ok := zeekInterval(v)
	if !ok {
		return 0, o.bad(name, "not an interval above 0 such as 5sec")
	}
	if x != standard {
		o.say(name, strconv.FormatFloat(x, 'f', -1, 64)+"s")
	}
	return x, nil
}

// span reads an interval as ns; off is the default, 0.
func (o *options) span(name string) (int64, error) {
	v := o.values[name]
	if v == "" || v == "off" {
		return 0, nil
	}
	d, err := time.ParseDuration(v) // is exact
	if err != nil {
		if x, ok := zeekInterval(v); ok {
			d = time.Duration(math.Round(x * 1e9))
		}
	}
	if d <= 0 {
		return 0, o.bad(name, "not an interval above 0 such as 1min or 60s, nor off")
	}
	o.say(name, d.String())
	return int64(d), nil
}

// zeekInterval reads seconds from what interval takes.
func zeekInterval(text string) (seconds float64, ok bool) {
	v := strings.ReplaceAll(text, " ", "")
	number := strings.TrimRight(v, "abcdefghijklmnopqrstuvwxyz")
	unit, ok := zeekUnits[strings.TrimSuffix(v[len(number):], "s")]
	x, err := strconv.ParseFloat(number, 64)
	if x *= unit; !ok || err != nil {
		var d time.Duration
		d, err = time.ParseDuration(v)
		x = d.Seconds()
	}
	return x, err == nil && x > 0 && x <= maxSeconds
}

// zeekUnits are Zeek's units of time and fm's, without the s of the plural, in seconds.
var zeekUnits = map[string]float64{"": 1, "usec": 1e-6, "msec": 1e-3, "sec": 1, "min": 60, "hr": 3600, "day": 86400}

// word reads one of some words; the first is the default.
func (o *options) word(name string, words ...string) (string, error) {
	v := o.values[name]
	switch {
	case v == "":
		return words[0], nil
	case !slices.Contains(words, v):
		return "", o.bad(name, "none of "+strings.Join(words, " "))
	case v != words[0]:
		o.say(name, v)
	}
	return v, nil
}
