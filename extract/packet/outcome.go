package packet

// Outcome says what became of a frame. Every frame has exactly one.
type Outcome uint8

// Outcomes. Admitted frames become packets; all others are counted under their name.
const (
	Admitted Outcome = iota
	NotIP            // ARP, spanning tree, encrypted frames and whatever else carries no IP packet
	UnknownLink
	CutLink      // the link header is cut or damaged
	CutIP        // the IP header, its options or extension headers are cut
	BadIP        // the IP header contradicts itself
	LostFragment // a later fragment whose first was not seen
	DroppedFragment
	TooDeep      // more tunnels or headers than the limit
	LeftOut      // a set's own rule
	HeldFragment // a reading counts the datagram when all its fragments are there
	NumOutcomes
)

// String returns the words of the end report.
func (o Outcome) String() string {
	return [...]string{"admitted", "not IP", "unknown link type", "link header cut", "IP header cut", "IP header damaged",
		"fragment without its first", "fragment left out", "nested too deep", "left out by the set",
		"fragment held for its datagram"}[o]
}
