//go:build race

package modeltest

// Raced says that the race detector is on: under it pools forget, so that allocations say
// nothing.
const Raced = true
