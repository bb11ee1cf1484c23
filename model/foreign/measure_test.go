package foreign

import (
	"runtime"
	"time"
)

// spent is what a call took.
type spent struct {
	time  time.Duration
	bytes uint64 // allocated, freed or not
}

func measure(call func()) spent {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	call()
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	return spent{took, after.TotalAlloc - before.TotalAlloc}
}
