package feature

import (
	"slices"
	"strconv"
	"strings"

	"fm/dataset"
)

// MapTool is a column of the cross-tool map.
type MapTool struct {
	Name string `json:"name"`
	Set  string `json:"set"` // whose columns these are; "": those of published tables
	Doc  string `json:"doc"`

	unit  dataset.Unit // of gaps and other times
	layer Layer        // of sizes
	whole bool         // deviations are of the population, not of a sample
}

// Layer is what sizes count.
type Layer string

// Layers.
const (
	LayerPayload   Layer = "D"   // transport payload
	LayerTransport Layer = "L4"  // transport header and payload
	LayerIP        Layer = "L3"  // IP packet
	LayerFrame     Layer = "L2"  // frame on the wire
	LayerCaptured  Layer = "cap" // frame as captured
)

var layerWords = map[Layer]string{LayerPayload: "payload", LayerTransport: "transport segments", LayerIP: "IP packets", LayerFrame: "frames", LayerCaptured: "captured frames"}

// mapTools are the columns of the map, in order.
var mapTools = [...]MapTool{
	{"fm", "fm", "fm's own columns", dataset.Millis, LayerPayload, false},
	{"zeek-flowmeter", "zeek-flowmeter", "flowmeter.log of zeek-flowmeter", dataset.Micros, LayerPayload, false},
	{"nfstream", "nfstream", "NFStream 6.6.0; sizes by accounting_mode: 0 frames, 1 IP packets, 2 transport segments, 3 payload", dataset.Millis, LayerFrame, false},
	{"deepfence", "deepfence", "Deepfence FlowMeter", dataset.Nanos, LayerCaptured, true},
	{"pyflowmeter", "pyflowmeter", "PyFlowMeter", dataset.Seconds, LayerFrame, true},
	{"flowcontainer", "flowcontainer", "flowcontainer", dataset.Seconds, LayerIP, false},
	{"cicflowmeter", "cicflowmeter", "CICFlowMeter as published (V4)", dataset.Micros, LayerPayload, false},
	{"cicflowmeter-fixed", "cicflowmeter-fixed", "the corrected fork of CICFlowMeter", dataset.Micros, LayerPayload, false},
	{"cicflowmeter-py", "cicflowmeter-py", "the Python port of CICFlowMeter, 0.5.0", dataset.Seconds, LayerCaptured, true},
	{"cic-ids2017", "", "the published tables of CIC-IDS2017", dataset.Micros, LayerPayload, false},
	{"cse-cic-ids2018", "", "the published tables of CSE-CIC-IDS2018", dataset.Micros, LayerPayload, false},
}

// Places of tools in mapTools.
const (
	mapFM = iota
	mapZeek
	mapNFStream
	mapDeepfence
	mapPy
	mapContainer
	mapCIC
	mapFixed
	mapPort
	map2017
	map2018
)

// MapTools are the columns of the cross-tool map, fm first.
func MapTools() []MapTool { return slices.Clone(mapTools[:]) }

// Place is what a tool has of a concept.
type Place struct {
	Names   []string     `json:"columns,omitempty"` // each holds it by itself
	Sum     bool         `json:"sum,omitempty"`     // only their sum holds it
	Zero    bool         `json:"zero,omitempty"`    // they are meant to hold it, but are 0 always
	Text    string       `json:"text,omitempty"`    // where no column holds it: what does, in words
	Unit    dataset.Unit `json:"unit,omitempty"`    // of a time
	Layer   Layer        `json:"layer,omitempty"`   // of a size
	Divisor string       `json:"divisor,omitempty"` // of a deviation: "sample" or "population"
	Absent  float64      `json:"absent,omitempty"`  // what the tool writes where there is no value
	Differs string       `json:"differs,omitempty"` // how it is not what the concept says
	Note    string       `json:"note,omitempty"`    // what is to know of it besides
}

// Concept is a row of the cross-tool map: what is measured, and where each tool has it.
type Concept struct {
	Section string  `json:"section"`
	Name    string  `json:"concept"`
	IP      Place   `json:"fm_ip"`  // of sizes: fm's own column that counts IP packets
	Places  []Place `json:"places"` // one for each of MapTools
}

// CrossMap is the map: which columns of which tools mean the same. Columns are named by what
// they hold, whatever they are called: where a tool fills a column with something else, that
// is where the column stands.
func CrossMap() []Concept {
	var out []Concept
	for _, s := range mapSections {
		for i := range s.rows {
			out = append(out, s.rows[i].concept(s.name))
		}
	}
	return out
}

// kinds of concepts.
const (
	mapPlain = iota
	mapTime  // a time: tools have units
	mapSize  // a size: tools have layers
)

// mapRow is a row as it is written down. A cell is the name of a column; several with " = "
// between them if each holds it, with " + " if their sum does. "@" before it says that the
// column is always 0, "~" that what follows is text. Behind it can stand "[unit]", "{number}"
// that is written for no value, then "!" and how it differs, or "?" and what is to know.
type mapRow struct {
	name string
	kind int
	std  bool // a deviation

	fm, ip, zeek, nf, df, py, box, cic string
	fixed                              string // "": as cic; "-": nothing
	port                               string
	old                                string // of the tables of 2017 and 2018, in the names of cic; "": as cic; "-": nothing
}

func (r *mapRow) concept(section string) Concept {
	fixed, old := r.fixed, r.old
	if fixed == "" {
		fixed = r.cic
	}
	if old == "" {
		old = r.cic
	}
	c := Concept{Section: section, Name: r.name}
	for i, text := range [...]string{r.fm, r.zeek, r.nf, r.df, r.py, r.box, r.cic, fixed, r.port, old, old} {
		p := r.place(i, strings.TrimPrefix(text, "-"))
		if i == map2017 || i == map2018 {
			p.Names = spelled(p.Names, i)
			if r.kind == mapSize && len(p.Names) > 0 && p.Differs == "" {
				p.Differs = "padding of short Ethernet frames counts as payload"
			}
		}
		c.Places = append(c.Places, p)
	}
	c.IP = r.place(mapFM, r.ip)
	if r.ip != "" {
		c.IP.Layer = LayerIP
	}
	return c
}

// place reads a cell.
func (r *mapRow) place(tool int, text string) (p Place) {
	if text == "" {
		return p
	}
	if i := strings.IndexAny(text, "!?"); i >= 0 {
		if text[i] == '!' {
			p.Differs = text[i+1:]
		} else {
			p.Note = text[i+1:]
		}
		text = strings.TrimSpace(text[:i])
	}
	t := &mapTools[tool]
	if r.kind == mapTime {
		p.Unit = t.unit
	}
	if i := strings.IndexByte(text, '{'); i >= 0 {
		p.Absent, _ = strconv.ParseFloat(strings.TrimSuffix(text[i+1:], "}"), 64) // TestMapCells reads every one
		text = text[:i]
	}
	if i := strings.IndexByte(text, '['); i >= 0 {
		p.Unit = dataset.Unit(strings.TrimSuffix(text[i+1:], "]"))
		text = strings.TrimSpace(text[:i])
	}
	if text, p.Zero = strings.CutPrefix(text, "@"); p.Zero && p.Differs == "" {
		p.Differs = "always 0"
	}
	if words, ok := strings.CutPrefix(text, "~"); ok {
		return Place{Text: words, Differs: p.Differs, Note: p.Note}
	}
	if r.kind == mapSize {
		p.Layer = t.layer
	}
	if r.std {
		p.Divisor = "sample"
		if t.whole {
			p.Divisor = "population"
		}
	}
	p.Sum = strings.Contains(text, " + ")
	for name := range strings.SplitSeq(strings.ReplaceAll(text, " + ", " = "), " = ") {
		p.Names = append(p.Names, name)
	}
	return p
}
