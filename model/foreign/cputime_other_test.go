//go:build !unix

package foreign

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
