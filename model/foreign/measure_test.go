package foreign

import (
	"runtime"
	"time"
)

// spent is what a call took.
type spent struct {
	cpu   time.Duration // in user mode; on other systems than Unix 0
	bytes uint64        // allocated, freed or not
}

// maxRefusal bounds the processor time of a refusal, which takes some milliseconds, with
// much room for a slow machine: it is there for what grows with the square of a claim.
const maxRefusal = 5 * time.Second

func measure(call func()) spent {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := cpuTime()
	call()
	took := cpuTime() - start
	runtime.ReadMemStats(&after)
	return spent{took, after.TotalAlloc - before.TotalAlloc}
}
