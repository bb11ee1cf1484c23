package feature

import _ "embed"

// gopacketPorts are the names that gopacket 1.1.19 (BSD 3-clause; its table of 2017 is made
// of the port registry of IANA) prints behind ports: a line for each, by port, with t
// for TCP only and u for UDP only.
//
//go:generate go run deepfence_ports_gen.go
//go:embed deepfence_ports.txt
var gopacketPorts string
