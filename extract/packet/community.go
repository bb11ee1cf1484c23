package packet

import (
	"crypto/sha1"
	"encoding/base64"
)

// AppendCommunityID appends the Community ID of the flow to dst: version 1 of the
// specification at github.com/corelight/community-id-spec. ICMP has no ports: there the
// type and code of the flow's first packet, and whether A sent it, take their place; for
// other protocols they are not used.
func (k *Key) AppendCommunityID(dst []byte, seed uint16, fromA bool, icmpType, icmpCode uint8) []byte {
	a, b := k.A[:], k.B[:]
	if k.Kind&KindIPv6 == 0 {
		a, b = a[12:], b[12:]
	}
	aPort, bPort := k.APort, k.BPort
	ported := k.Proto == ProtoTCP || k.Proto == ProtoUDP || k.Proto == ProtoSCTP
	if k.Proto == ProtoICMP || k.Proto == ProtoICMPv6 {
		ported = true
		answer, paired := icmpAnswer(k.Proto, icmpType)
		src, dst := uint16(icmpType), uint16(answer)
		if !paired { // one way: the sender comes first, whichever address is lower
			dst = uint16(icmpCode)
		}
		aPort, bPort = src, dst
		if !fromA {
			aPort, bPort = dst, src
		}
		if swap := !fromA; !paired && swap || paired && string(a) == string(b) && aPort > bPort {
			a, b, aPort, bPort = b, a, bPort, aPort
		}
	}

	var text [2 + 2*16 + 2 + 4]byte
	t := append(text[:0], byte(seed>>8), byte(seed))
	t = append(t, a...)
	t = append(t, b...)
	t = append(t, k.Proto, 0)
	if ported {
		t = append(t, byte(aPort>>8), byte(aPort), byte(bPort>>8), byte(bPort))
	}
	sum := sha1.Sum(t)
	dst = append(dst, "1:"...)
	return base64.StdEncoding.AppendEncode(dst, sum[:])
}

// icmpAnswer returns the type of message that answers typ, or that typ answers.
func icmpAnswer(proto, typ uint8) (answer uint8, ok bool) {
	if proto == ProtoICMP {
		switch typ {
		case 0, 8: // echo
			return 8 - typ, true
		case 9, 10, 13, 14, 15, 16, 17, 18: // router, time stamp, information, address mask
			return (typ - 1) ^ 1 + 1, true
		}
		return 0, false
	}
	switch typ {
	case 128, 129, 130, 131, 144, 145: // echo, listener, home agent
		return typ ^ 1, true
	case 133, 134, 135, 136, 139, 140: // router, neighbour, node information
		return (typ - 1) ^ 1 + 1, true
	}
	return 0, false
}
