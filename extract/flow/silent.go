package flow

// none is no slot.
const none = ^uint32(0)

// silent is the list of open flows in the order of their last packets, the longest
// silent first: the next to be evicted.
type silent struct {
	links      slab[link]
	head, tail uint32
}

type link struct{ prev, next uint32 }

func (l *silent) append(slot uint32) {
	*l.links.at(slot) = link{l.tail, none}
	if l.tail == none {
		l.head = slot
	} else {
		l.links.at(l.tail).next = slot
	}
	l.tail = slot
}

func (l *silent) remove(slot uint32) {
	e := l.links.at(slot)
	if e.prev == none {
		l.head = e.next
	} else {
		l.links.at(e.prev).next = e.next
	}
	if e.next == none {
		l.tail = e.prev
	} else {
		l.links.at(e.next).prev = e.prev
	}
}

// touch moves slot to the end.
func (l *silent) touch(slot uint32) {
	if l.tail != slot {
		l.remove(slot)
		l.append(slot)
	}
}
