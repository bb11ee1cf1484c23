package feature

import (
	"strings"

	"fm/extract/packet"
)

// filter reads words joined by or, in parentheses or not, and returns what is left out.
func (o *options) filter(name string) (packet.Skipped, error) {
	v := o.values[name]
	if v == "" {
		return 0, nil
	}
	for _, sign := range [...]string{"(", ")", "||"} {
		v = strings.ReplaceAll(v, sign, " "+sign+" ")
	}
	skip := packet.SkipTCP | packet.SkipUDP | packet.SkipGRE
	open, word := 0, true // a word or a parenthesis that opens is next
	for _, t := range strings.Fields(v) {
		protocol := map[string]packet.Skipped{"tcp": packet.SkipTCP, "udp": packet.SkipUDP, "gre": packet.SkipGRE}[t]
		switch {
		case t == "(" && word:
			open++
			continue
		case t == ")" && !word && open > 0:
			open--
			continue
		case protocol != 0 && word:
			skip &^= protocol
		case (t == "or" || t == "||") && !word:
		default:
			return 0, o.bad(name, "not tcp, udp and gre joined by or")
		}
		word = !word
	}
	if open != 0 || word {
		return 0, o.bad(name, "not tcp, udp and gre joined by or")
	}
	var names []string
	for i, n := range [...]string{"tcp", "udp", "gre"} {
		if skip>>i&1 == 0 {
			names = append(names, n)
		}
	}
	if skip != 0 {
		o.say(name, strings.Join(names, "||"))
	}
	return skip, nil
}
