//go:build ignore

// Writes deepfence_ports.txt: gopacket's names of TCP and UDP ports.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/google/gopacket/layers"
)

func main() {
	var b strings.Builder
	for port := range 1 << 16 {
		tcp, udp := layers.TCPPortNames[layers.TCPPort(port)], layers.UDPPortNames[layers.UDPPort(port)]
		switch {
		case strings.Contains(tcp+udp, "\n"):
			panic(tcp + udp)
		case tcp == udp && tcp != "":
			fmt.Fprintf(&b, "%d %s\n", port, tcp)
			continue
		}
		if tcp != "" {
			fmt.Fprintf(&b, "%dt %s\n", port, tcp)
		}
		if udp != "" {
			fmt.Fprintf(&b, "%du %s\n", port, udp)
		}
	}
	if err := os.WriteFile("deepfence_ports.txt", []byte(b.String()), 0o644); err != nil {
		panic(err)
	}
}
