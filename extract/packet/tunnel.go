package packet

// Tunnel is a kind of tunnel.
type Tunnel uint8

// Tunnels. IP in IP includes 6in4; GRE includes what it carries but ERSPAN.
const (
	TunnelNone Tunnel = iota
	TunnelIP
	TunnelGRE
	TunnelERSPAN
	TunnelVXLAN
	TunnelGeneve
	TunnelGTPU
	TunnelTeredo
	TunnelL2TP
	TunnelCAPWAP
	TunnelTZSP
	TunnelEtherIP
	TunnelMPLS // MPLS in IP or UDP
)
