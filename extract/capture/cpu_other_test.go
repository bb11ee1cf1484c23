//go:build !unix

package capture

import "time"

// cpuTime stands for the time of this process by the wall clock.
func cpuTime() time.Duration { return time.Duration(time.Now().UnixNano()) }
