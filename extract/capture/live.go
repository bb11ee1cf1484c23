package capture

import (
	"fmt"
	"net"
	"strings"
)

// Any is the interface name that means all of them.
const Any = "any"

// LiveOptions are the options of [Listen]. The zero value is usable.
type LiveOptions struct {
	NoPromiscuous bool // take only what is meant for this machine
	Buffer        int  // bytes of the ring that the kernel writes into; 0 means 64 MiB
}

// defaultRing holds what comes in 0.2 s at 500,000 frames of 600 bytes a second: how long the
// reader may be kept from its work before frames are lost.
const defaultRing = 64 << 20

// RightsError says that this process may not capture.
type RightsError struct {
	Interface string
	Err       error
}

func (e *RightsError) Error() string {
	return fmt.Sprintf("listen on %s: %v: run as root, or give the binary the right once: "+
		"sudo setcap cap_net_raw,cap_net_admin=eip $(command -v fm)", e.Interface, e.Err)
}

// Unwrap returns the cause.
func (e *RightsError) Unwrap() error { return e.Err }

// unknownInterface is the error for a name that no interface has.
func unknownInterface(name string) error {
	names := []string{Any}
	if all, err := net.Interfaces(); err == nil {
		for _, i := range all {
			names = append(names, i.Name)
		}
	}
	return fmt.Errorf("listen on %s: no such interface; there are: %s", name, strings.Join(names, ", "))
}
