package feature

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"strconv"

	"fm/extract/flow"
	"fm/extract/packet"
)

// What names the rows of zeek-flowmeter, and Zeek's own log of connections.

// zeekIdentity are the cells in front of the columns in a table.
func zeekIdentity() []Cell {
	return []Cell{
		{Name: "ts", Type: TypeTime, Append: func(dst []byte, v *flow.View) []byte { return appendSeconds(dst, v.Start) }},
		{Name: "id.orig_h", Type: TypeAddr, Append: func(dst []byte, v *flow.View) []byte { src, _ := endpoints(v); return src.Addr().AppendTo(dst) }},
		{Name: "id.orig_p", Type: TypePort, Append: func(dst []byte, v *flow.View) []byte {
			src, _ := ports(v)
			return strconv.AppendUint(dst, uint64(src), 10)
		}},
		{Name: "id.resp_h", Type: TypeAddr, Append: func(dst []byte, v *flow.View) []byte { _, d := endpoints(v); return d.Addr().AppendTo(dst) }},
		{Name: "id.resp_p", Type: TypePort, Append: func(dst []byte, v *flow.View) []byte { _, d := ports(v); return strconv.AppendUint(dst, uint64(d), 10) }},
		{Name: "proto", Type: TypeEnum, Append: func(dst []byte, v *flow.View) []byte {
			switch v.Key.Proto {
			case packet.ProtoTCP:
				return append(dst, "tcp"...)
			case packet.ProtoUDP:
				return append(dst, "udp"...)
			case packet.ProtoICMP, packet.ProtoICMPv6:
				return append(dst, "icmp"...)
			}
			return append(dst, "unknown_transport"...)
		}},
	}
}

// zeekConnLog is conn.log as far as packets and connection rules make it: Zeek's columns
// without service, local_orig, local_resp, missed_bytes and tunnel_parents.
func zeekConnLog() *Layout {
	l := &Layout{End: "\n", Log: "conn"}
	id := zeekIdentity()
	l.Cells = append(l.Cells, id[0], Cell{Name: "uid", Type: TypeString, Append: appendUID})
	l.Cells = append(l.Cells, id[1:]...)
	add := func(name string, typ CellType, write func(dst []byte, v *flow.View) []byte) {
		l.Cells = append(l.Cells, Cell{Name: name, Type: typ, Append: write})
	}
	add("duration", TypeInterval, func(dst []byte, v *flow.View) []byte {
		d := zeekDuration(v)
		if d <= 0 {
			return append(dst, '-')
		}
		return strconv.AppendFloat(dst, d, 'f', 6, 64)
	})
	for role, name := range []string{"orig_bytes", "resp_bytes"} {
		add(name, TypeCount, func(dst []byte, v *flow.View) []byte {
			switch {
			case zeekDuration(v) <= 0: // as Zeek has it, then they are not known
				return append(dst, '-')
			case v.Key.Proto == packet.ProtoTCP:
				return strconv.AppendUint(dst, v.ZeekConn.Bytes[role], 10)
			}
			return strconv.AppendUint(dst, v.Zeek.Sent[role].Bytes, 10)
		})
	}
	add("conn_state", TypeString, func(dst []byte, v *flow.View) []byte { return append(dst, v.ZeekConn.State.String()...) })
	add("history", TypeString, func(dst []byte, v *flow.View) []byte {
		if len(v.ZeekConn.History) == 0 {
			return append(dst, '-')
		}
		return append(dst, v.ZeekConn.History...)
	})
	for role, name := range []string{"orig", "resp"} {
		add(name+"_pkts", TypeCount, func(dst []byte, v *flow.View) []byte {
			return strconv.AppendUint(dst, uint64(v.Zeek.SentPkts[role]), 10)
		})
		add(name+"_ip_bytes", TypeCount, func(dst []byte, v *flow.View) []byte {
			return strconv.AppendUint(dst, v.Zeek.Sent[role].IPBytes, 10)
		})
	}
	return l
}

// appendUID writes a name for the flow in the form of Zeek's, which are random: C and 17
// digits to the base of 62. It is made from the key, the start and the number of the first
// frame, so it is the same in every run and in both logs.
func appendUID(dst []byte, v *flow.View) []byte {
	var b [64]byte
	k := &v.Key
	n := copy(b[:], k.A[:])
	n += copy(b[n:], k.B[:])
	b[n], b[n+1] = k.Proto, k.Kind
	n += 2
	for _, x := range []uint16{k.APort, k.BPort, k.VLAN} {
		binary.BigEndian.PutUint16(b[n:], x)
		n += 2
	}
	binary.BigEndian.PutUint64(b[n:], uint64(v.Start))
	binary.BigEndian.PutUint64(b[n+8:], v.FirstFrame)
	sum := sha256.Sum256(b[:n+16])
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	hi, lo := binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:])
	dst = append(dst, 'C')
	for range 17 {
		var rest uint64
		hi, rest = bits.Div64(0, hi, 62)
		lo, rest = bits.Div64(rest, lo, 62)
		dst = append(dst, digits[rest])
	}
	return dst
}

// appendSeconds writes a time in whole microseconds as seconds with six decimals.
func appendSeconds(dst []byte, ns int64) []byte {
	if ns >= packet.FirstWrapped {
		return strconv.AppendFloat(dst, flow.Epoch(ns), 'f', 6, 64)
	}
	dst = strconv.AppendInt(dst, ns/1e9, 10)
	micros := ns % 1e9 / 1e3
	dst = append(dst, '.')
	for unit := int64(1e5); unit > 0; unit /= 10 {
		dst = append(dst, byte('0'+micros/unit%10))
	}
	return dst
}

// appendZeek writes x as Zeek's logs do: at most six decimals, at least one.
func appendZeek(dst []byte, x float64) []byte {
	if x == 0 {
		return append(dst, "0.0"...)
	}
	if n := int64(x); float64(n) == x && n > -1e15 && n < 1e15 {
		return append(strconv.AppendInt(dst, n, 10), ".0"...)
	}
	dst = strconv.AppendFloat(dst, x, 'f', 6, 64)
	for n := len(dst); dst[n-1] == '0' && dst[n-2] != '.'; n-- {
		dst = dst[:n-1]
	}
	return dst
}
