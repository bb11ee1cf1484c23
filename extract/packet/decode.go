package packet

import "encoding/binary"

// Limits on how deep one frame is followed. What goes deeper has the outcome TooDeep.
const (
	maxTunnels    = 8  // tunnels inside each other
	maxTags       = 4  // VLAN tags in one link header
	maxLayers     = 32 // link-like headers of a frame: labels, sessions, bridged frames
	maxExtensions = 16 // extension headers of an IPv6 packet
)

// Decoder turns frames into packets. It keeps the first fragments of datagrams
// that are under way, so one decoder serves one stream of frames, in their order.
// It is not safe for use by two goroutines. Checksums are not verified: a capture
// taken at the sender holds those that the network card was going to fill in.
type Decoder struct {
	view      View
	notes     Notes
	frags     fragments
	datagrams datagrams // for readings that put fragments together
	whole     wholes    // for those that need only their beginning
	since     beginning // for readings that ask
	frame               // of the frame in hand
}

// frame is what the layers of one frame share. It is small, so that it can be kept
// while the inside of a tunnel is tried.
type frame struct {
	time     int64    // capture time, ns
	base     uint32   // offset of the frame in the batch's buffer
	captured int      // bytes captured, those beyond the view's Look included
	ip       int      // offset of the outermost IP header in the frame, -1 before it
	inner    int      // of the innermost so far
	headers  [2]uint8 // IP headers so far, of versions 4 and 6
	layers   int      // headers so far, against maxLayers
	marks    mark     // what the notes will count if the frame is admitted
	tunnel   Tunnel   // innermost opened tunnel that is not plain IP in IP
	seek     bool     // for readings: the walk ends at the first IP header
	few      bool     // for readings: no frames behind labels of MPLS, no tags of Cisco's security groups, no NSH
}

// NewDecoder returns a decoder for the view v.
func NewDecoder(v View) *Decoder {
	return &Decoder{view: v, frags: newFragments()}
}

// Notes returns what was counted so far beside the outcomes.
func (d *Decoder) Notes() Notes {
	n := d.notes
	n.LostFirsts += d.datagrams.lost + d.whole.lost
	return n
}

// Decode decodes the frame f, whose bytes lie in buf, the batch's buffer. If the
// outcome is Admitted it has set every field of p and c but p.Now and p.Seq; else
// they hold nothing of use. It does not allocate, and it keeps none of its arguments.
//
// All lengths come from header fields and the wire length, never from how much was
// captured. The addresses, ports and lengths are those of the innermost IP packet
// unless the view asks for the outer one; a tunnel whose inside can't be decoded
// stays closed, and the packet belongs to the outer flow.
func (d *Decoder) Decode(p *Packet, c *Cold, f *Frame, buf []byte) Outcome {
	data := buf[f.Data.Off : f.Data.Off+f.Data.Len]
	now, seq := p.Now, p.Seq
	*p = Packet{} // and not all at once, which the compiler builds beside p and copies
	p.Time, p.Now, p.Seq = f.Time, now, seq
	p.WireLen, p.CapLen = f.WireLen, f.Data.Len
	*c = Cold{}
	c.Frame, c.Input, c.SnapLen, c.Link = f.Number, f.Input, f.SnapLen, f.Link
	d.frame = frame{time: f.Time, base: f.Data.Off, captured: len(data), ip: -1}
	end := int(f.WireLen)
	if end < len(data) {
		end = len(data)
		d.marks |= markWire
	}
	if d.view.Look > 0 && len(data) > int(d.view.Look) {
		data = data[:d.view.Look:d.view.Look]
	}

	var o Outcome
	if d.view.Read != nil {
		o = d.view.Read.read(d, p, c, f, data, end)
	} else {
		o = d.plain(p, c, f, data, end)
	}
	if o != Admitted {
		return o
	}
	p.Hash = p.Key.Hash()
	c.Sample = d.sample(p)
	if d.marks != 0 {
		d.notes.add(d.marks)
	}
	return Admitted
}

// plain decodes a frame by the decoder's own rules.
func (d *Decoder) plain(p *Packet, c *Cold, f *Frame, data []byte, end int) Outcome {
	switch {
	case f.Net != 0:
		return d.network(p, c, data, carried(f.EtherType), int(f.Net)-1, end)
	case f.Link == linkEthernet:
		return d.ethernet(p, c, data, 0, end)
	}
	return d.link(p, c, data, f.Link, end)
}

// sample returns how many bytes of p.Head columns may look at.
func (d *Decoder) sample(p *Packet) uint16 {
	from := int(p.Head.Off - d.base)
	to := min(from+int(p.Head.Len), d.ip+SampleIP, SampleFrame)
	return uint16(max(to-from, 0))
}

// Every layer below takes the captured bytes of the frame, the offset off at which it
// starts, and the offset end at which it ends on the wire; len(data) <= end holds
// always, and both shrink together.

// within returns data and end narrowed to what ends at to.
func within(data []byte, end, to int) ([]byte, int) {
	if to >= end {
		return data, end
	}
	return data[:min(len(data), max(to, 0))], to
}

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
func le16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }
func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
