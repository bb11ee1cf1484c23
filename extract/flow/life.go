package flow

import "fm/extract/packet"

// Do is what becomes of a flow.
type Do uint8

// Verdicts of a life.
const (
	Keep       Do = iota
	Cut           // Before: the flow is over without this packet, which starts a new one
	CutInherit    // the same, and the new flow may take over from the old one
	Ignore        // Before: the packet is left out of the flow
	Beside        // Before: the packet belongs to the next flow beside this one, see [Sibling]
	End           // After, Fire: the flow is over, this packet included
)

// Action is what to do and why; Reason is stored in a flow that is over.
type Action struct {
	Do     Do
	Reason Reason
	At     int64 // Fire, Tick: the clock from which on the flow was over, not before Due; 0: Due
}

// Life says what starts, cuts and ends a flow and which way a packet goes. One value
// serves all flows of a set: it is pure, its state lies in the Flow. Calls come from
// the worker that owns the flow and must not allocate.
type Life interface {
	// Start sets the initiator and the life's own state; parent is not nil only after CutInherit and Beside.
	Start(f, parent *Flow, p *packet.Packet, c *packet.Cold)
	// Before is asked about an open flow before it takes p: Keep, Cut, CutInherit, Ignore or Beside.
	Before(f *Flow, p *packet.Packet, c *packet.Cold) Action
	// Forward takes p into the life's state and tells its direction; it may turn f's roles
	// round (what was counted stays).
	Forward(f *Flow, p *packet.Packet, c *packet.Cold) bool
	// After is asked when f has taken p: Keep or End.
	After(f *Flow, p *packet.Packet, c *packet.Cold) Action
	// Due is the clock at which Fire is to be called; Never for none. A packet that was left
	// out may have moved it back.
	Due(f *Flow) int64
	// Fire is called when the input's clock has reached Due: Keep (then Due has moved) or End.
	Fire(f *Flow, now int64) Action
	// Needs are the groups that the life itself reads.
	Needs() Needs
}

// TwoTimeouts are the rules that most tools share, in ns; Never turns one off.
type TwoTimeouts struct {
	Idle   int64 // a flow is over after a silence of more than this
	Active int64 // a packet later than this after the start begins a new flow
}

// due is the first clock at which the flow was silent for more than Idle.
func (t TwoTimeouts) due(f *Flow) int64 {
	if t.Idle > Never-beyond-max(f.LastNow, 0) {
		return Never
	}
	return f.LastNow + t.Idle + beyond
}

// Sibling turns the key of p into that of the next flow beside f, which is found by it or
// starts with f for a parent: several flows of the same endpoints can be open at a time.
// Those beside the first have its initiator in their key, and their number as its VLAN.
func Sibling(f *Flow, p *packet.Packet) {
	p.Key.VLAN++
	if !f.FromA {
		p.Key.Kind |= packet.KindFromB
	}
	p.Hash = p.Key.Hash()
}

// ScanChanged asks to look at the flows that have been silent for longest, as long as they
// are over, and at those that took a packet since the last such look: all whose answer can
// have changed if silence and length are what ends them, without a walk over the others.
const ScanChanged = -1

// Scanner is a life whose tool walks its flows at moments of the whole input. The table
// of such a life must get all packets: it runs in one worker.
type Scanner interface {
	Life
	// Scan is asked when f has taken p: at how many of the open flows to look, the one
	// whose last packet came first before all others; 0 for none, [ScanChanged] for those
	// about which the answer may have changed.
	Scan(f *Flow, p *packet.Packet, c *packet.Cold) int
	// Old is asked about a flow that is looked at when p was taken: Keep or End.
	Old(f *Flow, p *packet.Packet, c *packet.Cold) Action
}

// Ticker is a life whose Fire does one thing or another depending on the clock. While the
// line is silent, Tick is asked in its place: it tells whether Fire would end the flow, now
// and at any later time, and changes nothing. What is due is then still due when a packet
// comes, as it is where nobody tells the time: live and offline, the rows are the same. Asked
// for [Never], it tells when silence ends the flow.
type Ticker interface {
	Life
	Tick(f *Flow, now int64) Action
}

// Keeper is a life that knows more of a flow than Flow.Life can hold, in memory of its own.
// Each table works with a life that Own makes for it.
type Keeper interface {
	Life
	Own() Keeper
	// Show points v at what is known of its flow.
	Show(v *View)
	// Drop forgets a flow whose row was written.
	Drop(f *Flow)
	// Bytes is the memory in use, and the most that a flow takes.
	Bytes() (all int64, flow int)
}
