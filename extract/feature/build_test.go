package feature_test

import (
	"slices"
	"strings"
	"testing"

	"fm/extract/feature"
)

func TestBuildOptions(t *testing.T) {
	for _, c := range []struct{ options, want string }{
		{"", ""},
		{"idle=120s active=1800000ms first-packets=0 outer=false with= without=", ""},
		{"idle=60s", "idle=1m0s"},
		{"active=off", "active=off"},
		{"without=tcp,bulk,tcp first-packets=16 outer=true with=port", "first-packets=16 outer=true with=port without=bulk,tcp"},
	} {
		values := map[string]string{}
		for _, w := range strings.Fields(c.options) {
			k, v, _ := strings.Cut(w, "=")
			values[k] = v
		}
		s, err := feature.Build("fm", values)
		if err != nil {
			t.Fatalf("%s: %v", c.options, err)
		}
		if s.Options != c.want {
			t.Errorf("options %q: %q, want %q", c.options, s.Options, c.want)
		}
		again, err := feature.FromSchema(s.Schema())
		if err != nil {
			t.Fatalf("%s: %v", c.options, err)
		}
		if again.Schema().Text() != s.Schema().Text() || again.First != s.First || again.View != s.View {
			t.Errorf("options %q: the schema makes another set", c.options)
		}
	}
}

func TestBuildGroups(t *testing.T) {
	names := func(options map[string]string) []string {
		s, err := feature.Build("fm", options)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, c := range s.Columns {
			out = append(out, c.Name)
		}
		return out
	}
	all := names(nil)
	if slices.Contains(all, "dst_port") || slices.Contains(all, "fwd_ttl") {
		t.Error("dst_port or fwd_ttl in the default set")
	}
	if got := names(map[string]string{"with": "port"}); len(got) != len(all)+1 || !slices.Contains(got, "dst_port") {
		t.Errorf("with=port: %d columns, want dst_port and %d", len(got), len(all))
	}
	if got := names(map[string]string{"without": "volume", "with": "packets"}); len(got) != len(all)-len(groupOf(t, "volume"))+1 || got[0] != "packets" {
		t.Errorf("without=volume with=packets: starts with %v", got[:3])
	}
	if got := names(map[string]string{"without": "packets"}); len(got) != len(all)-1 || slices.Contains(got, "packets") {
		t.Errorf("without=packets: %d columns", len(got))
	}
	// What changes nothing is not said, so the fingerprint stays.
	for _, o := range []map[string]string{{"without": "port"}, {"with": "volume"}} {
		if s, err := feature.Build("fm", o); err != nil || s.Options != "" {
			t.Errorf("%v: options %q, error %v", o, s.Options, err)
		}
	}
	if _, err := feature.Build("fm", map[string]string{"with": "port", "without": "port"}); err == nil {
		t.Error("the same group is added and left out")
	}
}

func groupOf(t *testing.T, group string) (names []string) {
	t.Helper()
	s, err := feature.Build("fm", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Columns {
		if c.Group == group {
			names = append(names, c.Name)
		}
	}
	return names
}

func TestBuildErrors(t *testing.T) {
	for _, c := range []struct {
		set, name, value string
		want             []string
	}{
		{"nfs", "", "", []string{`no feature set "nfs"`, "fm"}},
		{"fm", "idel", "1s", []string{`set fm has no option "idel"`, "idle=2m0s", "active=30m0s"}},
		{"fm", "idle", "fast", []string{`option idle of set fm`, `"fast" (options and defaults: idle=2m0s active=30m0s `}},
		{"nfstream", "idle_timeout", "x", []string{`not a whole number from 1 to `, `"x" (options and defaults: idle_timeout=120 active_timeout=1800 `}},
		{"nfstream", "idle", "1.5s", []string{`option idle of set nfstream: not a duration of whole seconds: "1.5s" (options and defaults: idle_timeout=120 `}},
		{"zeek-flowmeter", "bulk_timeout", "soon", []string{`not an interval above 0 such as 5sec: "soon" (options and defaults: subflow_max_iat=1sec `}},
		{"zeek-flowmeter", "slice", "soon", []string{`not an interval above 0 such as 1min or 60s, nor off: "soon"`}},
		{"zeek-flowmeter", "slice", "0", []string{`not an interval above 0`}},
		{"zeek-flowmeter", "slice", "-1min", []string{`not an interval above 0`}},
		{"zeek-flowmeter", "slice", "1e12min", []string{`not an interval above 0`}},
		{"zeek-flowmeter", "likely_server_ports", "80/tcp", []string{`neither true nor false: "80/tcp" (options and defaults: `}},
		{"nfstream", "without", "flags", []string{`--without: set nfstream has no groups to leave out (options and defaults: idle_timeout=120 `}},
		{"nfstream", "with", "flags", []string{`--with: set nfstream has no groups to add (options and defaults: `}},
		{"nfstream", "outer", "true", []string{`--outer: set nfstream has no choice of the addresses of tunnels (`}},
		{"nfstream", "first-packets", "8", []string{`--first-packets: set nfstream has no such bound on the packets of a flow (`}},
		{"flowcontainer", "idle", "1m", []string{`--idle: set flowcontainer has no such time (`}},
		{"cicflowmeter-py", "active", "1m", []string{`--active: set cicflowmeter-py has no such time (`}},
		{"zeek-flowmeter", "active", "1m", []string{`--active: set zeek-flowmeter does not take it: Zeek cuts no long connections`}},
		{"fm", "max_sequence", "5", []string{`--max-sequence: set fm has no such bound on lists (`}},
		{"fm", "idle", "-1s", []string{`option idle of set fm`}},
		{"fm", "first-packets", "x", []string{`option first-packets of set fm: not a whole number: "x"`}},
		{"fm", "outer", "yes", []string{`neither true nor false: "yes"`}},
		{"fm", "with", "prot", []string{`no group or column "prot" in set fm`, "volume", "environment"}},
		{"fm", "without", "entropy", []string{`no group or column "entropy"`, "payload_first_entropy"}},
		{"fm", "without", "volume,size,time,activity,bulk,turn,tcp,state,early,payload,application", []string{"no columns left"}},
	} {
		values := map[string]string{}
		if c.name != "" {
			values[c.name] = c.value
		}
		_, err := feature.Build(c.set, values)
		if err == nil {
			t.Errorf("%s %s=%s: no error", c.set, c.name, c.value)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s %s=%s: error %q does not say %q", c.set, c.name, c.value, err, w)
			}
		}
	}
	for slice, want := range map[string]string{"1min": "slice=1m0s", "60sec": "slice=1m0s", "60": "slice=1m0s", "1.5 hrs": "slice=1h30m0s", "60s": "slice=1m0s", "1h2m": "slice=1h2m0s", "1us": "slice=1µs", "off": ""} {
		s, err := feature.Build("zeek-flowmeter", map[string]string{"slice": slice})
		if err != nil || s.Options != want {
			t.Errorf("slice=%s: %v, %v, want %s", slice, s, err, want)
		} else if _, err := feature.FromSchema(s.Schema()); err != nil {
			t.Errorf("slice=%s: its schema: %v", slice, err)
		}
	}
	s, err := feature.Build("fm", nil)
	if err != nil {
		t.Fatal(err)
	}
	sc := s.Schema()
	sc.Version++
	if _, err := feature.FromSchema(sc); err == nil || !strings.Contains(err.Error(), "version") {
		t.Errorf("another version: %v", err)
	}
}
