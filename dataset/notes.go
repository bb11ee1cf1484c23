package dataset

import "fmt"

// Notes says in sentences without an end what of the rows read so far did not enter them,
// each with its count.
func (t *Table) Notes() []string {
	var out []string
	if t.join != nil && t.join.alone > 0 {
		out = append(out, fmt.Sprintf("%d of %d rows have no partner in %s: its columns are empty in them", t.join.alone, t.row, t.opts.Join.Path))
	}
	if t.list != nil && t.list.long > 0 {
		out = append(out, fmt.Sprintf("%d lists are longer than those of the first %d rows: cut", t.list.long, Lookahead))
	}
	if j, ok := t.base.(*jsonRows); ok && j.late > 0 {
		out = append(out, fmt.Sprintf("%d members that the first %d rows do not have are left out, the first one is %q", j.late, Lookahead, j.lateTo))
	}
	return out
}

// Headless tells whether the header holds numbers, so that the table may have none.
func (t *Table) Headless() bool {
	c, ok := t.base.(*csvRows)
	return ok && !c.bare && looksHeadless(c.names)
}
