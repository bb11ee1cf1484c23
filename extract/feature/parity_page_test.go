package feature_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

const parityHead = `# What the original tools write, and what fm writes

Each run below is one of an original tool over captures. fm extracts the same captures
with the same options and ` + "`--layout original`" + `; rows are paired by identity and start, and
every cell is compared as text, to the last digit that the tool prints. Runs called own are
over captures of this repository and part of its tests; all others are over the reference
captures. This page is generated:

    go test ./extract/feature -run TestParity -update -captures DIR -goldens DIR

Not compared: columns that need application data, running numbers, random identifiers and
the order of rows. "Only" counts rows without a partner.
`

// parityPage renders the figures of all runs.
func parityPage(t *testing.T, tallies map[string]*tally) []byte {
	var b strings.Builder
	b.WriteString(parityHead)
	b.WriteString("\n| set | run | rows | paired | only the tool | only fm | cells | equal | share of cells |\n| --- | --- | --: | --: | --: | --: | --: | --: | --: |\n")
	for _, p := range parities {
		c := tallies[p.set+"/"+p.name]
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d | %d | %d | %s |\n", p.set, p.title(), c.rows, c.paired, c.rows-c.paired, c.extra, c.cells, c.equal, percent(c.equal, c.cells))
	}
	for _, p := range parities {
		p.section(&b, tallies[p.set+"/"+p.name])
	}
	connections, missing := zeekConnections(t)
	fmt.Fprintf(&b, "\n## zeek-flowmeter, conn.log\n\nConnections in the logs of Zeek's own tests: %d, of which %d have the same ends, roles, duration and packets.\n", connections, connections-len(missing))
	b.WriteString("\n| test | reason |\n| --- | --- |\n")
	for _, test := range missing {
		fmt.Fprintf(&b, "| %s | %s |\n", test, zeekMissing[test])
	}
	return []byte(b.String())
}

// title is the name of a run with its options.
func (p *parity) title() string {
	words := []string{p.name}
	for _, k := range slices.Sorted(maps.Keys(p.options)) {
		words = append(words, "`"+k+"="+p.options[k]+"`")
	}
	return strings.Join(words, " ")
}

// percent never rounds up to 100.
func percent(part, whole int) string {
	if part == whole {
		return "100 %"
	}
	return fmt.Sprintf("%.3f %%", float64(100*1000*int64(part)/int64(whole))/1000)
}

// section says what differs in a run, by column and by capture, and why.
func (p *parity) section(b *strings.Builder, c *tally) {
	if len(c.differ)+len(c.lonely)+len(p.except)+len(p.broke)+len(p.skip) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s, %s\n", p.set, p.title())
	if len(p.skip) > 0 {
		fmt.Fprintf(b, "\nNot compared: `%s`.\n", strings.Join(p.skip, "`, `"))
	}
	if len(p.except) > 0 {
		b.WriteString("\n| capture left out | reason |\n| --- | --- |\n")
		for _, file := range slices.Sorted(maps.Keys(p.except)) {
			fmt.Fprintf(b, "| %s | %s |\n", file, p.except[file])
		}
	}
	if len(p.broke) > 0 {
		b.WriteString("\n| capture in which the tool broke off | further rows of fm, not counted | reason |\n| --- | --: | --- |\n")
		for _, file := range slices.Sorted(maps.Keys(p.broke)) {
			fmt.Fprintf(b, "| %s | %d | %s |\n", file, c.further[file], p.broke[file])
		}
	}
	if len(c.lonely) > 0 {
		b.WriteString("\n| capture | rows of the tool only | of fm only | reason |\n| --- | --: | --: | --- |\n")
		for _, file := range slices.Sorted(maps.Keys(c.lonely)) {
			fmt.Fprintf(b, "| %s | %d | %d | %s |\n", file, c.lonely[file][0], c.lonely[file][1], p.reason(file, ""))
		}
	}
	if len(c.differ) == 0 {
		return
	}
	type line struct{ column, reason string }
	count, files := map[line]int{}, map[line]int{}
	columns := map[string]bool{}
	for d, n := range c.differ {
		l := line{d.column, p.reason(d.file, d.column)}
		count[l] += n
		files[l]++
		columns[d.column] = true
	}
	b.WriteString("\n| column | cells | differing | in captures | reason |\n| --- | --: | --: | --: | --- |\n")
	for _, l := range slices.SortedFunc(maps.Keys(count), func(x, y line) int {
		return cmp.Or(cmp.Compare(x.column, y.column), cmp.Compare(x.reason, y.reason))
	}) {
		fmt.Fprintf(b, "| `%s` | %d | %d | %d | %s |\n", l.column, c.columns[l.column], count[l], files[l], l.reason)
	}
	if rest := len(c.columns) - len(columns); rest > 0 {
		fmt.Fprintf(b, "\nAll cells of the other %d columns are equal.\n", rest)
	}
}

func (p *parity) reason(file, column string) string {
	if i, ok := p.why(file, column); ok {
		return p.reasons[i].why
	}
	return ""
}
