//go:build unix

package foreign

import (
	"syscall"
	"time"
)

// cpuTime is the processor time that the process has used by itself: a busy machine does
// not add to it.
func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano())
}
