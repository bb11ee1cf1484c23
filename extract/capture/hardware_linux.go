//go:build linux && !pcap

package capture

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Link types of what is captured live.
const (
	linkRaw      = 101
	linkWLAN     = 105
	linkPrism    = 119
	linkRadiotap = 127
	linkSLL2     = 276

	sll2Header = 20
)

// hardwareType asks for an interface's ARPHRD_ number.
func hardwareType(name string) (uint16, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq(name)
	if err != nil {
		return 0, err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, req); err != nil {
		return 0, err
	}
	return req.Uint16(), nil // the family of the address
}

// linkOf returns the link type of frames as an interface of that ARPHRD_ number delivers
// them. It reports false for those whose link headers depend on the driver: they get a
// cooked header instead.
func linkOf(hardware uint16) (uint16, bool) {
	switch hardware {
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
		return linkEthernet, true
	case unix.ARPHRD_NONE, unix.ARPHRD_RAWIP: // tun, WireGuard, modems
		return linkRaw, true
	case unix.ARPHRD_IEEE80211:
		return linkWLAN, true
	case unix.ARPHRD_IEEE80211_PRISM:
		return linkPrism, true
	case unix.ARPHRD_IEEE80211_RADIOTAP:
		return linkRadiotap, true
	}
	return 0, false
}

// tpid is the EtherType of the VLAN tag that the kernel took out of a frame.
func tpid(h *unix.Tpacket3Hdr) uint16 {
	if h.Status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		return h.Hv1.Vlan_tpid
	}
	return unix.ETH_P_8021Q
}

// appendCooked appends a frame behind the header of LINKTYPE_LINUX_SLL2, in place of its
// own, and behind the VLAN tag that the kernel took out of it.
func appendCooked(dst []byte, h *unix.Tpacket3Hdr, from *unix.RawSockaddrLinklayer, tagged bool, data []byte) []byte {
	protocol := from.Protocol<<8 | from.Protocol>>8
	network := min(int(h.Net-h.Mac), len(data))
	if ethernet := from.Hatype == unix.ARPHRD_ETHER || from.Hatype == unix.ARPHRD_LOOPBACK; ethernet && len(data) >= etherHeader {
		// The kernel may look through the tags that are left in the frame; the header does not.
		network = etherHeader
		if kind := binary.BigEndian.Uint16(data[etherTypeAt:]); kind >= minEtherType {
			protocol = kind
		}
	}
	first := protocol
	if tagged {
		first = tpid(h)
	}
	dst = binary.BigEndian.AppendUint16(dst, first)
	dst = append(dst, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, uint32(from.Ifindex))
	dst = binary.BigEndian.AppendUint16(dst, from.Hatype)
	dst = append(dst, from.Pkttype, from.Halen)
	dst = append(dst, from.Addr[:]...)
	if tagged {
		dst = binary.BigEndian.AppendUint16(dst, uint16(h.Hv1.Vlan_tci))
		dst = binary.BigEndian.AppendUint16(dst, protocol)
	}
	return append(dst, data[network:]...)
}
