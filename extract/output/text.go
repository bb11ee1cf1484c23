package output

import (
	"net/netip"

	"fm/extract"
	"fm/extract/packet"
)

// appendCell writes the plain text of a cell, nothing where there is no value. What
// may need quoting is left to the caller: it is marked by free.
func (l *layout) appendCell(dst []byte, c cell, r *extract.Record) []byte {
	f := &r.Flow
	switch c.kind {
	case featureCell:
		return appendFloat(dst, r.Row[c.index])
	case communityCell:
		return f.Key.AppendCommunityID(dst, 0, f.FromA, f.ICMPType, f.ICMPCode)
	case srcIPCell:
		addr, _ := r.Src()
		return appendAddr(dst, addr, f.Key.Kind)
	case srcPortCell:
		_, port := r.Src()
		return appendUint(dst, uint64(port))
	case dstIPCell:
		addr, _ := r.Dst()
		return appendAddr(dst, addr, f.Key.Kind)
	case dstPortCell:
		_, port := r.Dst()
		return appendUint(dst, uint64(port))
	case protocolCell:
		return appendUint(dst, uint64(f.Key.Proto))
	case vlanCell:
		if f.VLAN > 0 {
			return appendUint(dst, uint64(f.VLAN-1))
		}
	case startCell:
		return appendTime(dst, f.Start)
	case endCell:
		return appendTime(dst, f.Last)
	case frameCell:
		return appendUint(dst, f.FirstFrame)
	case packetsCell:
		return appendUint(dst, f.Packets())
	case reasonCell:
		return append(dst, f.Reason.String()...)
	case stateCell:
		return append(dst, f.State.String()...)
	case sourceCell:
		return append(dst, l.source(f.Input)...)
	case labelCell:
		return append(dst, r.Label...)
	case verdictCell:
		return append(dst, verdict(r)...)
	case classCell:
		return append(dst, l.class(r)...)
	case scoreCell:
		if r.Scored {
			return appendFloat(dst, r.Score)
		}
	case classScoreCell:
		if r.Scored && c.index < len(r.Scores) {
			return appendFloat(dst, r.Scores[c.index])
		}
	case partCell, partWordCell:
		return l.explain.Append(dst, c.index, r.Reasons, r.Parts)
	case reasonsCell:
		if r.Reasons != nil {
			return l.explain.AppendJSON(dst, r.Reasons)
		}
	}
	return dst
}

// free tells whether the text of a cell comes from outside and may need quoting.
func (k kind) free() bool {
	return k == sourceCell || k == labelCell || k == classCell || k == partWordCell
}

// word tells whether the cell is text, not a number.
func (k kind) word() bool {
	switch k {
	case sourceCell, communityCell, srcIPCell, dstIPCell, startCell, endCell, reasonCell, stateCell, labelCell, verdictCell, classCell, partWordCell:
		return true
	}
	return false
}

func appendAddr(dst []byte, a [16]byte, kind uint8) []byte {
	if kind&packet.KindIPv6 != 0 {
		return netip.AddrFrom16(a).AppendTo(dst)
	}
	dst = append(appendUint(dst, uint64(a[12])), '.')
	dst = append(appendUint(dst, uint64(a[13])), '.')
	dst = append(appendUint(dst, uint64(a[14])), '.')
	return appendUint(dst, uint64(a[15]))
}
