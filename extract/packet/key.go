package packet

import "net/netip"

// Key identifies a bidirectional flow; the endpoint that is lower as (address, port)
// is A. IPv4 addresses are in their IPv4-mapped form; Kind keeps the families apart.
type Key struct {
	A, B         [16]byte
	APort, BPort uint16 // 0 without ports; ICMP echo and timestamp: the identifier in both
	VLAN         uint16 // 0 unless the view keys by VLAN
	Proto        uint8  // IP protocol number
	Kind         uint8  // KindIPv6 | KindICMPQuery | KindFromB | KindNoStream | tunnel number << KindTunnelShift
}

// Kinds of keys.
const (
	KindIPv6        uint8 = 1
	KindICMPQuery   uint8 = 2 // the ports are an ICMP identifier
	KindFromB       uint8 = 4 // only what B sends, see View.Local; of a flow beside another: B is its initiator
	KindTunnelShift       = 4 // the upper half is the tunnel where the view keys by tunnel
)

// AddrA returns the address of endpoint A.
func (k *Key) AddrA() netip.Addr { return addr(k.A, k.Kind) }

// AddrB returns the address of endpoint B.
func (k *Key) AddrB() netip.Addr { return addr(k.B, k.Kind) }

func addr(b [16]byte, kind uint8) netip.Addr {
	if kind&KindIPv6 != 0 {
		return netip.AddrFrom16(b)
	}
	return netip.AddrFrom4([4]byte(b[12:]))
}

// Ports returns the ports of A and B as rows show them: 0 for protocols without ports.
func (k *Key) Ports() (a, b uint16) {
	if k.Kind&KindICMPQuery != 0 {
		return 0, 0
	}
	return k.APort, k.BPort
}
