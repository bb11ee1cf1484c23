package feature

// definition is a set that can be built.
type definition struct {
	name    string
	doc     string
	options []Option
	build   func(*options) (*Set, error)
	// durations are options that fm has for all sets under a name of its own, as
	// durations, and the tool under another, in seconds.
	durations map[string]string
	// elsewhere names options of the tool that are not the set's, with what does it.
	elsewhere map[string]string
}

// sets are all sets there are, the default first.
var sets = [...]definition{
	{name: "fm", doc: nativeDoc, options: nativeOptions[:], build: buildNative},
	{name: "nfstream", doc: nfstreamDoc, options: nfstreamOptions, build: buildNFStream, durations: twoTimeouts, elsewhere: nfstreamElsewhere},
	{name: "zeek-flowmeter", doc: zeekDoc, options: zeekOptions, build: buildZeek, elsewhere: zeekElsewhere},
	{name: "cicflowmeter", doc: cicDoc, options: cicOptions, build: buildCIC, durations: cicTimeouts},
	{name: "cicflowmeter-fixed", doc: cicFixedDoc, options: cicFixedOptions, build: buildCICFixed, durations: cicTimeouts},
	{name: "cicflowmeter-py", doc: cicpyDoc, options: cicpyOptions, build: buildCICPy, durations: map[string]string{"idle": "expired_update"}, elsewhere: cicpyElsewhere},
	{name: "deepfence", doc: deepfenceDoc, options: deepfenceOptions, build: buildDeepfence, elsewhere: deepfenceElsewhere},
	{name: "pyflowmeter", doc: pyflowmeterDoc, options: pyflowmeterOptions, build: buildPyFlowMeter, durations: map[string]string{"idle": "timeout"}, elsewhere: pyflowmeterElsewhere},
	{name: "flowcontainer", doc: flowcontainerDoc, options: flowcontainerOptions, build: buildFlowContainer, elsewhere: flowcontainerElsewhere},
}

// faithful is the option of every tool's set that decides about what the tool drops or misreads.
func faithful(tool string) Option {
	return Option{Faithful, "false", "leave out and misread packets as " + tool + " does (the original layout: true)"}
}

// Faithful is the name of the option that makes a set read packets as its tool does,
// those included that the tool drops or misreads.
const Faithful = "faithful"

// twoTimeouts are the durations of tools that call their timeouts so.
var twoTimeouts = map[string]string{"idle": "idle_timeout", "active": "active_timeout"}

var nativeOptions = [...]Option{
	{"idle", "2m0s", "a flow silent for longer is over (off: never)"},
	{"active", "30m0s", "a flow longer than this is cut (off: never)"},
	{"first-packets", "0", "only so many packets of a flow enter its columns, 0 all"},
	{"outer", "false", "outer addresses and ports of tunnelled packets"},
	{"with", "", "groups and columns to add"},
	{"without", "", "groups and columns to leave out"},
}

// Description is what a list of sets shows of one.
type Description struct {
	Name    string   `json:"set"`
	Doc     string   `json:"doc"`
	Options []Option `json:"options"`
	Groups  []Group  `json:"groups"`
}

// Group is a group of columns that --with and --without name.
type Group struct {
	Name    string `json:"name"`
	Doc     string `json:"doc"`
	Default bool   `json:"default"` // in the set unless left out
	Columns int    `json:"columns"`
}

// Sets describes all sets, the default first.
func Sets() []Description {
	var out []Description
	for _, d := range sets {
		e := Description{Name: d.name, Doc: d.doc, Options: d.options}
		if d.name == "fm" {
			for _, g := range nativeGroups {
				e.Groups = append(e.Groups, Group{g.name, g.doc, !g.off, len(g.columns())})
			}
		}
		out = append(out, e)
	}
	return out
}
