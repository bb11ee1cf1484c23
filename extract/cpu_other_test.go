//go:build !unix

package extract_test

import "time"

// cpuTime falls back to the clock on the wall.
func cpuTime() time.Duration { return time.Duration(time.Now().UnixNano()) }
