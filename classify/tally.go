package classify

import (
	"cmp"
	"net/netip"
	"slices"

	"fm/extract"
)

// maxSources bounds the sources that a tally keeps apart; a flood of forged sources must
// not fill the memory.
const maxSources = 1 << 16

// Share counts one side of the verdicts.
type Share struct{ Flows, Packets, Bytes uint64 }

func (s *Share) add(packets, bytes uint64) {
	s.Flows++
	s.Packets += packets
	s.Bytes += bytes
}

// Tally counts verdicts in the order of records. The zero value is not usable: see [NewTally].
type Tally struct {
	Benign, Malicious Share
	Unlisted          uint64 // alerts of sources that came after the list was full

	bytes   func(*extract.Record) uint64
	sources map[netip.Addr]uint64
}

// NewTally counts with bytes, which gives the bytes of a record's flow.
func NewTally(bytes func(*extract.Record) uint64) *Tally {
	return &Tally{bytes: bytes, sources: map[netip.Addr]uint64{}}
}

// Add counts recs, which carry verdicts.
func (t *Tally) Add(recs []extract.Record) {
	for i := range recs {
		r := &recs[i]
		if !r.Scored {
			continue
		}
		side := &t.Benign
		if r.Verdict {
			side = &t.Malicious
			t.alert(r)
		}
		side.add(r.Flow.Packets(), t.bytes(r))
	}
}

func (t *Tally) alert(r *extract.Record) {
	addr := source(r)
	if n, ok := t.sources[addr]; ok || len(t.sources) < maxSources {
		t.sources[addr] = n + 1
		return
	}
	t.Unlisted++
}

// source is who began the flow of r.
func source(r *extract.Record) netip.Addr {
	if r.Flow.FromA {
		return r.Flow.Key.AddrA()
	}
	return r.Flow.Key.AddrB()
}

// Source is one source of alerts.
type Source struct {
	Addr   netip.Addr
	Alerts uint64
}

// Sources returns the n sources with most alerts, most first, and how many there are.
func (t *Tally) Sources(n int) (top []Source, all int) {
	for a, k := range t.sources {
		top = append(top, Source{a, k})
	}
	slices.SortFunc(top, func(a, b Source) int {
		return cmp.Or(cmp.Compare(b.Alerts, a.Alerts), a.Addr.Compare(b.Addr))
	})
	return top[:min(n, len(top))], len(t.sources)
}

// BenignShares are the shares of flows, packets and bytes judged benign; ok is false
// if there is nothing to share.
func (t *Tally) BenignShares() (flows, packets, bytes float64, ok bool) {
	if t.Benign.Flows+t.Malicious.Flows == 0 {
		return 0, 0, 0, false
	}
	of := func(b, m uint64) float64 {
		if b+m == 0 {
			return 1 // nothing at all is not malicious
		}
		return float64(b) / float64(b+m)
	}
	return of(t.Benign.Flows, t.Malicious.Flows), of(t.Benign.Packets, t.Malicious.Packets), of(t.Benign.Bytes, t.Malicious.Bytes), true
}
