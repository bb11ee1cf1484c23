//go:build !unix

package capture

import (
	"os"
	"time"
)

// readable cannot tell here: reads wait.
func readable(f *os.File, wait time.Duration) bool { return true }
