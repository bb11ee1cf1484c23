// Package extract runs packets through a feature set: source, dispatcher, workers,
// merger, stages, sink.
//
// It owns goroutines, order and counters; it does not know models or files. Start with [Meter].
package extract
