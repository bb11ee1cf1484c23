package dataset

import (
	"sync"
	"sync/atomic"
)

// Deal calls a function for 0 to n−1, each once, from at most so many goroutines, and
// returns when all calls have. begin makes the function of one goroutine, with the memory
// that its calls share.
func Deal(n, goroutines int, begin func() func(i int)) {
	if goroutines = min(goroutines, n); goroutines < 2 {
		do := begin()
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			do := begin()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

// Each is [Deal] for calls that share no memory.
func Each(n, goroutines int, do func(i int)) {
	Deal(n, goroutines, func() func(int) { return do })
}
