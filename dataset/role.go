package dataset

import (
	"math"
	"net/netip"
	"slices"
	"strings"
)

// LeftOut is a column that a foreign table has and that is not trained on unless the
// user asks.
type LeftOut struct {
	Name string `json:"name"`
	Why  string `json:"why"` // one of the Left constants
}

// Why a column is left out: what it holds says which flow it was, when it was, or what it
// was called, not how it behaved.
const (
	LeftIdentifier = "identifiers"
	LeftAddress    = "addresses"
	LeftPort       = "ports of clients"
	LeftTime       = "times"
	LeftLabel      = "labels"
	LeftResult     = "results of a model"
	LeftText       = "text"
	LeftAsked      = "by --drop"
	LeftOther      = "not of the set"
)

// leftNames are names of such columns in published tables (CICFlowMeter, NFStream,
// NetFlow v9 as nProbe writes it, Zeek, Argus and the data sets made with them), in small
// letters without what parts words. The first that has a name says why.
var leftNames = []struct {
	why   string
	names []string
}{
	{LeftIdentifier, []string{"flowid", "id", "uid", "fuid", "communityid", "pkseqid", "seq", "index", "unnamed0", "row", "rownumber", "firstframe", "packetsseen",
		"endreason", "expirationid", "source", "filename", "connuids", "instanceid", "recordid"}},
	{LeftAddress, []string{"sourceip", "srcip", "srcaddr", "sourceaddress", "saddr", "sip", "destinationip", "destip", "dstip", "dstaddr", "destinationaddress", "daddr", "dip",
		"ipsrc", "ipdst", "ipsrcaddr", "ipdstaddr", "ipv4srcaddr", "ipv4dstaddr", "ipv6srcaddr", "ipv6dstaddr", "idorigh", "idresph", "txhosts", "rxhosts",
		"srcmac", "dstmac", "sourcemac", "destinationmac", "smac", "dmac", "insrcmac", "outdstmac", "srcoui", "dstoui", "soui", "doui"}},
	{LeftPort, []string{"srcport", "sourceport", "sport", "l4srcport", "idorigp", "tcpsrcport", "udpsrcport"}},
	{LeftTime, []string{"ts", "timestamp", "time", "date", "datetime", "start", "end", "starttime", "endtime", "stime", "ltime", "flowstart", "flowend", "firstseen", "lastseen",
		"flowstartmilliseconds", "flowendmilliseconds", "firstswitched", "lastswitched", "frametime", "frametimeepoch", "daytime"}},
	{LeftLabel, []string{"label", "labels", "class", "classlabel", "binarylabel", "attack", "attackcat", "attackcategory", "attackname", "attacktype", "attacklabel",
		"attackid", "attemptedcategory", "category", "subcategory", "detailedlabel", "tunnelparentslabeldetailedlabel", "traffictype", "traffic", "difficulty", "difficultylevel"}},
	{LeftResult, []string{"score", "verdict", "prediction", "predicted"}},
}

// leftSuffixes end names of NFStream's columns of times: src2dst_first_seen_ms.
var leftSuffixes = []string{"firstseenms", "lastseenms"}

// whyLeft tells why a column of a foreign table is left out by its name, "" if it isn't.
func whyLeft(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r == ' ' || r == '_' || r == '.' || r == '-' || r == ':' || r == '/' || r == '(' || r == ')':
			return -1
		}
		return r
	}, name)
	for _, left := range leftNames {
		if slices.Contains(left.names, plain) {
			return left.why
		}
	}
	for _, s := range leftSuffixes {
		if strings.HasSuffix(plain, s) {
			return LeftTime
		}
	}
	if OfVerdict(name) {
		return LeftResult
	}
	return ""
}

// fewToTell is the number of rows below which the content of a column tells nothing.
const fewToTell = 50

// whyNumbers tells why a column of numbers is left out by what it holds, in the order of
// the rows: every row counts further than the one before, but for so many new starts (a
// file each), or all are seconds, or smaller units, since 1970, from 2001 to 2038.
func whyNumbers(values func(i int) float64, n, starts int) string {
	if n < fewToTell {
		return ""
	}
	counts, times, last := true, 0.0, math.Inf(-1)
	for i := range n {
		v := values(i)
		if v != v || math.IsInf(v, 0) {
			return ""
		}
		if !(v > last) {
			starts--
		}
		counts = counts && starts >= 0 && v == math.Trunc(v)
		last = v
		if i == 0 {
			for _, unit := range [...]float64{1, 1e3, 1e6, 1e9} {
				if isTime(v / unit) {
					times = unit
				}
			}
		}
		if times != 0 && !isTime(v/times) {
			times = 0
		}
		if !counts && times == 0 {
			return ""
		}
	}
	if times != 0 {
		return LeftTime
	}
	return LeftIdentifier
}

func isTime(seconds float64) bool { return seconds >= 1e9 && seconds < 1<<31 }

// whyWords tells why a column of words is left out by what it holds. rows is the number
// of rows that have a word.
func whyWords(words []string, rows int) string {
	if rows < fewToTell || len(words) == 0 {
		return ""
	}
	addresses, times := true, true
	for _, w := range words {
		if bare(w) == Benign || bare(w) == "normal" {
			return LeftLabel
		}
		if addresses {
			_, err := netip.ParseAddr(w)
			addresses = err == nil || isMAC(w)
		}
		times = times && looksLikeTime(w)
	}
	switch {
	case addresses:
		return LeftAddress
	case times:
		return LeftTime
	case 10*len(words) >= 9*rows:
		return LeftIdentifier
	}
	return ""
}

// bare is a label without what does not count: case, blanks around it, and the full stop
// behind it in KDD Cup 99.
func bare(label string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(label), "."))
}

func isMAC(w string) bool {
	if len(w) != 17 {
		return false
	}
	for i := range len(w) {
		c := w[i] | 0x20
		if i%3 == 2 != (w[i] == ':' || w[i] == '-') || i%3 != 2 && !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

// looksLikeTime tells whether w is a date or a time of day: digits, two of the same mark
// between them, and no other letters than those of times.
func looksLikeTime(w string) bool {
	if len(w) < 6 || len(w) > 40 || w[0] < '0' || w[0] > '9' {
		return false
	}
	var marks [256]int
	for i := range len(w) {
		switch c := w[i]; {
		case c >= '0' && c <= '9':
		case c == '-' || c == '/' || c == ':':
			marks[c]++
		case strings.IndexByte(" .,+TZAPMUC", c) >= 0:
		default:
			return false
		}
	}
	return marks['-'] >= 2 || marks['/'] >= 2 || marks[':'] >= 2
}
