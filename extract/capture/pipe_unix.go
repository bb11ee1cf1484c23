//go:build unix

package capture

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// readable waits until f has bytes, or its end, to read, and reports false if nothing
// came in time. Errors are left for the read to find.
func readable(f *os.File, wait time.Duration) bool {
	conn, err := f.SyscallConn()
	if err != nil {
		return true
	}
	ok := true
	conn.Control(func(fd uintptr) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, int(wait/time.Millisecond))
		ok = n > 0 || err != nil && err != unix.EINTR
	})
	return ok
}
