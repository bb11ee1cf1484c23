package flow

// none is no slot.
const none = ^uint32(0)

// order is a list of open flows from which each can be taken out at any place.
type order struct {
	links      slab[link]
	head, tail uint32
}

type link struct{ prev, next uint32 }

func (l *order) clear() { l.head, l.tail = none, none }

func (l *order) append(slot uint32) {
	*l.links.at(slot) = link{l.tail, none}
	if l.tail == none {
		l.head = slot
	} else {
		l.links.at(l.tail).next = slot
	}
	l.tail = slot
}

func (l *order) remove(slot uint32) {
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
func (l *order) touch(slot uint32) {
	if l.tail != slot {
		l.remove(slot)
		l.append(slot)
	}
}
